"""The charts: drawn once for a session, afterwards only their data, ranges and ticks are patched.

Built from Bokeh's models by hand where `figure` would add tools, glyphs and titles that nobody sees, since every model
costs each visitor time. Titles stand outside, as headings that a screen reader finds.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from bokeh.models import (
    ColumnDataSource,
    CustomJSTickFormatter,
    FixedTicker,
    Grid,
    HoverTool,
    Line,
    LinearAxis,
    NumeralTickFormatter,
    Patches,
    Plot,
    Range1d,
    Span,
    Text,
    Title,
)
from numpy.typing import NDArray

from sim.rules.stage import STAGES
from sim.ui import theme
from sim.ui.desk import Answer
from sim.ui.runs import Course
from sim.ui.state import LETTERS
from sim.ui.texts import said

HEIGHT = 230
BEST_FIRST = tuple(reversed(theme.STAGE_COLOURS))
_ROOM_FOR_LETTER = 0.05  # of the weeks, right of the last


class Charts:
    """The five plots of the lab and the one thing to do with them: show an answer."""

    def __init__(self, language: str) -> None:
        week = said("week", language)
        self.retention = _Lines({"": "retention"}, "0%", "0.0%", week)
        self.profit = _Lines({"": "cumulative_profit"}, None, "0,0", week, has_zero=True)
        names = {f"{said(name, language)} ": name for name in ("satisfaction", "expectation")}
        self.promise = _Lines(names, "0.00", "0.00", week)
        self.stages = {letter: _Stages(language, letter, week) for letter in LETTERS}

    def show(self, answer: Answer) -> None:
        """Draw the courses of an answer's first world; leave everything as it is where there are none yet."""
        if not answer.courses:
            return
        market = answer.question.scenario.market
        for lines in (self.retention, self.profit, self.promise):
            lines.show(answer.courses, market.currency)
        for letter, course in zip(LETTERS, answer.courses, strict=True):
            self.stages[letter].show(course, market.customers)


def _plot(y_axis: LinearAxis, week: str) -> tuple[Plot, FixedTicker]:
    """An empty plot over weeks, with room at the end of the lines for their letters."""
    plot = Plot(
        height=HEIGHT, sizing_mode="stretch_width", toolbar_location=None, outline_line_color=None,
        background_fill_color=None, border_fill_color=None,  # the page shows through, light or dark
        x_range=Range1d(0, 104), y_range=Range1d(0, 1), min_border_left=46, min_border_right=6,
    )  # fmt: skip
    ticker = FixedTicker(ticks=[])
    x_axis = LinearAxis(
        ticker=ticker, major_label_overrides={0: week}, major_tick_in=0, major_tick_out=4, minor_tick_out=0,
    )  # fmt: skip
    plot.add_layout(x_axis, "below")
    plot.add_layout(y_axis, "left")
    plot.add_layout(Grid(dimension=1, axis=y_axis, grid_line_alpha=0.35))
    return plot, ticker


def _y_axis(formatter: Any) -> LinearAxis:
    return LinearAxis(formatter=formatter, axis_line_color=None, major_tick_line_color=None, minor_tick_line_color=None)


class _Lines:
    """One line for each strategy and course, its letter at the end. The first course is drawn thick, a second thin."""

    def __init__(
        self, courses: dict[str, str], ticks: str | None, hover: str, week: str, *, has_zero: bool = False
    ) -> None:
        self.courses = courses
        self.has_zero = has_zero
        if ticks is None:
            self.formatter: Any = CustomJSTickFormatter(args={"currency": ""}, code=_SHORT_MONEY)
        else:
            self.formatter = NumeralTickFormatter(format=ticks)
        self.plot, self.ticker = _plot(_y_axis(self.formatter), week)
        self.lines = ColumnDataSource({"week": [], **{f"{name} {k}": [] for name in courses.values() for k in LETTERS}})
        self.ends = ColumnDataSource({"week": [], "y": [], "shift": [], "letter": [], "colour": []})
        tips = [(week, "@week")]
        first = None
        for number, (title, name) in enumerate(courses.items()):
            for letter in LETTERS:
                glyph = Line(
                    x="week", y=f"{name} {letter}", line_color=theme.COLOURS[letter], line_dash=theme.DASHES[letter],
                    line_width=2.5 if number == 0 else 1.25, line_join="round",
                )  # fmt: skip
                renderer = self.plot.add_glyph(self.lines, glyph)
                first = first or renderer
                tips.append((f"{letter} {title}".strip(), f"@{{{name} {letter}}}{{{hover}}}"))
        if has_zero:
            self.plot.add_layout(Span(location=0, dimension="width", line_color="#8a93a3", line_width=1))
        self.plot.add_glyph(
            self.ends,
            Text(
                x="week", y="y", text="letter", text_color="colour", text_font_size="13px", text_font_style="bold",
                text_baseline="middle", x_offset=5, y_offset="shift",
            ),
        )  # fmt: skip
        self.plot.add_tools(HoverTool(tooltips=tips, renderers=[first], mode="vline", line_policy="nearest"))

    def show(self, courses: Sequence[Course], currency: str) -> None:
        """Patch the lines, their ends, the ranges and the ticks."""
        columns = {
            f"{name} {letter}": getattr(course, name)
            for letter, course in zip(LETTERS, courses, strict=True)
            for name in self.courses.values()
        }
        weeks = len(next(iter(columns.values())))
        self.lines.data = {"week": np.arange(weeks), **columns}
        low, high = _limits(list(columns.values()), has_zero=self.has_zero)
        self.plot.y_range.update(start=low, end=high)
        _fit_weeks(self.plot, self.ticker, weeks)
        main = next(iter(self.courses.values()))
        last = [_last(columns[f"{main} {letter}"]) for letter in LETTERS]
        self.ends.data = {
            "week": [weeks - 1] * len(LETTERS),
            "y": last,
            "shift": _shifts(last, high - low),
            "letter": list(LETTERS),
            "colour": [theme.COLOURS[letter] for letter in LETTERS],
        }
        if isinstance(self.formatter, CustomJSTickFormatter) and self.formatter.args["currency"] != currency:
            self.formatter.args = {"currency": currency}


