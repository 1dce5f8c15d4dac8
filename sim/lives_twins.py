"""The same customer in two worlds with the same luck: when their lives part, by which rule, and which lever did it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from sim import aftermath, lives_choice, offer, parameters, week
from sim.compiled import RULES
from sim.engine import Engine
from sim.lives_choice import NOBODY
from sim.lives_digest import STANDING
from sim.lives_events import Event, Witness
from sim.lives_style import Names, count, level, listed, percent
from sim.lives_walk import Walk
from sim.lives_words import hurdles, purchase, sentence, weighed
from sim.plan import Plan
from sim.rules import leave
from sim.rules import stage as stages

_FIRM = 0  # the firm whose strategies are compared


@dataclass(frozen=True)
class Parting:
    """Where the lives of a customer and their twin part.

    week : the first reported week in which they differ, as `compare` defines it; None where they never do
    here, there : what happened in that week and not in the other world
    rule : the rule that decided differently, as file and function in `sim/rules`
    tipped : the parts of delivered value that made the difference between the worlds, where a choice parted them
    levers : what parted them: lever → its value here and there in that week
    needs_all : whether it takes all of `levers` set back together; else each alone would have kept the lives together,
        or, where `elsewhere` is given, made this week the same while the lives part in that earlier week
    """

    week: int | None
    here: str
    there: str
    rule: str
    tipped: dict[str, float]
    levers: dict[str, tuple[float, float]]
    needs_all: bool
    elsewhere: int | None
    sentences: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Everything, as plain data."""
        plain = dataclasses.asdict(self)
        levers = {name: {"here": here, "there": there} for name, (here, there) in self.levers.items()}
        return plain | {"levers": levers, "sentences": list(self.sentences)}


@dataclass(frozen=True)
class Behind:
    """The levers behind a parting; whether it takes them all; the earlier week in which lives part without them."""

    levers: dict[str, tuple[float, float]]
    needs_all: bool
    elsewhere: int | None


Witnessed = tuple[Walk, Witness]


def parting(here: Witnessed, there: Witnessed, strategies: tuple[str, str]) -> Parting:
    """The parting of a customer's two lives, under the strategies of these names."""
    (walk, one), (twin_walk, other) = here, there
    plan, names, versus = walk.plan, Names.of(walk.plan), strategies[1]
    pairs = enumerate(zip(one.codes, other.codes, strict=True))
    w = next((w for w, (a, b) in pairs if a != b and w >= plan.warm_up), None)
    if w is None:
        same = f"Under {versus} the same customer, with the same luck, lives the very same weeks."
        return Parting(None, "", "", "", {}, {}, False, None, (same,))
    mine, twins = first_difference(one.weeks[w], other.weeks[w])
    rule, tipped, why = _rule(mine, twins, one, other, w, names, versus)
    behind = _levers(plan, twin_walk.plan, one.i, w, other.codes)
    what = [_told(event, twin, names) for event, twin in ((mine, twins), (twins, mine))]
    reported = w - plan.warm_up
    sentences = (
        f"Under {versus} the same customer, with the same luck, lives another life from week {reported} on.",
        f"Here: {what[0]} There: {what[1]}",
        f"The rule that parted them is {rule} ({_meaning(rule)}){why}.",
        _lever_sentence(behind, reported, versus),
        _afterwards(walk, twin_walk, one.i, names, strategies),
    )
    return Parting(
        reported, what[0], what[1], rule, tipped, behind.levers, behind.needs_all, behind.elsewhere, sentences
    )


# ---------------------------------------------------------------- what differed


def _told(event: Event | None, twin: Event | None, names: Names) -> str:
    """What happened in one world, beside what happened in the other."""
    if event is None:
        words = {"told": "Told nobody.", "left": "Stayed.", "returned": "Stayed away."}
        return words.get(twin.kind if twin else "", "Nothing of the kind.")
    if twin is not None and event.kind == twin.kind == "bought" and event.firm == twin.firm:
        paid = purchase(event.numbers, event.firm, names)
        return f"{paid[0].upper()}{paid[1:]}."
    return sentence(event, names)


def _marks(event: Event) -> tuple[Any, ...] | None:
    """What two events must share to be the same; None for what is only felt and not done."""
    n, flags = event.numbers, event.numbers.get("flags", 0)
    at_purchase = week.ON_DEAL | week.REWARDED | week.ADDED | week.UPGRADED
    if event.kind == "bought":
        return "bought", event.firm, flags & at_purchase
    if event.kind == "met":
        return "met", event.firm, flags & ~at_purchase
    if event.kind == "told":
        return "told", event.firm, n["is_good"], tuple(n["friends"])
    if event.kind == "left":
        return "left", event.firm, n["reason"]
    return (event.kind, event.firm) if event.kind in ("without", "returned") else None


