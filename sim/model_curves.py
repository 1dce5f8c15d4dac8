"""The response curves of docs/model.md: each drawn by the rule itself with the numbers of its parameter file, as SVG.

SVG written by hand, since a picture of lines, axes and words needs neither a browser nor another library. Colours
follow the reader's light or dark setting, on a background of their own; lines also differ by their dashes.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape

import sim.schedule  # noqa: F401  (so that every rule is known)
from sim.compiled import RULES
from sim.parameters import catalogue

_WIDTH, _HEIGHT = 440, 260  # of the plot with its axes, without the legend
_LEFT, _RIGHT, _TOP, _BOTTOM = 58, 18, 16, 50
_LEGEND_LINE = 20
_POINTS = 120  # per line
_TICKS = 5  # about as many steps per axis
_STYLE = (
    "text{font:12px system-ui,sans-serif;fill:#333}.axis{stroke:#767676;fill:none}.grid{stroke:#e4e4e4;fill:none}"
    ".paper{fill:#fff}.line{fill:none;stroke-width:2.2}.c0{stroke:#0072b2}.c1{stroke:#b34a00}.c2{stroke:#00785a}"
    ".d1{stroke-dasharray:7 4}.d2{stroke-dasharray:2 3}"
    "@media(prefers-color-scheme:dark){text{fill:#ddd}.axis{stroke:#9a9a9a}.grid{stroke:#3a3f47}.paper{fill:#16191d}"
    ".c0{stroke:#5cb3ea}.c1{stroke:#ff9a52}.c2{stroke:#3fcf9f}}"
)

Given = Mapping[str, float]


@dataclass(frozen=True)
class Line:
    """One line of a picture: its words, the rule that draws it, and the arguments that are not parameters.

    across : the argument that the horizontal axis stands for, where it is not the picture's
    times : how many of that argument one step of the axis is
    """

    label: str
    rule: str  # qualified name, e.g. "judge.felt_gap"
    given: Given
    across: str = ""
    times: float = 1.0


@dataclass(frozen=True)
class Curve:
    """A picture of a rule.

    phase : the heading of docs/model.md under which it stands, e.g. "judge"
    x, across : words of the horizontal axis; the argument it stands for, or "" where the rule is walked
    walked : the argument that a rule is applied to again and again, with its start in `given`
    is_close : whether the vertical axis keeps to the lines instead of starting from zero
    numbers : file of parameters that arguments are read from
    teaches : what to see in it, as a sentence
    """

    phase: str
    name: str
    title: str
    x: str
    y: str
    lines: tuple[Line, ...]
    numbers: str
    teaches: str
    across: str = ""
    over: tuple[float, float] = (0.0, 1.0)
    walked: str = ""
    is_close: bool = False

    def points(self, line: Line) -> list[tuple[float, float]]:
        """Where a line passes, as (x, y)."""
        low, high = self.over
        rule = self._rule(line)
        if not self.walked:
            steps = [low + (high - low) * k / _POINTS for k in range(_POINTS + 1)]
            return [(x, rule({line.across or self.across: x * line.times})) for x in steps]
        level, found = line.given[self.walked], []
        for step in range(int(high) + 1):
            found.append((float(step), level))
            level = rule({self.walked: level})
        return found

    def _rule(self, line: Line) -> Callable[[Given], float]:
        """The rule of a line as a function of the arguments that vary."""
        rule = RULES[line.rule].py_func
        numbers = {name: p.value for name, p in catalogue()[self.numbers].items()} | dict(line.given)
        names = list(inspect.signature(rule).parameters)

        def evaluated(varied: Given) -> float:
            values = numbers | dict(varied)
            return float(rule(*(values[name] for name in names)))

        return evaluated


def at_ends(rule: str, path: str, as_argument: str = "", **given: float) -> tuple[Line, ...]:
    """Three lines: a parameter as shipped, and at both ends of the range in its file."""
    stem, name = path.split(".")
    parameter = catalogue()[stem][name]
    values = {"as shipped": parameter.value, "lowest": parameter.low, "highest": parameter.high}
    words = parameter.label["en"].lower()
    return tuple(
        Line(f"{words} {value:g} ({which})", rule, given | {as_argument or name: value})
        for which, value in values.items()
    )


def compared(rule: str, cases: Mapping[str, Given], **given: float) -> tuple[Line, ...]:
    """A line for each case: words → the arguments in which it differs."""
    return tuple(Line(label, rule, given | dict(own)) for label, own in cases.items())


def alone(label: str, rule: str, **given: float) -> tuple[Line, ...]:
    """One line."""
    return (Line(label, rule, given),)


def svg(curve: Curve) -> str:
    """The picture, as the text of an SVG file."""
    courses = [curve.points(line) for line in curve.lines]
    heights = [y for course in courses for _, y in course]
    least = min(heights) if curve.is_close else min(0.0, *heights)
    x_ticks, y_ticks = _ticks(*curve.over), _ticks(least, max(heights), is_covering=True)
    (x_low, x_high), y_low, y_high = curve.over, y_ticks[0], y_ticks[-1]
    right, floor = _WIDTH - _RIGHT, _HEIGHT - _BOTTOM

    def across(x: float) -> str:
        return f"{_LEFT + (right - _LEFT) * (x - x_low) / (x_high - x_low):.1f}"

    def up(y: float) -> str:
        return f"{floor - (floor - _TOP) * (y - y_low) / (y_high - y_low):.1f}"

    height = _HEIGHT + _LEGEND_LINE * len(courses)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}" '
        'role="img">',
        f"<title>{escape(curve.title)}</title><desc>{escape(curve.teaches)}</desc><style>{_STYLE}</style>",
        f'<rect class="paper" width="{_WIDTH}" height="{height}" rx="6"/>',
    ]
    for y in y_ticks:
        parts.append(f'<path class="grid" d="M{_LEFT} {up(y)}H{right}"/>')
        parts.append(f'<text x="{_LEFT - 6}" y="{up(y)}" dy="4" text-anchor="end">{_figure(y)}</text>')
    for x in x_ticks:
        parts.append(f'<text x="{across(x)}" y="{floor + 16}" text-anchor="middle">{_figure(x)}</text>')
    parts.append(f'<path class="axis" d="M{_LEFT} {_TOP}V{floor}M{_LEFT} {up(max(0.0, y_low))}H{right}"/>')
    middle = (_LEFT + right) / 2
    parts.append(f'<text x="{middle:.0f}" y="{floor + 36}" text-anchor="middle">{escape(curve.x)}</text>')
    upright = f'transform="translate(14 {(_TOP + floor) / 2:.0f}) rotate(-90)"'
    parts.append(f'<text {upright} text-anchor="middle">{escape(curve.y)}</text>')
    for k, (line, course) in enumerate(zip(curve.lines, courses, strict=True)):
        way = "L".join(f"{across(x)} {up(y)}" for x, y in course)
        place = _HEIGHT + _LEGEND_LINE * k + 4
        parts.append(f'<path class="line c{k} d{k}" d="M{way}"/>')
        parts.append(f'<path class="line c{k} d{k}" d="M{_LEFT} {place}h34"/>')
        parts.append(f'<text x="{_LEFT + 42}" y="{place}" dy="4">{escape(line.label)}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def _ticks(low: float, high: float, *, is_covering: bool = False) -> list[float]:
    """Round numbers from low to high, or beyond both to cover all, in steps of 1, 2 or 5 times a power of 10."""
    rough = (high - low) / _TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(m * power for m in (1.0, 2.0, 5.0, 10.0) if m * power >= rough * 0.999)
    if is_covering:
        first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    else:
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [k * step for k in range(first, last + 1)]


def _figure(value: float) -> str:
    return f"{value:,.6g}".replace("-", "−") if abs(value) > 1e-12 else "0"
