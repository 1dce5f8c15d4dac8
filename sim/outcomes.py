"""Every measure once: name, label, unit, which way is better, how weeks become one number, and its formula."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.engine import Engine
from sim.policies.campaign import CAMPAIGNS

QUARTER = 13  # weeks
YEAR = 52

Weekly = Callable[[NDArray[Any], Engine], NDArray[np.float64]]


@dataclass(frozen=True)
class Outcome:
    """One measure of how a firm is doing.

    better : "up", "down" or "neither"
    over_weeks : how the weeks become one number: "sum", "last" (the last week) or "late" (mean of the last quarter,
        over the weeks that have a value)
    weekly : (tally, engine) → (weeks, firms); None for what is counted from the customers' books when asked
    """

    name: str
    label: dict[str, str]
    unit: str
    better: str
    over_weeks: str
    meaning: dict[str, str]
    covers: tuple[str, ...]
    weekly: Weekly | None


def _ratio(top: Any, bottom: Any) -> NDArray[np.float64]:
    """top / bottom, not a number where there is nothing to divide by."""
    top, bottom = np.asarray(top, float), np.asarray(bottom, float)
    return np.divide(top, bottom, out=np.full(np.broadcast(top, bottom).shape, np.nan), where=bottom != 0)


def _retention(t: NDArray[Any], _: Engine) -> NDArray[np.float64]:
    return _ratio(t["kept_quarter"], t["active_quarter_ago"])


def _market_share(t: NDArray[Any], _: Engine) -> NDArray[np.float64]:
    return _ratio(t["revenue"], t["revenue"].sum(axis=1, keepdims=True))


def _recommend(t: NDArray[Any], _: Engine) -> NDArray[np.float64]:
    return 100.0 * _ratio(t["promoters"] - t["detractors"], t["active"])


def _lost(t: NDArray[Any], _: Engine) -> NDArray[np.float64]:
    return np.sum([t[f"left_{reason}"] for reason in ("on_purpose", "unmet", "value", "price", "moved")], axis=0)


def contribution(t: NDArray[Any]) -> NDArray[np.float64]:
    """What customers contribute in a week before reaching them and before fixed cost: (weeks, firms), money."""
    return t["revenue"] - t["cost_of_goods"] - t["cost_to_serve"] - t["rewards"]


def _rolling(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sum over this week and up to twelve before it, along the first axis."""
    total = np.cumsum(x, axis=0)
    total[QUARTER:] -= total[:-QUARTER].copy()
    return total


def _lifetime_value(t: NDArray[Any], engine: Engine) -> NDArray[np.float64]:
    margin = QUARTER * _ratio(_rolling(contribution(t)), _rolling(t["active"]))
    discount = (1.0 + engine.plan.discount_rate) ** (QUARTER / YEAR) - 1.0
    kept = _retention(t, engine)
    return _ratio(margin * kept, 1.0 + discount - kept)  # without discount nobody who stays for good has a finite value


def _cost_per_acquisition(t: NDArray[Any], _: Engine) -> NDArray[np.float64]:
    return _ratio(np.cumsum(t["cost_to_reach"], axis=0), np.cumsum(t["first_purchases"], axis=0))


def _all_campaigns(t: NDArray[Any], what: str) -> NDArray[np.float64]:
    return np.sum([t[f"{kind}_{what}"] for kind in CAMPAIGNS], axis=0)


def incremental(t: NDArray[Any], kind: str) -> NDArray[np.float64]:
    """Purchases so far that a kind of campaign caused: answers less what the control group would have given as well.

    (weeks, firms), counts; not a number without a control group.
    """
    so_far = {what: np.cumsum(t[f"{kind}_{what}"], axis=0) for what in ("contacted", "held_out", "answered", "unasked")}
    return so_far["answered"] - so_far["contacted"] * _ratio(so_far["unasked"], so_far["held_out"])


