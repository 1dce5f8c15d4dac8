"""How scalar functions become machine code: `@compiled` for helpers, `@rule` for the behaviours a reader should find.

Numba notices when the file of a function changes, not when a function it calls does. So the machine code is kept in a
folder named after the contents of every source file that is compiled: a change to any rule gives a new folder, never a
stale market.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba
import platformdirs

_SOURCES = Path(__file__).parent
_COMPILED = (
    "act", "aftermath", "bonding", "books", "chance", "compiled", "contact", "dormancy", "elementary", "network",
    "offer", "plan", "population", "schedule", "shopping", "storage", "week", "world",
)  # fmt: skip
RULES: dict[str, Any] = {}  # every behavioural rule by its qualified name, e.g. "leave.reason_for_leaving"


def _fingerprint() -> str:
    """Short hash of every source file that takes part in compilation."""
    digest = hashlib.sha256(numba.__version__.encode())
    files = [_SOURCES / f"{name}.py" for name in _COMPILED]
    for path in sorted([*files, *_SOURCES.glob("rules/*.py"), *_SOURCES.glob("policies/*.py")]):
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _writable_folder() -> Path:
    """Where machine code can be kept: the user's cache, or a temporary folder on a locked-down machine."""
    name = f"crmsim-{_fingerprint()}"
    for root in (Path(platformdirs.user_cache_dir("crmsim")), Path(tempfile.gettempdir()) / "crmsim-cache"):
        folder = root / name
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                return folder
        except OSError:
            continue
    return Path(tempfile.mkdtemp(prefix=name))


CACHE_FOLDER = _writable_folder()


def is_first_compilation() -> bool:
    """Whether this version was never compiled on this machine, so that the next run takes a while."""
    return not any(CACHE_FOLDER.rglob("*.nbi"))


def compiled(function: Callable[..., Any], *, is_merged: bool = False, makes_arrays: bool = False) -> Any:
    """Compile a function of scalars and arrays at its first call, without the interpreter lock, kept on disk.

    is_merged : written into its callers in any case, so that what they call it with in a loop is worked out once
    makes_arrays : it needs memory of its own. The others are spared the counting of who uses which array: a microsecond
        whenever the world is handed on, and it is handed on some thirty times a week for every block of customers
    """
    settings: Any = numba.config
    before = settings.CACHE_DIR
    settings.CACHE_DIR = os.fspath(CACHE_FOLDER)
    options: Any = {"cache": True, "nogil": True, "error_model": "numpy"}
    options |= {"forceinline": is_merged, "_nrt": makes_arrays}
    try:
        return numba.njit(**options)(function)
    finally:
        settings.CACHE_DIR = before


def making_arrays(function: Callable[..., Any]) -> Any:
    """Like `compiled`, for a function that makes arrays."""
    return compiled(function, makes_arrays=True)


def merged(function: Callable[..., Any]) -> Any:
    """Like `compiled`, for a long function that the innermost loops call."""
    return compiled(function, is_merged=True)


def rule(function: Callable[..., Any]) -> Any:
    """Mark a behavioural rule: a pure function of scalars with a source, compiled, listed in `RULES`.

    Called from Python it takes and returns plain floats; `rule.py_func` is the uncompiled original.
    """
    dispatcher = compiled(function)
    RULES[f"{function.__module__.rsplit('.', 1)[-1]}.{function.__name__}"] = dispatcher
    return dispatcher
