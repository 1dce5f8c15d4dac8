"""Charts of a finished batch: the response curve and the map of two factors; what all charts of a batch share."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from bokeh.models import ColumnDataSource, FixedTicker, Line, Plot, Quad, Scatter, Span, Text, VArea
from numpy.typing import NDArray

from sim.ui.chart_card import Chart, Table, fill_look
from sim.ui.chart_plots import (
    HEIGHT,
    add_grid,
    blank,
    hover,
    limits,
    outcome_ticks,
    patch,
    set_unit,
    tagged,
    x_axis,
    y_axis,
)
from sim.ui.numerals import Scale, scale_of
from sim.ui.results_shelf import Seen
from sim.ui.results_words import factor_name, plain, what_name
from sim.ui.texts import label

MOST_TICKS, MOST_CELLS_ACROSS = 8, 6
LESS, EVEN, MORE = (0xB0, 0x5A, 0x1A), (0xF3, 0xF3, 0xF0), (0x1C, 0x56, 0x8C)  # of differences; lightness tells too
LOW = (0xEE, 0xF5, 0xEE)  # of levels, up to MORE


_LABEL = {"axis_label_text_font_style": "normal", "axis_label_text_font_size": "12px", "axis_label_standoff": 6}


class ResultChart(Chart):
    """A chart of what the shelf has found: a `Seen` is its answer."""

    def show(self, seen: Any) -> None:
        """Show a slice: data, ranges and ticks are patched."""
        self._show(seen)

    def why_empty(self, seen: Any) -> str:
        if seen.has_curves:
            return "" if np.isfinite(seen.curve["mean"]).any() else self.said("results_nothing_left")
        designs = {"list": "results_list", "morris": "results_morris"}
        return self.said(designs.get(seen.about.design, "results_nothing_varied"))

    def legend(self, seen: Any) -> list[dict[str, str]]:
        return []

    def written(self, seen: Seen, values: Any) -> Scale:
        """How numbers of the outcome are written, the largest of them being among these."""
        values = np.asarray(values, float)
        largest = float(np.abs(values[np.isfinite(values)]).max(initial=0.0))
        return scale_of(seen.outcome.unit, largest, seen.about.currency, self.language)

    def number(self, scale: Scale, value: float, *, is_difference: bool) -> str:
        """A number of the outcome, with its sign where it is a difference."""
        return scale.difference(value) if is_difference else scale.value(value)

    def subject(self, seen: Seen) -> str:
        """Outcome and strategy, e.g. "Profit (Stamp card − As it is)"."""
        what = what_name(seen.place["what"], seen.about, self.language)
        return self.said("results_subject", outcome=label(seen.outcome.label, self.language), what=what)


class ResponseCurve(ResultChart):
    """How the outcome responds to a factor, with its 95% band."""

    def draw(self) -> Plot:
        self.ticker = FixedTicker(ticks=[])
        self.ticks = outcome_ticks(self.language)
        self.across, self.up = x_axis(self.ticker, **_LABEL), y_axis(self.ticks)
        plot = blank(self.across, self.up)
        add_grid(plot, self.up)
        self.points = ColumnDataSource({name: [] for name in ("level", "mean", "low", "high", "words", "at")})
        self.band = ColumnDataSource({name: [] for name in ("level", "low", "high")})
        area = VArea(x="level", y1="low", y2="high", fill_alpha=0.18, **tagged(fill_color="--accent"))
        plot.add_glyph(self.band, area)
        plot.add_layout(Span(location=0, dimension="width", line_color="#8a93a3", line_width=1))
        plot.add_glyph(self.points, Line(x="level", y="mean", line_width=2.5, **tagged(line_color="--accent")))
        marks = Scatter(x="level", y="mean", size=8, line_color=None, **tagged(fill_color="--accent"))
        hover(plot, plot.add_glyph(self.points, marks), [("", "@at"), ("", "@words")])
        return plot

    def patch(self, seen: Any) -> None:
        curve = seen.curve
        columns = {name: curve[name].to_numpy(float) for name in ("level", "mean", "low", "high")}
        scale = self.written(seen, columns["mean"])
        words = [self._words(seen, scale, row) for row in curve.itertuples(index=False)]
        bounds = [columns["mean"], *(columns[end][np.isfinite(columns[end])] for end in ("low", "high"))]
        has_band = bool(np.isfinite(columns["low"]).all())
        self.points.data = columns | {"words": words, "at": [plain(level) for level in columns["level"]]}
        self.band.data = {name: columns[name] if has_band else [] for name in ("level", "low", "high")}
        low, high = limits(bounds, has_zero=seen.is_difference)
        levels = columns["level"]
        room = 0.04 * (levels[-1] - levels[0]) or 1.0
        patch(self.plot.x_range, start=float(levels[0] - room), end=float(levels[-1] + room))
        patch(self.plot.y_range, start=low, end=high)
        shown = _some(levels, MOST_TICKS)
        patch(self.ticker, ticks=shown)
        name = factor_name(seen.place["x"], self.language)
        patch(self.across, major_label_overrides={level: plain(level) for level in shown}, axis_label=name)
        set_unit(self.ticks, seen.outcome.unit, seen.about.currency)

    def findings(self, seen: Any) -> list[str]:
        rows = seen.curve[np.isfinite(seen.curve["mean"])]
        scale = self.written(seen, rows["mean"])
        first, last = rows.iloc[0], rows.iloc[-1]
        said = self.said(
            "results_curve_found", subject=self.subject(seen), factor=factor_name(seen.place["x"], self.language),
            before=self.number(scale, first["mean"], is_difference=seen.is_difference), low=plain(first["level"]),
            after=self.number(scale, last["mean"], is_difference=seen.is_difference), high=plain(last["level"]),
        )  # fmt: skip
        return [said] if seen.about.counts["worlds"] > 1 else [said, self.said("results_one_world")]

    def table(self, seen: Any) -> Table:
        scale = self.written(seen, seen.curve["mean"])
        heads = [factor_name(seen.place.get("x", ""), self.language), self.subject(seen)]
        heads += [self.said("results_low"), self.said("results_high")]
        value = functools.partial(self.number, scale, is_difference=seen.is_difference)
        rows = seen.curve[["level", "mean", "low", "high"]].to_numpy(float).tolist()
        return Table(heads, [plain, value, value, value], rows)

    def _words(self, seen: Seen, scale: Scale, row: Any) -> str:
        middle, low, high = (
            self.number(scale, value, is_difference=seen.is_difference) for value in (row.mean, row.low, row.high)
        )
        return f"{middle} ({low} … {high})" if math.isfinite(row.low) else middle


class ResponseMap(ResultChart):
    """The mean of the outcome over two factors: each cell's colour says how much, and its number."""

    def draw(self) -> Plot:
        self.x_ticker, self.y_ticker = FixedTicker(ticks=[]), FixedTicker(ticks=[])
        self.across = x_axis(self.x_ticker, axis_line_alpha=0, major_tick_out=0, **_LABEL)
        self.up = y_axis(None, ticker=self.y_ticker, **_LABEL)
        plot = blank(self.across, self.up, HEIGHT + 20)
        edges = {"left": "x0", "right": "x1", "bottom": "y0", "top": "y1"}
        columns = ("x", "y", *edges.values(), "colour", "ink", "words", "value", "tip")
        self.cells = ColumnDataSource({name: [] for name in columns})
        self.numbers = ColumnDataSource({name: [] for name in ("x", "y", "ink", "words")})
        quads = plot.add_glyph(self.cells, Quad(**edges, fill_color="colour", line_color=None))
        text = Text(
            x="x", y="y", text="words", text_color="ink", text_font_size="11px", text_align="center",
            text_baseline="middle",
        )  # fmt: skip
        plot.add_glyph(self.numbers, text)
        hover(plot, quads, [("", "@tip"), ("", "@value")])
        return plot

    def why_empty(self, seen: Any) -> str:
        why = super().why_empty(seen)
        return why or ("" if seen.heat_map is not None else self.said("results_one_factor"))

    def patch(self, seen: Any) -> None:
        grid, names = seen.heat_map.to_numpy(), self._names(seen)
        ys, xs = (seen.heat_map[axis].to_numpy() for axis in seen.heat_map.dims)
        scale = self.written(seen, grid)
        bare = replace(scale, before="", after="", after_difference="")  # in a cell; the colours' key has the unit
        low, high = _ends(grid, is_difference=seen.is_difference)
        columns: dict[str, list[Any]] = {name: [] for name in self.cells.data}
        for (row, column), value in np.ndenumerate(grid):
            if not math.isfinite(value):
                continue
            place = (value - low) / (high - low) if high > low else 0.5
            colour, is_dark = _shade(place, is_difference=seen.is_difference)
            cell = {
                "x": column + 0.5, "y": row + 0.5, "x0": column, "x1": column + 0.97, "y0": row, "y1": row + 0.95,
                "colour": colour, "ink": "#ffffff" if is_dark else "#1d2430",
                "words": self.number(bare, value, is_difference=seen.is_difference),
                "value": self.number(scale, value, is_difference=seen.is_difference),
                "tip": f"{names[0]} {plain(xs[column])}, {names[1]} {plain(ys[row])}",
            }  # fmt: skip
            for name, one in cell.items():
                columns[name].append(one)
        self.cells.data = columns
        is_roomy = len(xs) <= MOST_CELLS_ACROSS
        self.numbers.data = {name: columns[name] if is_roomy else [] for name in self.numbers.data}
        patch(self.plot.x_range, start=0.0, end=float(len(xs)))
        patch(self.plot.y_range, start=0.0, end=float(len(ys)))
        for ticker, axis, levels, name in (
            (self.x_ticker, self.across, xs, names[0]),
            (self.y_ticker, self.up, ys, names[1]),
        ):
            shown = _some(np.arange(len(levels)), MOST_TICKS)
            patch(ticker, ticks=[k + 0.5 for k in shown])
            patch(axis, major_label_overrides={k + 0.5: plain(levels[int(k)]) for k in shown}, axis_label=name)

    def legend(self, seen: Any) -> list[dict[str, str]]:
        if self.why_empty(seen):
            return []
        low, high = _ends(seen.heat_map.to_numpy(), is_difference=seen.is_difference)
        scale = self.written(seen, seen.heat_map.to_numpy())
        return [
            fill_look(
                _shade(place, is_difference=seen.is_difference)[0],
                self.number(scale, low + place * (high - low), is_difference=seen.is_difference),
            )
            for place in (0.0, 0.5, 1.0)
        ]

    def findings(self, seen: Any) -> list[str]:
        grid = seen.heat_map
        best = np.unravel_index(np.nanargmax(grid.to_numpy()), grid.shape)
        y, x = (plain(float(grid[axis][k])) for axis, k in zip(grid.dims, best, strict=True))
        names = self._names(seen)
        value = self.number(self.written(seen, grid), float(grid.to_numpy()[best]), is_difference=seen.is_difference)
        return [self.said("results_map_found", subject=self.subject(seen), value=value, x=names[0], at_x=x,
                          y=names[1], at_y=y)]  # fmt: skip

    def table(self, seen: Any) -> Table:
        if seen.heat_map is None:
            return Table([self.subject(seen)], [None], [])
        grid, names = seen.heat_map, self._names(seen)
        ys, xs = (grid[axis].to_numpy() for axis in grid.dims)
        value = functools.partial(self.number, self.written(seen, grid), is_difference=seen.is_difference)
        heads = [f"{names[1]} \\ {names[0]}", *(plain(x) for x in xs)]
        rows = [[float(y), *row] for y, row in zip(ys, grid.to_numpy().tolist(), strict=True)]
        return Table(heads, [plain, *[value] * len(xs)], rows)

    def _names(self, seen: Seen) -> list[str]:
        return [factor_name(seen.place[axis], self.language) for axis in ("x", "y")]


