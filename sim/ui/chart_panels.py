"""Charts with a panel for each strategy: bands over the weeks, paths between stages, and the map of cohorts."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
from bokeh.models import ColumnDataSource, Patches, Plot, Quad, Text
from numpy.typing import NDArray

from sim.rules.stage import STAGES
from sim.ui import theme
from sim.ui.chart_card import Chart, Table, fill_look, firm_names
from sim.ui.chart_plots import HEIGHT, Panels, hover, number_ticks, week_ticks
from sim.ui.desk import Answer
from sim.ui.numerals import grouped, scale_of
from sim.ui.runs import Course

BEST_FIRST = tuple(reversed(theme.STAGE_COLOURS))
_RIBBON = np.linspace(0.0, 1.0, 12)
_EASED = _RIBBON**2 * (3 - 2 * _RIBBON)
_THINNEST = 0.004  # of the market: thinner paths are left to the table
_NODE = 0.035  # width of a stage's block, in panels


def _light(values: NDArray[np.float64]) -> NDArray[np.float32]:
    """Half as much to send; the eye does not see the difference."""
    return values.astype(np.float32)


class Bands(Chart):
    """What a whole is made of, week by week, as bands on top of each other; the first lies at the bottom."""

    def draw(self) -> Plot:
        self.panels = Panels(HEIGHT, number_ticks())
        self.bands = ColumnDataSource({"x": [], "y": [], "colour": [], "name": []})
        glyph = Patches(xs="x", ys="y", fill_color="colour", line_color="colour", line_width=0.5)
        hover(self.panels.plot, self.panels.plot.add_glyph(self.bands, glyph), [("", "@name")])
        return self.panels.plot

    def parts(self, answer: Answer) -> list[tuple[str, str]]:
        """Name and colour of every band, from the bottom up."""
        raise NotImplementedError(f"{type(self).__name__} has no parts.")

    def heights(self, course: Course) -> NDArray[np.float64]:
        """How high every band is in every week, (weeks, parts)."""
        raise NotImplementedError(f"{type(self).__name__} has no bands.")

    def whole(self, answer: Answer) -> float:
        """How high all bands together are."""
        return 1.0

    def ticks(self, answer: Answer) -> dict[float, str]:
        """Labels up the side, from 0 to 1."""
        return {0.0: "0%", 0.5: "50%", 1.0: "100%"}

    def patch(self, answer: Answer) -> None:
        weeks, whole = len(answer.courses[0].stages), self.whole(answer)
        x = np.linspace(0.0, 1.0, weeks) if weeks > 1 else np.zeros(1)
        around = np.concatenate([x, x[::-1]])
        parts = self.parts(answer)
        bands: dict[str, list[Any]] = {"x": [], "y": [], "colour": [], "name": []}
        for panel, course in enumerate(answer.courses):
            left, bottom = self.panels.at(panel)
            tops = np.cumsum(self.heights(course), axis=1).T / whole
            floors = np.vstack([np.zeros(weeks), tops[:-1]])
            bands["x"] += [_light(left + around)] * len(tops)
            bands["y"] += [_light(bottom + np.concatenate([t, f[::-1]])) for t, f in zip(tops, floors, strict=True)]
            bands["name"] += [name for name, _ in parts]
            bands["colour"] += [colour for _, colour in parts]
        self.bands.data = bands
        last = max(weeks - 1, 1)
        labels = {week / last: str(week) if week else self.said("week") for week in week_ticks(weeks) if week <= last}
        self.panels.fit(answer.letters, labels, self.ticks(answer))

    def legend(self, answer: Answer) -> list[dict[str, str]]:
        return [fill_look(colour, name) for name, colour in reversed(self.parts(answer))]

    def table(self, answer: Answer) -> Table:
        names = [name for name, _ in self.parts(answer)][::-1]
        heights = [self.heights(course)[:, ::-1] for course in answer.courses]
        unit = "share" if self.whole(answer) == 1.0 else "customers"
        plain, scale = (scale_of(one, 0, language=self.language) for one in ("customers", unit))
        heads = [f"{letter} {name}" for letter in answer.letters for name in names]
        return Table(
            heads=[self.said("week"), *heads],
            scales=[plain, *[scale] * len(heads)],
            rows=[[week, *np.concatenate([h[week] for h in heights]).tolist()] for week in range(len(heights[0]))],
        )


class Stages(Bands):
    """Everybody in the market by stage, advocates at the bottom."""

    def parts(self, answer: Answer) -> list[tuple[str, str]]:
        return [(self.said(f"stage_{stage}"), theme.STAGE_COLOURS[stage]) for stage in BEST_FIRST]

    def heights(self, course: Course) -> NDArray[np.float64]:
        return course.stages[:, [STAGES.index(stage) for stage in BEST_FIRST]].astype(float)

    def whole(self, answer: Answer) -> float:
        return float(answer.courses[0].stages[0].sum())

    def ticks(self, answer: Answer) -> dict[float, str]:
        n = self.whole(answer)
        return {share: grouped(share * n, self.language) for share in (0.0, 0.5, 1.0)}


class Market(Bands):
    """Every firm's share of what the market spends, over the last quarter."""

    def parts(self, answer: Answer) -> list[tuple[str, str]]:
        names = firm_names(answer, self.language)
        return list(zip(names, theme.FIRM_COLOURS, strict=False))

    def heights(self, course: Course) -> NDArray[np.float64]:
        return course.measures.market_shares if course.measures else np.zeros((len(course.stages), 1))


