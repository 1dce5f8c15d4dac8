"""What each lever adds to the difference between two strategies: worked out on demand, one wish after another."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor

from sim.shapley import EXACT_UP_TO, RUNS_SAMPLED, Attribution, attribute
from sim.ui.runs import Store
from sim.ui.state import Question

log = logging.getLogger(__name__)

MOST = 100  # attributions kept
_SECONDS_BETWEEN_TELLINGS = 0.3

Tell = Callable[["Request"], None]


class Request:
    """One visitor's wish for an attribution: how far it has come (0 to 1), how long it takes, what came of it."""

    def __init__(self, tell: Tell) -> None:
        self.share = 0.0
        self.seconds_left: float | None = None
        self.result: Attribution | None = None
        self.has_failed = False
        self._tell = tell
        self._cancelled = threading.Event()

    @property
    def is_cancelled(self) -> bool:
        """Whether nobody waits for it any more."""
        return self._cancelled.is_set()

    def cancel(self) -> None:
        """Call it off: nothing more will be told."""
        self._cancelled.set()

    def tell(self) -> None:
        """Tell how things stand, unless nobody waits."""
        if not self.is_cancelled:
            self._tell(self)


class _CalledOff(Exception):
    """Ends the runs of an attribution that nobody waits for."""


class Bridges:
    """The attributions of a server. For any thread."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, "bridge")  # attribute() has threads of its own
        self._known: Store[Attribution] = Store(MOST)

    def known(self, question: Question, side: int) -> Attribution | None:
        """The attribution of the difference between the first strategy and another one, if it is in the store."""
        return self._known.get(_key(question, side))

    def ask(self, question: Question, side: int, tell: Tell) -> Request:
        """Begin to work it out. `tell` is called from another thread, now and then and at the end."""
        request = Request(tell)
        self._pool.submit(self._work_out, request, question, side)
        return request

    def _work_out(self, request: Request, question: Question, side: int) -> None:
        began = told = time.monotonic()

        def progress(done: int, everything: int) -> None:
            nonlocal told
            if request.is_cancelled:
                raise _CalledOff
            now = time.monotonic()
            request.share = done / everything
            request.seconds_left = (now - began) * (everything - done) / done
            if now - told >= _SECONDS_BETWEEN_TELLINGS:
                told = now
                request.tell()

        try:
            if request.is_cancelled:
                return
            result = self.known(question, side)
            if result is None:
                a, b = dict(question.sides[0]), dict(question.sides[side])
                result = attribute(question.scenario, a, b, seeds=1, seed=question.seed, progress=progress)
                self._known.put(_key(question, side), result)
            request.result = result
        except _CalledOff:
            return
        except Exception:
            log.exception("A difference could not be taken apart.")
            request.has_failed = True
        request.tell()


def _key(question: Question, side: int) -> Hashable:
    return question.text_hash, question.sides[0], question.sides[side], question.seed


def differing(question: Question, side: int) -> list[str]:
    """The levers in which a strategy differs from the first."""
    first = dict(question.sides[0])
    return [path for path, value in question.sides[side] if first.get(path) != value]


def runs_needed(levers: int) -> int:
    """About how many runs it takes to take a difference apart."""
    return 2**levers if levers <= EXACT_UP_TO else RUNS_SAMPLED
