"""`crmsim batch`, `crmsim analyse` and `crmsim experiments`: from one run to a million, and what they say."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from sim.cli_common import fail, user_faults


@click.command()
@click.argument("experiment")
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), help="Folder for the tables; a new one, or see --resume."
)
@click.option("--workers", type=click.IntRange(1, 1024), help="Threads; as many as processors if not given.")
@click.option("--cluster", metavar="ADDRESS", help="Dask scheduler whose workers run it, such as tcp://host:8786.")
@click.option("--resume", "is_resumed", is_flag=True, help="Go on with a batch that was stopped.")
@click.option("--dry-run", "is_dry", is_flag=True, help="Say what it would take, and run nothing but one run.")
def batch(
    experiment: str, out: Path | None, workers: int | None, cluster: str | None, is_resumed: bool, is_dry: bool
) -> None:
    """Run EXPERIMENT (a shipped study or a file).

    The folder then holds Parquet tables of all runs, a manifest and a paragraph on methods; see `crmsim analyse`.
    """
    with user_faults():
        from sim.experiments import load_experiment

        study = load_experiment(experiment)
        if workers is not None and cluster is not None:
            fail("Say either --workers or --cluster: a cluster has workers of its own.")
        if is_dry:
            _forecast(study, workers)
            return
        if out is None:
            fail("Name a folder for the tables with --out, such as --out results, or ask with --dry-run what it takes.")
        from sim.batch import run_batch

        try:
            with _progress(study.entry.title.en) as progress:
                summary = run_batch(
                    study, out, workers=workers, cluster=cluster, is_resumed=is_resumed, progress=progress
                )
        except OSError as error:
            why = str(error.strerror or error).lower()
            fail(f"{out} cannot be written: {why}. Nothing that is finished is lost: make room, then add --resume.")
        except KeyboardInterrupt:
            fail(f"Stopped. What is finished is kept in {out}; go on with --resume.")
    ran = summary.runs - summary.found
    rate = ran * study.customers * study.weeks / max(summary.seconds, 1e-9) / 1e6
    before = f", {summary.found:,} of them found" if summary.found else ""
    click.echo(
        f"{summary.runs:,} runs{before}, in {summary.seconds:,.1f} s: {rate:,.1f} million customer-weeks a second."
    )
    if summary.failed:
        click.echo(f"{summary.failed:,} runs failed; the column `reason` of their rows says why.")
    click.echo(f"Written to {out}. Next: crmsim analyse {out}")


def _forecast(study: object, workers: int | None) -> None:
    """Print what a batch would take."""
    from sim.batch import cores
    from sim.batch_forecast import forecast

    workers = workers or cores()
    told = forecast(study, workers)  # type: ignore[arg-type]
    click.echo(f"{told.points:,} points, {told.runs:,} runs in {told.tasks:,} parts.")
    click.echo(f"About {_duration(told.seconds)} on {workers} worker{'s' if workers > 1 else ''} of this machine.")
    click.echo(f"About {_size(told.memory)} of memory and {_size(told.disk)} on disk.")


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{max(1, round(seconds))} s"
    return f"{seconds / 60:,.0f} minutes" if seconds < 7200 else f"{seconds / 3600:,.1f} hours"


def _size(size: float) -> str:
    return f"{max(1, round(size / 1e6)):,} MB" if size < 2e9 else f"{size / 1e9:,.1f} GB"


@contextmanager
def _progress(title: str) -> Iterator[Callable[[int, int], None]]:
    """Progress with rate and remaining time: a bar where somebody looks, else a line now and then."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True, markup=False, emoji=False, highlight=False)
    begun = told = time.monotonic()
    bar = Progress(
        TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"), TextColumn("left"), TimeRemainingColumn(),
        console=console, transient=True, disable=not console.is_terminal,
    )  # fmt: skip
    first: int | None = None
    with bar:
        row = bar.add_task(title, total=None, rate="")

        def show(done: int, total: int) -> None:
            nonlocal first, told
            first = done if first is None else first
            now = time.monotonic()
            rate = (done - first) / max(now - begun, 1e-9)
            bar.update(row, completed=done, total=total, rate=f"{rate:,.1f} runs/s")
            if not console.is_terminal and now - told > 30 and rate > 0:
                told = now
                left = _duration((total - done) / rate)
                click.echo(f"{done:,} of {total:,} runs, {rate:,.1f} runs/s, about {left} left.", err=True)

        yield show


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Instead of FOLDER/analysis.")
def analyse(folder: Path, out: Path | None) -> None:
    """Say what the batch in FOLDER shows.

    Writes one HTML page with pictures, and the CSV files behind them.
    """
    with user_faults():
        from sim.findings import open_batch
        from sim.findings_page import write

        findings = open_batch(folder)
        page = write(findings, out or folder / "analysis")
    for sentence in findings.summary():
        click.echo(sentence)
    click.echo(f"Written: {page} and the CSV files beside it.")


@click.command()
def experiments() -> None:
    """List the shipped studies."""
    with user_faults():
        from sim.experiments import load_experiment, shipped_experiments
        from sim.pictures import print_table

        rows = []
        for name in shipped_experiments():
            study = load_experiment(name)
            rows.append([name, study.entry.title.en, study.scenario.name, study.entry.design.kind, f"{study.n_runs:,}"])
    print_table(["Name", "Question", "Scenario", "Design", "Runs"], rows, numbers=(4,))


COMMANDS = (batch, analyse, experiments)
