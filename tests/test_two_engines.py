"""Two engines agree: the fast one and the plain one written from docs/model.md live the same lives, draw for draw."""

from __future__ import annotations

import numpy as np
import pytest

from sim import population
from sim.engine import Engine
from sim.plan import COSTS, VALUES
from sim.rules.stage import STAGES
from sim.scenario import load_scenario, shipped_scenarios
from sim.world import STOCKS
from tests.reference import ReferenceMarket
from tests.reference.plans import plan_by_hand

TOLERANCE = 1e-5
LEVELS = (
    "awareness", "trust", "expectation", "satisfaction", "commitment", "habit", "knowledge", "points", "surprise",
)  # fmt: skip
COUNTS = ("purchases", "first_purchase", "last_purchase", "reason", "week_of_turn")


def assert_same(engine: Engine, reference: ReferenceMarket, week: int, where: str) -> None:
    """Every cell of the customers, the firms and the week's tally is the same in both engines."""
    relations, customers = engine.world.relations, engine.world.customers
    heard = engine.world.heard[(week + 1) & 1]
    state, firms = reference.state(), reference.firms()
    for name in (*COUNTS, *LEVELS, *population.LEDGER):
        np.testing.assert_allclose(
            relations[name], state[name], rtol=TOLERANCE, atol=TOLERANCE,
            err_msg=f"{where}, week {week}: the two engines disagree on {name}.",
        )  # fmt: skip
    seen = np.minimum(relations["adopted_neighbours"].astype(int) + heard["adopted"], 255)
    for name, ours in (("good", heard["good"]), ("bad", heard["bad"]), ("adopted_neighbours", seen)):
        np.testing.assert_array_equal(ours, state[name], f"{where}, week {week}: {name} differ.")
    for name in ("contract_firm", "contract_until", "week_of_moving", "segment"):
        np.testing.assert_array_equal(customers[name], state[name], f"{where}, week {week}: {name} differ.")
    stages = np.array(STAGES)[relations["stage"]]
    np.testing.assert_array_equal(stages, state["stage"], f"{where}, week {week}: stages differ.")
    tally = engine.world.tally[week]
    for name in ("price", "wait", "contacts", "fixed", "profit"):
        np.testing.assert_allclose(
            tally[name], firms[name], rtol=TOLERANCE, atol=TOLERANCE,
            err_msg=f"{where}, week {week}: the firms' {name} differ.",
        )  # fmt: skip
    for k, name in enumerate(STOCKS):
        np.testing.assert_allclose(engine.world.stocks[:, k], firms[name], rtol=TOLERANCE, atol=1e-9)


def run_both(plan, where: str) -> None:
    """Walk both engines through all weeks, comparing after every one, and their logs at the end."""
    engine, reference = Engine(plan, is_logged=True), ReferenceMarket(plan)
    weights = np.column_stack([engine.world.customers[f"weight_{name}"] for name in (*VALUES, *COSTS)])
    state = reference.state()
    for ours, name in ((weights, "weights"), (engine.world.relations["taste"], "taste")):
        np.testing.assert_allclose(ours, state[name], rtol=TOLERANCE, err_msg=f"{where}: {name} differ.")
    sales, messages = [], []
    for week in range(plan.warm_up + plan.weeks):
        engine.advance(1)
        reference.step()
        assert_same(engine, reference, week, where)
        counts = engine.world.counts
        for sale in engine.world.sales_log[: counts[1]]:
            sales.append((int(sale["customer"]), week, int(sale["firm"]), round(float(sale["amount"]), 4)))
        for m in engine.world.messages_log[: counts[2]]:
            messages.append((week, int(m["sender"]), int(m["receiver"]), int(m["firm"]), int(m["is_good"])))
    theirs = [(c, w, f, round(amount, 4)) for c, w, f, amount, _ in reference.transactions]
    assert sorted(sales) == sorted(theirs), f"{where}: the sales differ."
    assert sorted(messages) == sorted(reference.messages), f"{where}: the messages differ."
    assert len(sales) > 100, f"{where}: too few sales for the comparison to mean anything."


@pytest.mark.parametrize("name", ["_baseline", *shipped_scenarios()])
def test_two_engines_agree_on_every_shipped_scenario(name: str) -> None:
    """300 customers, 60 weeks, the 4C strategy: the same lives, week by week."""
    run_both(load_scenario(name).plan("4C", customers=300, warm_up=15, weeks=45, seed=11), name)


@pytest.mark.parametrize(
    "changes",
    [
        {"contract_weeks": 3},
        {"levers": {"service.let_go_loss": 1.0, "winback.spend": 900.0, "service.agents": 0.0}},
        {"parameters": {"experience.failure_rate": 0.9, "experience.exit_rate": 0.8, "tell.blame_rate": 0.9}},
        {"parameters": {"leave.lost_at_least": 3, "leave.lost_after": 1.0}, "visibility": 1.0},
    ],
    ids=["contracts", "hard on customers", "failing", "restless"],
)
def test_two_engines_agree_in_rougher_markets(changes: dict) -> None:
    """Markets that exercise what the shipped ones seldom do: every reason, contracts, an empty desk."""
    run_both(plan_by_hand(**changes), str(changes))
