"""The books of any market balance in every week: ledgers, stages, points, departures, profit, bounds of levels."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.random import Generator, default_rng
from numpy.typing import NDArray

from sim import parameters, population, schedule, storage
from sim.plan import ATTRIBUTES, FirmPlan, Network, Plan, Segment, Spread
from sim.policies.campaign import CAMPAIGNS
from sim.rules import stage
from sim.world import STOCKS, TALLY, World, build

LEVELS = ("awareness", "trust", "expectation", "satisfaction", "commitment", "habit", "knowledge", "access")
LEFT = ("left_on_purpose", "left_unmet", "left_value", "left_price", "left_moved")
FIXED = ("product", "place", "convenience", "training", "crm", "online", "reposition")
BONDS = ("from_satisfaction", "from_trust", "from_image", "from_community")


# ---------------------------------------------------------------- any market


def any_value(rng: Generator, entry: parameters.Parameter, typical: float) -> float:
    """A value within the range of a lever or parameter: mostly typical, now and then one of the ends."""
    kind = rng.integers(6)
    if kind == 0:
        return entry.low
    if kind == 1:
        return entry.high
    value = min(entry.high, max(entry.low, entry.value if kind == 2 else rng.uniform(entry.low, typical)))
    return float(round(value)) if entry.is_whole else float(value)


TYPICAL = {
    "pricing.list_price": 20.0, "service.agents": 0.3, "service.let_go_loss": 10.0, "service.wage": 700.0,
    "programme.points_per_purchase": 5.0, "programme.reward_points": 12.0, "programme.reward_value": 20.0,
    "programme.expiry_weeks": 8.0, "pricing.promotion_every": 6.0, "service.handling_minutes": 30.0,
    "service.agent_minutes": 2000.0, "service.longest_wait": 60.0, "leave.lost_at_least": 8.0,
    "leave.lost_after": 4.0, "service.contact_cost": 5.0, "campaign.window": 4.0, "campaign.cost_mass": 2.0,
    "campaign.cost_list": 2.0, "campaign.cost_scored": 2.0, "tiers.privilege": 2.0, "winback.within_weeks": 8.0,
    "tiers.half": 1.0, "leave.memory_half_life": 20.0,
}  # fmt: skip


def typical_of(entry: parameters.Parameter) -> float:
    return TYPICAL.get(entry.path, 100.0 if entry.path.endswith(".spend") else min(entry.high, 10.0))


def any_levers(rng: Generator, weeks: int, firms: int) -> NDArray[np.float64]:
    """Levers that change once, each firm's in a week of its own."""
    table = np.empty((weeks, firms, len(parameters.levers())))
    for number, lever in enumerate(parameters.levers().values()):
        for f in range(firms):
            week_of_change = rng.integers(weeks + 1)
            table[:week_of_change, f, number] = any_value(rng, lever, typical_of(lever))
            table[week_of_change:, f, number] = any_value(rng, lever, typical_of(lever))
    return table


def any_constants(rng: Generator, is_default: bool) -> dict[str, dict[str, float]]:
    """The parameters as they are, or every one within its range (the weights of commitment no more than a whole)."""
    values = {
        file: {n: float(e.value) if is_default else any_value(rng, e, typical_of(e)) for n, e in entries.items()}
        for file, entries in parameters.constants().items()
    }
    whole = max(1.0, sum(values["bond"][name] for name in BONDS))
    return values | {"bond": values["bond"] | {name: values["bond"][name] / whole for name in BONDS}}


def any_spread(rng: Generator, most: float = 1.0) -> Spread:
    return Spread(float(rng.uniform(0.0, most)), None if rng.random() < 0.3 else float(rng.uniform(0.5, 20.0)))


def any_segment(rng: Generator, share: float, firms: int) -> Segment:
    return Segment(
        name=f"{share:.2f}",
        customer_type="any",
        share=share,
        need_rate=float(rng.uniform(0.05, 3.0)),
        need_shape=None if rng.random() < 0.3 else float(rng.uniform(0.3, 5.0)),
        weights=tuple(rng.uniform(0.0, 3.0, 8) * rng.integers(0, 2, 8)),
        weight_spread=float(rng.choice([0.0, 0.5])),
        innovativeness=float(rng.uniform(0.0, 0.5)),
        susceptibility=float(rng.uniform(0.0, 1.0)),
        deal_proneness=any_spread(rng),
        complaint=any_spread(rng),
        forgiveness=any_spread(rng),
        moving=any_spread(rng, 0.05),
        fit=tuple(rng.uniform(0.0, 2.0, firms)),
        basket=float(rng.uniform(0.2, 5.0)),
        basket_shape=None if rng.random() < 0.3 else float(rng.uniform(0.3, 5.0)),
        growth=float(rng.choice([1.0, 0.5, 3.0])),
        growth_to=int(rng.integers(0, 9)),
        buying_centre=int(rng.integers(1, 4)),
        group=int(rng.integers(1, 3)),
    )


