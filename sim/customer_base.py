"""A customer base as its libraries see it: frequency, recency, T and monetary value, and RFM scores in fifths."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

SCORES = 5  # fifths


def summary(transactions: pd.DataFrame, end: int | None = None) -> pd.DataFrame:
    """Frequency, recency, T and monetary value of a firm's customers, as `lifetimes` and PyMC-Marketing define them.

    A week is the period: several purchases in one week count as one, as there.

    Parameters
    ----------
    transactions : customer_id, week, amount; of one firm
    end : week in which observation ends; the last week with a sale unless given

    Returns
    -------
    A row for each customer_id: frequency (weeks with a repeat purchase), recency (weeks from the first purchase to the
    last), T (weeks from the first purchase to the end) and monetary_value (mean amount of a repeat week, or 0).
    """
    end = int(transactions["week"].max()) if end is None and len(transactions) else end
    seen = transactions[transactions["week"] <= end] if end is not None else transactions
    weeks = seen.groupby(["customer_id", "week"], sort=True)["amount"].sum().reset_index()
    by_customer = weeks.groupby("customer_id")
    first = by_customer["week"].min()
    repeats = weeks[weeks["week"] > weeks["customer_id"].map(first)]
    monetary = repeats.groupby("customer_id")["amount"].mean()
    frame = pd.DataFrame(
        {"frequency": by_customer.size() - 1, "recency": by_customer["week"].max() - first, "T": (end or 0) - first}
    )
    frame["monetary_value"] = monetary.reindex(frame.index).fillna(0.0)
    return frame


def rfm(transactions: pd.DataFrame, end: int | None = None) -> pd.DataFrame:
    """Recency, frequency and monetary scores, 1 (worst fifth) to 5 (best fifth), beside what they are made of.

    Parameters and the first four columns as in `summary`; then weeks_since_last, purchases, spent and the scores
    R, F and M. Customers who are alike get the same score.
    """
    frame = summary(transactions, end)
    seen = transactions if end is None else transactions[transactions["week"] <= end]
    of_customer = seen.groupby("customer_id")
    frame["weeks_since_last"] = frame["T"] - frame["recency"]
    frame["purchases"] = of_customer.size().reindex(frame.index)
    frame["spent"] = of_customer["amount"].sum().reindex(frame.index)
    for score, column, is_more_better in (
        ("R", "weeks_since_last", False), ("F", "purchases", True), ("M", "spent", True),
    ):  # fmt: skip
        place = frame[column].rank(method="average", ascending=is_more_better, pct=True)
        frame[score] = np.ceil(place * SCORES).clip(1, SCORES).astype(int)
    return frame


def read_transactions(folder: str | Path) -> pd.DataFrame:
    """`transactions.csv` of a run's folder.

    Raises
    ------
    ValueError
        Where it holds no sale or lacks a column that is needed.
    OSError
        Where it cannot be read.
    """
    path = Path(folder) / "transactions.csv"
    try:
        frame = pd.read_csv(path)
    except (pd.errors.EmptyDataError, pd.errors.ParserError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} is no table of transactions ({error}). Write one with crmsim run … --out.") from None
    missing = [name for name in ("customer_id", "week", "firm", "amount") if name not in frame]
    if missing:
        raise ValueError(f"{path} has no column {', '.join(missing)}. Write it anew with crmsim run … --out.")
    if not len(frame):
        raise ValueError(f"{path} holds no sale, so there is nobody to summarise. Run for more weeks or customers.")
    return frame


def joined(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The tables of several firms as one, with the firm and the customer_id as its index."""
    return pd.concat(tables, names=["firm", "customer_id"])
