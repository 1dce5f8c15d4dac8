"""Frequency, recency, T and monetary value as the customer-base libraries have them, and RFM scores."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from sim import customer_base, laws_fits
from sim.cli import cli
from sim.laws_theory import ALPHA, PARTS, A, B, R, repeats

SALES = pd.DataFrame(
    [
        (7, 2, "a", 10.0), (7, 2, "a", 5.0), (7, 6, "a", 20.0), (7, 9, "a", 30.0),  # two purchases in week 2
        (3, 4, "a", 8.0), (3, 4, "a", 8.0),  # one week only
        (5, 0, "a", 1.0), (5, 10, "a", 3.0), (5, 1, "b", 99.0),
    ],
    columns=["customer_id", "week", "firm", "amount"],
)  # fmt: skip


def crmsim(*arguments: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(cli, list(arguments), prog_name="crmsim")
    assert done.exception is None or isinstance(done.exception, SystemExit), repr(done.exception)
    return done.exit_code, done.stdout, done.stderr


def by_the_book(sold: pd.DataFrame, end: int) -> pd.DataFrame:
    """The convention of `lifetimes.utils.summary_data_from_transaction_data`, written anew, customer by customer."""
    rows = {}
    for customer, own in sold[sold["week"] <= end].groupby("customer_id"):
        periods = own.groupby("week")["amount"].sum()
        first, last = periods.index.min(), periods.index.max()
        money = periods.iloc[1:].mean() if len(periods) > 1 else 0.0
        rows[customer] = (len(periods) - 1, last - first, end - first, money)
    return pd.DataFrame.from_dict(rows, "index", columns=["frequency", "recency", "T", "monetary_value"])


def test_the_summary_is_that_of_the_libraries() -> None:
    found = customer_base.summary(SALES[SALES["firm"] == "a"], end=12)
    assert found.loc[7].to_list() == [2, 7, 10, 25.0]  # weeks 2, 6 and 9; 20 and 30 after the first
    assert found.loc[3].to_list() == [0, 0, 8, 0.0]
    assert found.loc[5].to_list() == [1, 10, 12, 3.0]


def test_what_comes_after_the_end_is_not_seen() -> None:
    found = customer_base.summary(SALES[SALES["firm"] == "a"], end=8)
    assert found.loc[7].to_list() == [1, 4, 6, 20.0]
    assert found.loc[5].to_list() == [0, 0, 8, 0.0]


def test_scores_are_fifths_and_the_best_have_five() -> None:
    weeks = np.arange(100)
    sold = pd.DataFrame({"customer_id": weeks, "week": weeks, "firm": "a", "amount": 1.0 + weeks})
    found = customer_base.rfm(sold)
    assert found["R"].value_counts().to_dict() == dict.fromkeys(range(1, 6), 20)
    assert (found.loc[99, ["R", "M"]] == 5).all()
    assert (found.loc[0, ["R", "M"]] == 1).all()
    assert found["F"].nunique() == 1, "All bought once, and do not have the same score."


def test_a_generator_is_found_again_from_its_sales() -> None:
    """The engine as BG/NBD, its sales summarised here and fitted by likelihood: the parameters put in come out."""
    counts = repeats(3)[: 39 * PARTS + 1]  # the engine's steps are the periods here, several to a week
    bought = np.diff(counts, axis=0, prepend=-1)  # the first purchase is that of period 0
    week, customer = np.nonzero(bought)
    sold = pd.DataFrame({"customer_id": customer, "week": week, "amount": 1.0})
    table = customer_base.summary(sold, end=39 * PARTS)
    fit = laws_fits.fit_bg_nbd(table["frequency"], table["recency"], table["T"])
    assert fit.r == pytest.approx(R, rel=0.25)
    assert fit.alpha == pytest.approx(ALPHA * PARTS, rel=0.35)
    assert fit.a / (fit.a + fit.b) == pytest.approx(A / (A + B), rel=0.35)


def test_a_runs_sales_open_in_the_libraries_convention(tmp_path: Path) -> None:
    assert crmsim("run", "coffee", "--customers", "300", "--weeks", "30", "--out", str(tmp_path))[0] == 0
    sold = pd.read_csv(tmp_path / "transactions.csv")
    for firm, own in sold.groupby("firm"):
        found = customer_base.summary(own, end=29)
        pd.testing.assert_frame_equal(found, by_the_book(own, 29), check_names=False, check_dtype=False)
        fit = laws_fits.fit_bg_nbd(found["frequency"], found["recency"], found["T"])
        assert np.isfinite(fit).all(), f"The BG/NBD of {firm} is {fit}."
    status, told, _ = crmsim("rfm", str(tmp_path))
    assert status == 0
    assert "Written to" in told
    written = pd.read_csv(tmp_path / "rfm.csv")
    assert set(written["firm"]) == set(sold["firm"])
    assert len(written) == len(sold.drop_duplicates(["firm", "customer_id"]))
    assert written["spent"].sum() == pytest.approx(sold["amount"].sum())
    status, told, _ = crmsim("rfm", str(tmp_path), "--firm", "corner", "--end", "10", "--json")
    corner = json.loads(told)["corner"]
    assert status == 0
    assert {row["customer_id"] for row in corner} == set(
        sold[(sold["firm"] == "corner") & (sold["week"] <= 10)].customer_id
    )


@pytest.mark.parametrize(
    ("text", "arguments", "says"),
    [
        (None, (), "could not be used"),
        ("", (), "is no table of transactions"),
        ("customer_id,week,firm\n1,2,a\n", (), "has no column amount"),
        ("customer_id,week,firm,amount\n", (), "holds no sale"),
        ("customer_id,week,firm,amount\n1,2,a,3\n", ("--firm", "b"), "There is no firm b"),
        ("customer_id,week,firm,amount\n1,2,a,3\n", ("--end", "1"), "must not lie before it"),
    ],
)
def test_a_folder_without_sales_is_refused_in_words(
    tmp_path: Path, text: str | None, arguments: tuple[str, ...], says: str
) -> None:
    if text is not None:
        (tmp_path / "transactions.csv").write_text(text, encoding="utf-8")
    status, told, error = crmsim("rfm", str(tmp_path), *arguments)
    assert (status, told) == (2, "")
    assert says in error
