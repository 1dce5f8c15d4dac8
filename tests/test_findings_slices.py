"""What the results page shows, without widgets and with them: whatever a place says, a picture comes out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sim.batch import run_batch
from sim.experiments import experiment
from sim.findings import open_batch
from sim.findings_page import write
from sim.findings_slices import Slice, choices, opened, shelf, things


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two finished batches and one that is not."""
    folder = tmp_path_factory.mktemp("results")
    shared = {"scenario": "coffee", "customers": 40, "weeks": 6, "seeds": 3, "strategies": ["4P", "4C"]}
    run_batch(
        experiment(
            **shared, levers={"pricing.list_price": [4, 5]}, uncertainties={"leave.return_rate": [0, 0.2]},
            outcomes=["profit", "retention"],
        ),
        folder / "prices",
    )  # fmt: skip
    run_batch(
        experiment(
            **shared, uncertainties={"hear.forget": {"from": 0, "to": 0.1}}, design={"kind": "sobol", "points": 16},
            outcomes=["revenue"],
        ),
        folder / "sample",
    )  # fmt: skip
    (folder / "half" / "runs").mkdir(parents=True)
    (folder / "half" / "manifest.json").write_text("{}")
    return folder


def test_a_slice_holds_what_it_is_told_to(results: Path) -> None:
    findings = open_batch(results / "prices")
    place = {"outcome": "retention", "what": "4C", "x": "pricing.list_price", "leave.return_rate": "0.2"}
    slice_ = Slice.of(findings, place)
    assert slice_.place == place
    runs = findings.runs
    kept = runs[(runs["strategy"] == "4C") & (runs["leave.return_rate"] == 0.2)]
    np.testing.assert_allclose(slice_.table()["mean"], kept.groupby("pricing.list_price")["retention"].mean())
    assert "4C" in slice_.sentence()
    assert slice_.picture() is not None


def test_a_place_that_makes_no_sense_gives_a_slice_all_the_same(results: Path) -> None:
    findings = open_batch(results / "prices")
    nonsense = {"outcome": "<b>", "what": "4X", "x": "no.such", "leave.return_rate": "7", "batch": "../.."}
    slice_ = Slice.of(findings, nonsense)
    assert (slice_.outcome, slice_.what, slice_.held) == ("profit", "4C − 4P", {})
    assert slice_.x in findings.paths
    assert things(findings) == ["4C − 4P", "4P", "4C"]


def test_a_sampled_range_is_held_by_thirds(results: Path) -> None:
    findings = open_batch(results / "sample")
    (third,) = choices(findings)
    assert len(third.labels) == 3
    held = Slice(findings, "revenue", "4P", "", {"hear.forget": 0}).kept
    assert 0 < len(held.points) < len(findings.points)
    assert held.points["hear.forget"].max() <= third.limits[0][1]


def test_only_batches_of_the_shelf_are_opened(results: Path) -> None:
    found = shelf(results)
    assert sorted(found) == ["half", "prices", "sample"]
    assert opened(found, "../prices") == "There is no such batch here."
    assert "holds no batch" in str(opened(found, "half"))
    assert open_batch(results / "prices").title == "experiment"


def test_the_results_page_follows_its_controls(results: Path) -> None:
    from sim.ui.results_page import ResultsPage

    told: list[dict[str, str]] = []
    page = ResultsPage(results, {"batch": "prices", "x": "pricing.list_price"}, on_place=told.append)
    assert len(page._picture) == 1
    page._selects["outcome"].value = "retention"
    assert told[-1]["outcome"] == "retention"
    page._selects["leave.return_rate"].value = "0.2"
    assert told[-1]["leave.return_rate"] == "0.2"
    assert page._selects["pricing.list_price"].disabled, "what the picture runs along cannot be held"
    page.go({"batch": "half"})
    assert "holds no batch" in page._told.object
    assert len(page._picture) == 0
    page.go({"batch": "<script>"})
    assert "<script>" not in page._told.object
    page.close()
    assert "crmsim batch" in ResultsPage(None)._told.object


@pytest.mark.parametrize("name", ["prices", "sample"])
def test_the_page_of_findings_needs_nothing_else(results: Path, tmp_path: Path, name: str) -> None:
    page = write(open_batch(results / name), tmp_path)
    text = page.read_text(encoding="utf-8")
    assert "<script src" not in text
    assert "<link" not in text
    assert "@import" not in text
    assert "data:text/csv;base64," in text
    assert len(list(tmp_path.glob("*.csv"))) >= 3
    assert "\x00" not in text, "every picture found its place"
