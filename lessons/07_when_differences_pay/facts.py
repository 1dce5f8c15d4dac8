"""What the texts of this lesson claim, asserted on the engine. `en` and `zh` stand in the texts word for word."""

import functools

import numpy as np

from sim import outcomes
from sim.engine import Engine
from sim.lesson_facts import Worlds, fact
from sim.measure_value import value_by
from sim.scenario_changes import changed
from sim.scenario_plan import build_plan

FEW = 5  # worlds of the sweep
PRIVILEGES = {"tiers.vip_share": 0.2, "tiers.privilege": 20}
LETTING_GO = {"service.let_go_loss": 150}
# The same accounts, made more and more alike. Each market sells as much as the first and telephones as often.
MARKETS = {
    "steep": {},
    "skewed": {"large.basket.mean": 8.4, "medium.basket.mean": 3.3, "small.basket.mean": 1.5, "*.basket.shape": 1.0},
    "mild": {"*.basket.mean": 3.42, "*.basket.shape": 2.0, "*.need_rate.mean": 0.41, "*.need_rate.shape": 2.0},
    "flat": {"*.basket.mean": 3.42, "*.basket.shape": 20.0, "*.need_rate.mean": 0.41, "*.need_rate.shape": 20.0},
}


@functools.cache
def market(worlds: Worlds, name: str, *, privileges: bool = False, letting_go: bool = False) -> dict[str, float]:
    """Outcomes of one market of the sweep, on the average of a few worlds."""
    entry = changed(worlds.lesson.scenario.entry, {f"segments.{path}": v for path, v in MARKETS[name].items()})
    levers = worlds.levers("opening") | (PRIVILEGES if privileges else {}) | (LETTING_GO if letting_go else {})
    found = []
    for seed in range(1, FEW + 1):
        plan = build_plan(entry, name, levers, customers=1500, weeks=104, warm_up=None, seed=seed, sets={}, levers={})
        engine = Engine(plan)
        engine.run()
        found.append({key: float(values[0]) for key, values in outcomes.over_horizon(engine).items()})
    return {key: float(np.mean([one[key] for one in found])) for key in found[0]}


def gain(worlds: Worlds, name: str, what: str) -> float:
    """What privileges or letting go add to the profit of a market, as a share of it."""
    before = market(worlds, name)["profit"]
    return market(worlds, name, **{what: True})["profit"] / before - 1


def relative(worlds: Worlds, strategy: str, outcome: str) -> float:
    """How much more of an outcome a strategy brings than going on as before, as a share of it."""
    found = worlds.difference("opening", strategy, outcome)
    return found.difference / found.a


@fact(en="| almost 100% | +5% | +12% |", zh="| 接近 100% | +5% | +12% |")
def where_few_bring_all(worlds: Worlds) -> None:
    assert 0.97 < market(worlds, "steep")["top20_profit_share"] < 1.02
    assert 0.03 < gain(worlds, "steep", "privileges") < 0.07, gain(worlds, "steep", "privileges")
    assert 0.08 < gain(worlds, "steep", "letting_go") < 0.16, gain(worlds, "steep", "letting_go")


@fact(en="| about 86% | +2% | +6% |", zh="| 约 86% | +2% | +6% |")
def where_a_fifth_brings_most(worlds: Worlds) -> None:
    assert 0.83 < market(worlds, "skewed")["top20_profit_share"] < 0.89
    assert 0.01 < gain(worlds, "skewed", "privileges") < 0.04, gain(worlds, "skewed", "privileges")
    assert 0.04 < gain(worlds, "skewed", "letting_go") < 0.08, gain(worlds, "skewed", "letting_go")


@fact(en="| about 64% | 0% | +1% |", zh="| 约 64% | 0% | +1% |")
def where_it_comes_out_even(worlds: Worlds) -> None:
    assert 0.61 < market(worlds, "mild")["top20_profit_share"] < 0.67
    assert abs(gain(worlds, "mild", "privileges")) < 0.01, gain(worlds, "mild", "privileges")
    assert 0 < gain(worlds, "mild", "letting_go") < 0.02, gain(worlds, "mild", "letting_go")


@fact(en="| about 39% | −2% | 0% |", zh="| 约 39% | −2% | 0% |")
def where_all_are_alike(worlds: Worlds) -> None:
    assert 0.36 < market(worlds, "flat")["top20_profit_share"] < 0.42
    assert -0.04 < gain(worlds, "flat", "privileges") < -0.01, gain(worlds, "flat", "privileges")
    assert abs(gain(worlds, "flat", "letting_go")) < 0.005, gain(worlds, "flat", "letting_go")


