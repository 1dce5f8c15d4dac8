"""Which events of a life are worth telling, who the customer is, and where they end up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from sim.lives_choice import NOBODY
from sim.lives_events import Event
from sim.lives_style import Names, count, listed
from sim.lives_style import level as written
from sim.lives_walk import Walk
from sim.plan import COSTS, VALUES
from sim.rules import stage as stages

_KEPT = {"stage": 0.5, "without": 0.5}  # how much of its interest an event keeps each time the like happens again
_KEPT_OTHERWISE = 0.75
_INTEREST = {
    "left": 10.0, "moved": 10.0, "returned": 9.0, "heard": 6.0, "told": 5.0, "forgot": 4.0, "near": 4.0, "far": 4.0,
    "lapsed": 4.0, "contacted": 4.0, "ranked": 4.0, "promised": 2.0, "without": 2.0,
}  # fmt: skip
STANDING = {
    "lost": "a lost customer", "unaware": "unknown", "aware": "known but hardly trusted", "trusting": "trusted",
    "dormant": "asleep", "buyer": "a buyer", "satisfied": "a satisfied customer", "loyal": "a loyal customer",
    "advocate": "an advocate",
}  # fmt: skip
_STAGES = {"dormant": 5.0, "loyal": 7.0, "advocate": 7.0, "satisfied": 1.5, "buyer": 1.0}


def interest(weeks: list[list[Event]]) -> list[list[float]]:
    """How much each event matters to whoever reads the life; what happens again and again matters less each time."""
    seen: Counter[tuple[Any, ...]] = Counter()
    found = []
    for events in weeks:
        row = []
        for event in events:
            kind = _alike(event)
            row.append(_interest(event) * _KEPT.get(event.kind, _KEPT_OTHERWISE) ** seen[kind])
            seen[kind] += int(row[-1] > 1.0)
        found.append(row)
    return found


def _alike(event: Event) -> tuple[Any, ...]:
    """What makes two events the like of each other."""
    n = event.numbers
    if event.kind == "stage":
        is_bond = {n["before"], n["after"]} & {"loyal", "advocate"}
        return event.kind, event.firm, "bond" if is_bond else "sleep" if "dormant" in (n["before"], n["after"]) else ""
    return event.kind, event.firm, n["other"] if event.kind == "without" else None


def _interest(event: Event) -> float:
    n = event.numbers
    if event.kind == "bought":
        is_switch = n.get("former", event.firm) not in (event.firm, NOBODY)
        return 8.0 if n["is_first"] else 7.0 if is_switch else 4.0 if n["reward"] > 0.0 else 1.0
    if event.kind == "met":
        failing = 8.0 if n["has_walked_out"] else 5.0 if n["is_recovered"] else 6.0 if n["is_failed"] else 0.0
        return max(failing, 2.5 if n["wait"] >= 5.0 else 0.0, 8.0 * abs(n["gap"]))
    if event.kind == "trust":
        return 7.0 if n["crossed"] else min(6.0, 20.0 * abs(n["after"] - n["before"]) + (n["good"] + n["bad"] > 0))
    if event.kind == "stage":
        lost = 6.0 if n["before"] in ("loyal", "advocate") and n["after"] in ("buyer", "satisfied") else 0.0
        is_less = n["before"] == "advocate" and n["after"] == "loyal"
        return 1.0 if is_less else max(lost, 4.0 if n["before"] == "dormant" else 0.0, _STAGES[n["after"]])
    return _INTEREST[event.kind]


def chosen(weeks: list[list[Event]], most: int) -> list[list[bool]]:
    """Which events belong into a short telling: the `most` most interesting ones."""
    scores = interest(weeks)
    ordered = sorted((-score, w, k) for w, row in enumerate(scores) for k, score in enumerate(row) if score > 1.0)
    kept = {(w, k) for _, w, k in ordered[:most]}
    for w, k in list(kept):
        if weeks[w][k].numbers.get("has_walked_out"):  # the failure and the leaving are one story
            those = enumerate(weeks[w])
            kept |= {(w, j) for j, event in those if event.kind in ("met", "left") and event.numbers["has_walked_out"]}
    return [[(w, k) in kept for k in range(len(row))] for w, row in enumerate(scores)]


def between(events: list[Event], names: Names) -> str:
    """What was bought meanwhile and is not told, in one sentence; empty where nothing was."""
    counts = Counter((_deed(event), event.firm) for event in events if event.kind in ("bought", "without"))
    parts = []
    for deed in ("bought", "renewed"):
        those = [f"{_times(n)} {_FROM[deed]} {names.firm(f)}" for (d, f), n in counts.most_common() if d == deed]
        parts += [f"{deed} {listed(those)}"] if those else []
    if without := counts["without", NOBODY]:
        parts.append(f"went without {_times(without)}")
    text = listed(parts) if parts else ""
    return f"{text[0].upper()}{text[1:]}." if text else ""


_FROM = {"bought": "from", "renewed": "with"}


def _deed(event: Event) -> str:
    is_renewal = event.kind == "bought" and event.numbers.get("former") == event.firm
    return "renewed" if is_renewal else event.kind


def _times(n: int) -> str:
    return {1: "once", 2: "twice"}.get(n, count(n, "time"))


def person(walk: Walk, i: int, names: Names) -> Iterator[str]:
    """Who the customer is: segment, needs, friends, what weighs most, what they know and can reach at week 0."""
    world, plan = walk.world, walk.plan
    customer, relations = world.customer(i), world.relations_of(i)
    segment = plan.segments[customer["segment"]]
    friends = int(world.offsets[i + 1] - world.offsets[i])
    yield (
        f"Customer {i} ({segment.label.get('en', segment.name)}) needs something "
        f"{written(float(customer['need_rate']))} times a week and has {count(friends, 'friend')}."
    )
    words = {"personnel": "staff", "money": "price", "energy": "effort", "mental": "trust"}
    weights = sorted(((float(customer[f"weight_{k}"]), words.get(k, k)) for k in (*VALUES, *COSTS)), reverse=True)
    heaviest = listed([f"{name} ({written(weight)})" for weight, name in weights[:3]])
    likes = sorted(range(len(relations)), key=lambda f: -relations[f]["taste"])
    yield f"What weighs most with them is {heaviest}; by taste they like {names.firm(likes[0])} best."
    known = [
        names.firm(f)
        for f in range(len(relations))
        if relations[f]["awareness"] >= world.constants[0]["stage_aware_at"]
    ]
    yield f"At first they know {listed(known) if known else 'no firm'}."


def ending(walk: Walk, i: int, names: Names) -> Iterator[str]:
    """Where the customer stands with each firm they ever bought from or at least know."""
    strangers = []
    for f, relation in enumerate(walk.world.relations_of(i)):
        if relation["purchases"] == 0:
            strangers.append(names.firm(f))
            continue
        paid = float(relation["revenue"] - relation["rewards"])
        spent = f", {names.money(paid)} spent since week 0" if paid else ""
        times = count(int(relation["purchases"]), "purchase")
        felt = [f"{level} {written(float(relation[level]))}" for level in ("satisfaction", "trust", "commitment")]
        name, standing = names.firm(f), STANDING[stages.STAGES[relation["stage"]]]
        yield f"{name[0].upper()}{name[1:]}: {standing}, {times} in all{spent}, {', '.join(felt)}."
    if strangers:
        yield f"Never bought from {listed(strangers, 'or')}."
