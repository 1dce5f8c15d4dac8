"""Where customers stand: in the firm's words, at the gates of the funnel, in kinds of loyalty; why they left."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sim.delivered import GATES, delivered
from sim.measure import Market, Table, earned, engine_of, kinds_and_phases, measure, share, week_of
from sim.outcomes import QUARTER
from sim.plan import VALUES
from sim.results import REASONS
from sim.rules import choose, experience, tell
from sim.rules.loyalty import KINDS, PHASES
from sim.rules.stage import BUYER, DORMANT, LOST, LOYAL, TRUSTING, UNAWARE

FIRM_STAGES = ("reach", "acquire", "convert", "retain", "loyalty")
STANDINGS = ("potential", "target", "first_time", "repeat", "loyal", "dormant", "lost")


@measure("Stages in the firm's words", "企业视角的阶段", "E2, E4")
def stage_report(market: Market, firm: int = 0) -> Table:
    """Reach, acquire, convert, retain, loyalty: how many people have come at least that far, and the rate of passing.

    reach : aware; acquire : aware and trusting, or a customer; convert : has ever bought; retain : active with two
    purchases or more; loyalty : loyal or an advocate. Columns: customers, of_previous (share). Lost customers count
    for what they once did (reach, acquire, convert).
    """
    r = engine_of(market).relations[:, firm]
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
    r = engine_of(market).relations[:, firm]
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


@measure("Positioning funnel", "定位漏斗", "D13")
def funnel(market: Market, firm: int = 0) -> Table:
    """How many pass each gate, segment by segment: can use, can afford, trusts, likes, needs now.

    The gates are those of `sim.delivered`, as the chart shows them: each counts those who passed all before it;
    needs_now is the number to be expected. Rows: segments and "all"; columns: people and the gates.
    """
    found = delivered(engine_of(market))
    columns = ["people", *GATES[1:]]
    table = pd.DataFrame(found.gates[:, firm], columns=columns, index=pd.Index(found.segments, name="segment"))
    table.loc["all"] = table.sum()
    return table


@measure("Kinds of loyalty", "四种忠诚", "E3")
def kinds_of_loyalty(market: Market, firm: int = 0) -> Table:
    """Active customers by what keeps them: bargains, liking, information or habit; how many, and what they bring."""
    engine = engine_of(market)
    r = engine.relations[:, firm]
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
    r, phase = engine.relations[:, firm], kinds_and_phases(engine, firm)[1]
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
    relations, p = engine.relations, engine.plan.parameters
    own, week = relations[:, firm], week_of(engine)
    wallet = share(own["revenue"], relations["revenue"].sum(axis=1))
    patience = float(engine.column("forgiveness").mean())
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
    tally, r = engine.tally[:, firm], engine.relations[:, firm]
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
    world, p, relations = engine.world, engine.plan.parameters, engine.relations
    active = relations["stage"] >= BUYER
    rows = []
    for f in [firm, *(g for g in range(world.firms.size) if g != firm)]:
        seller, r = world.firms[f], relations[:, f][active[:, f]]
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
    plan, world, week, customers = engine.plan, engine.world, max(0, week_of(engine)), engine.customers
    types = np.array([s.customer_type for s in plan.segments])[customers["segment"]]
    names = [name.removeprefix("weight_") for name in (customers.dtype.names or ()) if name.startswith("weight_")]
    rows = {}
    for kind in dict.fromkeys(s.customer_type for s in plan.segments):
        inside = customers[types == kind]
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
    tally, r = engine.tally[-QUARTER:, firm], engine.relations[:, firm]
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
