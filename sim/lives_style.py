"""How firms, money, levels and counts are written in the sentences of a life."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sim.plan import Plan

_UPPER_ONLY_AT_START = ("A ", "An ", "The ", "Your ", "Our ")
_COUNTS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


@dataclass(frozen=True)
class Names:
    """How firms and money are written."""

    firms: tuple[str, ...]
    currency: str

    @classmethod
    def of(cls, plan: Plan) -> Names:
        """As the plan has them, in English."""
        return cls(tuple(firm.label.get("en", firm.name) for firm in plan.firms), plan.currency)

    def firm(self, f: int) -> str:
        """A firm's name within a sentence."""
        name = self.firms[f]
        return name[0].lower() + name[1:] if name.startswith(_UPPER_ONLY_AT_START) else name

    def money(self, amount: float) -> str:
        """An amount: $4.50."""
        return f"{'−' if amount < 0 else ''}{self.currency}{abs(amount):,.2f}"


def level(value: float) -> str:
    """A level or utility with two decimals and a true minus."""
    return f"{value:.2f}".replace("-", "−")


def signed(value: float) -> str:
    """A difference with its sign."""
    return f"{value:+.2f}".replace("-", "−")


def percent(share: float) -> str:
    """A share or chance: 12%, 3.1%, 0.04%."""
    digits = 0 if share >= 0.1 else 1 if share >= 0.01 else 2
    return f"{100 * share:.{digits}f}%"


def moved(before: float, after: float) -> str:
    """Rose from 0.52 to 0.61."""
    if level(before) == level(after):
        return f"stayed at {level(after)}"
    return f"{'rose' if after > before else 'fell'} from {level(before)} to {level(after)}"


def count(n: int, one: str, many: str = "") -> str:
    """Two friends, 14 weeks."""
    return f"{_COUNTS[n] if n < len(_COUNTS) else f'{n:,}'} {one if n == 1 else many or one + 's'}"


def listed(words: Sequence[str], last: str = "and") -> str:
    """One, two and three."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}"
