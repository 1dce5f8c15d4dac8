"""Pictures for notebooks: Bokeh figures of runs and comparisons, and the small HTML tables beside them."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.outcomes import OUTCOMES

if TYPE_CHECKING:
    from sim.paired import Comparison
    from sim.results import Run

# Okabe & Ito: told apart by colour-blind readers; a dash as second cue.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#F0E442")
DASHES = ("solid", "dashed", "dotdash", "dotted", "dashdot", "solid", "dashed", "dotted")


def courses(result: Run, names: tuple[str, ...]) -> Any:
    """A row of figures: the weekly course of each named outcome, one line for each firm."""
    from bokeh.layouts import row
    from bokeh.plotting import figure

    figures = []
    for name in names:
        outcome = OUTCOMES[name]
        picture = figure(
            title=outcome.label["en"], width=420, height=280, x_axis_label="week", y_axis_label=outcome.unit
        )
        course = result.courses[name]
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
    rows = "".join(
        f"<tr><td>{escape(OUTCOMES[name].label['en'])}</td>"
        + "".join(f"<td style='text-align:right'>{value:,.3g}</td>" for value in values)
        + f"<td>{escape(OUTCOMES[name].unit)}</td></tr>"
        for name, values in result.numbers.items()
    )
    title = f"{result.plan.scenario} · {result.plan.strategy} · seed {result.plan.seed}"
    return f"<table><caption>{escape(title)}</caption><tr><th></th>{heads}<th>unit</th></tr>{rows}</table>"


def comparison_html(comparison: Comparison) -> str:
    """A comparison as a table: A, B, difference with its interval, and the verdict in words."""
    rows = "".join(
        f"<tr><td>{escape(OUTCOMES[d.name].label['en'])}</td><td>{d.a:,.3g}</td><td>{d.b:,.3g}</td>"
        f"<td>{d.difference:+,.3g}</td><td>{d.low:+,.3g} … {d.high:+,.3g}</td><td>{escape(d.verdict)}</td></tr>"
        for d in comparison.differences.values()
    )
    title = f"{comparison.scenario}: {comparison.a} against {comparison.b}, {len(comparison.seeds)} seeds"
    return (
        f"<table><caption>{escape(title)}</caption><tr><th></th><th>{escape(comparison.a)}</th>"
        f"<th>{escape(comparison.b)}</th><th>difference</th><th>95% interval</th><th></th></tr>{rows}</table>"
    )
