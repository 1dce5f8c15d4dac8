"""`crmsim new`, `schema`, `check`, `pack` and `unpack`: the workbench of those who write scenarios and lessons."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.cli_common import json_option, user_faults

if TYPE_CHECKING:
    from sim.lint import Finding
    from sim.safe_yaml import Fault

folder_option = click.option(
    "--into",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("."),
    help="Folder to write into.",
)


@click.group()
def new() -> None:
    """Begin a scenario or a lesson."""


@new.command("scenario")
@click.argument("name")
@folder_option
def new_scenario(name: str, folder: Path) -> None:
    """Write NAME.yaml, a commented scenario to change."""
    from sim import authoring

    with user_faults():
        written = authoring.new_scenario(name, folder)
    click.echo("Written: " + ", ".join(map(str, written)) + ".")
    click.echo(f"Next: crmsim check {written[0]}")


@new.command("lesson")
@click.argument("name")
@folder_option
def new_lesson(name: str, folder: Path) -> None:
    """Write the folder NAME, a commented lesson to change."""
    from sim import authoring

    with user_faults():
        written = authoring.new_lesson(name, folder)
    click.echo("Written: " + ", ".join(map(str, written)) + ".")
    click.echo(f"Next: crmsim check {written[0].parent}")


@click.command("schema")
@click.argument("kind", type=click.Choice(["scenario", "lesson"]), default="scenario")
def schema_command(kind: str) -> None:
    """Print the JSON Schema of scenario or lesson files.

    Editors complete and explain with it, where a file's first line names it.
    """
    from sim.schemas import schema

    click.echo(json.dumps(schema(kind), ensure_ascii=False))


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE…")
@click.option(
    "--class-size", type=click.IntRange(1, 10_000), default=30, show_default=True, help="Students in a class."
)
@click.option("--quick", is_flag=True, help="Look for faults alone; run nothing.")
@json_option
def check(files: tuple[str, ...], class_size: int, quick: bool, is_json: bool) -> None:
    """Check scenarios, lessons, experiments and packs, and what they will teach.

    Every fault is told with file, line, column and a suggestion. Without faults the market is run to see whether a
    class can learn from it. Status 0: all well, 1: something to consider, 2: something is wrong.
    """
    from sim.cli_common import as_json

    reports = {}
    for file in files:
        with watched(file) as progress:
            faults, findings, about = examined(file, class_size, quick, progress)
        reports[file] = {
            "faults": [vars(fault) for fault in faults],
            "findings": [{"kind": f.kind, "message": f.message, "suggestion": f.suggestion} for f in findings],
            **about,
        }
        if not is_json:
            _tell(file, faults, findings, {} if quick else about)
    if is_json:
        click.echo(json.dumps(as_json({"files": reports}), ensure_ascii=False))
    if any(report["faults"] for report in reports.values()):
        sys.exit(2)
    if any(report["findings"] for report in reports.values()):
        sys.exit(1)


@contextmanager
def watched(file: str) -> Iterator[Callable[[str], None]]:
    """Says what is being looked at, where somebody sees it: a thorough look takes up to a minute."""
    from rich.console import Console
    from rich.markup import escape

    with Console(stderr=True).status(f"Reading {escape(file)} …") as status:
        yield lambda what: status.update(f"{escape(file)}: looking at {what} …")


def examined(
    file: str, class_size: int, is_quick: bool, progress: Callable[[str], None]
) -> tuple[list[Fault], list[Finding], dict[str, Any]]:  # fmt: skip
    """A file's faults; if it has none, what a class may stumble over, and how long a run takes (seconds)."""
    from sim import experiments, lint, lint_lessons, packing
    from sim.lessons import is_lesson, load_lesson
    from sim.safe_yaml import Faults
    from sim.scenario import load_scenario

    try:
        if file.endswith(packing.SUFFIX):
            packing.opened(packing.read_pack(file), file)
            return [], [], {}
        if is_lesson(file):
            lesson = load_lesson(file)
            about = {"seconds": lint.seconds_of_a_run(lesson.scenario, lesson.entry.customers)}
            return [], [] if is_quick else lint_lessons.lint_lesson(lesson, class_size, progress), about
        faults = experiments.check(file)
        if faults or experiments.is_experiment(file):
            return faults, [], {}
        story = load_scenario(file)
    except Faults as error:
        return error.faults, [], {}
    about = {"seconds": lint.seconds_of_a_run(story)}
    return [], [] if is_quick else lint.lint(story, class_size, progress), about


def _tell(file: str, faults: list[Fault], findings: list[Finding], about: dict[str, Any]) -> None:
    for fault in faults:
        click.echo(str(fault), err=True)
    for finding in findings:
        click.echo(f"{file}: {finding}")
    if not faults:
        things = f"{len(findings)} thing{'s' * (len(findings) > 1)}" if findings else "nothing"
        more = f", {things} to consider. A run takes about {about['seconds']:.1f} s" if about else ""
        click.echo(f"{file}: no faults{more}.")


@click.command()
@click.argument("file")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="The pack's file.")
def pack(file: str, out: Path | None) -> None:
    """Bundle a scenario or a lesson into one file.

    The file also holds whatever FILE extends, so that it opens elsewhere.
    """
    from sim import packing

    with user_faults():
        name, data = packing.packed(file)
        path = out or Path(f"{name}{packing.SUFFIX}")
        path.write_bytes(data)
    click.echo(f"Written: {path} ({len(data):,} bytes). Elsewhere: crmsim unpack {path.name}")


@click.command()
@click.argument("file")
@folder_option
def unpack(file: str, folder: Path) -> None:
    """Open a pack into a folder of its name.

    It is checked as a file from anywhere is; nothing in it is executed.
    """
    from sim import packing

    with user_faults():
        opened = packing.opened(packing.read_pack(file), file)
        place = packing.unpack(opened, folder)
    main = place if opened.kind == "lesson" else place / packing.MAIN
    click.echo(f"Written: {place}. Next: crmsim check {main}")


AUTHOR_COMMANDS = (new, schema_command, check, pack, unpack)
