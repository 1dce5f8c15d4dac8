"""A batch loses nothing and doubles nothing: whoever runs it, in whatever order, and however often it is stopped."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from sim import batch, batch_runs, compare
from sim.batch import run_batch
from sim.batch_folder import BatchFolder
from sim.batch_forecast import forecast, samples
from sim.batch_runs import run_task, tasks_of
from sim.engine import Engine
from sim.experiments import Experiment, experiment
from sim.findings import open_batch
from sim.outcomes import OUTCOMES
from tests.reading import ROOT


def study(**entries: object) -> Experiment:
    given = {
        "scenario": "coffee", "customers": 40, "weeks": 6, "seeds": 6, "strategies": ["4P", "4C"],
        "levers": {"pricing.list_price": [4, 4.5, 5]}, "uncertainties": {"leave.return_rate": [0, 0.2]},
        "outcomes": ["profit", "satisfaction", "top20_profit_share"], "series": ["profit", "retention"],
    }  # fmt: skip
    return experiment(**(given | entries))


def tables(folder: Path) -> dict[str, bytes]:
    """Every table of a batch, byte by byte."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*.parquet"))}


def test_a_batch_is_what_the_runs_on_their_own_are(tmp_path: Path) -> None:
    made = study()
    summary = run_batch(made, tmp_path / "out", workers=2)
    assert (summary.runs, summary.found, summary.failed) == (72, 0, 0)
    runs = pd.read_parquet(tmp_path / "out" / "runs").sort_values("run")
    weeks = pd.read_parquet(tmp_path / "out" / "weeks")
    assert list(runs["run"]) == list(range(72))
    assert len(weeks) == 72 * 6
    for row in runs.iloc[::11].itertuples():
        values = {"pricing.list_price": row[7], "leave.return_rate": row[8]}
        engine = Engine(made.plan(values, row.strategy, row.seed))
        engine.run()
        assert row.profit == pytest.approx(engine.tally["profit"][:, 0].sum(), rel=1e-12)
        course = weeks[weeks["run"] == row.run].sort_values("week")["profit"]
        np.testing.assert_array_equal(course, engine.tally["profit"][:, 0])


def test_a_batch_agrees_with_compare(tmp_path: Path) -> None:
    made = study(levers={}, uncertainties={}, seeds=4)
    run_batch(made, tmp_path / "out")
    effects = open_batch(tmp_path / "out").effects().set_index("outcome")
    whole = compare("coffee", "4P", "4C", seeds=4, customers=40, weeks=6).table
    for outcome in made.entry.outcomes:
        for mine, theirs in (("difference", "difference"), ("low", "low"), ("high", "high"), ("before", "a")):
            assert effects.loc[outcome, mine] == pytest.approx(whole.loc[outcome, theirs], rel=1e-9)


def test_the_tables_do_not_depend_on_workers_or_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = study()
    run_batch(made, tmp_path / "one", workers=1)
    run_batch(made, tmp_path / "three", workers=3)
    forwards = batch.tasks_of
    monkeypatch.setattr(batch, "tasks_of", lambda one: reversed(list(forwards(one))))
    run_batch(made, tmp_path / "backwards", workers=2)
    assert len(tables(tmp_path / "one")) > 8
    assert tables(tmp_path / "one") == tables(tmp_path / "three") == tables(tmp_path / "backwards")


def test_tasks_cover_every_run_once() -> None:
    for entries in (
        {},
        {"seeds": 500, "levers": {}},
        {"levers": {"pricing.list_price": {"from": 4, "to": 5, "steps": 400}}},
    ):
        made = study(**entries)
        seen = np.zeros((made.n_points, len(made.seeds)), int)
        for task in tasks_of(made):
            seen[task.points.start : task.points.stop, task.replications.start : task.replications.stop] += 1
        assert (seen == 1).all()


def test_a_stopped_batch_goes_on_to_the_same_tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = study()
    run_batch(made, tmp_path / "whole")
    keep, kept = BatchFolder.keep, []

    def stumble(folder: BatchFolder, part: batch_runs.Part) -> None:
        if len(kept) == 3:
            raise OSError(28, "No space left on device")
        kept.append(part.number)
        keep(folder, part)

    monkeypatch.setattr(BatchFolder, "keep", stumble)
    with pytest.raises(OSError, match="No space"):
        run_batch(made, tmp_path / "out")
    monkeypatch.setattr(BatchFolder, "keep", keep)
    half = tmp_path / "out" / "runs" / f"part-{kept[0]:06}.parquet"
    half.write_bytes(half.read_bytes()[:200])  # as after a power cut
    (tmp_path / "out" / ".partial" / "left.parquet").write_bytes(b"half")
    with pytest.raises(ValueError, match="is not finished"):
        open_batch(tmp_path / "out")
    with pytest.raises(ValueError, match="already holds a batch"):
        run_batch(made, tmp_path / "out")
    summary = run_batch(made, tmp_path / "out", is_resumed=True)
    assert 0 < summary.found < summary.runs
    assert tables(tmp_path / "out") == tables(tmp_path / "whole")


