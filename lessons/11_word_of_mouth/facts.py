"""What the texts of this lesson claim, asserted on the engine. `en` and `zh` stand in the texts word for word."""

import functools

import pandas as pd

from sim.lesson_facts import Worlds, fact
from sim.measure_standing import loyal_beside_others

_WORLDS = 6  # for what is told, and for the loyal beside the others


@functools.lru_cache(maxsize=16)
def _told(worlds: Worlds, strategy: str) -> tuple[float, float]:
    """Messages of praise and of blame in a world on average."""
    praise = blame = 0.0
    for world in range(_WORLDS):
        engine = worlds.engine(strategy, worlds.lesson.weeks(), world)
        engine.run()
        praise += float(engine.tally["praise"][:, 0].sum()) / _WORLDS
        blame += float(engine.tally["blame"][:, 0].sum()) / _WORLDS
    return praise, blame


@functools.lru_cache(maxsize=4)
def _loyal(worlds: Worlds) -> pd.DataFrame:
    """The loyal beside the others in the shop that is worth telling of, in a world on average."""
    tables = []
    for world in range(_WORLDS):
        engine = worlds.engine("worth_telling", worlds.lesson.weeks(), world)
        engine.run()
        tables.append(loyal_beside_others(engine))
    return sum(tables[1:], tables[0]) / _WORLDS


@fact(en="only 5 in a hundred people here know you", zh="这里一百个人里只有 5 个知道你")
def hardly_known(worlds: Worlds) -> None:
    assert worlds.lesson.scenario.firms[0].awareness == 0.05


@fact(en="Either costs 180 a week", zh="两样都是每周 180 元")
def equal_spending(worlds: Worlds) -> None:
    opening = worlds.spending("opening")
    assert all(abs(worlds.spending(name) - opening - 180) < 1 for name in ("posters", "worth_telling"))


@fact(en="about 4% more newcomers", zh="新顾客只多了约 4%")
def the_reward_wins_few(worlds: Worlds) -> None:
    found = worlds.difference("opening", "reward", "new_customers")
    assert 0.02 < found.difference / found.a < 0.065, found


@fact(en="about 12% more active customers", zh="活跃顾客多了约 12%")
def the_reward_binds(worlds: Worlds) -> None:
    found = worlds.difference("opening", "reward", "active_customers")
    assert 0.09 < found.difference / found.a < 0.16, found


@fact(
    en="Posters bring about 11% more newcomers and take about 38% of the profit",
    zh="海报让新顾客多了约 11%，却吃掉约 38% 的利润",
)
def posters_do_not_pay(worlds: Worlds) -> None:
    found = worlds.difference("opening", "posters", "new_customers")
    assert 0.08 < found.difference / found.a < 0.15, found
    found = worlds.difference("opening", "posters", "profit")
    assert -0.48 < found.difference / found.a < -0.28, found


@fact(en="about 14% more active customers and about 15% more profit", zh="活跃顾客多了约 14%，利润多了约 15%")
def good_coffee_pays(worlds: Worlds) -> None:
    found = worlds.difference("opening", "worth_telling", "active_customers")
    assert 0.11 < found.difference / found.a < 0.18, found
    found = worlds.difference("opening", "worth_telling", "profit")
    assert found.low > 0, found
    assert 0.08 < found.difference / found.a < 0.22, found


@fact(
    en="satisfaction rises by about 7%; praise rises by about 54% and blame falls by about 74%",
    zh="满意度只升了约 7%，好话却多了约 54%，坏话少了约 74%",
)
def the_curve_is_steep(worlds: Worlds) -> None:
    found = worlds.difference("opening", "worth_telling", "satisfaction")
    assert 0.05 < found.difference / found.a < 0.09, found
    (praise, blame), (more, less) = (_told(worlds, name) for name in ("opening", "worth_telling"))
    assert 0.43 < more / praise - 1 < 0.66, (praise, more)
    assert -0.81 < less / blame - 1 < -0.66, (blame, less)


@fact(
    en="adds about 350 messages of praise to the shop as it is, and about 600 to the shop that is worth telling of",
    zh="在原来的店里多带来约 350 句好话，在值得一说的店里多带来约 600 句",
)
def the_reward_multiplies(worlds: Worlds) -> None:
    added = [
        _told(worlds, rewarded)[0] - _told(worlds, plain)[0]
        for plain, rewarded in (("opening", "reward"), ("worth_telling", "worth_telling_rewarded"))
    ]
    assert 290 < added[0] < 410, added
    assert 510 < added[1] < 700, added


@fact(
    en="about 27% more active customers and about 27% more profit",
    zh="活跃顾客多了约 27%，利润多了约 27%",
)
def both_together(worlds: Worlds) -> None:
    found = worlds.difference("opening", "worth_telling_rewarded", "active_customers")
    assert 0.23 < found.difference / found.a < 0.32, found
    found = worlds.difference("opening", "worth_telling_rewarded", "profit")
    assert 0.17 < found.difference / found.a < 0.36, found


@fact(
    en="give you about 62% of what they spend on coffee, the others about 34%",
    zh="把约 62% 的咖啡钱花在你这里，其他人约 34%",
)
def the_loyal_give_more(worlds: Worlds) -> None:
    found = _loyal(worlds)["share_of_wallet"]
    assert 0.56 < found["loyal"] < 0.68, found
    assert 0.28 < found["others"] < 0.40, found


@fact(en="they trust you more", zh="他们更信任你")
def the_loyal_trust_forgive_recommend(worlds: Worlds) -> None:
    found = _loyal(worlds)
    assert found.loc["loyal", "trust"] > found.loc["others", "trust"] + 0.03, found
    assert found.loc["loyal", "purchases_a_week"] > 3 * found.loc["others", "purchases_a_week"], found
    assert found.loc["loyal", "walks_out"] < found.loc["others", "walks_out"], found
    assert found.loc["loyal", "recommends"] > found.loc["others", "recommends"] + 0.2, found
