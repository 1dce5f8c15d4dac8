"""Charts of lines over the weeks, one for each strategy, its letter at the end; bands show what luck could do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from bokeh.models import ColumnDataSource, FixedTicker, Line, Plot, Span, Text, VArea
from numpy.typing import NDArray

from sim.outcomes import OUTCOMES
from sim.ui import theme
from sim.ui.chart_card import Chart, Table, line_look
from sim.ui.chart_plots import (
    add_grid,
    blank,
    hover,
    last_of,
    limits,
    money_ticks,
    number_ticks,
    patch,
    set_currency,
    share_ticks,
    shifts,
    tagged,
    week_ticks,
    x_axis,
    y_axis,
)
from sim.ui.desk import Answer, Band
from sim.ui.numerals import scale_of
from sim.ui.runs import Course
from sim.ui.texts import label

LETTERS = tuple(theme.COLOURS)
_ROOM_FOR_LETTER = 0.07  # of the weeks, right of the last
_HOVER = {"share": "0.0%", "money": "0,0", "level": "0.00"}

Take = Callable[[Course], NDArray[np.float64]]


def weekly(outcome: str) -> Take:
    """The weekly course of an outcome."""
    return lambda course: course.weekly[outcome]


def averaged(outcome: str, weeks: int) -> Take:
    """A weekly outcome's mean over this week and those before it, so many in all; NaN in the first ones."""
    return lambda course: _mean_of(course.weekly[outcome], weeks)


def _mean_of(values: NDArray[np.float64], weeks: int) -> NDArray[np.float64]:
    weeks = min(weeks, len(values))
    means = np.full(len(values), np.nan)
    means[weeks - 1 :] = np.convolve(values, np.full(weeks, 1.0 / weeks), "valid")
    return means


def added_up(outcome: str) -> Take:
    """What a weekly outcome has come to by each week."""
    return lambda course: np.cumsum(course.weekly[outcome])


def per_hundred(name: str, weeks: int) -> Take:
    """A weekly count of the measures for every hundred active customers, its mean over so many weeks."""

    def take(course: Course) -> NDArray[np.float64]:
        if course.measures is None:
            return np.full(len(course.stages), np.nan)
        active = course.measures.active
        rate = 100.0 * np.divide(
            getattr(course.measures, name), active, out=np.full(active.shape, np.nan), where=active > 0
        )
        return _mean_of(rate, weeks)

    return take


