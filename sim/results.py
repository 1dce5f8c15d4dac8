"""What a run leaves: outcomes, weekly courses, customers, sales and messages as pandas frames, and a picture."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim import outcomes, population
from sim.engine import Engine
from sim.plan import Plan
from sim.rules.leave import BETTER_VALUE, LOWER_PRICE, MOVED_AWAY, NEEDS_UNMET, PUSHED_ON_PURPOSE
from sim.rules.stage import STAGES
from sim.scenario import OPENING, Scenario, load_scenario
from sim.starts import started
from sim.week import MESSAGES_LOGGED, SALES_LOGGED

Progress = Callable[[int, int], None]
REASONS = {
    0: "", PUSHED_ON_PURPOSE: "pushed away on purpose", NEEDS_UNMET: "needs unmet",
    BETTER_VALUE: "pulled away by better value", LOWER_PRICE: "bought away by price", MOVED_AWAY: "moved away",
}  # fmt: skip


@dataclass
class Run:
    """A finished run. `outcomes` are the first firm's; `firms` has every firm's; frames are made when asked for."""

    plan: Plan
    engine: Engine
    courses: dict[str, NDArray[np.float64]]
    numbers: dict[str, NDArray[np.float64]]
    best_fifth: NDArray[np.float64] | None = None  # (weeks, firms), where every week was recorded
    sales: list[NDArray[Any]] = field(default_factory=list)
    messages: list[NDArray[Any]] = field(default_factory=list)

    @property
    def outcomes(self) -> dict[str, float]:
        """Outcome → value for the first firm; not a number where there is none."""
        return {name: float(values[0]) for name, values in self.numbers.items()}

    @property
    def firms(self) -> pd.DataFrame:
        """Outcomes of every firm: a row for each firm."""
        return pd.DataFrame(self.numbers, index=pd.Index(self._firm_names, name="firm"))

    @property
    def _firm_names(self) -> list[str]:
        return [firm.name for firm in self.plan.firms]

    @property
    def weekly_courses(self) -> dict[str, NDArray[np.float64]]:
        """Outcome → (weeks, firms). The best fifth's share has a course only where the run was recorded."""
        courses = dict(self.courses)
        if self.best_fifth is not None:
            courses["top20_profit_share"] = self.best_fifth
        return {name: courses[name] for name in outcomes.OUTCOMES if name in courses}

    @property
    def weekly(self) -> pd.DataFrame:
        """One row for each week and firm, one column for each outcome, and the customers at each stage."""
        tally, names = self.engine.tally, self._firm_names
        weeks, firms = tally.shape
        columns: dict[str, Any] = {
            "week": np.repeat(np.arange(weeks), firms),
            "firm": np.tile(names, weeks),
        }
        columns |= {name: course.ravel() for name, course in self.weekly_courses.items()}
        stages = self.engine.flows.sum(axis=2)
        columns |= {f"stage_{name}": stages[:, :, k].ravel() for k, name in enumerate(STAGES)}
        return pd.DataFrame(columns)

    @property
    def customers(self) -> pd.DataFrame:
        """One row for each customer: traits, and for each firm (`<firm>.<column>`) the state at the end.

        Weeks are reported weeks: those of the warm-up are negative, and what never happened is empty.
        """
        customers, relations, plan = self.engine.customers, self.engine.relations, self.plan
        frame: dict[str, Any] = {"customer_id": np.arange(customers.size)}
        for column in population.CUSTOMER:
            if column.name != "life":
                frame[column.name] = customers[column.name]
        is_bound = customers["contract_firm"] >= 0
        has_moving = customers["week_of_moving"] < population.NEVER
        frame["week_of_moving"] = _reported(customers["week_of_moving"], plan.warm_up, has_moving)
        frame["contract_until"] = _reported(customers["contract_until"], plan.warm_up, is_bound)
        frame["contract_firm"] = np.where(is_bound, np.array(self._firm_names)[customers["contract_firm"]], "")
        frame["segment"] = np.array([s.name for s in plan.segments])[customers["segment"]]
        for f, firm in enumerate(self._firm_names):
            own = relations[:, f]
            frame[f"{firm}.stage"] = np.array(STAGES)[own["stage"]]
            for column in population.RELATION:
                if column.name in ("activity", "stage"):
                    continue
                values = own[column.name]
                if column.name == "reason":
                    frame[f"{firm}.reason"] = np.array(list(REASONS.values()))[values]
                elif column.name in ("first_purchase", "last_purchase", "week_of_turn"):
                    frame[f"{firm}.{column.name}"] = _reported(values, plan.warm_up, values >= 0)
                else:
                    frame[f"{firm}.{column.name}"] = values
        return pd.DataFrame(frame)

    @property
    def transactions(self) -> pd.DataFrame:
        """Every sale: customer_id, week, firm, amount paid, margin. Empty unless the run was recorded."""
        rows = np.concatenate(self.sales) if self.sales else np.zeros(0, _SALE)
        names = np.array(self._firm_names)
        return pd.DataFrame(
            {
                "customer_id": rows["customer"],
                "week": rows["week"],
                "firm": names[rows["firm"]] if len(rows) else np.zeros(0, str),
                "amount": rows["amount"],
                "margin": rows["margin"],
            }
        )

    @property
    def messages_told(self) -> pd.DataFrame:
        """Every message between friends: week, from_id, to_id, firm, positive (0 or 1). Empty unless recorded."""
        rows = np.concatenate(self.messages) if self.messages else np.zeros(0, _MESSAGE)
        names = np.array(self._firm_names)
        return pd.DataFrame(
            {
                "week": rows["week"],
                "from_id": rows["sender"],
                "to_id": rows["receiver"],
                "firm": names[rows["firm"]] if len(rows) else np.zeros(0, str),
                "positive": rows["is_good"],
            }
        )

    def plot(self, names: tuple[str, ...] = ("retention", "profit")) -> Any:
        """A Bokeh layout of the weekly courses of some outcomes, one line for each firm."""
        from sim import pictures

        return pictures.courses(self, names)

    def _repr_html_(self) -> str:
        from sim import pictures

        return pictures.run_html(self)


