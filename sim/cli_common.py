"""What the commands share: their options, the request they make, faults told as sentences, progress, JSON."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn

import click

if TYPE_CHECKING:
    from sim.safe_yaml import Fault
    from sim.scenario import Scenario

# Their ranges are checked with the rest of the request, so that all faults are told at once.
customers_option = click.option("--customers", type=int, help="Customers, instead of the scenario's.")
weeks_option = click.option("--weeks", type=int, help="Weeks, instead of the scenario's.")
seed_option = click.option("--seed", type=int, help="Seed of the luck, instead of the scenario's.")
set_option = click.option(
    "--set", "pairs", multiple=True, metavar="PATH=VALUE",
    help="Set a lever of the first firm (pricing.list_price=4.5, advertising.spend=30%), "
    "a parameter (leave.return_rate=0.01) or the market (market.outside_value=1). May be given several times.",
)  # fmt: skip
json_option = click.option("--json", "is_json", is_flag=True, help="Print one JSON object and nothing else.")


def fail(message: str) -> NoReturn:
    """Say what is wrong on standard error and leave with status 2."""
    click.echo(message, err=True)
    sys.exit(2)


@contextmanager
def user_faults() -> Iterator[None]:
    """Turn the faults a user can make into sentences."""
    from sim.scenario import Faults

    try:
        yield
    except Faults as faults:
        fail("\n".join(str(fault) for fault in faults.faults))
    except ValueError as error:
        fail(str(error))
    except OSError as error:
        why = str(error.strerror or error).lower()
        fail(f"{error.filename or 'A file'} could not be used: {why}. Choose another place, or make room there.")


def parse_sets(pairs: Sequence[str]) -> tuple[dict[str, Any], list[Fault]]:
    """`lever.path=value` pairs as a mapping, and what is wrong with them. What is no number (30%) stays text."""
    from sim.safe_yaml import Fault

    sets: dict[str, Any] = {}
    faults = []
    for pair in pairs:
        path, equals, text = (part.strip() for part in pair.partition("="))
        if not (path and equals and text):
            advice = "Write it as lever.path=value, for example pricing.list_price=4.5."
            faults.append(Fault("", 0, 0, f'--set "{pair}" is no path with a value.', advice))
        elif path in sets:
            faults.append(Fault("", 0, 0, f"--set {path} is given twice.", "Give each path once."))
        else:
            sets[path] = as_value(text)
    return sets, faults


def as_value(text: str) -> float | str | None:
    """A number where the text is one, whole where it is written so; None for null; else the text itself."""
    if text == "null":
        return None
    try:
        value = float(text)
    except ValueError:
        return text
    return int(value) if value.is_integer() and "." not in text else value


def request(
    scenario: str, strategies: Sequence[str], pairs: Sequence[str], **sizes: Any
) -> tuple[Scenario, dict[str, Any]]:
    """The scenario and what is set in it, checked as a whole. Raises Faults with everything that is wrong."""
    from sim.scenario import Faults, load_scenario

    sets, faults = parse_sets(pairs)
    try:
        story = load_scenario(scenario)
    except Faults as error:
        raise Faults([*error.faults, *faults]) from None
    for strategy in strategies:
        try:
            story.plan(strategy, sets=sets, **sizes)
        except Faults as error:
            faults += error.faults
    if faults:
        raise Faults(faults)
    return story, sets


@contextmanager
def progress_bar(title: str, *, is_quiet: bool = False) -> Iterator[Callable[[int, int], None]]:
    """A progress bar on standard error, where somebody is looking."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True, markup=False, emoji=False, highlight=False)
    bar = Progress(
        TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(),
        TimeRemainingColumn(), console=console, transient=True, disable=is_quiet or not console.is_terminal,
    )  # fmt: skip
    with bar:
        task = bar.add_task(title, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def as_json(value: Any) -> Any:
    """Numbers for JSON: not-a-number and infinity become null."""
    if isinstance(value, dict):
        return {key: as_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [as_json(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