def _incremental(t: NDArray[Any], _: Engine) -> NDArray[np.float64]:
    gained = np.array([incremental(t, kind) for kind in CAMPAIGNS])
    return np.where(np.isfinite(gained).any(axis=0), np.nansum(gained, axis=0), np.nan)


def _cost_per_incremental(t: NDArray[Any], engine: Engine) -> NDArray[np.float64]:
    gained = _incremental(t, engine)
    return _ratio(np.cumsum(t["campaign_cost"], axis=0), np.where(gained > 0.0, gained, np.nan))


def _text(en: str, zh: str) -> dict[str, str]:
    return {"en": en, "zh": zh}


def _per_active(name: str) -> Weekly:
    return lambda t, _: _ratio(t[name], t["active"])


def _plain(name: str) -> Weekly:
    return lambda t, _: t[name].astype(float)


OUTCOMES: dict[str, Outcome] = {
    o.name: o
    for o in (
        Outcome("retention", _text("Retention per quarter", "季度留存率"), "share", "up", "late",
                _text("Share of the customers active a quarter ago who are active now.",
                      "一个季度前活跃的顾客中现在仍活跃的比例。"),
                ("B9", "D8"), _retention),
        Outcome("profit", _text("Profit", "利润"), "money", "up", "sum",
                _text("Revenue less goods, service, reach, rewards, fixed cost and the rise of the points liability.",
                      "收入减去商品、服务、触达、奖励、固定成本及积分负债的增加。"),
                ("B1", "B3", "D5", "D6", "D16", "E8"), _plain("profit")),
        Outcome("revenue", _text("Revenue", "收入"), "money", "up", "sum",
                _text("Price of everything sold, before rewards.", "全部销售额（奖励抵扣前）。"),
                ("B3", "D5", "E8"), _plain("revenue")),
        Outcome("active_customers", _text("Active customers", "活跃顾客"), "customers", "up", "last",
                _text("Customers who have bought and are neither lost nor dormant.",
                      "已购买且既未流失也未休眠的顾客。"),
                ("D3", "D15", "B9", "E1"), _plain("active")),
        Outcome("new_customers", _text("New customers", "新顾客"), "customers", "up", "sum",
                _text("First purchases.", "首次购买的人数。"), ("A1",), _plain("first_purchases")),
        Outcome("lost_customers", _text("Customers lost", "流失顾客"), "customers", "down", "sum",
                _text("Departures for any of the five reasons.", "因五种原因之一离开的顾客。"), ("A3",),
                _lost),
        Outcome("market_share", _text("Market share", "市场份额"), "share", "up", "late",
                _text("Share of all firms' revenue.", "占所有企业收入的比例。"),
                ("D5", "D9", "D15"), _market_share),
        Outcome("share_of_wallet", _text("Share of wallet", "钱包份额"), "share", "up", "last",
                _text("Share of what active customers have spent in the category since the start.",
                      "活跃顾客自开始以来在该品类支出中的占比。"),
                ("D9",), lambda t, _: _ratio(t["wallet_own"], t["wallet_all"])),
        Outcome("satisfaction", _text("Satisfaction", "满意度"), "level", "up", "late",
                _text("Mean satisfaction of active customers, 0 to 1.", "活跃顾客的平均满意度（0 到 1）。"), ("B7",),
                _per_active("satisfaction")),
        Outcome("expectation", _text("Expectation", "期望"), "level", "neither", "late",
                _text("Mean expectation of active customers, 0 to 1.", "活跃顾客的平均期望（0 到 1）。"), ("B7", "E14"),
                _per_active("expectation")),
        Outcome("trust", _text("Trust", "信任"), "level", "up", "late",
                _text("Mean trust of active customers, 0 to 1.", "活跃顾客的平均信任（0 到 1）。"),
                ("E4",), _per_active("trust")),
        Outcome("net_promoter_score", _text("Net promoter score", "净推荐值"), "points", "up", "late",
                _text("Promoters less detractors per hundred active customers.", "每百名活跃顾客中推荐者减去贬损者。"),
                ("E5",), _recommend),
        Outcome("waiting", _text("Waiting at the desk", "服务台等待"), "minutes", "down", "late",
                _text("Mean wait at the service desk.", "服务台平均等待时间。"), ("D11",), _plain("wait")),
        Outcome("lifetime_value", _text("Lifetime value", "顾客终身价值"), "money", "up", "last",
                _text("Quarterly contribution per active customer times r/(1 + i − r), r the quarterly retention.",
                      "每位活跃顾客的季度贡献乘以 r/(1+i−r)，r 为季度留存率。"), ("B3", "D8", "E1"), _lifetime_value),
        Outcome("customer_equity", _text("Customer equity", "顾客资产"), "money", "up", "last",
                _text("Lifetime value times active customers.", "终身价值乘以活跃顾客数。"), ("D8",),
                lambda t, e: _lifetime_value(t, e) * t["active"]),
        Outcome("cost_per_acquisition", _text("Cost per acquisition", "获客成本"), "money", "down", "last",
                _text("Spending on reaching the market so far per first purchase so far.",
                      "迄今触达支出除以迄今首购人数。"),
                ("A1",), _cost_per_acquisition),
        Outcome("performance", _text("Performance met", "实际体验"), "level", "up", "late",
                _text("Mean performance of the purchases as customers perceived it, 0 to 1.",
                      "顾客在购买中感受到的平均表现（0 到 1）。"),
                ("B7", "E12", "E14"), lambda t, _: _ratio(t["perceived"], t["purchases"])),
        Outcome("ignored_complaints", _text("Complaints left open", "未解决的投诉"), "complaints", "down", "sum",
                _text("Complaints that were not made good.", "未得到补救的投诉。"), ("E10",),
                lambda t, _: t["complaints"] - t["recovered"]),
        Outcome("praise_share", _text("Praise in what is told", "口碑中的好评占比"), "share", "up", "late",
                _text("Share of praise in what customers told their friends.", "顾客告诉朋友的话中好评的比例。"),
                ("B6", "E6"), lambda t, _: _ratio(t["praise"], t["praise"] + t["blame"])),
        Outcome("deal_share", _text("Bought on a deal", "促销购买占比"), "share", "neither", "late",
                _text("Share of the purchases that were made on a deal.", "在促销中完成的购买比例。"),
                ("D4", "E8"), lambda t, _: _ratio(t["deal_purchases"], t["purchases"])),
        Outcome("further_sales", _text("Add-ons and upgrades", "附加与升级购买"), "share", "up", "late",
                _text("Add-ons and upgrades per purchase.", "每次购买带来的附加品与升级数。"),
                ("B8",), lambda t, _: _ratio(t["add_ons"] + t["upgrades"], t["purchases"])),
        Outcome("online_share", _text("Bought online", "线上购买占比"), "share", "neither", "late",
                _text("Share of the purchases that were made online.", "在线上完成的购买比例。"), ("E7",),
                lambda t, _: _ratio(t["online_purchases"], t["purchases"])),
        Outcome("known_share", _text("Known to the firm", "企业对顾客的了解"), "level", "up", "late",
                _text("Mean of what the firm knows of its active customers, 0 to 1.",
                      "企业对活跃顾客的平均了解程度（0 到 1）。"),
                ("B10", "C2", "C7", "D16"), _per_active("knowledge")),
        Outcome("vip_customers", _text("VIP customers", "VIP 顾客"), "customers", "neither", "last",
                _text("Customers in the highest tier.", "最高等级的顾客。"), ("C5", "D2"), _plain("vip")),
        Outcome("key_customers", _text("Key customers", "重点顾客"), "customers", "neither", "last",
                _text("Customers in the second tier.", "第二等级的顾客。"), ("C5", "D2"), _plain("key")),
        Outcome("points_liability", _text("Owed in points", "积分负债"), "money", "neither", "last",
                _text("What the points in customers' hands are worth in rewards.", "顾客手中积分可兑换的奖励价值。"),
                ("E13",), _plain("liability")),
        Outcome("contacted", _text("Contacted by campaigns", "活动触达人次"), "contacts", "neither", "sum",
                _text("Contacts that campaigns made, the control group left out.",
                      "营销活动触达的人次（不含对照组）。"),
                ("A1", "A2", "B9", "D10"), lambda t, _: _all_campaigns(t, "contacted")),
        Outcome("incremental_responses", _text("Purchases caused by campaigns", "活动增量响应"),
                "purchases", "up", "last",
                _text("Answers to campaigns less what the control group bought as well, for as many as were contacted.",
                      "活动响应减去对照组按同等人数折算的购买。"),
                ("A1", "A2", "B9", "D10", "D14"), _incremental),
        Outcome("cost_per_incremental_response", _text("Cost per purchase caused", "每个增量响应的成本"),
                "money", "down", "last",
                _text("Cost of campaigns so far per purchase they caused so far; needs a control group.",
                      "迄今活动成本除以活动带来的购买；需要对照组。"),
                ("D10", "D14"), _cost_per_incremental),
        Outcome("top20_profit_share", _text("Contribution of the best fifth", "最佳五分之一的贡献占比"),
                "share", "neither", "last",
                _text("Share of all buyers' contribution that the best 20% bring; above 1 where others lose money.",
                      "最佳 20% 购买者占全部购买者贡献的比例；若其余亏损则大于 1。"), ("B4", "C4"), None),
    )
}  # fmt: skip