@fact(en="privileges of 20 a week", zh="每周 20 元的礼遇")
def what_is_given(worlds: Worlds) -> None:
    assert PRIVILEGES["tiers.privilege"] == 20
    assert worlds.lesson.scenario.market.reference_price == 400


@functools.cache
def segments(worlds: Worlds) -> dict[str, dict[str, float]]:
    """Who the buyers are and what they bring, on the average of a few worlds: column → segment → number."""
    tables = []
    for world in range(FEW):
        engine = worlds.engine("opening", 104, world)
        engine.run()
        tables.append(value_by(engine, "segment"))
    return {name: (sum(table[name] for table in tables) / FEW).to_dict() for name in ("buyers", "profit_share")}


@fact(
    en="one account in ten is a large manufacturer, and these bring about 80% of the contribution",
    zh="每十家客户中有一家是大型制造商，它们带来约 80% 的贡献",
)
def large_accounts(worlds: Worlds) -> None:
    found = segments(worlds)
    assert 0.08 < found["buyers"]["large"] / sum(found["buyers"].values()) < 0.12, found
    assert 0.73 < found["profit_share"]["large"] < 0.87, found


@fact(
    en="the small workshops, more than half of all accounts, take about 1% away again",
    zh="小作坊占客户的一半以上，反而亏掉约 1%",
)
def small_accounts(worlds: Worlds) -> None:
    found = segments(worlds)
    assert found["buyers"]["small"] / sum(found["buyers"].values()) > 0.5, found
    assert -0.025 < found["profit_share"]["small"] < -0.005, found


@fact(en="wait 22 minutes on the telephone", zh="电话里平均要等 22 分钟")
def everybody_waits(worlds: Worlds) -> None:
    found = worlds.mean("opening", "waiting")
    assert 20.5 < found < 23.5, found


@fact(en="raises the profit by about 11%", zh="利润提高约 11%")
def letting_go_pays(worlds: Worlds) -> None:
    found = relative(worlds, "ninety", "profit")
    assert 0.08 < found < 0.15, found


@fact(en="about 29% fewer active customers", zh="活跃客户少了约 29%")
def letting_go_shrinks(worlds: Worlds) -> None:
    found = relative(worlds, "ninety", "active_customers")
    assert -0.33 < found < -0.25, found


@fact(en="the wait falls from 22 to 7 minutes", zh="等待从 22 分钟降到 7 分钟")
def letting_go_shortens_the_queue(worlds: Worlds) -> None:
    found = [worlds.mean(name, "waiting") for name in ("opening", "ninety")]
    assert 20.5 < found[0] < 23.5, found
    assert 6 < found[1] < 8.5, found


@fact(en="brings about 5% more profit, and loses nobody", zh="利润多出约 5%，一家客户也没有少")
def a_direct_line_pays(worlds: Worlds) -> None:
    assert 0.03 < relative(worlds, "tiered", "profit") < 0.08, relative(worlds, "tiered", "profit")
    assert relative(worlds, "tiered", "active_customers") > 0
    assert worlds.levers("tiered")["service.agents"] == worlds.levers("opening")["service.agents"]


@fact(
    en="One and a half more people bring about 12% more profit and about 12% more customers",
    zh="多雇一个半人，利润多出约 12%，客户也多出约 12%",
)
def hiring_pays(worlds: Worlds) -> None:
    assert worlds.levers("hire")["service.agents"] - worlds.levers("opening")["service.agents"] == 1.5
    assert 0.08 < relative(worlds, "hire", "profit") < 0.16, relative(worlds, "hire", "profit")
    assert 0.1 < relative(worlds, "hire", "active_customers") < 0.15, relative(worlds, "hire", "active_customers")


@fact(
    en="customer equity is about 28% higher after hiring, and after taking leave it is about what it was",
    zh="增加人手后，顾客资产高出约 28%；放弃客户后，顾客资产几乎没变",
)
def what_is_left(worlds: Worlds) -> None:
    assert 0.2 < relative(worlds, "hire", "customer_equity") < 0.36, relative(worlds, "hire", "customer_equity")
    assert abs(relative(worlds, "ninety", "customer_equity")) < 0.08, relative(worlds, "ninety", "customer_equity")
