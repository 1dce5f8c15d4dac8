"""The shell: the page that a visitor gets, and what all visitors share."""

from __future__ import annotations

import functools
import logging

import panel as pn
import panel_material_ui as pmui

from sim.engine import Engine
from sim.scenario import Faults, Scenario, load_scenario, shipped_scenarios
from sim.ui import theme
from sim.ui.desk import Desk
from sim.ui.lab import Lab
from sim.ui.sessions import tidy
from sim.ui.state import LabState, Question
from sim.ui.texts import said

log = logging.getLogger(__name__)

pn.extension(reconnect=True)


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
    for name in shipped_scenarios():
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


def open_page() -> pmui.Page:
    """A page for one visitor."""
    document = pn.state.curdoc
    shipped = scenarios()
    lab = Lab(LabState(next(iter(shipped.values()))), desk(), shipped, document)
    page = pmui.Page(
        title=said("app"),
        sidebar=lab.sidebar(),
        main=lab.main(),
        sidebar_width=340,
        sidebar_open=not _is_phone(),
        busy_indicator=None,
        theme_config=theme.PAGE_THEME,
    )
    lab.bench.on_leave = lambda: page.param.update(sidebar_open=False)
    tidy(page, document)
    if document is not None:
        document.on_session_destroyed(lambda _: lab.close())
    return page


def _is_phone() -> bool:
    """Whether the browser says that it runs on a phone, where an open drawer would lie over the results.

    A narrow window on a computer says nothing of the kind; there `bench.js` folds the drawer once the page is drawn.
    """
    return "Mobi" in pn.state.headers.get("User-Agent", "")
