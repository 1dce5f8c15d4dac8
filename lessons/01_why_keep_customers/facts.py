"""What the texts of this lesson claim, asserted on the engine. `en` and `zh` stand in the texts word for word."""

from sim.lesson_facts import Worlds, fact


@fact(en="We won 375 new customers in two years", zh="两年里我们赢来 375 位新顾客")
def new_customers(worlds: Worlds) -> None:
    found = worlds.mean("opening", "new_customers")
    assert 340 < found < 410, found


@fact(en="we lost 1,280", zh="却丢了 1,280 位")
def lost_customers(worlds: Worlds) -> None:
    found = worlds.mean("opening", "lost_customers")
    assert 1200 < found < 1360, found


@fact(en="You have 4,500 a week, of which 4,050 are spent", zh="你每周有 4,500 元可用，眼下花掉 4,050 元")
def budget(worlds: Worlds) -> None:
    assert worlds.lesson.scenario.market.budget == 4500
    assert all(abs(worlds.spending(name) - 4050) < 1 for name in ("opening", "louder", "kinder"))


@fact(en="about 375 for each of them", zh="每位新顾客大约要花 375 元")
def cost_of_winning(worlds: Worlds) -> None:
    found = worlds.mean("opening", "cost_per_acquisition")
    assert 345 < found < 405, found


@fact(en="brings 40 and costs 16 in goods, so 24 are left", zh="收入 40 元，商品成本 16 元，剩下 24 元")
def margin_of_a_contract(worlds: Worlds) -> None:
    scenario = worlds.lesson.scenario
    assert scenario.strategies["opening"].levers["pricing.list_price"] == 40
    assert scenario.firms[0].unit_cost == 16
    assert scenario.market.contract_weeks == 4
    assert 15 < worlds.mean("opening", "cost_per_acquisition") / 24 < 17  # sixteen contracts


@fact(en="Twice the advertising brings about 9% *fewer* new customers", zh="广告翻了一倍，新顾客反而*少了*约 9%")
def louder_wins_fewer(worlds: Worlds) -> None:
    spend = {name: worlds.levers(name)["advertising.spend"] for name in ("opening", "louder")}
    assert spend["louder"] == 2 * spend["opening"]
    found = worlds.difference("opening", "louder", "new_customers")
    assert -0.12 < found.difference / found.a < -0.06, found
    assert found.high < 0, found


@fact(en="about 20% more customers are lost than if you had gone on", zh="流失的顾客比维持现状多出约 20%")
def louder_loses_more(worlds: Worlds) -> None:
    found = worlds.difference("opening", "louder", "lost_customers")
    assert 0.16 < found.difference / found.a < 0.24, found


@fact(en="the profit of two years is about 11% lower", zh="两年的利润低了约 11%")
def louder_earns_less(worlds: Worlds) -> None:
    found = worlds.difference("opening", "louder", "profit")
    assert -0.14 < found.difference / found.a < -0.08, found


@fact(en="lifetime value rises by about 15%", zh="顾客终身价值提高约 15%")
def kinder_is_worth_more(worlds: Worlds) -> None:
    found = worlds.difference("opening", "kinder", "lifetime_value")
    assert 0.11 < found.difference / found.a < 0.19, found


@fact(en="about 13% *more* new customers too", zh="新顾客竟然也*多了*约 13%")
def kinder_wins_more(worlds: Worlds) -> None:
    found = worlds.difference("opening", "kinder", "new_customers")
    assert 0.09 < found.difference / found.a < 0.17, found
    assert worlds.levers("kinder")["advertising.spend"] < worlds.levers("opening")["advertising.spend"]


@fact(en="Retention moves by one or two points only", zh="留存率只动了一两个百分点")
def retention_moves_little(worlds: Worlds) -> None:
    found = worlds.difference("opening", "kinder", "retention")
    assert 0.008 < found.difference < 0.025, found
    equity = worlds.difference("opening", "kinder", "customer_equity")
    assert equity.difference / equity.a > 10 * found.difference, equity


@fact(en="nine in ten knew you before", zh="十个人里早有九个知道你")
def nearly_all_know_the_firm(worlds: Worlds) -> None:
    assert worlds.lesson.scenario.firms[0].awareness == 0.9
