"""What the texts of this lesson claim, asserted on the engine. `en` and `zh` stand in the texts word for word."""

import functools

import numpy as np

from sim.lesson_facts import Worlds, fact
from sim.measure import earned
from sim.measure_value import value_by
from sim.survey import attribute_importance

FEW = 6  # worlds in which single customers are looked at


@functools.cache
def survey(worlds: Worlds) -> dict[tuple[str, str], tuple[float, float]]:
    """The six sides of experience: (group, side) → importance and how far its interval reaches to either side."""
    tables = []
    for world in range(FEW):
        engine = worlds.engine("opening", 104, world)
        engine.run()
        tables.append(attribute_importance(engine))
    return {
        row: (
            float(np.mean([table.loc[row, "importance"] for table in tables])),
            float(np.mean([(table.loc[row, "high"] - table.loc[row, "low"]) / 2 for table in tables])),
        )
        for row in tables[0].index
    }


@functools.cache
def bought(worlds: Worlds, strategy: str) -> tuple[float, float]:
    """How much more a strategy has the best fifth buy, and all others: those who are best if one goes on as before."""
    before, after = np.zeros(2), np.zeros(2)
    for world in range(FEW):
        markets = [worlds.engine(name, 104, world) for name in ("opening", strategy)]
        for engine in markets:
            engine.run()
        books = [engine.relations[:, 0] for engine in markets]
        buyers = np.flatnonzero(books[0]["revenue"] > 0)
        order = buyers[np.argsort(-earned(books[0][buyers]), kind="stable")]
        best = np.zeros(len(books[0]), bool)
        best[order[: round(0.2 * len(order))]] = True
        for sums, book in zip((before, after), books, strict=True):
            sums += [book["purchases"][best].sum(), book["purchases"][~best].sum()]
    return tuple(float(x) for x in after / before - 1)


def relative(worlds: Worlds, a: str, b: str, outcome: str) -> float:
    """How much more of an outcome B brings than A, as a share of A's."""
    found = worlds.difference(a, b, outcome)
    return found.difference / abs(found.a)


@fact(en="about 8% more active customers", zh="活跃顾客多了约 8%")
def cheaper_fills(worlds: Worlds) -> None:
    assert 0.055 < relative(worlds, "opening", "cheaper", "active_customers") < 0.1


@fact(en="about 33% less profit", zh="利润少了约 33%")
def cheaper_costs(worlds: Worlds) -> None:
    assert -0.39 < relative(worlds, "opening", "cheaper", "profit") < -0.27


@fact(
    en="the best fifth bought about 3% more often, all the others about 13% more often",
    zh="最好的五分之一多买了约 3%，其余所有人多买了约 13%",
)
def cheaper_by_group(worlds: Worlds) -> None:
    best, others = bought(worlds, "cheaper")
    assert 0.01 < best < 0.05, best
    assert 0.1 < others < 0.16, others


@fact(en="bring about 89% of the contribution", zh="带来约 89% 的贡献")
def best_fifth(worlds: Worlds) -> None:
    found = worlds.mean("opening", "top20_profit_share")
    assert 0.86 < found < 0.91, found


@fact(
    en="about 35% of the buyers are business travellers, and these bring about 89%",
    zh="约 35% 的购票人是商务旅客，而他们带来约 89%",
)
def business(worlds: Worlds) -> None:
    tables = []
    for world in range(FEW):
        engine = worlds.engine("opening", 104, world)
        engine.run()
        tables.append(value_by(engine, "segment"))
    buyers = [table.at["business", "buyers"] / table["buyers"].sum() for table in tables]
    assert 0.31 < np.mean(buyers) < 0.39, np.mean(buyers)
    brought = float(np.mean([table.at["business", "profit_share"] for table in tables]))
    assert 0.85 < brought < 0.92, brought


