"""What the texts of this lesson claim, asserted on the engine. `en` and `zh` stand in the texts word for word."""

import functools

import numpy as np

from sim.lesson_facts import Worlds, fact
from sim.measure import kinds_and_phases
from sim.rules.loyalty import KINDS
from sim.rules.stage import BUYER
from sim.survey import loyalty_index

FEW = 10  # worlds in which single customers are looked at
STORM, HALF_A_YEAR = 65, 26  # weeks
# What is done from the storm on instead of what the scenario says: firm and levers. Without anything it is the storm.
CALM = {(1, "pricing.promotion_depth"): 0.0}
NO_MORE_DEALS = CALM | {(0, "pricing.promotion_depth"): 0.0}
DESERTED_DESK = CALM | {(0, "service.agents"): 0.2, (0, "service.recovery"): 0.0}
CASES = {"calm": CALM, "storm": {}, "no more deals": NO_MORE_DEALS, "deserted desk": DESERTED_DESK}


@functools.cache
def bought(worlds: Worlds) -> dict[str, dict[str, int]]:
    """Purchases of half a year by those who were of a kind when it began: case → kind → number, all worlds together."""
    found = {case: dict.fromkeys(KINDS, 0) for case in [*CASES, "customers"]}
    for world in range(FEW):
        for case, changes in CASES.items():
            engine = worlds.engine("mixed", STORM + HALF_A_YEAR, world)
            begin = engine.plan.warm_up + STORM
            for (firm, lever), value in changes.items():
                engine.world.levers[begin:, firm, engine.plan.lever_names.index(lever)] = value
            engine.advance(begin)
            relations = engine.relations[:, 0]
            kind, active = kinds_and_phases(engine, 0)[0], relations["stage"] >= BUYER
            before = relations["purchases"].astype(int).copy()
            engine.run()
            more = engine.column("purchases")[:, 0].astype(int) - before
            for number, name in enumerate(KINDS):
                found[case][name] += int(more[active & (kind == number)].sum())
                found["customers"][name] += int((active & (kind == number)).sum()) if case == "calm" else 0
    return found


def loss(worlds: Worlds, case: str, *kinds: str) -> float:
    """How much less those of some kinds buy than in calm weather, as a share."""
    found = bought(worlds)
    return 1 - sum(found[case][kind] for kind in kinds) / sum(found["calm"][kind] for kind in kinds)


@functools.cache
def index(worlds: Worlds, strategy: str, asked: int = 200) -> dict[str, float]:
    """The loyalty index, its parts and the width of its interval, on the average of a few worlds."""
    tables = []
    for world in range(FEW):
        engine = worlds.engine(strategy, 91, world)
        engine.run()
        table = loyalty_index(engine, asked=asked)
        told = table["mean"].to_dict()
        tables.append(told | {"half": float(table.at["index", "high"] - table.at["index", "low"]) / 2})
    return {name: float(np.mean([told[name] for told in tables])) for name in tables[0]}


def relative(worlds: Worlds, a: str, b: str, outcome: str) -> float:
    """How much more of an outcome B brings than A, as a share of A's."""
    found = worlds.difference(a, b, outcome)
    return found.difference / abs(found.a)


@fact(en="about 10% more active customers", zh="活跃顾客多了约 10%")
def heads(worlds: Worlds) -> None:
    assert 0.07 < relative(worlds, "opening", "deals", "active_customers") < 0.13


@fact(en="worth about 27% less", zh="价值却少了约 27%")
def worth(worlds: Worlds) -> None:
    assert -0.36 < relative(worlds, "opening", "deals", "customer_equity") < -0.18


@fact(en="the net promoter score falls from about 8 to about 3", zh="净推荐值从约 8 分降到约 3 分")
def told(worlds: Worlds) -> None:
    found = [worlds.mean(name, "net_promoter_score") for name in ("opening", "deals")]
    assert 6.5 < found[0] < 9.5, found
    assert 1.5 < found[1] < 4, found