def first_difference(here: list[Event], there: list[Event]) -> tuple[Event | None, Event | None]:
    """The first thing done in one world and not in the other."""
    done = [[event for event in events if _marks(event) is not None] for events in (here, there)]
    for mine, twins in zip_longest(*done):
        if mine is None or twins is None or _marks(mine) != _marks(twins):
            return mine, twins
    return None, None


def _rule(
    mine: Event | None, twins: Event | None, one: Witness, other: Witness, w: int, names: Names, versus: str
) -> tuple[str, dict[str, float], str]:  # fmt: skip
    """The rule that decided differently, the parts that tipped a choice, and how, in words."""
    event = mine or twins
    if event is None:
        return "tell.rate_of_praise", {}, ""
    kinds = {each.kind for each in (mine, twins) if each is not None}
    if mine is not None and twins is not None and kinds <= {"bought", "without"} and mine.firm != twins.firm:
        return _choice(mine, twins, one, other, w, names, versus)
    if event.kind in ("bought", "met"):
        flags = (mine.numbers["flags"] if mine else 0) ^ (twins.numbers["flags"] if twins else 0)
        if flags & (week.ADDED | week.UPGRADED):
            return f"range.chance_of_{'add_on' if flags & week.ADDED else 'upgrade'}", {}, ""
        if flags & (week.ON_DEAL | week.REWARDED):
            return ("pricing.deal_this_week" if flags & week.ON_DEAL else "programme.reward_due"), {}, ""
        name = "chance_of_failure" if flags & week.FAILED else "chance_of_recovery"
        return f"experience.{name}", {}, _both(one, other, w, event.firm, name, percent)
    if event.kind == "told":
        rule = f"tell.rate_of_{'praise' if event.numbers['is_good'] else 'blame'}"
        return rule, {}, _both(one, other, w, event.firm, "after", level)
    if event.kind == "left":
        return _rule_of_leaving(event, mine is not None and twins is not None and len(kinds) == 1), {}, ""
    if event.kind == "returned":
        return "leave.chance_of_return", {}, ""
    return "choose.delivered_value", {}, ""


def _rule_of_leaving(event: Event, is_both: bool) -> str:
    """The rule that made a customer leave in one world and not in the other, or for another reason there."""
    if event.numbers["has_walked_out"]:
        return "experience.chance_of_exit"
    if event.numbers["reason"] == leave.PUSHED_ON_PURPOSE:
        return "aftermath.is_let_go"
    return "leave.reason_for_leaving" if is_both else "stage.is_silent"


def _meaning(rule: str) -> str:
    """What a rule says, by the first line of its description."""
    others = {
        "offer.way_to": offer.way_to,
        "offer.is_willing": offer.is_willing,
        "aftermath.is_let_go": aftermath.is_let_go,
    }
    told = (others.get(rule) or RULES[rule]).py_func.__doc__.strip().splitlines()[0].rstrip(".").replace("`", "")
    return f"{told[0].lower()}{told[1:]}"


def _both(one: Witness, other: Witness, w: int, f: int, name: str, written: Callable[[float], str]) -> str:
    """What a number of the week's last purchase from a firm was in each world."""
    label = {"after": "satisfaction", "chance_of_failure": "a chance of", "chance_of_recovery": "a chance of"}[name]
    found = []
    for witness in (one, other):
        met = [event for event in witness.weeks[w] if event.kind == "met" and event.firm == f]
        found.append(written(met[-1].numbers[name]) if met else "none")
    return f": {label} {found[0]} here, {found[1]} there"


def _choice(
    mine: Event, twins: Event, one: Witness, other: Witness, w: int, names: Names, versus: str
) -> tuple[str, dict[str, float], str]:  # fmt: skip
    """A choice that fell differently: who was not even considered, or which parts of value moved between the worlds."""
    for event, elsewhere, witness in ((mine, twins, other), (twins, mine, one)):
        hurdle = elsewhere.numbers["not_considered"].get(event.firm)
        if hurdle:
            before = (each for events in witness.weeks[: w + 1] for each in events)
            has_forgotten = any(each.kind == "forgot" and each.firm == event.firm for each in before)
            heard = "hear.awareness_kept" if has_forgotten else "hear.chance_of_noticing"
            hindered = "offer.way_to" if hurdle.startswith("could not reach") else "offer.is_willing"
            rule = heard if hurdle.startswith("did not know") else hindered
            place = "there" if witness is other else "here"
            return rule, {}, f": {place} they {hurdles({event.firm: hurdle}, names)}"
    occasion = mine.numbers["occasion"]
    margins = []
    for witness in (one, other):
        offers = {one.firm: one for one in witness.offers[w, occasion]}
        margins.append(lives_choice.gaps_between(offers[mine.firm], offers[twins.firm]))
    moved = {part: margins[0][part] - margins[1][part] for part in margins[0]}
    tipped = dict(sorted(moved.items(), key=lambda item: -item[1]))
    rivals = " over ".join(
        "going without" if event.firm == NOBODY else names.firm(event.firm) for event in (mine, twins)
    )
    lead = f"the lead of {rivals} is {level(sum(tipped.values()))} greater here than under {versus}"
    return "choose.delivered_value", tipped, f": {lead}; {weighed(tipped)}"


