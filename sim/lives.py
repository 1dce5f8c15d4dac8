"""Why did it happen: the life of one customer in sentences, week by week, with the numbers behind each.

>>> from sim import explain
>>> print(explain("coffee", 42, "4C", versus="4P").text)  # doctest: +SKIP
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import pandas as pd

from sim import lives_digest, lives_twins
from sim.lives_choice import NOBODY
from sim.lives_events import Event, Witness
from sim.lives_style import Names
from sim.lives_totals import reasons
from sim.lives_twins import Parting
from sim.lives_walk import Walk
from sim.lives_words import sentences
from sim.plan import Plan
from sim.scenario import OPENING, Scenario, load_scenario

__all__ = ["Life", "Parting", "Week", "explain", "reasons"]

TOLD = 13  # events in a short telling
_WORTH_A_LINE = 4  # occasions between two weeks told
_WIDTH = 110
_LEGEND = "Numbers in brackets after a reason are what it added to the value of an offer (utility)."


@dataclass(frozen=True)
class Week:
    """A week in which something happened: its events as sentences, with the numbers behind them by kind of event.

    `is_told` says which of the sentences belong into a short telling.
    """

    week: int
    sentences: tuple[str, ...]
    numbers: dict[str, dict[str, Any]]
    is_told: tuple[bool, ...]


@dataclass(frozen=True)
class Life:
    """The life of one customer. `text` tells it shortly; `story(is_whole=True)` tells every week."""

    scenario: str
    strategy: str
    seed: int
    customers: int
    customer: int
    person: tuple[str, ...]
    weeks: tuple[Week, ...]
    ending: tuple[str, ...]
    gaps: dict[int, str]  # before which told week, what was bought since the one before it
    parting: Parting | None = None

    @property
    def title(self) -> str:
        """Whose life it is, in which market."""
        return f"{self.scenario} · {self.strategy} · customer {self.customer} of {self.customers:,} · seed {self.seed}"

    @property
    def text(self) -> str:
        """The life in short: what mattered most, and in between what was bought."""
        return self.story()

    def story(self, *, is_whole: bool = False) -> str:
        """The life as text, in short or with every week in which something happened."""
        lines = [self.title, *_wrapped(" ".join(self.person)), ""]
        for head, text in self._rows(is_whole):
            lines += _wrapped(text, head)
        lines += ["", *_wrapped(" ".join(self.ending), "In the end")]
        if self.parting is not None:
            lines += ["", *(line for text in self.parting.sentences for line in _wrapped(text))]
        return "\n".join([*lines, "", _LEGEND])

    def _rows(self, is_whole: bool) -> list[tuple[str, str]]:
        """(week, sentences) of the weeks told, with what was bought in between."""
        rows = []
        for entry in self.weeks:
            told = [s for s, kept in zip(entry.sentences, entry.is_told, strict=True) if kept or is_whole]
            if told:
                if not is_whole and entry.week in self.gaps:
                    rows.append(("…", self.gaps[entry.week]))
                rows.append((f"Week {entry.week}".replace("-", "−"), " ".join(told)))
        if not is_whole and (last := self.gaps.get(_END)):
            rows.append(("…", last))
        return rows

    @property
    def frame(self) -> pd.DataFrame:
        """One row for each event: week, kind, sentence, and its single numbers."""
        rows = []
        for entry in self.weeks:
            for (kind, numbers), text in zip(entry.numbers.items(), entry.sentences, strict=True):
                single = {name: value for name, value in numbers.items() if not isinstance(value, dict | list)}
                rows.append({"week": entry.week, "kind": kind.split(" ")[0], "sentence": text} | single)
        return pd.DataFrame(rows, columns=None if rows else ["week", "kind", "sentence"])

    def as_dict(self) -> dict[str, Any]:
        """Everything, as plain data."""
        return {
            "scenario": self.scenario, "strategy": self.strategy, "seed": self.seed, "customers": self.customers,
            "customer": self.customer, "person": list(self.person),
            "weeks": [{"week": w.week, "sentences": list(w.sentences), "numbers": w.numbers} for w in self.weeks],
            "ending": list(self.ending), "parting": None if self.parting is None else self.parting.as_dict(),
        }  # fmt: skip

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td style='white-space:nowrap;vertical-align:top'>{escape(head)}</td>"
            f"<td style='text-align:left'>{escape(text)}</td></tr>"
            for head, text in [*self._rows(False), ("In the end", " ".join(self.ending))]
        )
        parted = "" if self.parting is None else f"<p>{escape(' '.join(self.parting.sentences))}</p>"
        about = escape(" ".join(self.person))
        return f"<table><caption>{escape(self.title)}</caption>{rows}</table><p>{about}</p>{parted}"


_END = 10**9  # stands for the gap after the last week told


def _wrapped(text: str, head: str = "") -> list[str]:
    indent = " " * 12
    return textwrap.wrap(
        text, _WIDTH, initial_indent=f"{head:<12}" if head else "", subsequent_indent=indent if head else ""
    )


def explain(
    scenario: str | Path | Scenario,
    customer: int,
    strategy: str | Mapping[str, Any] = OPENING,
    *,
    versus: str | Mapping[str, Any] | None = None,
    customers: int | None = None,
    weeks: int | None = None,
    seed: int | None = None,
    sets: Mapping[str, Any] | None = None,
) -> Life:
    """The life of one customer under a strategy, in sentences with the numbers behind them.

    Parameters
    ----------
    scenario : a shipped name, a file or a loaded `Scenario`
    customer : number of the customer, from 0
    strategy : of the first firm: a name in the scenario, or dotted levers → values
    versus : another strategy; then the life says in which week the same customer's life there parts from this one,
        by which rule, and which lever parted them
    customers, weeks, seed, sets : as in `run`

    Raises
    ------
    sim.Faults
        With everything that is wrong with the scenario or the request.
    ValueError
        If there is no such customer.
    """
    story = scenario if isinstance(scenario, Scenario) else load_scenario(scenario)

    def plan_of(which: str | Mapping[str, Any]) -> Plan:
        return story.plan(which, customers=customers, weeks=weeks, seed=seed, sets=sets)

    plan = plan_of(strategy)
    if isinstance(customer, bool) or not isinstance(customer, int) or not 0 <= customer < plan.market_size:
        raise ValueError(
            f"There is no customer {customer}: this market has {plan.market_size:,}, "
            f"numbered from 0 to {plan.market_size - 1}."
        )
    twin_plan = None if versus is None else plan_of(versus)
    walk, witness, person = witnessed(plan, customer)
    parting = None
    if twin_plan is not None:
        names = (strategy if isinstance(strategy, str) else "A", versus if isinstance(versus, str) else "B")
        twin_walk, twin, _ = witnessed(twin_plan, customer)
        parting = lives_twins.parting((walk, witness), (twin_walk, twin), names)
    return _life(walk, witness, person, strategy if isinstance(strategy, str) else "own", parting)


def witnessed(plan: Plan, customer: int) -> tuple[Walk, Witness, tuple[str, ...]]:
    """A walk through all weeks of a plan, with one customer watched; and who they were at the start."""
    walk = Walk(plan)
    person = tuple(lives_digest.person(walk, customer, Names.of(plan)))
    witness = Witness(walk, customer)
    for moment in walk.moments(customers=[customer]):
        witness.see(moment)
    return walk, witness, person


def _life(walk: Walk, witness: Witness, person: tuple[str, ...], strategy: str, parting: Parting | None) -> Life:
    plan, names = walk.plan, Names.of(walk.plan)
    told = lives_digest.chosen(witness.weeks, TOLD)
    entries, gaps = [], {}
    untold: list[Event] = []
    for w, events in enumerate(witness.weeks):
        if any(told[w]) and sum(event.kind in ("bought", "without") for event in untold) >= _WORTH_A_LINE:
            gaps[w - plan.warm_up] = lives_digest.between(untold, names)
            untold = []
        untold += [event for event, kept in zip(events, told[w], strict=True) if not kept]
        if events:
            entries.append(Week(w - plan.warm_up, sentences(events, names), _numbers(events, plan), tuple(told[w])))
    if text := lives_digest.between(untold, names):
        gaps[_END] = text
    return Life(
        scenario=plan.scenario, strategy=strategy, seed=plan.seed, customers=plan.market_size, customer=witness.i,
        person=person, weeks=tuple(entries), ending=tuple(lives_digest.ending(walk, witness.i, names)),
        gaps=gaps, parting=parting,
    )  # fmt: skip


def _numbers(events: list[Event], plan: Plan) -> dict[str, dict[str, Any]]:
    """The numbers of a week's events by kind (`bought`, `bought 2`, …), firms by name."""
    found: dict[str, dict[str, Any]] = {}
    for event in events:
        same = sum(key.split(" ")[0] == event.kind for key in found)
        key = event.kind if not same else f"{event.kind} {same + 1}"
        firm = {} if event.firm == NOBODY else {"firm": plan.firms[event.firm].name}
        found[key] = firm | {name: _named(name, value, plan) for name, value in event.numbers.items()}
    return found


def _named(name: str, value: Any, plan: Plan) -> Any:
    if name in ("other", "by_value", "former", "rival"):
        return None if value == NOBODY else plan.firms[value].name
    if name == "firms":
        return [plan.firms[f].name for f in value]
    if name == "not_considered":
        return {plan.firms[f].name: why for f, why in value.items()}
    return value
