"""Charts of bars in rows: reasons for leaving, tiers of value, delivered value and the positioning funnel."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
from bokeh.models import BasicTicker, ColumnDataSource, FixedTicker, LinearAxis, Plot, Quad, Scatter, Span, Text

from sim.concentration import TIERS
from sim.delivered import GATES, PARTS, Delivered, together
from sim.plan import VALUES
from sim.ui import theme
from sim.ui.chart_card import Chart, Table, fill_look, firm_names
from sim.ui.chart_plots import (
    add_grid,
    blank,
    hover,
    limits,
    money_ticks,
    number_ticks,
    palette,
    patch,
    set_currency,
    tagged,
    y_axis,
)
from sim.ui.desk import Answer
from sim.ui.measures import REASONS
from sim.ui.numerals import scale_of

HATCHES = {"A": "", "B": "/", "C": "x", "D": "."}
_HATCHES = {"": "blank", "/": "right_diagonal_line", "x": "cross", ".": "dot"}  # as Bokeh knows them
ROW, HEADROOM = 19, 46  # pixels
EVERYBODY = ""


@dataclass
class Rows:
    """The bars of a chart: groups of rows from the top down, each row with bars from left to right."""

    groups: list[tuple[str, list[str]]] = field(default_factory=list)  # name of a group, names of its rows
    bars: list[tuple[int, float, float, str, str, str]] = field(
        default_factory=list
    )  # row, from, to, name of colour, hatch, tip
    marks: list[tuple[int, float, str]] = field(default_factory=list)  # row, where, tip
    ends: list[tuple[int, float, str]] = field(default_factory=list)  # row, where, words after the bar

    @property
    def n(self) -> int:
        """Rows of all groups."""
        return sum(len(rows) for _, rows in self.groups)


class RowChart(Chart):
    """Bars in rows, the rows in groups; how many there are may change, the models stay."""

    colours: ClassVar[dict[str, str]] = {letter: f"--{letter.lower()}" for letter in theme.COLOURS}  # of bars, by name
    left = 30  # pixels for the names of rows
    is_money = False
    room_for_words = 0.14  # of the width, right of the longest bar

    def draw(self) -> Plot:
        self.formatter: Any = money_ticks(self.language) if self.is_money else number_ticks("0,0.[0]")
        self.across = across = LinearAxis(
            formatter=self.formatter,
            ticker=BasicTicker(desired_num_ticks=4),
            axis_line_alpha=0,
            minor_tick_out=0,
            major_tick_out=0,
            major_tick_in=0,
        )
        self.rows_ticker, self.groups_ticker = FixedTicker(ticks=[]), FixedTicker(ticks=[])
        self.names = y_axis(None, ticker=self.rows_ticker, major_label_standoff=4)
        plot = blank(across, self.names, min_border_left=self.left)
        add_grid(plot, across, dimension=0)
        columns = ("left", "right", "bottom", "top", "colour", "hatch", "tip")
        self.bars = ColumnDataSource({name: [] for name in columns})
        self.marks = ColumnDataSource({"x": [], "y": [], "tip": []})
        self.ends = ColumnDataSource({"x": [], "y": [], "words": []})
        self.heads = ColumnDataSource({"y": [], "words": [], "x": []})
        quad = Quad(
            left="left", right="right", bottom="bottom", top="top", line_color=None,
            fill_color={"field": "colour", "transform": palette(self.colours)},
            hatch_pattern="hatch", hatch_color="#ffffff", hatch_alpha=0.75, hatch_scale=7, hatch_weight=1.5,
        )  # fmt: skip
        hover(plot, plot.add_glyph(self.bars, quad), [("", "@tip")])
        mark = Scatter(
            x="x",
            y="y",
            marker="diamond",
            size=10,
            line_color="#ffffff",
            fill_color="#1d2430",
            **tagged(fill_color="--ink"),
        )
        hover(plot, plot.add_glyph(self.marks, mark), [("", "@tip")])
        plot.add_layout(Span(location=0, dimension="height", line_color="#8a93a3", line_width=1))
        text = {"text": "words", "text_baseline": "middle", **tagged(text_color="--ink")}
        plot.add_glyph(self.ends, Text(x="x", y="y", x_offset=5, text_font_size="11px", **text))
        plot.add_glyph(
            self.heads, Text(x="x", y="y", x_offset=2, text_font_size="12px", text_font_style="bold", **text)
        )
        return plot

    def rows(self, answer: Answer) -> Rows:
        """What is to be drawn."""
        raise NotImplementedError(f"{type(self).__name__} has no rows.")

    def patch(self, answer: Answer) -> None:
        rows = self.rows(answer)
        middle, labels, heads = self._places(rows)
        columns: dict[str, list[Any]] = {name: [] for name in self.bars.data}
        for row, start, end, colour, hatch, tip in rows.bars:
            y = middle[row]
            values = (min(start, end), max(start, end), y - 0.4, y + 0.4, colour, _HATCHES[hatch], tip)
            for name, value in zip(columns, values, strict=True):
                columns[name].append(value)
        self.bars.data = columns
        self.marks.data = {
            "x": [where for _, where, _ in rows.marks],
            "y": [middle[row] for row, _, _ in rows.marks],
            "tip": [tip for _, _, tip in rows.marks],
        }
        self.ends.data = {
            "x": [where for _, where, _ in rows.ends],
            "y": [middle[row] for row, _, _ in rows.ends],
            "words": [words for _, _, words in rows.ends],
        }
        low, high = limits([np.array(columns["left"] + columns["right"], float)], has_zero=True)
        high += self.room_for_words * (high - low) if rows.ends else 0.0
        self.heads.data = {"x": [low] * len(heads), "y": list(heads), "words": list(heads.values())}
        patch(self.plot.x_range, start=low, end=high)
        lowest = min(middle, default=0.0) - 0.6
        patch(self.plot.y_range, start=lowest, end=0.6)
        patch(self.plot, height=round(HEADROOM + ROW * (0.6 - lowest)))
        patch(self.rows_ticker, ticks=list(labels))
        patch(self.names, major_label_overrides=labels)
        if self.is_money:
            set_currency(self.formatter, answer.question.scenario.market.currency)

    def legend(self, answer: Answer) -> list[dict[str, str]]:
        return [fill_look(f"--{letter.lower()}", letter, HATCHES[letter]) for letter in answer.letters]

    def _places(self, rows: Rows) -> tuple[list[float], dict[float, str], dict[float, str]]:
        """Where rows lie, and the words beside them and above their groups. Groups of one row need no heading."""
        y, middle, labels, heads = 0.0, [], {}, {}
        for name, members in rows.groups:
            if len(members) > 1:
                heads[y] = name
                y -= 1
            for member in members:
                middle.append(y)
                labels[y] = member if len(members) > 1 else name
                y -= 1
            y -= 0.25
        return middle, labels, heads


def _bar(row: int, value: float, letter: str, tip: str) -> tuple[int, float, float, str, str, str]:
    return row, 0.0, value, letter, HATCHES[letter], tip


class Reasons(RowChart):
    """How many customers left for each of the five reasons."""

    def rows(self, answer: Answer) -> Rows:
        rows = Rows()
        plain = scale_of("customers", 0, language=self.language)
        for reason, counts in self._counts(answer).items():
            for letter, n in zip(answer.letters, counts, strict=True):
                rows.bars.append(_bar(rows.n + answer.letters.index(letter), n, letter, f"{letter}: {plain.value(n)}"))
                rows.ends.append((rows.n + answer.letters.index(letter), n, plain.value(n)))
            rows.groups.append((self.said(f"reason_{reason}"), list(answer.letters)))
        return rows

    def why_empty(self, answer: Answer) -> str:
        return "" if any(map(sum, self._counts(answer).values())) else self.said("reasons_none")

    def table(self, answer: Answer) -> Table:
        plain, share = (scale_of(unit, 0, language=self.language) for unit in ("customers", "share"))
        counts = self._counts(answer)
        totals = [sum(row[k] for row in counts.values()) for k in range(len(answer.letters))]
        heads = [head for letter in answer.letters for head in (letter, f"{letter} %")]
        rows = []
        for reason, row in counts.items():
            shares = [n / total if total else np.nan for n, total in zip(row, totals, strict=True)]
            pairs = [value for pair in zip(row, shares, strict=True) for value in pair]
            rows.append([self.said(f"reason_{reason}"), *pairs])
        return Table([self.said("reason"), *heads], [None, *[plain, share] * len(answer.letters)], rows)

    def _counts(self, answer: Answer) -> dict[str, list[float]]:
        sums = [c.measures.left.sum(axis=0) if c.measures else np.zeros(len(REASONS)) for c in answer.courses]
        return {reason: [float(s[k]) for s in sums] for k, reason in enumerate(REASONS)}


class Tiers(RowChart):
    """What the best fifth of the buyers contribute, the next three tenths, and the other half."""

    is_money = True

    def rows(self, answer: Answer) -> Rows:
        rows = Rows()
        found = {
            letter: c.measures.concentration
            for letter, c in zip(answer.letters, answer.courses, strict=True)
            if c.measures
        }
        money = self._money(answer)
        for k, tier in enumerate(TIERS):
            for row, (letter, one) in enumerate(found.items(), rows.n):
                value = float(one.contribution[k])
                rows.bars.append(_bar(row, value, letter, f"{letter}: {money.value(value)}"))
                rows.ends.append((row, max(value, 0.0), money.value(value)))
            rows.groups.append((self.said(f"tier_{tier}"), list(found)))
        return rows

    def why_empty(self, answer: Answer) -> str:
        n = sum(int(c.measures.concentration.n.sum()) for c in answer.courses if c.measures)
        return "" if n else self.said("chart_no_customers")

    def table(self, answer: Answer) -> Table:
        money = self._money(answer)
        plain, share, level, each = (
            scale_of(unit, 0, answer.question.scenario.market.currency, self.language)
            for unit in ("customers", "share", "level", "money")
        )
        columns = ("revenue", "goods", "service", "reach", "rewards", "contribution")
        names = ["strategy", "tier", "tier_buyers", "tier_active", "satisfaction"]
        names += [f"tier_{name}" for name in (*columns, "each")]
        rows = []
        for letter, course in zip(answer.letters, answer.courses, strict=True):
            one = course.measures.concentration if course.measures else None
            if one is None:
                continue
            for k, tier in enumerate(TIERS):
                n = int(one.n[k])
                rows.append([
                    letter, self.said(f"tier_{tier}"), n, one.active[k] / n if n else np.nan,
                    float(one.satisfaction[k]), *(float(getattr(one, name)[k]) for name in columns),
                    float(one.contribution[k]) / n if n else np.nan,
                ])  # fmt: skip
        return Table([self.said(name) for name in names], [None, None, plain, share, level, *[money] * 6, each], rows)

    def _money(self, answer: Answer) -> Any:
        largest = max(
            (float(np.abs(c.measures.concentration.revenue).max()) for c in answer.courses if c.measures), default=0.0
        )
        return scale_of("money", largest, answer.question.scenario.market.currency, self.language)


class ByFirm(RowChart):
    """Charts with a group for each firm and a row for each strategy, as one segment sees it or all do."""

    choices = ("segment",)

    def options(self, answer: Answer) -> dict[str, list[list[str]]]:
        found = [[EVERYBODY, self.said("segment_all")]]
        for name, segment in answer.question.scenario.entry.segments.items():
            texts = segment.label
            found.append([name, (getattr(texts, self.language, "") or texts.en) if texts else name])
        return {"segment": found}

    def seen(self, answer: Answer, segment: str) -> dict[str, Delivered]:
        """What is delivered under each strategy, to one segment or all together."""
        found = {}
        for letter, course in zip(answer.letters, answer.courses, strict=True):
            if course.measures is None:
                continue
            whole = course.measures.delivered
            if segment in whole.segments:
                k = [whole.segments.index(segment)]
                found[letter] = Delivered((segment,), whole.parts[k], whole.n_aware[k], whole.gates[k])
            else:
                found[letter] = together(whole)
        return found

    def of_segments(self, answer: Answer) -> list[tuple[str, str, str, Delivered, int]]:
        """For the table: segment, letter, firm, what is delivered, number of the firm."""
        firms = firm_names(answer, self.language)
        return [
            (label, letter, firm, found, f)
            for value, label in self.options(answer)["segment"]
            for letter, found in self.seen(answer, value).items()
            for f, firm in enumerate(firms)
        ]


class DeliveredValue(ByFirm):
    """Four values to the right, four costs to the left, of every firm; what is left over as a mark."""

    colours: ClassVar[dict[str, str]] = dict(
        zip(
            PARTS, ("#08519c", "#3182bd", "#6baed6", "#bdd7e7", "#a63603", "#e6550d", "#fd8d3c", "#fdbe85"), strict=True
        )
    )

    def rows(self, answer: Answer) -> Rows:
        rows = Rows()
        level = scale_of("level", 0, language=self.language)
        found = self.seen(answer, self.chosen("segment"))
        for f, firm in enumerate(firm_names(answer, self.language)):
            for row, (letter, one) in enumerate(found.items(), rows.n):
                parts = np.nan_to_num(one.parts[0, f])
                right = left = 0.0
                for name, value in zip(PARTS, parts, strict=True):
                    tip = f"{firm}, {letter} – {self.said(f'part_{name}')}: {level.value(value)}"
                    if name in VALUES:
                        rows.bars.append((row, right, right + value, name, "", tip))
                        right += value
                    else:
                        rows.bars.append((row, left, left - value, name, "", tip))
                        left -= value
                net = level.difference(right + left)
                rows.marks.append((row, right + left, f"{firm}, {letter} – {self.said('part_net')}: {net}"))
                rows.ends.append((row, right, net))
            rows.groups.append((firm, list(found)))
        return rows

    def legend(self, answer: Answer) -> list[dict[str, str]]:
        return [fill_look(self.colours[name], self.said(f"part_{name}")) for name in PARTS]

    def table(self, answer: Answer) -> Table:
        level, plain = (scale_of(unit, 0, language=self.language) for unit in ("level", "customers"))
        heads = ["segment", "strategy", "firm", "part_aware", *(f"part_{name}" for name in PARTS), "part_net"]
        rows = []
        for segment, letter, firm, found, f in self.of_segments(answer):
            parts = found.parts[0, f]
            net = float(parts[: len(VALUES)].sum() - parts[len(VALUES) :].sum())
            rows.append([segment, letter, firm, float(found.n_aware[0, f]), *parts.tolist(), net])
        return Table([self.said(head) for head in heads], [None, None, None, plain, *[level] * (len(PARTS) + 1)], rows)


class Funnel(ByFirm):
    """How many customers pass each gate on the way to buying from a firm: the darker, the nearer to buying."""

    colours: ClassVar[dict[str, str]] = dict(
        zip(GATES, ("#e3e6ea", "#c6d3df", "#9fbcd2", "#6d9cbd", "#3d769f", "#1c4e78"), strict=True)
    )

    def rows(self, answer: Answer) -> Rows:
        rows = Rows()
        plain = scale_of("customers", 0, language=self.language)
        found = self.seen(answer, self.chosen("segment"))
        for f, firm in enumerate(firm_names(answer, self.language)):
            for row, (letter, one) in enumerate(found.items(), rows.n):
                for gate, n in zip(GATES, one.gates[0, f].tolist(), strict=True):
                    tip = f"{firm}, {letter} – {self.said(f'gate_{gate}')}: {plain.value(n)}"
                    rows.bars.append((row, 0.0, n, gate, "", tip))
                rows.ends.append((row, float(one.gates[0, f, 0]), plain.value(float(one.gates[0, f, -1]))))
            rows.groups.append((firm, list(found)))
        return rows

    def legend(self, answer: Answer) -> list[dict[str, str]]:
        return [fill_look(colour, self.said(f"gate_{gate}")) for gate, colour in self.colours.items()]

    def table(self, answer: Answer) -> Table:
        plain = scale_of("customers", 0, language=self.language)
        heads = ["segment", "strategy", "firm", *(f"gate_{gate}" for gate in GATES)]
        rows = [
            [s, letter, firm, *found.gates[0, f].tolist()] for s, letter, firm, found, f in self.of_segments(answer)
        ]
        return Table([self.said(head) for head in heads], [None, None, None, *[plain] * len(GATES)], rows)
