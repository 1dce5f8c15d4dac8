"""Common random numbers: every draw is a pure function of (seed, purpose, week, customer, slot).

The generator is Philox4x32-10, a counter-based generator: a draw is computed from its name, not taken from a stream,
so nothing that happens elsewhere can move it. The counter is (customer, week, purpose, slot // 4) and the key is the
seed; the four words of one block serve four neighbouring slots (a slot is a firm, a tie or an occasion, as the purpose
says).

Source: Salmon, Moraes, Dror & Shaw (2011), Parallel random numbers: as easy as 1, 2, 3. SC '11.
doi:10.1145/2063384.2063405
"""

from __future__ import annotations

from math import log, sqrt

import numpy as np

from sim.compiled import compiled, merged
from sim.elementary import exp, float_of, ln

# One purpose for each decision. A number is part of the results contract: never renumber, only append.
SEGMENT, NEED_RATE, WEIGHT, DEAL, COMPLAINT, FORGIVENESS, MOVING_HAZARD, MOVING = 1, 2, 3, 4, 5, 6, 7, 8
TASTE, ACCESS, START, NETWORK = 9, 10, 11, 12
HEAR, NEED, CHOOSE, EXPERIENCE, TELL, RETURN = 20, 21, 22, 23, 24, 25
BASKET, GROWTH, TRUST, HOLDOUT, DIGITAL = 13, 14, 15, 16, 17
CHANNEL, CONTACT, CENTRE, EXTRA, SURVEY = 26, 27, 28, 29, 30

PURPOSES = {name: value for name, value in list(globals().items()) if name.isupper() and isinstance(value, int)}

_MULTIPLIER_0, _MULTIPLIER_1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_WEYL_0, _WEYL_1 = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)
_LOW, _SHIFT = np.uint64(0xFFFFFFFF), np.uint64(32)
_UNIT = 2.0**-32
_TWO_TO_52_BITS, _TWO_TO_52_LESS_HALF = np.uint64(0x4330000000000000), 2.0**52 - 0.5


@merged
def _philox_round(c0, c1, c2, c3, k0, k1):
    p0 = _MULTIPLIER_0 * c0
    p1 = _MULTIPLIER_1 * c2
    return (p1 >> _SHIFT) ^ c1 ^ k0, p1 & _LOW, (p0 >> _SHIFT) ^ c3 ^ k1, p0 & _LOW


@merged
def _next_key(k0, k1):
    return (k0 + _WEYL_0) & _LOW, (k1 + _WEYL_1) & _LOW


@merged
def philox(c0, c1, c2, c3, k0, k1):
    """Philox4x32-10: four 32-bit words (as uint64) from a counter of four words and a key of two.

    The ten rounds are written out, because only then does the compiler work on several customers at once.

    Source: Salmon et al. (2011), section 4.3; checked against the known-answer vectors of the Random123 library.
    """
    c0, c1, c2, c3 = _philox_round(c0, c1, c2, c3, k0, k1)
    k0, k1 = _next_key(k0, k1)
    c0, c1, c2, c3 = _philox_round(c0, c1, c2, c3, k0, k1)
    k0, k1 = _next_key(k0, k1)
    c0, c1, c2, c3 = _philox_round(c0, c1, c2, c3, k0, k1)
    k0, k1 = _next_key(k0, k1)
    c0, c1, c2, c3 = _philox_round(c0, c1, c2, c3, k0, k1)
    k0, k1 = _next_key(k0, k1)
    c0, c1, c2, c3 = _philox_round(c0, c1, c2, c3, k0, k1)
    k0, k1 = _next_key(k0, k1)
    c0, c1, c2, c3 = _philox_round(c0, c1, c2, c3, k0, k1)
    k0, k1 = _next_key(k0, k1)
    c0, c1, c2, c3 = _philox_round(c0, c1, c2, c3, k0, k1)
    k0, k1 = _next_key(k0, k1)
    c0, c1, c2, c3 = _philox_round(c0, c1, c2, c3, k0, k1)
    k0, k1 = _next_key(k0, k1)
    c0, c1, c2, c3 = _philox_round(c0, c1, c2, c3, k0, k1)
    k0, k1 = _next_key(k0, k1)
    return _philox_round(c0, c1, c2, c3, k0, k1)


@merged
def uniforms(seed, purpose, week, customer, block):
    """Four uniform draws in (0, 1): those of slots 4·block … 4·block + 3."""
    key = np.uint64(seed)
    w0, w1, w2, w3 = philox(
        np.uint64(customer), np.uint64(week), np.uint64(purpose), np.uint64(block), key & _LOW, key >> _SHIFT
    )
    return _unit(w0), _unit(w1), _unit(w2), _unit(w3)


@merged
def _unit(word):
    """A word of 32 bits as a number in (0, 1): (word + ½)/2³²; put together from its bits, which is exact and fast."""
    return (float_of(word | _TWO_TO_52_BITS) - _TWO_TO_52_LESS_HALF) * _UNIT


@compiled
def uniforms_of(draws, n, seed, purpose, week, first, who, block):
    """The four draws of a block for customers first + who[0] … first + who[n − 1], written to the rows of `draws`."""
    row0, row1, row2, row3 = draws[0], draws[1], draws[2], draws[3]
    for j in range(n):
        row0[j], row1[j], row2[j], row3[j] = uniforms(seed, purpose, week, first + who[j], block)


