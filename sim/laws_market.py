"""Tier B and C on the records that the default market leaves: what an outsider counts in the four CSV files of a run.

The default market is the scenario `_baseline` as shipped: 5,000 customers, three firms, opening levers, half a year of
warm-up before the two years on record. `native` runs it; nothing here reads more than the frames of `sim.results.Run`.
"""

from __future__ import annotations

import functools
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from sim import customer_base, laws_fits
from sim.results import run, run_plan
from sim.scenario import load_scenario

MARKET = "_baseline"
BRANDS = "schools"  # the shipped market with five brands and more
QUARTER, YEAR = 13, 52


class Files(NamedTuple):
    """What an outsider has of a run: its four files as frames, and the firms, the first one first."""

    weekly: pd.DataFrame
    transactions: pd.DataFrame
    customers: pd.DataFrame
    messages: pd.DataFrame
    firms: list[str]


@functools.lru_cache(maxsize=4)
def native(seed: int, scenario: str = MARKET, weeks: int = 2 * YEAR) -> Files:
    """The files of a market as shipped; of a shorter run they tell the same lives up to an earlier day."""
    result = run(scenario, seed=seed, weeks=weeks, is_recorded=True)
    weekly = result.weekly
    return Files(
        weekly, result.transactions, result.customers, result.messages_told, list(weekly["firm"].unique())
    )  # fmt: skip


def sales(files: Files, firm: str, first: int, last: int) -> pd.DataFrame:
    """Sales of a firm in weeks first … last − 1."""
    sold = files.transactions
    return sold[(sold["firm"] == firm) & (sold["week"] >= first) & (sold["week"] < last)]


# ---------------------------------------------------------------- Bass: a firm that nobody has heard of


def bass_6(seed: int) -> float:
    """Bass's q/p by least squares on monthly first purchases of the first firm, when nobody knows it at the start.

    The default market from its first day, three years, the first firm's starting awareness set to 0.
    """
    plan = load_scenario(MARKET).plan(seed=seed, weeks=39 * 4, warm_up=0)
    launch = replace(plan, firms=(replace(plan.firms[0], awareness=0.0), *plan.firms[1:]))
    weekly = run_plan(launch).weekly
    new = weekly.loc[weekly["firm"] == plan.firms[0].name, "new_customers"].to_numpy()
    p, q = laws_fits.fit_bass(new.reshape(-1, 4).sum(axis=1))
    return q / p


# ---------------------------------------------------------------- BG/NBD: a firm's new customers


@functools.lru_cache(maxsize=4)
def _newcomers(seed: int) -> tuple[pd.DataFrame, NDArray[np.float64]]:
    """Customers new to some firm in the first quarter: each relation's past in year one, its purchases in year two.

    Every firm's newcomers together, as customers of a firm they had never bought from.
    """
    files, past, ahead = native(seed), [], []
    for firm in files.firms:
        is_new = files.customers[f"{firm}.first_purchase"].between(0, QUARTER - 1).to_numpy(bool, na_value=False)
        sold = sales(files, firm, 0, 2 * YEAR)
        sold = sold[sold["customer_id"].isin(np.flatnonzero(is_new))].drop_duplicates(["customer_id", "week"])
        table = customer_base.summary(sold, end=YEAR - 1)
        later = sold[sold["week"] >= YEAR].groupby("customer_id").size()
        past.append(table)
        ahead.append(later.reindex(table.index).fillna(0.0).to_numpy())
    return pd.concat(past), np.concatenate(ahead)


def bgn_4(seed: int) -> float:
    """Purchases in year two that the BG/NBD expects, after year one, of a quarter's newcomers, against the real ones.

    All three firms' newcomers, weeks as periods; relative error, expected over real − 1.
    """
    past, ahead = _newcomers(seed)
    law = laws_fits.fit_bg_nbd(past["frequency"], past["recency"], past["T"])
    return float(law.expected(past["frequency"], past["recency"], past["T"], YEAR).sum() / ahead.sum() - 1.0)


def bgn_5(seed: int) -> float:
    """Rank correlation of repeat purchases in year one (0 to 7 and more) with the mean of those in year two."""
    past, ahead = _newcomers(seed)
    means = pd.Series(ahead).groupby(np.minimum(past["frequency"].to_numpy(), 7)).mean()
    return float(stats.spearmanr(means.index, means).statistic)


