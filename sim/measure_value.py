"""What customers are worth: how unevenly, by whom and when, over a lifetime, and what winning and keeping cost."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.concentration import POINTS, curve_of
from sim.measure import Market, Table, earned, engine_of, kinds_and_phases, measure, share, week_of, years
from sim.outcomes import QUARTER, YEAR, contribution
from sim.policies import campaign as campaigns
from sim.policies.tiers import TIERS
from sim.rules.loyalty import PHASES
from sim.rules.stage import DORMANT, STAGES

TENURES = ((13, "up to a quarter"), (26, "up to half a year"), (52, "up to a year"), (10_000, "over a year"))


def buyers(market: Market, firm: int) -> NDArray[np.int64]:
    """Customers whom the firm's books know: who have paid something since they were opened."""
    return np.flatnonzero(engine_of(market).column("revenue")[:, firm] > 0)


@measure("Concentration of profit", "利润集中曲线", "B4, C3, C4")
def concentration(market: Market, firm: int = 0) -> Table:
    """Share of customer profit that the best 0, 1, … 100 % of buyers bring, best first: it rises above 1, then falls.

    Columns: customers, profit (shares). Profit is 1 at the end; not a number where all together bring a loss.
    """
    relations = engine_of(market).relations[:, firm]
    best_first = np.sort(earned(relations[buyers(market, firm)]))[::-1]
    return pd.DataFrame({"customers": np.linspace(0.0, 1.0, POINTS + 1), "profit": curve_of(best_first)})


@measure("20/80/30", "二八三十法则", "B4, C4")
def twenty_eighty_thirty(market: Market, firm: int = 0) -> Table:
    """What the best fifth brings, what the worst three tenths cost, how high the curve rises, where half is reached.

    One row. worst30 : profit lost to the worst 30 % as a share of what the others bring (0 if they lose nothing).
    """
    curve = concentration(market, firm)["profit"].to_numpy()
    top, at70, peak = curve[20], curve[70], curve.max()
    reached = np.flatnonzero(curve >= 0.5)
    return pd.DataFrame(
        {
            "top20": [top],
            "worst30": [max(0.0, 1.0 - 1.0 / at70) if np.isfinite(at70) else np.nan],
            "peak": [peak],
            "loss_making": [1.0 - float(np.argmax(curve)) / POINTS if np.isfinite(peak) else np.nan],
            "customers_of_half": [reached[0] / POINTS if reached.size else np.nan],
        }
    )


def _groups(market: Market, firm: int, by: str) -> tuple[NDArray[Any], list[str]]:
    engine = engine_of(market)
    relations, plan = engine.relations[:, firm], engine.plan
    segment = engine.column("segment")
    if by == "stage":
        return relations["stage"].astype(int), list(STAGES)
    if by == "tier":
        return relations["tier"].astype(int), list(TIERS)
    if by == "phase":
        return kinds_and_phases(engine, firm)[1], list(PHASES)
    if by == "tenure":
        tenure = week_of(engine) - relations["first_purchase"]
        return np.searchsorted([limit for limit, _ in TENURES], tenure), [name for _, name in TENURES]
    if by == "type":
        names = list(dict.fromkeys(s.customer_type for s in plan.segments))
        return np.array([names.index(s.customer_type) for s in plan.segments])[segment], names
    if by == "segment":
        names = list(dict.fromkeys(s.name.split("/")[0] for s in plan.segments))
        return np.array([names.index(s.name.split("/")[0]) for s in plan.segments])[segment], names
    raise ValueError(f"Customers cannot be grouped by '{by}'; by stage, tenure, tier, phase, segment or type they can.")


