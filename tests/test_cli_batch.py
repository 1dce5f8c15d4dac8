"""`crmsim batch`, `analyse` and `experiments` as their users meet them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result

from sim.batch_folder import BatchFolder
from sim.cli import cli
from sim.experiments import shipped_experiments

MINE = """\
title: Mine
scenario: coffee
customers: 40
weeks: 5
seeds: 3
strategies: [opening, stamp_card]
levers:
  pricing.list_price: [4, 4.5]
uncertainties:
  choose.points_pull: {from: 0, to: 2}
"""


def crmsim(*words: str) -> Result:
    return CliRunner().invoke(cli, list(words), prog_name="crmsim")


def whole(*words: str) -> str:
    done = crmsim(*words)
    assert done.exit_code == 0, done.output
    return done.stdout


def refused(*words: str) -> str:
    done = crmsim(*words)
    assert done.exit_code == 2, done.output
    assert done.exception is None or isinstance(done.exception, SystemExit), repr(done.exception)
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    return done.stderr


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    path = tmp_path / "mine.yaml"
    path.write_text(MINE, encoding="utf-8")
    return path


def test_from_a_file_to_a_page(mine: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    told = whole("batch", str(mine), "--out", str(out), "--workers", "2")
    assert "60 runs, in " in told
    assert f"crmsim analyse {out}" in told
    assert len(pd.read_parquet(out / "runs")) == 60
    told = whole("analyse", str(out))
    assert "stamp_card instead of opening makes" in told
    text = (out / "analysis" / "index.html").read_text(encoding="utf-8")
    assert "<h1>Mine</h1>" in text
    assert "95% t-intervals" in text
    assert "already holds a batch" in refused("batch", str(mine), "--out", str(out))
    assert "60 of them found" in whole("batch", str(mine), "--out", str(out), "--resume")


def test_a_dry_run_runs_nothing(mine: Path, tmp_path: Path) -> None:
    told = whole("batch", str(mine), "--dry-run", "--out", str(tmp_path / "out"))
    assert "10 points, 60 runs in " in told
    assert "of memory and" in told
    assert not (tmp_path / "out").exists()


def test_slips_are_told_in_sentences(mine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Did you mean mine.yaml?" in refused("batch", str(tmp_path / "mime.yaml"), "--out", "x")
    mine.write_text(MINE.replace("stamp_card]", "stamp_cart]").replace("to: 2", "to: 200"), encoding="utf-8")
    told = refused("batch", str(mine), "--dry-run").splitlines()
    assert len(told) == 2
    assert ":6:23: coffee has no strategy" in told[0]
    assert "mine.yaml:10:37: choose.points_pull is 200 but must lie between 0 and 20" in told[1]
    assert refused("check", str(mine)).splitlines() == told
    mine.write_text(MINE, encoding="utf-8")
    assert "no faults" in whole("check", str(mine))
    assert "--out" in refused("batch", str(mine))
    assert "either --workers or --cluster" in refused("batch", str(mine), "--workers", "1", "--cluster", "tcp://x:1")
    assert "holds no batch" in refused("analyse", str(tmp_path))

    def no_space(folder: BatchFolder, part: object) -> None:
        raise OSError(28, "No space left on device", "part")

    monkeypatch.setattr(BatchFolder, "keep", no_space)
    told_of_disk = refused("batch", str(mine), "--out", str(tmp_path / "full"))
    assert "no space left on device" in told_of_disk
    assert "--resume" in told_of_disk


def test_the_shipped_studies_are_listed_and_described() -> None:
    told = whole("experiments")
    assert len(shipped_experiments()) >= 4
    for name in shipped_experiments():
        assert name in told
        page = Path(__file__).parents[1] / "docs" / "studies" / f"{name}.md"
        text = page.read_text(encoding="utf-8")
        assert f"crmsim batch {name} --out" in text
        assert "**How sure.**" in text


def test_a_batch_of_a_lost_part_is_not_analysed(mine: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    whole("batch", str(mine), "--out", str(out))
    shutil.copytree(out, tmp_path / "copy")
    next((tmp_path / "copy" / "runs").glob("*.parquet")).unlink()
    assert "is not finished" in refused("analyse", str(tmp_path / "copy"))