def test_a_folder_of_something_else_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run_batch(study(), tmp_path / "out")
    with pytest.raises(ValueError, match="another experiment"):
        run_batch(study(weeks=7), tmp_path / "out", is_resumed=True)
    manifest = tmp_path / "out" / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"engine": "crmsim-', '"engine": "crmsim-older-'))
    with pytest.raises(ValueError, match="another version of the model"):
        run_batch(study(), tmp_path / "out", is_resumed=True)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("mine")
    with pytest.raises(ValueError, match=r"holds other files \(thesis.txt\)"):
        run_batch(study(), tmp_path / "mine")


def test_two_batches_cannot_share_a_folder(tmp_path: Path) -> None:
    folder = BatchFolder(tmp_path / "out")
    code = (
        "import sys; from pathlib import Path; from sim.batch_folder import BatchFolder\n"
        "with BatchFolder(Path(sys.argv[1])).locked():\n    print('held', flush=True); sys.stdin.read()\n"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "out")], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert holder.stdout is not None
    try:
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(ValueError, match="Another crmsim batch is writing"):
            run_batch(study(), tmp_path / "out")
    finally:
        holder.kill()
        holder.communicate()
    with folder.locked():  # a killed holder holds nothing
        pass


def test_a_failing_run_is_recorded_and_the_rest_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = Engine.run

    def fail(engine: Engine, **options: object) -> None:
        if engine.plan.seed == 2 and engine.plan.lever("pricing.list_price", engine.plan.warm_up) == 5:
            raise ZeroDivisionError("no customers left")
        run(engine)

    monkeypatch.setattr(Engine, "run", fail)
    summary = run_batch(study(), tmp_path / "out")
    assert summary.failed == 4
    findings = open_batch(tmp_path / "out")
    assert set(findings.failures["reason"]) == {"ZeroDivisionError: no customers left"}
    assert set(findings.failures["seed"]) == {2}
    assert findings.failures["profit"].isna().all()
    assert findings.runs["profit"].notna().sum() == 68
    assert "4 of 72 runs failed" in findings.summary()[0]


def test_a_point_that_cannot_be_is_recorded() -> None:
    made = study(customers=41)
    task = next(tasks_of(made))
    task.values[:, 0] = -3  # a price that no plan accepts
    part = run_task(made, task)
    assert set(part.runs["status"].to_pylist()) == {"failed"}
    assert "pricing.list_price is -3 but must lie between" in part.runs["reason"][0].as_py()


def test_the_manifest_says_everything(tmp_path: Path) -> None:
    made = study()
    run_batch(made, tmp_path / "out")
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    for key in (
        "crmsim",
        "commit",
        "python",
        "platform",
        "libraries",
        "scenario_sha256",
        "engine",
        "entries",
        "factors",
    ):
        assert manifest[key] is not None, key
    assert manifest["seeds"] == [1, 2, 3, 4, 5, 6]
    assert manifest["scenario_entries"]["market"]["customers"] == 4000
    again = experiment(**manifest["entries"])
    assert again.identity == made.identity, "the entries in the manifest make the same experiment"
    words = (tmp_path / "out" / "methods.md").read_text(encoding="utf-8")
    for part in (
        "40 customers over 6 weeks",
        "6 points",
        "the same 6 worlds",
        "72 runs",
        "pricing.list_price (4, 4.5, 5)",
    ):
        assert part in words
    points = pq.read_table(tmp_path / "out" / "points.parquet").to_pandas()
    np.testing.assert_array_equal(points["pricing.list_price"], made.points.values[:, 0])


def test_a_forecast_is_near_what_it_takes(tmp_path: Path) -> None:
    made = study(seeds=40)
    told = forecast(made, workers=1)
    run_batch(made, tmp_path / "out", workers=1)
    size = sum(path.stat().st_size for path in (tmp_path / "out").rglob("*.parquet"))
    assert (told.points, told.runs) == (6, made.n_runs)
    assert size / 4 < told.disk < size * 4
    assert told.seconds > 0
    assert told.memory > 100e6


def test_a_forecast_times_runs_that_share_no_more_than_those_of_the_batch() -> None:
    first, timed = samples(study())
    assert (list(first.points), list(timed.points)) == ([0], [1, 2, 3])
    np.testing.assert_array_equal(timed.values, study().points.values[1:4])
    first, timed = samples(study(levers={}, uncertainties={}))
    assert (list(timed.points), list(timed.replications)) == ([0], [1, 2, 3]), "One point: other worlds."
    first, timed = samples(study(levers={}, uncertainties={}, seeds=1))
    assert timed is first, "There is nothing else to time."


