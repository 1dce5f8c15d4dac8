"""Charts of a report as SVG that needs nothing else: no script, no font, no style from outside."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sim.rules.stage import STAGES
from sim.ui import theme
from sim.ui.numerals import Scale
from sim.ui.safe_text import safe

_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 620, 240, 66, 26, 10, 28
_SOFT, _LINE = "#566072", "#dfe3ea"
_LETTER = 13  # px from one letter to the next


def lines(
    title: str, courses: Mapping[str, Sequence[NDArray[np.float64]]], scale: Scale, week: str, *, has_zero: bool = False
) -> str:
    """A picture of courses over weeks: letter → its courses, the first thick, the others thin."""
    values = np.concatenate([course for those in courses.values() for course in those])
    values = values[np.isfinite(values)]
    low, high = (float(values.min()), float(values.max())) if values.size else (0.0, 1.0)
    ticks = _ticks(min(low, 0.0) if has_zero else low, max(high, 0.0) if has_zero else high)
    weeks = max(len(course) for those in courses.values() for course in those)
    drawn = []
    for letter, those in courses.items():
        for k, course in enumerate(those):
            dash = theme.SVG_DASHES[letter]
            look = f'stroke="{theme.COLOURS[letter]}" stroke-width="{1.4 if k else 2.4}" stroke-dasharray="{dash}"'
            drawn += [f'<polyline points="{points}" fill="none" {look}/>' for points in _runs(course, ticks, weeks)]
    ends = {letter: _y(float(those[0][-1]), ticks) for letter, those in courses.items() if math.isfinite(those[0][-1])}
    for letter, y in _apart(ends).items():
        place = f'x="{_WIDTH - _RIGHT + 6}" y="{y + 4}"'
        drawn.append(f'<text {place} font-weight="700" fill="{theme.COLOURS[letter]}">{letter}</text>')
    return _picture(title, ticks, scale, weeks, week, drawn)


def bands(title: str, stages: NDArray[np.int32], scale: Scale, week: str, names: Mapping[str, str]) -> str:
    """A picture of everybody by stage over weeks, (weeks, stages), the best at the bottom; `names` of the stages."""
    weeks, whole = len(stages), float(stages.sum(axis=1).max(initial=1))
    ticks = _ticks(0.0, whole)
    floor, drawn = np.zeros(weeks), []
    for name in reversed(theme.STAGE_COLOURS):
        top = floor + stages[:, STAGES.index(name)]
        around = [(w, top[w]) for w in range(weeks)] + [(w, floor[w]) for w in reversed(range(weeks))]
        points = " ".join(f"{_x(w, weeks)},{_y(value, ticks)}" for w, value in around)
        look = f'fill="{theme.STAGE_COLOURS[name]}"'
        drawn.append(f'<polygon points="{points}" {look}><title>{safe(names[name])}</title></polygon>')
        floor = top
    return _picture(title, ticks, scale, weeks, week, drawn)


def _apart(ends: Mapping[str, float]) -> dict[str, float]:
    """The heights of the letters at the ends of lines, none on top of another."""
    found: dict[str, float] = {}
    for letter, y in sorted(ends.items(), key=lambda end: end[1]):
        found[letter] = max([y, *(other + _LETTER for other in found.values())])
    return found


def _picture(title: str, ticks: list[float], scale: Scale, weeks: int, week: str, drawn: list[str]) -> str:
    step = (ticks[1] - ticks[0]) / scale.divisor
    scale = replace(scale, digits=max(0, math.ceil(-math.log10(step) - 1e-9)))
    grid = "".join(
        f'<line x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{_y(tick, ticks)}" y2="{_y(tick, ticks)}" stroke="{_LINE}"/>'
        f'<text x="{_LEFT - 6}" y="{_y(tick, ticks) + 4}" text-anchor="end" fill="{_SOFT}">'
        f"{safe(scale.value(tick))}</text>"
        for tick in ticks
    )
    every = 13 if weeks <= 60 else 26 if weeks <= 130 else 52
    below = "".join(
        f'<text x="{_x(w, weeks)}" y="{_HEIGHT - 8}" text-anchor="{"middle" if w else "start"}" fill="{_SOFT}">'
        f"{safe(week) if w == 0 else w}</text>"
        for w in range(0, weeks, every)
    )
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{safe(title)}" font-size="12" '
        f'xmlns="http://www.w3.org/2000/svg">{grid}{below}{"".join(drawn)}</svg>'
    )


def _runs(course: NDArray[np.float64], ticks: list[float], weeks: int) -> list[str]:
    """The points of a course, broken where it has no value."""
    found: list[list[str]] = [[]]
    for w, value in enumerate(course):
        if math.isfinite(value):
            found[-1].append(f"{_x(w, weeks)},{_y(float(value), ticks)}")
        elif found[-1]:
            found.append([])
    return [" ".join(run) for run in found if run]


def _x(week: float, weeks: int) -> float:
    return round(_LEFT + (_WIDTH - _LEFT - _RIGHT) * week / max(1, weeks - 1), 1)


def _y(value: float, ticks: list[float]) -> float:
    return round(_HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * (value - ticks[0]) / (ticks[-1] - ticks[0]), 1)


def _ticks(low: float, high: float) -> list[float]:
    """Four to eight round numbers that enclose the values."""
    span = (high - low) or abs(high) or 1.0
    power = 10.0 ** math.floor(math.log10(span / 3))
    step = next(lead * power for lead in (1, 2, 5, 10) if span / (lead * power) <= 6)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [float(f"{k * step:.10g}") for k in range(first, max(last, first + 1) + 1)]
