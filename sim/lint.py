"""What a scenario will teach, found by running it: whether strategies differ, whether luck hides it, what does nothing.

Every finding is a sentence with a suggestion. None is a fault: the file is valid, but a class may learn less from it
than its author hopes. Paired runs in the scenario's own market decide, made smaller where that serves.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim import outcomes
from sim.engine import Engine
from sim.lint_ids import ids_not_shown
from sim.paired import Difference, paired_difference
from sim.scenario import OPENING, Scenario, weekly_budget
from sim.scenario_levers import all_levers
from sim.starts import started

CLASS_SIZE = 30  # students, each with luck of their own
WORLDS = 6
MIDDLING = 2000  # customers where luck is measured; a larger market has less, as the square root
FEW = 300  # customers where any life that changes is enough
SMALL = 1000  # customers where only whether something happens is asked
JUDGED = ("profit", "customer_equity", "market_share", "active_customers")  # of all, not of those who are left
SLOW = 5.0  # seconds for a run
NANOSECONDS = 400.0  # for a customer's week in a busy market, by `make bench`
RECOVERED = 0.5
_MOST_STRATEGIES = 8
_SMALLEST = 0.005  # of the level: what is less nobody cares about, however certain

Numbers = dict[str, float]
Progress = Callable[[str], None]

# kind → what was found, what may be done.
_WORDS: dict[str, tuple[str, str]] = {
    "dominant": (
        "The strategy {strategy} is best or as good in {measures}: whoever finds it has nothing left to weigh.",
        "Let something speak against it: a higher cost, a slower effect, an event that turns the tables.",
    ),
    "luck": (
        "With {students} students, luck hides the difference between {a} and {b} in {measures}.",
        "Make the strategies differ more, the market larger (market.customers), or the time longer (market.weeks).",
    ),
    "alone": (
        "The strategy {strategy} is the only one, so there is nothing to compare it with.",
        "Add a strategy, or extend a scenario that has some.",
    ),
    "stuck": (
        "After a bad first quarter ({strategy}) nobody recovers: {kept} of the customers of a good start are left.",
        "Let customers come back more readily (leave.return_rate, forgiveness), or give the class more weeks.",
    ),
    "dead": (
        "Moving {levers} changes no customer's life here.",
        "Say so in the story, leave these levers out of a lesson, or change what keeps them from working.",
    ),
    "slow": (
        "One run takes about {seconds} seconds, a comparison over 20 worlds {minutes} minutes.",
        "Ask for fewer market.customers: {customers} would take {fast} seconds.",
    ),
    "lesson_slow": (
        "One run takes about {seconds} seconds, so handing in takes {minutes} minutes ({runs} runs).",
        "Give the lesson fewer customers or worlds.",
    ),
    "many_levers": (
        "The experiment {experiment} unlocks {levers} levers: which of them moved what takes long to work out.",
        "Unlock at most {most}.",
    ),
    "ids": (
        "It says that it covers {ids}, which nothing in it can show.",
        "Take {these} out of covers, or add what shows {these}: {how}.",
    ),
}


@dataclass(frozen=True)
class Finding:
    """Something a class may stumble over: its kind, and the values of its sentence."""

    kind: str
    values: Mapping[str, str]

    @property
    def message(self) -> str:
        """What was found."""
        return _WORDS[self.kind][0].format(**self.values)

    @property
    def suggestion(self) -> str:
        """What may be done about it."""
        return _WORDS[self.kind][1].format(**self.values)

    def __str__(self) -> str:
        return f"{self.message} {self.suggestion}"


def lint(scenario: Scenario, class_size: int = CLASS_SIZE, progress: Progress | None = None) -> list[Finding]:
    """Everything a class may stumble over in a scenario. `progress` hears what is being looked at."""
    steps = (
        ("run time", lambda: _time(scenario)),
        ("strategies", lambda: _strategies(scenario, class_size)),
        ("a bad start", lambda: _bad_start(scenario)),
        ("levers", lambda: _levers_and_ids(scenario)),
    )
    return taken(steps, progress)


def taken(steps: Iterable[tuple[str, Callable[[], Iterable[Finding]]]], progress: Progress | None) -> list[Finding]:
    """What all steps find; `progress` hears the name of each before it is taken."""
    found: list[Finding] = []
    for name, step in steps:
        if progress is not None:
            progress(name)
        found += step()
    return found


def seconds_of_a_run(scenario: Scenario, customers: int | None = None) -> float:
    """About how long one run takes, by the work there is to do."""
    market = scenario.market
    return (customers or market.customers) * (market.weeks + market.warm_up) * NANOSECONDS / 1e9


def _time(scenario: Scenario) -> Iterable[Finding]:
    seconds = seconds_of_a_run(scenario)
    if seconds > SLOW:
        customers = max(100, round(scenario.market.customers / seconds, -2))
        values = {
            "seconds": f"{seconds:.0f}", "minutes": f"{40 * seconds / 60:.0f}", "customers": f"{customers:,.0f}",
            "fast": f"{seconds_of_a_run(scenario, int(customers)):.1g}",
        }  # fmt: skip
        yield Finding("slow", values)


# ---------------------------------------------------------------- strategies


def _size(scenario: Scenario, most: int = MIDDLING) -> int:
    """Customers for runs that are many: the scenario's own, unless that takes too long."""
    return min(scenario.market.customers, most)


