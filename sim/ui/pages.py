"""The pages of the lab, and what a page has to be. This is the contract between the shell and everything in it.

A page
    is a subclass of `Page` with a `key`; its title is the text `page_<key>` of the catalogue. It has one line in
    `PAGES`, which is also the order of the navigation. Its module is imported and the page built when a visitor first
    opens it, `__init__(visit, place)`; after that it stays and is only hidden. It is built for one language: when the
    language changes, the shell closes all pages and builds the visible one anew from its `place`.
view
    `view()` gives what the page shows, one Panel object, made once. Build little at first; tabs and charts on first
    need. No panel-material-ui (its `Page` leaks sessions and speaks only English): native controls in HTML, or
    one JSComponent for a whole part of the page, as `bench.py` does; each costs what one Panel widget does.
changes
    `changed(names)` is called with what has changed since the page last heard: of "scenario", "sides", "question",
    "luck" (bands wanted) and "answer" (`visit.answer` knows more). A hidden page is told when it is shown again. The
    call happens on the event loop with the document held; never simulate here.
place
    Where the visitor is inside the page, as short texts: {"tab": "money", "customer": "204"}. Set `self.place` (anew,
    not in place) and the shell writes it into the address; the page gets it back in `__init__`, and through
    `go(place)` when the visitor presses Back. The names must not be those in `address.RESERVED`. Texts in it come
    from the address bar: check them as anything else from a browser.
work
    Whatever takes more than some 20 ms: `visit.work(task, then)` runs `task()` in the desk's threads and calls
    `then(result)` back on the event loop, unless the visitor has left or asked anew under the same `name`. Numba code
    leaves the GIL; plain Python loops over customers do not, keep them short.
closing
    `close()` when the visitor leaves or the language changes: let go of what would keep the session alive.

What a visit offers (visit.py): `state` (LabState: scenario, sides, language, seed, question, methods that change it),
`desk`, `answer`, `work(task, then, name)`, `open(key, place)` to send the visitor to another page, `language`.

An answer (desk.py): `answer.question.sides[k]` are the levers of strategy `answer.letters[k]`, k from 0 to at most 3;
the first is the one that the others are compared with. `answer.courses[k]` is that strategy's `Course` in the
scenario's own world: `weekly[outcome]` (weeks,) for every outcome that has a weekly course, `stages` (weeks, stages),
`numbers`, and `measures`, what `measures.Watch` found while it ran (sim/ui/measures.py, for this world only). Over
all worlds: `answer.differences[letter][outcome]` and `answer.partings[letter]` for all letters but the first, and, if
luck is asked for, `answer.bands[letter][outcome]` = (low, high), each (weeks,).

Charts (charts.py): `TABS` maps the key of a tab (title `tab_<key>`) to the keys of its charts in order; `chart(key,
language)` builds one, which has `view` (the whole card: heading with the question, sentence, picture, table,
downloads) and `show(answer)`, which patches data only and hides letters that are not there.

Texts: no words in the code. `said(key, language, **values)` (texts.py) fills the {gaps} of a text whose key stands in
the catalogues `sim/locale/en/*.po` and `sim/locale/zh_CN/*.po`. A key is msgid, the text is msgstr, in both
languages. Every part of the lab has its own pair of files, e.g. `charts.po`, `journey.po`, so that nobody edits
another's; a key stands in one file only. A text that counts has msgid_plural (the same key) and is chosen by the
value `n`. Texts from scenario, parameter and outcome files have their languages beside each other and go through
`label(texts, language)`. Whatever enters HTML passes through `safe`. Numbers are written by `numerals.py` with the
language, so that they come out in local form. tests/ui/test_lab_texts.py reads all of it.

Looks: theme.py has the colours of strategies, stages, segments and firms; CSS goes by the variables --ink, --soft,
--line, --paper, --ground, --accent, which follow the page from light to dark. Bokeh's canvases follow it too:
theme.py sets Bokeh's own CSS variables (--bk-major-label-text-color …), so leave text and grid colours of axes at
their defaults.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

import param
from panel.viewable import Viewable

if TYPE_CHECKING:
    from sim.ui.visit import Visit

# key → module and class. The first is where a visitor begins.
PAGES: dict[str, str] = {
    "lab": "sim.ui.lab:Lab",
    "journey": "sim.ui.journey:Journey",
    "how": "sim.ui.how:How",
    "lessons": "sim.ui.lessons_page:Lessons",
    "author": "sim.ui.author_page:Author",
    "results": "sim.ui.results_page:Results",
    "report": "sim.ui.report:Report",
}


class Page(param.Parameterized):
    """One page of the lab for one visitor, in one language."""

    key: ClassVar[str] = ""
    has_bench: ClassVar[bool] = False  # whether the strategies' levers stand beside it

    place = param.Dict(default={}, doc="Where the visitor is inside the page: short texts for the address.")

    def __init__(self, visit: Visit, place: Mapping[str, str]) -> None:
        super().__init__(place=dict(place))
        self.visit = visit

    def view(self) -> Viewable:
        """What the page shows; the shell asks once."""
        raise NotImplementedError(f"{type(self).__name__} has no view.")

    def changed(self, names: set[str]) -> None:
        """Something has changed: see the module's docstring for the names."""

    def go(self, place: Mapping[str, str]) -> None:
        """The visitor has gone back or forward to another place in this page."""
        self.place = dict(place)

    def close(self) -> None:
        """The visitor has gone, or the page is about to be built anew."""


def page_class(key: str) -> type[Page]:
    """The class of a page, imported on first need.

    Raises
    ------
    KeyError
        If there is no such page.
    """
    module, name = PAGES[key].split(":")
    found: type[Page] = getattr(importlib.import_module(module), name)
    return found
