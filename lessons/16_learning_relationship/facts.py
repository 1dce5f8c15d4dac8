"""What the texts of this lesson claim, asserted on the engine. `en` and `zh` stand in the texts word for word."""

import functools

import numpy as np

from sim.lesson_facts import Worlds, fact

STORE, ONLINE, BOTH = 1, 2, 3


@functools.cache
def doors(worlds: Worlds, strategy: str) -> dict[int, tuple[int, float, float]]:
    """Of the active customers by the doors they have used: how many, their revenue, and what is known of those with ten
    to twenty purchases; of four worlds together."""
    found = []
    for world in range(4):
        engine = worlds.engine(strategy, worlds.lesson.weeks(), world)
        engine.run()
        relations = engine.relations[:, 0]
        found.append(relations[(relations["purchases"] > 0) & (relations["reason"] == 0)])
    ours = np.concatenate(found)
    shown = {}
    for door in (STORE, ONLINE, BOTH):
        those = ours[ours["channels"] == door]
        alike = those[(those["purchases"] >= 10) & (those["purchases"] <= 20)]
        shown[door] = (len(those), float(those["revenue"].sum()), float(alike["knowledge"].mean()))
    return shown


@fact(en="You have 4,400 a week, of which 3,300 are spent", zh="你每周有 4,400 元可用，眼下花掉 3,300 元")
def budget(worlds: Worlds) -> None:
    assert worlds.lesson.scenario.market.budget == 4400
    names = ("opening", "software", "people", "record", "price_for_each", "dialogue")
    assert all(abs(worlds.spending(name) - 3300) < 1 for name in names)


@fact(
    en="about half of the customers, and they bring more than 80 of every hundred coins",
    zh="约占顾客的一半，活跃顾客在你这里花的每一百元里，有 80 多元是他们的",
)
def both_doors(worlds: Worlds) -> None:
    found = doors(worlds, "opening")
    assert 0.46 < found[BOTH][0] / sum(n for n, _, _ in found.values()) < 0.6, found
    assert 0.8 < found[BOTH][1] / sum(money for _, money, _ in found.values()) < 0.9, found


@fact(
    en="about 0.37 of them, and about 0.45 of those who only ever came to the shop",
    zh="你对他们的了解约为 0.37，对只来门店的人约为 0.45",
)
def half_a_story_each(worlds: Worlds) -> None:
    found = doors(worlds, "opening")
    assert 0.34 < found[BOTH][2] < 0.4, found
    assert 0.42 < found[STORE][2] < 0.49, found
    assert found[ONLINE][2] > found[STORE][2], found
    assert doors(worlds, "record")[BOTH][2] > found[BOTH][2] + 0.05


@fact(en="what you know of your customers stays at about 0.45", zh="对顾客的了解还是停在 0.45 左右")
def software_learns_nothing(worlds: Worlds) -> None:
    found = worlds.difference("opening", "software", "known_share")
    assert 0.43 < found.a < 0.47, found
    assert abs(found.difference) < 0.01, found


@fact(en="the profit is about 19% lower", zh="利润却低了约 19%")
def software_costs_profit(worlds: Worlds) -> None:
    found = worlds.difference("opening", "software", "profit")
    assert -0.23 < found.difference / found.a < -0.155, found


@fact(
    en="about 0.07 more is known, and a customer's lifetime value is about 7% higher",
    zh="了解多了约 0.07，顾客终身价值高出约 7%",
)
def record_learns(worlds: Worlds) -> None:
    found = worlds.difference("opening", "record", "known_share")
    assert 0.06 < found.difference < 0.085, found
    found = worlds.difference("opening", "record", "lifetime_value")
    assert 0.04 < found.difference / found.a < 0.1, found


@fact(en="it stays within about 1% of what it was before", zh="和从前相比，只相差 1% 左右")
def no_quick_profit(worlds: Worlds) -> None:
    for name in ("record", "people"):
        found = worlds.difference("opening", name, "profit")
        assert -0.005 < found.difference / found.a < 0.02, found


@fact(en="trust falls by about 0.14 and the profit by about 17%", zh="信任下降约 0.14，利润下降约 17%")
def own_prices_cost(worlds: Worlds) -> None:
    found = worlds.difference("opening", "price_for_each", "trust")
    assert -0.16 < found.difference < -0.12, found
    found = worlds.difference("opening", "price_for_each", "profit")
    assert -0.2 < found.difference / found.a < -0.14, found


@fact(en="changes by less than half a percentage point", zh="变化不到半个百分点")
def own_prices_win_no_share(worlds: Worlds) -> None:
    found = worlds.difference("opening", "price_for_each", "share_of_wallet")
    assert abs(found.difference) < 0.005, found


@fact(
    en="trust rises by about 0.07 and the number of active customers by about 3%", zh="信任上升约 0.07，活跃顾客多约 3%"
)
def talk_is_trusted(worlds: Worlds) -> None:
    found = worlds.difference("opening", "dialogue", "trust")
    assert 0.06 < found.difference < 0.085, found
    found = worlds.difference("opening", "dialogue", "active_customers")
    assert 0.02 < found.difference / found.a < 0.05, found
    assert worlds.difference("opening", "dialogue", "profit").low > 0