class Lines(Chart):
    """Lines over weeks. The first series is drawn thick, a second one thin.

    series : name → how to take it from a course; names are outcomes or texts
    unit : as in sim.outcomes   banded : the outcome whose bands belong to the first series
    """

    def __init__(
        self, key: str, language: str, series: dict[str, Take], unit: str, *, has_zero: bool = False, banded: str = ""
    ) -> None:
        self.series, self.unit, self.has_zero, self.banded = series, unit, has_zero, banded
        self.bands: ColumnDataSource | None = None
        super().__init__(key, language)

    def draw(self) -> Plot:
        formats = {
            "share": share_ticks,
            "money": lambda: money_ticks(self.language),
            "level": lambda: number_ticks("0.00"),
        }
        self.formatter = formats.get(self.unit, lambda: number_ticks("0,0.[0]"))()
        self.ticker = FixedTicker(ticks=[])
        week = self.said("week")
        across, up = x_axis(self.ticker, major_label_overrides={0: week}), y_axis(self.formatter)
        plot = blank(across, up)
        add_grid(plot, up)
        if self.has_zero:
            plot.add_layout(Span(location=0, dimension="width", line_color="#8a93a3", line_width=1))
        columns: dict[str, Any] = {f"{k} {letter}": [] for k in range(len(self.series)) for letter in LETTERS}
        self.lines = ColumnDataSource({"week": [], **columns})
        for k in range(len(self.series)):
            for letter in LETTERS:
                renderer = plot.add_glyph(
                    self.lines,
                    Line(
                        x="week", y=f"{k} {letter}", line_color=theme.COLOURS[letter], line_dash=theme.DASHES[letter],
                        line_width=2.5 if k == 0 else 1.25, line_join="round",
                        **tagged(line_color=f"--{letter.lower()}"),
                    ),
                )  # fmt: skip
                if k == 0 and letter == "A":
                    self.hover = hover(plot, renderer, [], "vline")
        self.ends = ColumnDataSource({"week": [], "y": [], "shift": [], "letter": []})
        plot.add_glyph(
            self.ends,
            Text(
                x="week", y="y", text="letter", text_font_size="13px", text_font_style="bold", text_baseline="middle",
                x_offset=5, y_offset="shift", **tagged(text_color="--ink"),
            ),
        )  # fmt: skip
        return plot

    def patch(self, answer: Answer) -> None:
        taken = self._taken(answer)
        weeks = len(next(iter(taken.values())))
        nothing = np.full(weeks, np.nan)
        self.lines.data = {
            "week": np.arange(weeks),
            **{f"{k} {letter}": taken.get((k, letter), nothing) for k in range(len(self.series)) for letter in LETTERS},
        }
        bands = self._bands(answer)
        self._show_bands(bands, weeks)
        low, high = limits(
            [*taken.values(), *(edge for band in bands.values() for edge in band)], has_zero=self.has_zero
        )
        high = min(high, 1.0) if self.unit == "share" else high
        patch(self.plot.y_range, start=low, end=high)
        patch(self.plot.x_range, start=0, end=(weeks - 1) * (1 + _ROOM_FOR_LETTER) or 1)
        patch(self.ticker, ticks=week_ticks(weeks))
        last = [last_of(taken[0, letter]) for letter in answer.letters]
        self.ends.data = {
            "week": [weeks - 1] * len(last),
            "y": last,
            "shift": shifts(last, low, high),
            "letter": list(answer.letters),
        }
        if self.unit == "money":
            set_currency(self.formatter, answer.question.scenario.market.currency)
        form = _HOVER.get(self.unit, "0.0")
        tips = [(self.said("week"), "@week")]
        tips += [
            (f"{letter} {name}".strip(), f"@{{{k} {letter}}}{{{form}}}")
            for k, name in enumerate(self._names())
            for letter in answer.letters
        ]
        patch(self.hover, tooltips=tips)

    def legend(self, answer: Answer) -> list[dict[str, str]]:
        items = [line_look(letter, letter) for letter in answer.letters]
        if len(self.series) > 1:
            items += [
                {"label": name, "line": "--soft", "dash": "", "width": "2.5" if k == 0 else "1.25"}
                for k, name in enumerate(self._names())
            ]
        if self._bands(answer):
            items.append({"label": self.said("chart_band", n=answer.n_worlds), "fill": "#8a93a355", "hatch": ""})
        return items

    def table(self, answer: Answer) -> Table:
        taken = self._taken(answer)
        largest = max((float(np.nanmax(np.abs(v))) for v in taken.values() if np.isfinite(v).any()), default=0.0)
        scale = scale_of(self.unit, largest, answer.question.scenario.market.currency, self.language)
        columns = [
            (f"{letter} {name}".strip(), taken[k, letter])
            for k, name in enumerate(self._names())
            for letter in answer.letters
        ]
        for letter, (low, high) in self._bands(answer).items():
            columns += [
                (f"{letter} {self.said('chart_lowest')}", low),
                (f"{letter} {self.said('chart_highest')}", high),
            ]
        weeks = len(columns[0][1])
        return Table(
            heads=[self.said("week"), *(head for head, _ in columns)],
            scales=[scale_of("customers", 0, language=self.language), *[scale] * len(columns)],
            rows=[[week, *(float(values[week]) for _, values in columns)] for week in range(weeks)],
        )

    def _names(self) -> list[str]:
        """What the series are called; a single one needs no name."""
        if len(self.series) == 1:
            return [""]
        return [
            label(OUTCOMES[name].label, self.language) if name in OUTCOMES else self.said(name) for name in self.series
        ]

    def _taken(self, answer: Answer) -> dict[tuple[int, str], NDArray[np.float64]]:
        return {
            (k, letter): np.asarray(take(course), float)
            for k, take in enumerate(self.series.values())
            for letter, course in zip(answer.letters, answer.courses, strict=True)
        }

    def _bands(self, answer: Answer) -> dict[str, Band]:
        if not self.banded or not answer.bands:
            return {}
        return {letter: answer.bands[letter][self.banded] for letter in answer.letters if letter in answer.bands}

    def _show_bands(self, bands: dict[str, Band], weeks: int) -> None:
        """Bands are drawn on first need, below the lines."""
        if self.bands is None:
            if not bands:
                return
            names: dict[str, list[float]] = {f"{edge} {letter}": [] for edge in ("low", "high") for letter in LETTERS}
            self.bands = ColumnDataSource({"week": [], **names})
            for letter in LETTERS:
                self.plot.add_glyph(
                    self.bands,
                    VArea(
                        x="week", y1=f"low {letter}", y2=f"high {letter}", fill_color=theme.COLOURS[letter],
                        fill_alpha=0.16, **tagged(fill_color=f"--{letter.lower()}"),
                    ),
                    level="underlay",
                )  # fmt: skip
        nothing = np.full(weeks, np.nan)
        pairs = {letter: bands.get(letter, (nothing, nothing)) for letter in LETTERS}
        self.bands.data = {
            "week": np.arange(weeks),
            **{f"low {letter}": np.asarray(pair[0], float) for letter, pair in pairs.items()},
            **{f"high {letter}": np.asarray(pair[1], float) for letter, pair in pairs.items()},
        }
