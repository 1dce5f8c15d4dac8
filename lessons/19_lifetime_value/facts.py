"""What the texts of this lesson claim, asserted on the engine. `en` and `zh` stand in the texts word for word."""

import functools

import numpy as np
from numpy.typing import NDArray

from sim import outcomes
from sim.engine import Engine
from sim.lesson_facts import Worlds, fact

HALF_YEAR = 26
STUDENTS = 3


def earned(engine: Engine) -> NDArray[np.float64]:
    """What each customer has brought the first firm so far, less what they cost it."""
    r = engine.relations[:, 0]
    return r["revenue"] - r["cost_of_goods"] - r["cost_to_serve"] - r["rewards"]


@functools.cache
def lives(worlds: Worlds) -> dict[str, float]:
    """Customers who were active after half a year of the cheap printer, and two years later; of six worlds."""
    found = []
    for world in range(6):
        engine = worlds.engine("cheap", worlds.lesson.weeks(), world)
        engine.advance(engine.plan.warm_up + HALF_YEAR)
        before, r = earned(engine), engine.relations[:, 0]
        active = (r["purchases"] > 0) & (r["reason"] == 0)
        is_new = active & (r["first_purchase"] >= engine.plan.warm_up)
        group = np.array([s.group for s in engine.plan.segments])[engine.column("segment")]
        students = is_new & (group == STUDENTS)
        red = active & (before < 0)
        formula = outcomes.weekly(engine)["lifetime_value"][-1, 0]
        engine.advance(worlds.lesson.weeks())
        after = earned(engine)
        found.append(
            {
                "formula": formula,
                "brought": (after - before)[active].mean(),
                "red": red.sum() / active.sum(),
                "red_brought": (after - before)[red].mean(),
                "still_red": (after[red] < 0).mean(),
                "students_before": before[students].mean(),
                "students_after": after[students].mean(),
            }
        )
    return {name: float(np.mean([one[name] for one in found])) for name in found[0]}


@fact(en="costs 60 to make and is sold for 39", zh="成本 60 元，卖 39 元")
def below_cost(worlds: Worlds) -> None:
    scenario = worlds.lesson.scenario
    assert scenario.firms[0].device_cost == 60
    assert worlds.levers("cheap")["pricing.device_price"] == worlds.levers("prune")["pricing.device_price"] == 39


@fact(en="Whoever is more than 15 in the red", zh="谁的亏损超过 15 元")
def the_rule(worlds: Worlds) -> None:
    assert worlds.levers("prune")["service.let_go_loss"] == 15
    assert worlds.levers("cheap")["service.let_go_loss"] == 0


@fact(en="At 39 we are neither fish nor fowl. Make it 15.", zh="39 元不上不下。干脆卖 15 元")
def nearly_free(worlds: Worlds) -> None:
    assert worlds.levers("nearly_free")["pricing.device_price"] == 15
    assert worlds.levers("cheap")["pricing.device_price"] == 39


@fact(en="A cartridge is sold for 18 and costs 9", zh="一个墨盒卖 18 元，成本 9 元")
def ink(worlds: Worlds) -> None:
    assert worlds.lesson.scenario.firms[0].unit_cost == 9
    assert worlds.levers("cheap")["pricing.list_price"] == 18


@fact(en="about 30 in every hundred active customers", zh="每一百位活跃顾客里大约有 30 位")
def in_the_red(worlds: Worlds) -> None:
    assert 0.26 < lives(worlds)["red"] < 0.36, lives(worlds)


@fact(en="they bring about 210 each", zh="平均每人带来约 210 元")
def the_red_pay(worlds: Worlds) -> None:
    assert 180 < lives(worlds)["red_brought"] < 245, lives(worlds)


@fact(en="nine in ten of them stand in the black", zh="其中十有八九已经转亏为盈")
def the_red_turn_black(worlds: Worlds) -> None:
    assert 0.05 < lives(worlds)["still_red"] < 0.16, lives(worlds)


@fact(en="the profit is about 26% lower", zh="利润低了约 26%")
def prune_costs(worlds: Worlds) -> None:
    found = worlds.difference("cheap", "prune", "profit")
    assert -0.32 < found.difference / found.a < -0.2, found


@fact(
    en="the lifetime value of an active customer, by the formula, is about 13% higher",
    zh="按公式算的每位活跃顾客终身价值却高出约 13%",
)
def prune_flatters(worlds: Worlds) -> None:
    found = worlds.difference("cheap", "prune", "lifetime_value")
    assert 0.06 < found.difference / found.a < 0.2, found


@fact(en="about 30% fewer active customers", zh="活跃顾客少了约 30%")
def prune_empties(worlds: Worlds) -> None:
    found = worlds.difference("cheap", "prune", "active_customers")
    assert -0.35 < found.difference / found.a < -0.25, found


@fact(en="all of them together are worth about 21% less", zh="全部顾客的总价值低了约 21%")
def prune_costs_equity(worlds: Worlds) -> None:
    found = worlds.difference("cheap", "prune", "customer_equity")
    assert -0.29 < found.difference / found.a < -0.13, found


@fact(
    en="about 20 of every hundred purchases bring one of them along, at the end about 35",
    zh="每一百次购买约有 20 次顺带其中一样，到期末约有 35 次",
)
def width(worlds: Worlds) -> None:
    assert 0.17 < worlds.mean("cheap", "further_sales", HALF_YEAR) < 0.23
    assert 0.32 < worlds.mean("cheap", "further_sales") < 0.38


@fact(
    en="In the first 26 weeks the printer for 15 earns a little less than the one for 39",
    zh="头 26 周里，卖 15 元的打印机比卖 39 元的赚得略少",
)
def not_at_once(worlds: Worlds) -> None:
    found = worlds.difference("cheap", "nearly_free", "profit", HALF_YEAR)
    assert -0.2 < found.difference / found.a < 0.0, found


@fact(en="over two and a half years it earns about 65% more", zh="两年半下来却多赚约 65%")
def but_in_time(worlds: Worlds) -> None:
    found = worlds.difference("cheap", "nearly_free", "profit")
    assert 0.55 < found.difference / found.a < 0.76, found


@fact(en="worth about 32% less", zh="每位顾客的终身价值低了约 32%")
def each_is_worth_less(worlds: Worlds) -> None:
    found = worlds.difference("cheap", "nearly_free", "lifetime_value")
    assert -0.39 < found.difference / found.a < -0.25, found
    assert worlds.difference("cheap", "nearly_free", "customer_equity").low > 0


@fact(en="the formula says that an active customer is worth about 300", zh="公式说，每位活跃顾客大约值 300 元")
def formula(worlds: Worlds) -> None:
    assert 265 < worlds.mean("cheap", "lifetime_value", HALF_YEAR) < 350


@fact(en="they bring about 470", zh="每人带来约 470 元")
def truth(worlds: Worlds) -> None:
    assert 435 < lives(worlds)["brought"] < 505, lives(worlds)


@fact(
    en="has brought next to nothing after half a year, and about 380 after two and a half years",
    zh="半年后几乎没带来什么，两年半后带来约 380 元",
)
def students_grow(worlds: Worlds) -> None:
    assert -6 < lives(worlds)["students_before"] < 5, lives(worlds)
    assert 330 < lives(worlds)["students_after"] < 430, lives(worlds)
