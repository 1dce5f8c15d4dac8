"""Two engines agree: the fast one and the plain one written from docs/model.md live the same lives, draw for draw."""

from __future__ import annotations

import numpy as np
import pytest

from sim import population, storage
from sim.engine import Engine
from sim.plan import COSTS, VALUES
from sim.rules import loyalty
from sim.rules.stage import STAGES
from sim.scenario import load_scenario, shipped_scenarios
from sim.world import STOCKS
from tests.reference import ReferenceMarket
from tests.reference.market import COUNTS, LEVELS
from tests.reference.markets import MARKETS
from tests.reference.mechanisms import MECHANISMS
from tests.reference.plans import plan_by_hand

TOLERANCE = 1e-5
HEARD = ("good", "bad", "adopted_neighbours")
TRAITS = ("need_rate", "deal_proneness", "complaint", "forgiveness", "basket", "digital")
WEEKS_OF_LIFE = ("week_of_moving", "week_of_growing", "segment")
ROUGH = {
    "contracts": {"contract_weeks": 3},
    "hard on customers": {"levers": {"service.let_go_loss": 1.0, "winback.spend": 900.0, "service.agents": 0.0}},
    "failing": {"parameters": {"experience.failure_rate": 0.9, "experience.exit_rate": 0.8, "tell.blame_rate": 0.9}},
    "restless": {"parameters": {"leave.lost_at_least": 3, "leave.lost_after": 1.0}, "visibility": 1.0},
}
BY_HAND = ROUGH | MARKETS | MECHANISMS


def assert_close(ours, theirs, what: str) -> None:
    """Numbers of both engines are the same but for the last digits of a single-precision number."""
    message = f"{what}: the two engines disagree."
    np.testing.assert_allclose(ours, theirs, rtol=TOLERANCE, atol=TOLERANCE, err_msg=message)


def assert_same_traits(engine: Engine, reference: ReferenceMarket, where: str) -> None:
    """Everybody is born the same in both engines."""
    customers, relations, state = engine.customers, engine.relations, reference.state()
    weights = np.column_stack([customers[f"weight_{name}"] for name in (*VALUES, *COSTS)])
    assert_close(weights, state["weights"], f"{where}, weights")
    for name in ("taste", "access"):
        assert_close(relations[name], state[name], f"{where}, {name}")
    for name in TRAITS:
        assert_close(customers[name], state[name], f"{where}, {name}")
    for name in WEEKS_OF_LIFE:
        np.testing.assert_array_equal(customers[name], state[name], f"{where}: {name} differ.")


def assert_same(engine: Engine, reference: ReferenceMarket, where: str) -> None:
    """Every cell of the customers, the firms and the week's tally is the same in both engines."""
    week = reference.week - 1
    relations, customers = engine.relations, engine.customers
    heard = storage.records(engine.world.heard[(week + 1) & 1], engine.n_customers)
    state, firms = reference.state(), reference.firms()
    for name in (*LEVELS, *population.LEDGER):
        assert_close(relations[name], state[name], f"{where}, {name}")
    seen = np.minimum(relations["adopted_neighbours"].astype(int) + heard["adopted"], 255)
    told = {"good": heard["good"], "bad": heard["bad"], "adopted_neighbours": seen}
    for name in COUNTS:
        ours = told[name] if name in told else relations[name]
        np.testing.assert_array_equal(ours, state[name], f"{where}: {name} differ.")
    for name in ("contract_firm", "contract_until"):
        np.testing.assert_array_equal(customers[name], state[name], f"{where}: {name} differ.")
    stages = np.array(STAGES)[relations["stage"]]
    np.testing.assert_array_equal(stages, state["stage"], f"{where}: stages differ.")
    assert_same_firms(engine, firms, week, where)


