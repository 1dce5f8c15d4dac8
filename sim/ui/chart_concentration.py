"""Who earns the money: the curve of concentration, from which 20/80/30 is read off."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from bokeh.models import ColumnDataSource, FixedTicker, Line, Plot, Scatter, Span

from sim.concentration import BEST, POINTS, WORST
from sim.ui import theme
from sim.ui.chart_card import Chart, Table
from sim.ui.chart_plots import add_grid, blank, hover, limits, patch, share_ticks, tagged, x_axis, y_axis
from sim.ui.desk import Answer
from sim.ui.numerals import scale_of

LETTERS = tuple(theme.COLOURS)
MARKERS = {"A": "circle", "B": "square", "C": "triangle", "D": "diamond"}


class ConcentrationChart(Chart):
    """Share of all buyers' contribution that the best so many per cent of them bring."""

    def draw(self) -> Plot:
        ticker = FixedTicker(ticks=[0, BEST, 0.5, 1 - WORST, 1])
        across, up = x_axis(ticker, formatter=share_ticks()), y_axis(share_ticks())
        plot = blank(across, up)
        add_grid(plot, up)
        for share in (BEST, 1 - WORST):
            plot.add_layout(Span(location=share, dimension="height", line_color="#8a93a3", line_dash="dotted"))
        plot.add_layout(Span(location=1.0, dimension="width", line_color="#8a93a3"))
        plot.x_range.update(start=0.0, end=1.02)
        self.curves = ColumnDataSource({"share": [], **{letter: [] for letter in LETTERS}})
        self.marks = ColumnDataSource({"share": [], **{letter: [] for letter in LETTERS}})
        for letter in LETTERS:
            colour, variable = theme.COLOURS[letter], f"--{letter.lower()}"
            line = Line(
                x="share", y=letter, line_color=colour, line_dash=theme.DASHES[letter], line_width=2.5,
                **tagged(line_color=variable),
            )  # fmt: skip
            renderer = plot.add_glyph(self.curves, line)
            if letter == "A":
                self.hover = hover(plot, renderer, [], "vline")
            mark = Scatter(
                x="share", y=letter, marker=MARKERS[letter], size=8, fill_color=colour, line_color=None,
                **tagged(fill_color=variable),
            )  # fmt: skip
            plot.add_glyph(self.marks, mark)
        return plot

    def patch(self, answer: Answer) -> None:
        curves = self._curves(answer)
        nothing, at = np.full(POINTS + 1, np.nan), [round(BEST * POINTS), round((1 - WORST) * POINTS)]
        columns: dict[str, Any] = {letter: curves.get(letter, nothing) for letter in LETTERS}
        self.curves.data = {"share": np.linspace(0, 1, POINTS + 1), **columns}
        self.marks.data = {"share": [BEST, 1 - WORST], **{letter: column[at] for letter, column in columns.items()}}
        _, high = limits([*curves.values(), np.ones(1)], has_zero=True)
        patch(self.plot.y_range, start=0.0, end=high)
        tips = [("", "@share{0%}"), *((letter, f"@{letter}{{0%}}") for letter in answer.letters)]
        patch(self.hover, tooltips=tips)

    def findings(self, answer: Answer) -> list[str]:
        share = scale_of("share", 0, language=self.language)
        sentences = []
        for letter, course in zip(answer.letters, answer.courses, strict=True):
            found = course.measures.concentration if course.measures else None
            if found is None or not math.isfinite(found.best):
                sentences.append(self.said("concentration_loss", letter=letter))
                continue
            kind = "gain" if found.worst >= 0 else "cost"
            best, worst = share.value(found.best), share.value(abs(found.worst))
            sentences.append(self.said(f"concentration_{kind}", letter=letter, best=best, worst=worst))
        return sentences

    def why_empty(self, answer: Answer) -> str:
        return (
            "" if any(np.isfinite(c).all() for c in self._curves(answer).values()) else self.said("concentration_none")
        )

    def table(self, answer: Answer) -> Table:
        share = scale_of("share", 0, language=self.language)
        curves = self._curves(answer)
        rows = [[k / POINTS, *(float(curve[k]) for curve in curves.values())] for k in range(0, POINTS + 1, 5)]
        return Table([self.said("concentration_best"), *curves], [share] * (1 + len(curves)), rows)

    def _curves(self, answer: Answer) -> dict[str, Any]:
        return {
            letter: course.measures.concentration.curve
            for letter, course in zip(answer.letters, answer.courses, strict=True)
            if course.measures is not None
        }
