"""One visitor's lab: what is on the page, and what a change of the state sets off.

A change goes state → bench (levers, budget) and state → desk (runs). Answers come back from the desk's threads through
the document's next tick, and are shown only if they answer what is still asked.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import panel as pn
import panel_material_ui as pmui
from bokeh.document import Document
from panel.io.document import hold
from panel.viewable import Viewable

from sim.scenario import Scenario
from sim.ui import cards, theme
from sim.ui.bench import Bench
from sim.ui.charts import Charts
from sim.ui.desk import Answer, Desk, Ticket
from sim.ui.state import LETTERS, LabState
from sim.ui.texts import label, said

_STYLE = [theme.tokens(), (Path(__file__).parent / "cards.css").read_text(encoding="utf-8")]
_DIMMED = ["is-dimmed"]
_GRID = {"display": "grid", "gap": "12px", "grid-template-columns": "repeat(auto-fit, minmax(min(100%, 400px), 1fr))"}
_PAIR = {"display": "grid", "grid-template-columns": "1fr 1fr"}
_CARD = {
    "background": "var(--mui-palette-background-paper)", "border": "1px solid var(--mui-palette-divider)",
    "border-radius": "8px", "padding": "12px 14px 6px", "min-width": "0", "height": "auto",
}  # fmt: skip


class Lab:
    """The views of one session and the thread that ties them together."""

    def __init__(self, state: LabState, desk: Desk, scenarios: dict[str, Scenario], document: Document | None) -> None:
        self.state = state
        self.desk = desk
        self.scenarios = scenarios
        self.document = document
        self.ticket: Ticket | None = None
        self.answer = desk.answered(state.question)
        self.shown: Answer | None = None  # the last answer that came with numbers
        self.picker = pmui.Select(
            label=said("scenario", state.language), options=self._titles(), value=state.scenario.name,
            margin=(14, 16, 6, 16), sizing_mode="stretch_width", size="small",
        )  # fmt: skip
        self.bench = Bench(state, sizing_mode="stretch_width", margin=0)
        self.story, self.status, self.cards, self.lives = (_html() for _ in range(4))
        self.charts = Charts(state.language)
        self._show_story()
        self._show_answer(self.answer)
        self.picker.param.watch(self._pick, "value")
        state.param.watch(self._react, ["scenario", "sides", "question"])
        if not self.answer.is_complete:
            self.ticket = desk.ask(state.question, self._tell)

    def sidebar(self) -> list[Viewable]:
        """What the student's left hand works with."""
        return [self.picker, self.bench]

    def main(self) -> list[Viewable]:
        """What the student looks at."""
        charts = self.charts
        stages = pn.Column(*(_pane(charts.stages[k].plot) for k in LETTERS), styles=_PAIR, sizing_mode="stretch_width")
        grid = pn.Column(
            self._chart("retention", _pane(charts.retention.plot)),
            self._chart("profit", _pane(charts.profit.plot)),
            self._chart("promise", _pane(charts.promise.plot)),
            self._chart("stages", stages),
            styles=_GRID,
            sizing_mode="stretch_width",
        )
        return [
            pn.Column(
                self.story, self.status, self.cards, self.lives, grid,
                sizing_mode="stretch_width", margin=0, styles={"padding": "14px 20px 28px", "gap": "12px"},
            )
        ]  # fmt: skip

    def close(self) -> None:
        """The visitor has gone: stop what is under way."""
        if self.ticket is not None:
            self.ticket.cancel()
        self.document = None

    # ---------------------------------------------------------------- what a change sets off

    def _titles(self) -> dict[str, str]:
        return {label(scenario.title, self.state.language): name for name, scenario in self.scenarios.items()}

    def _chart(self, name: str, plot: Viewable) -> pn.Column:
        head = _html(cards.chart_head(name, self.state.language))
        return pn.Column(head, plot, styles=_CARD, sizing_mode="stretch_width", margin=0)

    def _pick(self, event: Any) -> None:
        self.state.choose_scenario(self.scenarios[event.new])

    def _react(self, *events: Any) -> None:
        """Show the change where the student made it, and ask again where the question has changed."""
        changed = {event.name for event in events if event.old is not event.new}
        answer = self.answer
        if self.state.question != answer.question:
            if self.ticket is not None:
                self.ticket.cancel()
            answer = self.desk.answered(self.state.question)
            if not answer.is_complete:  # The runs begin first: they go on while the page is brought up to date.
                self.ticket = self.desk.ask(self.state.question, self._tell)
        with hold(self.document):
            self.bench.show(is_new_setup="scenario" in changed)
            if "scenario" in changed:
                self._show_story()
            if answer is not self.answer:
                self._show_answer(answer)

    def _tell(self, answer: Answer) -> None:
        """Called from the desk's threads."""
        document = self.document
        if document is not None:
            document.add_next_tick_callback(partial(self._hear, answer))

    def _hear(self, answer: Answer) -> None:
        if self.document is None or answer.question != self.state.question:
            return
        with hold(self.document):
            self._show_answer(answer)

    def _show_story(self) -> None:
        self.story.object = cards.story(self.state)

    def _show_answer(self, answer: Answer) -> None:
        """Show what is new in an answer. Until there are new numbers and charts the last ones stay, numbers dimmed."""
        language, before, self.answer = self.state.language, self.shown, answer
        self.status.object = cards.status(answer, language)
        self.cards.css_classes = [] if answer.courses or before is None else _DIMMED
        self.lives.css_classes = [] if answer.parting or before is None else _DIMMED
        if before is not None and not answer.courses:
            return
        if before is None or answer.courses is not before.courses or answer.differences is not before.differences:
            self.cards.object = cards.cards(answer, self.state)
        if before is None or answer.parting is not None:
            self.lives.object = cards.lives(answer, language)
        if before is None or answer.courses is not before.courses:
            self.charts.show(answer)
        self.shown = answer


def _html(text: str = "") -> pn.pane.HTML:
    return pn.pane.HTML(text, stylesheets=_STYLE, sizing_mode="stretch_width", margin=0)


def _pane(plot: Any) -> pn.pane.Bokeh:
    return pn.pane.Bokeh(plot, sizing_mode="stretch_width", margin=0)
