"""The bench under the left hand: scenario, strategies, presets, the budget, and every lever with its slider.

One component for all of it: twenty sliders of a toolkit for each strategy would cost a visitor a third of a second
before the page stands (6 to 13 ms each); this one costs less than one of them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import param
from panel.custom import JSComponent
from panel.io.document import hold

from sim.parameters import Parameter, levers
from sim.scenario import Scenario
from sim.ui import theme
from sim.ui.state import LETTERS, LabState, Slider, presets, sliders
from sim.ui.texts import HTML_LANGUAGES, has_text, label, said
from sim.ui.visit import Visit

_FOLDER = Path(__file__).parent
OPEN_GROUPS = ("product", "price", "place", "promotion")
_TEXTS = (
    "scenario", "seed", "seed_help", "undo", "redo", "strategies", "add", "remove", "copy", "copy_from",
    "preset", "reset",
    "reset_help", "put_back", "budget", "spent", "over", "left", "wages", "see_results",
)  # fmt: skip


class Bench(JSComponent):
    """Shows the strategies of a state, and carries what the student does with them back to it.

    setup : what stays while a scenario and a language last; sides : where the levers are, and the last act this takes
    account of
    """

    setup = param.Dict(default={})
    sides = param.Dict(default={})
    shown = param.String(default=LETTERS[0], doc="Letter of the strategy whose levers are on view.")
    open_groups = param.List(default=list(OPEN_GROUPS), doc="Groups of levers that are unfolded.")

    _esm = _FOLDER / "bench.js"
    _stylesheets = [theme.tokens(), (_FOLDER / "bench.css").read_text(encoding="utf-8")]

    def __init__(self, visit: Visit, **params: Any) -> None:
        self._seen = 0
        super().__init__(setup=setup_of(visit), sides=sides_of(visit.state, 0), **params)
        self.visit = visit

    def tell(self, *, is_new_setup: bool) -> None:
        """Show the state as it is now."""
        if self.shown not in self.visit.state.letters:
            self.shown = self.visit.state.letters[-1]
        if is_new_setup:
            self.setup = setup_of(self.visit)
        self.sides = sides_of(self.visit.state, self._seen)

    def _handle_msg(self, msg: Any) -> None:
        """An act of the student's. It comes from a browser, so nothing about it is certain."""
        state, visit = self.visit.state, self.visit
        if not isinstance(msg, dict) or msg.get("letter") not in state.letters:
            return
        if isinstance(msg.get("act"), int):
            self._seen = msg["act"]
        with hold(visit.document):
            self._do(msg)

    def _do(self, msg: dict[str, Any]) -> None:
        state, visit = self.visit.state, self.visit
        letter, path, before = msg["letter"], str(msg.get("path")), state.choice
        match msg.get("do"):
            case "move":
                state.move(letter, path, msg.get("value"))
            case "put back":
                state.put_back(letter, path)
            case "preset":
                state.choose_preset(letter, str(msg.get("preset")))
            case "reset":
                state.reset(letter)
            case "copy":
                state.copy(str(msg.get("source")), letter)
            case "add":
                state.add(letter)
                self.shown = next(iter(set(state.letters) - {side.letter for side in before.sides}), self.shown)
            case "remove":
                state.remove(letter)
            case "undo":
                state.undo()
            case "redo":
                state.redo()
            case "seed":
                state.choose_seed(msg.get("seed"))
            case "scenario" if msg.get("scenario") in visit.scenarios:
                state.choose_scenario(visit.scenarios[msg["scenario"]])
        if state.choice == before:
            self.tell(is_new_setup=False)  # Nothing came of it: put the slider back.


def setup_of(visit: Visit) -> dict[str, Any]:
    """What the bench needs to know: scenarios, groups, levers with ranges and units, presets, texts."""
    scenario, language = visit.state.scenario, visit.language
    return {
        "language": HTML_LANGUAGES[language],
        "currency": scenario.market.currency,
        "budget": float(scenario.market.budget),
        "wage": {"path": "service.agents", "label": label(levers()["service.agents"].label, language)},
        "texts": {key: said(key, language) for key in _TEXTS},
        "scenarios": [{"name": name, "label": label(one.title, language)} for name, one in visit.scenarios.items()],
        "scenario": scenario.name,
        "looks": {
            letter: {"colour": f"var(--{letter.lower()})", "dash": theme.SVG_DASHES[letter]} for letter in LETTERS
        },
        "groups": [
            {
                "name": group,
                "label": group_title(group, language),
                "levers": [_lever(one, scenario, language) for one in row],
            }
            for group, row in sliders(scenario).items()
        ],
        "presets": [
            {
                "name": name,
                "label": label(scenario.strategies[name].label, language),
                "levers": dict(scenario.strategies[name].levers),
            }
            for name in presets(scenario)
        ],
    }


def sides_of(state: LabState, seen: int) -> dict[str, Any]:
    """Where the levers of each strategy are, which world it is, and whether there is a step back or forward."""
    rows = [{"letter": side.letter, "preset": side.preset, "levers": dict(side.levers)} for side in state.sides]
    can = {"undo": state.can_undo, "redo": state.can_redo, "add": len(rows) < len(LETTERS)}
    return {"seen": seen, "rows": rows, "seed": state.seed, "can": can}


def group_title(group: str, language: str) -> str:
    """The heading of a group of levers; of one that the catalogue does not know yet, its own name."""
    known = f"group_{group}"
    return said(known, language) if has_text(known) else group.replace("_", " ").capitalize()


def unit_pattern(unit: str, language: str) -> str:
    """How a value in a unit is written, with {value} in it."""
    known = f"unit_{unit}"
    return said(known, language) if has_text(known) else "{value}" if unit == "1" else f"{{value}} {unit}"


def _lever(slider: Slider, scenario: Scenario, language: str) -> dict[str, Any]:
    lever = slider.lever
    zero = f"zero_{lever.path}"
    return {
        "path": lever.path,
        "label": label(lever.label, language),
        "meaning": label(lever.meaning, language),
        "low": slider.low,
        "high": slider.high,
        "step": slider.step,
        "cost": slider.cost,
        "is_money": lever.unit.startswith("money"),
        "is_share": lever.unit.startswith("share"),
        "digits": digits_of(slider),
        "unit": unit_pattern(lever.unit, language),
        "zero": said(zero, language) if has_text(zero) else "",
        "named": named_values(lever, scenario, language),
    }


def named_values(lever: Parameter, scenario: Scenario, language: str) -> dict[str, str]:
    """What the values of a lever are called, where it counts off what there is to choose: value → name."""
    if lever.unit == "number":  # of a segment
        groups = enumerate(scenario.entry.segments.values(), 1)
        return {str(n): label(segment.label.model_dump(), language) for n, segment in groups}
    if lever.unit != "choice":
        return {}
    values = range(int(lever.low), int(lever.high) + 1)
    return {str(n): said(f"value_{lever.path}_{n}", language) for n in values}


def digits_of(slider: Slider) -> int:
    """Digits after the point that a lever's values are written with."""
    if slider.lever.is_whole or slider.step >= 1:
        return 0
    return 2 if slider.lever.unit in ("money", "level") else 1
