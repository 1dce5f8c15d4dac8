"""Tier B and C on satisfaction: surveys of the default market before and after a week, its sales and messages."""

from __future__ import annotations

import functools

import numpy as np
import pandas as pd
from scipy import stats

from sim.laws_market import QUARTER, YEAR, native, sales

WEEK = YEAR  # the week between the two surveys
BOXES = 5  # of a survey's scale, from "very dissatisfied" to "very satisfied"


@functools.lru_cache(maxsize=4)
def _judgements(seed: int) -> pd.DataFrame:
    """Everybody who bought from a firm in one week: what they had expected, the gap they met, how satisfied they are.

    Two surveys of the same lives, at the ends of the week and of the week before. A row for each customer and firm.
    """
    before, after = native(seed, weeks=WEEK).customers, native(seed, weeks=WEEK + 1).customers
    frames = []
    for firm in native(seed).firms:
        bought = (after[f"{firm}.last_purchase"] == WEEK).to_numpy(bool, na_value=False)
        frames.append(
            pd.DataFrame(
                {
                    "expectation": before.loc[bought, f"{firm}.expectation"],
                    "disconfirmation": after.loc[bought, f"{firm}.surprise"],
                    "satisfaction": after.loc[bought, f"{firm}.satisfaction"],
                },
                dtype=float,
            )
        )
    return pd.concat(frames, ignore_index=True)


def sat_1(seed: int) -> float:
    """Correlation of satisfaction with the gap between what was met and what had been expected, a week's buyers."""
    told = _judgements(seed)
    return float(told["satisfaction"].corr(told["disconfirmation"]))


def sat_2(seed: int) -> float:
    """Correlation of satisfaction with what had been expected, a week's buyers; must also be below SAT-1.

    Where it is not below SAT-1 there is no value, and the law does not hold.
    """
    told = _judgements(seed)
    found = float(told["satisfaction"].corr(told["expectation"]))
    return found if found < sat_1(seed) else float("nan")


def sat_3(seed: int) -> float:
    """Slope of satisfaction on the gap where it is negative, over the slope where it is positive.

    Least squares of satisfaction on shortfall, excess and expectation over a week's buyers.
    """
    told = _judgements(seed)
    gap = told["disconfirmation"].to_numpy()
    columns = np.column_stack([np.ones(len(gap)), np.minimum(gap, 0.0), np.maximum(gap, 0.0), told["expectation"]])
    slopes = np.linalg.lstsq(columns, told["satisfaction"].to_numpy(), rcond=None)[0]
    return float(slopes[1] / slopes[2])


def sat_5(seed: int) -> float:
    """How likely the completely satisfied are to buy from the first firm next time, over the merely satisfied.

    A survey in boxes of a fifth after year one, among the buyers of the last quarter; their next purchase in the
    category is from the firm or not. One firm's customers, as in the published study.
    """
    files, shares = native(seed), []
    firm = files.firms[0]
    recent = sales(files, firm, YEAR - QUARTER, YEAR)["customer_id"].unique()
    told = native(seed, weeks=YEAR).customers.loc[recent, f"{firm}.satisfaction"].to_numpy()
    later = files.transactions[files.transactions["week"] >= YEAR].sort_values("week", kind="stable")
    following = later.drop_duplicates("customer_id").set_index("customer_id")["firm"]
    for box in (BOXES, BOXES - 1):
        next_firm = following.reindex(recent[np.ceil(told * BOXES) == box]).dropna()
        shares.append(float((next_firm == firm).mean()))
    return shares[0] / shares[1]


def sat_7(seed: int) -> float:
    """Skewness of satisfaction with a firm among its buyers of the last quarter, all firms."""
    files = native(seed)
    levels = [
        files.customers.loc[
            sales(files, firm, 2 * YEAR - QUARTER, 2 * YEAR)["customer_id"].unique(), f"{firm}.satisfaction"
        ]
        for firm in files.firms
    ]
    return float(stats.skew(pd.concat(levels).to_numpy(float)))


def wom_4(seed: int) -> float:
    """Messages a buyer sends at the ends of the scale of satisfaction, over those in its middle.

    A week's buyers in five boxes by their satisfaction: the mean of the lowest and the highest over that of the middle
    one; no value where the lowest send fewer than the highest or either no more than the middle.
    """
    shorter = native(seed, weeks=WEEK + 1)
    told = shorter.messages[shorter.messages["week"] == WEEK]
    boxes, counts = [], []
    for firm in shorter.firms:
        bought = (shorter.customers[f"{firm}.last_purchase"] == WEEK).to_numpy(bool, na_value=False)
        sent = told.loc[told["firm"] == firm, "from_id"].value_counts().reindex(np.flatnonzero(bought)).fillna(0.0)
        boxes.append(np.ceil(shorter.customers.loc[bought, f"{firm}.satisfaction"].to_numpy() * BOXES))
        counts.append(sent.to_numpy())
    rates = pd.Series(np.concatenate(counts)).groupby(np.concatenate(boxes)).mean().reindex(range(1, BOXES + 1))
    low, middle, high = float(rates.iloc[0]), float(rates.iloc[2]), float(rates.iloc[4])
    if not middle > 0.0 or not low >= high > middle:
        return float("nan")
    return (low + high) / 2.0 / middle
