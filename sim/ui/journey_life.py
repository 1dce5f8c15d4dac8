"""One customer's life in two worlds: watched week by week, told in the visitor's language. No widgets, no HTML."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim import lives_digest, lives_twins, lives_words, lives_zh, week
from sim.lives import TOLD
from sim.lives_events import Event, Witness
from sim.lives_walk import Walk
from sim.lives_words import Names
from sim.plan import Plan
from sim.rules.stage import LOST
from sim.storage import BLOCK
from sim.ui.runs import Store, plan_of
from sim.ui.state import Question
from sim.ui.texts import has_text, said

MOST_LIVES = 64  # about 60 KB each
LEVELS = ("satisfaction", "trust")
MARKS = (
    "bought", "reward", "contacted", "contact", "waited", "failed", "recovered", "praised", "warned", "heard", "left",
    "returned", "moved",
)  # fmt: skip
FIRM = 0
_WORTH_A_LINE = 4  # occasions between two weeks told


@dataclass(frozen=True)
class Mark:
    """Something to be seen on the timeline: what, when, and whether it was with the first firm."""

    week: int
    kind: str
    is_own: bool


@dataclass(frozen=True)
class Told:
    """A life in one world.

    rows : (week, sentences) of the weeks worth telling; week is None for what happened in between
    whole : the same of every week in which something happened
    left : week in which they left the first firm for good and the sentence that says why; None where they did not
    courses : level → (weeks,) with the first firm, `points` among them
    stages : (weeks,) as indices of STAGES
    """

    rows: tuple[tuple[int | None, str], ...]
    whole: tuple[tuple[int | None, str], ...]
    ending: tuple[str, ...]
    left: tuple[int, str] | None
    courses: dict[str, NDArray[np.float64]]
    stages: NDArray[np.int64]
    marks: tuple[Mark, ...]


@dataclass(frozen=True)
class Lives:
    """The same customer in two worlds; `week_of_parting` is None where they live the very same weeks."""

    customer: int
    letters: tuple[str, str]
    person: tuple[str, ...]
    told: tuple[Told, Told]
    week_of_parting: int | None
    parting: tuple[str, ...]
    levers: tuple[str, ...]  # that parted them
    rule: str


_lives: Store[Lives] = Store(MOST_LIVES)


def lives_of(
    question: Question, pair: tuple[int, int], letters: tuple[str, str], customer: int, language: str
) -> Lives:
    """A customer's two lives, watched now or kept from before. Takes seconds: not for the event loop.

    Raises
    ------
    ValueError
        If there is no such customer.
    """
    size = question.scenario.market.customers
    if not 0 <= customer < size:
        raise ValueError(f"There is no customer {customer}: this market has {size:,}, numbered from 0 to {size - 1}.")
    key = (question, pair, letters, customer, language)
    kept = _lives.get(key)
    if kept is None:
        kept = _told_by(question, pair, letters, customer, language)
        _lives.put(key, kept)
    return kept


def _told_by(
    question: Question, pair: tuple[int, int], letters: tuple[str, str], customer: int, language: str
) -> Lives:
    plans = [plan_of(question, side, 0) for side in pair]
    names, teller = _names(plans[0], language), lives_zh if language == "zh" else _English
    person: tuple[str, ...] = ()
    watched = []
    for plan in plans:
        walk = Walk(plan)
        person = person or tuple(teller.person(walk, customer, names))
        watched.append(_Watched(walk, customer))
    told = tuple(_told(one, names, teller) for one in watched)
    (here, there) = ((one.walk, one.witness) for one in watched)
    found = lives_twins.parting(here, there, letters)
    sentences = found.sentences
    if language == "zh":
        here_and_there = ("", "")
        if found.week is not None:
            w = found.week + plans[0].warm_up
            mine, twins = lives_twins.first_difference(here[1].weeks[w], there[1].weeks[w])
            here_and_there = lives_zh.told(mine, twins, names), lives_zh.told(twins, mine, names)
        rule = f"how_rule_{found.rule}"
        sentences = lives_zh.parting(found, letters[1], here_and_there, said(rule, language) if has_text(rule) else "")
    return Lives(
        customer, letters, person, (told[0], told[1]), found.week, sentences, tuple(found.levers), found.rule
    )  # fmt: skip


class _English:
    """The English tellers, under the names that `lives_zh` gives its own."""

    person: Callable[..., Iterable[str]] = staticmethod(lives_digest.person)
    sentences: Callable[..., tuple[str, ...]] = staticmethod(lives_words.sentences)
    between: Callable[..., str] = staticmethod(lives_digest.between)
    ending: Callable[..., Iterable[str]] = staticmethod(lives_digest.ending)


def _names(plan: Plan, language: str) -> Names:
    return Names(
        tuple(firm.label.get(language) or firm.label.get("en", firm.name) for firm in plan.firms), plan.currency
    )


class _Watched:
    """A walk to its end with one customer watched: events by week, and levels at the end of each."""

    def __init__(self, walk: Walk, customer: int) -> None:
        self.walk, self.witness = walk, Witness(walk, customer)
        levels = []
        for moment in walk.moments(customers=[customer]):
            self.witness.see(moment)
            if moment.phase == "account" and moment.block == customer // BLOCK:
                levels.append(walk.world.relations_of(customer)[FIRM])
        self.levels = np.array(levels)[walk.plan.warm_up :]


def _told(watched: _Watched, names: Names, teller: Any) -> Told:
    walk, weeks = watched.walk, watched.witness.weeks
    start = walk.plan.warm_up
    chosen = lives_digest.chosen(weeks, TOLD)
    rows: list[tuple[int | None, str]] = []
    whole: list[tuple[int | None, str]] = []
    untold: list[Event] = []
    left: tuple[int, str] | None = None
    for w, events in enumerate(weeks):
        written = teller.sentences(events, names)
        gone = [text for text, event in zip(written, events, strict=True) if (event.kind, event.firm) == ("left", FIRM)]
        left = (w - start, gone[-1]) if gone else left
        kept = [text for text, is_told in zip(written, chosen[w], strict=True) if is_told]
        if kept and sum(event.kind in ("bought", "without") for event in untold) >= _WORTH_A_LINE:
            rows.append((None, teller.between(untold, names)))
            untold = []
        untold += [event for event, is_told in zip(events, chosen[w], strict=True) if not is_told]
        if kept:
            rows.append((w - start, _joined(kept)))
        if written:
            whole.append((w - start, _joined(written)))
    if text := teller.between(untold, names):
        rows.append((None, text))
    courses = {name: watched.levels[name].astype(float) for name in (*LEVELS, "points")}
    marks = tuple(mark for w, events in enumerate(weeks[start:]) for event in events for mark in _marks(w, event))
    ending = tuple(teller.ending(walk, watched.witness.i, names))
    stages = watched.levels["stage"].astype(int)
    is_gone = bool(stages.size) and stages[-1] == LOST
    return Told(tuple(rows), tuple(whole), ending, left if is_gone else None, courses, stages, marks)


def _joined(sentences: Iterable[str]) -> str:
    return " ".join(sentences).replace("。 ", "。")


def _marks(w: int, event: Event) -> Iterable[Mark]:
    """What of an event is to be seen on the timeline."""
    n, is_own = event.numbers, event.firm == FIRM
    if event.kind == "bought":
        yield Mark(w, "reward" if n["reward"] > 0.0 else "bought", is_own)
    elif event.kind == "met":
        if n["flags"] & week.CALLED:
            yield Mark(w, "waited" if n["wait"] >= 0.5 else "contact", is_own)
        if n["is_failed"]:
            yield Mark(w, "recovered" if n["is_recovered"] else "failed", is_own)
    elif event.kind == "told":
        yield Mark(w, "praised" if n["is_good"] else "warned", is_own)
    elif event.kind in ("left", "returned", "heard", "contacted"):
        yield Mark(w, event.kind, is_own)
    elif event.kind == "moved":
        yield Mark(w, "moved", True)
