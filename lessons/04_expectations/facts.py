"""What the texts of this lesson claim, asserted on the engine. `en` and `zh` stand in the texts word for word."""

import functools

import numpy as np

from sim.lesson_facts import Worlds, fact
from sim.survey import satisfaction

TWO_MONTHS, A_YEAR = 8, 52


@functools.cache
def layers(worlds: Worlds, strategy: str) -> dict[str, float]:
    """Satisfaction by layer at the end, as 300 guests answer; the mean of four worlds."""
    found = []
    for world in range(4):
        engine = worlds.engine(strategy, worlds.lesson.weeks(), world)
        engine.run()
        found.append(satisfaction(engine, asked=300)["mean"])
    return dict(sum(found) / len(found))


def surprise(worlds: Worlds, strategy: str, weeks: int | None = None) -> float:
    """What guests got above what they expected, in the last quarter."""
    return worlds.mean(strategy, "performance", weeks) - worlds.mean(strategy, "expectation", weeks)


@fact(en="You may spend 9,000 a week and now spend 7,200", zh="你每周可以花 9,000 元，现在花 7,200 元")
def budget(worlds: Worlds) -> None:
    assert worlds.lesson.scenario.market.budget == 9000
    assert all(abs(worlds.spending(name) - 7200) < 1 for name in ("opening", "bolder", "modest"))


@fact(en="costs about 21% of the guests and about 42% of their trust", zh="客人少了约 21%，剩下的人，信任也低了约 42%")
def bolder_loses(worlds: Worlds) -> None:
    guests = worlds.difference("opening", "bolder", "active_customers")
    trust = worlds.difference("opening", "bolder", "trust")
    assert -0.26 < guests.difference / guests.a < -0.16, guests
    assert -0.48 < trust.difference / trust.a < -0.36, trust


@fact(en="what is served is not a whit worse", zh="端上来的东西一点也没变差")
def nothing_got_worse(worlds: Worlds) -> None:
    found = worlds.difference("opening", "bolder", "performance")
    assert found.low > 0, found
    assert found.difference / found.a < 0.02, found


@fact(
    en="after 8 weeks the difference in guests is less than 1%",
    zh="过了 8 周，客人数量相差还不到 1%",
)
def it_shows_late(worlds: Worlds) -> None:
    guests = worlds.difference("opening", "bolder", "active_customers", weeks=TWO_MONTHS)
    satisfied = worlds.difference("opening", "bolder", "satisfaction", weeks=TWO_MONTHS)
    expected = worlds.difference("opening", "bolder", "expectation", weeks=TWO_MONTHS)
    assert abs(guests.difference / guests.a) < 0.01, guests
    assert satisfied.high < 0, satisfied
    assert expected.low > 0.01, expected


@fact(en="about 21% more profit and about 5% more guests", zh="利润多约 21%，客人多约 5%")
def modest_pays(worlds: Worlds) -> None:
    profit = worlds.difference("opening", "modest", "profit")
    guests = worlds.difference("opening", "modest", "active_customers")
    assert 0.16 < profit.difference / profit.a < 0.26, profit
    assert 0.03 < guests.difference / guests.a < 0.07, guests


@fact(
    en="76 of a hundred points for the material layer, 55 for the spiritual and 14 for the social one",
    zh="满分一百分，物质层 76 分，精神层 55 分，社会层 14 分",
)
def three_layers(worlds: Worlds) -> None:
    found = layers(worlds, "opening")
    assert 0.73 < found["material"] < 0.79, found
    assert 0.52 < found["spiritual"] < 0.585, found
    assert 0.11 < found["social"] < 0.17, found


@fact(
    en="raises satisfaction by about 5 points at the table and by about half as much in the pot",
    zh="花在桌边，满意度提高约 5 个百分点；花在锅里，只有一半左右",
)
def hands_before_broth(worlds: Worlds) -> None:
    hands = worlds.difference("opening", "warmer_hands", "satisfaction").difference
    broth = worlds.difference("opening", "richer_broth", "satisfaction").difference
    spent = [worlds.spending(name) - worlds.spending("opening") for name in ("warmer_hands", "richer_broth")]
    assert abs(spent[0] - spent[1]) < 1, spent
    assert 0.04 < hands < 0.06, hands
    assert 0.4 < broth / hands < 0.65, (broth, hands)


@fact(en="the pot costs about 23% of the profit and the table nothing", zh="花在锅里，利润少约 23%；花在桌边，利润不变")
def broth_costs(worlds: Worlds) -> None:
    hands = worlds.difference("opening", "warmer_hands", "profit")
    broth = worlds.difference("opening", "richer_broth", "profit")
    assert -0.29 < broth.difference / broth.a < -0.17, broth
    assert abs(hands.difference / hands.a) < 0.06, hands


@fact(
    en="the pleasant surprise is largest after one year, and a year later about two fifths of it are gone",
    zh="惊喜在一年时最大，再过一年，大约五分之二已经不见了",
)
def treadmill(worlds: Worlds) -> None:
    early, middle, late = (surprise(worlds, "delight", weeks) for weeks in (TWO_MONTHS, A_YEAR, None))
    assert early < middle, (early, middle)
    assert middle > 0.01, middle
    assert 0.45 < late / middle < 0.75, (late, middle)
    assert worlds.mean("delight", "performance") > worlds.mean("delight", "performance", A_YEAR) - 0.01


@fact(en="satisfaction stays about 7 points above", zh="满意度仍高出约 7 个百分点")
def something_remains(worlds: Worlds) -> None:
    found = worlds.difference("opening", "delight", "satisfaction").difference
    assert 0.06 < found < 0.09, found


@fact(en="1.96 times as heavily", zh="分量是 1.96 倍")
def loss_aversion(worlds: Worlds) -> None:
    engine = worlds.engine("opening", 1)
    assert np.isclose(engine.plan.parameters["judge"]["loss_aversion"], 1.96, atol=0.006)
