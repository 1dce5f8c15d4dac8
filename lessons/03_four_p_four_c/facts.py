"""What the texts of this lesson claim, asserted on the engine. `en` and `zh` stand in the texts word for word."""

import functools

import numpy as np

from sim.lesson_facts import Worlds, fact
from sim.rules.stage import BUYER, LOYAL

FIRST_HALF_YEAR = 26


@functools.cache
def standing(worlds: Worlds, strategy: str) -> tuple[float, float]:
    """Of everybody, who thinks of the shops readily; of the active, who is loyal. Shares, over six worlds."""
    found = []
    for world in range(6):
        engine = worlds.engine(strategy, worlds.lesson.weeks(), world)
        engine.run()
        r = engine.relations[:, 0]
        active = r["stage"] >= BUYER
        found.append(((r["awareness"] >= 0.5).mean(), (r["stage"] >= LOYAL).sum() / active.sum()))
    return tuple(np.mean(found, axis=0))


@fact(en="You can spend 1,800 a week", zh="你每周能花 1,800 元")
def same_budget(worlds: Worlds) -> None:
    assert worlds.lesson.scenario.market.budget == 1800
    for name in ("4P", "4C", "4R", "no_card", "louder"):
        assert abs(worlds.spending(name) - 1800) < 1, name


@fact(en="about 17% fewer new customers and about 13% fewer active ones", zh="新顾客少约 17%，活跃顾客少约 13%")
def four_c_has_fewer(worlds: Worlds) -> None:
    new = worlds.difference("4P", "4C", "new_customers")
    active = worlds.difference("4P", "4C", "active_customers")
    assert -0.22 < new.difference / new.a < -0.13, new
    assert -0.17 < active.difference / active.a < -0.09, active


@fact(en="from about 66% to about 76%", zh="从约 66% 升到约 76%")
def four_c_has_more_of_each(worlds: Worlds) -> None:
    assert 0.635 < worlds.mean("4P", "share_of_wallet") < 0.68
    assert 0.74 < worlds.mean("4C", "share_of_wallet") < 0.78


@fact(en="about 37% more customer equity", zh="顾客资产却多出约 37%")
def four_c_is_worth_more(worlds: Worlds) -> None:
    found = worlds.difference("4P", "4C", "customer_equity")
    assert 0.25 < found.difference / found.a < 0.50, found


@fact(en="The profit of the two years is nearly the same", zh="两年的利润却相差无几")
def profit_is_alike(worlds: Worlds) -> None:
    found = worlds.difference("4P", "4C", "profit")
    assert abs(found.difference / found.a) < 0.08, found


@fact(
    en="After half a year 4C is about 5% behind in profit and about 19% in customer equity",
    zh="半年的时候，4C 的利润落后约 5%，顾客资产落后约 19%",
)
def half_a_year(worlds: Worlds) -> None:
    profit = worlds.difference("4P", "4C", "profit", weeks=FIRST_HALF_YEAR)
    equity = worlds.difference("4P", "4C", "customer_equity", weeks=FIRST_HALF_YEAR)
    assert -0.08 < profit.difference / profit.a < -0.02, profit
    assert -0.29 < equity.difference / equity.a < -0.10, equity


@fact(
    en="94 of a hundred people think of you readily, under 4C 36",
    zh="一百个人里有 94 个很容易想起你，4C 下只有 36 个",
)
def reach(worlds: Worlds) -> None:
    assert 0.90 < standing(worlds, "4P")[0] < 0.98, standing(worlds, "4P")
    assert 0.28 < standing(worlds, "4C")[0] < 0.44, standing(worlds, "4C")


@fact(
    en="about 79% of the active customers are loyal, under 4C about 92%", zh="活跃顾客中约 79% 是忠诚的，4C 下约为 92%"
)
def loyalty(worlds: Worlds) -> None:
    assert 0.75 < standing(worlds, "4P")[1] < 0.83, standing(worlds, "4P")
    assert 0.89 < standing(worlds, "4C")[1] < 0.95, standing(worlds, "4C")


@fact(
    en="about 5% more active customers than 4P, although about 38% more are lost on the way",
    zh="活跃顾客比 4P 多约 5%，一路上流失的人次却多了约 38%",
)
def four_r_fetches_back(worlds: Worlds) -> None:
    active = worlds.difference("4P", "4R", "active_customers")
    lost = worlds.difference("4P", "4R", "lost_customers")
    assert 0.02 < active.difference / active.a < 0.09, active
    assert 0.30 < lost.difference / lost.a < 0.46, lost


@fact(
    en="raises the share of wallet by about 4 points and costs about 15% of the profit",
    zh="让钱包份额提高约 4 个百分点，却用掉约 15% 的利润",
)
def the_card(worlds: Worlds) -> None:
    wallet = worlds.difference("no_card", "4R", "share_of_wallet")
    profit = worlds.difference("no_card", "4R", "profit")
    assert 0.03 < wallet.difference < 0.06, wallet
    assert -0.18 < profit.difference / profit.a < -0.11, profit


@fact(en="about 29% of the profit and hardly wins", zh="利润少了约 29%，新顾客却几乎没有")
def louder_is_no_cure(worlds: Worlds) -> None:
    profit = worlds.difference("4P", "louder", "profit")
    new = worlds.difference("4P", "louder", "new_customers")
    assert -0.34 < profit.difference / profit.a < -0.24, profit
    assert abs(new.difference / new.a) < 0.03, new
