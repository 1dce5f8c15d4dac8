"""The desk where questions are answered: runs the worlds off the event loop, each only once for all visitors.

A ticket's story: `ask` → both strategies in the scenario's own world (told at once) → whose lives parted → the same
pair in further worlds, which is how a difference is told from luck. The newest ticket of a session replaces the one
before, and whatever nobody waits for any more is stopped. `runs.py` sees to it that nothing is run twice.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim import outcomes
from sim.paired import Difference, first_partings, paired_difference
from sim.ui.runs import Course, Runs, Store, plan_of
from sim.ui.state import Question

log = logging.getLogger(__name__)

N_WORLDS = 20
MOST_PARTINGS = 500
SECONDS_BETWEEN_TELLINGS = 0.25
# Before luck is measured: the page is drawn first, and a hand that moves on calls it off before it costs anything.
SECONDS_TO_DRAW = 0.25


@dataclass(frozen=True)
class Parting:
    """How many of the customers lived another life under B than under A; weeks are None where nobody did."""

    customers: int
    parted: int
    week_of_half: int | None
    week_of_last: int | None


@dataclass(frozen=True)
class Answer:
    """What is known so far. `courses` are of the scenario's own world; `differences` wait for all worlds."""

    question: Question
    courses: tuple[Course, ...]
    parting: Parting | None = None
    differences: dict[str, Difference] | None = None
    worlds: int = 1
    n_worlds: int = N_WORLDS
    has_failed: bool = False

    @property
    def is_complete(self) -> bool:
        """Whether nothing more will come."""
        return self.has_failed or (self.differences is not None and self.parting is not None)


Tell = Callable[[Answer], None]


class Ticket:
    """One request for an answer, which may be called off."""

    def __init__(self, question: Question, tell: Tell) -> None:
        self.question = question
        self.answer = Answer(question, ())
        self._tell = tell
        self._lock = threading.Lock()
        self._cancelled = threading.Event()
        self._told_at = 0.0
        self.waiting: list[int] = []  # worlds not yet begun
        self.unfinished = 0  # runs or worlds

    @property
    def is_cancelled(self) -> bool:
        """Whether nobody waits for the answer any more."""
        return self._cancelled.is_set()

    def cancel(self) -> None:
        """Call it off: nothing more will be told."""
        self._cancelled.set()

    def know(self, *, is_urgent: bool = True, **more: Any) -> None:
        """Add to the answer and tell it, unless something was told a moment ago and this can wait."""
        with self._lock:
            self.answer = replace(self.answer, **more)
            now = time.monotonic()
            if self.is_cancelled or (not is_urgent and now - self._told_at < SECONDS_BETWEEN_TELLINGS):
                return
            self._told_at = now
            self._tell(self.answer)

    def next_world(self) -> int | None:
        """A world that nobody works on yet, or None."""
        with self._lock:
            return self.waiting.pop(0) if self.waiting and not self.is_cancelled else None

    def finish_one(self) -> bool:
        """Count a run or world as done; True for the last of those that were waited for."""
        with self._lock:
            self.unfinished -= 1
            return self.unfinished == 0


