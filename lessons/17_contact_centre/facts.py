"""What the texts of this lesson claim, asserted on the engine. `en` and `zh` stand in the texts word for word."""

import functools

import numpy as np

from sim.lesson_facts import Worlds, fact

VIP = 2
TRAINING = 3  # its column among the stocks


@functools.cache
def desk(worlds: Worlds, strategy: str) -> dict[str, float]:
    """Calls a week in the market at its size in the scenario, and the satisfaction of the active, as means over four
    worlds: of the best fifth, of the VIP and of those who are not."""
    weeks, found = worlds.lesson.weeks(), []
    for world in range(4):
        engine = worlds.engine(strategy, weeks, world)
        engine.run()
        ours = engine.relations[:, 0]
        ours = ours[(ours["purchases"] > 0) & (ours["reason"] == 0)]
        best = ours["revenue"] >= np.quantile(ours["revenue"], 0.8)
        vip = ours["tier"] == VIP
        found.append(
            {
                "calls": engine.tally["contacts"][-26:, 0].mean() / engine.plan.scale,
                "best_share": ours["revenue"][best].sum() / ours["revenue"].sum(),
                "vip": ours["satisfaction"][vip].mean() if vip.any() else np.nan,
                "others": ours["satisfaction"][~vip].mean(),
                "training": engine.world.stocks[0, TRAINING],
            }
        )
    return {name: float(np.mean([one[name] for one in found])) for name in found[0]}


@fact(en="about a hundred calls a week, each taking 32 minutes", zh="每周大约一百通来电，每通要处理 32 分钟")
def calls(worlds: Worlds) -> None:
    assert worlds.lesson.scenario.entry.parameters["service"]["handling_minutes"] == 32
    assert 92 < desk(worlds, "opening")["calls"] < 110, desk(worlds, "opening")


@fact(en="callers wait for less than 3 minutes", zh="来电者等待不到 3 分钟")
def short_wait(worlds: Worlds) -> None:
    assert 2.0 < worlds.mean("opening", "waiting") < 3.0


@fact(en="about 23 minutes", zh="约 23 分钟")
def long_wait(worlds: Worlds) -> None:
    assert 20 < worlds.mean("half_desk", "waiting") < 26
    assert worlds.levers("opening")["service.agents"] < 2 * worlds.levers("half_desk")["service.agents"]


@fact(
    en="about 16% fewer customers are active, but the revenue is about 28% lower",
    zh="活跃顾客少了约 16%，收入却少了约 28%",
)
def the_best_go_first(worlds: Worlds) -> None:
    found = worlds.difference("opening", "half_desk", "active_customers")
    assert -0.2 < found.difference / found.a < -0.12, found
    found = worlds.difference("opening", "half_desk", "revenue")
    assert -0.33 < found.difference / found.a < -0.23, found


@fact(en="the profit is about 37% lower", zh="利润低了约 37%")
def no_saving(worlds: Worlds) -> None:
    found = worlds.difference("opening", "half_desk", "profit")
    assert -0.43 < found.difference / found.a < -0.31, found


@fact(en="from about 100 calls a week to about 72", zh="从每周约 100 通降到约 72 通")
def driven_away(worlds: Worlds) -> None:
    assert 66 < desk(worlds, "half_desk")["calls"] < 79, desk(worlds, "half_desk")
    assert 92 < desk(worlds, "opening")["calls"] < 110, desk(worlds, "opening")


@fact(en="raises the profit of the short desk by about 26%", zh="能让减半后的利润提高约 26%")
def machine_helps(worlds: Worlds) -> None:
    found = worlds.difference("half_desk", "machine", "profit")
    assert 0.21 < found.difference / found.a < 0.32, found


@fact(en="raises it by about 30%", zh="能提高约 30%")
def front_helps(worlds: Worlds) -> None:
    found = worlds.difference("half_desk", "front", "profit")
    assert 0.24 < found.difference / found.a < 0.36, found


@fact(en="the average wait is about 4 minutes longer", zh="平均等待反而长了约 4 分钟")
def front_lengthens(worlds: Worlds) -> None:
    found = worlds.difference("half_desk", "front", "waiting")
    assert 2.5 < found.difference < 6.5, found
    assert worlds.difference("half_desk", "front", "satisfaction").high < 0
    assert worlds.difference("half_desk", "front", "active_customers").high < 0


@fact(
    en="satisfied at a level of about 0.68, the others at about 0.53",
    zh="满意度约为 0.68，其他人约为 0.53",
)
def two_classes(worlds: Worlds) -> None:
    found = desk(worlds, "front")
    assert 0.65 < found["vip"] < 0.71, found
    assert 0.51 < found["others"] < 0.56, found
    assert 0.8 < found["best_share"] < 0.92, found


@fact(en="about 0.7 minutes instead of 2.6", zh="等待约 0.7 分钟，而不是 2.6 分钟")
def hands_answer_at_once(worlds: Worlds) -> None:
    assert abs(worlds.spending("hands") - worlds.spending("skill")) < 1
    assert 0.5 < worlds.mean("hands", "waiting") < 0.9
    assert 2.2 < worlds.mean("skill", "waiting") < 3.0


@fact(en="satisfaction and trust are a little higher with the training", zh="培训那一边的满意度和信任却略高")
def skill_pleases(worlds: Worlds) -> None:
    for name in ("satisfaction", "trust"):
        assert worlds.difference("hands", "skill", name).low > 0
    found = worlds.difference("hands", "skill", "profit")
    assert abs(found.difference / found.a) < 0.02, found


@fact(en="stray about 15% less from their average", zh="偏离平均水平的幅度小了约 15%")
def skill_is_even(worlds: Worlds) -> None:
    steadiness = 0.6
    spread = [1 - steadiness * desk(worlds, name)["training"] for name in ("hands", "skill")]
    assert -0.19 < spread[1] / spread[0] - 1 < -0.1, spread