def value_by(market: Market, by: str, firm: int = 0) -> Table:
    """Buyers, and what they bring, by "stage", "tenure", "tier", "phase", "segment" or "type".

    Columns: buyers, revenue, profit, per customer: profit_each, cost_to_serve_each (money over the weeks reported), and
    profit_share.

    Raises
    ------
    ValueError
        If customers cannot be grouped like that.
    """
    engine = engine_of(market)
    who, (group, names) = buyers(market, firm), _groups(market, firm, by)
    relations = engine.relations[who, firm]
    frame = pd.DataFrame(
        {
            "group": group[who],
            "buyers": 1,
            "revenue": relations["revenue"],
            "profit": earned(relations),
            "cost_to_serve": relations["cost_to_serve"],
        }
    )
    table = frame.groupby("group").sum().reindex(range(len(names)), fill_value=0)
    table["profit_each"] = share(table["profit"], table["buyers"])
    table["cost_to_serve_each"] = share(table.pop("cost_to_serve"), table["buyers"])
    table["profit_share"] = share(table["profit"], table["profit"].sum())
    table.index = pd.Index(names, name=by)
    return table


@measure("Value by stage", "各阶段顾客价值", "B5, E2")
def value_by_stage(market: Market, firm: int = 0) -> Table:
    """Buyers and what they bring, by their stage with the firm."""
    return value_by(market, "stage", firm)


@measure("Value by length of the relationship", "按关系时长的价值", "B5, E9")
def value_by_tenure(market: Market, firm: int = 0) -> Table:
    """Buyers and what they bring, by how long ago they first bought."""
    return value_by(market, "tenure", firm)


@measure("Value by tier", "各等级顾客价值", "C3, C5, D2")
def value_by_tier(market: Market, firm: int = 0) -> Table:
    """Buyers and what they bring, by the tier the firm has put them in."""
    return value_by(market, "tier", firm)


@measure("Value by phase of the relationship", "各关系期的价值", "B5, D7")
def value_by_phase(market: Market, firm: int = 0) -> Table:
    """Buyers and what they bring, by exploration, formation, stability and decline."""
    return value_by(market, "phase", firm)


@measure("Value by segment", "各细分市场的价值", "A4, B5, D1, E9")
def value_by_segment(market: Market, firm: int = 0) -> Table:
    """Buyers and what they bring, by segment."""
    return value_by(market, "segment", firm)


@measure("Value by type of customer", "各类型顾客的价值", "D4")
def value_by_type(market: Market, firm: int = 0) -> Table:
    """Buyers and what they bring, by what they seek: lighthouse, follower, rational, profit-seeking."""
    return value_by(market, "type", firm)


@measure("Share of customer", "顾客份额", "D9")
def share_of_customer(market: Market, firm: int = 0) -> Table:
    """How much of their spending active customers give to the firm: how many give a tenth, two tenths, … all of it.

    Columns: share_up_to, customers, revenue. Spending is what was paid to all firms since the books were opened.
    """
    relations = engine_of(market).relations
    own, total = relations["revenue"][:, firm], relations["revenue"].sum(axis=1)
    who = (relations["stage"][:, firm] > DORMANT) & (own > 0)
    tenth = np.clip(np.ceil(10.0 * own[who] / total[who] - 1e-9), 1, 10).astype(int)
    counts = np.bincount(tenth, minlength=11)[1:]
    revenue = np.bincount(tenth, weights=own[who], minlength=11)[1:]
    return pd.DataFrame({"share_up_to": np.arange(1, 11) / 10, "customers": counts, "revenue": revenue})