def any_firm(rng: Generator, number: int, standing: float) -> FirmPlan:
    return FirmPlan(
        name=str(number),
        standing=standing,
        awareness=float(rng.random()),
        unit_cost=float(rng.uniform(0.0, 12.0)),
        attributes=tuple(rng.random(len(ATTRIBUTES))),
        reseller=float(rng.random()),
        device_cost=float(rng.uniform(0.0, 20.0)),
        entry=int(rng.choice([0, 0, 0, 3])),
    )


def any_plan(luck: int, firms: int, contract_weeks: int, network: Network, *, is_default: bool) -> Plan:
    """A small market of any kind."""
    rng = default_rng([luck, firms, contract_weeks])
    warm_up, weeks = int(rng.integers(0, 6)), int(rng.integers(8, 18))
    total = warm_up + weeks
    shares = rng.dirichlet(np.ones(2)) if rng.random() < 0.7 else np.ones(1)
    standings = rng.dirichlet(np.ones(firms))
    return Plan(
        scenario="any",
        strategy="any",
        seed=luck,
        market_size=int(rng.integers(2, 70)),
        scale=float(rng.choice([0.5, 1.0, 3.0])),
        warm_up=warm_up,
        weeks=weeks,
        reference_price=10.0,
        contract_weeks=contract_weeks,
        outside_value=float(rng.uniform(-5.0, 1.0)),
        visibility=float(rng.random()),
        taste_concentration=None if rng.random() < 0.3 else float(rng.uniform(0.5, 20.0)),
        discount_rate=0.1,
        network=network,
        segments=tuple(any_segment(rng, float(share), firms) for share in shares),
        firms=tuple(any_firm(rng, f, float(s)) for f, s in enumerate(standings)),
        lever_names=tuple(parameters.levers()),
        levers=any_levers(rng, total, firms),
        need_factor=rng.choice([0.0, 0.5, 1.0, 2.0], total),
        trend=rng.choice([0.5, 1.0, 2.0], (total, 8)),
        trust_shock=rng.choice([0.0, 0.0, 0.0, 0.6, 1.0], (total, firms)),
        parameters=any_constants(rng, is_default),
    )


PLANS = st.builds(
    any_plan,
    luck=st.integers(0, 2**32 - 1),
    firms=st.integers(1, 8),
    contract_weeks=st.sampled_from([0, 0, 1, 5, 13]),
    network=st.builds(
        Network, st.sampled_from(["small_world", "scale_free"]), st.sampled_from([0, 2, 6]), st.floats(0.0, 1.0)
    ),
    is_default=st.booleans(),
)


# ---------------------------------------------------------------- what must hold at the end of any week


def near(found: Any, wanted: Any, what: str, w: int, rtol: float = 1e-9, atol: float = 1e-6) -> None:
    assert np.allclose(found, wanted, rtol=rtol, atol=atol), f"Week {w}: {what}: {found} is not {wanted}."


def check_ledgers(world: World, plan: Plan, w: int) -> None:
    since = plan.warm_up if w >= plan.warm_up else 0
    tally = world.tally[since : w + 1]
    for column in population.LEDGER:
        customers = world.column(column).sum(axis=0)
        near(customers, tally[column].sum(axis=0), f"the customers' {column} is not the firms'", w)
    for column in ("purchases", "first_purchases"):
        bought = world.column("purchases")
        customers = (bought if column == "purchases" else bought > 0).sum(axis=0)
        near(customers, world.tally[: w + 1][column].sum(axis=0), f"the customers' {column} are not the firms'", w)
    near(world.firms["buyers"], (world.column("purchases") > 0).sum(axis=0), "buyers who ever bought", w)
    near(world.firms["contacts"], world.tally[w]["contacts"], "contacts of the desk", w)


