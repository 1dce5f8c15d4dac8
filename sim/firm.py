"""A firm as a Mesa agent: its decisions, its stocks, its ledger and outcomes, read from the market's columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import mesa

from sim import world

if TYPE_CHECKING:
    from sim.market import Market


class Firm(mesa.Agent):
    """One firm of a `Market`; `index` is its column in every (customers, firms) array."""

    model: Market

    def __init__(self, model: Market, index: int) -> None:
        super().__init__(model)
        self.index = index
        self.name = model.engine.plan.firms[index].name

    @property
    def levers(self) -> dict[str, float]:
        """This week's decisions: dotted lever → value."""
        engine = self.model.engine
        week = min(engine.weeks_done, len(engine.world.levers) - 1)
        return dict(zip(engine.plan.lever_names, engine.world.levers[week, self.index].tolist(), strict=True))

    def decide(self, levers: Mapping[str, float]) -> None:
        """Set levers from next week on. Raises ValueError with every fault."""
        self.model.engine.decide(levers, self.index)

    @property
    def stocks(self) -> dict[str, float]:
        """What past spending has built, levels in [0, 1]."""
        return dict(zip(world.STOCKS, self.model.engine.world.stocks[self.index].tolist(), strict=True))

    @property
    def outcomes(self) -> dict[str, float]:
        """Every outcome over the weeks so far."""
        return {name: float(values[self.index]) for name, values in self.model.outcomes().items()}

    def latest(self, name: str) -> float:
        """One field of `world.TALLY` in the last week that was run; not a number before the first."""
        tally = self.model.engine.tally
        return float(tally[name][-1, self.index]) if len(tally) else float("nan")
