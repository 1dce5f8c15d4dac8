"""Who came when, and how long they stay: a firm's customers followed week by week, cohort by cohort.

A cohort is everybody whose first purchase fell into the same quarter (or year, in long runs); cohort 0 are those who
were customers when the strategy started. A life with the firm begins with the first purchase (for cohort 0: with week
0) and ends in the week the customer first leaves, for whatever reason; else the last week cuts it off.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from sim.engine import Engine
from sim.rules.stage import BUYER, LOST, STAGES

QUARTER, YEAR = 13, 52  # weeks
LONG = 12 * QUARTER  # weeks beyond which cohorts are of a year
_NOT_YET, _NEVER = -1, -2  # cohorts of those who have not bought, and of those who were lost before week 0


@dataclass(frozen=True)
class Cohorts:
    """What became of a firm's customers.

    period : weeks of a cohort   sizes : (cohorts,) customers
    departures, cut_off : (cohorts, weeks + 1) lives that ended, and that were cut off, after so many weeks
    active : (cohorts, periods) active customers at the end of each period of the run; NaN before the cohort has come
    paths : (2, stages, stages) customers of the market by stage: start → half-way, half-way → end
    """

    period: int
    sizes: NDArray[np.int64]
    departures: NDArray[np.int64]
    cut_off: NDArray[np.int64]
    active: NDArray[np.float64]
    paths: NDArray[np.int64]

    @property
    def retained(self) -> NDArray[np.float64]:
        """Share of each cohort that is active so many periods after its own, (cohorts, periods); NaN where unknown."""
        periods = self.active.shape[1]
        shares = np.full((len(self.sizes), periods), np.nan)
        for cohort, size in enumerate(self.sizes):
            came = max(0, cohort - 1)
            if size:
                shares[cohort, : periods - came] = self.active[cohort, came:] / size
        return shares


@dataclass(frozen=True)
class Survival:
    """A Kaplan–Meier curve with its 95% interval, by completed weeks 0, 1, …: (weeks + 1,) each.

    Beyond the week after which nobody is left to observe, values are NaN.
    """

    at_risk: NDArray[np.int64]
    staying: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]

    @property
    def median(self) -> float:
        """Weeks after which half have left; NaN where more than half were still there at the end."""
        below = np.flatnonzero(self.staying <= 0.5)
        return float(below[0]) if below.size else np.nan


def kaplan_meier(departures: NDArray[np.int64], cut_off: NDArray[np.int64], confidence: float = 0.95) -> Survival:
    """Survival from the lives that ended and were cut off after 0, 1, … weeks, (weeks + 1,) each.

    The interval is Greenwood's on the log(−log) scale, which stays within [0, 1].
    Source: Kaplan & Meier (1958), JASA 53:457-481; Kalbfleisch & Prentice (1980), section 1.3.
    """
    gone = departures + cut_off
    at_risk = gone.sum() - np.concatenate([[0], np.cumsum(gone)[:-1]])
    with np.errstate(divide="ignore", invalid="ignore"):
        staying = np.cumprod(np.where(at_risk > 0, 1.0 - departures / at_risk, np.nan), dtype=np.float64)
        variance = np.cumsum(np.where(departures > 0, departures / (at_risk * (at_risk - departures)), 0.0))
        log = np.log(staying)
        width = norm.ppf((1 + confidence) / 2) * np.sqrt(variance) / log
        low, high = staying ** np.exp(-width), staying ** np.exp(width)
    is_certain = (staying == 1.0) | (staying == 0.0)
    low, high = np.where(is_certain, staying, low), np.where(is_certain, staying, high)
    return Survival(at_risk.astype(np.int64), staying, low, high)


class Diary:
    """Follows a firm's customers through the reported weeks; `note` after each week. Reads, never draws."""

    def __init__(self, engine: Engine, firm: int = 0) -> None:
        self.firm = firm
        self.weeks = engine.plan.weeks
        self.warm_up = engine.plan.warm_up
        self.period = QUARTER if self.weeks <= LONG else YEAR
        relations = engine.relations[:, firm]
        stage = relations["stage"].copy()
        has_bought = relations["purchases"] > 0
        self.cohort = np.where(has_bought, np.where(stage == LOST, _NEVER, 0), _NOT_YET)
        self.first_week = np.where(self.cohort == 0, 0, -1)
        self.week_left = np.full(stage.size, -1)
        periods = -(-self.weeks // self.period)
        self.active = np.full((periods + 1, periods), np.nan)
        self._stages = stage
        self.paths: list[NDArray[np.int64]] = []

    def note(self, engine: Engine) -> None:
        """Note where everybody stands at the end of the week that was run last."""
        week = engine.week - 1
        relations = engine.relations[:, self.firm]
        stage = relations["stage"]
        is_new = (self.cohort == _NOT_YET) & (relations["purchases"] > 0)
        if is_new.any():
            self.cohort[is_new] = 1 + week // self.period
            self.first_week[is_new] = week
        self.week_left[(stage == LOST) & (self.week_left < 0) & (self.cohort >= 0)] = week
        is_last = week == self.weeks - 1
        if (week + 1) % self.period == 0 or is_last:
            period = week // self.period
            is_active = (stage >= BUYER) & (self.cohort >= 0)
            counts = np.bincount(self.cohort[is_active], minlength=len(self.active))
            self.active[: period + 2, period] = counts[: period + 2]
        if week == (self.weeks - 1) // 2 or is_last:
            now = stage.copy()
            pairs = self._stages.astype(int) * len(STAGES) + now
            self.paths.append(np.bincount(pairs, minlength=len(STAGES) ** 2).reshape(len(STAGES), -1))
            self._stages = now

    def cohorts(self) -> Cohorts:
        """What the diary holds once the last week has been noted."""
        n, most = len(self.active), self.weeks + 1
        is_known = self.cohort >= 0
        has_left = is_known & (self.week_left >= 0)
        stays = is_known & (self.week_left < 0)
        ended = self.week_left[has_left] - self.first_week[has_left] + 1
        return Cohorts(
            period=self.period,
            sizes=np.bincount(self.cohort[is_known], minlength=n),
            departures=_counted(self.cohort[has_left], ended, n, most),
            cut_off=_counted(self.cohort[stays], self.weeks - self.first_week[stays], n, most),
            active=self.active,
            paths=np.array(self.paths if len(self.paths) == 2 else [np.diag(self.paths[0].sum(axis=1)), *self.paths]),
        )


def _counted(cohort: NDArray[np.int64], weeks: NDArray[np.int64], cohorts: int, most: int) -> NDArray[np.int64]:
    return np.bincount(cohort * most + weeks, minlength=cohorts * most).reshape(cohorts, most)
