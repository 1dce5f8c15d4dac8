"""What a journey shows: where about a thousand customers stood with the first firm, week after week, in two worlds.

Recorded only when somebody opens the page, in the desk's threads, so that the ordinary run carries nothing for it.
"""

from __future__ import annotations

import base64
import functools
import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.engine import Engine
from sim.plan import Plan
from sim.population import LEDGER
from sim.rules import leave, stage
from sim.ui.runs import Store, plan_of
from sim.ui.state import Question

SAMPLED = 1000
MOST_TAKES = 16  # about 1.5 MB each
MOST_FILMS = 16
_EXTREME = 0.98  # quantile of value beyond which a colour gets no darker
_FIRM = 0


@dataclass(frozen=True)
class Take:
    """One world. Frame 0 is the day the strategy starts, frame w + 1 the end of week w; a row for each customer.

    stages, satisfaction : (customers, weeks + 1), the latter 0 to 255
    value : (customers, weeks + 1), money brought since the start, less every cost of serving and reaching them
    lives : (customers, weeks), what happened to each, as the engine codes it
    reason : (customers,), why they are lost at the end, 0 where they are not
    """

    customers: NDArray[np.int64]
    segments: NDArray[np.int16]
    stages: NDArray[np.uint8]
    satisfaction: NDArray[np.uint8]
    value: NDArray[np.float32]
    lives: NDArray[np.uint32]
    reason: NDArray[np.int8]


def sample(plan: Plan, most: int = SAMPLED) -> NDArray[np.int64]:
    """The customers who are shown, by number: always the same ones for a seed and a market size."""
    n = plan.market_size
    if n <= most:
        return np.arange(n)
    return np.sort(np.random.default_rng(plan.seed).choice(n, most, replace=False))


def take_of(plan: Plan, most: int = SAMPLED) -> Take:
    """Run a plan and record the sampled customers."""
    engine = Engine(plan)
    who = sample(plan, most)
    engine.warm_up()
    shape = (who.size, plan.weeks)
    stages = np.empty((who.size, plan.weeks + 1), np.uint8)
    satisfaction = np.empty_like(stages)
    value = np.zeros((who.size, plan.weeks + 1), np.float32)  # the books are opened on the first day
    lives = np.empty(shape, np.uint32)
    for frame in range(plan.weeks + 1):
        if frame:
            engine.advance(1)
            lives[:, frame - 1] = engine.column("life")[who]
        stages[:, frame] = engine.column("stage")[who, _FIRM]
        satisfaction[:, frame] = np.round(255.0 * engine.column("satisfaction")[who, _FIRM])
        if frame:
            earned, *costs = (engine.column(name)[who, _FIRM] for name in LEDGER)
            value[:, frame] = earned - sum(costs)
    return Take(
        who, engine.column("segment")[who], stages, satisfaction, value, lives,
        engine.column("reason")[who, _FIRM],
    )  # fmt: skip


@dataclass(frozen=True)
class Film:
    """The same customers in two worlds. `parted` is the first week in which a life differs, −1 where none does."""

    question: Question
    takes: tuple[Take, Take]
    parted: NDArray[np.int64]

    @property
    def weeks(self) -> int:
        """Reported weeks."""
        return int(self.takes[0].lives.shape[1])

    def left_here_stayed_there(self, here: int) -> NDArray[np.int64]:
        """Numbers of those who left in one world (0 is A) and stayed in the other, in the order they are shown.

        To stay is to be a customer at the end who is not even asleep. Those who moved away do not count as having left.
        First come those with the clearest story: the most loyal there, then the earliest to part.
        """
        gone, kept = self.takes[here], self.takes[1 - here]
        has_left = (gone.stages[:, -1] == stage.LOST) & (gone.reason != leave.MOVED_AWAY)
        has_left &= (gone.stages > stage.DORMANT).any(axis=1)
        end = kept.stages[:, -1].astype(int)
        found = np.flatnonzero(has_left & (end > stage.DORMANT))
        order = np.lexsort((found, self.parted[found], -end[found]))
        return gone.customers[found[order]]

    @functools.cached_property
    def sent(self) -> dict[str, Any]:
        """Everything the browser needs to animate, compact: arrays as zlib-compressed bytes in base64."""
        money = np.concatenate([take.value.ravel() for take in self.takes])
        extreme = float(np.quantile(np.abs(money), _EXTREME)) or 1.0
        return {
            "weeks": self.weeks,
            "customers": self.takes[0].customers.tolist(),
            "segments": _packed(self.takes[0].segments.astype(np.uint8)),
            "extreme": extreme,
            "market": int(self.question.scenario.market.customers),
            "parted": self.parted.tolist(),
            "worlds": [
                {
                    "stages": _packed(take.stages),
                    "satisfaction": _packed(take.satisfaction),
                    "value": _packed(_quantised(take.value, extreme)),
                }
                for take in self.takes
            ],
            "left": [self.left_here_stayed_there(here).tolist() for here in (0, 1)],
        }


def _quantised(value: NDArray[np.float32], extreme: float) -> NDArray[np.uint8]:
    """Money as 1 to 255, with 128 for nothing."""
    return np.round(128 + 127 * np.clip(value / extreme, -1, 1)).astype(np.uint8)


def _packed(array: NDArray[np.uint8]) -> str:
    """Bytes, each row as steps from the frame before (which compress well), zlib, base64."""
    steps = np.diff(array, axis=-1, prepend=np.zeros_like(array[..., :1])) if array.ndim > 1 else array
    return base64.b64encode(zlib.compress(np.ascontiguousarray(steps).tobytes(), 6)).decode("ascii")


_takes: Store[Take] = Store(MOST_TAKES)
_films: Store[Film] = Store(MOST_FILMS)


def known(question: Question, pair: tuple[int, int] = (0, 1)) -> Film | None:
    """A film that need not be recorded any more."""
    return _films.get((question, pair))


def film_of(question: Question, pair: tuple[int, int] = (0, 1)) -> Film:
    """Two of the question's strategies, recorded now or kept from before. Not for the event loop."""
    film = known(question, pair)
    if film is None:
        one, other = (_take(question, side) for side in pair)
        differs = one.lives != other.lives
        parted = np.where(differs.any(axis=1), differs.argmax(axis=1), -1)
        film = Film(question, (one, other), parted)
        _ = film.sent  # packed here, in the desk's threads, once for all visitors
        _films.put((question, pair), film)
    return film


def _take(question: Question, side: int) -> Take:
    key = (question.text_hash, question.sides[side], question.seed)
    take = _takes.get(key)
    if take is None:
        take = take_of(plan_of(question, side, 0))
        _takes.put(key, take)
    return take
