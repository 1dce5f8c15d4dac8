"""What the texts of this lesson claim, asserted on the engine. `en` and `zh` stand in the texts word for word."""

import dataclasses
import functools
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim import outcomes
from sim.engine import Engine
from sim.lesson_facts import Worlds, fact
from sim.rules.stage import BUYER, LOST, LOYAL

HEADLINE, HALF_A_YEAR, FEW = 30, 26, 6


@functools.cache
def trust_by_week(worlds: Worlds, strategy: str) -> NDArray[np.float64]:
    """Mean trust of active customers in each week, over a few worlds."""
    found = []
    for world in range(FEW):
        engine = worlds.engine(strategy, worlds.lesson.weeks(), world)
        engine.run()
        found.append(outcomes.weekly(engine)["trust"][:, 0])
    return np.mean(found, axis=0)


@functools.cache
def around_the_headline(worlds: Worlds) -> dict[str, Any]:
    """What loyal customers, other customers and strangers did after the headline, and in the same worlds without it."""
    scenario = worlds.lesson.scenario
    calm = dataclasses.replace(scenario, entry=scenario.entry.model_copy(update={"events": []}))
    levers, size = worlds.levers("opening"), worlds.lesson.entry.customers
    bought = {name: np.zeros((3, 2)) for name in ("headline", "calm")}  # group; purchases, and people who bought
    standing = {}
    for world in range(FEW):
        for name, story in (("headline", scenario), ("calm", calm)):
            engine = Engine(story.plan(levers, customers=size, seed=worlds.seed + world))
            engine.warm_up()
            engine.advance(HEADLINE)
            r = engine.relations
            before, trust = r["purchases"], r["trust"][:, 0].astype(float)
            groups = who(r["stage"][:, 0])
            engine.advance(HALF_A_YEAR)
            done = engine.column("purchases") - before
            for k, group in enumerate(groups):
                bought[name][k] += done[group, 0].sum(), (done[group, 0] > 0).sum()
            if name == "calm":
                need = engine.column("need_rate")
                for k, group in enumerate(groups[:2]):
                    row = (trust[group].mean(), done[group, 0].mean(), need[group].mean(),
                           done[group, 0].sum() / done[group].sum())  # fmt: skip
                    standing.setdefault(k, []).append(row)
    change = bought["headline"] / bought["calm"] - 1
    means = {k: np.mean(rows, axis=0) for k, rows in standing.items()}
    return {"loyal": means[0], "others": means[1], "change": change}


def who(stage: NDArray[Any]) -> tuple[NDArray[np.bool_], ...]:
    """Loyal customers, other customers, and those who never bought."""
    return stage >= LOYAL, (stage >= BUYER) & (stage < LOYAL), (stage != LOST) & (stage < BUYER - 1)


@functools.cache
def praise(worlds: Worlds) -> NDArray[np.float64]:
    """Messages of praise per hundred weeks of a loyal and of another customer."""
    told, weeks = np.zeros(2), np.zeros(2)
    for world in range(3):
        plan = worlds.engine("opening", worlds.lesson.weeks(), world).plan
        engine = Engine(plan, is_logged=True)
        engine.warm_up()
        while not engine.is_finished:
            groups = who(engine.column("stage")[:, 0])[:2]
            engine.advance(1)
            messages = engine.world.messages_log[: engine.world.counts[2]]
            good = messages[(messages["firm"] == 0) & (messages["is_good"] == 1)]["sender"]
            for k, group in enumerate(groups):
                told[k] += group[good].sum()
                weeks[k] += group.sum()
    return 100 * told / weeks


@fact(en="You may spend 2,500 a week and now spend 1,875", zh="你每周可以花 2,500 元，现在花 1,875 元")
def budget(worlds: Worlds) -> None:
    assert worlds.lesson.scenario.market.budget == 2500
    assert abs(worlds.spending("opening") - 1875) < 1


@fact(en="375 a week", zh="每周 375 元")
def the_same_sum(worlds: Worlds) -> None:
    for name in ("posters", "dialogue", "boast", "honest"):
        assert abs(worlds.spending(name) - worlds.spending("opening") - 375) < 1, name


@fact(
    en="about 4% more new customers, about 7% less profit, and no more trust",
    zh="新顾客多了约 4%，利润少了约 7%，信任一点没增加",
)
def posters_push(worlds: Worlds) -> None:
    new = worlds.difference("opening", "posters", "new_customers")
    profit = worlds.difference("opening", "posters", "profit")
    trust = worlds.difference("opening", "posters", "trust")
    assert 0.02 < new.difference / new.a < 0.065, new
    assert -0.11 < profit.difference / profit.a < -0.04, profit
    assert abs(trust.difference) < 0.02, trust