class Desk:
    """Answers questions for all sessions of a server, in a few threads: the engine leaves the GIL while it runs."""

    def __init__(
        self, n_worlds: int = N_WORLDS, workers: int | None = None, seconds_to_draw: float = SECONDS_TO_DRAW
    ) -> None:
        self.n_worlds = n_worlds
        self.seconds_to_draw = seconds_to_draw
        n = workers or os.cpu_count() or 1
        self._first = ThreadPoolExecutor(n, "first-world")
        self._luck = ThreadPoolExecutor(n, "luck")
        self._n_lanes = n
        self._runs = Runs()
        self._partings: Store[Parting] = Store(MOST_PARTINGS)

    def ask(self, question: Question, tell: Tell) -> Ticket:
        """Begin to answer. `tell` is called from other threads, with more known each time."""
        ticket = Ticket(question, tell)
        self._submit(self._first, self._open, ticket)
        return ticket

    def answered(self, question: Question) -> Answer:
        """As much of the answer as is already known, without waiting."""
        courses = self._known(question, 0)
        if courses is None:
            return Answer(question, (), n_worlds=self.n_worlds)
        worlds = [self._known(question, k) for k in range(self.n_worlds)]
        measured = [world for world in worlds if world is not None]
        differences = _differences(measured) if len(measured) == self.n_worlds else None
        parting = self._partings.get((question.text_hash, question.sides, question.seed))
        return Answer(question, courses, parting, differences, n_worlds=self.n_worlds)

    def close(self) -> None:
        """Take no more questions."""
        self._first.shutdown(wait=False, cancel_futures=True)
        self._luck.shutdown(wait=False, cancel_futures=True)

    # ---------------------------------------------------------------- the steps of a ticket

    def _submit(self, pool: ThreadPoolExecutor, step: Callable[..., None], ticket: Ticket, *args: Any) -> None:
        def guarded() -> None:
            try:
                if not ticket.is_cancelled:
                    step(ticket, *args)
            except Exception:
                log.exception("A world could not be run.")
                ticket.know(has_failed=True)
                ticket.cancel()

        try:
            pool.submit(guarded)
        except RuntimeError:  # The desk has been closed.
            ticket.cancel()

    def _open(self, ticket: Ticket) -> None:
        """The scenario's own world under every strategy, each in a thread of its own; known ones need none."""
        question = ticket.question
        missing = [k for k in range(len(question.sides)) if self._runs.known(question, k, 0) is None]
        if not missing:
            self._after_first(ticket)
            return
        ticket.unfinished = len(missing)
        for side in missing[1:]:
            self._submit(self._first, self._run_first, ticket, side)
        self._run_first(ticket, missing[0])

    def _run_first(self, ticket: Ticket, side: int) -> None:
        if self._runs.course(ticket.question, side, 0, ticket) is not None and ticket.finish_one():
            self._after_first(ticket)

    def _after_first(self, ticket: Ticket) -> None:
        courses = self._world(ticket, 0)
        if courses is None:
            return
        ticket.know(courses=courses, n_worlds=self.n_worlds)
        pause = threading.Timer(self.seconds_to_draw, self._submit, (self._luck, self._begin_luck, ticket))
        pause.daemon = True
        pause.start()

    def _begin_luck(self, ticket: Ticket) -> None:
        self._submit(self._luck, self._part, ticket)
        ticket.waiting = list(range(1, self.n_worlds))
        ticket.unfinished = len(ticket.waiting)
        if not ticket.waiting:
            self._conclude(ticket)
        for _ in range(min(self._n_lanes, len(ticket.waiting))):
            self._submit(self._luck, self._measure, ticket)

    def _part(self, ticket: Ticket) -> None:
        """Whose lives parted, of the first two strategies."""
        question = ticket.question
        key = (question.text_hash, question.sides, question.seed)
        parting = self._partings.get(key)
        if parting is None:
            parting = _parting(first_partings(plan_of(question, 0, 0), plan_of(question, 1, 0)))
            self._partings.put(key, parting)
        ticket.know(parting=parting)

    def _measure(self, ticket: Ticket) -> None:
        """One further world under every strategy; then the lane goes to the end of the queue, so that all get turns."""
        world = ticket.next_world()
        if world is None:
            return
        if self._world(ticket, world) is None:
            return
        if ticket.finish_one():
            self._conclude(ticket)
        else:
            ticket.know(worlds=self.n_worlds - ticket.unfinished, is_urgent=False)
            self._submit(self._luck, self._measure, ticket)

    def _conclude(self, ticket: Ticket) -> None:
        worlds = [courses for k in range(self.n_worlds) if (courses := self._world(ticket, k)) is not None]
        if len(worlds) == self.n_worlds:
            ticket.know(worlds=self.n_worlds, differences=_differences(worlds))

    # ---------------------------------------------------------------- single runs

    def _known(self, question: Question, world: int) -> tuple[Course, ...] | None:
        """A world under every strategy, if it is in the store."""
        known = [self._runs.known(question, side, world) for side in range(len(question.sides))]
        courses = tuple(course for course in known if course is not None)
        return courses if len(courses) == len(known) else None

    def _world(self, ticket: Ticket, world: int) -> tuple[Course, ...] | None:
        """A world under every strategy; None only if the ticket was called off."""
        courses = []
        for side in range(len(ticket.question.sides)):
            course = self._runs.course(ticket.question, side, world, ticket)
            if course is None:
                return None
            courses.append(course)
        return tuple(courses)


def _differences(worlds: list[tuple[Course, ...]]) -> dict[str, Difference]:
    """Of every outcome, B − A over the worlds."""
    return {
        name: paired_difference(name, *([world[side].numbers[name] for world in worlds] for side in (0, 1)))
        for name in outcomes.OUTCOMES
    }


def _parting(weeks: NDArray[np.int64]) -> Parting:
    parted = np.sort(weeks[weeks >= 0])
    if not parted.size:
        return Parting(weeks.size, 0, None, None)
    return Parting(weeks.size, int(parted.size), int(parted[(parted.size - 1) // 2]), int(parted[-1]))
