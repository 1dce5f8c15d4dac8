"""What the texts of this lesson claim, asserted on the engine. `en` and `zh` stand in the texts word for word."""

import dataclasses
import functools

import numpy as np
from numpy.typing import NDArray

from sim import outcomes
from sim.delivered import delivered, together
from sim.engine import Engine
from sim.lesson_facts import Worlds, fact

SCHOOLS = ("production", "product", "selling", "marketing", "customer")
REACHES, WORTH_IT, TRUSTS, LIKES = 1, 2, 3, 4  # gates of the funnel
FEW, HALF_A_YEAR = 4, 26


@functools.cache
def gates(worlds: Worlds, strategy: str) -> NDArray[np.float64]:
    """How many people have passed each gate of the funnel at the end, over a few worlds."""
    found = np.zeros(6)
    for world in range(FEW):
        engine = worlds.engine(strategy, worlds.lesson.weeks(), world)
        engine.run()
        found += together(delivered(engine)).gates[0, 0] / FEW
    return found


def storm(worlds: Worlds, strategy: str) -> float:
    """Share of the two years' profit that the dated events take, against the same worlds without them."""
    scenario = worlds.lesson.scenario
    calm = dataclasses.replace(scenario, entry=scenario.entry.model_copy(update={"events": []}))
    levers, size = worlds.levers(strategy), worlds.lesson.entry.customers
    fair = []
    for world in range(FEW):
        engine = Engine(calm.plan(levers, customers=size, seed=worlds.seed + world))
        engine.run()
        fair.append(outcomes.over_horizon(engine)["profit"][0])
    return 1 - worlds.mean(strategy, "profit", n=FEW) / float(np.mean(fair))


def leader(worlds: Worlds, outcome: str) -> str:
    """The school that is first by an outcome."""
    return max(SCHOOLS, key=lambda name: worlds.mean(name, outcome))


@fact(en="You may spend 2,500 a week, and spend 2,125", zh="你每周可以花 2,500 元，现在花 2,125 元")
def budget(worlds: Worlds) -> None:
    assert worlds.lesson.scenario.market.budget == 2500
    assert abs(worlds.spending("opening") - 2125) < 1
    assert all(2100 < worlds.spending(name) < 2400 for name in SCHOOLS)


@fact(en="about 17% more revenue and about 18% less profit", zh="收入多约 17%，利润少约 18%")
def production_sells(worlds: Worlds) -> None:
    revenue = worlds.difference("opening", "production", "revenue")
    profit = worlds.difference("opening", "production", "profit")
    assert 0.13 < revenue.difference / revenue.a < 0.21, revenue
    assert -0.26 < profit.difference / profit.a < -0.10, profit


@fact(
    en="by customers output leads, by satisfaction the customer school, by profit marketing",
    zh="问顾客人数，生产观念第一；问满意度，顾客观念第一；问利润，营销观念第一",
)
def each_by_its_yardstick(worlds: Worlds) -> None:
    assert leader(worlds, "active_customers") == "production"
    assert leader(worlds, "satisfaction") == "customer"
    assert leader(worlds, "profit") == "marketing"


@fact(
    en="about 23% more new customers in the first half-year, and about 74% fewer active ones after two years",
    zh="头半年新顾客多约 23%，两年之后活跃顾客少约 74%",
)
def selling_burns_out(worlds: Worlds) -> None:
    new = worlds.difference("opening", "selling", "new_customers", weeks=HALF_A_YEAR)
    active = worlds.difference("opening", "selling", "active_customers")
    assert 0.17 < new.difference / new.a < 0.30, new
    assert -0.80 < active.difference / active.a < -0.68, active


@fact(en="about 37% fewer customers", zh="顾客少了约 37%")
def product_is_not_found(worlds: Worlds) -> None:
    active = worlds.difference("opening", "product", "active_customers")
    satisfied = worlds.difference("opening", "product", "satisfaction")
    assert -0.43 < active.difference / active.a < -0.31, active
    assert satisfied.low > 0, satisfied


@fact(en="about 49% more people through the first gate", zh="第一道门多放进约 49% 的人")
def wide_at_the_top(worlds: Worlds) -> None:
    found = gates(worlds, "production") / gates(worlds, "customer")
    assert 1.42 < found[REACHES] < 1.56, found


@fact(en="at the fourth it is still about 43% ahead", zh="到第四道门仍然领先约 43%")
def still_ahead_at_the_fourth(worlds: Worlds) -> None:
    found = gates(worlds, "production") / gates(worlds, "customer")
    assert 1.35 < found[LIKES] < 1.51, found


@fact(
    en="of a hundred to whom its bread is worth the price only about 32 trust it; with you it is about 75",
    zh="每一百个觉得面包值这个价的人里，只有约 32 个信得过它，而信得过你的约有 75 个",
)
def where_selling_loses_them(worlds: Worlds) -> None:
    selling, own = gates(worlds, "selling"), gates(worlds, "opening")
    assert 0.27 < selling[TRUSTS] / selling[WORTH_IT] < 0.37, selling
    assert 0.70 < own[TRUSTS] / own[WORTH_IT] < 0.80, own


@fact(
    en="takes about 23% of the profit if you go on as before, about 22% from the marketing school",
    zh="如果一切照旧，利润被吃掉约 23%，营销观念被吃掉约 22%",
)
def the_storm_is_fair(worlds: Worlds) -> None:
    assert 0.18 < storm(worlds, "opening") < 0.28, storm(worlds, "opening")
    assert 0.17 < storm(worlds, "marketing") < 0.27, storm(worlds, "marketing")


@fact(en="about 53% from the school of the product", zh="产品观念被吃掉约 53%")
def thin_margins_break(worlds: Worlds) -> None:
    assert 0.43 < storm(worlds, "product") < 0.63, storm(worlds, "product")
