"""Pictures of a batch's findings in Bokeh, for the HTML page, notebooks and the app alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sim.outcomes import OUTCOMES
from sim.pictures import COLOURS, DASHES

if TYPE_CHECKING:
    from sim.findings import Findings

WIDTH, HEIGHT = 460, 300


def title_of(outcome: str) -> str:
    """Label and unit of an outcome."""
    found = OUTCOMES[outcome]
    return f"{found.label['en']} ({found.unit})"


def curve(findings: Findings, outcome: str, path: str, of: tuple[str, ...]) -> Any:
    """How an outcome responds to a factor, a line for each strategy or contrast, with its 95% band."""
    from bokeh.plotting import figure

    picture = figure(
        title=f"How does it respond to {path}?", width=WIDTH, height=HEIGHT, x_axis_label=path,
        y_axis_label=title_of(outcome), toolbar_location=None,
    )  # fmt: skip
    for k, name in enumerate(of):
        frame = findings.curve(outcome, path, name)
        if np.isfinite(frame[["low", "high"]].to_numpy()).all():
            picture.varea(frame[path], frame["low"], frame["high"], color=COLOURS[k], fill_alpha=0.15)
        picture.line(
            frame[path], frame["mean"], color=COLOURS[k], line_dash=DASHES[k % len(DASHES)], line_width=2,
            legend_label=name,
        )  # fmt: skip
        picture.scatter(frame[path], frame["mean"], color=COLOURS[k], size=5)
    picture.legend.background_fill_alpha = 0.6
    picture.legend.label_text_font_size = "10px"
    return picture


def heat_map(findings: Findings, outcome: str, x: str, y: str, of: str) -> Any:
    """The mean of an outcome over two factors, numbers written in."""
    from bokeh.models import ColorBar, LinearColorMapper
    from bokeh.palettes import all_palettes
    from bokeh.plotting import figure

    grid = findings.heat_map(outcome, x, y, of)
    xs, ys, z = grid[x].to_numpy(), grid[y].to_numpy(), grid.to_numpy()
    ticks = [[f"{value:.4g}" for value in axis] for axis in (xs, ys)]
    reach = float(np.nanmax(np.abs(z))) or 1.0
    low, high = (-reach, reach) if of in findings.contrasts else (float(np.nanmin(z)), float(np.nanmax(z)))
    palette = all_palettes["RdBu"][11][::-1] if of in findings.contrasts else all_palettes["Cividis"][11]
    mapper = LinearColorMapper(palette=palette, low=low, high=high if high > low else low + 1.0, nan_color="white")
    picture = figure(
        title=f"{OUTCOMES[outcome].label['en']}: {of}", width=WIDTH + 60, height=HEIGHT + 40, x_range=ticks[0],
        y_range=ticks[1], x_axis_label=x, y_axis_label=y, toolbar_location=None, tools="hover",
        tooltips=[(x, "@x"), (y, "@y"), (outcome, "@z{0,0.[000]}")],
    )  # fmt: skip
    cells = {
        "x": [tick for _ in ys for tick in ticks[0]],
        "y": [tick for tick in ticks[1] for _ in xs],
        "z": z.ravel(),
    }
    picture.rect(
        "x", "y", 1, 1, source=cells, line_color="#ffffff", fill_color={"field": "z", "transform": mapper}
    )  # fmt: skip
    picture.add_layout(ColorBar(color_mapper=mapper), "right")
    picture.xaxis.major_label_orientation = 0.8
    return picture


def bars(table: pd.DataFrame, value: str, width: str, title: str, unit: str) -> Any:
    """Indices as bars with their confidence."""
    from bokeh.models import ColumnDataSource, Whisker
    from bokeh.plotting import figure

    mean = table.groupby("factor")[[value, width]].mean().sort_values(value)
    source = ColumnDataSource(
        {
            "factor": list(mean.index), "value": mean[value],
            "low": mean[value] - mean[width], "high": mean[value] + mean[width],
        }
    )  # fmt: skip
    picture = figure(
        title=title, width=WIDTH + 100, height=90 + 26 * len(mean), y_range=list(mean.index), x_axis_label=unit,
        toolbar_location=None, x_range=_reach(source),
    )  # fmt: skip
    picture.hbar("factor", right="value", height=0.6, source=source, color=COLOURS[0])
    picture.add_layout(Whisker(source=source, base="factor", lower="low", upper="high", dimension="width"))
    return picture


def effects(table: pd.DataFrame, outcome: str) -> Any:
    """Effects of one outcome with their intervals."""
    from bokeh.models import ColumnDataSource, Span, Whisker
    from bokeh.plotting import figure

    rows = table[(table["outcome"] == outcome) & np.isfinite(table["low"])].head(30)
    names = [f"{_short(r.what)}: {_short(r[3])} → {_short(r[4])}" for r in rows.itertuples()]
    source = ColumnDataSource({"name": names, "middle": rows["difference"], "low": rows["low"], "high": rows["high"]})
    picture = figure(
        title="What does a change do?", width=WIDTH + 100, height=100 + 24 * len(names), y_range=names[::-1],
        x_axis_label=title_of(outcome), toolbar_location=None, x_range=_reach(source),
    )  # fmt: skip
    picture.add_layout(Span(location=0, dimension="height", line_color="#888888"))
    picture.scatter("middle", "name", source=source, size=8, color=COLOURS[0])
    picture.add_layout(Whisker(source=source, base="name", lower="low", upper="high", dimension="width"))
    return picture


def _reach(source: Any) -> tuple[float, float]:
    """From 0 or the lowest to the highest end of the intervals, with a little room."""
    low, high = min(0.0, *source.data["low"]), max(0.0, *source.data["high"])
    room = 0.04 * (high - low) or 1.0
    return low - room, high + room


def _short(value: Any) -> str:
    return value if isinstance(value, str) else f"{value:.4g}"
