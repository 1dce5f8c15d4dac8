"""What charts are drawn on: plots made by hand from Bokeh's models, their axes, and several panels in one plot.

By hand because `figure` would add tools, glyphs and titles that nobody sees, and every model costs each visitor time.
Text and grid colours stay at their defaults, which follow the page from light to dark; other models say in a tag which
CSS variable gives which of their properties its colour (see chart_card.js).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from bokeh.models import (
    CategoricalColorMapper,
    ColumnDataSource,
    CustomJSTickFormatter,
    FixedTicker,
    Grid,
    HoverTool,
    LinearAxis,
    NumeralTickFormatter,
    Plot,
    Range1d,
    Text,
)
from numpy.typing import NDArray

from sim.ui import theme
from sim.ui.numerals import LOCALES

HEIGHT = 230
GAP = 0.14  # between panels, in widths of a panel
HEAD = 0.2  # above a panel, for its letter, in heights of a panel
_LETTER = 14  # pixels between letters at the ends of lines

# Money on an axis has few letters: $1.2k, ¥3万. `tick` and the arguments come from Bokeh.
_SHORT_MONEY = """
const short = new Intl.NumberFormat(locale, {notation: "compact", maximumFractionDigits: 1}).format(Math.abs(tick))
return (tick < 0 ? "−" : "") + currency + short
"""


_ANY_UNIT = f"""
const written = (more) => new Intl.NumberFormat(locale, more).format(tick).replace("-", "−")
if (unit === "share") {{ return written({{style: "percent", maximumFractionDigits: 1}}) }}
if (unit !== "money") {{ return written({{maximumSignificantDigits: 4}}) }}
{_SHORT_MONEY}"""

# The page's CSS colours lines that have none, so they are made to have no length instead.
_NO_TICKS = {"major_tick_in": 0, "major_tick_out": 0, "minor_tick_in": 0, "minor_tick_out": 0}


def tagged(**variables: str) -> dict[str, Any]:
    """Arguments of a glyph that give its properties the colours of CSS variables: line_color="--a"."""
    return {"tags": [f"{name}:{variable}" for name, variable in variables.items()]}


def palette(colours: Mapping[str, str]) -> CategoricalColorMapper:
    """Colours by name. One that begins with -- is a CSS variable of a strategy."""
    shown = [theme.COLOURS[c[2:].upper()] if c.startswith("--") else c for c in colours.values()]
    return CategoricalColorMapper(factors=list(colours), palette=shown, tags=["palette:" + ",".join(colours.values())])


def money_ticks(language: str) -> CustomJSTickFormatter:
    """Money with the currency put before it; see `set_currency`."""
    locale = LOCALES[language].replace("_", "-")
    return CustomJSTickFormatter(args={"currency": "", "locale": locale}, code=_SHORT_MONEY)


def set_currency(formatter: Any, currency: str) -> None:
    """Name the currency of an axis of money."""
    if formatter.args["currency"] != currency:
        formatter.args = {**formatter.args, "currency": currency}


def outcome_ticks(language: str) -> CustomJSTickFormatter:
    """Ticks of an outcome whose unit may change: money, shares or plain numbers; see `set_unit`."""
    locale = LOCALES[language].replace("_", "-")
    return CustomJSTickFormatter(args={"unit": "", "currency": "", "locale": locale}, code=_ANY_UNIT)


def set_unit(formatter: Any, unit: str, currency: str) -> None:
    """Name the unit of an axis, and its currency if it is money."""
    if (formatter.args["unit"], formatter.args["currency"]) != (unit, currency):
        formatter.args = {**formatter.args, "unit": unit, "currency": currency}


def share_ticks() -> NumeralTickFormatter:
    """Shares as whole per cent."""
    return NumeralTickFormatter(format="0%")


def number_ticks(form: str = "0,0") -> NumeralTickFormatter:
    """Plain numbers."""
    return NumeralTickFormatter(format=form)


def y_axis(formatter: Any, **more: Any) -> LinearAxis:
    """An axis without lines, since the grid has them."""
    quiet: dict[str, Any] = {"axis_line_alpha": 0, **_NO_TICKS}
    return LinearAxis(**(quiet | ({"formatter": formatter} if formatter else {}) | more))


def x_axis(ticker: FixedTicker, **more: Any) -> LinearAxis:
    """An axis with ticks where they are put."""
    quiet: dict[str, Any] = {"major_tick_in": 0, "major_tick_out": 4, "minor_tick_out": 0}
    return LinearAxis(ticker=ticker, **(quiet | more))


def blank(below: LinearAxis | None, left: LinearAxis | None, height: int = HEIGHT, **more: Any) -> Plot:
    """An empty plot through which the page shows, light or dark."""
    plot = Plot(
        **{
            "height": height, "sizing_mode": "stretch_width", "toolbar_location": None, "outline_line_color": None,
            "background_fill_color": None, "border_fill_color": None,
            "x_range": Range1d(0, 1), "y_range": Range1d(0, 1), "min_border_left": 46, "min_border_right": 8, **more,
        }
    )  # fmt: skip
    if below is not None:
        plot.add_layout(below, "below")
    if left is not None:
        plot.add_layout(left, "left")
    return plot


def add_grid(plot: Plot, axis: LinearAxis, dimension: int = 1) -> None:
    """Lines across the plot at an axis's ticks."""
    plot.add_layout(Grid(dimension=dimension, axis=axis, grid_line_alpha=0.35))