def check_profit(world: World, plan: Plan, w: int) -> None:
    def lever(path: str) -> NDArray[np.float64]:
        return plan.levers[w, :, plan.lever_names.index(path)]

    tally, points = world.tally[w], lever("programme.reward_points")
    is_here = np.array([w >= firm.entry for firm in plan.firms])
    agents = lever("service.agents") * plan.scale * plan.parameters["service"]["wage"]
    fixed = (sum(lever(f"{stock}.spend") for stock in FIXED) * plan.scale + agents) * is_here
    reach = sum(lever(f"{stock}.spend") for stock in STOCKS if stock not in FIXED) * plan.scale * is_here
    near(tally["fixed"], fixed, "fixed cost", w)
    near(tally["cost_to_reach"], reach + tally["campaign_cost"], "cost to reach", w)
    budget = sum(lever(f"{campaign}.spend") for campaign in CAMPAIGNS) * plan.scale * is_here
    assert (tally["campaign_cost"] <= budget * (1.0 + 1e-9)).all(), f"Week {w}: campaigns cost more than was given."
    worth = np.divide(lever("programme.reward_value"), points, out=np.zeros_like(points), where=points > 0.0)
    near(tally["liability"], tally["points_held"] * worth, "points liability", w)
    rise = tally["liability"] - (world.tally[w - 1]["liability"] if w else 0.0)
    costs = sum(tally[column] for column in population.LEDGER[1:]) + tally["fixed"] + rise
    near(tally["profit"], tally["revenue"] - costs, "profit", w, atol=1e-3)


def check_points(world: World, w: int) -> None:
    tally = world.tally[: w + 1]
    issued, redeemed, lapsed = (tally[f"points_{what}"].sum(axis=0) for what in ("issued", "redeemed", "lapsed"))
    held = world.column("points").sum(axis=0, dtype=float)
    near(tally["points_held"][w], held, "points held", w)
    # Points are kept in single precision, so fractions of a point may be off in the seventh digit.
    near(held + redeemed + lapsed, issued, "points issued", w, rtol=1e-5)


def stages_by_the_page(world: World, plan: Plan, w: int) -> NDArray[Any]:
    """The stages of docs/model.md, for whole columns."""
    r, p = storage.records(world.relations, world.n_customers), plan.parameters["stage"]
    state = {name: r[name].astype(float) for name in (*LEVELS, "first_purchase", "last_purchase", "purchases")}
    has_bought = r["purchases"] > 0
    if plan.contract_weeks > 0:
        is_dormant = world.column("contract_firm")[:, None] != np.arange(r.shape[1])
    else:
        rate = world.column("need_rate").astype(float)[:, None]
        with np.errstate(divide="ignore", invalid="ignore"):
            span = state["last_purchase"] - state["first_purchase"] + 1.0 / rate
            rhythm = np.where(has_bought, span / state["purchases"], 1.0)
        silence = w - np.maximum(r["last_purchase"], r["week_of_turn"])
        is_dormant = silence > p["dormant_after"] * np.maximum(1.0, rhythm)
    is_loyal = state["commitment"] >= p["loyal_at"]
    rules = (
        (r["reason"] != 0, stage.LOST),
        (~has_bought & (state["awareness"] < p["aware_at"]), stage.UNAWARE),
        (~has_bought & (state["trust"] < p["trusting_at"]), stage.AWARE),
        (~has_bought, stage.TRUSTING),
        (is_dormant, stage.DORMANT),
        (is_loyal & (state["satisfaction"] >= p["advocate_at"]), stage.ADVOCATE),
        (is_loyal, stage.LOYAL),
        (state["satisfaction"] >= p["satisfied_at"], stage.SATISFIED),
    )
    return np.select([where for where, _ in rules], [number for _, number in rules], stage.BUYER)


def check_stages(world: World, plan: Plan, w: int, before: dict[str, NDArray[Any]]) -> None:
    flows, customers = world.flows[w], world.n_customers
    stages = stages_by_the_page(world, plan, w)
    assert (world.column("stage") == stages).all(), f"Week {w}: a stage is not what the page about the model says."
    now = np.array([np.bincount(column, minlength=len(stage.STAGES)) for column in stages.T])
    assert (flows.sum(axis=(1, 2)) == customers).all(), f"Week {w}: the flows of a firm are not all customers."
    assert (flows.sum(axis=2) == before["stages"]).all(), f"Week {w}: the flows do not come from last week's stages."
    assert (flows.sum(axis=1) == now).all(), f"Week {w}: the flows do not lead to this week's stages."
    change = flows.sum(axis=1) - flows.sum(axis=2)
    assert (now - before["stages"] == change).all(), f"Week {w}: in and out do not add up to the change in stocks."
    active = stages >= stage.BUYER
    near(world.tally[w]["active"], active.sum(axis=0), "active customers", w)
    for column in ("satisfaction", "expectation", "trust"):
        total = np.where(active, world.column(column), 0.0).sum(axis=0, dtype=float)
        near(world.tally[w][column], total, f"the {column} of active customers", w)
    revenue = world.column("revenue")
    near(world.tally[w]["wallet_own"], np.where(active, revenue, 0.0).sum(axis=0), "what the active spent here", w)
    anywhere = revenue.sum(axis=1, keepdims=True)
    near(world.tally[w]["wallet_all"], np.where(active, anywhere, 0.0).sum(axis=0), "what they spent anywhere", w)
    before["stages"] = now


