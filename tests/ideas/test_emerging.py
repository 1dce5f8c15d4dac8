"""Regularities that nobody put in: they emerge from what customers are and do, and vanish with their cause."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from sim.engine import Engine
from sim.results import Run
from sim.scenario import Scenario
from tests.ideas.worlds import alike, market, world


def frequency(one: Run, firm: int) -> tuple[float, float]:
    """Penetration, and purchases per buyer, in the last half year."""
    sales = one.transactions
    mine = sales[(sales["firm"] == one.plan.firms[firm].name) & (sales["week"] >= one.plan.weeks - 26)]
    buyers = mine["customer_id"].nunique()
    return buyers / one.plan.market_size, len(mine) / buyers


def test_double_jeopardy() -> None:
    """Small brands have fewer buyers who also buy less often; where brands are equally liked neither is so."""
    same = dict.fromkeys(("product", "service", "personnel", "image", "convenience"), 0.55) | {"place": 1.0}
    levers = {"pricing": {"list_price": 10, "promotion_depth": 0, "promotion_every": 0}}

    def brands(standings: tuple[float, float, float]) -> Scenario:
        names = ("ours", "famous", "cheap")
        return market(
            firms={
                name: {"standing": s, "awareness": 1.0, "attributes": same, "levers": levers}
                for name, s in zip(names, standings, strict=True)
            },
            parameters={"hear": {"forget": 0}},
        )

    spends = ("product.spend", "place.spend", "advertising.spend", "training.spend")
    nothing = dict.fromkeys(spends, 0)
    gaps = []
    for seed in (1, 2, 3):
        small = world(brands((0.3, 1.0, 2.0)), nothing, seed=seed, customers=1500, is_recorded=True)
        few, seldom = frequency(small, 0)
        many, often = frequency(small, 2)
        assert few < 0.6 * many
        assert seldom < often
        equal = world(brands((1.0, 1.0, 1.0)), nothing, seed=seed, customers=1500, is_recorded=True)
        gaps.append(frequency(equal, 2)[1] / frequency(equal, 0)[1] - 1)
        assert often / seldom - 1 > 1.5 * abs(gaps[-1])


RENEWING = {
    "market.contract_weeks": 4, "choose.halo": 0, "choose.habit_pull": 0, "choose.commitment_pull": 0,
    "choose.knowledge_pull": 0, "experience.exit_rate": 0, "hear.remind": 0, "advertising.spend": 0,
    "experience.failure_rate": 0, "market.network.degree": 0, "trust.kept": 0, "trust.broken": 0,
    # Whoever left would consider the firm again at once.
    "leave.return_rate": 1, "leave.return_unmet": 1, "leave.return_value": 1, "leave.return_price": 1,
    "leave.memory_half_life": 1000,
}  # fmt: skip


STEADY = {
    "ours": {"standing": 6.0, "awareness": 1.0},
    "cheap": {"levers": {"pricing": {"promotion_depth": 0, "promotion_every": 0}}},
}


def renewals(story: Scenario) -> list[float]:
    """Share of our contracts renewed, by how often they had been renewed before: under 3, 6, 9 times."""
    kept, due = np.zeros(9), np.zeros(9)
    for seed in (1, 2):
        engine = Engine(story.plan(sets=RENEWING, customers=1500, weeks=52, seed=seed))
        tenure, held = np.zeros(1500, int), np.full(1500, -1)
        while not engine.is_finished:
            is_due = (held == 0) & (engine.column("contract_until") <= engine.weeks_done)
            engine.advance(1)
            now = engine.column("contract_firm").astype(int)
            stayed, counted = is_due & (now == 0), is_due & (tenure < 9)
            due += np.bincount(tenure[counted], minlength=9)
            kept += np.bincount(tenure[counted & stayed], minlength=9)
            tenure = np.where(stayed, tenure + 1, np.where(now == held, tenure, 0))
            held = now
    return list(kept.reshape(3, 3).sum(axis=1) / due.reshape(3, 3).sum(axis=1))


def test_retention_rises_with_tenure_because_the_loyal_are_left_over() -> None:
    """Those who stay are those who like it: retention rises though nobody changes. Among people alike it is flat."""
    known = {"hear": {"forget": 0}}
    differ, same = renewals(market(parameters=known, firms=STEADY)), renewals(alike(firms=STEADY))
    assert differ[2] > differ[0] + 0.05
    assert all(later > earlier for earlier, later in itertools.pairwise(differ))
    assert abs(same[2] - same[0]) < 0.02


@pytest.mark.parametrize("has_bonds", [True, False])
def test_price_promotions_hurt_once_they_end(has_bonds: bool) -> None:
    """A year of deals sells more while it lasts and less afterwards: what is bought on a deal builds no bond."""
    deals = {"pricing.promotion_depth": 0.2, "pricing.promotion_every": 1}
    bonds = {} if has_bonds else {"choose.habit_pull": 0, "choose.commitment_pull": 0}
    quiet = bonds | {"hear.forget": 0, "market.network.degree": 0, "leave.lost_at_least": 200, "tell.praise_rate": 0}
    sold_after = []
    for seed in (1, 2, 3):
        story = market(firms={"ours": {"awareness": 1.0}})
        engines = [
            Engine(story.plan(sets=quiet | levers, customers=1500, weeks=78, seed=seed)) for levers in ({}, deals)
        ]
        for engine in engines:
            engine.advance(26 + 52)
            engine.decide({"pricing.promotion_depth": 0.0, "pricing.promotion_every": 0})
            engine.run()
        plain, promoted = (engine.tally["purchases"][:, 0] for engine in engines)
        assert promoted[:52].sum() > plain[:52].sum()
        sold_after.append(promoted[54:].sum() / plain[54:].sum() - 1)
    if has_bonds:
        assert max(sold_after) < 0
    else:
        assert np.mean(sold_after) > -0.01, "Without bonds there is nothing that deals could undo."