@measure("Lifetime value: worked out and lived", "终身价值：公式与实现", "D8, E1")
def lifetime_values(market: Market, firm: int = 0) -> Table:
    """A cohort's value by the formula, with one margin and one retention for all, beside what it really brought.

    The cohort bought for the first time in the first reported quarter. Row by row: `formula_to_date` margin summed over
    the quarters since with retention r, `realised` what the cohort has contributed per head, `formula_for_life`
    margin · r/(1 + i − r); and margin and retention per quarter. They differ because the formula gives everybody the
    same chance to stay, while those who stay are those who buy more.
    """
    engine = engine_of(market)
    relations, plan, tally = engine.relations[:, firm], engine.plan, engine.tally[:, firm]
    week = relations["first_purchase"] - plan.warm_up
    cohort = relations[(week >= 0) & (week < QUARTER)]
    margin = QUARTER * share(contribution(tally).sum(), tally["active"].sum())
    kept = share(tally["kept_quarter"].sum(), tally["active_quarter_ago"].sum())
    quarters = np.arange(max(0.0, engine.week / QUARTER - 0.5))  # since the middle of the quarter they came in
    interest = (1.0 + plan.discount_rate) ** (QUARTER / YEAR) - 1.0
    rows = {
        "margin": margin,
        "retention": kept,
        "formula_to_date": margin * float(np.sum(kept**quarters)),
        "realised": share((earned(cohort) + cohort["cost_to_reach"]).sum(), len(cohort)),
        "formula_for_life": share(margin * kept, 1.0 + interest - kept),
    }
    return pd.DataFrame({"value": rows}).rename_axis("lifetime value")


@measure("Winning against keeping", "获客与留客成本之比", "A1, A2")
def keep_versus_win(market: Market, firm: int = 0) -> Table:
    """What winning a customer costs beside what keeping one for a year costs.

    Rows `win` (advertising and acquisition campaigns per first purchase), `win_back` (per return) and `keep` (dialogue,
    knowledge of customers, community, privileges, wake-up and retention campaigns and rewards per active customer and
    year; serving them is not counted, whoever buys is served), and `ratio` win/keep. Columns: spent, customers, each
    (money).
    """
    engine = engine_of(market)
    tally = engine.tally[:, firm]
    spent = {name: _spent(market, firm, f"{name}.spend") for name in (
        "advertising", "communication", "insight", "community"
    )}  # fmt: skip
    contacts = {kind: campaign_cost(market, firm, kind) for kind in campaigns.CAMPAIGNS}
    win = spent.pop("advertising") + contacts["acquisition"]
    keep = sum(spent.values()) + contacts["wake"] + contacts["retention"]
    keep += tally["rewards"].sum() + tally["privileges"].sum()
    rows = {
        "win": [win, tally["first_purchases"].sum()],
        "win_back": [contacts["winback"], tally["returned"].sum()],
        "keep": [keep, share(tally["active"].sum(), len(tally)) * years(engine)],
    }
    table = pd.DataFrame.from_dict(rows, orient="index", columns=["spent", "customers"])
    table["each"] = share(table["spent"], table["customers"])
    table.loc["ratio"] = [np.nan, np.nan, share(table.at["win", "each"], table.at["keep", "each"])]
    return table


def _levers(market: Market, firm: int, path: str) -> NDArray[np.float64]:
    """A lever of the reported weeks so far, as it was decided."""
    engine = engine_of(market)
    plan, weeks = engine.plan, np.arange(engine.plan.warm_up, max(engine.plan.warm_up, engine.weeks_done))
    values = engine.world.levers[weeks, firm, plan.lever_names.index(path)]
    return np.where(weeks >= plan.firms[firm].entry, values, 0.0)


def _spent(market: Market, firm: int, path: str) -> float:
    return float(_levers(market, firm, path).sum() * engine_of(market).plan.scale)


def campaign_cost(market: Market, firm: int, kind: str) -> float:
    """What the contacts of one kind of campaign have cost so far; money."""
    engine = engine_of(market)
    p, tally = engine.plan.parameters["campaign"], engine.tally[:, firm]
    each = np.full(len(tally), float(p["cost_scored"]))
    if kind == campaigns.CAMPAIGNS[0]:
        aim = _levers(market, firm, "acquisition.aim").astype(int)
        each = np.array([p["cost_mass"], p["cost_list"], p["cost_scored"]], float)[aim]
    return float((tally[f"{kind}_contacted"] * each).sum() * engine.plan.reference_price)