def _runs(scenario: Scenario, strategies: list[Any], customers: int, worlds: int) -> list[list[Numbers]]:
    """For each strategy its outcomes in each world."""

    def one(job: tuple[Any, int]) -> Numbers:
        engine = started(scenario.plan(job[0], customers=customers, seed=scenario.seed + job[1]))
        engine.run()
        return {name: float(values[0]) for name, values in outcomes.over_horizon(engine).items()}

    jobs = [(strategy, world) for world in range(worlds) for strategy in strategies]
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        found = list(pool.map(one, jobs))
    return [found[k :: len(strategies)] for k in range(len(strategies))]


def _strategies(scenario: Scenario, class_size: int) -> Iterable[Finding]:
    names = list(scenario.strategies)[: _MOST_STRATEGIES + 1]
    if len(names) < 2:
        yield Finding("alone", {"strategy": names[0]})
        return
    runs = dict(zip(names, _runs(scenario, names, _size(scenario), WORLDS), strict=True))
    yield from _dominant(runs)
    yield from _hidden(runs, class_size, np.sqrt(_size(scenario) / scenario.market.customers))


def _difference(runs: Mapping[str, list[Numbers]], a: str, b: str, name: str) -> Difference:
    return paired_difference(name, *([numbers[name] for numbers in runs[side]] for side in (a, b)))


def _dominant(runs: Mapping[str, list[Numbers]]) -> Iterable[Finding]:
    """A strategy that no other beats in any measure beyond luck, and that beats each of them in some."""
    for best in runs:
        gaps = [[_difference(runs, other, best, name) for name in JUDGED] for other in runs if other != best]
        is_beaten = any(d.high < 0 for those in gaps for d in those)
        if not is_beaten and all(any(d.low > 0 for d in those) for those in gaps):
            labels = [outcomes.OUTCOMES[name].label["en"].lower() for name in JUDGED]
            yield Finding("dominant", {"strategy": best, "measures": listed(labels)})


def _hidden(runs: Mapping[str, list[Numbers]], class_size: int, less_luck: float) -> Iterable[Finding]:
    """Pairs of strategies that a class could not tell apart in any measure."""
    names = [name for name in runs if name != OPENING] or list(runs)
    for k, a in enumerate(names):
        for b in names[k + 1 :]:
            if not any(_is_seen(_difference(runs, a, b, name), class_size, less_luck) for name in JUDGED):
                labels = [outcomes.OUTCOMES[name].label["en"].lower() for name in JUDGED]
                values = {"students": str(class_size), "a": a, "b": b, "measures": listed(labels)}
                yield Finding("luck", values)


def _is_seen(difference: Difference, class_size: int, less_luck: float) -> bool:
    """Whether a class of this size, each with one world, would see the difference beyond luck."""
    if abs(difference.difference) < _SMALLEST * abs(difference.a):
        return False
    half = (difference.high - difference.low) / 2 * np.sqrt(WORLDS / class_size) * less_luck
    return bool(abs(difference.difference) > half)


# ---------------------------------------------------------------- a bad start


