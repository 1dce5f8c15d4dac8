"""The `crmsim` command: thin. Every fault of the user's is a sentence on standard error and exit status 2."""

from __future__ import annotations

import codecs
import json
import sys
from pathlib import Path
from typing import Any

import click

import sim
from sim.cli_author import AUTHOR_COMMANDS
from sim.cli_batch import COMMANDS as BATCH_COMMANDS
from sim.cli_common import (
    as_json,
    customers_option,
    json_option,
    progress_bar,
    request,
    seed_option,
    set_option,
    user_faults,
    weeks_option,
)
from sim.cli_coverage import coverage
from sim.cli_laws import laws, rfm
from sim.cli_why import attribute, explain

CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
PLAIN = {"−": "-", "–": "-", "·": "-", "…": "...", "×": "x", "∞": "inf"}  # for streams that know no better


@click.group(context_settings=CONTEXT)
@click.version_option(sim.__version__, "--version", prog_name="crmsim")
def cli() -> None:
    """Simulate customer relationships: run strategies, compare them in the same luck, open the lab."""


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

        story, sets = request(scenario, [strategy], pairs, customers=customers, weeks=weeks, seed=seed)
        if out is not None:
            export.make_folder(out)  # before the run: nobody should wait for what cannot be written
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
        click.echo(json.dumps(as_json(about | {"outcomes": result.outcomes})))
        return
    print_run(result, about)
    if out is not None:
        click.echo(f"Written to {out}: weekly, transactions, customers, messages (CSV) and the manifest.")


def print_run(result: Any, about: dict[str, Any]) -> None:
    """The outcomes of every firm as a table."""
    from sim.outcomes import OUTCOMES
    from sim.pictures import number, print_table

    units = {"money": result.plan.currency or "money"}
    rows = []
    for name, values in result.numbers.items():
        outcome = OUTCOMES[name]
        cells = [number(float(value), outcome.unit) for value in values]
        rows.append([outcome.label["en"], *cells, units.get(outcome.unit, outcome.unit)])
    firms = [firm.label.get("en", firm.name) for firm in result.plan.firms]
    title = (
        f"{about['scenario']} · {about['strategy']} · {about['customers']:,} customers · "
        f"{about['weeks']} weeks · seed {about['seed']}"
    )
    print_table(["Outcome", *firms, "Unit"], rows, title=title, numbers=range(1, len(firms) + 1))


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
    """Compare two strategies in the same luck.

    A and B are strategies of SCENARIO: both meet the same customers in the same worlds.
    """
    with user_faults():
        from sim import paired

        last = None if seed is None else seed + seeds - 1
        story, sets = request(scenario, [a, b], pairs, customers=customers, weeks=weeks, seed=last)
        with progress_bar(f"{a} against {b}", is_quiet=is_json) as progress:
            comparison = paired.compare(
                story, a, b, seeds=seeds, customers=customers, weeks=weeks, seed=seed,
                sets=sets, progress=progress,
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
                    }
                )
            )
        )  # fmt: skip
        return
    print_comparison(comparison)


def print_comparison(comparison: Any) -> None:
    """The differences with their intervals, and whose lives parted, when."""
    import numpy as np

    from sim.outcomes import OUTCOMES
    from sim.pictures import interval, number, print_table, signed

    rows = []
    for d in comparison.differences.values():
        unit = OUTCOMES[d.name].unit
        levels = [number(d.a, unit), number(d.b, unit), signed(d.difference, unit), interval(d, unit)]
        rows.append([OUTCOMES[d.name].label["en"], *levels, d.verdict])
    n_seeds = f"{len(comparison.seeds)} seed{'s' if len(comparison.seeds) > 1 else ''}"
    title = f"{comparison.scenario}: {comparison.a} (A) against {comparison.b} (B), {n_seeds}"
    print_table(["Outcome", "A", "B", "B − A", "95% interval", ""], rows, title=title, numbers=range(1, 5))
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
def scenarios() -> None:
    """List the shipped scenarios."""
    with user_faults():
        from sim.pictures import print_table
        from sim.scenario import load_scenario, shipped_scenarios

        rows = []
        for name in shipped_scenarios():
            story = load_scenario(name)
            sizes = [f"{story.market.customers:,}", str(story.market.weeks)]
            rows.append([name, story.title["en"], *sizes, ", ".join(story.strategies), " ".join(story.covers)])
    print_table(["Name", "Title", "Customers", "Weeks", "Strategies", "Covers"], rows, numbers=(2, 3))


@cli.command()
def schedule() -> None:
    """Print the week, phase by phase.

    What each phase reads, writes and draws is read from its code.
    """
    from sim.pictures import print_table
    from sim.schedule import SCHEDULE

    rows = []
    for k, phase in enumerate(SCHEDULE, start=1):
        reads = [name for name in phase.reads if not name.startswith("tally.")]
        writes = [name for name in phase.writes if not name.startswith("tally.")]
        draws = [purpose.lower() for purpose in phase.draws]
        lists = [", ".join(names) for names in (reads, writes, draws)]
        rows.append([str(k), phase.name, phase.question, *lists, " ".join(phase.covers)])
    heads = ["", "Phase", "Question", "Reads", "Writes", "Draws", "Covers"]
    print_table(heads, rows, title="The week", numbers=(0,), has_lines=True)


@cli.command()
@click.option("--port", type=click.IntRange(1, 65535), default=5006, show_default=True)
@click.option("--no-browser", is_flag=True, help="Do not open a browser.")
@click.option("--host", default="localhost", show_default=True, help="Address to listen on; 0.0.0.0 for all computers.")
@click.option("--allow-origin", "origins", multiple=True, metavar="HOST[:PORT]", help="What others type to come here.")
@click.option("--max-visitors", type=click.IntRange(min=1), help="How many at a time; others wait. [default: 150]")
@click.option(
    "--results", multiple=True, metavar="FOLDER", type=click.Path(exists=True, file_okay=False),
    help="Show the batches in this folder to every visitor.",
)  # fmt: skip
def serve(
    port: int, no_browser: bool, host: str, origins: tuple[str, ...], max_visitors: int | None, results: tuple[str, ...]
) -> None:
    """Open the lab in the browser."""
    from sim.ui.server import serve as open_lab

    with user_faults():
        open_lab(
            port=port, open_browser=not no_browser, address=host, origins=origins, most_visitors=max_visitors,
            results=results,
        )  # fmt: skip


for _command in (explain, attribute, laws, rfm, coverage, *AUTHOR_COMMANDS, *BATCH_COMMANDS):
    cli.add_command(_command)


def main() -> None:
    """Entry point of the `crmsim` command."""
    codecs.register_error("crmsim", _plain_characters)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="crmsim")
    cli(prog_name="crmsim")


def _plain_characters(error: UnicodeError) -> tuple[str, int]:
    """What to print for characters that a stream's encoding lacks, such as the true minus where output is piped."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(PLAIN.get(c, "?") for c in error.object[error.start : error.end]), error.end


if __name__ == "__main__":
    main()
