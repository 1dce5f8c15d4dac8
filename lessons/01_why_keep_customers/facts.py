"""What the texts of this lesson claim, asserted on the engine. `en` and `zh` stand in the texts word for word."""

from sim.lesson_facts import Worlds, fact


@fact(en="We won 458 new customers in two years", zh="两年里我们赢来 458 位新顾客")
def new_customers(worlds: Worlds) -> None:
    found = worlds.mean("opening", "new_customers")
    assert 415 < found < 500, found


@fact(en="we lost 1,400", zh="却丢了 1,400 位")
def lost_customers(worlds: Worlds) -> None:
    found = worlds.mean("opening", "lost_customers")
    assert 1300 < found < 1500, found


@fact(en="You have 4,500 a week, of which 4,050 are spent", zh="你每周有 4,500 元可用，眼下花掉 4,050 元")
def budget(worlds: Worlds) -> None:
    assert worlds.lesson.scenario.market.budget == 4500
    assert all(abs(worlds.spending(name) - 4050) < 1 for name in ("opening", "louder", "kinder"))


@fact(en="about 307 for each of them", zh="每位新顾客大约要花 307 元")
def cost_of_winning(worlds: Worlds) -> None:
    found = worlds.mean("opening", "cost_per_acquisition")
    assert 285 < found < 330, found


@fact(en="brings 40 and costs 16 in goods, so 24 are left", zh="收入 40 元，商品成本 16 元，剩下 24 元")
def margin_of_a_contract(worlds: Worlds) -> None:
    scenario = worlds.lesson.scenario
    assert scenario.strategies["opening"].levers["pricing.list_price"] == 40
    assert scenario.firms[0].unit_cost == 16
    assert scenario.market.contract_weeks == 4
    assert 12 < worlds.mean("opening", "cost_per_acquisition") / 24 < 13.5  # thirteen contracts


@fact(en="Twice the advertising brings about 8% *fewer* new customers", zh="广告翻了一倍，新顾客反而*少了*约 8%")
def louder_wins_fewer(worlds: Worlds) -> None:
    spend = {name: worlds.levers(name)["advertising.spend"] for name in ("opening", "louder")}
    assert spend["louder"] == 2 * spend["opening"]
    found = worlds.difference("opening", "louder", "new_customers")
    assert -0.11 < found.difference / found.a < -0.05, found
    assert found.high < 0, found


@fact(en="about 28% more customers are lost than if you had gone on", zh="流失的顾客比维持现状多出约 28%")
def louder_loses_more(worlds: Worlds) -> None:
    found = worlds.difference("opening", "louder", "lost_customers")
    assert 0.23 < found.difference / found.a < 0.33, found


@fact(en="the profit of two years is about 10% lower", zh="两年的利润低了约 10%")
def louder_earns_less(worlds: Worlds) -> None:
    found = worlds.difference("opening", "louder", "profit")
    assert -0.13 < found.difference / found.a < -0.07, found


@fact(en="lifetime value rises by about 15%", zh="顾客终身价值提高约 15%")
def kinder_is_worth_more(worlds: Worlds) -> None:
    found = worlds.difference("opening", "kinder", "lifetime_value")
    assert 0.11 < found.difference / found.a < 0.19, found


@fact(en="about 7% *more* new customers too", zh="新顾客竟然也*多了*约 7%")
def kinder_wins_more(worlds: Worlds) -> None:
    found = worlds.difference("opening", "kinder", "new_customers")
    assert 0.04 < found.difference / found.a < 0.11, found
    assert worlds.levers("kinder")["advertising.spend"] < worlds.levers("opening")["advertising.spend"]


@fact(en="Retention moves by about one point only", zh="留存率只动了大约一个百分点")
def retention_moves_little(worlds: Worlds) -> None:
    found = worlds.difference("opening", "kinder", "retention")
    assert 0.005 < found.difference < 0.015, found
    equity = worlds.difference("opening", "kinder", "customer_equity")
    assert equity.difference / equity.a > 10 * found.difference, equity


@fact(en="nine in ten knew you before", zh="十个人里早有九个知道你")
def nearly_all_know_the_firm(worlds: Worlds) -> None:
    assert worlds.lesson.scenario.firms[0].awareness == 0.9
