"""What the texts of this lesson claim, asserted on the engine. `en` and `zh` stand in the texts word for word."""

import functools

import numpy as np

from sim.lesson_facts import Worlds, fact

DISCOVERERS, FRIENDS, REGULARS, SAVERS = range(4)


@functools.cache
def cups(worlds: Worlds, strategy: str) -> np.ndarray:
    """Cups sold to each kind of guest in two years, over six worlds."""
    price, sold = worlds.levers(strategy)["pricing.list_price"], np.zeros(4)
    for world in range(6):
        engine = worlds.engine(strategy, worlds.lesson.weeks(), world)
        engine.run()
        revenue, kind = engine.column("revenue")[:, 0], engine.column("segment")
        sold += np.bincount(kind, revenue, minlength=4) / price
    return sold


def more(worlds: Worlds, strategy: str) -> np.ndarray:
    """How much more each kind of guest buys than in the opening, as a share."""
    return cups(worlds, strategy) / cups(worlds, "opening") - 1


@fact(en="You may spend 2,200 a week and now spend 1,760", zh="你每周可以花 2,200 元，现在花 1,760 元")
def budget(worlds: Worlds) -> None:
    assert worlds.lesson.scenario.market.budget == 2200
    assert abs(worlds.spending("opening") - 1760) < 1


@fact(en="330 a week more", zh="每周再给我 330 元")
def the_same_sum(worlds: Worlds) -> None:
    for name in ("finer_tea", "finer_room", "kinder_staff"):
        assert abs(worlds.spending(name) - worlds.spending("opening") - 330) < 1, name


@fact(en="already takes 660 of it", zh="现在已经占了 660 元")
def tea_today(worlds: Worlds) -> None:
    assert abs(worlds.levers("opening")["product.spend"] - 660) < 1


@fact(en="about 2% more guests, and about 23% less profit", zh="客人只多了约 2%，利润却少了约 23%")
def finer_tea_does_little(worlds: Worlds) -> None:
    guests = worlds.difference("opening", "finer_tea", "active_customers")
    profit = worlds.difference("opening", "finer_tea", "profit")
    assert 0.01 < guests.difference / guests.a < 0.04, guests
    assert -0.28 < profit.difference / profit.a < -0.18, profit


@fact(
    en="about 9% more guests for the room and about 7% more for the staff",
    zh="花在环境上，客人多约 9%；花在店员上，多约 7%",
)
def room_and_staff(worlds: Worlds) -> None:
    room = worlds.difference("opening", "finer_room", "active_customers")
    staff = worlds.difference("opening", "kinder_staff", "active_customers")
    assert 0.07 < room.difference / room.a < 0.12, room
    assert 0.05 < staff.difference / staff.a < 0.09, staff


@fact(
    en="about 22% more with the friends and about 2% with the old hands", zh="结伴的朋友多买了约 22%，老茶客只多了约 2%"
)
def room_is_for_friends(worlds: Worlds) -> None:
    found = more(worlds, "finer_room")
    assert 0.16 < found[FRIENDS] < 0.28, found
    assert 0.0 < found[REGULARS] < 0.05, found
    assert max(more(worlds, "finer_tea")) < 0.06, more(worlds, "finer_tea")


@fact(
    en="the careful spenders buy about 30% more, the discoverers about 5%",
    zh="精打细算的人多买约 30%，尝鲜的客人只多约 5%",
)
def price_is_for_savers(worlds: Worlds) -> None:
    found = more(worlds, "cheaper")
    assert 0.24 < found[SAVERS] < 0.38, found
    assert 0.02 < found[DISCOVERERS] < 0.09, found


@fact(en="and profit falls by about 30%", zh="利润下降约 30%")
def cheaper_costs(worlds: Worlds) -> None:
    found = worlds.difference("opening", "cheaper", "profit")
    assert -0.37 < found.difference / found.a < -0.24, found


@fact(en="about 16% more profit, though it spends only 110 more", zh="利润反而多了约 16%，而每周只多花 110 元")
def warm_house_pays(worlds: Worlds) -> None:
    found = worlds.difference("opening", "warm_house", "profit")
    assert 0.10 < found.difference / found.a < 0.22, found
    assert abs(worlds.spending("warm_house") - worlds.spending("opening") - 110) < 1


@fact(
    en="worth about 35% more a year, and the product about 15% less",
    zh="形象的分量每年增加约 35%，产品的分量每年减少约 15%",
)
def tastes_drift(worlds: Worlds) -> None:
    trends = worlds.lesson.scenario.entry.trends
    assert trends["image"] == 1.35
    assert trends["product"] == 0.85


@fact(en="after one year the room has brought about 5% more guests", zh="一年之后，环境带来的客人多约 5%")
def slow_and_growing(worlds: Worlds) -> None:
    found = worlds.difference("opening", "finer_room", "active_customers", weeks=52)
    assert 0.03 < found.difference / found.a < 0.075, found


@fact(en="waiting grows from about 7 minutes to more than 10", zh="等待从约 7 分钟变成了 10 多分钟")
def success_fills_the_room(worlds: Worlds) -> None:
    assert 5.5 < worlds.mean("opening", "waiting") < 8.5, worlds.mean("opening", "waiting")
    assert worlds.mean("warm_house", "waiting") > 10, worlds.mean("warm_house", "waiting")