class Flows(Chart):
    """Paths of customers from stage to stage: at the start, half-way, at the end."""

    def draw(self) -> Plot:
        self.panels = Panels(HEIGHT, number_ticks())
        self.ribbons = ColumnDataSource({"x": [], "y": [], "colour": [], "from": [], "to": [], "n": []})
        self.blocks = ColumnDataSource(
            {name: [] for name in ("left", "right", "bottom", "top", "colour", "stage", "n")}
        )
        plot = self.panels.plot
        ribbons = plot.add_glyph(
            self.ribbons, Patches(xs="x", ys="y", fill_color="colour", fill_alpha=0.6, line_color=None)
        )
        blocks = plot.add_glyph(
            self.blocks,
            Quad(
                left="left", right="right", bottom="bottom", top="top", fill_color="colour", line_color="#ffffff",
                line_width=0.5,
            ),
        )  # fmt: skip
        hover(plot, ribbons, [("", "@from → @to"), ("", "@n{0,0}")])
        hover(plot, blocks, [("", "@stage"), ("", "@n{0,0}")])
        return plot

    def patch(self, answer: Answer) -> None:
        ribbons: dict[str, list[Any]] = {name: [] for name in self.ribbons.data}
        blocks: dict[str, list[Any]] = {name: [] for name in self.blocks.data}
        for panel, course in enumerate(answer.courses):
            if course.measures is not None:
                self._add(course.measures.cohorts.paths, self.panels.at(panel), ribbons, blocks)
        self.ribbons.data, self.blocks.data = ribbons, blocks
        whens = {2 * _NODE: "start", 0.5: "halfway", 1 - 2 * _NODE: "end"}
        labels = {where: self.said(f"flows_{when}") for where, when in whens.items()}
        n = float(answer.courses[0].stages[0].sum())
        self.panels.fit(answer.letters, labels, {share: grouped(share * n, self.language) for share in (0.0, 0.5, 1.0)})

    def legend(self, answer: Answer) -> list[dict[str, str]]:
        return [fill_look(theme.STAGE_COLOURS[s], self.said(f"stage_{s}")) for s in theme.STAGE_COLOURS]

    def table(self, answer: Answer) -> Table:
        whens = [self.said(f"flows_{when}") for when in ("start", "halfway", "end")]
        paths = [course.measures.cohorts.paths for course in answer.courses if course.measures]
        rows = []
        for step, (a, b) in itertools.product((0, 1), itertools.product(BEST_FIRST, BEST_FIRST)):
            counts = [int(path[step, STAGES.index(a), STAGES.index(b)]) for path in paths]
            if any(counts):
                span = f"{whens[step]} → {whens[step + 1]}"
                rows.append([span, self.said(f"stage_{a}"), self.said(f"stage_{b}"), *counts])
        plain = scale_of("customers", 0, language=self.language)
        heads = [self.said("flows_when"), self.said("flows_from"), self.said("flows_to"), *answer.letters]
        return Table(heads, [None, None, None, *[plain] * len(paths)], rows)

    def _add(
        self,
        paths: NDArray[np.int64],
        corner: tuple[float, float],
        ribbons: dict[str, list[Any]],
        blocks: dict[str, list[Any]],
    ) -> None:
        order = [STAGES.index(stage) for stage in BEST_FIRST]
        paths = paths[:, order][:, :, order]
        n = paths[0].sum() or 1
        columns = np.array([paths[0].sum(axis=1), paths[0].sum(axis=0), paths[1].sum(axis=0)])
        floors = np.cumsum(columns, axis=1) - columns
        names = [self.said(f"stage_{stage}") for stage in BEST_FIRST]
        left, bottom = corner
        for column, where in enumerate((0.0, 0.5 - _NODE / 2, 1.0 - _NODE)):
            for k, stage in enumerate(BEST_FIRST):
                if count := columns[column, k]:
                    low = bottom + floors[column, k] / n
                    row = (left + where, left + where + _NODE, low, low + count / n)
                    for name, value in zip(
                        blocks, (*row, theme.STAGE_COLOURS[stage], names[k], int(count)), strict=True
                    ):
                        blocks[name].append(value)
        for step, (start, end) in enumerate(((_NODE, 0.5 - _NODE / 2), (0.5 + _NODE / 2, 1.0 - _NODE))):
            leaving, coming = floors[step].copy(), floors[step + 1].copy()
            x = left + start + (end - start) * _RIBBON
            around = _light(np.concatenate([x, x[::-1]]))
            for k, stage in enumerate(BEST_FIRST):
                for j in range(len(BEST_FIRST)):
                    count = paths[step, k, j]
                    low = bottom + (leaving[k] + (coming[j] - leaving[k]) * _EASED) / n
                    leaving[k] += count
                    coming[j] += count
                    if count >= _THINNEST * n:
                        y = _light(np.concatenate([low, (low + count / n)[::-1]]))
                        values = (around, y, theme.STAGE_COLOURS[stage], names[k], names[j], int(count))
                        for name, value in zip(ribbons, values, strict=True):
                            ribbons[name].append(value)