def bgn_7(seed: int) -> float:
    """Chance to buy in year two of those who bought in the last four weeks of year one, over that of the long silent.

    Everybody who bought from a firm in year one; silent for 26 to 40 weeks.
    """
    files, shares = native(seed), []
    for low, high in ((0, 4), (26, 40)):
        bought = there = 0
        for firm in files.firms:
            last = sales(files, firm, 0, YEAR).groupby("customer_id")["week"].max()
            who = last.index[(YEAR - 1 - last).between(low, high)]
            bought += int(np.isin(who, sales(files, firm, YEAR, 2 * YEAR)["customer_id"]).sum())
            there += len(who)
        shares.append(bought / there)
    return float(shares[0] / shares[1])


# ---------------------------------------------------------------- brands: double jeopardy, new and sole buyers


def _brands(files: Files, first: int, last: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Penetration and purchases per buyer of each firm in weeks first … last − 1."""
    sold = [sales(files, firm, first, last)["customer_id"] for firm in files.firms]
    buyers = np.array([s.nunique() for s in sold], float)
    return buyers / len(files.customers), np.array([len(s) for s in sold]) / np.maximum(buyers, 1.0)


def dir_2(seed: int) -> float:
    """Correlation over brands of penetration with purchases per buyer, first year; a market of five brands."""
    reach, rate = _brands(native(seed, BRANDS), 0, YEAR)
    return float(np.corrcoef(reach[reach > 0], rate[reach > 0])[0, 1])


def dir_3(seed: int) -> float:
    """Largest over smallest penetration, divided by largest over smallest purchases per buyer, last quarter."""
    reach, rate = _brands(native(seed), 2 * YEAR - QUARTER, 2 * YEAR)
    return float(reach.max() / reach.min() / (rate.max() / rate.min()))


def dir_6(seed: int) -> float:
    """Purchases in the last quarter per buyer of a brand who had bought none in the quarter before; all brands."""
    files, bought, buyers = native(seed), 0, 0
    for firm in files.firms:
        before = sales(files, firm, 2 * YEAR - 2 * QUARTER, 2 * YEAR - QUARTER)["customer_id"]
        now = sales(files, firm, 2 * YEAR - QUARTER, 2 * YEAR)["customer_id"]
        new = now[~now.isin(before)]
        bought, buyers = bought + len(new), buyers + new.nunique()
    return bought / buyers


def dir_7(seed: int) -> float:
    """Share of a brand's buyers in the last year who bought nothing else in the category; mean of the brands."""
    files = native(seed)
    brands = [set(sales(files, firm, YEAR, 2 * YEAR)["customer_id"]) for firm in files.firms]
    return float(
        np.mean([len(own - set().union(*(b for b in brands if b is not own))) / len(own) for own in brands])
    )  # fmt: skip


def par_1(seed: int) -> float:
    """Share of a brand's sales in the last year that go to the best fifth of its buyers; mean of the brands."""
    files, shares = native(seed), []
    for firm in files.firms:
        spent = sales(files, firm, YEAR, 2 * YEAR).groupby("customer_id")["amount"].sum().sort_values()
        shares.append(spent.iloc[-round(0.2 * len(spent)) :].sum() / spent.sum())
    return float(np.mean(shares))


# ---------------------------------------------------------------- the worth of customers


def _books(files: Files, firm: str) -> tuple[float, float, float]:
    """Gross margin, contribution after service and rewards, and cost of reaching, from the customers' books."""
    total = {
        name: float(files.customers[f"{firm}.{name}"].sum())
        for name in ("revenue", "cost_of_goods", "cost_to_serve", "cost_to_reach", "rewards")
    }
    margin = total["revenue"] - total["cost_of_goods"]
    return margin, margin - total["cost_to_serve"] - total["rewards"], total["cost_to_reach"]


def gls_3(seed: int) -> float:
    """Gain of the value of the first firm's customers, percent, when each sale earns 1% more margin.

    Value: what customers contributed in two years less what reaching them cost, from the customers' books.
    """
    files = native(seed)
    margin, contribution, reach = _books(files, files.firms[0])
    return margin / (contribution - reach)


def gls_4(seed: int) -> float:
    """Gain of that value, percent, when reaching the market costs 1% less and brings as much."""
    files = native(seed)
    _, contribution, reach = _books(files, files.firms[0])
    return reach / (contribution - reach)


def rs_2(seed: int) -> float:
    """Gain of the lifetime value r/(1 + i − r), percent, by five points more of the retention found in the market.

    Retention: share of the first firm's buyers of year one who buy from it in year two; i = 10% a year.
    """
    files = native(seed)
    first, second = (sales(files, files.firms[0], w, w + YEAR)["customer_id"].unique() for w in (0, YEAR))
    retention = float(np.isin(first, second).mean())
    now, then = (r / (1.1 - r) for r in (retention, min(1.0, retention + 0.05)))
    return 100.0 * (then / now - 1.0)
