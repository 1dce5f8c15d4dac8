"""A life as a picture: stages, satisfaction and trust, points, and what happened when, as SVG that follows the page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from sim.rules.stage import STAGES
from sim.ui import theme
from sim.ui.journey_life import LEVELS, Told
from sim.ui.safe_text import safe
from sim.ui.texts import said

SIGNS = {
    "bought": "●", "reward": "★", "contacted": "◇", "contact": "○", "waited": "◐", "failed": "✕", "recovered": "✓",
    "praised": "▲", "warned": "▼", "heard": "◆", "left": "◀", "returned": "▶", "moved": "■",
}  # fmt: skip
_ROW_OF = dict.fromkeys(("bought", "reward", "heard", "left", "returned", "moved"), 0)  # the others lie below
_WIDTH, _LEFT, _RIGHT = 960, 84, 14
_STRIP, _TOP, _BOTTOM = 14, 24, 112
_ROWS = (132, 152, 172)  # with the firm, contacts and talk, elsewhere
_HEIGHT = 196
_POINTS = 22  # height of the card's line, at the foot of the levels
_LABEL = 'font-size="12" fill="var(--soft)"'


def timeline(told: Told, letter: str, week_of_parting: int | None, language: str) -> str:
    """The picture of a life under one strategy, with a line where it parts from its twin."""
    weeks = len(told.stages)
    parts = [
        *_stages(told.stages, language),
        *_frame(weeks, language),
        *_courses(told, letter),
        *_marks(told, language),
    ]
    if week_of_parting is not None:
        x, here = _x(week_of_parting, weeks), safe(said("journey_lives_part", language))
        parts.append(
            f'<line x1="{x}" x2="{x}" y1="0" y2="{_HEIGHT - 18}" stroke="var(--ink)" stroke-dasharray="3 3"/>'
            f'<text x="{x + 4}" y="{_TOP + 10}" font-size="12" fill="var(--ink)">{here}</text>'
        )
    name = safe(said("journey_timeline_of", language, letter=letter))
    return (
        f'<div class="scroll" tabindex="0" role="group" aria-label="{name}"><svg viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        f'role="img" aria-label="{name}">{"".join(parts)}</svg></div>'
    )


def key(language: str) -> str:
    """What the signs and lines of the pictures mean."""
    lines = "".join(
        f'<li><svg width="26" height="8" aria-hidden="true"><line x1="0" x2="26" y1="4" y2="4" {look}/></svg>'
        f"{safe(said(name if name == 'satisfaction' else f'journey_{name}', language))}</li>"
        for name, look in zip((*LEVELS, "points"), _looks("var(--ink)"), strict=True)
    )
    signs = "".join(
        f"<li><b>{sign}</b>{safe(said(f'journey_mark_{kind}', language))}</li>" for kind, sign in SIGNS.items()
    )
    return f'<ul class="key">{lines}{signs}</ul>'


def _x(week: float, weeks: int) -> float:
    return round(_LEFT + (_WIDTH - _LEFT - _RIGHT) * week / max(1, weeks - 1), 1)


def _y(level: float) -> float:
    return round(_BOTTOM - (_BOTTOM - _TOP) * level, 1)


def _stages(stages: NDArray[np.int64], language: str) -> Iterator[str]:
    weeks, start = len(stages), 0
    for stage, run in groupby(stages.tolist()):
        end = start + len(list(run))
        x, right = _x(start, weeks), _x(min(end, weeks - 1), weeks)
        name = STAGES[stage]
        title = safe(
            f"{said(f'stage_{name}', language)}: {said('journey_from_to', language, first=start, last=end - 1)}"
        )
        colour = theme.STAGE_COLOURS.get(name, "#999")
        width = max(1.0, right - x)
        yield f'<rect x="{x}" y="0" width="{width:.1f}" height="{_STRIP}" fill="{colour}"><title>{title}</title></rect>'
        start = end
    yield f'<text x="0" y="11" {_LABEL}>{safe(said("journey_stage", language))}</text>'


def _frame(weeks: int, language: str) -> Iterator[str]:
    for level in (0, 0.5, 1):
        y = _y(level)
        yield f'<line x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y}" y2="{y}" stroke="var(--line)"/>'
        yield f'<text x="{_LEFT - 8}" y="{y + 4}" text-anchor="end" {_LABEL}>{level:g}</text>'
    for y, name in zip(_ROWS, ("row_firm", "row_contact", "row_elsewhere"), strict=True):
        yield f'<text x="0" y="{y + 4}" {_LABEL}>{safe(said(f"journey_{name}", language))}</text>'
    step = 13 if weeks <= 60 else 26 if weeks <= 130 else 52
    for week in range(0, weeks, step):
        written = said("week", language) if week == 0 else str(week)
        anchor = "start" if week == 0 else "middle"
        yield f'<text x="{_x(week, weeks)}" y="{_HEIGHT - 3}" text-anchor="{anchor}" {_LABEL}>{safe(written)}</text>'


def _looks(colour: str) -> tuple[str, ...]:
    """How the lines of the levels and of the points are drawn."""
    return (
        f'fill="none" stroke="{colour}" stroke-width="2.5"',
        f'fill="none" stroke="{colour}" stroke-width="1.5" stroke-dasharray="5 3"',
        'fill="none" stroke="var(--soft)" stroke-width="1.5" stroke-dasharray="1 3"',
    )


def _courses(told: Told, letter: str) -> Iterator[str]:
    *levels, points = _looks(f"var(--{letter.lower()})")
    for name, look in zip(LEVELS, levels, strict=True):
        yield _line([_y(value) for value in told.courses[name]], look)
    most = float(told.courses["points"].max(initial=0.0))
    if most > 0.0:
        yield _line([round(_BOTTOM - _POINTS * value / most, 1) for value in told.courses["points"]], points)


def _line(ys: Sequence[float], look: str) -> str:
    points = " ".join(f"{_x(week, len(ys))},{y}" for week, y in enumerate(ys))
    return f'<polyline points="{points}" {look}/>'


def _marks(told: Told, language: str) -> Iterator[str]:
    weeks = len(told.stages)
    for (week, kind, is_own), n in sorted(Counter((m.week, m.kind, m.is_own) for m in told.marks).items()):
        y = _ROWS[_ROW_OF.get(kind, 1) if is_own else 2]
        times = f" × {n}" if n > 1 else ""
        title = safe(f"{said('week', language)} {week}: {said(f'journey_mark_{kind}', language)}{times}")
        strong = ' font-weight="700"' if kind in ("left", "returned", "failed") else ""
        yield (
            f'<text x="{_x(week, weeks)}" y="{y + 4}" text-anchor="middle" font-size="11" fill="var(--ink)"{strong}>'
            f"{SIGNS[kind]}<title>{title}</title></text>"
        )