class CohortMap(Chart):
    """Share of every cohort still active, quarter by quarter after it came: the darker, the more."""

    RAMP = ("#eef5ee", "#d3e7d6", "#b0d3bd", "#87bea8", "#5ba59a", "#2f7d84", "#27697f", "#25507a", "#243a66")

    def draw(self) -> Plot:
        self.panels = Panels(HEIGHT + 20)
        columns = (
            "left",
            "right",
            "bottom",
            "top",
            "x",
            "y",
            "colour",
            "ink",
            "words",
            "cohort",
            "after",
            "share",
            "n",
        )
        self.cells = ColumnDataSource({name: [] for name in columns})
        plot = self.panels.plot
        quads = plot.add_glyph(
            self.cells,
            Quad(left="left", right="right", bottom="bottom", top="top", fill_color="colour", line_color=None),
        )
        words = Text(
            x="x",
            y="y",
            text="words",
            text_color="ink",
            text_font_size="11px",
            text_align="center",
            text_baseline="middle",
        )
        plot.add_glyph(self.cells, words)
        hover(plot, quads, [("", "@cohort (@n{0,0})"), (self.said("cohorts_after"), "@after"), ("", "@share{0.0%}")])
        return plot

    def patch(self, answer: Answer) -> None:
        cells: dict[str, list[Any]] = {name: [] for name in self.cells.data}
        rows = columns = 1
        for panel, course in enumerate(answer.courses):
            if course.measures is None:
                continue
            shares, (left, bottom) = course.measures.cohorts.retained, self.panels.at(panel)
            rows, columns = shares.shape
            for (row, column), share in np.ndenumerate(shares):
                if not np.isfinite(share):
                    continue
                x, y = left + column / columns, bottom + 1 - (row + 1) / rows
                shade = min(int(share * len(self.RAMP)), len(self.RAMP) - 1)
                values = (
                    x, x + 0.97 / columns, y, y + 0.95 / rows, x + 0.485 / columns, y + 0.475 / rows, self.RAMP[shade],
                    "#1d2430" if shade < 5 else "#ffffff", f"{100 * share:.0f}", self.name(answer, row), column, share,
                    int(course.measures.cohorts.sizes[row]),
                )  # fmt: skip
                for name, value in zip(cells, values, strict=True):
                    cells[name].append(value)
        self.cells.data = cells
        across = {(k + 0.485) / columns: str(k) for k in range(columns)}
        up = {1 - (k + 0.525) / rows: self.name(answer, k, is_short=True) for k in range(rows)}
        self.panels.fit(answer.letters, across, up)

    def name(self, answer: Answer, cohort: int, *, is_short: bool = False) -> str:
        """What a cohort is called: those there at the start, or the quarter (or year) in which they first bought."""
        if cohort == 0:
            return self.said("cohort_start_short" if is_short else "cohort_start")
        return cohort_name(self.said, self._period(answer), cohort, is_short=is_short)

    def legend(self, answer: Answer) -> list[dict[str, str]]:
        return []

    def why_empty(self, answer: Answer) -> str:
        sizes = [course.measures.cohorts.sizes.sum() for course in answer.courses if course.measures]
        return "" if any(sizes) else self.said("chart_no_customers")

    def table(self, answer: Answer) -> Table:
        plain, share = (scale_of(unit, 0, language=self.language) for unit in ("customers", "share"))
        rows = []
        periods = 0
        for letter, course in zip(answer.letters, answer.courses, strict=True):
            if course.measures is None:
                continue
            found = course.measures.cohorts
            periods = found.retained.shape[1]
            rows += [
                [letter, self.name(answer, k), int(found.sizes[k]), *found.retained[k].tolist()]
                for k in range(len(found.sizes))
            ]
        heads = [self.said("strategy"), self.said("cohort"), self.said("customers"), *(f"+{k}" for k in range(periods))]
        return Table(heads, [None, None, plain, *[share] * periods], rows)

    def _period(self, answer: Answer) -> int:
        return next((course.measures.cohorts.period for course in answer.courses if course.measures), 13)


def cohort_name(said: Callable[..., str], period: int, cohort: int, *, is_short: bool = False) -> str:
    """The name of a cohort that came after the start, e.g. "first bought in quarter 3"."""
    kind = "quarter" if period == 13 else "year"
    return said(f"cohort_{kind}_short" if is_short else f"cohort_{kind}", number=cohort)
