"""Goals as a lesson writes them: `at least opening + 5%` compares with a number or with what another strategy reached.

The reference is never stored: it is the outcome of a run in the student's own world, so the same goal asks every
student for the same achievement, whatever world they were given.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

from sim.outcomes import OUTCOMES, Outcome

SPENDING = "spending"  # what a strategy spends in a week: decided, not an outcome of any run
AT_LEAST, AT_MOST = "at least", "at most"
GRAMMAR = "at least opening + 5%, at most 1.5, at least 98% of opening"

_NUMBER = r"[0-9]+(?:\.[0-9]+)?"
_RULE = re.compile(
    rf"(?P<way>at least|at most)\s+(?:(?P<number>-?{_NUMBER})"
    rf"|(?:(?P<share>{_NUMBER})%\s+of\s+)?(?P<name>[^\W\d][\w-]*|\d+[A-Za-z]\w*)"
    rf"(?:\s*(?P<sign>[-+])\s*(?P<shift>{_NUMBER})(?P<percent>\s*%)?)?)\Z"
)


@dataclass(frozen=True)
class Threshold:
    """What must be reached: `number`, or `share` of what `reference` did plus `shift` (of its size if `is_percent`)."""

    text: str
    is_least: bool
    number: float = 0.0
    reference: str = ""
    share: float = 1.0
    shift: float = 0.0
    is_percent: bool = False

    def level(self, references: Mapping[str, float]) -> float:
        """The number to be reached, given what each strategy named reached. NaN where the reference has no value."""
        if not self.reference:
            return self.number
        base = references[self.reference]
        return self.share * base + self.shift * (abs(base) if self.is_percent else 1.0)

    def margin(self, value: float, level: float) -> float:
        """By how much a value goes beyond the level in the direction asked for; negative where it falls short."""
        return value - level if self.is_least else level - value

    def is_met(self, value: float, level: float) -> bool:
        """Whether a value reaches the level. A missing one does not; rounding never decides."""
        margin = self.margin(value, level)
        return bool(math.isfinite(margin) and margin >= -1e-9 * max(1.0, abs(level)))


def parse(text: str) -> Threshold | None:
    """The threshold that a text such as `at least opening + 5%` stands for, or None."""
    found = _RULE.match(text.strip())
    if found is None:
        return None
    is_least = found["way"] == AT_LEAST
    if found["number"]:
        return Threshold(text, is_least, number=float(found["number"]))
    is_percent = found["percent"] is not None
    shift = float(found["shift"] or 0.0) * (-1 if found["sign"] == "-" else 1) / (100 if is_percent else 1)
    share = float(found["share"] or 100.0) / 100
    return Threshold(text, is_least, reference=found["name"], share=share, shift=shift, is_percent=is_percent)


def measures() -> list[str]:
    """What a goal may be about: the outcomes, and what is spent in a week."""
    return [*OUTCOMES, SPENDING]


def measure(name: str) -> Outcome:
    """A measure's label, unit and direction."""
    return OUTCOMES.get(name, _SPENDING)


_SPENDING = Outcome(
    SPENDING, {"en": "Spending a week", "zh": "每周支出"}, "money", "neither", "last",
    {"en": "What the strategy spends in a week, wages included.", "zh": "该策略每周的支出，含工资。"}, (), None,
)  # fmt: skip
