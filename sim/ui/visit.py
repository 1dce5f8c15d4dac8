"""One visitor: what was chosen, what is known about it, and the way back from the desk's threads to the page.

The newest question counts. When it changes, what is under way for the last one is called off; what comes in for
another question than the present one is dropped.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

import param
from bokeh.document import Document
from panel.io.document import hold

from sim.scenario import Scenario
from sim.ui.desk import Answer, Desk, Ticket
from sim.ui.state import LabState

T = TypeVar("T")


class Visit(param.Parameterized):
    """What all pages of one visitor share. The shell watches `answer`, and says where `open` leads."""

    answer: Any = param.ClassSelector(class_=Answer, doc="What is known of the present question.")

    def __init__(
        self, state: LabState, desk: Desk, scenarios: Mapping[str, Scenario], document: Document | None
    ) -> None:
        super().__init__()
        self.state = state
        self.desk = desk
        self.scenarios = dict(scenarios)  # by name; a page may add the visitor's own
        self.document = document
        self.author_state: Any = None  # what the visitor writes on the author's page: another language builds it anew
        self.open: Callable[..., None] = lambda key, place=None: None
        self._ticket: Ticket | None = None
        self._newest: dict[str, object] = {}  # name of a kind of work → the last request
        self.ask()
        state.param.watch(self._react, ["question", "luck"])

    @property
    def language(self) -> str:
        """The language of all texts."""
        return str(self.state.language)

    def ask(self) -> None:
        """Answer the present question, from what is known or by running it."""
        if self._ticket is not None:
            self._ticket.cancel()
        answer = self.desk.answered(self.state.question)
        if not answer.is_complete:
            self._ticket = self.desk.ask(self.state.question, self._tell)
        self._show(answer)

    def stop(self) -> None:
        """Call off what is under way, at the visitor's wish."""
        if self._ticket is not None and not self.answer.is_complete:
            self._ticket.cancel()
            self._show(replace(self._whole, is_stopped=True, progress=None))

    def work(self, task: Callable[[], T], then: Callable[[T], None], name: str = "") -> None:
        """Run `task()` in the desk's threads and `then(result)` on the event loop, document held.

        Nothing is told to a visitor who has left, nor where newer work of the same name has been asked for since.
        """
        request = object()
        self._newest[name] = request

        def is_wanted() -> bool:
            return self.document is not None and self._newest.get(name) is request

        def told(result: T) -> None:
            if is_wanted():
                with hold(self.document):
                    then(result)

        self.desk.work(task, lambda result: self.later(partial(told, result)), is_wanted)

    def later(self, call: Callable[[], None]) -> None:
        """Call something on the event loop, from any thread; nothing once the visitor has left."""
        document = self.document
        if document is not None:
            with contextlib.suppress(AttributeError):  # Bokeh takes a document apart a moment before it tells us.
                document.add_next_tick_callback(call)

    def close(self) -> None:
        """The visitor has gone: stop what is under way."""
        if self._ticket is not None:
            self._ticket.cancel()
        self._newest.clear()
        self.document = None

    def _react(self, *events: Any) -> None:
        if any(event.name == "question" for event in events):
            self.ask()
        else:
            self._show(self._whole)

    def _tell(self, answer: Answer) -> None:
        """Called from the desk's threads."""
        self.later(partial(self._hear, answer))

    def _hear(self, answer: Answer) -> None:
        if self.document is not None and answer.question == self.state.question and not self.answer.is_stopped:
            with hold(self.document):
                self._show(answer)

    def _show(self, answer: Answer) -> None:
        """Bands are for those who asked for luck."""
        self._whole = answer
        self.answer = answer if self.state.luck else replace(answer, bands=None)