def assert_same_firms(engine: Engine, firms: dict[str, np.ndarray], week: int, where: str) -> None:
    """Every firm stands the same in both engines, with the same records of its prospects."""
    for name in ("price", "wait", "contacts", "fixed", "profit"):
        assert_close(engine.world.tally[week][name], firms[name], f"{where}, the firms' {name}")
    ours = engine.world.firms
    now = {
        "mean_discount": ours["new_discount"] / np.maximum(ours["new_sales"], 1.0),
        "buyers": ours["buyers"],
        "has_campaigned": ours["has_campaigned"],
    }
    for name, values in now.items():
        assert_close(values, firms[name], f"{where}, the firms' {name}")
    for k, name in enumerate(STOCKS):
        np.testing.assert_allclose(engine.world.stocks[:, k], firms[name], rtol=TOLERANCE, atol=1e-9, err_msg=where)
    for name in ("tried", "won"):
        np.testing.assert_array_equal(engine.world.records[name], firms[name], f"{where}: cells {name} differ.")


def assert_same_loyalty(engine: Engine, reference: ReferenceMarket, where: str) -> None:
    """The kinds of loyalty and the phases of relationships, which no rule reads, are the same at the end."""
    p, week, state = reference.p.loyalty, reference.week - 1, reference.state()
    relations = engine.relations
    for customer, f in np.argwhere(state["purchases"] > 0):
        ours, agent = relations[customer, f], reference.customers[customer]
        is_gone = STAGES[ours["stage"]] in ("lost", "dormant")
        kind = loyalty.NONE
        if not is_gone:
            levels = (ours[name] for name in ("purchases", "bargains", "commitment", "trust", "knowledge", "habit"))
            kind = loyalty.kind_of_loyalty(*levels, p.trial, p.least)
        assert loyalty.KINDS[kind] == state["loyalty"][customer, f], f"{where}: kinds of loyalty differ."
        rhythm = agent.relations[f].rhythm(agent.traits.need_rate)
        tenure, interval = week - ours["first_purchase"], ours["interval"]
        phase = loyalty.relationship_phase(
            ours["purchases"], tenure, interval, rhythm, is_gone, p.trial, p.stable_after, p.slowing
        )
        assert loyalty.PHASES[phase] == state["phase"][customer, f], f"{where}: phases differ."


def run_both(plan, where: str) -> None:
    """Walk both engines through all weeks, comparing after every one, and their logs at the end."""
    engine, reference = Engine(plan, is_logged=True), ReferenceMarket(plan)
    assert_same_traits(engine, reference, where)
    sales, messages = [], []
    for week in range(plan.warm_up + plan.weeks):
        engine.advance(1)
        reference.step()
        assert_same(engine, reference, f"{where}, week {week}")
        counts = engine.world.counts
        for sale in engine.world.sales_log[: counts[1]]:
            who, amount, margin = int(sale["customer"]), float(sale["amount"]), float(sale["margin"])
            sales.append((who, week, int(sale["firm"]), amount, margin))
        for m in engine.world.messages_log[: counts[2]]:
            messages.append((week, int(m["sender"]), int(m["receiver"]), int(m["firm"]), int(m["is_good"])))
    assert_same_loyalty(engine, reference, where)
    assert_close(np.array(sorted(sales)), np.array(sorted(reference.transactions)), f"{where}, sales")
    assert sorted(messages) == sorted(reference.messages), f"{where}: the messages differ."
    assert len(sales) > 100, f"{where}: too few sales for the comparison to mean anything."


@pytest.mark.parametrize("name", ["_baseline", *shipped_scenarios()])
def test_two_engines_agree_on_every_shipped_scenario(name: str) -> None:
    """300 customers, 60 weeks, the 4C strategy: the same lives, week by week."""
    run_both(load_scenario(name).plan("4C", customers=300, warm_up=15, weeks=45, seed=11), name)


@pytest.mark.parametrize("name", BY_HAND)
def test_two_engines_agree_in_markets_made_by_hand(name: str) -> None:
    """Markets that exercise what the shipped ones seldom do: every mechanism of the page alone, and all together."""
    run_both(plan_by_hand(**BY_HAND[name]), name)


def test_two_engines_agree_where_customers_are_more_than_a_block() -> None:
    plan = load_scenario("coffee").plan("4C", customers=storage.BLOCK + 70, warm_up=4, weeks=6, seed=11)
    run_both(plan, "coffee in two blocks")
