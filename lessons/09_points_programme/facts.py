"""What the texts of this lesson claim, asserted on the engine. `en` and `zh` stand in the texts word for word."""

import functools

import numpy as np

from sim.lesson_facts import Worlds, fact
from sim.measure_records import share
from sim.measure_standing import programme_report

FEW = 5  # worlds whose books are opened


@functools.cache
def books(worlds: Worlds, strategy: str) -> dict[str, float]:
    """What the till and the cards say at the end of two years, on the average of a few worlds."""
    found = []
    for world in range(FEW):
        engine = worlds.engine(strategy, 104, world)
        engine.run()
        tally, buyers = engine.tally[:, 0], engine.relations[:, 0]
        buyers = buyers[buyers["revenue"] > 0]
        most = np.argsort(-buyers["revenue"], kind="stable")[: round(0.2 * len(buyers))]
        found.append(
            {
                "margin": tally["revenue"].sum() - tally["cost_of_goods"].sum(),
                "rewards": tally["rewards"].sum(),
                "to_best": share(buyers["rewards"][most].sum(), buyers["rewards"].sum()),
                "redemption": float(programme_report(engine)["redemption"].iloc[0]),
            }
        )
    return {name: float(np.mean([one[name] for one in found])) for name in found[0]}


def relative(worlds: Worlds, a: str, b: str, outcome: str) -> float:
    """How much more of an outcome B brings than A, as a share of A's."""
    found = worlds.difference(a, b, outcome)
    return found.difference / abs(found.a)


@fact(en="sells about 12% more", zh="卖出的多了约 12%")
def sells_more(worlds: Worlds) -> None:
    assert 0.09 < relative(worlds, "opening", "stamp_card", "revenue") < 0.15


@fact(en="earns about 11% less", zh="利润却少了约 11%")
def earns_less(worlds: Worlds) -> None:
    assert -0.14 < relative(worlds, "opening", "stamp_card", "profit") < -0.08


@fact(
    en="the additional cups leave about 15,000 after coffee and milk; the free ones take about 25,000 off the till",
    zh="多卖的扣除咖啡和牛奶后，留下约 15,000 元；免费的那些，从收银台上抵掉约 25,000 元",
)
def extra_margin(worlds: Worlds) -> None:
    extra = books(worlds, "stamp_card")["margin"] - books(worlds, "opening")["margin"]
    assert 13_000 < extra < 17_500, extra
    assert 22_500 < books(worlds, "stamp_card")["rewards"] < 27_000, books(worlds, "stamp_card")


@fact(en="about 58% of the free cups go to the fifth who buy most", zh="约 58% 的免费杯给了买得最多的五分之一")
def to_the_best(worlds: Worlds) -> None:
    assert 0.54 < books(worlds, "stamp_card")["to_best"] < 0.62, books(worlds, "stamp_card")


@fact(en="about 96% of all stamps are redeemed", zh="约 96% 的印花最后都兑换了")
def redeemed(worlds: Worlds) -> None:
    assert 0.93 < books(worlds, "stamp_card")["redemption"] < 0.98, books(worlds, "stamp_card")


@fact(en="still owes about 820", zh="还欠着顾客约 820 元")
def owed(worlds: Worlds) -> None:
    found = worlds.mean("stamp_card", "points_liability")
    assert 740 < found < 900, found


@fact(en="about 25% less is owed", zh="欠的少了约 25%")
def expiry_owes_less(worlds: Worlds) -> None:
    assert -0.31 < relative(worlds, "stamp_card", "soon_void", "points_liability") < -0.19


@fact(en="about 2% more customers are lost", zh="流失的顾客多了约 2%")
def expiry_loses(worlds: Worlds) -> None:
    assert 0.005 < relative(worlds, "stamp_card", "soon_void", "lost_customers") < 0.045


@fact(en="the profit moves by less than 1%", zh="利润的变化不到 1%")
def expiry_earns_nothing(worlds: Worlds) -> None:
    assert abs(relative(worlds, "stamp_card", "soon_void", "profit")) < 0.01


@fact(en="the long card earns about 8% more than no card at all", zh="长卡比没有卡时多赚约 8%")
def lean_pays(worlds: Worlds) -> None:
    assert 0.05 < relative(worlds, "opening", "lean_card", "profit") < 0.11


@fact(en="owes less than half as much", zh="欠的还不到一半")
def lean_owes(worlds: Worlds) -> None:
    assert worlds.mean("lean_card", "points_liability") < 0.52 * worlds.mean("stamp_card", "points_liability")


@fact(en="A reward for friends alone earns about 4% more", zh="只奖励带朋友来的人，多赚约 4%")
def friends(worlds: Worlds) -> None:
    assert 0.02 < relative(worlds, "opening", "friends_only", "profit") < 0.06


@fact(en="adds another 17%", zh="又多赚约 17%")
def recognised_pays(worlds: Worlds) -> None:
    assert 0.13 < relative(worlds, "lean_card", "recognised", "profit") < 0.22


@fact(en="from nothing to about 70% of what there is to know", zh="从一无所知到约 70%")
def recognised_known(worlds: Worlds) -> None:
    assert worlds.mean("lean_card", "known_share") == 0
    assert 0.65 < worlds.mean("recognised", "known_share") < 0.75


@fact(en="cost about 2% of the profit", zh="让利润少了约 2%")
def evenings_cost(worlds: Worlds) -> None:
    assert -0.045 < relative(worlds, "lean_card", "evenings", "profit") < -0.005
