"""The report: notes, the file to hand in, and a file that comes back into the lab."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import panel as pn
import param
from panel.custom import JSComponent
from panel.viewable import Viewable

from sim.ui import report_data, report_html, report_lessons, report_yaml, theme
from sim.ui.lesson_shelf import shelf_of
from sim.ui.pages import Page
from sim.ui.report_data import LARGEST_FILE, LONGEST_NAME, LONGEST_NOTES, Data
from sim.ui.report_history import history
from sim.ui.safe_text import safe
from sim.ui.texts import said

_FOLDER = Path(__file__).parent
_TEXTS = (
    "notes_head", "notes_hint", "name", "notes", "kept", "download", "download_yaml", "file_head", "file_hint",
    "load_head", "load_hint", "load", "loading", "too_large", "history_head", "no_history", "preview", "preview_hint",
)  # fmt: skip


class ReportDesk(JSComponent):
    """Notes and buttons. `made` is a file for the browser to save; `written` what the student wrote."""

    texts = param.Dict(default={}, doc="Texts by key.")
    limits = param.Dict(default={}, doc="Most characters of name and notes, most bytes of a file.")
    written = param.Dict(default={"name": "", "notes": ""}, doc="The student's name and notes.")
    history = param.List(default=[], doc="Decisions as lines of words.")
    state = param.String(default="", doc="How far the results are, in words.")
    can_make = param.Boolean(default=False, doc="Whether there are results to report.")
    told = param.String(default="", doc="What came of loading a file.")
    made = param.Dict(default={}, doc="A file: name, type, text.")
    lessons = param.List(default=[], doc="Work in lessons that came with a report, for the browser to remember.")
    worked = param.List(default=[], doc="Work in lessons that the browser remembers.")
    is_open = param.Boolean(default=False, doc="Whether the report is looked at in the page.")
    preview = param.String(default="", doc="The report as it is looked at.")

    _esm = _FOLDER / "report.js"
    _stylesheets = [theme.tokens(), (_FOLDER / "report.css").read_text(encoding="utf-8")]

    def __init__(self, page: Report, **params: Any) -> None:
        super().__init__(**params)
        self.page = page

    def _handle_msg(self, msg: Any) -> None:
        """A button was pressed. It comes from a browser, so nothing about it is certain."""
        match msg.get("do") if isinstance(msg, dict) else None:
            case "make":
                self.page.make()
            case "look":
                self.page.look()
            case "yaml":
                self.page.make_yaml()
            case "load":
                self.page.load(msg.get("text"))


class Report(Page):
    """The page: one component."""

    key = "report"

    def __init__(self, visit: Any, place: Mapping[str, str]) -> None:
        super().__init__(visit, place)
        self.language = visit.language
        self.earlier: list[str] = []  # decisions of a report that was loaded
        self._previewed: Any = None  # what the preview was made of
        self.desk = ReportDesk(
            self,
            texts={key: said(f"report_{key}", self.language) for key in _TEXTS}
            | {"too_large": said("report_too_large", self.language, most=LARGEST_FILE // 1000)},
            limits={"name": LONGEST_NAME, "notes": LONGEST_NOTES, "bytes": LARGEST_FILE},
            sizing_mode="stretch_width",
            margin=0,
        )
        self.desk.param.watch(lambda *_: self._preview(), ["is_open", "written", "history"])
        self.changed({"answer", "sides"})

    def view(self) -> Viewable:
        """Title, notes, file and history."""
        css = (_FOLDER / "journey_life.css").read_text(encoding="utf-8")
        title, note = (safe(said(f"report_{part}", self.language)) for part in ("title", "note"))
        head = pn.pane.HTML(
            f'<header><h1>{title}</h1><p class="soft">{note}</p></header>',
            stylesheets=[theme.tokens(), css], sizing_mode="stretch_width", margin=0,
        )  # fmt: skip
        return pn.Column(
            head, self.desk, sizing_mode="stretch_width", margin=0, styles={"padding": "14px 20px 28px", "gap": "12px"}
        )

    def changed(self, names: set[str]) -> None:
        """Tell how far the results are, and what has been decided."""
        answer = self.visit.answer
        if names & {"scenario", "sides", "question"}:
            self.desk.history = self._history()
        if not answer.courses:
            told = "report_waiting"
        else:
            told = "report_ready" if answer.differences is not None else "report_measuring"
        self.desk.param.update(can_make=bool(answer.courses), state=said(told, self.language))
        self._preview()

    def look(self) -> None:
        """The browser still waits: tell it again, since what is told while a page is being set up can pass it by."""
        self.desk.param.update(can_make=False, state="")
        self.changed({"answer"})

    # ---------------------------------------------------------------- out

    def make(self) -> None:
        """Write the file and send it to the browser."""
        answer, state, data = self.visit.answer, self.visit.state, self._data()
        if answer.courses and answer.question == state.question:
            self.visit.work(lambda: report_html.document(state, answer, data), self._send, "report")

    def _preview(self) -> None:
        """Bring the preview up to date, if it is open and there is something new."""
        answer, state = self.visit.answer, self.visit.state
        if not (self.desk.is_open and answer.courses and answer.question == state.question):
            return
        data = self._data()
        made_of = (id(answer.courses), id(answer.differences), len(answer.partings), data.model_dump_json())
        if made_of == self._previewed:
            return
        self._previewed = made_of
        self.visit.work(lambda: report_html.document(state, answer, data), self._show_preview, "preview")

    def _show_preview(self, text: str) -> None:
        self.desk.preview = text

    def make_yaml(self) -> None:
        """The scenario file that reproduces the report."""
        text = report_yaml.scenario_yaml(self.visit.state)
        self.desk.made = {"name": report_yaml.FILE, "type": "application/yaml", "text": text}

    def _send(self, text: str) -> None:
        name = f"crmsim-{self.visit.state.scenario.name}-{datetime.date.today():%Y-%m-%d}.html"
        self.desk.made = {"name": name, "type": "text/html", "text": text}

    def _data(self) -> Data:
        """What the report holds, with the work in lessons that the browser and this visit remember."""
        written = self.desk.written
        name, notes = (str(written.get(key) or "") for key in ("name", "notes"))
        today = datetime.date.today().isoformat()
        return report_data.data_of(
            self.visit.state,
            name,
            notes,
            self._history(),
            today,
            report_lessons.collected(self.desk.worked, shelf_of(self.visit)),
        )

    def _history(self) -> list[str]:
        return [*self.earlier, *history(self.visit.state)]

    # ---------------------------------------------------------------- back in

    def load(self, text: Any) -> None:
        """Take over the choices and notes of a report, or say why not."""
        try:
            data = report_data.read(text, self.language)
            choice, remark = report_data.choice_of(data, self.visit.scenarios, self.language)
        except ValueError as error:
            self.desk.told = str(error)
            return
        self.visit.state.choose(choice)
        works = report_lessons.taken_up(data.lessons)
        shelf_of(self.visit).put(works)
        self.earlier = [*data.history, said("report_loaded_here", self.language, written=data.written)]
        self.desk.param.update(
            written={"name": data.name, "notes": data.notes},
            told=" ".join([said("report_loaded", self.language), remark]).strip(),
            history=list(self.earlier),
            lessons=[state.as_dict() for state in works.values()],
        )
