"""What the charts need to know of a run beyond its weekly outcomes, found in the desk's threads while it runs.

    watch = Watch(engine)  # at the reported week 0
    watch.run(is_cancelled=…, every=…)  # in place of engine.run: the same weeks, at the same speed
    measures = watch.taken()  # once the engine is finished

Only the runs that are drawn are watched: the scenario's own world.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.cohorts import QUARTER, Cohorts, Diary
from sim.concentration import Concentration, concentration
from sim.delivered import Delivered, delivered
from sim.engine import Engine

REASONS = ("on_purpose", "unmet", "value", "price", "moved")


@dataclass(frozen=True)
class Measures:
    """What one strategy brought the first firm in the scenario's own world, as far as charts want more than courses.

    left : (weeks, reasons) departures for each of REASONS
    moves : (stages, stages) how often customers went from stage to stage in all weeks
    praise, blame : (weeks,) messages of customers to friends
    active : (weeks,) active customers
    market_shares : (weeks, firms) every firm's share of what was spent over the last quarter
    """

    cohorts: Cohorts
    concentration: Concentration
    delivered: Delivered
    left: NDArray[np.float64]
    moves: NDArray[np.int64]
    praise: NDArray[np.float64]
    blame: NDArray[np.float64]
    active: NDArray[np.float64]
    market_shares: NDArray[np.float64]

    @property
    def nbytes(self) -> int:
        """Roughly what it takes to keep."""
        parts = (self, self.cohorts, self.concentration, self.delivered)
        arrays = [value for part in parts for value in vars(part).values() if isinstance(value, np.ndarray)]
        return 2000 + sum(array.nbytes for array in arrays)


class Watch:
    """Runs an engine from week 0 to its end and keeps what the charts need."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.diary = Diary(engine)

    def run(self, *, is_cancelled: Callable[[], bool] | None = None, every: int = 13) -> None:
        """Run to the end. `is_cancelled()` stops in between, asked every few weeks, as in `Engine.run`."""
        while not self.engine.is_finished:
            if self.engine.week % every == 0 and is_cancelled is not None and is_cancelled():
                return
            self.engine.advance(1)
            self.diary.note(self.engine)

    def taken(self) -> Measures:
        """The measures of the finished run."""
        tally = self.engine.tally[:, 0]
        return Measures(
            cohorts=self.diary.cohorts(),
            concentration=concentration(self.engine),
            delivered=delivered(self.engine),
            left=np.stack([tally[f"left_{reason}"] for reason in REASONS], axis=1),
            moves=self.engine.flows[:, 0].sum(axis=0, dtype=np.int64),
            praise=tally["praise"].astype(float),
            blame=tally["blame"].astype(float),
            active=tally["active"].astype(float),
            market_shares=_shares(self.engine.tally["revenue"]),
        )


def _shares(revenue: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each firm's share of the last quarter's revenue in every week, (weeks, firms); all 0 where nobody bought."""
    sums = np.cumsum(revenue, axis=0)
    sums[QUARTER:] -= sums[:-QUARTER].copy()
    total = sums.sum(axis=1, keepdims=True)
    return np.divide(sums, total, out=np.zeros_like(sums), where=total > 0)