@compiled
def uniform(seed, purpose, week, customer, slot):
    """One uniform draw in (0, 1).

    seed : [0, 2^64)   purpose : one of `PURPOSES`   week, customer, slot : [0, 2^32)
    """
    u0, u1, u2, u3 = uniforms(seed, purpose, week, customer, slot // 4)
    word = slot % 4
    if word == 0:
        return u0
    if word == 1:
        return u1
    if word == 2:
        return u2
    return u3


@compiled
def uniform_column(seed, purpose, slot, first, out):
    """Fill `out` with the week-0 draws of customers first, first + 1, …: the draws that make their traits."""
    for i in range(out.size):
        out[i] = uniform(seed, purpose, 0, first + i, slot)


_CENTRE = 0.425  # as far from one half there are central draws, where one ratio of polynomials will do
# Coefficients of AS 241, from the constant term up.
_CENTRE_TOP = (
    3.3871328727963666080e0, 1.3314166789178437745e2, 1.9715909503065514427e3, 1.3731693765509461125e4,
    4.5921953931549871457e4, 6.7265770927008700853e4, 3.3430575583588128105e4, 2.5090809287301226727e3,
)  # fmt: skip
_CENTRE_BOTTOM = (
    1.0, 4.2313330701600911252e1, 6.8718700749205790830e2, 5.3941960214247511077e3,
    2.1213794301586595867e4, 3.9307895800092710610e4, 2.8729085735721942674e4, 5.2264952788528545610e3,
)  # fmt: skip
_MIDDLE_TOP = (
    1.42343711074968357734e0, 4.63033784615654529590e0, 5.76949722146069140550e0, 3.64784832476320460504e0,
    1.27045825245236838258e0, 2.41780725177450611770e-1, 2.27238449892691845833e-2, 7.74545014278341407640e-4,
)  # fmt: skip
_MIDDLE_BOTTOM = (
    1.0, 2.05319162663775882187e0, 1.67638483018380384940e0, 6.89767334985100004550e-1,
    1.48103976427480074590e-1, 1.51986665636164571966e-2, 5.47593808499534494600e-4, 1.05075007164441684324e-9,
)  # fmt: skip
_TAIL_TOP = (
    6.65790464350110377720e0, 5.46378491116411436990e0, 1.78482653991729133580e0, 2.96560571828504891230e-1,
    2.65321895265761230930e-2, 1.24266094738807843860e-3, 2.71155556874348757815e-5, 2.01033439929228813265e-7,
)  # fmt: skip
_TAIL_BOTTOM = (
    1.0, 5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2,
    7.86869131145613259100e-4, 1.84631831751005468180e-5, 1.42151175831644588870e-7, 2.04426310338993978564e-15,
)  # fmt: skip


@compiled
def gumbel(u):
    """Standard Gumbel value at a uniform draw: −ln(−ln u)."""
    return -ln(-ln(u))


@compiled
def poisson(u, mean):
    """Poisson count at a uniform draw, by inversion; 12 at most.

    mean : ≥ 0. The smallest n with u ≤ P(N ≤ n).
    """
    return poisson_beyond(u, mean, exp(-mean))


@compiled
def poisson_beyond(u, mean, none):
    """Like `poisson`, where the probability of none is known already."""
    p = none * mean
    cumulative = none + p
    if u <= cumulative:  # by far the most; no branch between none and one, which nobody could foresee
        return int(u > none)
    n = 1
    while u > cumulative and n < 12:
        n += 1
        p *= mean / n
        cumulative += p
    return n


@compiled
def normal(u):
    """Standard normal quantile at a uniform draw.

    Source: Wichura (1988), Algorithm AS 241 (PPND16), Applied Statistics 37(3):477-484; relative accuracy 1e-16.
    """
    q = u - 0.5
    if abs(q) <= _CENTRE:
        return _central_normal(q)
    r = sqrt(-log(u if q < 0.0 else 1.0 - u))
    z = _ratio(r - 1.6, _MIDDLE_TOP, _MIDDLE_BOTTOM) if r <= 5.0 else _ratio(r - 5.0, _TAIL_TOP, _TAIL_BOTTOM)
    return -z if q < 0.0 else z


@merged
def _central_normal(q):
    return q * _ratio(0.180625 - q * q, _CENTRE_TOP, _CENTRE_BOTTOM)


@compiled
def normals_of(normals, n, u):
    """Write to `normals` what `normal` gives for each of the first n uniform draws `u`."""
    for j in range(n):  # no branch, so that the compiler works on several at once
        normals[j] = _central_normal(u[j] - 0.5)
    for j in range(n):
        if abs(u[j] - 0.5) > _CENTRE:
            normals[j] = normal(u[j])


@merged
def _ratio(r, t, b):
    """Ratio of two polynomials in r of degree 7, coefficients from the constant term up."""
    top = t[0] + r * (t[1] + r * (t[2] + r * (t[3] + r * (t[4] + r * (t[5] + r * (t[6] + r * t[7]))))))
    return top / (b[0] + r * (b[1] + r * (b[2] + r * (b[3] + r * (b[4] + r * (b[5] + r * (b[6] + r * b[7])))))))
