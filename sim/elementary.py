"""Logarithm, exponential and squares from additions, multiplications and bits alone.

So they give the same bits on every machine, which the mathematical libraries of operating systems do not, and the
compiler can work on several customers at once.

Source: the methods of Sun's FDLIBM (e_log.c, e_exp.c; error below one unit in the last place), written anew.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from sim.compiled import merged


@intrinsic
def bits_of(typing_context, number):  # type: ignore[no-untyped-def]
    """The 64 bits of a float, as uint64."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], ir.IntType(64))

    return types.uint64(types.float64), generate


@intrinsic
def float_of(typing_context, bits):  # type: ignore[no-untyped-def]
    """The float that 64 bits stand for."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], ir.DoubleType())

    return types.float64(types.uint64), generate


_LN2_HIGH, _LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10
_ONE, _FRACTION, _SHIFT = np.uint64(0x3FF0000000000000), np.uint64(0x000FFFFFFFFFFFFF), np.uint64(52)
_ROOT_HALF = np.uint64(0x3FE6A09E667F3BCD)  # the bits of √½
_TWO_TO_52_BITS, _TWO_TO_52 = np.uint64(0x4330000000000000), 2.0**52


@merged
def ln(x):
    """Natural logarithm of a normal float above 0.

    x = 2^k · m with m between √½ and √2; ln m from the series of ln((1 + s)/(1 − s)) with s = f/(2 + f), f = m − 1.
    """
    shifted = bits_of(x) + (_ONE - _ROOT_HALF)
    exponent = float_of((shifted >> _SHIFT) | _TWO_TO_52_BITS) - (_TWO_TO_52 + 1023.0)
    f = float_of((shifted & _FRACTION) + _ROOT_HALF) - 1.0
    s = f / (2.0 + f)
    z = s * s
    w = z * z
    even = w * (3.999999999940941908e-01 + w * (2.222219843214978396e-01 + w * 1.531383769920937332e-01))
    odd = z * (
        6.666666666666735130e-01
        + w * (2.857142874366239149e-01 + w * (1.818357216161805012e-01 + w * 1.479819860511658591e-01))
    )
    half_square = 0.5 * f * f
    return exponent * _LN2_HIGH - ((half_square - (s * (half_square + (odd + even)) + exponent * _LN2_LOW)) - f)


_LOG2_E, _ROUNDER = 1.44269504088896338700e00, 1.5 * 2.0**52  # adding the rounder leaves the nearest whole number
_SMALLEST = -700.0


@merged
def exp(x):
    """Exponential of a float up to 700; 0 below −700.

    x = k · ln 2 + r with |r| ≤ ½ ln 2; e^r from a rational approximation, then k is added to the exponent.
    """
    rounded = x * _LOG2_E + _ROUNDER
    k = rounded - _ROUNDER
    high = x - k * _LN2_HIGH
    low = k * _LN2_LOW
    r = high - low
    t = r * r
    c = r - t * (
        1.66666666666666019037e-01
        + t
        * (
            -2.77777777770155933842e-03
            + t * (6.61375632143793436117e-05 + t * (-1.65339022054652515390e-06 + t * 4.13813679705723846039e-08))
        )
    )
    y = 1.0 - ((low - (r * c) / (2.0 - c)) - high)
    scaled = float_of(bits_of(y) + (bits_of(rounded) << _SHIFT))
    return scaled if x >= _SMALLEST else 0.0


@merged
def power(base, exponent):
    """A float ≥ 0 raised to a power ≥ 0; the square, which is the usual case, without the mathematical library."""
    return base * base if exponent == 2.0 else base**exponent
