"""Runs and comparisons to look at: Bokeh figures and small HTML tables for notebooks, whole tables for terminals."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.outcomes import OUTCOMES

if TYPE_CHECKING:
    from sim.paired import Comparison, Difference
    from sim.results import Run

# Okabe & Ito: told apart by colour-blind readers; a dash as second cue.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#F0E442")
DASHES = ("solid", "dashed", "dotdash", "dotted", "dashdot", "solid", "dashed", "dotted")


AMPLE = 160  # columns of a table, where no terminal says how many there are


def number(value: float, unit: str = "") -> str:
    """A number as a reader wants it: grouped thousands, the figures that matter, a dash where there is none."""
    if math.isnan(value):
        return "–"
    sign, size = "−" if value < 0 else "", abs(value)
    if math.isinf(size):
        return f"{sign}∞"
    if unit == "share":
        return f"{sign}{100 * size:,.1f}%"
    if unit == "customers" and float(size).is_integer():
        return f"{sign}{size:,.0f}"
    digits = 0 if size >= 1000 else 1 if size >= 100 else 2 if size >= 1 else 3
    return f"{sign}{size:,.{digits}f}"


def signed(value: float, unit: str = "") -> str:
    """A difference with its sign; of shares in percentage points."""
    text = number(value, unit).replace("%", " pp")
    return text if value < 0 or math.isnan(value) else f"+{text}"


def interval(difference: Difference, unit: str = "") -> str:
    """The interval of a difference, or a dash where there is none."""
    if math.isnan(difference.low):
        return "–"
    return f"{signed(difference.low, unit)} … {signed(difference.high, unit)}"


def courses(result: Run, names: tuple[str, ...]) -> Any:
    """A row of figures: the weekly course of each named outcome, one line for each firm."""
    from bokeh.layouts import row
    from bokeh.plotting import figure

    known = result.weekly_courses
    unknown = [name for name in names if name not in known]
    if unknown:
        raise ValueError(f"There is no weekly course of {', '.join(unknown)}. Known here: {', '.join(known)}.")
    figures = []
    for name in names:
        outcome = OUTCOMES[name]
        picture = figure(
            title=outcome.label["en"], width=420, height=280, x_axis_label="week", y_axis_label=outcome.unit
        )
        course = known[name]
        for f, firm in enumerate(result.plan.firms):
            picture.line(
                np.arange(float(len(course))), course[:, f], legend_label=firm.name,
                color=COLOURS[f], line_dash=DASHES[f], line_width=2,
            )  # fmt: skip
        figures.append(picture)
    return row(*figures)


def differences(comparison: Comparison) -> Any:
    """One figure: each outcome's difference B − A with its interval, as a share of the level under A."""
    from bokeh.models import ColumnDataSource, FactorRange
    from bokeh.models.annotations import Span, Whisker
    from bokeh.plotting import figure

    kept = [d for d in comparison.differences.values() if np.isfinite([d.low, d.high]).all() and d.a]
    labels = [OUTCOMES[d.name].label["en"] for d in kept]
    source = ColumnDataSource(
        {
            "name": labels,
            "middle": [d.difference / abs(d.a) for d in kept],
            "low": [d.low / abs(d.a) for d in kept],
            "high": [d.high / abs(d.a) for d in kept],
        }
    )
    picture = figure(
        title=f"What changes from {comparison.a} to {comparison.b}?", width=640, height=60 + 30 * len(kept),
        y_range=FactorRange(factors=labels[::-1]), x_axis_label=f"share of {comparison.a}",
    )  # fmt: skip
    picture.add_layout(Span(location=0, dimension="height", line_color="#888888"))
    picture.scatter("middle", "name", source=source, size=8, color=COLOURS[0])
    picture.add_layout(Whisker(source=source, base="name", lower="low", upper="high", dimension="width"))
    return picture


def run_html(result: Run) -> str:
    """A run as a table: a row for each outcome, a column for each firm."""
    heads = "".join(f"<th>{escape(f.name)}</th>" for f in result.plan.firms)
    units = {"money": result.plan.currency or "money"}
    rows = "".join(
        f"<tr><td>{escape(OUTCOMES[name].label['en'])}</td>"
        + "".join(f"<td style='text-align:right'>{number(float(value), OUTCOMES[name].unit)}</td>" for value in values)
        + f"<td>{escape(units.get(OUTCOMES[name].unit, OUTCOMES[name].unit))}</td></tr>"
        for name, values in result.numbers.items()
    )
    title = f"{result.plan.scenario} · {result.plan.strategy} · seed {result.plan.seed}"
    return f"<table><caption>{escape(title)}</caption><tr><th></th>{heads}<th>unit</th></tr>{rows}</table>"


def comparison_html(comparison: Comparison) -> str:
    """A comparison as a table: A, B, difference with its interval, and the verdict in words."""
    rows = ""
    for d in comparison.differences.values():
        unit = OUTCOMES[d.name].unit
        cells = (number(d.a, unit), number(d.b, unit), signed(d.difference, unit), interval(d, unit), d.verdict)
        rows += f"<tr><td>{escape(OUTCOMES[d.name].label['en'])}</td>"
        rows += "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>"
    title = f"{comparison.scenario}: {comparison.a} against {comparison.b}, {len(comparison.seeds)} seeds"
    return (
        f"<table><caption>{escape(title)}</caption><tr><th></th><th>{escape(comparison.a)}</th>"
        f"<th>{escape(comparison.b)}</th><th>difference</th><th>95% interval</th><th></th></tr>{rows}</table>"
    )


def print_table(
    heads: Sequence[str], rows: Sequence[Sequence[str]], *, title: str = "", numbers: Sequence[int] = (),
    has_lines: bool = False,
) -> None:  # fmt: skip
    """Print a table of which nothing is cut: words are wrapped, columns of `numbers` keep theirs on one line."""
    from rich.cells import cell_len
    from rich.console import Console
    from rich.measure import Measurement
    from rich.table import Table

    def console(width: int | None = None) -> Console:
        # Labels are anybody's text, not instructions to rich.
        return Console(width=width, markup=False, emoji=False, highlight=False)

    table = Table(title=title or None, show_lines=has_lines)
    for k, head in enumerate(heads):
        if k in numbers:
            width = max((cell_len(row[k]) for row in rows), default=0)
            broken = "\n".join(textwrap.wrap(head, max(width, 9)))
            table.add_column(broken, justify="right", no_wrap=True, min_width=width)
        else:
            table.add_column(head, overflow="fold")
    for row in rows:
        table.add_row(*row)
    screen = console()
    least = Measurement.get(screen, screen.options.update(width=10_000), table).minimum
    console(max(screen.width if screen.is_terminal else AMPLE, least)).print(table)
