"""The bench under the left hand: strategies, presets, the budget, and every lever with its slider.

One component for all of it: twenty sliders of the toolkit for each strategy would cost a visitor a third of a second
before the page stands (6 to 13 ms each); this one costs less than one of them.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import param
from panel.custom import JSComponent

from sim.parameters import levers
from sim.ui import theme
from sim.ui.state import LETTERS, LabState, Slider, presets, sliders
from sim.ui.texts import TEXTS, has_text, label, said

_FOLDER = Path(__file__).parent
OPEN_GROUPS = ("product", "price", "place", "promotion")
_TEXTS = (
    "strategies", "strategy", "preset", "reset", "reset_help", "put_back", "budget", "spent", "over", "left", "wages",
    "see_results",
)  # fmt: skip


class Bench(JSComponent):
    """Shows the strategies of a state, and carries what the student does with them back to it.

    setup : what stays while a scenario lasts; sides : where the levers are, and the last act this takes account of
    """

    setup = param.Dict(default={})
    sides = param.Dict(default={})
    shown = param.String(default=LETTERS[0], doc="Letter of the strategy whose levers are on view.")
    open_groups = param.List(default=list(OPEN_GROUPS), doc="Groups of levers that are unfolded.")

    _esm = _FOLDER / "bench.js"
    _stylesheets = [theme.tokens(), (_FOLDER / "bench.css").read_text(encoding="utf-8")]

    def __init__(self, state: LabState, **params: Any) -> None:
        super().__init__(setup=setup_of(state), sides=sides_of(state, 0), **params)
        self.state = state
        self._seen = 0
        self.on_leave: Callable[[], None] = lambda: None

    def show(self, *, is_new_setup: bool) -> None:
        """Show the state as it is now."""
        if is_new_setup:
            self.setup = setup_of(self.state)
        self.sides = sides_of(self.state, self._seen)

    def _handle_msg(self, msg: Any) -> None:
        """An act of the student's. It comes from a browser, so nothing about it is certain."""
        if not isinstance(msg, dict) or msg.get("letter") not in LETTERS:
            return
        if isinstance(msg.get("act"), int):
            self._seen = msg["act"]
        letter, path, before = msg["letter"], str(msg.get("path")), self.state.sides
        match msg.get("do"):
            case "move":
                self.state.move(letter, path, msg.get("value"))
            case "put back":
                self.state.put_back(letter, path)
            case "preset":
                self.state.choose_preset(letter, str(msg.get("preset")))
            case "reset":
                self.state.reset(letter)
            case "leave":
                self.on_leave()
        if self.state.sides == before:
            self.show(is_new_setup=False)  # Nothing came of it: put the slider back.


def setup_of(state: LabState) -> dict[str, Any]:
    """What the bench needs to know of a scenario: groups, levers with ranges and units, presets, texts."""
    scenario, language = state.scenario, state.language
    return {
        "language": language,
        "currency": scenario.market.currency,
        "budget": float(scenario.market.budget),
        "wage": {"path": "service.agents", "label": label(levers()["service.agents"].label, language)},
        "texts": {key: label(TEXTS[key], language) for key in _TEXTS},
        "letters": [
            {"letter": letter, "colour": theme.COLOURS[letter], "dash": theme.SVG_DASHES[letter]} for letter in LETTERS
        ],
        "groups": [
            {
                "name": group,
                "label": said(f"group_{group}" if has_text(f"group_{group}") else "group_other", language),
                "levers": [_lever(one, language) for one in row],
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
    """Where the levers of each strategy are."""
    rows = [{"letter": side.letter, "preset": side.preset, "levers": dict(side.levers)} for side in state.sides]
    return {"seen": seen, "rows": rows}


def _lever(slider: Slider, language: str) -> dict[str, Any]:
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
        "is_share": lever.unit == "share of price",
        "digits": _digits(slider),
        "unit": said(f"unit_{lever.unit}", language) if has_text(f"unit_{lever.unit}") else lever.unit,
        "zero": said(zero, language) if has_text(zero) else "",
    }


def _digits(slider: Slider) -> int:
    if slider.lever.is_whole or slider.step >= 1:
        return 0
    return 2 if slider.lever.unit in ("money", "level") else 1
