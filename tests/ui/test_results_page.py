"""The results page without a browser: what it may open, what it shows of a batch, and that nobody names a path."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sim.batch import run_batch
from sim.experiments import experiment
from sim.ui import results_page, results_shelf
from sim.ui.chart_intervals import RESULT_CHARTS
from sim.ui.results_page import Results
from sim.ui.results_shelf import NotShown, Shelf
from sim.ui.state import LANGUAGES

ATTACK = "<img src=x onerror=alert(1)>"


class Visitor:
    """As much of a visit as the page asks for; work is done at once."""

    def __init__(self, language: str = "en") -> None:
        self.language = language

    def work(self, task: Callable[[], Any], then: Callable[[Any], None], name: str = "") -> None:
        then(task())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with batches of every design, one that is not finished and one that is faulty."""
    folder = tmp_path_factory.mktemp("results")
    shared = {"scenario": "coffee", "customers": 40, "weeks": 6, "seeds": 3, "strategies": ["4P", "4C"]}
    forget = {"hear.forget": {"from": 0, "to": 0.1}}
    run_batch(
        experiment(
            **shared, levers={"pricing.list_price": [4, 5]}, title=ATTACK,
            uncertainties={"leave.return_rate": [0, 0.2], "hear.forget": [0, 0.1]}, outcomes=["profit", "revenue"],
        ),
        folder / "prices",
    )  # fmt: skip
    run_batch(experiment(**shared, uncertainties=forget, design={"kind": "sobol", "points": 16}), folder / "sobol")
    run_batch(
        experiment(**shared, uncertainties=forget, design={"kind": "morris", "trajectories": 4}), folder / "morris"
    )
    run_batch(
        experiment(
            **shared | {"seeds": 1},
            design={"kind": "list", "rows": [{"pricing.list_price": 4}, {"pricing.list_price": 5}]},
        ),
        folder / "list",
    )  # fmt: skip
    alone = {"design": {"kind": "latin_hypercube", "points": 12}, "strategies": ["4C"]}
    run_batch(experiment(**shared | alone, uncertainties=forget), folder / "alone")
    (folder / "half" / "runs").mkdir(parents=True)
    (folder / "half" / "manifest.json").write_text('{"runs": 8}')
    faulty = folder / "faulty"
    run_batch(experiment(**shared, levers={"pricing.list_price": [4, 5]}), faulty)
    manifest = json.loads((faulty / "manifest.json").read_text())
    (faulty / "manifest.json").write_text(json.dumps(manifest | {"scenario_entries": [1], "factors": 7}))
    return folder


@pytest.fixture
def shown(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Shelf:
    """The server shows the folder."""
    shelf = Shelf(folder)
    monkeypatch.setattr(results_page, "results", lambda: shelf)
    return shelf


def test_without_results_the_page_says_how_to_get_some(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results_page, "results", Shelf)
    page = Results(Visitor(), {"batch": "prices"})
    assert "Run an experiment into a folder" in page.desk.told
    assert "crmsim serve --results" in page.desk.commands
    assert not any(card.visible for card in page.cards.values())
    assert page.place == {}


def test_only_batches_of_the_folders_that_were_named_are_opened(shown: Shelf, folder: Path) -> None:
    for name in ("../prices", str(folder / "prices"), "prices/", ".", "", "no such"):
        with pytest.raises(NotShown, match="results_gone"):
            shown.look(name, {})
    page = Results(Visitor(), {"batch": str(folder / "prices")})
    assert page.place["batch"] in shown.names()
    everything = json.dumps([page.desk.head, page.desk.picks, page.desk.told])
    assert str(folder) not in everything, "Where the batches lie is nobody's business."


@pytest.mark.parametrize(("name", "why"), [("half", "unfinished"), ("faulty", "faulty")])
def test_a_batch_that_cannot_be_shown_is_told_of(shown: Shelf, folder: Path, name: str, why: str) -> None:
    with pytest.raises(NotShown, match=why):
        shown.look(name, {})
    page = Results(Visitor(), {"batch": name})
    assert page.desk.told
    assert str(folder) not in page.desk.told
    assert [control["name"] for control in page.desk.picks] == ["batch"], "another one can be picked"


def test_what_is_kept_in_memory_and_how_large_a_batch_may_be_is_bounded(
    shown: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    for k in range(results_shelf.MOST_SEEN + 5):
        shown._seen.put(k, None)  # type: ignore[arg-type]
    assert len(shown._seen) == results_shelf.MOST_SEEN
    for name in ("prices", "sobol", "morris", "list"):
        shown.look(name, {})
    monkeypatch.setattr(results_shelf, "MOST_RUNS", 10)
    with pytest.raises(NotShown, match="too_large"):
        Shelf(*shown.folders).look("prices", {})
    monkeypatch.setattr(results_shelf, "MOST_BATCHES", 2)
    assert len(shown.names()) == 2


def test_the_page_follows_what_is_picked(shown: Shelf) -> None:
    page = Results(Visitor(), {"batch": "prices", "x": "pricing.list_price"})
    assert {"title": ATTACK}.items() <= page.desk.head.items(), "a text, which the browser never takes for HTML"
    before = page.charts["results_curve"].points.data["mean"].copy()
    page.desk.wish = {"name": "outcome", "value": "revenue"}
    assert page.place["outcome"] == "revenue"
    after = page.charts["results_curve"].points.data["mean"]
    assert (before != after).all()
    held = next(control for control in page.desk.picks if control["is_held"])
    page.desk.wish = {"name": held["name"], "value": held["options"][1][0]}
    assert page.place[held["name"]] == held["options"][1][0]
    assert (page.charts["results_curve"].points.data["mean"] != after).any()
    x, y = page.place["x"], page.place["y"]
    page.desk.wish = {"name": "x", "value": y}
    assert (page.place["x"], page.place["y"]) == (y, x), "axes swap"
    page.desk.wish = {"name": "batch", "value": "sobol"}
    assert page.place["batch"] == "sobol"
    page.go({"batch": "prices", "outcome": "revenue", "what": "4P"})
    assert (page.place["outcome"], page.place["what"]) == ("revenue", "4P"), "the way back"
    page.desk.wish = {"name": ["x"], "value": {"y": 1}, "z": 2}
    assert page.place["batch"] == "prices"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("name", "fitting"),
    [
        ("prices", {"results_curve", "results_map", "results_effects"}),
        ("sobol", {"results_curve", "results_effects", "results_indices"}),
        ("morris", {"results_effects", "results_indices"}),
        ("list", {"results_effects"}),
        ("alone", {"results_curve"}),
    ],
)
def test_every_design_has_the_charts_that_fit_it(shown: Shelf, name: str, fitting: set[str], language: str) -> None:
    page = Results(Visitor(language), {"batch": name})
    assert {key for key in RESULT_CHARTS if page.cards[key].visible} == fitting
    for key in fitting:
        chart = page.charts[key]
        assert not chart.view.empty
        assert chart.answer is not None
        table = chart.table(chart.answer)
        assert table.rows
        assert all(len(row) == len(table.heads) for row in table.shown()["rows"])
        assert table.csv().count("\n") == len(table.rows) + 1


def test_a_point_where_nothing_is_left_is_told_of(shown: Shelf, folder: Path) -> None:
    seen = shown.look("prices", {})
    empty = results_shelf.Seen(
        seen.name, seen.about, seen.place, True, seen.curve.head(0), None, seen.effects.head(0), None
    )
    for chart in Results(Visitor(), {"batch": "prices"}).charts.values():
        chart.show(empty)
        assert chart.view.empty
        chart.table(empty).csv()