class _Stages:
    """Everybody in the market by stage, as bands over the weeks, advocates at the bottom."""

    def __init__(self, language: str, letter: str, week: str) -> None:
        formatter = NumeralTickFormatter(format="0,0")
        self.plot, self.ticker = _plot(_y_axis(formatter), week)
        self.plot.height = HEIGHT - 22
        self.plot.title = Title(text=letter)
        self.bands = ColumnDataSource({"x": [], "y": [], "colour": []})
        self.counts = ColumnDataSource({"week": [], "top": [], **{stage: [] for stage in STAGES}})
        self.plot.add_glyph(self.bands, Patches(xs="x", ys="y", fill_color="colour", line_color=None))
        hidden = self.plot.add_glyph(self.counts, Line(x="week", y="top", line_alpha=0))
        tips = [(week, "@week")]
        tips += [(said(f"stage_{stage}", language), f"@{stage}{{0,0}}") for stage in theme.STAGE_COLOURS]
        self.plot.add_tools(HoverTool(tooltips=tips, renderers=[hidden], mode="vline", line_policy="nearest"))

    def show(self, course: Course, customers: int) -> None:
        """Patch the bands, the range and the ticks."""
        weeks = len(course.stages)
        x = np.arange(weeks)
        counts = {stage: course.stages[:, STAGES.index(stage)] for stage in STAGES}
        tops = np.cumsum([counts[stage] for stage in BEST_FIRST], axis=0)
        floors = np.vstack([np.zeros(weeks, int), tops[:-1]])
        around = np.concatenate([x, x[::-1]])
        self.bands.data = {
            "x": [around] * len(STAGES),
            "y": [np.concatenate([top, floor[::-1]]) for top, floor in zip(tops, floors, strict=True)],
            "colour": [theme.STAGE_COLOURS[stage] for stage in BEST_FIRST],
        }
        self.counts.data = {"week": x, "top": np.full(weeks, customers / 2), **counts}
        self.plot.y_range.update(start=0, end=customers)
        _fit_weeks(self.plot, self.ticker, weeks, room=0.0)


_SHORT_MONEY = """
const size = Math.abs(tick)
const short = new Intl.NumberFormat("en", {notation: "compact", maximumFractionDigits: 1}).format(size)
return (tick < 0 ? "−" : "") + currency + short
"""


def _limits(courses: list[NDArray[np.float64]], *, has_zero: bool) -> tuple[float, float]:
    """Round limits that hold all courses with some air, and zero where the eye should measure from it."""
    values = np.concatenate(courses)
    values = values[np.isfinite(values)]
    low, high = (float(values.min()), float(values.max())) if values.size else (0.0, 1.0)
    if has_zero:
        low, high = min(low, 0.0), max(high, 0.0)
    span = high - low or abs(high) or 1.0
    step = 10.0 ** math.floor(math.log10(span)) / 2
    low = math.floor((low - (0.0 if has_zero and low == 0.0 else 0.08 * span)) / step) * step
    high = math.ceil((high + 0.08 * span) / step) * step
    return low, high


def _fit_weeks(plot: Plot, ticker: FixedTicker, weeks: int, room: float = _ROOM_FOR_LETTER) -> None:
    """Ticks at quarters, halves or years."""
    step = 13 if weeks <= 60 else 26 if weeks <= 130 else 52 * math.ceil(weeks / 520)
    ticks = list(range(0, weeks + 1, step))
    end = (weeks - 1) * (1 + room)
    if plot.x_range.end != end:
        plot.x_range.update(start=0, end=end)
    if ticker.ticks != ticks:
        ticker.ticks = ticks


def _last(course: NDArray[np.float64]) -> float:
    finite = course[np.isfinite(course)]
    return float(finite[-1]) if finite.size else math.nan


def _shifts(values: list[float], span: float) -> list[float]:
    """Pixels by which the letters at the ends of lines step aside for each other."""
    a, b = values
    if not (math.isfinite(a) and math.isfinite(b)) or abs(a - b) > 0.08 * span:
        return [0.0, 0.0]
    return [-8.0, 8.0] if a >= b else [8.0, -8.0]
