"""Common random numbers: two worlds differ by what was changed in one of them, and by nothing else.

The smallest other world has one more customer, or one lever elsewhere; every cell that should not feel it is
compared.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from sim import chance, parameters, population, schedule, week
from sim.plan import Plan
from sim.storage import BLOCK, records
from sim.world import World, build
from tests.reference.plans import FIRMS, SEGMENTS, plan_by_hand

# Deals, points, talk, failures and departures, so that every phase has something to do.
LIVELY: dict[str, Any] = {
    "levers": {
        "pricing.promotion_every": (4.0, 3.0, 0.0),
        "pricing.promotion_depth": (0.2, 0.3, 0.0),
        "programme.points_per_purchase": (2.0, 3.0, 0.0),
        "programme.reward_points": (8.0, 10.0, 10.0),
        "programme.reward_value": (4.0, 20.0, 0.0),
        "programme.expiry_weeks": (6.0, 9.0, 52.0),
    },
    "parameters": {
        "tell.praise_above": 0.5,
        "tell.praise_rate": 0.8,
        "tell.blame_below": 0.49,
        "tell.blame_rate": 0.9,
        "leave.lost_after": 1.0,
        "leave.lost_at_least": 4,
        "leave.return_rate": 0.1,
        "experience.failure_rate": 0.5,
        "experience.exit_rate": 0.3,
    },
}
CONTRACT: dict[str, Any] = LIVELY | {"contract_weeks": 5, "outside_value": -3.0}
MARKETS = {"open": LIVELY, "contract": CONTRACT}
TRAITS = (
    "segment", "need_rate", *(c.name for c in population.CUSTOMER if c.name.startswith("weight_")),
    "deal_proneness", "complaint", "forgiveness", "week_of_moving", "basket", "digital", "week_of_growing",
)  # fmt: skip
TASTES = ("taste", "access")


def lived(plan: Plan, weeks: int | None = None, **options: Any) -> World:
    """The world of a plan after some weeks, or at its end."""
    world = build(plan, **options)
    schedule.advance(world, 0, plan.warm_up + plan.weeks if weeks is None else weeks)
    return world


def copied(world: World) -> World:
    return World(*(array.copy() for array in world))


def columns(array: NDArray[Any]) -> Iterator[tuple[str, NDArray[Any]]]:
    """The columns of an array of records, or the array itself."""
    if array.dtype.names is None:
        yield "", array
    else:
        for name in array.dtype.names:
            yield f".{name}", array[name]


def differences(one: World, other: World, fields: tuple[str, ...] = World._fields) -> list[str]:
    """Names of the columns in which two worlds are not the same bit for bit."""
    return [
        field + name
        for field in fields
        for (name, a), (_, b) in zip(columns(getattr(one, field)), columns(getattr(other, field)), strict=True)
        if a.shape != b.shape or a.tobytes() != b.tobytes()
    ]


def cut(world: World, customers: int) -> World:
    """A world as its first customers know it."""
    return world._replace(
        customers=records(world.customers, customers),
        relations=records(world.relations, customers),
        heard=np.stack([records(heard, customers) for heard in world.heard]),
        offsets=world.offsets[: customers + 1],
    )


LIFE = ("customers", "relations", "heard")


# ---------------------------------------------------------------- what a lever may not touch


def test_no_lever_changes_a_trait() -> None:
    plain = build(plan_by_hand(**LIVELY))
    for name, lever in parameters.levers().items():
        base = LIVELY["levers"].get(name, lever.value)
        value = np.broadcast_to(np.array(base, float), (3,)).copy()
        value[0] = lever.high if value[0] < lever.high else lever.low
        changed = build(plan_by_hand(**(LIVELY | {"levers": LIVELY["levers"] | {name: value}})))
        touched = differences(plain, changed, (*LIFE, "offsets", "friends"))
        assert not touched, f"{name} of the first firm changes {touched} at birth."


@pytest.mark.parametrize("kind", MARKETS)
def test_traits_and_tastes_stay_as_drawn_to_the_end(kind: str) -> None:
    plan = plan_by_hand(**MARKETS[kind])
    born, old = build(plan), lived(plan)
    for name in TRAITS:
        assert (born.customers[name] == old.customers[name]).all(), f"{name} changes in the course of a life."
    for name in TASTES:
        assert (born.relations[name] == old.relations[name]).all(), f"{name} changes in the course of a life."
    moved = {"life", "contract_firm", "contract_until", *TRAITS}
    assert moved == {c.name for c in population.CUSTOMER}, "Please add the new column to TRAITS or to this list."


def test_what_a_firm_nobody_knows_decides_is_felt_by_nobody() -> None:
    unknown = (FIRMS[0], FIRMS[1], replace(FIRMS[2], awareness=0.0))
    deaf = tuple(replace(s, innovativeness=0.0) for s in SEGMENTS)
    spent = {
        "pricing.list_price": (10.0, 10.5, 1.0),
        "product.spend": (25.0, 25.0, 900.0),
        "service.agents": 2.0,
    }
    one, other = (
        lived(plan_by_hand(**(LIVELY | {"firms": unknown, "segments": deaf, "levers": LIVELY["levers"] | extra})))
        for extra in ({"service.agents": (2.0, 2.0, 1.0)}, spent)
    )
    assert one.column("purchases")[:, :2].sum() > 100, "Hardly anybody buys, so the test says nothing."
    assert other.firms["product"][2] > one.firms["product"][2], "The unknown firm has decided nothing."
    for world in (one, other):
        world.column("cost_to_reach")[:, 2] = 0.0  # charged to everybody, felt by nobody
    touched = differences(one, other, LIFE)
    assert not touched, f"Nobody knows the third firm, but what it decides changes {touched}."


# ---------------------------------------------------------------- one more customer


def history(plan: Plan, customers: int, **options: Any) -> list[World]:
    """What the first customers lived through, week by week, and the whole world at the end."""
    world, weeks = build(plan, **options), []
    for w in range(plan.warm_up + plan.weeks):
        schedule.advance(world, w, w + 1)
        weeks.append(cut(copied(world), customers))
    return [*weeks, world]


@pytest.mark.parametrize("kind", MARKETS)
def test_one_more_customer_whom_nobody_knows_changes_no_other_life(kind: str) -> None:
    ample = MARKETS[kind]["levers"] | {"service.agents": 100_000.0}  # a desk that never queues
    known = tuple(replace(firm, awareness=1.0) for firm in FIRMS)
    market = MARKETS[kind] | {"levers": ample, "visibility": 0.0, "firms": known, "seed": 12}
    plan = plan_by_hand(**market)
    without, joined = history(plan, 100), history(plan, 100, isolated=1)
    for w, (one, other) in enumerate(zip(without[:-1], joined[:-1], strict=True)):
        touched = differences(one, other, (*LIFE, "offsets", "friends"))
        assert not touched, f"In week {w} the newcomer has changed {touched} of the others."
    alone, more = without[-1], joined[-1]
    newcomer = more.relations_of(100)
    assert newcomer["purchases"].sum() > 0, "The newcomer buys nothing, so the test says nothing."
    assert more.tally["contacts"].sum() > 0, "Nobody calls the desk, so the test says nothing."
    assert more.tally["wait"].max() == 0.0, "The desk queues, and through it the newcomer is felt."
    extra = more.tally["purchases"].sum(axis=0) - alone.tally["purchases"].sum(axis=0)
    assert extra.tolist() == newcomer["purchases"].tolist(), "There is not exactly one more of everything."
    assert (more.flows.sum(axis=(2, 3)) == alone.flows.sum(axis=(2, 3)) + 1).all(), "There is not one more customer."


def test_one_more_customer_is_felt_where_the_desk_queues() -> None:
    """The test above would see a difference if there was one."""
    levers = LIVELY["levers"] | {"service.agents": 0.02}
    plan = plan_by_hand(**(LIVELY | {"levers": levers, "visibility": 0.0, "seed": 12}))
    without, joined = history(plan, 100), history(plan, 100, isolated=40)
    assert any(differences(a, b, LIFE) for a, b in zip(without[:-1], joined[:-1], strict=True)), (
        "Forty more callers at a small desk should be felt by the others."
    )


# ---------------------------------------------------------------- how a run is run


def run_logged(plan: Plan, until: int) -> World:
    world = build(plan, is_logged=True)
    for w in range(until):
        world.counts[:] = 0
        schedule.advance(world, w, w + 1)
    return world


@pytest.mark.parametrize("kind", MARKETS)
def test_keeping_a_log_moves_nothing(kind: str) -> None:
    plan = plan_by_hand(**MARKETS[kind])
    plain, logged = lived(plan), run_logged(plan, 34)
    assert logged.counts[week.SALES_LOGGED] > 0, "Nothing was logged."
    felt = tuple(f for f in World._fields if f not in ("market", "counts", "sales_log", "messages_log"))
    touched = differences(plain, logged, felt)
    assert not touched, f"Keeping a log changes {touched}."


def test_the_log_of_a_week_is_the_week() -> None:
    plan = plan_by_hand(**LIVELY)
    world = build(plan, is_logged=True)
    for w in range(34):
        world.counts[:] = 0
        schedule.advance(world, w, w + 1)
        sales = world.sales_log[: world.counts[week.SALES_LOGGED]]
        tally = world.tally[w]
        for f in range(3):
            assert (sales["firm"] == f).sum() == tally["purchases"][f], f"Sales of firm {f} are missing in week {w}."
            paid = sales["amount"][sales["firm"] == f].sum()
            assert paid == pytest.approx(tally["revenue"][f] - tally["rewards"][f]), f"Amounts differ in week {w}."
        messages = world.messages_log[: world.counts[week.MESSAGES_LOGGED]]
        told = tally["praise"].sum() + tally["blame"].sum()
        assert messages.size == told, f"{messages.size} of {told} messages are logged in week {w}."


@pytest.mark.parametrize("kind", MARKETS)
@pytest.mark.parametrize("stop", [1, 4, 17, 33])
def test_a_run_can_stop_be_copied_and_go_on_to_the_same_end(kind: str, stop: int) -> None:
    plan = plan_by_hand(**MARKETS[kind])
    through, halfway = lived(plan), lived(plan, stop)
    resumed = copied(halfway)
    schedule.advance(resumed, stop, 34)
    touched = differences(through, resumed)
    assert not touched, f"Stopping at week {stop} changes {touched}."
    assert differences(halfway, resumed), "The copy and the original share their memory."


def test_the_same_seed_gives_the_same_world_and_another_seed_another() -> None:
    plan = plan_by_hand(**LIVELY)
    assert not differences(lived(plan), lived(plan)), "The same plan is lived in two ways."
    other = differences(lived(plan), lived(replace(plan, seed=plan.seed + 1)))
    felt = {"customers.need_rate", "customers.weight_product", "relations.taste", "relations.trust", "friends"}
    assert felt <= set(other), f"Another seed leaves {felt - set(other)} as they were."
    far = lived(replace(plan, seed=plan.seed + 2**32))
    assert differences(lived(plan), far, ("relations",)), "The upper half of the seed is not used."


def advance_backwards(world: World, first: int, last: int) -> None:
    """The same `advance`, as Python, with the last block of customers first."""

    def blocks(*bounds: int) -> Any:
        return reversed(range(*bounds)) if len(bounds) == 1 else range(*bounds)

    there = schedule.advance.py_func
    types.FunctionType(there.__code__, there.__globals__ | {"range": blocks})(world, first, last)


@pytest.mark.parametrize("kind", MARKETS)
def test_the_order_of_blocks_does_not_matter(kind: str) -> None:
    plan = plan_by_hand(**(MARKETS[kind] | {"market_size": 2 * BLOCK + 50, "weeks": 6}))
    compiled, python = lived(plan), build(plan)
    advance_backwards(python, 0, plan.warm_up + plan.weeks)
    touched = differences(compiled, python, (*LIFE, "flows", "stocks"))
    assert not touched, f"The last block first changes {touched}."
    for name, column in columns(compiled.tally):
        other = python.tally[name[1:]]
        assert np.allclose(column, other, rtol=1e-12, atol=1e-9), f"The firms' {name[1:]} depends on the blocks."


# ---------------------------------------------------------------- better offers


def choices(world: World, w: int) -> dict[int, int]:
    """Whom every customer with exactly one need bought from in week w (−1: nobody)."""
    world.counts[:] = 0
    seed, is_contract = world.market["seed"][0], world.market["contract_weeks"][0] > 0
    rates = world.column("need_rate").astype(float) * world.climate["need"][w]
    needs = [chance.poisson(chance.uniform(seed, chance.NEED, w, i, 0), rate) for i, rate in enumerate(rates)]
    schedule.advance(world, w, w + 1)
    chosen = {i: -1 for i, n in enumerate(needs) if is_contract or n == 1}
    for sale in world.sales_log[: world.counts[week.SALES_LOGGED]]:
        if sale["customer"] in chosen:
            chosen[int(sale["customer"])] = int(sale["firm"])
    return chosen


def cheaper(world: World, w: int) -> None:
    world.levers[w, 0, world.columns["pricing_list_price"][0]] *= 0.8


def raised(attribute: str) -> Callable[[World, int], None]:
    def change(world: World, w: int) -> None:
        world.firms[f"base_{attribute}"][0] += 0.15

    return change


BETTER = {"a lower price": cheaper} | {f"a better {a}": raised(a) for a in ("product", "image", "place", "convenience")}


@pytest.mark.parametrize("contract_weeks", [0, 1])
@pytest.mark.parametrize("better", BETTER)
def test_a_better_offer_only_wins_customers(better: str, contract_weeks: int) -> None:
    plan = plan_by_hand(
        market_size=2000, contract_weeks=contract_weeks, outside_value=-2.0,
        levers=LIVELY["levers"] | {"service.agents": 5.0},
    )  # fmt: skip
    dull = run_logged(plan, 12)
    bright = copied(dull)
    BETTER[better](bright, 12)
    before, after = choices(dull, 12), choices(bright, 12)
    bought = {i for i, f in before.items() if f == 0}
    lost = [i for i in bought if after[i] != 0]
    won = [i for i, f in after.items() if f == 0 and i not in bought]
    elsewhere = [i for i, f in after.items() if f not in (0, before[i])]
    assert len(bought) > 50, "Hardly anybody buys from the firm, so the test says nothing."
    assert not lost, f"Customers {lost[:5]} leave the firm because of {better}."
    assert not elsewhere, f"Customers {elsewhere[:5]} go to a third firm because the first has {better}."
    assert won, f"Nobody is won by {better}."
