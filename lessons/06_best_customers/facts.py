"""What the texts of this lesson claim, asserted on the engine. `en` and `zh` stand in the texts word for word."""

import functools

import numpy as np

from sim.lesson_facts import Worlds, fact
from sim.measure import earned
from sim.measure_records import best_recognised
from sim.measure_value import twenty_eighty_thirty

FEW = 6  # worlds in which single customers are looked at


@functools.cache
def books(worlds: Worlds, insight: float) -> dict[str, float]:
    """What the customers' books say at the end: concentration, what RFM finds and whom the firm would name."""
    found = []
    for world in range(FEW):
        engine = worlds.engine(worlds.levers("opening") | {"insight.spend": insight}, 104, world)
        engine.run()
        relations = engine.relations[:, 0]
        buyers = relations[relations["revenue"] > 0]
        brought = earned(buyers)
        n = round(0.2 * len(buyers))
        best = set(np.argsort(-brought, kind="stable")[:n])
        habits = {"recency": "last_purchase", "frequency": "purchases", "money": "revenue"}
        hits = {
            name: len(best & set(np.argsort(-buyers[of].astype(float), kind="stable")[:n])) / n
            for name, of in habits.items()
        }
        ranked = np.sort(brought)[::-1]
        extra = {
            "buyers": len(buyers),
            "best_twentieth": ranked[: round(0.05 * len(ranked))].sum() / ranked.sum(),
            "losing": float((brought < 0).mean()),
        }
        curve = twenty_eighty_thirty(engine).iloc[0].to_dict()
        found.append(hits | extra | curve | best_recognised(engine).iloc[0].to_dict())
    return {name: float(np.nanmean([row[name] for row in found])) for name in found[0]}


@fact(en="some 600 travellers", zh="大约 600 位旅客")
def buyers(worlds: Worlds) -> None:
    assert 570 < books(worlds, 0)["buyers"] < 630, books(worlds, 0)


@fact(en="the best fifth bring about 88% of the contribution", zh="最好的五分之一带来约 88% 的贡献")
def best_fifth(worlds: Worlds) -> None:
    found = worlds.mean("opening", "top20_profit_share")
    assert 0.85 < found < 0.91, found


@fact(en="the best 5% alone bring more than half", zh="最好的 5% 就带来一半以上")
def best_twentieth(worlds: Worlds) -> None:
    assert 0.5 < books(worlds, 0)["best_twentieth"] < 0.62, books(worlds, 0)


@fact(en="about 28% of them bring less than they cost", zh="约 28% 的人带来的比花掉的还少")
def losing(worlds: Worlds) -> None:
    assert 0.25 < books(worlds, 0)["losing"] < 0.31, books(worlds, 0)


@fact(en="lose less than 2% of what the others bring", zh="亏掉的还不到其他人所带来的 2%")
def worst_three_tenths(worlds: Worlds) -> None:
    assert 0.001 < books(worlds, 0)["worst30"] < 0.02, books(worlds, 0)


@fact(
    en="by recency alone finds about 54% of them, by frequency about 83%, by money about 97%",
    zh="只看最近一次消费能找出约 54%，只看频率约 83%，只看金额约 97%",
)
def what_rfm_finds(worlds: Worlds) -> None:
    found = books(worlds, 0)
    assert 0.48 < found["recency"] < 0.6, found
    assert 0.79 < found["frequency"] < 0.87, found
    assert 0.94 < found["money"] < 0.99, found


@fact(en="names one in five of them, as many as a lottery would", zh="只认得出五分之一，和抽签一样")
def a_lottery(worlds: Worlds) -> None:
    found = books(worlds, 0)
    assert 0.15 < found["recognised"] < 0.25, found
    assert found["knowledge"] == 0, found


@fact(
    en="With 2% of the budget for insight it names about 93% of them, though it knows only 7% of what there is to know",
    zh="只要把预算的 2% 用于洞察，就能认出约 93%，虽然对顾客的了解只有 7%",
)
def a_glimpse_is_enough(worlds: Worlds) -> None:
    assert worlds.lesson.scenario.market.budget == 9000
    found = books(worlds, 180)
    assert 0.9 < found["recognised"] < 0.98, found
    assert 0.05 < found["knowledge"] < 0.09, found


@fact(en="cost about 9% of two years' profit", zh="让两年的利润少了约 9%")
def cards_by_lot_cost(worlds: Worlds) -> None:
    found = worlds.difference("opening", "platinum", "profit")
    assert -0.11 < found.difference / found.a < -0.065, found


@fact(en="only about 2% fewer customers are lost", zh="流失的顾客只少了约 2%")
def cards_by_lot_keep_few(worlds: Worlds) -> None:
    found = worlds.difference("opening", "platinum", "lost_customers")
    assert -0.035 < found.difference / found.a < -0.005, found


@fact(en="Knowing them first raises the profit by about 13%", zh="先认识顾客，利润提高约 13%")
def knowing_pays(worlds: Worlds) -> None:
    found = worlds.difference("opening", "known", "profit")
    assert 0.1 < found.difference / found.a < 0.165, found
    assert abs(worlds.spending("known") - worlds.spending("opening")) < 1


@fact(en="the cards add about 7% more", zh="发卡再多带来约 7%")
def courtesies_pay(worlds: Worlds) -> None:
    found = worlds.difference("known", "small_courtesies", "profit")
    assert 0.05 < found.difference / found.a < 0.09, found
    assert found.low > 0, found


@fact(en="Five times the privileges take away about 11%", zh="礼遇加到五倍，利润反而少了约 11%")
def lavishness_costs(worlds: Worlds) -> None:
    levers = [worlds.levers(name)["tiers.privilege"] for name in ("small_courtesies", "lavish")]
    assert levers[1] == 5 * levers[0]
    found = worlds.difference("small_courtesies", "lavish", "profit")
    assert -0.14 < found.difference / found.a < -0.08, found


@fact(
    en="The direct line alone, for one traveller in twenty, adds about 3% and costs not a coin",
    zh="单是给每二十位旅客中的一位优先，就多带来约 3%，而且一分钱不花",
)
def priority_is_free(worlds: Worlds) -> None:
    known = worlds.levers("known")
    first = known | {"tiers.vip_share": 0.05, "tiers.priority": 1.0}
    assert worlds.spending(first) == worlds.spending(known)
    found = worlds.difference(known, first, "profit")
    assert 0.015 < found.difference / found.a < 0.045, found


@fact(
    en="to a fifth of them, and about 0.7% of your customers are gone in the end",
    zh="优先给到五分之一的人，期末顾客就少了约 0.7%",
)
def priority_is_paid_for(worlds: Worlds) -> None:
    known = worlds.levers("known")
    found = worlds.difference(known, known | {"tiers.vip_share": 0.2, "tiers.priority": 1.0}, "active_customers")
    assert -0.012 < found.difference / found.a < -0.003, found
    assert found.high < 0, found