def best_fifth_share(engine: Engine) -> NDArray[np.float64]:
    """Share of each firm's customer contribution that its best fifth of buyers brings, (firms,)."""
    revenue = engine.column("revenue")
    contribution = revenue.copy()
    for name in ("cost_of_goods", "cost_to_serve", "cost_to_reach", "rewards"):
        contribution -= engine.column(name)
    shares = np.full(revenue.shape[1], np.nan)
    for f in range(revenue.shape[1]):
        earned = contribution[revenue[:, f] > 0, f]
        total = earned.sum()
        if total > 0:  # of a loss nobody has a share
            best = max(1, round(0.2 * earned.size))
            shares[f] = np.partition(earned, earned.size - best)[-best:].sum() / total
    return shares


def weekly(engine: Engine, names: Iterable[str] = OUTCOMES) -> dict[str, NDArray[np.float64]]:
    """Those outcomes, of all or of some, that have a weekly course: name → (weeks, firms)."""
    tally = engine.tally
    courses = {name: OUTCOMES[name].weekly for name in names}
    return {name: course(tally, engine) for name, course in courses.items() if course is not None}


def over_horizon(
    engine: Engine, courses: dict[str, NDArray[np.float64]] | None = None, names: Iterable[str] = OUTCOMES
) -> dict[str, NDArray[np.float64]]:
    """Outcomes, all or some, as one number for the weeks reported so far: name → (firms,); NaN where without a value.

    courses : what `weekly` gave for these names, where the caller has it
    """
    if courses is None:
        courses = weekly(engine, names)
    return {name: _over_horizon(engine, OUTCOMES[name], courses.get(name)) for name in names}


def _over_horizon(engine: Engine, outcome: Outcome, course: NDArray[np.float64] | None) -> NDArray[np.float64]:
    if not len(engine.tally):
        return np.full(len(engine.plan.firms), np.nan)
    if course is None:
        return best_fifth_share(engine)
    if outcome.over_weeks == "sum":
        return np.asarray(course.sum(axis=0))
    if outcome.over_weeks == "last":
        return np.asarray(course[-1])
    late = course[-QUARTER:]
    return _ratio(np.nansum(late, axis=0), np.isfinite(late).sum(axis=0))