def check_leavers(world: World, w: int, before: dict[str, NDArray[Any]]) -> None:
    relations, tally = storage.records(world.relations, world.n_customers), world.tally[w]
    lost = ((relations["reason"] != 0) & (relations["purchases"] > 0)).sum(axis=0)
    left = sum(tally[column] for column in LEFT)
    near(lost - before["lost"], left - tally["returned"], "leavers less returners are not the rise of the lost", w)
    assert (world.column("week_of_moving")[(relations["reason"] == 5).any(axis=1)] <= w).all(), (
        f"Week {w}: somebody has moved away before their time."
    )
    before["lost"] = lost


def check_bounds(world: World, plan: Plan, w: int) -> None:
    for field in ("customers", "relations", "firms", "tally"):
        array = getattr(world, field)
        for name in array.dtype.names:
            assert np.isfinite(array[name]).all(), f"Week {w}: {field}.{name} is not a number."
    for name, values in [*((n, world.column(n)) for n in LEVELS), ("stocks", world.stocks)]:
        assert 0.0 <= values.min() <= values.max() <= 1.0, (
            f"Week {w}: {name} leaves [0, 1]: {values.min()}, {values.max()}."
        )
    surprise = world.column("surprise")
    assert ((np.abs(surprise) <= 1.0) | (surprise == population.NO_SURPRISE)).all(), f"Week {w}: a surprise beyond 1."
    for name in (*population.LEDGER, "points", "purchases"):
        assert (world.column(name) >= 0).all(), f"Week {w}: somebody's {name} is negative."
    for name in TALLY:
        assert name == "profit" or (world.tally[w][name] >= 0.0).all(), f"Week {w}: a firm's {name} is negative."
    assert (world.tally[w]["wait"] <= plan.parameters["service"]["longest_wait"]).all(), f"Week {w}: a wait too long."
    holders = world.column("contract_firm")
    assert ((holders >= -1) & (holders < len(plan.firms))).all(), f"Week {w}: a contract with nobody."
    whole = (
        ("complaints", "recovered"),
        ("failures", "complaints"),
        ("purchases", "failures"),
        ("purchases", "deal_purchases"),
    )
    for more, fewer in whole:
        assert (world.tally[w][more] >= world.tally[w][fewer]).all(), f"Week {w}: more {fewer} than {more}."
    talkers = world.tally[w]["promoters"] + world.tally[w]["detractors"]
    assert (talkers <= world.tally[w]["active"]).all(), f"Week {w}: more promoters and detractors than customers."


def live_and_check(plan: Plan) -> World:
    """Live a plan to its end and look into the books every week."""
    world = build(plan)
    opening = [np.bincount(column, minlength=len(stage.STAGES)) for column in world.column("stage").T]
    before = {"stages": np.array(opening), "lost": np.zeros(len(plan.firms))}
    for w in range(plan.warm_up + plan.weeks):
        schedule.advance(world, w, w + 1)
        check_ledgers(world, plan, w)
        check_profit(world, plan, w)
        check_points(world, w)
        check_stages(world, plan, w, before)
        check_leavers(world, w, before)
        check_bounds(world, plan, w)
    return world


@settings(deadline=None, max_examples=150, derandomize=True)
@given(plan=PLANS)
def test_the_books_of_any_market_balance_every_week(plan: Plan) -> None:
    live_and_check(plan)


def test_the_markets_that_are_checked_have_some_of_everything() -> None:
    seen: Counter[str] = Counter()
    for luck in range(120):
        network = Network("scale_free" if luck % 2 else "small_world", 4, 0.2)
        plan = any_plan(luck, 1 + luck % 8, (0, 0, 5)[luck % 3], network, is_default=luck % 4 == 0)
        world = live_and_check(plan)
        seen.update({name: float(np.abs(world.tally[name]).sum()) for name in TALLY})
        seen.update({f"stage {stage.STAGES[s]}": int(n) for s, n in enumerate(world.flows.sum(axis=(0, 1, 2)))})
    never = [name for name, amount in seen.items() if not amount]
    assert not never, f"No market ever has any {never}, so the books were never put to the test."
