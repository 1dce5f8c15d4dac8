"""`crmsim explain` and `crmsim attribute`: why it happened, to one customer and to a whole strategy."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

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

if TYPE_CHECKING:
    import pandas as pd

    from sim.shapley import Attribution

HEADLINES = ("profit", "retention", "satisfaction")  # outcomes attributed unless others are asked for


@click.command()
@click.argument("scenario")
@click.option("--customer", type=int, help="Number of the customer, from 0. Without it: the causes over all customers.")
@click.option("--strategy", default="opening", show_default=True, help="Strategy of the first firm.")
@click.option("--versus", help="Another strategy: when and why does the same customer's life there part from this one?")
@click.option("--all", "is_whole", is_flag=True, help="Tell every week in which something happened.")
@customers_option
@weeks_option
@seed_option
@set_option
@json_option
def explain(
    scenario: str, customer: int | None, strategy: str, versus: str | None, is_whole: bool, customers: int | None,
    weeks: int | None, seed: int | None, pairs: tuple[str, ...], is_json: bool,
) -> None:  # fmt: skip
    """Tell the life of one customer.

    Week by week, in sentences: what happened in SCENARIO, and the numbers behind it. Without --customer: how many
    customers joined and left each firm for which cause.
    """
    with user_faults():
        if customer is None and (versus is not None or is_whole):
            raise ValueError("--versus and --all tell of one customer; name one with --customer, such as 42.")
        sizes: dict[str, Any] = {"customers": customers, "weeks": weeks, "seed": seed}
        story, sets = request(scenario, [strategy, *([versus] if versus is not None else [])], pairs, **sizes)
        if customer is None:
            from sim import lives, results

            with progress_bar(f"{story.name}, {strategy}", is_quiet=is_json) as progress:
                run = results.run(story, strategy, **sizes, sets=sets, progress=progress)
            causes = lives.reasons(run)
            plan = run.plan
        else:
            from sim import lives

            life = lives.explain(story, customer, strategy, versus=versus, **sizes, sets=sets)
    if customer is not None:
        text = json.dumps(as_json(life.as_dict())) if is_json else life.story(is_whole=is_whole)
        click.echo(text)
    elif is_json:
        about = {"scenario": story.name, "strategy": strategy, "seed": plan.seed, "customers": plan.market_size}
        click.echo(json.dumps(as_json(about | {"causes": causes.to_dict(orient="records")})))
    else:
        title = f"{story.name} · {strategy} · {plan.market_size:,} customers · {plan.weeks} weeks · seed {plan.seed}"
        print_causes(causes, {firm.name: firm.label.get("en", firm.name) for firm in plan.firms}, title)


def print_causes(causes: pd.DataFrame, labels: dict[str, str], title: str) -> None:
    """The causes of joining and leaving as a table, each firm and deed named once."""
    from sim.pictures import number, print_table

    rows: list[Sequence[str]] = []
    last: tuple[str, str] = ("", "")
    for firm, what, cause, n, share in causes.itertuples(index=False):
        names = (labels[firm] if firm != last[0] else "", what if (firm, what) != last else "")
        rows.append([*names, cause, f"{n:,}", number(share, "share")])
        last = (firm, what)
    print_table(["Firm", "What they did", "Cause", "Customers", "Share"], rows, title=title, numbers=(3, 4))


@click.command()
@click.argument("scenario")
@click.argument("a")
@click.argument("b")
@click.option("--seeds", type=click.IntRange(1, 100_000), default=5, show_default=True, help="Worlds for each set.")
@click.option(
    "--outcome", "names", multiple=True, metavar="NAME",
    help="Outcome to take apart, such as profit. May be given several times.  [default: " + ", ".join(HEADLINES) + "]",
)  # fmt: skip
@customers_option
@weeks_option
@seed_option
@set_option
@json_option
def attribute(
    scenario: str, a: str, b: str, seeds: int, names: tuple[str, ...], customers: int | None, weeks: int | None,
    seed: int | None, pairs: tuple[str, ...], is_json: bool,
) -> None:  # fmt: skip
    """Say which lever made the difference.

    How much of the difference between strategies A and B of SCENARIO each lever contributed, in the same luck, with 95%
    intervals: Shapley values, which sum to the whole difference. Many runs: fewer --customers or --weeks are quicker.
    """
    with user_faults():
        from sim import shapley

        last = None if seed is None else seed + seeds - 1
        story, sets = request(scenario, [a, b], pairs, customers=customers, weeks=weeks, seed=last)
        with progress_bar(f"from {a} to {b}", is_quiet=is_json) as progress:
            result = shapley.attribute(
                story, a, b, seeds=seeds, customers=customers, weeks=weeks, seed=seed, sets=sets,
                outcomes=list(dict.fromkeys(names)) or HEADLINES, progress=progress,
            )  # fmt: skip
    if is_json:
        click.echo(json.dumps(as_json(as_data(result))))
    else:
        print_attribution(result)


def as_data(result: Attribution) -> dict[str, Any]:
    """An attribution as plain data."""
    spans = {
        name: {d.name: {"contribution": d.difference, "low": d.low, "high": d.high} for d in result.of(name)}
        for name in result.contributions
    }
    whole = {
        name: {"a": d.a, "b": d.b, "difference": d.difference, "low": d.low, "high": d.high}
        for name, d in result.differences.items()
    }
    return {
        "scenario": result.scenario, "a": result.a, "b": result.b, "seeds": list(result.seeds),
        "is_exact": result.is_exact, "levers": {name: {"a": x, "b": y} for name, (x, y) in result.levers.items()},
        "outcomes": {name: whole[name] | {"levers": spans[name]} for name in spans},
    }  # fmt: skip


def print_attribution(result: Attribution) -> None:
    """A table for each outcome: the levers, the greatest first, and all together."""
    from sim.outcomes import OUTCOMES
    from sim.pictures import interval, number, print_table, signed
    from sim.shapley import label_of

    if not result.levers:
        click.echo(f"{result.a} and {result.b} set every lever alike, so there is nothing to attribute.")
        return
    for name, total in result.differences.items():
        outcome, unit = OUTCOMES[name], OUTCOMES[name].unit
        rows = []
        for d in result.of(name):
            levers = (number(value) for value in result.levers[d.name])
            verdict = "" if d.is_told_apart or not any((d.low, d.high)) else "not told apart from luck"
            rows.append([label_of(d.name), d.name, *levers, signed(d.difference, unit), interval(d, unit), verdict])
        ends = (number(total.a, unit), number(total.b, unit))
        rows.append(["All together", "", *ends, signed(total.difference, unit), interval(total, unit), ""])
        title = f"{outcome.label['en']}: from {result.a} (A) to {result.b} (B) in {result.scenario}"
        heads = ["Lever", "", "A", "B", "Adds", "95% interval", ""]
        print_table(heads, rows, title=title, numbers=(2, 3, 4, 5))
    click.echo(result.method)
