"""What the texts of this lesson claim, asserted on the engine. `en` and `zh` stand in the texts word for word."""

from dataclasses import replace

import numpy as np

from sim.lesson_facts import Worlds, fact

_WORLDS = 6  # for the books of single customers
_HUNTERS = 3  # the third segment of the scenario


def _revenue(worlds: Worlds, strategy: str) -> tuple[float, float]:
    """Revenue from bargain hunters, and from all others."""
    hunters = others = 0.0
    for world in range(_WORLDS):
        engine = worlds.engine(strategy, worlds.lesson.weeks(), world)
        engine.run()
        is_hunter = engine.world.segments["group"][engine.column("segment")] == _HUNTERS
        revenue = engine.column("revenue")[:, 0]
        hunters += float(np.sum(revenue[is_hunter]))
        others += float(np.sum(revenue[~is_hunter]))
    return hunters, others


def _growth(worlds: Worlds, strategy: str) -> tuple[float, float]:
    """By what share a strategy raises revenue from bargain hunters, and from all others."""
    before, after = (_revenue(worlds, name) for name in ("opening", strategy))
    return after[0] / before[0] - 1, after[1] / before[1] - 1


@fact(en="Either costs 2,400 a week more than you spend today", zh="两样都比现在每周多花 2,400 元")
def equal_spending(worlds: Worlds) -> None:
    opening = worlds.spending("opening")
    assert all(abs(worlds.spending(name) - opening - 2400) < 1 for name in ("price_ads", "longer_hours"))


@fact(en="sells for 25 and costs 16.50, so 8.50 are left", zh="卖 25 元，进货 16.50 元，剩 8.50 元")
def margin_of_a_basket(worlds: Worlds) -> None:
    assert worlds.levers("opening")["pricing.list_price"] == 25
    assert worlds.lesson.scenario.firms[0].unit_cost == 16.5


@fact(en="a fifth off leaves 3.50", zh="打八折就只剩 3.50 元")
def margin_on_offer(worlds: Worlds) -> None:
    levers = worlds.levers("price_ads")
    price = levers["pricing.list_price"] * (1 - levers["pricing.promotion_depth"])
    assert abs(price - worlds.lesson.scenario.firms[0].unit_cost - 3.5) < 1e-9
    assert levers["pricing.promotion_every"] == 2


@fact(en="about 25% more new customers", zh="新顾客多了约 25%")
def the_page_draws_newcomers(worlds: Worlds) -> None:
    found = worlds.difference("opening", "price_ads", "new_customers")
    assert 0.19 < found.difference / found.a < 0.32, found


@fact(en="revenue rises by about 1% and profit falls by about 59%", zh="收入只多了约 1%，利润却少了约 59%")
def the_page_does_not_pay(worlds: Worlds) -> None:
    found = worlds.difference("opening", "price_ads", "revenue")
    assert 0 < found.difference / found.a < 0.03, found
    found = worlds.difference("opening", "price_ads", "profit")
    assert -0.63 < found.difference / found.a < -0.55, found


@fact(
    en="The bargain hunters spend about 12% more with you, all others about 1% less",
    zh="特价猎手在你这里多花了约 12%，其他人反而少花了约 1%",
)
def the_page_draws_hunters(worlds: Worlds) -> None:
    hunters, others = _growth(worlds, "price_ads")
    assert 0.09 < hunters < 0.15, hunters
    assert -0.025 < others < 0.005, others


@fact(en="revenue rises by about 19%, and profit by about 4%", zh="收入多了约 19%，利润也多了约 4%")
def the_evening_pays(worlds: Worlds) -> None:
    found = worlds.difference("opening", "longer_hours", "revenue")
    assert 0.16 < found.difference / found.a < 0.22, found
    found = worlds.difference("opening", "longer_hours", "profit")
    assert found.low > 0, found
    assert 0.02 < found.difference / found.a < 0.07, found


@fact(en="those who are not bargain hunters spend about 20% more with you", zh="特价猎手以外的人在你这里多花了约 20%")
def the_evening_draws_the_best(worlds: Worlds) -> None:
    hunters, others = _growth(worlds, "longer_hours")
    assert 0.17 < others < 0.24, others
    assert others > hunters


@fact(en="takes about 5% of your profit", zh="会拿走你约 5% 的利润")
def the_war_costs_little(worlds: Worlds) -> None:
    lesson, scenario = worlds.lesson, worlds.lesson.scenario
    peace = replace(scenario, entry=scenario.entry.model_copy(update={"events": []}))
    before = Worlds(replace(lesson, scenario=peace)).mean("opening", "profit")
    assert -0.075 < worlds.mean("opening", "profit") / before - 1 < -0.035, before


@fact(en="gives up about 39%", zh="却要放弃约 39% 的利润")
def following_costs_much(worlds: Worlds) -> None:
    assert worlds.levers("match")["pricing.list_price"] == 22
    found = worlds.difference("opening", "match", "profit")
    assert -0.43 < found.difference / found.a < -0.35, found


@fact(
    en="A third off once in 12 weeks brings about 15% more newcomers for about 11% of the profit",
    zh="每 12 周一次六五折，新顾客多约 15%，代价约为利润的 11%",
)
def rare_and_deep(worlds: Worlds) -> None:
    levers = worlds.levers("opening") | {"pricing.promotion_depth": 0.35, "pricing.promotion_every": 12}
    found = worlds.difference("opening", levers, "new_customers")
    assert 0.10 < found.difference / found.a < 0.20, found
    found = worlds.difference("opening", levers, "profit")
    assert -0.14 < found.difference / found.a < -0.08, found