_SALE = [("week", "i4"), ("customer", "i4"), ("firm", "i4"), ("amount", "f8"), ("margin", "f8")]
_MESSAGE = [("week", "i4"), ("sender", "i4"), ("receiver", "i4"), ("firm", "i4"), ("is_good", "i4")]


def _reported(weeks: NDArray[Any], warm_up: int, has_value: NDArray[np.bool_]) -> pd.api.extensions.ExtensionArray:
    """Internal weeks as reported weeks, whole numbers; those before week 0 are negative, and no value is empty."""
    return pd.arrays.IntegerArray(weeks.astype(np.int64) - warm_up, ~has_value)


def run(
    scenario: str | Path | Scenario,
    strategy: str | Mapping[str, Any] = OPENING,
    *,
    customers: int | None = None,
    weeks: int | None = None,
    seed: int | None = None,
    sets: Mapping[str, Any] | None = None,
    is_recorded: bool = False,
    progress: Progress | None = None,
) -> Run:
    """Run a scenario to its end.

    Parameters
    ----------
    scenario : a shipped name, a file or a loaded `Scenario`
    strategy : of the first firm: a name in the scenario, or dotted levers → values
    customers, weeks, seed : instead of the scenario's
    sets : further dotted paths → values, as in `Scenario.plan`
    is_recorded : also keep every sale and message (observing more moves nothing)
    progress : told (weeks done, weeks in all)

    Raises
    ------
    sim.Faults
        With everything that is wrong with the scenario or the request.
    """
    story = scenario if isinstance(scenario, Scenario) else load_scenario(scenario)
    plan = story.plan(strategy, customers=customers, weeks=weeks, seed=seed, sets=sets)
    return run_plan(plan, is_recorded=is_recorded, progress=progress)


def run_plan(plan: Plan, *, is_recorded: bool = False, progress: Progress | None = None) -> Run:
    """Run a resolved plan to its end; see `run`."""
    if not is_recorded:
        engine = started(plan)
        engine.run(progress=progress)
        return finished(engine)
    engine = Engine(plan, is_logged=True)
    sales, messages, best = [], [], []
    while not engine.is_finished:
        week = engine.week
        engine.advance(1)
        if week >= 0:
            sold, told = engine.world.counts[SALES_LOGGED], engine.world.counts[MESSAGES_LOGGED]
            sales.append(_dated(engine.world.sales_log[:sold], week, _SALE))
            messages.append(_dated(engine.world.messages_log[:told], week, _MESSAGE))
            best.append(outcomes.best_fifth_share(engine))
        if progress is not None:
            progress(engine.weeks_done, plan.warm_up + plan.weeks)
    result = finished(engine)
    result.sales, result.messages = sales, messages
    result.best_fifth = np.array(best).reshape(len(best), len(plan.firms))
    return result


def finished(engine: Engine) -> Run:
    """The results of an engine as far as it has run."""
    courses = outcomes.weekly(engine)
    return Run(engine.plan, engine, courses, outcomes.over_horizon(engine, courses))


def _dated(rows: NDArray[Any], week: int, layout: list[tuple[str, str]]) -> NDArray[Any]:
    dated = np.zeros(len(rows), layout)
    dated["week"] = week
    for name in rows.dtype.names or ():
        dated[name] = rows[name]
    return dated
