"""How long customers stay: Kaplan–Meier curves with their intervals and the numbers at risk, cohort by cohort."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from bokeh.models import ColumnDataSource, FixedTicker, LinearAxis, Plot, Step, VArea

from sim.cohorts import Cohorts, Survival, kaplan_meier
from sim.ui import theme
from sim.ui.chart_card import Chart, Table
from sim.ui.chart_panels import cohort_name
from sim.ui.chart_plots import (
    add_grid,
    blank,
    hover,
    number_ticks,
    patch,
    share_ticks,
    tagged,
    week_ticks,
    x_axis,
    y_axis,
)
from sim.ui.desk import Answer
from sim.ui.numerals import grouped, scale_of

LETTERS = tuple(theme.COLOURS)
WON, START = "won", "start"  # all who came after the start; those who were there. Other choices are single cohorts.


class SurvivalChart(Chart):
    """Share of a cohort that has not left yet, by weeks since its first purchase."""

    choices = ("cohort",)

    def draw(self) -> Plot:
        self.ticker = FixedTicker(ticks=[])
        across = x_axis(self.ticker, major_label_overrides={0: self.said("week")})
        up = y_axis(share_ticks())
        plot = blank(across, up, 250)
        add_grid(plot, up)
        plot.y_range.update(start=0.0, end=1.03)
        self.curves = _empty("staying", "at risk")
        self.bands = _empty("low", "high")
        # Corners of our own: Bokeh 3.9's VAreaStep paints for ever while there is nothing to paint.
        for letter in LETTERS:
            colour, variable = theme.COLOURS[letter], f"--{letter.lower()}"
            band = VArea(
                x="week", y1=f"low {letter}", y2=f"high {letter}", fill_color=colour, fill_alpha=0.14,
                **tagged(fill_color=variable),
            )  # fmt: skip
            plot.add_glyph(self.bands, band)
        for letter in LETTERS:
            colour, variable = theme.COLOURS[letter], f"--{letter.lower()}"
            line = Step(
                x="week", y=f"staying {letter}", mode="after", line_color=colour, line_width=2.25,
                line_dash=theme.DASHES[letter], **tagged(line_color=variable),
            )  # fmt: skip
            renderer = plot.add_glyph(self.curves, line)
            if letter == "A":
                self.hover = hover(plot, renderer, [], "vline")
        # The numbers at risk stand below as further axes, so that they keep step with the weeks.
        self.at_risk = {letter: _row_below(self.ticker) for letter in LETTERS}
        for axis in self.at_risk.values():
            plot.add_layout(axis, "below")
        return plot

    def patch(self, answer: Answer) -> None:
        found = self._survivals(answer)
        weeks = max(len(one.staying) for one in found.values())
        seen = max((int(np.flatnonzero(one.at_risk)[-1]) for one in found.values() if one.at_risk.any()), default=1)
        nothing = np.full(weeks, np.nan)
        columns: dict[str, Any] = {"week": np.arange(weeks)}
        corners: dict[str, Any] = {"week": np.repeat(np.arange(weeks), 2)[1:]}
        for letter in LETTERS:
            one = found.get(letter)
            columns |= {
                f"staying {letter}": nothing if one is None else one.staying,
                f"at risk {letter}": nothing if one is None else one.at_risk,
            }
            for name in ("low", "high"):
                ends = nothing if one is None else np.nan_to_num(getattr(one, name), nan=0.0)
                corners[f"{name} {letter}"] = np.repeat(ends, 2)[:-1]
        self.curves.data = columns
        self.bands.data = corners
        ticks = [week for week in week_ticks(seen + 1) if week <= seen]
        patch(self.ticker, ticks=ticks)
        patch(self.plot.x_range, start=0, end=max(seen, 1) * 1.03)
        for letter, axis in self.at_risk.items():
            one = found.get(letter)
            labels = {week: grouped(int(one.at_risk[week]), self.language) for week in ticks} if one else {}
            if one:
                labels[0] = f"{letter} {labels[0]}"
            patch(axis, visible=one is not None, major_label_overrides=labels)
        tips = [(self.said("week"), "@week")]
        tips += [(letter, f"@{{staying {letter}}}{{0.0%}} · n = @{{at risk {letter}}}{{0,0}}") for letter in found]
        patch(self.hover, tooltips=tips)

    def options(self, answer: Answer) -> dict[str, list[list[str]]]:
        cohorts = next((course.measures.cohorts for course in answer.courses if course.measures), None)
        found = [[WON, self.said("cohort_won")], [START, self.said("cohort_start")]]
        for k in range(1, len(cohorts.sizes) if cohorts else 0):
            found.append([str(k), cohort_name(self.said, cohorts.period if cohorts else 13, k)])
        return {"cohort": found}

    def why_empty(self, answer: Answer) -> str:
        is_any = any(one.at_risk.any() for one in self._survivals(answer).values())
        return "" if is_any else self.said("chart_no_customers")

    def findings(self, answer: Answer) -> list[str]:
        sentences = []
        for letter, one in self._survivals(answer).items():
            n = int(one.at_risk[0])
            if not n:
                continue
            if math.isfinite(one.median):
                sentences.append(self.said("survival_median", letter=letter, n=n, weeks=int(one.median)))
            else:
                sentences.append(self.said("survival_most", letter=letter, n=n))
        return sentences

    def table(self, answer: Answer) -> Table:
        found = self._survivals(answer)
        plain, share = (scale_of(unit, 0, language=self.language) for unit in ("customers", "share"))
        names = ("at_risk", "staying", "lowest", "highest")
        heads = [f"{letter} {self.said(f'survival_{name}')}" for letter in found for name in names]
        weeks = max(len(one.staying) for one in found.values())
        columns = [column for one in found.values() for column in (one.at_risk, one.staying, one.low, one.high)]
        rows = [[week, *(float(column[week]) for column in columns)] for week in range(weeks)]
        return Table([self.said("week"), *heads], [plain, *[plain, share, share, share] * len(found)], rows)

    def _survivals(self, answer: Answer) -> dict[str, Survival]:
        chosen = self.chosen("cohort") or WON
        return {
            letter: survival_of(course.measures.cohorts, chosen)
            for letter, course in zip(answer.letters, answer.courses, strict=True)
            if course.measures is not None
        }


def survival_of(cohorts: Cohorts, chosen: str) -> Survival:
    """Survival of one cohort by number, of those there at the start, or of all who came later."""
    rows = slice(1, None) if chosen == WON else slice(0, 1) if chosen == START else slice(int(chosen), int(chosen) + 1)
    return kaplan_meier(cohorts.departures[rows].sum(axis=0), cohorts.cut_off[rows].sum(axis=0))


def _empty(*names: str) -> ColumnDataSource:
    """Columns for every letter, with nothing in them yet."""
    return ColumnDataSource({"week": [], **{f"{name} {letter}": [] for name in names for letter in LETTERS}})


def _row_below(ticker: FixedTicker) -> LinearAxis:
    return x_axis(
        ticker, formatter=number_ticks(), axis_line_alpha=0, major_tick_out=0, major_label_standoff=1, visible=False,
    )  # fmt: skip
