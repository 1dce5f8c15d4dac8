"""Numbers as a student reads them: units always, thousands grouped, a true minus, one precision in a card."""

from __future__ import annotations

import math
from dataclasses import dataclass

NO_VALUE = "–"
MINUS = "−"


@dataclass(frozen=True)
class Scale:
    """How the numbers of one measure are written: divided, rounded, with a sign of money before and a unit after."""

    divisor: float = 1.0
    digits: int = 0
    before: str = ""
    after: str = ""
    after_difference: str = ""  # where a difference has another unit: percentage points, not per cent

    def value(self, number: float) -> str:
        """A level, such as $1,234 or 88.6%."""
        return self._written(number, self.after)

    def difference(self, number: float) -> str:
        """A difference with its sign, such as +2.5 pp."""
        if not math.isfinite(number):
            return NO_VALUE
        sign = "+" if round(number / self.divisor, self.digits) > 0 else ""
        return sign + self._written(number, self.after_difference or self.after)

    def half_width(self, number: float) -> str:
        """Half an interval, such as ± 0.2 pp."""
        return f"± {self._written(abs(number), self.after_difference or self.after)}"

    def _written(self, number: float, after: str) -> str:
        if not math.isfinite(number):
            return NO_VALUE
        rounded = round(number / self.divisor, self.digits) + 0.0  # never −0
        sign = MINUS if rounded < 0 else ""
        return f"{sign}{self.before}{abs(rounded):,.{self.digits}f}{after}"


def scale_of(unit: str, largest: float, currency: str = "") -> Scale:
    """The scale for a measure's unit (see sim.outcomes) whose largest number is this."""
    largest = abs(largest) if math.isfinite(largest) else 0.0
    if unit == "share":
        return Scale(0.01, 1, after="%", after_difference=" pp")
    if unit == "money":
        if largest >= 1e7:
            return Scale(1e6, 2, before=currency, after=" M")
        if largest >= 1e5:
            return Scale(1e3, 1, before=currency, after=" k")
        return Scale(1, 0 if largest >= 1000 else 1 if largest >= 100 else 2, before=currency)
    if unit in ("customers", "people"):
        return Scale()
    return Scale(digits=2 if unit == "level" else 1)


def grouped(number: float) -> str:
    """A whole number with its thousands grouped."""
    return Scale().value(number)
