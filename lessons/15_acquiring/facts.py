"""What the texts of this lesson claim, asserted on the engine. `en` and `zh` stand in the texts word for word."""

import functools

import numpy as np
from numpy.typing import NDArray

from sim.lesson_facts import Worlds, fact

PARENTS, ADULTS, SPORTS = range(3)


@functools.cache
def books(worlds: Worlds, strategy: str) -> NDArray[np.float64]:
    """Buyers and revenue of the first firm in each segment over two years, (2, segments), added up over four worlds."""
    found = np.zeros((2, 3))
    for world in range(4):
        engine = worlds.engine(strategy, worlds.lesson.weeks(), world)
        engine.run()
        revenue = engine.column("revenue")[:, 0]
        group = np.array([s.group for s in engine.plan.segments])[engine.column("segment")] - 1
        found += [np.bincount(group, revenue > 0, 3), np.bincount(group, revenue, 3)]
    return found


@fact(en="You have 1,500 a week and spend 1,200 of them", zh="你每周有 1,500 元可用，眼下花掉 1,200 元")
def budget(worlds: Worlds) -> None:
    assert worlds.lesson.scenario.market.budget == 1500
    names = ("opening", "mothers", "neighbours", "records", "adults", "sports")
    assert all(abs(worlds.spending(name) - 1200) < 1 for name in names)


@fact(
    en="Of a hundred people who bought in the last two years, about 45 have no small child and do no sports",
    zh="两年里买过的人，每一百位里大约有 45 位既没有幼儿也不运动",
)
def adults_among_buyers(worlds: Worlds) -> None:
    buyers, _ = books(worlds, "opening")
    assert 0.42 < buyers[ADULTS] / buyers.sum() < 0.48, buyers
    assert buyers.argmax() == ADULTS


@fact(en="they bring 18 of every hundred coins", zh="每一百元收入里，他们只占 18 元")
def adults_in_revenue(worlds: Worlds) -> None:
    _, revenue = books(worlds, "opening")
    assert 0.16 < revenue[ADULTS] / revenue.sum() < 0.205, revenue
    assert 0.5 < revenue[PARENTS] / revenue.sum() < 0.58, revenue


@fact(en="only about 1% more new customers", zh="新顾客只多了约 1%")
def mothers_have_come(worlds: Worlds) -> None:
    found = worlds.difference("opening", "mothers", "new_customers")
    assert 0.0 < found.difference / found.a < 0.02, found


@fact(en="about 9% more new customers than today", zh="新顾客都比现在多约 9%")
def strangers_elsewhere(worlds: Worlds) -> None:
    for name in ("neighbours", "records"):
        found = worlds.difference("opening", name, "new_customers")
        assert 0.07 < found.difference / found.a < 0.12, found


@fact(
    en="the revenue rises by about 5% with the records and by about 1% with the list",
    zh="按记录寄，多约 5%；按名单寄，只多约 1%",
)
def records_find_better_ones(worlds: Worlds) -> None:
    for name, low, high in (("records", 0.035, 0.06), ("neighbours", 0.003, 0.022)):
        found = worlds.difference("opening", name, "revenue")
        assert low < found.difference / found.a < high, found


@fact(en="only about 4% more new customers", zh="新顾客只多了约 4%")
def few_strangers(worlds: Worlds) -> None:
    found = worlds.difference("opening", "adults", "new_customers")
    assert 0.02 < found.difference / found.a < 0.06, found


@fact(en="about 7% fewer customers are lost", zh="流失顾客少了约 7%")
def they_stay(worlds: Worlds) -> None:
    found = worlds.difference("opening", "adults", "lost_customers")
    assert -0.095 < found.difference / found.a < -0.045, found


@fact(en="the profit of two years is about 20% higher", zh="两年利润高出约 20%")
def it_pays(worlds: Worlds) -> None:
    found = worlds.difference("opening", "adults", "profit")
    assert 0.15 < found.difference / found.a < 0.25, found


@fact(en="young parents spend about 9% less", zh="年轻父母的购买少了约 9%")
def parents_wonder(worlds: Worlds) -> None:
    before, after = books(worlds, "opening")[1], books(worlds, "adults")[1]
    assert -0.12 < after[PARENTS] / before[PARENTS] - 1 < -0.06, (before, after)
    gained = after[ADULTS] - before[ADULTS]
    assert 2.3 < gained / (before[PARENTS] - after[PARENTS]) < 3.7, (before, after)
    assert 0.55 < gained / before[ADULTS] < 0.9, (before, after)


@fact(en="a profit only about 6% higher than today's", zh="利润只比现在高约 6%")
def sports_bring_little(worlds: Worlds) -> None:
    found = worlds.difference("opening", "sports", "profit")
    assert 0.025 < found.difference / found.a < 0.09, found
    fits = {s.group - 1: s.fit[0] for s in worlds.lesson.scenario.segments}
    assert fits[PARENTS] > fits[SPORTS] > fits[ADULTS]
