"""Slices of a finished batch: whatever a place says, a slice comes out; and the page that a batch is written into."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sim.batch import run_batch
from sim.experiments import experiment
from sim.findings import open_batch
from sim.findings_page import write
from sim.findings_slices import Slice, choices, shelf, things


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with three finished batches, in one of which nothing is compared, and one that is not finished."""
    folder = tmp_path_factory.mktemp("results")
    shared = {"scenario": "coffee", "customers": 40, "weeks": 6, "seeds": 3, "strategies": ["4P", "4C"]}
    run_batch(
        experiment(
            **shared, levers={"pricing.list_price": [4, 5]},
            uncertainties={"leave.return_rate": [0, 0.2], "hear.forget": [0, 0.1]},
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
    run_batch(
        experiment(
            **shared | {"strategies": ["4C"]}, uncertainties={"hear.forget": {"from": 0, "to": 0.1}},
            design={"kind": "latin_hypercube", "points": 12}, outcomes=["revenue"],
        ),
        folder / "alone",
    )  # fmt: skip
    (folder / "half" / "runs").mkdir(parents=True)
    (folder / "half" / "manifest.json").write_text("{}")
    return folder


def test_a_slice_holds_what_it_is_told_to(results: Path) -> None:
    findings = open_batch(results / "prices")
    place = {
        "outcome": "retention",
        "what": "4C",
        "x": "pricing.list_price",
        "y": "hear.forget",
        "leave.return_rate": "0.2",
    }
    slice_ = Slice.of(findings, place)
    assert slice_.place == place
    runs = findings.runs
    kept = runs[(runs["strategy"] == "4C") & (runs["leave.return_rate"] == 0.2)]
    np.testing.assert_allclose(slice_.curve()["mean"], kept.groupby("pricing.list_price")["retention"].mean())
    grid = slice_.heat_map()
    assert grid is not None
    assert grid.dims == ("hear.forget", "pricing.list_price")
    one = kept[(kept["hear.forget"] == 0.1) & (kept["pricing.list_price"] == 5)]["retention"].mean()
    assert float(grid.sel({"hear.forget": 0.1, "pricing.list_price": 5})) == pytest.approx(one)


def test_effects_of_a_slice_are_those_of_a_batch_that_ran_nothing_else(results: Path) -> None:
    held = Slice.of(
        open_batch(results / "prices"), {"outcome": "profit", "leave.return_rate": "0.2", "x": "hear.forget"}
    )
    runs = held.findings.runs
    at = runs[runs["leave.return_rate"] == 0.2]
    (row,) = (row for row in held.effects().itertuples() if row.what == "pricing.list_price")
    means = at.groupby("pricing.list_price")["profit"].mean()
    assert row.difference == pytest.approx(means[5] - means[4])
    assert "leave.return_rate" not in set(held.effects()["what"]), "what is held does not change"


def test_a_place_that_makes_no_sense_gives_a_slice_all_the_same(results: Path) -> None:
    findings = open_batch(results / "prices")
    nonsense = {"outcome": "<b>", "what": "4X", "x": "no.such", "leave.return_rate": "7", "batch": "../.."}
    slice_ = Slice.of(findings, nonsense)
    assert (slice_.outcome, slice_.what, slice_.held) == ("profit", "4C − 4P", {})
    assert {slice_.x, slice_.y} < set(findings.paths)
    assert slice_.x != slice_.y
    assert Slice.of(findings, {"x": "hear.forget", "y": "hear.forget"}).y != "hear.forget"
    assert things(findings) == ["4C − 4P", "4P", "4C"]


def test_a_sampled_range_is_held_by_thirds(results: Path) -> None:
    findings = open_batch(results / "sample")
    (third,) = choices(findings)
    assert len(third.labels) == 3
    held = Slice(findings, "revenue", "4P", "", "", {"hear.forget": 0}).kept
    assert 0 < len(held.points) < len(findings.points)
    assert held.points["hear.forget"].max() <= third.limits[0][1]


def test_a_shelf_gives_every_batch_a_name_of_its_own(results: Path, tmp_path: Path) -> None:
    assert sorted(shelf(results)) == ["alone", "half", "prices", "sample"]
    assert shelf(results / "prices") == {"prices": (results / "prices").resolve()}, "a folder may be a batch itself"
    (tmp_path / "prices" / "runs").mkdir(parents=True)
    (tmp_path / "prices" / "manifest.json").write_text("{}")
    both = shelf(results, tmp_path, results)
    assert sorted(both) == ["alone", "half", "prices", "prices (2)", "sample"]
    assert both["prices (2)"] == tmp_path / "prices"
    assert shelf() == {}


@pytest.mark.parametrize("name", ["prices", "sample", "alone"])
def test_the_page_of_findings_needs_nothing_else(results: Path, tmp_path: Path, name: str) -> None:
    page = write(open_batch(results / name), tmp_path)
    text = page.read_text(encoding="utf-8")
    assert "<script src" not in text
    assert "<link" not in text
    assert "@import" not in text
    assert "data:text/csv;base64," in text
    written = {path.name.partition("_")[0] for path in tmp_path.glob("*.csv")} - {"points"}
    assert (
        written
        == {
            "prices": {"effects", "curves", "heat", "regions"},
            "sample": {"effects", "curves", "indices", "regions"},
            "alone": {"curves"},
        }[name]
    )
    assert "\x00" not in text, "every picture found its place"
