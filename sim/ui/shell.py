"""The shell: the page that a visitor gets, and what all visitors share."""

from __future__ import annotations

import functools
import logging
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import panel as pn
from bokeh.document import Document
from panel.io.document import hold
from panel.io.resources import LOCAL_DIST
from panel.viewable import Viewable

from sim.engine import Engine
from sim.scenario import Faults, Scenario, load_scenario, shipped_scenarios
from sim.ui import frame, waiting
from sim.ui.address import choice_of, language_of, place_of, read, written
from sim.ui.bench import Bench
from sim.ui.desk import Desk
from sim.ui.frame import Frame
from sim.ui.pages import PAGES, Page, page_class
from sim.ui.state import LANGUAGES, LabState, Question
from sim.ui.texts import said
from sim.ui.visit import Visit
from sim.ui.waiting import Room

log = logging.getLogger(__name__)

pn.extension(browser_info=False)
ROOM = Room()

FIRST_SHOWN = "coffee"  # whoever comes without a wish meets what everybody knows


@functools.cache
def desk() -> Desk:
    """The desk that all visitors of this server share."""
    return Desk()


@functools.cache
def scenarios() -> dict[str, Scenario]:
    """The shipped scenarios by name. A faulty one is left out and told of in the log.

    Raises
    ------
    ValueError
        If there is none to show.
    """
    found, faults = {}, []
    for name in sorted(shipped_scenarios(), key=lambda name: name != FIRST_SHOWN):
        try:
            found[name] = load_scenario(name)
        except Faults as error:
            faults += [str(fault) for fault in error.faults]
    for fault in faults:
        log.warning("%s", fault)
    if not found:
        raise ValueError(said("no_scenarios", faults="\n".join(faults)))
    return found


@functools.cache
def prepare() -> None:
    """Once for a server: compile the engine by a tiny run, and begin to answer what every visitor sees first."""
    first = next(iter(scenarios().values()))
    Engine(first.plan(customers=20, weeks=1, warm_up=1)).run()
    question: Question = LabState(first).question
    if not desk().answered(question).is_complete:
        desk().ask(question, lambda answer: None)


