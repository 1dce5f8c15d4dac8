"""How much of the difference between two strategies each lever contributed: Shapley values in common luck.

>>> from sim import attribute
>>> attribute("coffee", "4P", "4C", seeds=5, customers=500).table  # doctest: +SKIP

A lever's contribution is what it adds when it is set from A's value to B's, averaged over all orders in which the
levers could be set. The contributions sum to the whole difference. Shapley (1953), A value for n-person games.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from html import escape
from math import factorial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim import outcomes as measures
from sim import parameters
from sim.engine import Engine
from sim.lives_twins import differing_levers
from sim.paired import Difference, Progress, paired_difference
from sim.pictures import COLOURS, interval, number, signed
from sim.plan import Plan
from sim.scenario import Scenario, load_scenario

EXACT_UP_TO = 8  # levers; beyond that orders are sampled
RUNS_SAMPLED = 128  # about how many worlds a seed takes then
_ORDERS = 20_240_229  # seed of the sampled orders; never of anybody's luck

# Values of the levers set to B's, as bits → what comes of it.
Worth = Callable[[int], NDArray[np.float64]]


@dataclass(frozen=True)
class Attribution:
    """How much each lever contributed to the difference B − A of each outcome, over the same seeds.

    levers : lever → its values under A and under B, when the strategy starts
    contributions : outcome → (seeds, levers); each row sums to that seed's difference
    differences : outcome → the whole difference with its interval
    is_exact : whether all sets of levers were tried; else orders were sampled
    n_orders : orders sampled for each seed; 0 where exact
    """

    scenario: str
    a: str
    b: str
    seeds: tuple[int, ...]
    levers: dict[str, tuple[float, float]]
    contributions: dict[str, NDArray[np.float64]]
    differences: dict[str, Difference]
    is_exact: bool
    n_orders: int

    def of(self, outcome: str) -> list[Difference]:
        """The contribution of each lever to an outcome with its interval, the greatest first."""
        values = self.contributions[_known(outcome, self.contributions)]
        nothing = [0.0] * len(values)
        found = [paired_difference(name, nothing, v.tolist()) for name, v in zip(self.levers, values.T, strict=True)]
        return sorted(found, key=lambda d: -abs(d.difference) if np.isfinite(d.difference) else np.inf)

    @property
    def table(self) -> pd.DataFrame:
        """For each outcome and lever: the contribution and its 95% interval."""
        rows = [(name, d.name, d.difference, d.low, d.high) for name in self.contributions for d in self.of(name)]
        frame = pd.DataFrame(rows, columns=["outcome", "lever", "contribution", "low", "high"])
        return frame.set_index(["outcome", "lever"])

    @property
    def method(self) -> str:
        """How the contributions were worked out, in a sentence."""
        n = len(self.levers)
        if self.is_exact:
            return f"Exact Shapley values over all {2**n} sets of {n} levers, in {_seeds(self)}."
        return f"Shapley values from {self.n_orders} sampled orders of {n} levers in each of {_seeds(self)}."

    def plot(self, outcome: str = "profit") -> Any:
        """A Bokeh waterfall: from A's outcome, lever by lever, to B's."""
        return _waterfall(self, _known(outcome, self.contributions))

    def _repr_html_(self) -> str:
        heads = "".join(f"<th>{head}</th>" for head in ("outcome", "lever", "A", "B", "contribution", "95% interval"))
        rows = ""
        for name, total in self.differences.items():
            unit, label = measures.OUTCOMES[name].unit, measures.OUTCOMES[name].label["en"]
            for d in self.of(name):
                cells = (label, d.name, *(number(v) for v in self.levers[d.name]))
                rows += _row((*cells, signed(d.difference, unit), interval(d, unit)))
            levels = (number(total.a, unit), number(total.b, unit))
            rows += _row((label, "all together", *levels, signed(total.difference, unit), interval(total, unit)))
        title = f"{self.scenario}: from {self.a} to {self.b}"
        return f"<table><caption>{escape(title)}</caption><tr>{heads}</tr>{rows}</table><p>{escape(self.method)}</p>"


def attribute(
    scenario: str | Path | Scenario,
    a: str | Mapping[str, Any],
    b: str | Mapping[str, Any],
    *,
    seeds: int = 5,
    customers: int | None = None,
    weeks: int | None = None,
    seed: int | None = None,
    sets: Mapping[str, Any] | None = None,
    outcomes: Sequence[str] | None = None,
    progress: Progress | None = None,
) -> Attribution:
    """How much of the difference B − A in each outcome each differing lever of the first firm contributed.

    Parameters
    ----------
    a, b : names of strategies in the scenario, or dotted levers → values
    seeds : number of worlds; their seeds follow `seed` (by default the scenario's). Every set of levers meets each
    customers, weeks, seed, sets : as in `run`
    outcomes : names of outcomes; by default all
    progress : told (runs done, runs in all)

    Up to 8 levers all sets are tried, 2^levers runs for each seed; beyond that orders are sampled, each with its
    reverse, others for each seed, so that the intervals cover both luck and sampling.

    Raises
    ------
    sim.Faults
        With everything that is wrong with the scenario or the request.
    ValueError
        If `seeds` is below 1 or there is no such outcome.
    """
    if seeds < 1:
        raise ValueError(f"An attribution needs at least one seed, not {seeds}.")
    names = [_known(name, measures.OUTCOMES) for name in (measures.OUTCOMES if outcomes is None else outcomes)]
    story = scenario if isinstance(scenario, Scenario) else load_scenario(scenario)
    first = story.seed if seed is None else seed
    pairs = [
        tuple(story.plan(s, customers=customers, weeks=weeks, seed=first + k, sets=sets) for s in (a, b))
        for k in range(seeds)
    ]
    one, other = pairs[0]
    levers = differing_levers(one, other)
    worlds = _needed(len(levers), [pair[0].seed for pair in pairs])
    contributions, levels = _worked_out(pairs, levers, names, worlds, progress)
    return Attribution(
        scenario=one.scenario,
        a=a if isinstance(a, str) else "A",
        b=b if isinstance(b, str) else "B",
        seeds=tuple(pair[0].seed for pair in pairs),
        levers={name: (one.lever(name, one.warm_up), other.lever(name, other.warm_up)) for name in levers},
        contributions={name: contributions[:, :, k] for k, name in enumerate(names)},
        differences={name: paired_difference(name, *levels[:, :, k].tolist()) for k, name in enumerate(names)},
        is_exact=len(levers) <= EXACT_UP_TO,
        n_orders=0 if len(levers) <= EXACT_UP_TO else len(worlds[0]),
    )


# ---------------------------------------------------------------- Shapley values


def exact(n: int, worth: Worth) -> NDArray[np.float64]:
    """Shapley values of n players from the worth of every set of them, (n, …)."""
    weight = [factorial(size) * factorial(n - size - 1) / factorial(n) for size in range(n)]
    sums = [0.0 * worth(0) for _ in range(n)]
    for members in range(2**n):
        for player in range(n):
            if not members >> player & 1:
                sums[player] = sums[player] + weight[members.bit_count()] * (
                    worth(members | 1 << player) - worth(members)
                )
    return np.array(sums).reshape(n, *np.shape(worth(0)))


def sampled(n: int, worth: Worth, orders: Sequence[Sequence[int]]) -> NDArray[np.float64]:
    """Shapley values of n players, estimated from some orders in which they come in, (n, …)."""
    sums = np.zeros((n, *np.shape(worth(0))))
    for order in orders:
        members = 0
        for player in order:
            sums[player] += worth(members | 1 << player) - worth(members)
            members |= 1 << player
    return sums / len(orders)


def orders_for(n: int, seed: int) -> list[list[int]]:
    """Sampled orders of n players, each followed by its reverse; the same for the same seed."""
    random = np.random.default_rng([_ORDERS, seed])
    found = []
    for _ in range(max(2, RUNS_SAMPLED // (2 * max(1, n - 1)))):
        order = random.permutation(n).tolist()
        found += [order, order[::-1]]
    return found


def _needed(n: int, seeds: Sequence[int]) -> list[list[list[int]]]:
    """For each seed the orders to walk through; none where all sets are tried."""
    return [[] if n <= EXACT_UP_TO else orders_for(n, seed) for seed in seeds]


def _sets_of(n: int, orders: Sequence[Sequence[int]]) -> list[int]:
    """The sets of players, as bits, whose worth is needed."""
    if not orders:
        return list(range(2**n))
    found = {0}
    for order in orders:
        members = 0
        for player in order:
            members |= 1 << player
            found.add(members)
    return sorted(found)


# ---------------------------------------------------------------- runs


def _worked_out(
    pairs: Sequence[tuple[Plan, ...]], levers: Sequence[str], names: Sequence[str],
    worlds: Sequence[Sequence[Sequence[int]]], progress: Progress | None,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:  # fmt: skip
    """Contributions (seeds, levers, outcomes), and the levels under A and B (2, seeds, outcomes)."""
    n, done = len(levers), 0
    sets = [_sets_of(n, orders) for orders in worlds]
    total = sum(map(len, sets))
    contributions, levels = np.zeros((len(pairs), n, len(names))), np.zeros((2, len(pairs), len(names)))
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        try:
            for k, (a, b) in enumerate(pairs):
                start = Engine(a)
                start.warm_up()
                worth: dict[int, NDArray[np.float64]] = {}
                runs = pool.map(lambda members, start=start, b=b: _outcomes(start, b, levers, members, names), sets[k])
                for members, numbers in zip(sets[k], runs, strict=True):
                    worth[members] = numbers
                    done += 1
                    if progress is not None:
                        progress(done, total)
                with np.errstate(invalid="ignore"):  # an outcome without a value has no contributions either
                    values = sampled(n, worth.__getitem__, worlds[k]) if worlds[k] else exact(n, worth.__getitem__)
                contributions[k], levels[0, k], levels[1, k] = values, worth[0], worth[2**n - 1]
        except BaseException:  # Called off, by Ctrl+C or from `progress`: what has not begun never will.
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return contributions, levels


def _outcomes(start: Engine, b: Plan, levers: Sequence[str], members: int, names: Sequence[str]) -> NDArray[np.float64]:
    """The first firm's outcomes when the levers of a set are B's and the others A's, from the same first day."""
    engine = start.copy()
    for k, name in enumerate(levers):
        if members >> k & 1:
            column = b.lever_names.index(name)
            engine.world.levers[:, 0, column] = b.levers[:, 0, column]
    engine.run()
    numbers = measures.over_horizon(engine)
    return np.array([numbers[name][0] for name in names])


# ---------------------------------------------------------------- words and pictures


def _known(name: str, among: Mapping[str, Any]) -> str:
    if name in among:
        return name
    near = difflib.get_close_matches(str(name), list(among), n=1)
    advice = f"Did you mean {near[0]}?" if near else f"There are {', '.join(among)}."
    raise ValueError(f"There is no outcome {str(name)[:60]} here. {advice}")


def _seeds(result: Attribution) -> str:
    return f"{len(result.seeds)} seed{'s' if len(result.seeds) > 1 else ''}"


def _row(cells: Sequence[str]) -> str:
    return "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>"


def label_of(lever: str) -> str:
    """A lever as a reader knows it."""
    return parameters.levers()[lever].label["en"]


def _waterfall(result: Attribution, outcome: str) -> Any:
    from bokeh.models import ColumnDataSource, FactorRange, NumeralTickFormatter, Range1d
    from bokeh.models.annotations import Span, Whisker
    from bokeh.plotting import figure

    total, measure = result.differences[outcome], measures.OUTCOMES[outcome]
    steps = [d for d in result.of(outcome) if np.isfinite(d.difference)]
    ends = total.a + np.cumsum([d.difference for d in steps])
    starts = ends - np.array([d.difference for d in steps])
    labels = [f"{label_of(d.name)} ({d.name})" for d in steps]
    is_more_better = {"up": True, "down": False}.get(measure.better)  # neither: one colour for all
    good = [d.difference >= 0 if is_more_better in (True, None) else d.difference <= 0 for d in steps]
    colours = [COLOURS[0] if is_more_better is None else COLOURS[2 if is_good else 1] for is_good in good]
    ends_known = [level for level in (total.a, total.b) if np.isfinite(level)]
    first, last = f"{result.a} (A)", f"{result.b} (B)"
    picture = figure(
        title=f"{measure.label['en']}: from {result.a} to {result.b}", width=720, height=110 + 28 * len(steps),
        y_range=FactorRange(factors=[first, *labels, last][::-1]), x_axis_label=measure.unit,
    )  # fmt: skip
    source = ColumnDataSource({"name": labels, "left": starts, "right": ends, "colour": colours})
    picture.hbar(y="name", left="left", right="right", height=0.6, color="colour", source=source)
    known = [k for k, d in enumerate(steps) if np.isfinite([d.low, d.high]).all()]
    whiskers = ColumnDataSource(
        {
            "name": [labels[k] for k in known],
            "low": [starts[k] + steps[k].low for k in known],
            "high": [starts[k] + steps[k].high for k in known],
        }
    )
    ends_of_all = [*starts, *ends, *whiskers.data["low"], *whiskers.data["high"], *ends_known]
    low, high = min(ends_of_all, default=0.0), max(ends_of_all, default=1.0)
    margin = 0.04 * (high - low) or 1.0
    picture.x_range = Range1d(start=low - margin, end=high + margin)
    picture.xaxis.formatter = NumeralTickFormatter(format="0.0%" if measure.unit == "share" else "0,0.[000]")
    picture.add_layout(Whisker(source=whiskers, base="name", lower="low", upper="high", dimension="width"))
    picture.scatter([total.a, total.b], [first, last], size=10, color=COLOURS[0])
    for level in ends_known:
        picture.add_layout(Span(location=level, dimension="height", line_color="#888888", line_dash="dotted"))
    return picture
