"""Numbers as a student reads them: units always, thousands grouped, a true minus, one precision in a card."""

from __future__ import annotations

import datetime
import math
from dataclasses import dataclass

from babel.dates import format_date
from babel.numbers import format_decimal

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
    locale: str = "en"

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
        pattern = "#,##0" + ("." + "0" * self.digits if self.digits else "")
        return f"{sign}{self.before}{format_decimal(abs(rounded), pattern, locale=self.locale)}{after}"


LOCALES = {"en": "en", "zh": "zh_CN"}  # language → locale of numbers, dates and catalogues
_PERCENTAGE_POINTS = {"en": " pp", "zh": " 个百分点"}
# Large money: from what size on, divided by what, digits, and the word after. Chinese counts in 万 and 亿.
_LARGE = {
    "en": ((1e7, 1e6, 2, " M"), (1e5, 1e3, 1, " k")),
    "zh": ((1e9, 1e8, 2, " 亿"), (1e5, 1e4, 2, " 万")),
}


def scale_of(unit: str, largest: float, currency: str = "", language: str = "en") -> Scale:
    """The scale for a measure's unit (see sim.outcomes) whose largest number is this."""
    largest = abs(largest) if math.isfinite(largest) else 0.0
    locale = LOCALES[language]
    if unit == "share":
        return Scale(0.01, 1, after="%", after_difference=_PERCENTAGE_POINTS[language], locale=locale)
    if unit == "money":
        for least, divisor, digits, word in _LARGE[language]:
            if largest >= least:
                return Scale(divisor, digits, before=currency, after=word, locale=locale)
        digits = 0 if largest >= 1000 else 1 if largest >= 100 else 2
        return Scale(1, digits, before=currency, locale=locale)
    if unit in ("customers", "people"):
        return Scale(locale=locale)
    return Scale(digits=2 if unit == "level" else 1, locale=locale)


def grouped(number: float, language: str = "en") -> str:
    """A whole number with its thousands grouped as the language does."""
    return Scale(locale=LOCALES[language]).value(number)


def dated(day: datetime.date, language: str = "en") -> str:
    """A date as the language writes it."""
    return format_date(day, "long", locale=LOCALES[language])
