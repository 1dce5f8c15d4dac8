"""How it works: the week as a picture, each rule with its curve, each number with its source, the laws."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import panel as pn
import param
from panel.custom import JSComponent
from panel.viewable import Viewable

from sim import parameters
from sim.parameters import Parameter
from sim.ui import how_rules, theme
from sim.ui.how_rules import Argument, RuleText
from sim.ui.pages import Page
from sim.ui.safe_text import safe
from sim.ui.texts import has_text, label, said

_FOLDER = Path(__file__).parent
_TEXTS = (
    "after", "week_title", "again", "rules_n", "no_rules", "reads", "writes", "draws", "covers", "nothing", "along_n",
    "sliders", "formula", "gives", "source", "curve_of", "table", "result", "numbers", "search", "search_hint",
    "laws", "laws_note",
    *(f"evidence_{kind}" for kind in (*parameters.EVIDENCE, "definition")),
    *(f"evidence_{kind}_note" for kind in (*parameters.EVIDENCE, "definition")),
)  # fmt: skip
_PARAMETER_HEADS = ("number", "value", "range", "unit", "evidence", "meaning", "name", "origin")
_OWNERS = ("customer", "relation", "firm", "news", "tally")  # records that phases look at and change
_LAW_COLUMNS = ("id", "law", "statistic", "target", "low", "high", "setup", "source")  # of the table of laws


class HowMap(JSComponent):
    """Everything the page shows; asks for a curve whenever a slider moves."""

    setup = param.Dict(default={}, doc="Phases, rules, numbers, laws and texts.")
    place = param.Dict(default={}, doc="The phase or rule on view.")
    curve = param.Dict(default={}, doc="The curve last asked for: rule, argument, points.")

    _esm = _FOLDER / "how.js"
    _stylesheets = [theme.tokens(), (_FOLDER / "how.css").read_text(encoding="utf-8")]

    def _handle_msg(self, msg: Any) -> None:
        """A slider was moved. It comes from a browser, so nothing about it is certain."""
        if not isinstance(msg, dict) or msg.get("do") != "curve" or msg.get("rule") not in how_rules.rules():
            return
        rule, along = msg["rule"], msg.get("along")
        if along not in [one.name for one in how_rules.rules()[rule].arguments]:
            return
        values = how_rules.settled(rule, msg["values"] if isinstance(msg.get("values"), dict) else {})
        self.curve = {"rule": rule, "along": along, "points": how_rules.curve(rule, values, along)}


class How(Page):
    """The page: one component for all of it."""

    key = "how"

    def __init__(self, visit: Any, place: Mapping[str, str]) -> None:
        super().__init__(visit, _known(place))
        self.map = HowMap(
            setup=setup_of(visit.language), place=self.place, curve=_curve_of(self.place.get("rule", "")),
            sizing_mode="stretch_width", margin=0,
        )  # fmt: skip
        self.map.param.watch(self._moved, "place")

    def view(self) -> Viewable:
        """Title, then the picture of the week and all that follows from it."""
        language = self.visit.language
        css = (_FOLDER / "journey_life.css").read_text(encoding="utf-8")
        title, note = (safe(said(f"how_{part}", language)) for part in ("title", "note"))
        head = pn.pane.HTML(
            f'<header><h1>{title}</h1><p class="soft">{note}</p></header>',
            stylesheets=[theme.tokens(), css], sizing_mode="stretch_width", margin=0,
        )  # fmt: skip
        return pn.Column(
            head, self.map, sizing_mode="stretch_width", margin=0, styles={"padding": "14px 20px 28px", "gap": "12px"}
        )

    def go(self, place: Mapping[str, str]) -> None:
        """Back to the phase or rule that the address names."""
        super().go(_known(place))
        self.map.param.update(place=self.place, curve=_curve_of(self.place.get("rule", "")))

    def _moved(self, *_: Any) -> None:
        known = _known(self.map.place)
        if known != self.place:
            self.place = known


def _curve_of(rule: str) -> dict[str, Any]:
    """The curve with which a rule opens."""
    if not rule:
        return {}
    along = how_rules.most_telling(rule)
    return {"rule": rule, "along": along, "points": how_rules.curve(rule, {}, along)}


def _known(place: Mapping[str, Any]) -> dict[str, str]:
    """What of an address makes sense here."""
    if place.get("rule") in how_rules.rules():
        return {"rule": str(place["rule"])}
    if place.get("phase") in [phase.name for phase in how_rules.PHASES]:
        return {"phase": str(place["phase"])}
    return {}


@functools.cache
def setup_of(language: str) -> dict[str, Any]:
    """Everything the page shows, in a language; the same for all visitors."""
    called = how_rules.phase_rules()
    return {
        "locale": "zh-CN" if language == "zh" else language,
        "texts": {key: said(f"how_{key}", language) for key in _TEXTS},
        "phases": [
            {
                "name": phase.name,
                "label": _said(f"how_phase_{phase.name}", phase.name, language),
                "question": _translated(f"how_question_{phase.name}", phase.question, language),
                "reads": list(phase.reads), "writes": list(phase.writes), "draws": list(phase.draws),
                "covers": list(phase.covers), "rules": called[phase.name], "is_after": phase is how_rules.DESCRIBE,
            }
            for phase in how_rules.PHASES
        ],
        "owners": {owner: said(f"how_owner_{owner}", language) for owner in _OWNERS},
        "rules": {name: _rule(text, language) for name, text in how_rules.rules().items()},
        "parameter_heads": [said(f"how_head_{head}", language) for head in _PARAMETER_HEADS],
        "parameters": [_row(one, language) for file in parameters.catalogue().values() for one in file.values()],
        "law_heads": [said(f"how_law_{column}", language) for column in _LAW_COLUMNS],
        "laws": [[row.get(column, "") for column in _LAW_COLUMNS] for row in how_rules.laws()],
    }  # fmt: skip


def _rule(text: RuleText, language: str) -> dict[str, Any]:
    return {
        "sentence": _translated(f"how_rule_{text.name}", text.sentence, language).replace("`", ""),
        "code": text.code, "result": text.result, "source": text.source, "place": f"{text.file}:{text.line}",
        "evidence": text.evidence, "along": how_rules.most_telling(text.name),
        "arguments": [_argument(one, language) for one in text.arguments],
    }  # fmt: skip


def _argument(one: Argument, language: str) -> dict[str, Any]:
    name, note = _said(f"how_arg_{one.name}", one.name.replace("_", " "), language), one.meaning
    if one.parameter is not None:
        name = label(one.parameter.label, language)
        note = f"{one.parameter.path}: {label(one.parameter.meaning, language)}"
    return {
        "name": one.name, "label": name, "note": note, "low": one.low, "high": one.high, "value": one.value,
        "step": one.step,
    }  # fmt: skip


def _row(one: Parameter, language: str) -> list[str]:
    unit = "" if one.unit == "1" else one.unit
    return [
        label(one.label, language), f"{one.value:g}", f"{one.low:g} – {one.high:g}", str(unit),
        said(f"how_evidence_{one.evidence}", language), label(one.meaning, language), one.path, one.source,
    ]  # fmt: skip


def _said(key: str, otherwise: str, language: str) -> str:
    return said(key, language) if has_text(key) else otherwise


def _translated(key: str, original: str, language: str) -> str:
    """The translation of what the model says of itself, as long as it is one of just that sentence."""
    return said(key, language) if has_text(key) and said(key) == original else original