def test_findings_come_as_frames_and_arrays(tmp_path: Path) -> None:
    made = study()
    run_batch(made, tmp_path / "out")
    findings = open_batch(tmp_path / "out")
    assert findings.data["profit"].shape == (6, 2, 6)
    assert list(findings.data["pricing.list_price"].values) == [4, 4, 4.5, 4.5, 5, 5]
    runs = findings.runs
    effects = findings.effects().set_index(["outcome", "what", "to"])
    for level in (4.5, 5.0):
        moved, base = runs[runs["pricing.list_price"] == level], runs[runs["pricing.list_price"] == 4.0]
        gaps = moved.groupby("seed")["profit"].mean() - base.groupby("seed")["profit"].mean()
        assert effects.loc[("profit", "pricing.list_price", level), "difference"] == pytest.approx(gaps.mean())
        half = effects.loc[("profit", "pricing.list_price", level), "high"] - gaps.mean()
        assert half == pytest.approx(2.5706 * gaps.std(ddof=1) / np.sqrt(6), rel=1e-3)
    curve = findings.curve("profit", "pricing.list_price", "4C")
    expected = runs[runs["strategy"] == "4C"].groupby("pricing.list_price")["profit"].mean()
    np.testing.assert_allclose(curve["mean"], expected)
    grid = findings.heat_map("profit", "pricing.list_price", "leave.return_rate", "4C − 4P")
    assert grid.dims == ("leave.return_rate", "pricing.list_price")
    wide = runs.pivot_table(index="leave.return_rate", columns=["pricing.list_price", "strategy"], values="profit")
    np.testing.assert_allclose(grid, wide.xs("4C", axis=1, level=1) - wide.xs("4P", axis=1, level=1))
    assert len(findings.by_point("profit", "4C − 4P")) == 6
    assert len(findings.weeks) == 72 * 6
    with pytest.raises(ValueError, match="was not kept"):
        findings.values("retention")
    with pytest.raises(ValueError, match="gives no indices"):
        findings.indices("profit", "4C")


def test_indices_of_a_batch_and_their_refusal(tmp_path: Path) -> None:
    made = study(
        levers={}, strategies=["opening"], series=[], outcomes=["revenue", "lifetime_value"], customers=200,
        uncertainties={
            "segments.*.need_rate.mean": {"from": 0.5, "to": 4}, "tell.curve": {"from": 1, "to": 3}
        }, design={"kind": "sobol", "points": 16}, seeds=4,
    )  # fmt: skip
    run_batch(made, tmp_path / "out")
    findings = open_batch(tmp_path / "out")
    found = findings.indices("revenue", "opening").set_index("factor")
    assert found.loc["segments.*.need_rate.mean", "ST"] > 0.7, "who buys more often brings more revenue"
    assert found.loc["tell.curve", "ST"] < 0.3
    assert 0 <= found["luck"].iloc[0] < 0.3
    findings.runs.loc[5, "lifetime_value"] = np.nan
    with pytest.raises(ValueError, match=r"lifetime_value .* has no value in 1 of"):
        findings.indices("lifetime_value", "opening")


def test_every_outcome_can_be_kept(tmp_path: Path) -> None:
    series = [name for name, outcome in OUTCOMES.items() if outcome.weekly is not None]
    run_batch(study(outcomes=list(OUTCOMES), series=series, seeds=1), tmp_path / "out")
    assert set(OUTCOMES) <= set(open_batch(tmp_path / "out").runs.columns)


@pytest.mark.skipif(os.name != "posix", reason="kill -9 is of Unix")
def test_workers_do_not_outlive_a_killed_parent(tmp_path: Path) -> None:
    (tmp_path / "long.yaml").write_text(
        "title: long\nscenario: coffee\ncustomers: 300\nweeks: 100\nseeds: 2000\nlevers: {pricing.list_price: [4]}\n",
        encoding="utf-8",
    )
    command = [sys.executable, "-m", "sim", "batch", str(tmp_path / "long.yaml"), "--out", str(tmp_path / "out")]
    process = subprocess.Popen(command, cwd=ROOT, start_new_session=True, stderr=subprocess.DEVNULL)
    give_up = time.monotonic() + 120
    while not list((tmp_path / "out").glob("runs/*.parquet")) and time.monotonic() < give_up:
        time.sleep(0.1)
    process.send_signal(signal.SIGKILL)
    process.wait()
    time.sleep(0.3)
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)  # nobody of its group is left
