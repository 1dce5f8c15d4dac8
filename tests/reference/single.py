"""How a level is kept: in single precision, although every rule is reckoned in double precision."""

from __future__ import annotations

from struct import Struct

_FLOAT32 = Struct("<f")


def single(x: float) -> float:
    """The nearest float32 to x, as an ordinary Python float."""
    return _FLOAT32.unpack(_FLOAT32.pack(x))[0]


def clip(x: float) -> float:
    """x kept within [0, 1]."""
    return min(1.0, max(0.0, x))