@fact(
    en="those who come for deals buy about 13% less, the loyal of the other three kinds about 6% less",
    zh="冲着折扣来的人少买约 13%，其他三种忠诚的人少买约 6%",
)
def storm_by_kind(worlds: Worlds) -> None:
    assert 0.1 < loss(worlds, "storm", "impulse") < 0.16, loss(worlds, "storm", "impulse")
    others = loss(worlds, "storm", *KINDS[2:])
    assert 0.045 < others < 0.08, others


@fact(
    en="When your own deals stop they buy about 13% less, the others about 3% less",
    zh="你自己的折扣一停，他们少买约 13%，其他人少买约 3%",
)
def no_more_deals(worlds: Worlds) -> None:
    assert 0.1 < loss(worlds, "no more deals", "impulse") < 0.16, loss(worlds, "no more deals", "impulse")
    assert 0.02 < loss(worlds, "no more deals", *KINDS[2:]) < 0.05, loss(worlds, "no more deals", *KINDS[2:])


@fact(
    en="the bargain hunters buy about 16% less, those who like the shop and those who know it about 8% less, "
    "those who come from habit about 5% less",
    zh="冲着折扣来的少买约 16%，喜欢这家店的和了解这家店的少买约 8%，出于习惯而来的少买约 5%",
)
def deserted(worlds: Worlds) -> None:
    assert 0.13 < loss(worlds, "deserted desk", "impulse") < 0.2, loss(worlds, "deserted desk", "impulse")
    assert 0.06 < loss(worlds, "deserted desk", "affective", "cognitive") < 0.095
    assert 0.035 < loss(worlds, "deserted desk", "behavioural") < 0.065, loss(worlds, "deserted desk", "behavioural")


@fact(en="about 70 in the shop as it is and about 71 with the deals", zh="原样的店约为 70，打折的店约为 71")
def index_alike(worlds: Worlds) -> None:
    assert 68.5 < index(worlds, "opening")["index"] < 71, index(worlds, "opening")
    assert 69.5 < index(worlds, "deals")["index"] < 72, index(worlds, "deals")
    assert index(worlds, "deals")["index"] - index(worlds, "opening")["index"] < 1.5


@fact(
    en="the intent to buy again rises from 0.84 to 0.93, the will to deepen falls from 0.21 to 0.15",
    zh="再购意愿从 0.84 升到 0.93，深化意愿从 0.21 降到 0.15",
)
def index_parts(worlds: Worlds) -> None:
    before, after = index(worlds, "opening"), index(worlds, "deals")
    assert abs(before["intent_to_rebuy"] - 0.84) < 0.02, before
    assert abs(after["intent_to_rebuy"] - 0.93) < 0.02, after
    assert abs(before["will_to_deepen"] - 0.21) < 0.02, before
    assert abs(after["will_to_deepen"] - 0.15) < 0.02, after


@fact(en="rises to about 77", zh="升到约 77")
def index_known(worlds: Worlds) -> None:
    assert 75 < index(worlds, "known")["index"] < 78.5, index(worlds, "known")


@fact(
    en="With 200 readers asked the interval reaches about 0.7 to either side, with 20 asked about 3.4",
    zh="问 200 位读者，区间向两边各伸出约 0.7；只问 20 位，各伸出约 3.4",
)
def sampling(worlds: Worlds) -> None:
    assert 0.5 < index(worlds, "opening")["half"] < 0.85, index(worlds, "opening")
    assert 2.6 < index(worlds, "opening", 20)["half"] < 4.2, index(worlds, "opening", 20)


@fact(en="a market share about 6% higher in the storm", zh="风浪中的市场份额高出约 6%")
def knowing_holds(worlds: Worlds) -> None:
    assert 0.04 < relative(worlds, "opening", "known", "market_share") < 0.08
    assert abs(worlds.spending("known") - worlds.spending("opening")) < 1


@fact(en="a net promoter score of about 21 instead of 8", zh="净推荐值约 21 分，而不是 8 分")
def knowing_is_praised(worlds: Worlds) -> None:
    found = [worlds.mean(name, "net_promoter_score") for name in ("opening", "known")]
    assert 6.5 < found[0] < 9.5, found
    assert 18.5 < found[1] < 23, found