def _some(levels: NDArray[Any], most: int) -> list[float]:
    """Every level, or every second, third …, so that no more than `most` are left."""
    every = -(-len(levels) // most)
    return [float(level) for level in levels[::every]]


def _ends(grid: NDArray[np.float64], *, is_difference: bool) -> tuple[float, float]:
    """From the lowest to the highest; of differences as far below 0 as above."""
    finite = grid[np.isfinite(grid)]
    if not finite.size:
        return 0.0, 1.0
    reach = float(np.abs(finite).max()) or 1.0
    return (-reach, reach) if is_difference else (float(finite.min()), float(finite.max()))


def _shade(place: float, *, is_difference: bool) -> tuple[str, bool]:
    """The colour at a place between 0 and 1, and whether it is a dark one."""
    ends: Sequence[tuple[int, int, int]]
    ends, at = ((LESS, EVEN), 2 * place) if is_difference and place < 0.5 else ((EVEN, MORE), 2 * place - 1)
    if not is_difference:
        ends, at = (LOW, MORE), place
    mixed = [round(a + (b - a) * at) for a, b in zip(*ends, strict=True)]
    return "#" + "".join(f"{one:02x}" for one in mixed), 0.299 * mixed[0] + 0.587 * mixed[1] + 0.114 * mixed[2] < 150
