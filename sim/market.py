"""The market as a Mesa model: walks the schedule, collects with Mesa's DataCollector, shows customers like agents."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import mesa
import numpy as np
from numpy.typing import NDArray

from sim import outcomes
from sim.engine import Engine
from sim.firm import Firm
from sim.plan import Plan
from sim.rules.stage import STAGES
from sim.scenario import OPENING, Scenario, load_scenario

COLLECTED = ("profit", "revenue", "active", "first_purchases", "purchases")


class Customer:
    """A view of one customer that reads like an agent: `customer.need_rate`, `customer.trust` (one per firm)."""

    def __init__(self, engine: Engine, index: int) -> None:
        self._engine, self.index = engine, index

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        world = self._engine.world
        if name in (world.customers.dtype.names or ()):
            return world.customer(self.index)[name].item()
        if name in (world.relations.dtype.names or ()):
            return world.relations_of(self.index)[name]
        raise AttributeError(f"A customer has no '{name}'.")

    @property
    def segment_name(self) -> str:
        """Name of the customer's segment."""
        return self._engine.plan.segments[self.segment].name

    @property
    def stages(self) -> dict[str, str]:
        """Firm → stage at the end of the last week."""
        names = [firm.name for firm in self._engine.plan.firms]
        return dict(zip(names, (STAGES[s] for s in self.stage), strict=True))

    @property
    def friends(self) -> NDArray[np.int32]:
        """Indices of the customers tied to this one."""
        world = self._engine.world
        return world.friends[world.offsets[self.index] : world.offsets[self.index + 1]].copy()

    def __repr__(self) -> str:
        return f"Customer {self.index} ({self.segment_name}): {self.stages}"


class Customers:
    """The customers of a market: `market.customers[42]` is one of them, `market.customers.column("trust")` a column."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __len__(self) -> int:
        return self._engine.n_customers

    def __getitem__(self, index: int) -> Customer:
        if not -len(self) <= index < len(self):
            raise IndexError(f"There is no customer {index}: the market has {len(self)}, numbered from 0.")
        return Customer(self._engine, index % len(self))

    def column(self, name: str) -> NDArray[Any]:
        """A copy of a trait as (customers,) or of a state as (customers, firms)."""
        return self._engine.column(name)


class WeeklyCollector(mesa.DataCollector):
    """Mesa's collector. Before Mesa 3.5 `batch_run` looks for what agents told in step k under k − 1: kept there."""

    def collect(self, model: mesa.Model) -> None:
        """Collect what model and agents report."""
        super().collect(model)
        if not hasattr(self, "_collection_steps"):
            self._agent_records[model.steps - 1] = self._agent_records.pop(model.steps)


class Market(mesa.Model):
    """A market of customers and firms; works with `mesa.batch_run` and Mesa's DataCollector.

    Parameters
    ----------
    scenario : a shipped name, a file or a `Scenario`; or a resolved `Plan` or an `Engine`, which leave nothing to say
    strategy : of the first firm: a name in the scenario, or dotted levers → values
    customers, weeks : instead of the scenario's
    seed, rng : instead of the scenario's seed. The same seed gives the same customers and the same luck
    data_collector : another DataCollector than the market's own
    sets : further dotted paths → values, as in `Scenario.plan`
    """

    def __init__(
        self,
        scenario: str | Path | Scenario | Plan | Engine = "_baseline",
        strategy: str | Mapping[str, Any] = OPENING,
        *,
        customers: int | None = None,
        weeks: int | None = None,
        seed: int | None = None,
        rng: int | None = None,
        sets: Mapping[str, Any] | None = None,
        data_collector: mesa.DataCollector | None = None,
    ) -> None:
        if seed is None and rng is not None:
            seed = int(rng)
        if isinstance(scenario, Plan | Engine):
            if strategy != OPENING or any(given is not None for given in (customers, weeks, seed, sets)):
                raise ValueError("A plan is already resolved: give strategy, customers, weeks, seed and sets to it.")
            engine = scenario if isinstance(scenario, Engine) else Engine(scenario)
        else:
            story = scenario if isinstance(scenario, Scenario) else load_scenario(scenario)
            engine = Engine(story.plan(strategy, customers=customers, weeks=weeks, seed=seed, sets=sets))
        super().__init__(rng=engine.plan.seed)
        self.engine = engine
        if self.week < 0:
            self.engine.warm_up()
        self.running = not self.engine.is_finished
        self.firms = [Firm(self, index) for index in range(len(engine.plan.firms))]
        self.customers = Customers(self.engine)
        self.datacollector = data_collector or WeeklyCollector(
            model_reporters={name: lambda m, name=name: m.firms[0].latest(name) for name in COLLECTED},
            agent_reporters={"firm": "name"} | {name: lambda firm, name=name: firm.latest(name) for name in COLLECTED},
        )

    @property
    def plan(self) -> Plan:
        """The plan that is being run."""
        return self.engine.plan

    @property
    def week(self) -> int:
        """The reported week that comes next; 0 when the strategy starts."""
        return self.engine.week

    def step(self) -> None:
        """Run one week and collect. After the last week `running` is False and nothing more happens."""
        if not self.engine.is_finished:
            self.engine.advance(1)
            self.datacollector.collect(self)
        self.running = not self.engine.is_finished

    def outcomes(self) -> dict[str, NDArray[np.float64]]:
        """Every outcome over the weeks so far: name → (firms,)."""
        return outcomes.over_horizon(self.engine)

    def save(self, path: str | Path) -> None:
        """Write the market to a file; see `Market.restore`."""
        self.engine.save(path)

    @classmethod
    def restore(cls, path: str | Path) -> Market:
        """A market from a file written by `save`: it goes on to the same end, bit for bit."""
        return cls(Engine.restore(path))
