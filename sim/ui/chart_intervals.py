"""Charts of a finished batch: effects and indices with their intervals, row by row."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from bokeh.models import ColumnDataSource, LinearAxis, Plot, Scatter, Segment, Span, Text

from sim.ui.chart_card import Table, fill_look
from sim.ui.chart_plots import add_grid, blank, hover, limits, outcome_ticks, patch, set_unit, tagged
from sim.ui.chart_results import ResponseCurve, ResponseMap, ResultChart
from sim.ui.numerals import Scale, scale_of
from sim.ui.results_shelf import Seen
from sim.ui.results_words import factor_name, plain, strategy_name

MOST_ROWS = 24
ROW = 36  # pixels: a line of words, and a mark below


@dataclass
class Row:
    """A line of words, and below it marks with their intervals."""

    name: str
    marks: list[tuple[float, float, float, str]]  # value, low, high, tip


class Intervals(ResultChart):
    """Values with their intervals, row by row; up to two in a row."""

    looks = (("--accent", "circle"), ("--b", "diamond"))

    def draw(self) -> Plot:
        self.ticks = outcome_ticks(self.language)
        self.across = LinearAxis(formatter=self.ticks, axis_line_alpha=0, minor_tick_out=0, major_tick_out=0,
                                 major_tick_in=0)  # fmt: skip
        plot = blank(self.across, None, min_border_left=6)
        add_grid(plot, self.across, dimension=0)
        plot.add_layout(Span(location=0, dimension="height", line_color="#8a93a3", line_width=1))
        self.marks = [ColumnDataSource({name: [] for name in ("x", "y", "low", "high", "tip")}) for _ in self.looks]
        self.names = ColumnDataSource({name: [] for name in ("x", "y", "words")})
        for source, (colour, marker) in zip(self.marks, self.looks, strict=True):
            plot.add_glyph(
                source, Segment(x0="low", x1="high", y0="y", y1="y", line_width=2, **tagged(line_color=colour))
            )
            mark = Scatter(x="x", y="y", marker=marker, size=9, line_color=None, **tagged(fill_color=colour))
            hover(plot, plot.add_glyph(source, mark), [("", "@tip")])
        text = Text(x="x", y="y", text="words", text_font_size="12px", text_baseline="middle", x_offset=2,
                    **tagged(text_color="--ink"))  # fmt: skip
        plot.add_glyph(self.names, text)
        return plot

    def rows(self, seen: Seen) -> list[Row]:
        """What is to be drawn, from the top down."""
        raise NotImplementedError(f"{type(self).__name__} has no rows.")

    def unit(self, seen: Seen) -> str:
        """Unit of the axis."""
        return seen.outcome.unit

    def patch(self, seen: Any) -> None:
        rows = self.rows(seen)[:MOST_ROWS]
        for k, source in enumerate(self.marks):
            found = [(*row.marks[k], -float(n) - 0.25 * k) for n, row in enumerate(rows) if len(row.marks) > k]
            values = np.array([mark[:3] for mark in found], float).reshape(-1, 3)
            values[:, 1:] = np.where(np.isfinite(values[:, 1:]), values[:, 1:], values[:, :1])
            source.data = {
                "x": values[:, 0], "low": values[:, 1], "high": values[:, 2], "tip": [mark[3] for mark in found],
                "y": [mark[4] for mark in found],
            }  # fmt: skip
        ends = [np.asarray(source.data[name], float) for source in self.marks for name in ("low", "high")]
        low, high = limits(ends, has_zero=True)
        self.names.data = {
            "x": [low] * len(rows), "y": [0.4 - n for n in range(len(rows))], "words": [row.name for row in rows],
        }  # fmt: skip
        patch(self.plot.x_range, start=low, end=high)
        patch(self.plot.y_range, start=-len(rows) + 0.5, end=0.8)
        patch(self.plot, height=46 + ROW * max(len(rows), 2))
        set_unit(self.ticks, self.unit(seen), seen.about.currency)


class Effects(Intervals):
    """What a change of strategy or of a level does, with 95% intervals."""

    def rows(self, seen: Seen) -> list[Row]:
        scale = self.written(seen, seen.effects["difference"])
        return [
            Row(self._name(seen, row), [(row[5], row[6], row[7], self._words(scale, row))])
            for row in seen.effects.itertuples(index=False)
            if math.isfinite(row[5])
        ]

    def why_empty(self, seen: Any) -> str:
        return "" if np.isfinite(seen.effects["difference"]).any() else self.said("results_no_effects")

    def findings(self, seen: Any) -> list[str]:
        shown = len(seen.effects)
        return [self.said("results_rows_left", n=shown - MOST_ROWS)] if shown > MOST_ROWS else []

    def table(self, seen: Any) -> Table:
        effects = seen.effects
        level, change = self.written(seen, effects[["before", "after"]]), self.written(seen, effects["difference"])
        heads = ["change", "before", "after", "difference", "low", "high", "verdict"]
        rows = [
            [self._name(seen, row), *map(float, row[3:8]), self._verdict(row)]
            for row in effects.itertuples(index=False)
        ]
        scales = [None, level, level, *[change.difference] * 3, None]
        return Table([self.said(f"results_{head}") for head in heads], scales, rows)

    def _name(self, seen: Seen, row: Any) -> str:
        what, before, after = row[0], row[1], row[2]
        if what == "strategy":
            names = [strategy_name(name, seen.about, self.language) for name in (before, after)]
            return f"{self.said('strategy')}: {names[0]} → {names[1]}"
        if what == "row":
            return f"{self.said('results_row')}: {before + 1} → {after + 1}"
        return f"{factor_name(what, self.language)}: {plain(float(before))} → {plain(float(after))}"

    def _words(self, scale: Scale, row: Any) -> str:
        middle = scale.difference(row[5])
        if not (math.isfinite(row[6]) and math.isfinite(row[7])):
            return middle
        return f"{middle} ({scale.difference(row[6])} … {scale.difference(row[7])})"

    def _verdict(self, row: Any) -> str:
        if not (math.isfinite(row[6]) and math.isfinite(row[7])):
            return self.said("results_one_world_short")
        return self.said("results_up" if row[6] > 0 else "results_down" if row[7] < 0 else "luck")


class Indices(Intervals):
    """What the outcome depends on: Sobol' indices, or Morris's mean absolute effects, with their confidence."""

    def why_empty(self, seen: Any) -> str:
        return "" if seen.indices is not None else self.said("results_no_indices")

    def rows(self, seen: Seen) -> list[Row]:
        return [
            Row(
                factor_name(str(row["factor"]), self.language),
                [self._mark(seen, name, row[name], row[f"{name}_conf"]) for name in self._kinds(seen)],
            )
            for _, row in self._sorted(seen).iterrows()
        ]

    def unit(self, seen: Seen) -> str:
        return super().unit(seen) if seen.about.design == "morris" else "number"

    def legend(self, seen: Any) -> list[dict[str, str]]:
        if seen.indices is None:
            return []
        pairs = zip(self._kinds(seen), self.looks, strict=False)
        return [fill_look(look[0], self.said(f"results_{name}")) for name, look in pairs]

    def findings(self, seen: Any) -> list[str]:
        heads = [factor_name(str(path), self.language) for path in self._sorted(seen)["factor"][:3]]
        luck = float(seen.indices["luck"].max())
        most = self.said("results_indices_found", subject=self.subject(seen), factors=self.said("list_and").join(heads))
        if not math.isfinite(luck):
            return [most, self.said("results_one_world")]
        share = scale_of("share", 0, language=self.language).value(luck)
        return [most, self.said("results_luck", share=share)]

    def table(self, seen: Any) -> Table:
        if seen.indices is None:
            return Table([self.said("results_factor")], [None], [])
        kinds = [one for name in self._kinds(seen) for one in (name, f"{name}_conf")]
        heads = [self.said("results_factor"), *(self.said(f"results_{name}") for name in kinds)]
        value = functools.partial(self._value, seen)
        rows = [
            [factor_name(str(row["factor"]), self.language), *(float(row[name]) for name in kinds)]
            for _, row in self._sorted(seen).iterrows()
        ]
        return Table(heads, [None, *[value] * len(kinds)], rows)

    def _mark(self, seen: Seen, name: str, value: float, half: float) -> tuple[float, float, float, str]:
        return value, value - half, value + half, f"{self.said(f'results_{name}')}: {self._value(seen, value)}"

    def _kinds(self, seen: Seen) -> tuple[str, ...]:
        return ("mu_star",) if seen.about.design == "morris" else ("ST", "S1")

    def _sorted(self, seen: Seen) -> Any:
        assert seen.indices is not None, "There are no indices."
        return seen.indices.sort_values(self._kinds(seen)[0], ascending=False)

    def _value(self, seen: Seen, value: float) -> str:
        if seen.about.design == "morris" and seen.indices is not None:
            return self.written(seen, seen.indices["mu_star"]).value(value)
        return Scale(digits=2, locale=self.written(seen, []).locale).value(value)


RESULT_CHARTS: dict[str, type[ResultChart]] = {
    "results_curve": ResponseCurve,
    "results_map": ResponseMap,
    "results_effects": Effects,
    "results_indices": Indices,
}