class Shell:
    """One visitor's page: the frame, the bench, and the pages, built when first opened and from then on only hidden."""

    def __init__(self, visit: Visit, told: Mapping[str, str]) -> None:
        self.visit = visit
        self.pages: dict[str, Page] = {}
        self.views: dict[str, Viewable] = {}
        self.missed: dict[str, set[str]] = {}  # page → what has changed since it last heard
        self.key = told.get("page", "") if told.get("page") in PAGES else next(iter(PAGES))
        self.bench = Bench(visit, sizing_mode="stretch_width", margin=0)
        self.frame = Frame(self._act, setup=frame.setup_of(self.key, visit.language), width=0, height=0)
        self.room = pn.Column(sizing_mode="stretch_width", margin=0)
        self._build(place_of(told))
        visit.open = self.open
        # After the visit, which asks the desk: the runs are under way while the page shows what was chosen.
        watched = ["scenario", "sides", "question", "luck", "language"]
        visit.state.param.watch(self._react, watched, precedence=1)
        visit.param.watch(self._react, ["answer"])

    def open(self, key: str, place: Mapping[str, str] | None = None) -> None:
        """Go to a page, and to a place in it."""
        if key not in PAGES:
            return
        with hold(self.visit.document):
            if key != self.key:
                self.views[self.key].visible = False
                self.key = key
                if key in self.pages:
                    self.views[key].visible = True
                else:
                    self._build(place or {})
                self.frame.setup = frame.setup_of(key, self.visit.language)
            if place is not None and dict(place) != self.pages[key].place:
                self.pages[key].go(place)
            self._tell_page()
            self._write_address()

    def close(self) -> None:
        """The visitor has gone."""
        for page in self.pages.values():
            page.close()
        self.visit.close()

    # ---------------------------------------------------------------- what the visitor does with the frame

    def _act(self, message: dict[str, Any]) -> None:
        match message.get("do"):
            case "open":
                self.open(str(message.get("page")))
            case "language" if message.get("language") in LANGUAGES:
                self.visit.state.language = message["language"]
            case "undo":
                self.visit.state.undo()
            case "redo":
                self.visit.state.redo()
            case "go":
                self._go(read(str(message.get("address"))))

    def _go(self, told: Mapping[str, str]) -> None:
        """The visitor went back or forward to another address."""
        state = self.visit.state
        with hold(self.visit.document):
            state.language = language_of(told, state.language)
            state.luck = told.get("luck") == "1"
            state.choose(choice_of(told, self.visit.scenarios, state.scenario))
            self.open(told.get("page", self.key), place_of(told))

    # ---------------------------------------------------------------- what a change sets off

    def _build(self, place: Mapping[str, str]) -> None:
        page = page_class(self.key)(self.visit, place)
        page.param.watch(lambda _: self._write_address(), "place")
        self.pages[self.key], self.missed[self.key], self.views[self.key] = page, set(), page.view()
        self.room.append(self.views[self.key])
        self._write_address()

    def _react(self, *events: Any) -> None:
        changed = {event.name for event in events if event.old is not event.new}
        with hold(self.visit.document):
            if "language" in changed:
                self._speak()
            for missed in self.missed.values():
                missed |= changed
            if changed - {"answer"}:
                self.bench.tell(is_new_setup=bool(changed & {"scenario", "language"}))
                self._write_address()
            self._tell_page()

    def _speak(self) -> None:
        """Everything anew in another language; pages that are not on view wait until they are."""
        place = self.pages[self.key].place
        for page in self.pages.values():
            page.close()
        self.pages.clear()
        self.missed.clear()
        self.views.clear()
        self.room.clear()
        self.frame.setup = frame.setup_of(self.key, self.visit.language)
        self._build(place)

    def _tell_page(self) -> None:
        missed = self.missed[self.key]
        if missed:
            self.missed[self.key] = set()
            self.pages[self.key].changed(missed)

    def _write_address(self) -> None:
        if self.key in self.pages:
            self.frame.address = written(self.visit.state, self.key, self.pages[self.key].place)


def open_page(document: Document | None = None) -> Shell | None:
    """Build the page of one visitor into a document; None, and a page that waits, where there is no room."""
    document = document or pn.state.curdoc
    if document is None:
        raise RuntimeError("There is no document to build the page into. Please name one.")
    context: Any = document.session_context
    request = context.request if context else None
    arguments = request.arguments if request else {}
    told = read(urlencode({name: values[-1] for name, values in arguments.items()}))
    document.template_variables["dist_url"] = LOCAL_DIST  # Until a page is drawn Panel would have a CDN instead.
    shipped = scenarios()
    first = next(iter(shipped.values()))
    accepted = request.headers.get("Accept-Language", "") if request else ""
    if not ROOM.has_room:
        document.template = waiting.template()
        document.template_variables.update(waiting.variables(language_of(told, accepted), False, ""))
        return None
    state = LabState(
        choice_of(told, shipped, first), language=language_of(told, accepted), luck=told.get("luck") == "1"
    )
    shell = Shell(Visit(state, desk(), shipped, document), told)
    shell.frame.session = context.id if context else ""
    for name, view in (("frame", shell.frame), ("bench", shell.bench), ("page", shell.room)):
        view.server_doc(document, location=False)
        document.roots[-1].name = name
    document.title = shell.frame.setup["title"]
    document.template = frame.template()
    document.template_variables.update(frame.variables(shell.frame.setup, shell.frame.session))
    document.config.update(reconnect_session=False, notify_connection_status=False)  # frame.js does both
    ROOM.visitors += 1
    document.on_session_destroyed(lambda _: leave(shell))
    return shell


def leave(shell: Shell) -> None:
    """A visitor has gone."""
    ROOM.visitors -= 1
    shell.close()
