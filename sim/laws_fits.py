"""The field's own models, fitted to data: Bass, sBG, BG/NBD and NBD-Dirichlet. Plain statistics; knows no simulator."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special

Column = NDArray[np.float64]


def bass(t: Any, p: float, q: float) -> Any:
    """Share of all adopters who have adopted by time t, Bass (1969); p, q per unit of t."""
    return -np.expm1(-(p + q) * t) / (1.0 + q / p * np.exp(-(p + q) * t))


def fit_bass(counts: Column) -> tuple[float, float]:
    """p and q per period by non-linear least squares on the adopters of each period, with the market's size free."""
    t, total = np.arange(1, len(counts) + 1), float(counts.sum())

    def in_period(t: Any, p: float, q: float, m: float) -> Any:
        return m * (bass(t, p, q) - bass(t - 1, p, q))

    bounds = (1e-7, [1.0, 5.0, 20.0 * total])
    (p, q, _), _ = optimize.curve_fit(in_period, t, counts, p0=(0.02, 0.3, total), bounds=bounds)
    return float(p), float(q)


def sbg(t: Any, alpha: float, beta: float) -> Any:
    """Share of a cohort that survives t renewals when the chance to leave is Beta(alpha, beta) over customers."""
    return np.exp(special.betaln(alpha, beta + t) - special.betaln(alpha, beta))


def fit_sbg(survival: Column) -> tuple[float, float]:
    """Alpha and beta by maximum likelihood from the shares that survive 0, 1, 2, … renewals."""
    periods = np.arange(len(survival))

    def unlikelihood(logs: Column) -> float:
        left = sbg(periods, *np.exp(logs))
        lost = np.log(np.maximum(-np.diff(left), 1e-300))
        return -float((-np.diff(survival) * lost).sum() + survival[-1] * np.log(max(left[-1], 1e-300)))

    fit = optimize.minimize(unlikelihood, np.zeros(2), method="Nelder-Mead", options={"xatol": 1e-6, "fatol": 1e-12})
    alpha, beta = np.exp(fit.x)
    return float(alpha), float(beta)


class BgNbd(NamedTuple):
    """Parameters of the BG/NBD model (Fader, Hardie & Lee 2005)."""

    r: float
    alpha: float
    a: float
    b: float

    def expected(self, frequency: Any, recency: Any, age: Any, ahead: float) -> Column:
        """Purchases expected of each customer in the next `ahead` periods, given their past."""
        r, alpha, a, b = self
        x, tx, t = (np.asarray(values, float) for values in (frequency, recency, age))
        z = ahead / (alpha + t + ahead)
        shrink = ((alpha + t) / (alpha + t + ahead)) ** (r + x) * special.hyp2f1(r + x, b + x, a + b + x - 1.0, z)
        dead = np.where(x > 0, a / (b + np.maximum(x, 1.0) - 1.0) * ((alpha + t) / (alpha + tx)) ** (r + x), 0.0)
        return (a + b + x - 1.0) / (a - 1.0) * (1.0 - shrink) / (1.0 + dead)


def fit_bg_nbd(frequency: Any, recency: Any, age: Any) -> BgNbd:
    """The BG/NBD by maximum likelihood from repeat purchases, time of the last one and age of each customer.

    Frequency, recency and age as in `sim.customer_base.summary`.
    """
    x, tx, t = (np.asarray(values, float) for values in (frequency, recency, age))

    def unlikelihood(logs: Column) -> float:
        r, alpha, a, b = np.exp(logs)
        base = special.gammaln(r + x) - special.gammaln(r) + r * np.log(alpha)
        alive = special.betaln(a, b + x) - special.betaln(a, b) - (r + x) * np.log(alpha + t)
        repeats = np.maximum(x, 1.0)
        dead = special.betaln(a + 1.0, b + repeats - 1.0) - special.betaln(a, b) - (r + x) * np.log(alpha + tx)
        return -float((base + np.logaddexp(alive, np.where(x > 0, dead, -np.inf))).mean())

    best: Any = None
    for start in ((0.0, 1.0, 0.0, 1.0), (0.0, 1.0, -1.0, 2.0)):
        bounds = [(-6.0, 6.0), (-6.0, 8.0), (-6.0, 6.0), (-6.0, 8.0)]
        fit = optimize.minimize(unlikelihood, start, method="L-BFGS-B", bounds=bounds)
        best = fit if best is None or fit.fun < best.fun else best
    return BgNbd(*(float(value) for value in np.exp(best.x)))


class Dirichlet(NamedTuple):
    """The NBD-Dirichlet of a category (Goodhardt, Ehrenberg & Chatfield 1984): NBD needs, Dirichlet choices."""

    mean: float
    shape: float
    concentration: float

    def category(self) -> Column:
        """Chance of 0, 1, 2, … purchases in the category."""
        n, k, m = np.arange(400), self.shape, self.mean
        logs = special.gammaln(k + n) - special.gammaln(k) - special.gammaln(n + 1.0)
        return np.exp(logs + k * np.log(k / (k + m)) + n * np.log(m / (k + m)))

    def penetration(self, share: float) -> float:
        """Share of everybody who buys a brand of this market share at least once."""
        n, own, rest = np.arange(400), self.concentration * share, self.concentration * (1.0 - share)
        none = np.exp(special.betaln(own, rest + n) - special.betaln(own, rest))
        return float(1.0 - (self.category() * none).sum())

    def share_of_requirements(self, share: float) -> float:
        """Share of the category purchases of a brand's buyers that go to the brand."""
        n, own, rest = np.arange(400), self.concentration * share, self.concentration * (1.0 - share)
        none = np.exp(special.betaln(own, rest + n) - special.betaln(own, rest))
        of_buyers = float((n * self.category() * (1.0 - none)).sum())
        return self.mean * share / of_buyers


def fit_dirichlet(mean: float, penetration: float, shares: Column, penetrations: Column) -> Dirichlet:
    """The Dirichlet of a category from its purchases per head and penetration, and each brand's share and penetration.

    The shape solves the NBD's zero class; the concentration is the least-squares one over brands.
    """

    def nobody(log_shape: float) -> float:
        shape = np.exp(log_shape)
        return float((shape / (shape + mean)) ** shape - (1.0 - penetration))

    # Where everybody buys more evenly than Poisson, the nearest NBD is the Poisson itself.
    shape = float(np.exp(optimize.brentq(nobody, -6.0, 9.0))) if nobody(-6.0) * nobody(9.0) < 0 else 1e4

    def misfit(log_concentration: float) -> float:
        law = Dirichlet(mean, shape, float(np.exp(log_concentration)))
        return sum((law.penetration(s) - b) ** 2 for s, b in zip(shares, penetrations, strict=True))

    fit = optimize.minimize_scalar(misfit, bounds=(-4.0, 6.0), method="bounded")
    return Dirichlet(mean, shape, float(np.exp(fit.x)))
