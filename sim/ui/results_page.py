"""The results page: opens a finished batch, picks an outcome, holds factors still, shows the pictures.

Which batches there are and what is in them, `results_shelf.py` says; nothing here reads a file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import panel as pn
import param
from panel.custom import JSComponent
from panel.viewable import Viewable

from sim.outcomes import OUTCOMES
from sim.ui import theme
from sim.ui.chart_intervals import RESULT_CHARTS
from sim.ui.pages import Page
from sim.ui.results_shelf import About, NotShown, Seen, results
from sim.ui.results_words import factor_name, what_name
from sim.ui.safe_text import safe
from sim.ui.texts import label, said

_FOLDER = Path(__file__).parent
_WIDE = {"sizing_mode": "stretch_width", "margin": 0}
_GRID = {"display": "grid", "gap": "12px", "grid-template-columns": "repeat(auto-fit, minmax(min(100%, 480px), 1fr))"}
_COUNTS = ("runs", "points", "worlds", "customers", "weeks")
FREE = ""  # a factor that is not held
# How a batch comes to be here: typed, so the same in every language.
COMMANDS = "crmsim batch EXPERIMENT --out results/mine\ncrmsim serve --results results"

Control = dict[str, Any]


class ResultsDesk(JSComponent):
    """What is looked at: batch, outcome, strategy, axes, and what is held still."""

    texts = param.Dict(default={}, doc="Texts by key.")
    head = param.Dict(default={}, doc="The batch in words: title, question, about.")
    picks = param.List(default=[], doc="What can be picked: name, label, options as [value, label], value, is_held.")
    told = param.String(default="", doc="Why there is nothing to see.")
    commands = param.String(default="", doc="What to type to get something.")
    wish = param.Dict(default={}, doc="What the visitor has picked last: name, value.")

    _esm = _FOLDER / "results.js"
    _stylesheets = [theme.tokens(), (_FOLDER / "results.css").read_text(encoding="utf-8")]


class Results(Page):
    """Finished batches: controls, then charts that are patched."""

    key = "results"

    def __init__(self, visit: Any, place: Mapping[str, str]) -> None:
        super().__init__(visit, place)
        self.language = visit.language
        texts = {key: said(f"results_{key}", self.language) for key in ("hold", "hold_none", "controls")}
        self.desk = ResultsDesk(texts=texts, **_WIDE)
        self.charts = {key: kind(key, self.language) for key, kind in RESULT_CHARTS.items()}
        # A card cannot be hidden itself: its `display` would stay. What is around it can.
        self.cards = {
            key: pn.Column(chart.view, visible=False, styles={"height": "100%"}, **_WIDE)
            for key, chart in self.charts.items()
        }
        for chart in self.charts.values():
            chart.view.styles = {"flex": "1 1 auto"}
        self.grid = pn.Column(*self.cards.values(), styles=_GRID, **_WIDE)
        self.desk.param.watch(self._pick, "wish")
        self.go(place)

    def view(self) -> Viewable:
        """Title, controls and charts."""
        title, note = (safe(said(f"results_{part}", self.language)) for part in ("title", "note"))
        css = (_FOLDER / "journey_life.css").read_text(encoding="utf-8")
        head = pn.pane.HTML(
            f'<header><h1>{title}</h1><p class="soft">{note}</p></header>', stylesheets=[theme.tokens(), css], **_WIDE
        )
        return pn.Column(head, self.desk, self.grid, styles={"padding": "14px 20px 28px", "gap": "12px"}, **_WIDE)

    def go(self, place: Mapping[str, str]) -> None:
        """Show what a place says, as far as it makes sense; it takes a moment, so the desk's threads do it."""
        shelf, place = results(), dict(place)
        names = shelf.names()
        if not names:
            self._refuse("results_none", names, commands=COMMANDS)
            return
        wished = place.get("batch", "")
        name = wished if wished in names else names[0]

        def look() -> Seen | NotShown:
            try:
                return shelf.look(name, place)
            except NotShown as error:
                return error

        def show(found: Seen | NotShown) -> None:
            if isinstance(found, Seen):
                self._show(found, names)
            else:
                self._refuse(found.key, names, name)

        self.visit.work(look, show, "results")

    def _pick(self, event: Any) -> None:
        """The visitor has picked something. It comes from a browser, so nothing about it is certain."""
        name, value = (str(event.new.get(key, "")) for key in ("name", "value"))
        if name == "ready":
            self._show_again(value)
            return
        if name == "batch":
            self.go({"batch": value})
            return
        place = self.place | {name: value}
        if name in ("x", "y") and place.get("x") == place.get("y"):  # one axis takes the other's factor: they swap
            place["y" if name == "x" else "x"] = self.place.get(name, "")
        self.go({key: text for key, text in place.items() if text})

    # ---------------------------------------------------------------- showing

    def _show(self, seen: Seen, names: Sequence[str]) -> None:
        about = seen.about
        counts = [said(f"results_n_{name}", self.language, n=about.counts[name]) for name in _COUNTS]
        if about.counts["failed"]:
            counts.append(said("results_n_failed", self.language, n=about.counts["failed"]))
        design = said(f"results_design_{about.design}", self.language)
        self.desk.param.update(
            head={
                "title": label(about.title, self.language),
                "question": label(about.question, self.language) if about.question else "",
                "about": " · ".join([design, *counts]),
            },
            picks=[self._batches(names, seen.name), *self._controls(about, seen)],
            told="", commands="",
        )  # fmt: skip
        for key, chart in self.charts.items():
            self.cards[key].visible = _is_fitting(key, seen)
            chart.show(seen)
        self.place = {"batch": seen.name, **seen.place}

    def _show_again(self, seen: str) -> None:
        """The browser has drawn the page. What it was told while it did so may have passed it by: it is told again."""
        desk, state = self.desk, {name: getattr(self.desk, name) for name in ("head", "picks", "told", "commands")}
        if seen == (desk.head.get("title") or desk.told):
            return
        desk.param.update(head={}, picks=[], told="", commands="")
        desk.param.update(**state)
        for card in self.cards.values():
            card.visible = not card.visible
            card.visible = not card.visible

    def _refuse(self, key: str, names: Sequence[str], name: str = "", commands: str = "") -> None:
        for card in self.cards.values():
            card.visible = False
        picks = [self._batches(names, name)] if names else []
        self.desk.param.update(head={}, picks=picks, told=said(key, self.language), commands=commands)
        self.place = {"batch": name} if name else {}

    def _batches(self, names: Sequence[str], shown: str) -> Control:
        return self._control("batch", said("results_batch", self.language), [[one, one] for one in names], shown)

    def _controls(self, about: About, seen: Seen) -> list[Control]:
        outcomes = [[name, label(OUTCOMES[name].label, self.language)] for name in about.outcomes]
        whats = [[what, what_name(what, about, self.language)] for what in about.whats]
        found = [
            self._control("outcome", said("results_outcome", self.language), outcomes, seen.place["outcome"]),
            self._control("what", said("results_what", self.language), whats, seen.place["what"]),
        ]
        factors = [[path, factor_name(path, self.language)] for path in about.paths]
        for axis in ("x", "y"):
            if axis in seen.place:
                found.append(self._control(axis, said(f"results_{axis}", self.language), factors, seen.place[axis]))
        axes = {seen.place.get("x"), seen.place.get("y")}
        free = [FREE, said("results_all", self.language)]
        for choice in about.choices if seen.has_curves else ():
            if choice.path not in axes:
                options = [free, *([one, one.replace("-", "−")] for one in choice.labels)]
                name, value = factor_name(choice.path, self.language), seen.place.get(choice.path, FREE)
                found.append(self._control(choice.path, name, options, value, is_held=True))
        return found

    def _control(
        self, name: str, title: str, options: list[list[str]], value: str, *, is_held: bool = False
    ) -> Control:
        return {"name": name, "label": title, "options": options, "value": value, "is_held": is_held}


def _is_fitting(key: str, seen: Seen) -> bool:
    """Whether a batch has anything for a chart to show."""
    match key:
        case "results_curve":
            return seen.has_curves
        case "results_map":
            return seen.has_curves and len(seen.about.paths) > 1
        case "results_indices":
            return seen.about.design in ("sobol", "morris")
    return not seen.effects.empty
