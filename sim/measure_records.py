"""What the firm's own records say: of its customers, of prospects, of its campaigns and tiers, beside the truth."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sim import offer
from sim.measure import Market, Table, earned, engine_of, is_here, measure, share, week_of, years
from sim.measure_value import campaign_cost, value_by
from sim.outcomes import contribution, incremental
from sim.policies import campaign as campaigns
from sim.policies import personal
from sim.policies.tiers import TIERS
from sim.rules.channel import STORE
from sim.rules.choose import energy_cost
from sim.storage import alone


@measure("The firm's database", "企业顾客数据库", "A1, B3, B10, C2, E1")
def database(market: Market, firm: int = 0) -> Table:
    """What the firm believes of each of its customers beside what is true.

    One row for each customer who has bought and is not lost, by customer_id. knowledge : [0, 1];
    value_believed, value_true : contribution, money a week; rank_believed, rank_true : 1 for the best.
    """
    engine = engine_of(market)
    week, relations = week_of(engine), engine.relations[:, firm]
    who = np.flatnonzero(is_here(engine) & (relations["purchases"] > 0) & (relations["reason"] == 0))
    r = relations[who]
    since = r["first_purchase"].astype(int)
    if week >= engine.plan.warm_up:
        since = np.maximum(since, engine.plan.warm_up)
    true = (earned(r) + r["cost_to_reach"]) / (week - since + 1)
    mean = true.mean() if true.size else 0.0
    known = r["knowledge"].astype(float)
    believed = np.array([campaigns.estimated_value(k, e, mean) for k, e in zip(known, true, strict=True)])
    frame = pd.DataFrame(
        {"knowledge": known, "value_believed": believed, "value_true": true}, index=pd.Index(who, name="customer_id")
    )
    for kind in ("believed", "true"):
        frame[f"rank_{kind}"] = frame[f"value_{kind}"].rank(ascending=False, method="first").astype(int)
    return frame


@measure("How well the best are known", "对最佳顾客的识别", "C2, D16")
def best_recognised(market: Market, firm: int = 0) -> Table:
    """How many of the truly best fifth the firm would pick out by its own records, beside picking blindly.

    One row: customers, mean knowledge, recognised (share of the best fifth found), blind (by luck), correlation of
    believed and true value.
    """
    told = database(market, firm)
    best = max(1, round(0.2 * len(told)))
    found = ((told["rank_believed"] <= best) & (told["rank_true"] <= best)).sum()
    has_spread = len(told) > 2 and told["value_believed"].std() > 0 and told["value_true"].std() > 0
    together = told["value_believed"].corr(told["value_true"]) if has_spread else np.nan
    return pd.DataFrame(
        {
            "customers": [len(told)],
            "knowledge": [told["knowledge"].mean()],
            "recognised": [share(found, min(best, len(told)))],
            "blind": [share(best, len(told))],
            "correlation": [together],
        }
    )


@measure("Segments in the firm's data", "数据中出现的细分市场", "A4, C1")
def segments_seen(market: Market, firm: int = 0) -> Table:
    """Which segments buy, whether the firm aimed at them or not: their share of the market and of the firm's buyers.

    Columns: market_share (of people), buyer_share, index (buyer_share/market_share), first_purchases, profit_each,
    is_aimed (an acquisition campaign has been meant for them).
    """
    engine = engine_of(market)
    table = value_by(market, "segment", firm)
    names = list(table.index)
    group = np.array([names.index(s.name.split("/")[0]) for s in engine.plan.segments])
    relations = engine.relations[:, firm]
    of_customer = group[engine.column("segment")]
    people = np.bincount(of_customer, minlength=len(names))
    came = relations["first_purchase"] >= engine.plan.warm_up
    records = engine.world.records[firm].reshape(len(group), 4)["tried"].sum(axis=1)
    tried = np.bincount(group, weights=records, minlength=len(names))
    return pd.DataFrame(
        {
            "market_share": people / people.sum(),
            "buyer_share": share(table["buyers"], table["buyers"].sum()),
            "index": share(share(table["buyers"], table["buyers"].sum()), people / people.sum()),
            "first_purchases": np.bincount(of_customer[came], minlength=len(names)),
            "profit_each": table["profit_each"],
            "is_aimed": tried > 0,
        },
        index=table.index,
    )


@measure("Records of prospects", "潜在顾客评分记录", "A1, D10")
def prospects(market: Market, firm: int = 0) -> Table:
    """What acquisition campaigns have taught the firm: contacts and first purchases for each kind of prospect.

    One row for each kind that was tried: segment, is_aware, has_friend (who buys), tried, won, and `estimated`, the
    chance by which a scored campaign ranks them.
    """
    engine = engine_of(market)
    p, records = engine.plan.parameters["campaign"], engine.world.records[firm]
    base = (records["won"].sum() + 1.0) / (records["tried"].sum() + 20.0)
    rows = [
        {
            "segment": engine.plan.segments[cell // 4].name,
            "is_aware": bool(cell & 2),
            "has_friend": bool(cell & 1),
            "tried": record["tried"],
            "won": record["won"],
            "estimated": campaigns.estimated_chance(record["won"], record["tried"], base, p["prior"]),
        }
        for cell, record in enumerate(records)
        if record["tried"] > 0
    ]
    columns = ["segment", "is_aware", "has_friend", "tried", "won", "estimated"]
    return pd.DataFrame(rows, columns=columns).sort_values("estimated", ascending=False, ignore_index=True)


@measure("Campaigns and their control groups", "营销活动与对照组", "A1, A2, B9, D10, D14")
def campaign_results(market: Market, firm: int = 0) -> Table:
    """Campaign by campaign: response of those contacted, of the control group, and what the difference cost.

    Rows: acquisition, winback, wake, retention. Columns: contacted, held_out (counts), response, control (shares),
    uplift (response − control), incremental (purchases caused), cost (money), cost_each (per purchase caused).
    """
    tally = engine_of(market).tally[:, firm : firm + 1]
    rows = {}
    for kind in campaigns.CAMPAIGNS:
        totals = {what: tally[f"{kind}_{what}"].sum() for what in ("contacted", "held_out", "answered", "unasked")}
        response = share(totals["answered"], totals["contacted"])
        control = share(totals["unasked"], totals["held_out"])
        caused = float(incremental(tally, kind)[-1, 0]) if len(tally) else np.nan
        cost = campaign_cost(market, firm, kind)
        each = share(cost, caused) if caused > 0 else np.nan
        counts = [totals["contacted"], totals["held_out"]]
        rows[kind] = [*counts, response, control, response - control, caused, cost, each]
    columns = ["contacted", "held_out", "response", "control", "uplift", "incremental", "cost", "cost_each"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("campaign")


@measure("Tiers", "顾客等级", "C5, D2, D11")
def tier_report(market: Market, firm: int = 0) -> Table:
    """Tier by tier: customers now, what they meet and what they are worth.

    Columns: customers, satisfaction, wait (minutes), service (level), cost_to_serve_each, profit_each (money over the
    weeks reported). `attrs["moves"]` holds the changes of tier so far (up, down).
    """
    engine = engine_of(market)
    world, tally, week = engine.world, engine.tally[:, firm], max(0, week_of(engine))
    relations, seller, p = engine.relations[:, firm], world.firms[firm], world.constants[0]
    offers = []
    who = is_here(engine) & (relations["purchases"] > 0) & (relations["reason"] == 0)
    probe = relations[:1].copy()[0]
    for tier in range(len(TIERS)):
        probe["tier"], probe["campaign"] = tier, 0
        _, _, service, wait_share, _, _ = offer.offer_met(
            alone(world.customer(0)), alone(probe), 0, seller, STORE, week, float(p["campaign_window"])
        )
        inside = who & (relations["tier"] == tier)
        r = relations[inside]
        offers.append(
            {
                "tier": TIERS[tier],
                "customers": int(inside.sum()),
                "satisfaction": r["satisfaction"].mean() if r.size else np.nan,
                "wait": wait_share * engine.plan.parameters["service"]["longest_wait"],
                "service": service,
                "cost_to_serve_each": r["cost_to_serve"].mean() if r.size else np.nan,
                "profit_each": earned(r).mean() if r.size else np.nan,
            }
        )
    table = pd.DataFrame(offers).set_index("tier")
    table.attrs["moves"] = {"up": float(tally["tier_up"].sum()), "down": float(tally["tier_down"].sum())}
    return table


@measure("Personal prices", "个性化价格", "C6")
def personal_prices(market: Market, firm: int = 0) -> Table:
    """Discounts of personal prices: how they spread over the firm's customers, and what is known of those who get them.

    Rows: quarters of the customers by discount, the smallest first. Columns: customers, discount (share of price),
    knowledge, deal_proneness, trust (means).
    """
    engine = engine_of(market)
    relations, customers = engine.relations[:, firm], engine.customers
    who = np.flatnonzero(is_here(engine) & (relations["purchases"] > 0) & (relations["reason"] == 0))
    depth = float(engine.world.firms[firm]["personal_depth"])
    known, love = relations["knowledge"][who].astype(float), customers["deal_proneness"][who].astype(float)
    own = np.array([personal.personal_discount(depth, k, d) for k, d in zip(known, love, strict=True)])
    rows = []
    for number, part in enumerate(np.array_split(np.argsort(own, kind="stable"), 4), 1):
        columns = {"discount": own, "knowledge": known, "deal_proneness": love, "trust": relations["trust"][who]}
        means = {name: values[part].mean() if part.size else np.nan for name, values in columns.items()}
        rows.append({"quarter": number, "customers": part.size} | means)
    return pd.DataFrame(rows).set_index("quarter")


@measure("What being known is worth", "学习型关系", "B10, C7")
def learning_relationship(market: Market, firm: int = 0) -> Table:
    """Customers by how well the firm knows them: effort saved, loyalty, and what would have to be taught elsewhere.

    Rows: knowledge up to 0.25, 0.5, 0.75, 1. Columns: customers, effort (energy cost, [0, 1]), switching_cost
    (utility, of knowledge alone), trust, share_of_wallet (means), channels (ways used).
    """
    engine = engine_of(market)
    relations, parameters = engine.relations, engine.plan.parameters["choose"]
    own = relations[:, firm]
    wallet = share(own["revenue"], relations["revenue"].sum(axis=1))
    who = np.flatnonzero(is_here(engine) & (own["purchases"] > 0) & (own["reason"] == 0))
    known = own["knowledge"][who].astype(float)
    ease = float(engine.world.firms[firm]["convenience"])
    effort = np.array([energy_cost(ease, parameters["relief"], k) for k in known])
    ways = np.bitwise_count(own["channels"][who])
    rows = []
    for number in range(4):
        part = np.ceil(known * 4 - 1e-9).clip(1, 4) == number + 1
        columns = {
            "effort": effort, "switching_cost": parameters["knowledge_pull"] * known, "trust": own["trust"][who],
            "share_of_wallet": wallet[who], "channels": ways,
        }  # fmt: skip
        means = {name: np.nanmean(values[part]) if part.any() else np.nan for name, values in columns.items()}
        rows.append({"knowledge_up_to": (number + 1) / 4, "customers": int(part.sum())} | means)
    return pd.DataFrame(rows).set_index("knowledge_up_to")


@measure("What CRM costs and brings", "CRM 投资回报", "D16, E1")
def capability_report(market: Market, firm: int = 0) -> Table:
    """CRM as an investment: what was put in, what was built, what customers contribute.

    One row: spent (money on systems, training and knowledge so far), system, people, capability (levels), known
    (mean knowledge of active customers), contribution (money a year per active customer).
    """
    engine = engine_of(market)
    plan, tally, firm_now = engine.plan, engine.tally[:, firm], engine.world.firms[firm]
    weeks = slice(plan.warm_up, max(plan.warm_up, engine.weeks_done))
    paths = [plan.lever_names.index(f"{name}.spend") for name in ("crm", "training", "insight")]
    people, able = float(firm_now["consistency"]), float(firm_now["capability"])
    active = share(tally["active"].sum(), len(tally))
    return pd.DataFrame(
        {
            "spent": [float(engine.world.levers[weeks, firm][:, paths].sum() * plan.scale)],
            "system": [share(able, people)],
            "people": [people],
            "capability": [able],
            "known": [share(tally["knowledge"][-1:].sum(), tally["active"][-1:].sum())],
            "contribution": [share(contribution(tally).sum(), active * years(engine))],
        }
    )