@fact(en="was about 1,150 and falls to about 850 with the cheaper ticket", zh="原来约 1,150 元，降价后跌到约 850 元")
def lifetime(worlds: Worlds) -> None:
    found = [worlds.mean(name, "lifetime_value") for name in ("opening", "cheaper")]
    assert 1050 < found[0] < 1250, found
    assert 780 < found[1] < 930, found


@fact(en="to about 3 points on either side", zh="上下各约 3 个百分点")
def width(worlds: Worlds) -> None:
    assert all(0.025 < half < 0.036 for _, half in survey(worlds).values()), survey(worlds)


@fact(en="about 9% more customers and about 16% more profit", zh="顾客多了约 9%，利润多了约 16%")
def reach_wins(worlds: Worlds) -> None:
    assert 0.065 < relative(worlds, "opening", "reach", "active_customers") < 0.115
    assert 0.12 < relative(worlds, "opening", "reach", "profit") < 0.2


@fact(en="lifetime value is about 35% higher, the profit about 41%", zh="终身价值高出约 35%，利润高出约 41%")
def worth_more(worlds: Worlds) -> None:
    assert 0.25 < relative(worlds, "opening", "worth", "lifetime_value") < 0.45
    assert 0.34 < relative(worlds, "opening", "worth", "profit") < 0.48


@fact(en="about 11% fewer customers", zh="顾客少了约 11%")
def worth_fewer(worlds: Worlds) -> None:
    assert -0.14 < relative(worlds, "opening", "worth", "active_customers") < -0.08


@fact(
    en="the best fifth bought about 4% less often, all the others about 14% less often",
    zh="最好的五分之一少买了约 4%，其余所有人少买了约 14%",
)
def worth_by_group(worlds: Worlds) -> None:
    best, others = bought(worlds, "worth")
    assert -0.065 < best < -0.02, best
    assert -0.17 < others < -0.11, others


@fact(en="| product performance | 18% | 17% |", zh="| 产品表现 | 18% | 17% |")
def side_product_performance(worlds: Worlds) -> None:
    assert abs(survey(worlds)["best", "product_performance"][0] - 0.18) < 0.02, survey(worlds)
    assert abs(survey(worlds)["others", "product_performance"][0] - 0.17) < 0.02, survey(worlds)


@fact(en="| price | 33% | 39% |", zh="| 价格 | 33% | 39% |")
def side_price(worlds: Worlds) -> None:
    assert abs(survey(worlds)["best", "price"][0] - 0.33) < 0.02, survey(worlds)
    assert abs(survey(worlds)["others", "price"][0] - 0.39) < 0.02, survey(worlds)


@fact(en="| information | 14% | 18% |", zh="| 信息 | 14% | 18% |")
def side_information(worlds: Worlds) -> None:
    assert abs(survey(worlds)["best", "information"][0] - 0.14) < 0.02, survey(worlds)
    assert abs(survey(worlds)["others", "information"][0] - 0.18) < 0.02, survey(worlds)


@fact(en="| privileges | 16% | 11% |", zh="| 礼遇 | 16% | 11% |")
def side_privileges(worlds: Worlds) -> None:
    assert abs(survey(worlds)["best", "privileges"][0] - 0.16) < 0.02, survey(worlds)
    assert abs(survey(worlds)["others", "privileges"][0] - 0.11) < 0.02, survey(worlds)


@fact(en="| surprise and delight | 8% | 8% |", zh="| 惊喜 | 8% | 8% |")
def side_surprise_and_delight(worlds: Worlds) -> None:
    assert abs(survey(worlds)["best", "surprise_and_delight"][0] - 0.08) < 0.02, survey(worlds)
    assert abs(survey(worlds)["others", "surprise_and_delight"][0] - 0.08) < 0.02, survey(worlds)


@fact(en="| convenience | 11% | 8% |", zh="| 便利 | 11% | 8% |")
def side_convenience(worlds: Worlds) -> None:
    assert abs(survey(worlds)["best", "convenience"][0] - 0.11) < 0.02, survey(worlds)
    assert abs(survey(worlds)["others", "convenience"][0] - 0.08) < 0.02, survey(worlds)
