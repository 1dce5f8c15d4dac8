"""The `crmsim` command: thin. Every fault of the user's is a sentence on standard error and exit status 2."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import click

import sim

CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


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
        fail(f"{error.filename or 'A file'} could not be used: {error.strerror or error}.")


def parse_sets(pairs: tuple[str, ...]) -> dict[str, Any]:
    """`lever.path=value` pairs as a mapping; numbers become numbers, the rest (such as 30%) stays text."""
    sets: dict[str, Any] = {}
    wrong = [pair for pair in pairs if "=" not in pair or not pair.partition("=")[0].strip()]
    if wrong:
        fail(
            "\n".join(
                f"--set {pair}: write it as lever.path=value, for example pricing.list_price=4.5." for pair in wrong
            )
        )
    for pair in pairs:
        path, _, text = pair.partition("=")
        if path.strip() in sets:
            fail(f"--set {path.strip()} is given twice; give each path once.")
        try:
            number = float(text)
            sets[path.strip()] = int(number) if number.is_integer() and "." not in text else number
        except (ValueError, OverflowError):
            sets[path.strip()] = text.strip()
    return sets


@contextmanager
def progress_bar(title: str, *, is_quiet: bool = False) -> Iterator[Callable[[int, int], None]]:
    """A progress bar on standard error, where somebody is looking."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    bar = Progress(
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total}"),
        TimeRemainingColumn(), console=console, transient=True, disable=is_quiet or not console.is_terminal,
    )  # fmt: skip
    with bar:
        task = bar.add_task(title, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def as_json(value: Any) -> Any:
    """Numbers for JSON: not-a-number and infinity become null."""
    if isinstance(value, dict):
        return {key: as_json(item) for key, item in value.items()}
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def number(value: float, unit: str = "") -> str:
    """A number as a reader wants it: grouped thousands, four figures that matter, a dash where there is none."""
    if not math.isfinite(value):
        return "–" if math.isnan(value) else ("∞" if value > 0 else "−∞")
    if unit == "share":
        return f"{100 * value:,.1f}%"
    digits = 0 if abs(value) >= 1000 else 1 if abs(value) >= 100 else 2 if abs(value) >= 1 else 3
    return f"{value:,.{digits}f}"


def signed(value: float, unit: str = "") -> str:
    """A difference with its sign; of shares in percentage points."""
    text = number(abs(value), unit).replace("%", " pp" if unit == "share" else "%")
    return text if not math.isfinite(value) and math.isnan(value) else f"{'−' if value < 0 else '+'}{text}"


@click.group(context_settings=CONTEXT)
@click.version_option(sim.__version__, "--version", prog_name="crmsim")
def cli() -> None:
    """Simulate customer relationships: run strategies, compare them in the same luck, open the lab."""


customers_option = click.option(
    "--customers", type=click.IntRange(1, 5_000_000), help="Customers, instead of the scenario's."
)
weeks_option = click.option("--weeks", type=click.IntRange(1, 5_200), help="Weeks, instead of the scenario's.")
seed_option = click.option(
    "--seed", type=click.IntRange(0, 2**63 - 1), help="Seed of the luck, instead of the scenario's."
)
set_option = click.option(
    "--set", "pairs", multiple=True, metavar="PATH=VALUE",
    help="Set a lever of the first firm (pricing.list_price=4.5, advertising.spend=30%), "
    "a parameter (leave.return_rate=0.01) or the market (market.outside_value=1). May be given several times.",
)  # fmt: skip
json_option = click.option("--json", "is_json", is_flag=True, help="Print one JSON object and nothing else.")


@cli.command()
@click.argument("scenario")
@click.option("--strategy", default="opening", show_default=True, help="Strategy of the first firm.")
@customers_option
@weeks_option
@seed_option
@set_option
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), help="Folder for the CSV files and the manifest."
)
@json_option
def run(
    scenario: str, strategy: str, customers: int | None, weeks: int | None, seed: int | None,
    pairs: tuple[str, ...], out: Path | None, is_json: bool,
) -> None:  # fmt: skip
    """Run SCENARIO (a shipped name or a file) and print the outcomes."""
    with user_faults():
        from sim import export, results
        from sim.scenario import load_scenario

        story, sets = load_scenario(scenario), parse_sets(pairs)
        with progress_bar(f"{story.name}, {strategy}", is_quiet=is_json) as progress:
            result = results.run(
                story, strategy, customers=customers, weeks=weeks, seed=seed, sets=sets,
                is_recorded=out is not None, progress=progress,
            )  # fmt: skip
        about = {
            "scenario": story.name,
            "strategy": strategy,
            "seed": result.plan.seed,
            "customers": result.plan.market_size,
            "weeks": result.plan.weeks,
        }
        if out is not None:
            export.write(result, story, out, about | {"set": sets})
    if is_json:
        click.echo(json.dumps(as_json(about | {"outcomes": result.outcomes}), ensure_ascii=False))
        return
    print_run(result, about)
    if out is not None:
        click.echo(f"Written to {out}: weekly, transactions, customers, messages (CSV) and the manifest.")


def print_run(result: Any, about: dict[str, Any]) -> None:
    """The outcomes of every firm as a table."""
    from rich.table import Table

    from sim.outcomes import OUTCOMES

    table = Table(
        title=f"{about['scenario']} · {about['strategy']} · {about['customers']:,} customers · "
        f"{about['weeks']} weeks · seed {about['seed']}",
    )
    table.add_column("Outcome")
    for firm in result.plan.firms:
        table.add_column(firm.label.get("en", firm.name), justify="right")
    table.add_column("Unit")
    for name, values in result.numbers.items():
        unit = OUTCOMES[name].unit
        table.add_row(OUTCOMES[name].label["en"], *(number(float(v), unit) for v in values), unit)
    _console().print(table)