def hover(plot: Plot, renderer: Any, tips: Sequence[tuple[str, str]], mode: str = "mouse") -> HoverTool:
    """Numbers where the mouse is."""
    tool = HoverTool(tooltips=list(tips), renderers=[renderer], mode=mode, line_policy="nearest")
    plot.add_tools(tool)
    return tool


def week_ticks(weeks: int) -> list[int]:
    """Ticks at quarters, halves or years."""
    step = 13 if weeks <= 60 else 26 if weeks <= 130 else 52 * math.ceil(weeks / 520)
    return list(range(0, weeks + 1, step))


def limits(courses: Sequence[NDArray[np.float64]], *, has_zero: bool) -> tuple[float, float]:
    """Round limits that hold all courses with some air, and zero where the eye should measure from it."""
    values = np.concatenate([np.asarray(course, float) for course in courses]) if courses else np.zeros(0)
    values = values[np.isfinite(values)]
    low, high = (float(values.min()), float(values.max())) if values.size else (0.0, 1.0)
    if has_zero:
        low, high = min(low, 0.0), max(high, 0.0)
    span = high - low or abs(high) or 1.0
    step = 10.0 ** math.floor(math.log10(span)) / 2
    low = math.floor((low - (0.0 if has_zero and low == 0.0 else 0.08 * span)) / step) * step
    high = math.ceil((high + (0.0 if has_zero and high == 0.0 else 0.08 * span)) / step) * step
    return low, high


def last_of(course: NDArray[np.float64]) -> float:
    """The last value that is a number."""
    finite = course[np.isfinite(course)]
    return float(finite[-1]) if finite.size else math.nan


def shifts(values: Sequence[float], low: float, high: float, height: int = HEIGHT) -> list[float]:
    """Pixels by which letters at the ends of lines step aside for each other, within the plot from `low` to `high`."""
    pixels = 0.85 * height / (high - low)
    order = sorted((k for k, value in enumerate(values) if math.isfinite(value)), key=lambda k: -values[k])
    placed: list[float] = []
    for k in order:
        wanted = (high - values[k]) * pixels
        placed.append(max(wanted, placed[-1] + _LETTER) if placed else wanted)
    moved = {k: y - (high - values[k]) * pixels for k, y in zip(order, placed, strict=True)}
    drift = sum(moved.values()) / len(moved) if moved else 0.0  # They step aside both ways,
    if placed:  # but not out of the plot.
        drift = max(drift, placed[-1] - ((high - low) * pixels - _LETTER / 2))
        drift = min(drift, max(placed[0] - _LETTER / 2, 0.0))
    return [moved[k] - drift if k in moved else 0.0 for k in range(len(values))]


def patch(model: Any, **values: Any) -> None:
    """Set what differs, so that nothing is sent in vain."""
    changed = {name: value for name, value in values.items() if getattr(model, name) != value}
    if changed:
        model.update(**changed)


class Panels:
    """Up to four panels in one plot, one for each strategy: side by side, from three on in two rows.

    Inside a panel x and y run from 0 to 1; `at` says where that is in the plot.
    """

    def __init__(self, height: int = HEIGHT, formatter: Any = None) -> None:
        self.height = height
        self.x_ticker, self.y_ticker = FixedTicker(ticks=[]), FixedTicker(ticks=[])
        self.x_axis = x_axis(self.x_ticker, axis_line_alpha=0, major_tick_out=0)
        self.y_axis = y_axis(formatter, ticker=self.y_ticker)
        self.plot = blank(self.x_axis, self.y_axis, height)
        self.heads = ColumnDataSource({"x": [], "y": [], "letter": []})
        self.plot.add_glyph(
            self.heads,
            Text(
                x="x", y="y", text="letter", text_font_size="13px", text_font_style="bold", text_baseline="bottom",
                y_offset=-3, **tagged(text_color="--ink"),
            ),
        )  # fmt: skip

    def at(self, panel: int) -> tuple[float, float]:
        """Where a panel's lower left corner lies in the plot."""
        return panel % 2 * (1 + GAP), -(panel // 2) * (1 + HEAD + 0.05)

    def fit(self, letters: Sequence[str], x: dict[float, str], y: dict[float, str]) -> None:
        """Lay out a panel for each letter, with labels at positions between 0 and 1 along both sides."""
        n = len(letters)
        columns, rows = min(n, 2), -(-n // 2)
        corners = [self.at(panel) for panel in range(n)]
        self.heads.data = {
            "x": [left for left, _ in corners],
            "y": [bottom + 1 for _, bottom in corners],
            "letter": list(letters),
        }
        across = {left + where: words for left in sorted({left for left, _ in corners}) for where, words in x.items()}
        up = {bottom + where: words for bottom in sorted({b for _, b in corners}) for where, words in y.items()}
        for axis, ticker, labels in ((self.x_axis, self.x_ticker, across), (self.y_axis, self.y_ticker, up)):
            patch(ticker, ticks=list(labels))
            patch(axis, major_label_overrides=dict(labels))
        patch(self.plot.x_range, start=0.0, end=columns + (columns - 1) * GAP)
        patch(self.plot.y_range, start=corners[-1][1], end=1.0 + HEAD)
        patch(self.plot, height=self.height if rows == 1 else round(1.75 * self.height))
