"""The lab page: story, status, cards of the headline outcomes, whose lives parted, what differs, and charts in tabs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import panel as pn
from panel.io.document import hold
from panel.viewable import Viewable

from sim.ui import cards, theme
from sim.ui.chart_card import tell_again
from sim.ui.charts import TABS, chart
from sim.ui.desk import Answer
from sim.ui.differs import differs
from sim.ui.lab_bars import StatusBar, TabBar
from sim.ui.pages import Page
from sim.ui.visit import Visit

_STYLE = [theme.tokens(), (Path(__file__).parent / "cards.css").read_text(encoding="utf-8")]
_DIMMED = ["is-dimmed"]
_WIDE = {"sizing_mode": "stretch_width", "margin": 0}
_GRID = {"display": "grid", "gap": "12px", "grid-template-columns": "repeat(auto-fit, minmax(min(100%, 400px), 1fr))"}


class Lab(Page):
    """Strategies side by side: what became of them, and the charts that show why."""

    key = "lab"
    has_bench = True

    def __init__(self, visit: Visit, place: Mapping[str, str]) -> None:
        super().__init__(visit, place)
        self.shown: Answer | None = None  # the last answer that came with numbers
        self.status = StatusBar(visit, **_WIDE)
        self.status.on_missed = self._send_again
        self.story, self.cards, self.lives, self.differs = (_html() for _ in range(4))
        self.tabs = TabBar(visit.language, shown=self._tab(), luck=visit.state.luck, **_WIDE)
        self.charts: dict[str, list[Any]] = {}  # tab → its charts, built when it is first shown
        self.grids: dict[str, pn.Column] = {}
        self.drawn: dict[str, Answer] = {}  # tab → the answer that its charts show
        self.room = pn.Column(**_WIDE)
        self._show_choice()
        self._show_answer()
        self.tabs.param.watch(self._turn, "shown")
        self.tabs.param.watch(lambda event: setattr(visit.state, "luck", event.new), "luck")

    def view(self) -> Viewable:
        """All of it, in one column."""
        return pn.Column(
            self.story, self.status, self.cards, self.lives, self.differs, self.tabs, self.room,
            styles={"padding": "14px 20px 28px", "gap": "12px"}, **_WIDE,
        )  # fmt: skip

    def changed(self, names: set[str]) -> None:
        """Show what is new."""
        if names - {"answer"}:
            self._show_choice()
        if "luck" in names:
            self.tabs.luck = self.visit.state.luck
        if "answer" in names:
            self._show_answer()

    def go(self, place: Mapping[str, str]) -> None:
        """Turn to the tab of the place."""
        super().go(place)
        self.tabs.shown = self._tab()

    def close(self) -> None:
        """Let go of what charts are still working out."""
        for one in (one for charts in self.charts.values() for one in charts):
            one.close()

    # ---------------------------------------------------------------- showing

    def _send_again(self) -> None:
        """What the browser was told while it drew the page has passed it by: once more. Charts ask by themselves."""
        self.status.send_again()
        for pane in (self.story, self.cards, self.lives, self.differs):
            for model, _ in list(pane._models.values()):
                tell_again(model, ("text", "css_classes"))

    def _tab(self) -> str:
        wished = self.place.get("tab", "")
        return wished if wished in TABS else next(iter(TABS))

    def _turn(self, _: Any) -> None:
        with hold(self.visit.document):
            if self.tabs.shown != self._tab():
                self.place = self.place | {"tab": self.tabs.shown}
            self._draw()

    def _show_choice(self) -> None:
        state = self.visit.state
        self.story.object = cards.story(state)
        self.differs.object = differs(state)

    def _show_answer(self) -> None:
        """Show what is new in the answer. Until there are new numbers and charts the last ones stay, numbers dimmed."""
        answer, state, before = self.visit.answer, self.visit.state, self.shown
        self.status.tell()
        self.cards.css_classes = [] if answer.courses or before is None else _DIMMED
        self.lives.css_classes = [] if answer.partings or before is None else _DIMMED
        if before is not None and not answer.courses:
            return
        if before is None or answer.courses is not before.courses or answer.differences is not before.differences:
            self.cards.object = cards.cards(answer, state)
        if before is None or answer.partings or answer.letters != before.letters:
            self.lives.object = cards.lives(answer, self.visit.language)
        self.shown = answer
        self._draw()

    def _draw(self) -> None:
        """The charts of the tab on view, built on first need, patched where the answer brings them something new."""
        tab, answer = self.tabs.shown, self.shown
        is_new = tab not in self.charts
        if is_new:
            self.charts[tab] = [chart(key, self.visit.language, self.visit) for key in TABS[tab]]
        before = self.drawn.get(tab)
        if (
            answer is not None
            and answer.courses
            and (before is None or answer.courses is not before.courses or answer.bands is not before.bands)
        ):
            for one in self.charts[tab]:
                one.show(answer)
            self.drawn[tab] = answer
        if is_new:  # Only now: a patch must not reach the browser before what it patches.
            grid = pn.Column(*(one.view for one in self.charts[tab]), styles=_GRID, **_WIDE)
            self.grids[tab] = pn.Column(grid, **_WIDE)  # The outer one can be hidden; `display: grid` would stay.
            self.room.append(self.grids[tab])
        for name, grid in self.grids.items():
            grid.visible = name == tab


def _html() -> pn.pane.HTML:
    return pn.pane.HTML("", stylesheets=_STYLE, **_WIDE)
