"""What the texts of this lesson claim, asserted on the engine. `en` and `zh` stand in the texts word for word."""

import functools

from sim.lesson_facts import Worlds, fact

_WORLDS = 6  # for what single campaigns bring


_CAMPAIGNS: dict[str, tuple[str, str, dict[str, float]]] = {
    "subscribers": ("retention", "renewal_calls", {}),
    "left": ("winback", "winback_calls", {}),
    "not for price": ("winback", "winback_calls", {"winback.reasons": 1}),
    "for price": ("winback", "winback_calls", {"winback.reasons": 2}),
    "strangers": (
        "acquisition", "winback_calls",
        {"winback.spend": 0, "acquisition.spend": 180, "acquisition.aim": 2, "acquisition.offer": 0.2},
    ),
}  # fmt: skip


@functools.lru_cache(maxsize=16)
def _told(worlds: Worlds, campaign: str) -> tuple[float, float]:
    """Share of those called, and of those held out, who ordered within the quarter."""
    kind, strategy, changes = _CAMPAIGNS[campaign]
    names = [f"{kind}_{what}" for what in ("contacted", "held_out", "answered", "unasked")]
    sums = [0.0] * 4
    for world in range(_WORLDS):
        engine = worlds.engine(worlds.levers(strategy) | changes, worlds.lesson.weeks(), world)
        engine.run()
        sums = [total + float(engine.tally[name][:, 0].sum()) for total, name in zip(sums, names, strict=True)]
    return sums[2] / sums[0], sums[3] / sums[1]


@fact(
    en="Of a hundred whom she calls with a fifth off, about 84 order within the quarter",
    zh="电话里许他们八折，每打给一百个人，约有 84 个在当季下单",
)
def subscribers_say_yes(worlds: Worlds) -> None:
    assert worlds.levers("renewal_calls")["retention.offer"] == 0.2
    found = _told(worlds, "subscribers")[0]
    assert 0.81 < found < 0.88, found


@fact(en="of a hundred who had left, only about 17 do", zh="打给一百个已经离开的人，只有约 17 个下单")
def few_who_left_say_yes(worlds: Worlds) -> None:
    found = _told(worlds, "left")[0]
    assert 0.145 < found < 0.205, found


@fact(en="about 77 of a hundred ordered without any call", zh="没接到电话的一百个人里，约有 77 个照样下了单")
def subscribers_order_anyway(worlds: Worlds) -> None:
    found = _told(worlds, "subscribers")[1]
    assert 0.74 < found < 0.81, found


@fact(en="about 1 of a hundred came back by themselves", zh="一百个人里自己回来的只有约 1 个")
def hardly_any_come_back_alone(worlds: Worlds) -> None:
    found = _told(worlds, "left")[1]
    assert 0.003 < found < 0.02, found


@fact(en="about 8 of a hundred strangers", zh="一百个陌生人里约 8 个")
def strangers_are_harder(worlds: Worlds) -> None:
    answered, unasked = _told(worlds, "strangers")
    assert 0.06 < answered - unasked < 0.11, (answered, unasked)


@fact(en="about 16 of a hundred who had left", zh="一百个离开的人里约 16 个")
def those_who_left_are_easier(worlds: Worlds) -> None:
    answered, unasked = _told(worlds, "left")
    assert 0.135 < answered - unasked < 0.195, (answered, unasked)


@fact(en="takes about 41% of the profit", zh="会吃掉约 41% 的利润")
def renewal_calls_lose(worlds: Worlds) -> None:
    found = worlds.difference("opening", "renewal_calls", "profit")
    assert -0.47 < found.difference / found.a < -0.35, found
    assert worlds.difference("opening", "renewal_calls", "active_customers").low > 0  # some are kept


@fact(en="adds about 35%", zh="能增加约 35%")
def winback_calls_pay(worlds: Worlds) -> None:
    assert worlds.spending("renewal_calls") == worlds.spending("winback_calls")
    found = worlds.difference("opening", "winback_calls", "profit")
    assert 0.29 < found.difference / found.a < 0.42, found


@fact(en="about 28 of a hundred who left for a lower price", zh="因低价离开的一百个人里约 28 个答应")
def price_leavers_answer(worlds: Worlds) -> None:
    found = _told(worlds, "for price")[0]
    assert 0.23 < found < 0.33, found


@fact(en="about 11 of a hundred who left for other reasons", zh="因其他原因离开的一百个人里约 11 个答应")
def others_answer_less(worlds: Worlds) -> None:
    found = _told(worlds, "not for price")[0]
    assert 0.08 < found < 0.14, found


@fact(en="16 of the 45 are left with a fifth off", zh="打八折以后，45 元里还剩 16 元")
def margin_on_offer(worlds: Worlds) -> None:
    price, cost = worlds.levers("opening")["pricing.list_price"], worlds.lesson.scenario.firms[0].unit_cost
    assert price == 45
    assert abs(price * 0.8 - cost - 16) < 1e-9
    only = worlds.levers("winback_calls") | {"winback.reasons": 2}
    assert worlds.difference("opening", only, "profit").low > 0  # chasing those bought away does pay here