@cli.command()
@click.argument("scenario")
@click.argument("a")
@click.argument("b")
@click.option("--seeds", type=click.IntRange(1, 100_000), default=20, show_default=True, help="Pairs of worlds.")
@customers_option
@weeks_option
@seed_option
@set_option
@json_option
def compare(
    scenario: str, a: str, b: str, seeds: int, customers: int | None, weeks: int | None, seed: int | None,
    pairs: tuple[str, ...], is_json: bool,
) -> None:  # fmt: skip
    """Compare strategies A and B of SCENARIO in the same worlds: same customers, same luck."""
    with user_faults():
        from sim import paired
        from sim.scenario import load_scenario

        story = load_scenario(scenario)
        with progress_bar(f"{a} against {b}", is_quiet=is_json) as progress:
            comparison = paired.compare(
                story, a, b, seeds=seeds, customers=customers, weeks=weeks, seed=seed,
                sets=parse_sets(pairs), progress=progress,
            )  # fmt: skip
    if is_json:
        click.echo(
            json.dumps(
                as_json(
                    {
                        "a": a,
                        "b": b,
                        "seeds": seeds,
                        "outcomes": {
                            d.name: {
                                "a": d.a, "b": d.b, "difference": d.difference, "low": d.low, "high": d.high
                            }
                            for d in comparison.differences.values()
                        },
                        "lives_parted": int((comparison.parted >= 0).sum()),
                    }
                )
            )
        )  # fmt: skip
        return
    print_comparison(comparison)


def print_comparison(comparison: Any) -> None:
    """The differences with their intervals, and whose lives parted, when."""
    import numpy as np
    from rich.table import Table

    from sim.outcomes import OUTCOMES

    table = Table(
        title=f"{comparison.scenario}: {comparison.a} (A) against {comparison.b} (B), {len(comparison.seeds)} seeds"
    )
    for head in ("Outcome", "A", "B", "B − A", "95% interval", ""):
        table.add_column(head, justify="left" if head in ("Outcome", "") else "right")
    for d in comparison.differences.values():
        unit = OUTCOMES[d.name].unit
        span = f"{signed(d.low, unit)} … {signed(d.high, unit)}"
        table.add_row(
            OUTCOMES[d.name].label["en"],
            number(d.a, unit),
            number(d.b, unit),
            signed(d.difference, unit),
            span,
            d.verdict,
        )
    _console().print(table)
    parted = comparison.parted[comparison.parted >= 0]
    everyone = comparison.parted.size
    if not parted.size:
        click.echo(f"In the first seed no life parted: all {everyone:,} customers lived the same weeks under both.")
        return
    half = int(np.sort(parted)[(parted.size - 1) // 2])
    click.echo(
        f"In the first seed the lives of {parted.size:,} of {everyone:,} customers parted: "
        f"the first in week {int(parted.min())}, half of them by week {half}, the last in week {int(parted.max())}."
    )


@cli.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE…")
def check(files: tuple[str, ...]) -> None:
    """Check scenario files: every fault with file, line, column and a suggestion."""
    from sim.scenario import check as faults_of

    found = 0
    for file in files:
        faults = faults_of(file)
        found += len(faults)
        for fault in faults:
            click.echo(str(fault), err=True)
        if not faults:
            click.echo(f"{file}: no faults.")
    if found:
        sys.exit(2)


@cli.command()
def scenarios() -> None:
    """List the shipped scenarios."""
    from rich.table import Table

    from sim.scenario import load_scenario, shipped_scenarios

    table = Table()
    for head in ("Name", "Title", "Customers", "Weeks", "Strategies", "Covers"):
        table.add_column(head)
    for name in shipped_scenarios():
        story = load_scenario(name)
        table.add_row(
            name, story.title["en"], f"{story.market.customers:,}", str(story.market.weeks),
            ", ".join(story.strategies), " ".join(story.covers),
        )  # fmt: skip
    _console().print(table)


@cli.command()
def schedule() -> None:
    """Print the week: its phases in order, what each reads, writes and draws."""
    from rich.table import Table

    from sim.schedule import SCHEDULE

    table = Table(title="The week", show_lines=True)
    for head in ("", "Phase", "Question", "Reads", "Writes", "Draws", "Covers"):
        table.add_column(head)
    for k, phase in enumerate(SCHEDULE, start=1):
        reads = [name for name in phase.reads if not name.startswith("tally.")]
        writes = [name for name in phase.writes if not name.startswith("tally.")]
        table.add_row(
            str(k), phase.name, phase.question, ", ".join(reads), ", ".join(writes),
            ", ".join(p.lower() for p in phase.draws), " ".join(phase.covers),
        )  # fmt: skip
    _console().print(table)


@cli.command()
@click.option("--port", type=click.IntRange(1, 65535), default=5006, show_default=True)
@click.option("--no-browser", is_flag=True, help="Do not open a browser.")
def serve(port: int, no_browser: bool) -> None:
    """Open the lab in the browser."""
    from sim.ui.server import serve as open_lab

    with user_faults():
        open_lab(port=port, open_browser=not no_browser)


def _console() -> Any:
    """A console that never cuts a table where nobody looks at a terminal."""
    from rich.console import Console

    console = Console()
    return console if console.is_terminal else Console(width=160)


def main() -> None:
    """Entry point of the `crmsim` command."""
    cli(prog_name="crmsim")


if __name__ == "__main__":
    main()
