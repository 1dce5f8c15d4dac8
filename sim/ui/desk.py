"""The desk where questions are answered: runs the worlds off the event loop, each only once for all visitors.

A ticket's story: `ask` → both strategies in the scenario's own world (told at once) → whose lives parted → the same
pair in further worlds, which is how a difference is told from luck. The newest ticket of a session replaces the one
before, and whatever nobody waits for any more is stopped. `runs.py` sees to it that nothing is run twice.
"""

from __future__ import annotations

import contextlib
import logging
import os
import threading
import time
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from sim import outcomes
from sim.paired import Difference, first_partings, paired_difference
from sim.ui.runs import Course, Runs, Store, plan_of
from sim.ui.state import Question

T = TypeVar("T")

log = logging.getLogger(__name__)

N_WORLDS = 20
MOST_PARTINGS = 500
ADDED_UP = "profit_added_up"  # the band of profit as it adds up over the weeks
SECONDS_BETWEEN_TELLINGS = 0.25
SECONDS_BEFORE_PROGRESS = 0.7  # a shorter run needs no bar
# Before luck is measured: the page is drawn first, and a hand that moves on calls it off before it costs anything.
SECONDS_TO_DRAW = 0.25


Band = tuple[NDArray[np.float64], NDArray[np.float64]]


@dataclass(frozen=True)
class Parting:
    """How many customers lived another life than under the first strategy; weeks are None where nobody did."""

    customers: int
    parted: int
    week_of_half: int | None
    week_of_last: int | None


@dataclass(frozen=True)
class Progress:
    """How far the first world has come: share done, 0 to 1, and seconds that the rest will take."""

    share: float
    seconds_left: float


@dataclass(frozen=True)
class Answer:
    """What is known so far. `courses` are of the scenario's own world; `differences` and `bands` wait for all worlds.

    differences, partings : for every letter but the first, against the first
    bands : letter → outcome → (lowest, highest) over the worlds, each (weeks,)
    """

    question: Question
    courses: tuple[Course, ...]
    partings: dict[str, Parting] = field(default_factory=dict)
    differences: dict[str, dict[str, Difference]] | None = None
    bands: dict[str, dict[str, Band]] | None = None
    worlds: int = 1
    n_worlds: int = N_WORLDS
    progress: Progress | None = None
    has_failed: bool = False
    is_stopped: bool = False

    @property
    def letters(self) -> tuple[str, ...]:
        """The letters of the strategies; the first is the one that the others are compared with."""
        return self.question.letters

    @property
    def is_complete(self) -> bool:
        """Whether nothing more will come."""
        is_all = self.differences is not None and len(self.partings) == len(self.letters) - 1
        return self.has_failed or self.is_stopped or is_all


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
        self.began_at = time.monotonic()
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

    def add_parting(self, letter: str, parting: Parting) -> None:
        """Add whose lives parted under one strategy, and tell it."""
        self.know(partings=self.answer.partings | {letter: parting})

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
        luck = _luck(question, measured) if len(measured) == self.n_worlds else {}
        known = {k: self._partings.get(_pair(question, k)) for k in range(1, len(question.sides))}
        partings = {question.letters[k]: parting for k, parting in known.items() if parting is not None}
        return Answer(question, courses, partings, n_worlds=self.n_worlds, **luck)

    def work(self, task: Callable[[], T], then: Callable[[T], None], is_wanted: Callable[[], bool]) -> None:
        """Do something for a page in one of the threads, and tell its result, if it is still wanted."""

        def guarded() -> None:
            try:
                if is_wanted():
                    then(task())
            except Exception:
                log.exception("Work for a page has failed.")

        with contextlib.suppress(RuntimeError):  # The desk has been closed.
            self._first.submit(guarded)

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
        def look() -> None:
            self._tell_progress(ticket)

        if self._runs.course(ticket.question, side, 0, ticket, look) is not None and ticket.finish_one():
            self._after_first(ticket)

    def _tell_progress(self, ticket: Ticket) -> None:
        seconds = time.monotonic() - ticket.began_at
        if seconds < SECONDS_BEFORE_PROGRESS:
            return
        sides = range(len(ticket.question.sides))
        share = sum(self._runs.share_done(ticket.question, side, 0) for side in sides) / len(sides)
        if 0 < share < 1:
            ticket.know(progress=Progress(share, seconds * (1 - share) / share), is_urgent=False)

    def _after_first(self, ticket: Ticket) -> None:
        courses = self._world(ticket, 0)
        if courses is None:
            return
        ticket.know(courses=courses, n_worlds=self.n_worlds, progress=None)
        pause = threading.Timer(self.seconds_to_draw, self._submit, (self._luck, self._begin_luck, ticket))
        pause.daemon = True
        pause.start()

    def _begin_luck(self, ticket: Ticket) -> None:
        self._submit(self._luck, self._part, ticket, 1)
        ticket.waiting = list(range(1, self.n_worlds))
        ticket.unfinished = len(ticket.waiting)
        if not ticket.waiting:
            self._conclude(ticket)
        for _ in range(min(self._n_lanes, len(ticket.waiting))):
            self._submit(self._luck, self._measure, ticket)

    def _part(self, ticket: Ticket, side: int) -> None:
        """Whose lives part from those under the first strategy; then the same of the next strategy."""
        question = ticket.question
        parting = self._partings.get(_pair(question, side))
        if parting is None:
            parting = _parting(first_partings(plan_of(question, 0, 0), plan_of(question, side, 0)))
            self._partings.put(_pair(question, side), parting)
        ticket.add_parting(question.letters[side], parting)
        if side + 1 < len(question.sides):
            self._submit(self._luck, self._part, ticket, side + 1)

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
            ticket.know(worlds=self.n_worlds, **_luck(ticket.question, worlds))

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


def _pair(question: Question, side: int) -> Hashable:
    return question.text_hash, question.sides[0], question.sides[side], question.seed


def _luck(question: Question, worlds: list[tuple[Course, ...]]) -> dict[str, Any]:
    """Of every outcome: each strategy less the first, with its interval; and between what lines its courses run."""
    names = outcomes.OUTCOMES
    of = {letter: [world[k] for world in worlds] for k, letter in enumerate(question.letters)}
    first = question.letters[0]
    differences = {
        letter: {
            name: paired_difference(name, [c.numbers[name] for c in of[first]], [c.numbers[name] for c in of[letter]])
            for name in names
        }
        for letter in question.letters[1:]
    }
    bands = {
        letter: {name: _band([c.weekly[name] for c in courses]) for name in courses[0].weekly}
        | {ADDED_UP: _band([np.cumsum(c.weekly["profit"]) for c in courses])}
        for letter, courses in of.items()
    }
    return {"differences": differences, "bands": bands}


def _band(worlds: list[NDArray[np.float64]]) -> Band:
    values = np.array(worlds)
    return np.fmin.reduce(values), np.fmax.reduce(values)  # a world without a value has no say


def _parting(weeks: NDArray[np.int64]) -> Parting:
    parted = np.sort(weeks[weeks >= 0])
    if not parted.size:
        return Parting(weeks.size, 0, None, None)
    return Parting(weeks.size, int(parted.size), int(parted[(parted.size - 1) // 2]), int(parted[-1]))
