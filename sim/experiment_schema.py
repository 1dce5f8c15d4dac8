"""What an experiment file may say: each entry with its type and range, and a description that doubles as help.

Levers, uncertainties and the rows of a list are checked in `experiment_checks`, since their names and ranges live in
`sim/params/` and in the scenario.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from sim.scenario_schema import Customers, Id, LeverValue, Seed, Weeks
from sim.scenario_schema import Entry as Entry
from sim.scenario_schema import whole_number as whole

Count: Any = whole(1, 1_000_000)
Grid: Any = whole(2, 100, even=True)


# Short forms of an entry: a bare text, number or list → the key of the mapping it stands for.
SHORT = {
    ("title", str): "en",
    ("question", str): "en",
    ("seeds", list): "each",
    ("seeds", int): "count",
    ("design", str): "kind",
}


class Words(Entry):
    """A text in English, and in Chinese where there is one. A bare text is English."""

    en: Annotated[str, StringConstraints(min_length=1, max_length=6000)] = Field(description="the English text")
    zh: Annotated[str, StringConstraints(min_length=1, max_length=6000)] | None = Field(
        None, description="the Chinese text"
    )


class SeedsEntry(Entry):
    """Which worlds: a number of them (`20`), from one on (`{first: 7, count: 20}`), or each by its seed (`[3, 9]`)."""

    count: Count = Field(20, description="how many worlds every point is run in")
    first: Seed | None = Field(None, description="the first seed; the scenario's if not given")
    each: Annotated[list[Seed], Field(min_length=1)] | None = Field(None, description="the seeds one by one")


class DesignEntry(Entry):
    """Which points are run."""

    kind: Literal["full_factorial", "list", "latin_hypercube", "sobol", "morris"] = Field(
        "full_factorial", description="full_factorial, list, latin_hypercube, sobol or morris"
    )
    points: Count = Field(128, description="points of a latin_hypercube; for sobol the base sample, a power of 2")
    trajectories: Count = Field(20, description="trajectories of a morris design")
    grid: Grid = Field(4, description="levels that a morris design gives each factor, even")
    second_order: bool = Field(False, description="whether sobol also tells pairs of factors, at twice the runs")
    seed: Seed = Field(1, description="seed of the sample, not of the worlds")
    rows: list[dict[str, LeverValue]] = Field([], description="the points of a list, each naming every factor")


class ExperimentEntry(Entry):
    """A whole experiment."""

    title: Words = Field(description="the title")
    question: Words | None = Field(None, description="what it is to find out")
    covers: list[Id] = Field([], description="curriculum ids it speaks to")
    scenario: Annotated[str, StringConstraints(min_length=1, max_length=200)] = Field(
        description="a shipped scenario, or a scenario file beside this one"
    )
    customers: Customers | None = Field(None, description="instead of the scenario's")
    weeks: Weeks | None = Field(None, description="instead of the scenario's")
    seeds: SeedsEntry = Field(
        default_factory=lambda: SeedsEntry.model_validate({}), description="how many worlds, or which"
    )
    paired: bool = Field(True, description="whether all points meet the same worlds")
    strategies: Annotated[list[str], Field(min_length=1, max_length=20)] = Field(
        ["opening"], description="strategies of the first firm, the one that others are compared with first"
    )
    set: dict[str, LeverValue] = Field({}, description="paths put to a value in all runs")
    levers: dict[str, Any] = Field({}, description="what the firm chooses, to be varied")
    uncertainties: dict[str, Any] = Field({}, description="what it does not choose, to be varied")
    design: DesignEntry = Field(
        default_factory=lambda: DesignEntry.model_validate({}), description="which points are run"
    )
    outcomes: Annotated[list[str], Field(min_length=1)] = Field(
        ["profit", "retention"], description="what is kept of every run"
    )
    series: list[str] = Field([], description="what is kept of every week")
