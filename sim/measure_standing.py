"""Where customers stand: in the firm's words, at the gates of the funnel, in kinds of loyalty; why they left."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim import chance, offer
from sim.measure import Market, Table, earned, engine_of, is_here, kinds_and_phases, measure, share, week_of
from sim.outcomes import QUARTER
from sim.plan import VALUES
from sim.results import REASONS
from sim.rules import choose, experience, tell
from sim.rules.channel import NOWHERE
from sim.rules.loyalty import KINDS, PHASES
from sim.rules.stage import BUYER, DORMANT, LOST, LOYAL, TRUSTING, UNAWARE

GATES = ("can_use", "can_afford", "trusts", "likes", "needs_now")
FIRM_STAGES = ("reach", "acquire", "convert", "retain", "loyalty")
STANDINGS = ("potential", "target", "first_time", "repeat", "loyal", "dormant", "lost")
LEAST_FIT = 0.5


@measure("Stages in the firm's words", "企业视角的阶段", "E2, E4")
def stage_report(market: Market, firm: int = 0) -> Table:
    """Reach, acquire, convert, retain, loyalty: how many people have come at least that far, and the rate of passing.

    reach : aware; acquire : aware and trusting, or a customer; convert : has ever bought; retain : active with two
    purchases or more; loyalty : loyal or an advocate. Columns: customers, of_previous (share). Lost customers count
    for what they once did (reach, acquire, convert).
    """
    r = engine_of(market).world.relations[:, firm]
    stage, has_bought = r["stage"], r["purchases"] > 0
    aware = r["awareness"] >= engine_of(market).plan.parameters["stage"]["aware_at"]
    counts = [
        (aware | has_bought).sum(),
        ((stage == TRUSTING) | has_bought).sum(),
        has_bought.sum(),
        ((stage >= BUYER) & (r["purchases"] > 1)).sum(),
        (stage >= LOYAL).sum(),
    ]
    passed = [share(n, before) for n, before in zip(counts, [r.size, *counts[:-1]], strict=True)]
    return pd.DataFrame({"customers": counts, "of_previous": passed}, index=pd.Index(FIRM_STAGES, name="stage"))


@measure("Standing of customers", "顾客状态", "D3")
def standing(market: Market, firm: int = 0) -> Table:
    """Potential, target, first-time, repeat, loyal, dormant, lost: how many, and what they have brought.

    potential : does not know the firm; target : knows it, has not bought. Those who moved away without ever having
    bought are left out. Columns: customers, profit (money).
    """
    r = engine_of(market).world.relations[:, firm]
    stage, n = r["stage"], r["purchases"]
    labels = np.select(
        [(stage == LOST) & (n == 0), stage == LOST, stage == DORMANT, stage >= LOYAL, (stage >= BUYER) & (n > 1),
         stage >= BUYER, stage == UNAWARE],
        ["", "lost", "dormant", "loyal", "repeat", "first_time", "potential"],
        "target",
    )  # fmt: skip
    counts = [int((labels == name).sum()) for name in STANDINGS]
    profit = [float(earned(r[labels == name]).sum()) for name in STANDINGS]
    return pd.DataFrame({"customers": counts, "profit": profit}, index=pd.Index(STANDINGS, name="standing"))


def conceivable(market: Market, firm: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """For each customer: the best value any product could have at the firm's price, and delivered value as it is.

    Both in utility, after the costs each counts (money alone; all four). The second is −∞ where the firm is out of
    reach.
    """
    engine = engine_of(market)
    world, week = engine.world, max(0, week_of(engine))
    climate, p = world.climate[week], world.constants[0]
    reference, seller = float(world.market[0]["reference_price"]), world.firms[firm]
    customers = world.customers
    best = sum(
        customers[f"weight_{v}"].astype(float) * climate[v] for v in ("product", "service", "personnel", "image")
    )
    delivered = np.full(customers.size, -np.inf)
    for i in range(customers.size):
        relation = world.relations[i, firm]
        way = offer.way_to(customers[i], relation, seller, 1.0)
        fit = float(world.fit[customers[i]["segment"], firm])
        value, money, _ = offer.worth(customers[i], relation, seller, max(1, way), fit, climate, week, reference, p)
        best[i] -= money
        if way != NOWHERE:
            delivered[i] = value
    return best, delivered


@measure("Positioning funnel", "定位漏斗", "D13")
def funnel(market: Market, firm: int = 0) -> Table:
    """How many pass each gate, segment by segment: can use, can afford, trusts, likes, needs now.

    can_use : the product suits them at least half; can_afford : the best conceivable product would be worth the price;
    trusts : knows the firm, trusts it enough to consider it and has not left it; likes : delivered value is at least
    that of going without; needs_now : had a need in the last week. Each gate counts those who passed all before it.
    Rows: segments and "all"; columns: people and the gates (counts).
    """
    engine = engine_of(market)
    world, plan, week = engine.world, engine.plan, max(0, week_of(engine))
    customers, relations, p = world.customers, world.relations[:, firm], world.constants[0]
    best, delivered = conceivable(market, firm)
    needs = np.zeros(customers.size, bool)
    factor = float(plan.need_factor[week])
    for i, customer in enumerate(customers):
        u = chance.uniform(world.market[0]["seed"], chance.NEED, week, i, 0)
        needs[i] = chance.poisson(u, float(customer["need_rate"]) * factor) > 0
    passes = {
        "can_use": world.fit[customers["segment"], firm] >= LEAST_FIT,
        "can_afford": best >= plan.outside_value,
        "trusts": (relations["awareness"] >= p["stage_aware_at"])
        & (relations["trust"] >= p["choose_consider_at"])
        & (relations["reason"] == 0),
        "likes": delivered >= plan.outside_value,
        "needs_now": needs,
    }
    names = list(dict.fromkeys(s.name.split("/")[0] for s in plan.segments))
    group = np.array([names.index(s.name.split("/")[0]) for s in plan.segments])[customers["segment"]]
    inside, columns = is_here(engine), {}
    columns["people"] = np.bincount(group[inside], minlength=len(names))
    for gate in GATES:
        inside = inside & passes[gate]
        columns[gate] = np.bincount(group[inside], minlength=len(names))
    table = pd.DataFrame(columns, index=pd.Index(names, name="segment"))
    table.loc["all"] = table.sum()
    return table


@measure("Kinds of loyalty", "四种忠诚", "E3")
def kinds_of_loyalty(market: Market, firm: int = 0) -> Table:
    """Active customers by what keeps them: bargains, liking, information or habit; how many, and what they bring."""
    engine = engine_of(market)
    r = engine.world.relations[:, firm]
    kind = kinds_and_phases(engine, firm)[0]
    active = r["stage"] >= BUYER
    rows = []
    for number, name in enumerate(KINDS):
        part = r[active & (kind == number)]
        means = {c: part[c].mean() if part.size else np.nan for c in ("commitment", "habit", "trust", "knowledge")}
        rows.append({"kind": name, "customers": part.size, "profit_each": share(earned(part).sum(), part.size)} | means)
    return pd.DataFrame(rows).set_index("kind")


@measure("Phases of the relationship", "关系生命周期", "D7")
def phases(market: Market, firm: int = 0) -> Table:
    """Everybody who ever bought, by exploration, formation, stability and decline: how many, and what they bring."""
    engine = engine_of(market)
    r, phase = engine.world.relations[:, firm], kinds_and_phases(engine, firm)[1]
    counts = [int((phase == k).sum()) for k in range(len(PHASES))]
    profit = [float(earned(r[phase == k]).sum()) for k in range(len(PHASES))]
    table = pd.DataFrame({"customers": counts, "profit": profit}, index=pd.Index(PHASES, name="phase"))
    table["profit_each"] = share(table["profit"], table["customers"])
    return table


@measure("The loyal beside the others", "忠诚顾客与其他顾客", "E6")
def loyal_beside_others(market: Market, firm: int = 0) -> Table:
    """Loyal customers beside the other active ones: trust, buying, forgiveness, recommendation, share of wallet.

    Rows: loyal, others. Columns: customers, trust, purchases_a_week, walks_out (chance after a silent failure, for
    somebody of average patience), recommends (0 to 10), share_of_wallet (means).
    """
    engine = engine_of(market)
    relations, p = engine.world.relations, engine.plan.parameters
    own, week = relations[:, firm], week_of(engine)
    wallet = share(own["revenue"], relations["revenue"].sum(axis=1))
    patience = float(engine.world.customers["forgiveness"].mean())
    rows = []
    for name, inside in (
        ("loyal", own["stage"] >= LOYAL),
        ("others", (own["stage"] >= BUYER) & (own["stage"] < LOYAL)),
    ):
        r = own[inside]
        rate, voice = p["experience"]["exit_rate"], p["experience"]["voice"]
        exits = [experience.chance_of_exit(rate, patience, float(c), False, voice) for c in r["commitment"]]
        floor, weight = p["tell"]["recommend_floor"], p["tell"]["recommend_commitment"]
        answers = [tell.answer_to_recommend(float(x["satisfaction"]), float(x["commitment"]), floor, weight) for x in r]
        columns = {
            "trust": r["trust"], "purchases_a_week": r["purchases"] / (week - r["first_purchase"] + 1.0),
            "walks_out": exits, "recommends": answers, "share_of_wallet": wallet[inside],
        }  # fmt: skip
        means = {c: float(np.nanmean(values)) if r.size else np.nan for c, values in columns.items()}
        rows.append({"who": name, "customers": r.size} | means)
    return pd.DataFrame(rows).set_index("who")


@measure("Why customers left", "流失原因", "A2, A3")
def departures(market: Market, firm: int = 0) -> Table:
    """Departures by the five reasons, and how many of those now lost could be won back.

    Columns: left (in the weeks reported), still_lost (customers now), value_each (what they contributed, money).
    """
    engine = engine_of(market)
    tally, r = engine.tally[:, firm], engine.world.relations[:, firm]
    names = ("on_purpose", "unmet", "value", "price", "moved")
    rows = {}
    for code, name in enumerate(names, 1):
        gone = r[(r["reason"] == code) & (r["purchases"] > 0)]
        rows[REASONS[code]] = [tally[f"left_{name}"].sum(), gone.size, share(earned(gone).sum(), gone.size)]
    columns = ["left", "still_lost", "value_each"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("reason")


@measure("What customers meet", "四种价值与四种成本", "B1, B2, D5, D15, E11, E12")
def offers(market: Market, firm: int = 0) -> Table:
    """The four values and four costs as each firm offers them this week; row by row a firm, the one asked for first.

    Columns: product, service, personnel, image (levels); money (price in reference prices), time, energy, mental
    (costs, [0, 1]; mental for its average active customer); unsteadiness (standard deviation of performance).
    """
    engine = engine_of(market)
    world, p, active = engine.world, engine.plan.parameters, engine.world.relations["stage"] >= BUYER
    rows = []
    for f in [firm, *(g for g in range(world.firms.size) if g != firm)]:
        seller, r = world.firms[f], world.relations[:, f][active[:, f]]
        values = {name: float(seller[name]) for name in VALUES}
        trust = float(r["trust"].mean()) if r.size else float(p["trust"]["start"])
        spread, steadiness = p["experience"]["variability"], p["experience"]["steadiness"]
        costs = {
            "money": choose.money_cost(float(seller["price"]), 0.0, engine.plan.reference_price),
            "time": choose.time_cost(float(seller["place"]), float(seller["wait_share"])),
            "energy": choose.energy_cost(float(seller["convenience"]), 0.0, 0.0),
            "mental": choose.mental_cost(trust),
        }
        left = experience.variability_left(spread, steadiness, float(seller["consistency"]))
        rows.append({"firm": engine.plan.firms[f].name} | values | costs | {"unsteadiness": left})
    return pd.DataFrame(rows).set_index("firm")


@measure("What customers weigh", "顾客看重什么", "B2, D4, D12")
def weights(market: Market, firm: int = 0) -> Table:
    """Mean weights of the four values and four costs, now and in the first week, by type of customer.

    A firm's customers are not looked at apart: the table is of everybody in the market. Rows: (type, "first"/"now").
    """
    engine = engine_of(market)
    plan, world, week = engine.plan, engine.world, max(0, week_of(engine))
    types = np.array([s.customer_type for s in plan.segments])[world.customers["segment"]]
    names = [name.removeprefix("weight_") for name in (world.customers.dtype.names or ()) if name.startswith("weight_")]
    rows = {}
    for kind in dict.fromkeys(s.customer_type for s in plan.segments):
        inside = world.customers[types == kind]
        for when, climate in (("first", world.climate[plan.warm_up]), ("now", world.climate[week])):
            rows[kind, when] = [
                float(inside[f"weight_{n}"].mean() * climate[n]) if inside.size else np.nan for n in names
            ]
    index = pd.MultiIndex.from_tuples(rows, names=["type", "week"])
    return pd.DataFrame(list(rows.values()), index=index, columns=names)


@measure("Channels", "渠道", "D1, E7")
def channel_report(market: Market, firm: int = 0) -> Table:
    """The ways by which customers come: purchases of the last quarter, and customers by how many ways they use.

    Rows: store, online, reseller, one_way, several_ways. Columns: purchases (rows 1–3), customers, profit_each,
    knowledge (means of active customers).
    """
    engine = engine_of(market)
    tally, r = engine.tally[-QUARTER:, firm], engine.world.relations[:, firm]
    r = r[r["stage"] >= BUYER]
    online, reseller = tally["online_purchases"].sum(), tally["reseller_purchases"].sum()
    sold = [tally["purchases"].sum() - online - reseller, online, reseller, np.nan, np.nan]
    ways = np.bitwise_count(r["channels"])
    parts = [*(r["channels"] & bit != 0 for bit in (1, 2, 4)), ways == 1, ways > 1]
    rows = [
        [n, int(part.sum()), share(earned(r[part]).sum(), part.sum()), share(r["knowledge"][part].sum(), part.sum())]
        for n, part in zip(sold, parts, strict=True)
    ]
    index = pd.Index(["store", "online", "reseller", "one_way", "several_ways"], name="way")
    return pd.DataFrame(rows, index=index, columns=["purchases", "customers", "profit_each", "knowledge"])


@measure("Programme", "会员计划", "E13")
def programme_report(market: Market, firm: int = 0) -> Table:
    """The programme's points: issued, redeemed, lapsed, still held, what is owed for them, and what rewards have cost.

    One row. redemption : share of the points issued that were redeemed so far; praise : messages of praise.
    """
    tally = engine_of(market).tally[:, firm]
    issued, redeemed = tally["points_issued"].sum(), tally["points_redeemed"].sum()
    return pd.DataFrame(
        {
            "issued": [issued],
            "redeemed": [redeemed],
            "lapsed": [tally["points_lapsed"].sum()],
            "held": [tally["points_held"][-1:].sum()],
            "redemption": [share(redeemed, issued)],
            "liability": [tally["liability"][-1:].sum()],
            "rewards": [tally["rewards"].sum()],
            "praise": [tally["praise"].sum()],
        }
    )
