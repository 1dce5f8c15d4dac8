"""What a student has chosen: the scenario, the strategies and their levers; and the question that follows.

No widgets here: whoever shows the state watches `question` and calls the methods that change it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import param

from sim.parameters import Parameter, levers
from sim.scenario import OPENING, Scenario, weekly_budget

LANGUAGES = ("en", "zh")
LETTERS = ("A", "B", "C", "D")
FEWEST = 2  # strategies: less is no comparison
FIRST_PRESETS = {"A": "4P", "B": "4C"}
MOST_SEED = 2**31 - 1
MOST_STEPS_BACK = 100
GROUPS = (
    "product", "price", "place", "promotion", "customer", "convenience", "communication", "service", "people",
    "programme", "relationship",
)  # fmt: skip

_AGENTS = "service.agents"
_LARGE_DESK = 10  # agents; a smaller one is staffed by the hour
_LIST_PRICE = "pricing.list_price"
_STEPS_OF_BUDGET = 100
_STEPS_OF_PRICE = 60
# Levers whose allowed range is far wider than a lesson needs: the most a slider offers.
_MOST = {
    "pricing.promotion_every": 26,
    "programme.points_per_purchase": 10,
    "programme.reward_points": 50,
    "programme.expiry_weeks": 104,
    "programme.referral_points": 20,
    "programme.endowed_points": 20,
    "winback.within_weeks": 104,
}
_MOST_REWARD = 1.5  # reference prices
_MOST_LOSS = 20  # reference prices
_CHEAPEST, _DEAREST = 0.5, 1.5  # reference prices


@dataclass(frozen=True)
class Slider:
    """How far a lever can be moved in a scenario, and in what steps; `cost` is money a week for one unit."""

    lever: Parameter
    low: float
    high: float
    step: float
    cost: float

    def settle(self, value: object) -> float | None:
        """A value the lever can take, nearest to the one asked for; None where that is no number."""
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            return None
        value = min(max(float(value), self.low), self.high)
        return float(round(value)) if self.lever.is_whole else value

    def snap(self, value: object) -> float | None:
        """The end or multiple of a step nearest to a value, as a hand on the page leaves it; None for no number."""
        settled = self.settle(value)
        if settled is None:
            return None
        for end in (self.low, self.high):
            if abs(settled - end) < self.step / 2:
                return end
        half = 0.5 + 1e-9  # so that 0.95 in steps of 0.1 goes up, although the binary fraction is a little less
        return float(f"{math.floor(settled / self.step + half) * self.step:.10g}")


def sliders(scenario: Scenario) -> dict[str, list[Slider]]:
    """The sliders of every group that has levers, in the order in which students read them."""
    made: dict[str, list[Slider]] = {group: [] for group in GROUPS}
    for path, lever in levers().items():
        made.setdefault(lever.group or "other", []).append(slider(scenario, path))
    return {group: row for group, row in made.items() if row}


def slider(scenario: Scenario, path: str) -> Slider:
    """The slider of one lever: a range that makes sense in this scenario, wide enough for all of its strategies."""
    lever = levers()[path]
    budget, price = float(scenario.market.budget), float(scenario.market.reference_price)
    low, high, step = max(0.0, lever.low), min(lever.high, _MOST.get(path, lever.high)), lever.step
    if path == _AGENTS:
        high = budget / scenario.wage if scenario.wage else _used(scenario, path)
        step = 0.1 if high < _LARGE_DESK else step or 0.5
    elif lever.scales:
        high, step = budget, nice(budget / _STEPS_OF_BUDGET)
    elif path == _LIST_PRICE:
        step = nice(price / _STEPS_OF_PRICE)
        low, high = _CHEAPEST * price, _DEAREST * price
    elif lever.percent_of == "reference_price":
        high, step = _MOST_REWARD * price, nice(price / _STEPS_OF_PRICE)
    elif lever.unit == "money":
        high, step = _MOST_LOSS * price, nice(_MOST_LOSS * price / _STEPS_OF_PRICE)
    if lever.is_whole or lever.unit == "points":
        step = max(1.0, step)
    step = step or nice((high - low) / _STEPS_OF_BUDGET)
    low, high = _floor(low, step), _ceil(max(high, _used(scenario, path)), step)
    cost = weekly_budget({path: 1.0}, scenario.wage)
    return Slider(lever, max(low, lever.low), min(max(high, low + step), lever.high), step, cost)


def _used(scenario: Scenario, path: str) -> float:
    return max(strategy.levers[path] for strategy in scenario.strategies.values())


def nice(step: float) -> float:
    """The largest of 1, 2, 5, 10, 20, … (or 0.1, 0.2, 0.5, …) that is not above `step`; 1 where there is none."""
    if step <= 0 or not math.isfinite(step):
        return 1.0
    power = 10.0 ** math.floor(math.log10(step) + 1e-9)
    lead = next(lead for lead in (5, 2, 1) if lead * power <= step * (1 + 1e-9))
    return float(f"{lead * power:.10g}")


def _floor(value: float, step: float) -> float:
    return float(f"{math.floor(value / step + 1e-9) * step:.10g}")


def _ceil(value: float, step: float) -> float:
    return float(f"{math.ceil(value / step - 1e-9) * step:.10g}")


@dataclass(frozen=True)
class Question:
    """Strategies of the first firm to be run in the same worlds. Equal questions have equal answers.

    sides : for each strategy its levers as sorted (path, value) pairs; letters : of these strategies
    """

    text_hash: str
    sides: tuple[tuple[tuple[str, float], ...], ...]
    seed: int
    scenario: Scenario = field(compare=False, repr=False)
    letters: tuple[str, ...] = LETTERS[:2]


@dataclass(frozen=True)
class Side:
    """One strategy: its letter, the preset it started from, and all its levers."""

    letter: str
    preset: str
    levers: Mapping[str, float]
    original: Mapping[str, float] = field(repr=False)

    @property
    def changed(self) -> tuple[str, ...]:
        """Levers that no longer stand where the preset put them."""
        return tuple(path for path, value in self.levers.items() if value != self.original[path])


@dataclass(frozen=True)
class Choice:
    """All that a step back or forward brings back."""

    scenario: Scenario
    sides: tuple[Side, ...]
    seed: int


class LabState(param.Parameterized):
    """Everything one student has chosen. Bad requests (they come from a browser) are left without effect."""

    language: Any = param.Selector(default="en", objects=list(LANGUAGES), doc="Language of all texts.")
    luck: Any = param.Boolean(default=False, doc="Whether charts show what luck alone does.")
    scenario: Any = param.ClassSelector(class_=Scenario, doc="The market.")
    sides: Any = param.Parameter(default=(), doc="The strategies, as `Side`, A first.")
    seed: Any = param.Integer(default=1, bounds=(0, MOST_SEED), doc="Which world: whose luck all strategies share.")
    question: Any = param.ClassSelector(class_=Question, doc="What follows from the rest: the runs to be compared.")

    def __init__(self, start: Scenario | Choice, **params: object) -> None:
        super().__init__(**params)
        self._past: list[Choice] = []
        self._future: list[Choice] = []
        self._show(start if isinstance(start, Choice) else opening_choice(start))

    # ---------------------------------------------------------------- what can be chosen

    def choose_scenario(self, scenario: Scenario) -> None:
        """Enter another market, with its own strategies."""
        self.choose(opening_choice(scenario))

    def choose_preset(self, letter: str, preset: str) -> None:
        """Give a strategy the levers of a preset."""
        if preset in self.scenario.strategies:
            self._replace(letter, lambda side: _fresh(self.scenario, letter, preset))

    def choose_seed(self, seed: object) -> None:
        """Enter another world of the same market: the same people with other luck."""
        if isinstance(seed, int) and not isinstance(seed, bool) and 0 <= seed <= MOST_SEED:
            self.choose(replace(self.choice, seed=seed))

    def move(self, letter: str, path: str, value: object) -> None:
        """Move one lever, as far as its slider goes."""
        if path not in levers():
            return
        settled = slider(self.scenario, path).settle(value)
        if settled is not None:
            self._replace(letter, lambda side: _moved(side, path, settled))

    def put_back(self, letter: str, path: str) -> None:
        """Put one lever back to where the preset has it."""
        if path in levers():
            self._replace(letter, lambda side: _moved(side, path, side.original[path]))

    def reset(self, letter: str) -> None:
        """Put all levers back to where the preset has them."""
        self._replace(letter, lambda side: _fresh(self.scenario, letter, side.preset))

    def add(self, like: str) -> None:
        """Add a strategy under the first free letter, equal to another one."""
        free = [letter for letter in LETTERS if letter not in self.letters]
        if free and like in self.letters:
            added = (*self.sides, replace(self.side(like), letter=free[0]))
            self._become(tuple(sorted(added, key=lambda side: side.letter)))

    def remove(self, letter: str) -> None:
        """Take a strategy away; two always stay. The others keep their letters, and so their colours."""
        if len(self.sides) > FEWEST:
            self._become(tuple(side for side in self.sides if side.letter != letter))

    def copy(self, source: str, target: str) -> None:
        """Make one strategy equal to another."""
        if source in self.letters:
            self._replace(target, lambda side: replace(self.side(source), letter=target))

    # ---------------------------------------------------------------- steps back and forward

    @property
    def choice(self) -> Choice:
        """What is chosen now."""
        return Choice(self.scenario, self.sides, self.seed)

    @property
    def past(self) -> tuple[Choice, ...]:
        """What was chosen before, the oldest first, as far back as steps can be taken."""
        return tuple(self._past)

    @property
    def can_undo(self) -> bool:
        """Whether there is a step back."""
        return bool(self._past)

    @property
    def can_redo(self) -> bool:
        """Whether there is a step forward."""
        return bool(self._future)

    def undo(self) -> None:
        """Take the last step back."""
        if self._past:
            self._future.append(self.choice)
            self._show(self._past.pop())

    def redo(self) -> None:
        """Take the step again that was last taken back."""
        if self._future:
            self._past.append(self.choice)
            self._show(self._future.pop())

    def choose(self, choice: Choice) -> None:
        """Choose everything at once, as one step."""
        if choice != self.choice:
            self._past = [*self._past, self.choice][-MOST_STEPS_BACK:]
            self._future.clear()
            self._show(choice)

    # ---------------------------------------------------------------- what follows

    @property
    def letters(self) -> tuple[str, ...]:
        """The letters of the strategies, in order."""
        return tuple(side.letter for side in self.sides)

    def side(self, letter: str) -> Side:
        """The strategy of a letter."""
        return next(side for side in self.sides if side.letter == letter)

    def spending(self, letter: str) -> float:
        """Money a week that a strategy spends, wages included."""
        return weekly_budget(self.side(letter).levers, self.scenario.wage)

    def _replace(self, letter: str, change: Callable[[Side], Side]) -> None:
        self._become(tuple(change(side) if side.letter == letter else side for side in self.sides))

    def _become(self, sides: tuple[Side, ...]) -> None:
        if sides != self.sides:
            self.choose(replace(self.choice, sides=sides))

    def _show(self, choice: Choice) -> None:
        scenario, sides, seed = choice.scenario, choice.sides, choice.seed
        asked = tuple(tuple(sorted(side.levers.items())) for side in sides)
        question = Question(scenario.text_hash, asked, seed, scenario, tuple(side.letter for side in sides))
        self.param.update(scenario=scenario, sides=sides, seed=seed, question=question)


def opening_choice(scenario: Scenario) -> Choice:
    """What a student who enters a market sees first: two of its strategies, in its own world."""
    names = presets(scenario)
    sides = []
    for k, letter in enumerate(LETTERS[:FEWEST]):
        wished = FIRST_PRESETS[letter]
        sides.append(_fresh(scenario, letter, wished if wished in names else names[min(k, len(names) - 1)]))
    return Choice(scenario, tuple(sides), scenario.seed)


def side_from(scenario: Scenario, letter: str, preset: str, moved: Mapping[str, object]) -> Side:
    """A strategy given by its preset and the levers that stand elsewhere; what makes no sense is left out."""
    side = _fresh(scenario, letter, preset)
    for path, value in moved.items():
        if path in levers() and (settled := slider(scenario, path).settle(value)) is not None:
            side = _moved(side, path, settled)
    return side


def _fresh(scenario: Scenario, letter: str, preset: str) -> Side:
    original = dict(scenario.strategies[preset].levers)
    return Side(letter, preset, original, original)


def _moved(side: Side, path: str, value: float) -> Side:
    return Side(side.letter, side.preset, {**side.levers, path: value}, side.original)


def presets(scenario: Scenario) -> list[str]:
    """The names of the presets as they are offered: the opening last."""
    return sorted(scenario.strategies, key=lambda name: name == OPENING)