# ---------------------------------------------------------------- which lever


def differing_levers(a: Plan, b: Plan) -> list[str]:
    """Levers of the first firm that differ in some week."""
    differs = (a.levers[:, _FIRM] != b.levers[:, _FIRM]).any(axis=0)
    return [name for name, is_other in zip(a.lever_names, differs, strict=True) if is_other]


def _levers(a: Plan, b: Plan, i: int, w: int, there: Sequence[int]) -> Behind:
    """The levers that, set back to their value there, keep the lives together up to week w.

    Each is tried alone: first whether it keeps the lives together, then whether it at least makes week w the same.
    Where none does, all are set back and released one by one while the lives stay together.
    """
    start = Engine(a)
    start.warm_up()
    known = differing_levers(a, b)

    def weeks_that_differ(names: Iterable[str]) -> list[int]:
        engine = start.copy()
        for name in names:
            column = a.lever_names.index(name)
            engine.world.levers[:, _FIRM, column] = b.levers[:, _FIRM, column]
        weeks = []
        while engine.weeks_done <= w:
            engine.advance(1)
            if int(engine.world.customer(i)["life"]) != there[engine.weeks_done - 1]:
                weeks.append(engine.weeks_done - 1)
        return weeks

    alone = {name: weeks_that_differ([name]) for name in known}
    elsewhere, needs_all = None, False
    found = [name for name, weeks in alone.items() if not weeks]
    if not found:
        found = [name for name, weeks in alone.items() if w not in weeks]
        elsewhere = min((min(alone[name]) for name in found), default=w) - a.warm_up if found else None
    if not found:
        found, needs_all = list(known), True
        for name in known:
            fewer = [kept for kept in found if kept != name]
            if not weeks_that_differ(fewer):
                found = fewer
    return Behind({name: (a.lever(name, w, _FIRM), b.lever(name, w, _FIRM)) for name in found}, needs_all, elsewhere)


def _lever_sentence(behind: Behind, week_of_parting: int, versus: str) -> str:
    known = parameters.levers()

    def written(name: str) -> str:
        here, there = behind.levers[name]
        return f"{known[name].label['en'].lower()} ({name}: {_plain(here)} here, {_plain(there)} there)"

    n, those = len(behind.levers), listed([written(name) for name in behind.levers])
    if behind.needs_all and n > 1:
        together = f"only {count(n, 'lever')} set as under {versus} at once would have kept the lives together"
        return f"No single lever is behind it: {together}, {those}."
    which = "it alone" if n == 1 else "either alone" if n == 2 else "each alone"
    lead = f"The {'lever' if n == 1 else 'levers'} behind it: {those}. Set as under {versus}, {which}"
    if behind.elsewhere is None:
        return f"{lead} would have kept the lives together."
    same = f"would have made week {week_of_parting} the same"
    return f"{lead} {same}, but the lives would have parted in week {behind.elsewhere} already."


def _plain(value: float) -> str:
    return f"{value:,.4g}" if abs(value) < 1000 else f"{value:,.0f}"


def _afterwards(walk: Walk, twin: Walk, i: int, names: Names, strategies: tuple[str, str]) -> str:
    """How the two lives stand with the first firm in the end."""
    parts = []
    for strategy, world in zip(strategies, (walk.world, twin.world), strict=True):
        relation = world.relations_of(i)[_FIRM]
        paid = float(relation["revenue"] - relation["rewards"])
        spent = f", {names.money(paid)} spent since week 0" if paid else ""
        standing = STANDING[stages.STAGES[relation["stage"]]]
        parts.append(
            f"under {strategy} {count(int(relation['purchases']), 'purchase')} in all{spent}, {standing} at the end"
        )
    return f"{names.firms[_FIRM]}: {'; '.join(parts)}."