@fact(
    en="about 16% more new customers, about 5% more profit, and 23 points more trust",
    zh="新顾客多了约 16%，利润多了约 5%，信任高出约 23 个百分点",
)
def doors_open(worlds: Worlds) -> None:
    new = worlds.difference("opening", "dialogue", "new_customers")
    profit = worlds.difference("opening", "dialogue", "profit")
    trust = worlds.difference("opening", "dialogue", "trust")
    assert 0.12 < new.difference / new.a < 0.20, new
    assert 0.02 < profit.difference / profit.a < 0.08, profit
    assert 0.20 < trust.difference < 0.26, trust


@fact(en="takes half of the trust in a single week", zh="一个星期就拿走了一半的信任")
def lost_in_a_week(worlds: Worlds) -> None:
    course = trust_by_week(worlds, "opening")
    assert 0.45 < course[HEADLINE] / course[HEADLINE - 1] < 0.55, course[HEADLINE - 1 : HEADLINE + 1]


@fact(
    en="more than 70 weeks later it has not come back",
    zh="过了 70 多周还没有回来",
)
def won_in_years(worlds: Worlds) -> None:
    course = trust_by_week(worlds, "opening")
    assert len(course) - HEADLINE > 70
    assert course[-1] < 0.97 * course[HEADLINE - 1], (course[-1], course[HEADLINE - 1])


@fact(en="within about 20 weeks", zh="大约 20 周就")
def doors_mend(worlds: Worlds) -> None:
    before, course = trust_by_week(worlds, "opening")[HEADLINE - 1], trust_by_week(worlds, "dialogue")
    assert course[HEADLINE + 13] < before < course[HEADLINE + 24], (before, course[HEADLINE + 13 : HEADLINE + 25])


@fact(
    en="only 3 of the 23 points are left, and the profit is about 36% below",
    zh="23 个百分点只剩下 3 个，利润低了约 36%",
)
def boasting_spends_it(worlds: Worlds) -> None:
    trust = worlds.difference("opening", "boast", "trust")
    profit = worlds.difference("opening", "boast", "profit")
    assert 0.01 < trust.difference < 0.06, trust
    assert -0.43 < profit.difference / profit.a < -0.29, profit


@fact(en="61 of a hundred points against 49", zh="一百分里是 61 分对 49 分")
def the_loyal_trust_more(worlds: Worlds) -> None:
    found = around_the_headline(worlds)
    assert 0.57 < found["loyal"][0] < 0.65, found["loyal"]
    assert 0.45 < found["others"][0] < 0.53, found["others"]


@fact(en="15 purchases in half a year against 4", zh="半年里买 15 次，别人买 4 次")
def the_loyal_buy_more(worlds: Worlds) -> None:
    found = around_the_headline(worlds)
    assert 13.5 < found["loyal"][1] < 17.5, found["loyal"]
    assert 3.4 < found["others"][1] < 5, found["others"]


@fact(
    en="more than twice as often a need for wine; by share of wallet it is 85% against 61%",
    zh="对酒的需要本来就多一倍有余；按钱包份额算，是 85% 对 61%",
)
def much_of_it_is_sorting(worlds: Worlds) -> None:
    loyal, others = around_the_headline(worlds)["loyal"], around_the_headline(worlds)["others"]
    assert 2.0 < loyal[2] / others[2] < 2.9, (loyal, others)
    assert 0.81 < loyal[3] < 0.89, loyal
    assert 0.56 < others[3] < 0.66, others


@fact(en="4 times as much praise", zh="说的好话是别人的 4 倍")
def the_loyal_recommend_more(worlds: Worlds) -> None:
    found = praise(worlds)
    assert 3.3 < found[0] / found[1] < 5.2, found


@fact(
    en="the loyal buy about 8% less than they would have, the others about 15% less",
    zh="忠诚顾客比本来少买约 8%，其他顾客少买约 15%",
)
def the_loyal_forgive_more(worlds: Worlds) -> None:
    change = around_the_headline(worlds)["change"]
    assert -0.115 < change[0, 0] < -0.05, change
    assert -0.19 < change[1, 0] < -0.115, change


@fact(en="about 20% fewer first bottles", zh="第一次开瓶的少了约 20%")
def strangers_forgive_least(worlds: Worlds) -> None:
    change = around_the_headline(worlds)["change"]
    assert -0.27 < change[2, 1] < -0.13, change