def _bad_start(scenario: Scenario) -> Iterable[Finding]:
    """Neglect everything for a quarter of the time, then do the best: does it still get anywhere?"""
    names = list(scenario.strategies)[:_MOST_STRATEGIES]
    runs = _runs(scenario, names, _size(scenario, SMALL), 2)
    best = names[int(np.argmax([np.mean([n["customer_equity"] for n in those]) for those in runs]))]
    levers = scenario.strategies[best].levers
    spending = [path for path in levers if weekly_budget({path: 1.0}, scenario.wage) > 0]
    neglect = {**levers, **dict.fromkeys(spending, 0.0)}
    kept = []
    for world in range(2):
        ends = []
        for first in (neglect, levers):
            plan = scenario.plan(first, customers=_size(scenario, SMALL), seed=scenario.seed + world)
            engine = Engine(plan)
            engine.warm_up()
            engine.advance(max(1, plan.weeks // 4))
            if not engine.is_finished:
                engine.decide(levers)
            engine.run()
            ends.append(float(outcomes.over_horizon(engine)["active_customers"][0]))
        kept.append(ends[0] / ends[1] if ends[1] else 1.0)
    if np.mean(kept) < RECOVERED:
        yield Finding("stuck", {"strategy": "spending nothing", "kept": f"{np.mean(kept):.0%}"})


# ---------------------------------------------------------------- levers and ids


def _levers_and_ids(scenario: Scenario) -> Iterable[Finding]:
    used, claimed = used_levers(scenario), set(scenario.covers)
    showing = [path for path, lever in all_levers().items() if claimed & set(lever.covers)]
    dead = dead_levers(scenario, dict.fromkeys([*used, *showing]))
    idle = [path for path in dead if path in used]
    if idle:
        yield Finding("dead", {"levers": listed([f"{all_levers()[p].label['en']} ({p})" for p in idle])})
    missing = ids_not_shown(scenario, dead)
    if missing:
        these = "it" if len(missing) == 1 else "them"
        yield Finding("ids", {"ids": listed(list(missing)), "these": these, "how": "; ".join(missing.values())})


def used_levers(scenario: Scenario) -> list[str]:
    """The levers that some strategy of the scenario sets otherwise than the opening."""
    opening = scenario.strategies[OPENING].levers
    return [p for p in opening if any(one.levers[p] != opening[p] for one in scenario.strategies.values())]


def dead_levers(scenario: Scenario, levers: Iterable[str] | None = None) -> list[str]:
    """Levers that change no life, be it from the opening, from another strategy or with all levers in the middle."""
    middle = {path: _ends(scenario, path)[2] for path in all_levers()}
    bases = [dict(strategy.levers) for strategy in scenario.strategies.values()][:_MOST_STRATEGIES]
    customers = _size(scenario, FEW)
    waiting = list(all_levers()) if levers is None else list(levers)
    for base in (middle, *bases):
        if not waiting:
            break
        jobs: list[Mapping[str, float]] = [base]
        for path in waiting:
            low, high, _ = _ends(scenario, path)
            jobs += [{**base, path: low}, {**base, path: high}]
        with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            lives = list(pool.map(lambda levers: _lives(scenario, levers, customers), jobs))
        waiting = [path for k, path in enumerate(waiting) if lives[0] == lives[1 + 2 * k] == lives[2 + 2 * k]]
    return waiting


def _ends(scenario: Scenario, path: str) -> tuple[float, float, float]:
    """A low, a high and a middling value of a lever that make sense in this market."""
    lever, market = all_levers()[path], scenario.market
    price = float(market.reference_price)
    if path == "service.agents":
        low, high = 0.0, market.budget / scenario.wage if scenario.wage else 10.0
    elif lever.scales:
        low, high = 0.0, float(market.budget)
    elif lever.percent_of == "reference_price":
        low, high = 0.2 * price, 1.5 * price
    elif lever.unit == "money":
        low, high = 0.0, price
    else:
        low, high = lever.low, min(lever.high, 20.0)
    low, high = max(low, lever.low), min(high, lever.high)
    middle = scenario.strategies[OPENING].levers[path] or low + 0.2 * (high - low)
    if lever.is_whole:
        low, high, middle = round(low), round(high), max(1.0, round(middle))
    return low, high, middle


def _lives(scenario: Scenario, levers: Mapping[str, float], customers: int) -> bytes:
    """What became of every customer: equal where nobody's life differs."""
    engine = started(scenario.plan(levers, customers=customers))
    engine.run()
    return b"".join(engine.relations[name].tobytes() for name in ("revenue", "satisfaction", "trust", "reason"))


def listed(words: list[str]) -> str:
    """Words as a sentence lists them."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
