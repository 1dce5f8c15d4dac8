"""The author's page: a scenario's text with its faults, a form beside it, what it will teach, and a way to the lab."""

from __future__ import annotations

import base64
import contextlib
import json
import logging
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import panel as pn
import param
from panel.custom import JSComponent
from panel.viewable import Viewable

from sim import lint
from sim.authoring import lesson_text, scenario_text
from sim.lessons import FILE, lessons_folder, shipped_lesson, shipped_lessons
from sim.outcomes import OUTCOMES
from sim.rules.stage import STAGES
from sim.safe_yaml import LARGEST, Faults
from sim.scenario import Scenario
from sim.scenario_files import shipped_folder, shipped_scenarios
from sim.schemas import KINDS, schema
from sim.ui import theme
from sim.ui.author_state import NAME, AuthorState, NotPossible, Preview
from sim.ui.numerals import scale_of
from sim.ui.pages import Page
from sim.ui.safe_text import safe
from sim.ui.texts import has_text, label, said

log = logging.getLogger(__name__)

LARGEST_UPLOAD = 1_400_000  # bytes: what one message of the browser can hold as base64
_FOLDER = Path(__file__).parent
_TEXTS = (
    "text_head", "lesson_head", "form_head", "confirm", "unlock", "unlocked", "minutes", "worlds", "to_lesson",
    "offers", "no_faults", "faults", "help_hint", "download", "upload", "too_large", "start_from",
    "blank", "blank_lesson", "preview", "lint", "lab", "title_en", "title_zh", "customers", "weeks", "budget",
    "reference_price", "segments",
    "firms", "events", "share", "standing", "awareness", "unit_cost", "list_price", "week", "lasts", "take_over",
    "inherited", "add_event", "remove", "working", "firm", "stages", "nothing_found", "line", "unreadable",
)  # fmt: skip


class AuthorDesk(JSComponent):
    """Editor, form and results in one."""

    texts = param.Dict(default={}, doc="Texts by key.")
    schemas = param.Dict(default={}, doc="What the editor completes and explains with, as JSON, by kind of file.")
    is_fresh = param.Boolean(default=True, doc="Whether the text is nobody's yet, so that the browser's memory counts.")
    starts = param.List(default=[], doc="Shipped scenarios and lessons to begin from: name and title.")
    limit = param.Integer(default=LARGEST, doc="Most bytes of a text.")
    most = param.Integer(default=LARGEST_UPLOAD, doc="Most bytes of a file.")
    text = param.String(default="", doc="The text as the server last set it; what is typed comes as a message.")
    faults = param.List(default=[], doc="line, column and sentence of each fault.")
    form = param.Dict(default={}, doc="The common parts.")
    results = param.Dict(default={}, doc="Preview and findings in words.")
    busy = param.String(default="", doc="What is under way, in words.")
    told = param.String(default="", doc="Why the last thing was not possible.")
    brought = param.String(default="", doc="A digest of the files that the text's pack brought; empty for none.")

    _esm = _FOLDER / "author.js"
    _stylesheets = [theme.tokens(), (_FOLDER / "author.css").read_text(encoding="utf-8")]

    def __init__(self, act: Callable[[dict[str, Any]], None], **params: Any) -> None:
        super().__init__(**params)
        self.act = act

    def _handle_msg(self, msg: Any) -> None:
        """Something was typed or pressed. It comes from a browser, so nothing about it is certain."""
        if isinstance(msg, dict):
            self.act(msg)


class Author(Page):
    """The page: one component."""

    key = "author"

    def __init__(self, visit: Any, place: Mapping[str, str]) -> None:
        super().__init__(visit, {})
        self.language = visit.language
        kept = _kept(visit)
        self.state = kept or AuthorState()
        self.desk = AuthorDesk(
            self._act, texts={key: said(f"author_{key}", self.language) for key in _TEXTS},
            schemas={kind: json.dumps(schema(kind)) for kind in KINDS}, is_fresh=kept is None,
            starts=_starts(visit.scenarios, self.language),
            sizing_mode="stretch_width", margin=0,
        )  # fmt: skip
        self._show(is_new_text=True)

    def view(self) -> Viewable:
        """Title, then the bench of whoever writes."""
        title, note = (safe(said(f"author_{part}", self.language)) for part in ("title", "note"))
        css = (_FOLDER / "journey_life.css").read_text(encoding="utf-8")
        head = pn.pane.HTML(
            f'<header><h1>{title}</h1><p class="soft">{note}</p></header>',
            stylesheets=[theme.tokens(), css], sizing_mode="stretch_width", margin=0,
        )  # fmt: skip
        return pn.Column(
            head, self.desk, sizing_mode="stretch_width", margin=0, styles={"padding": "14px 20px 28px", "gap": "12px"}
        )

    # ---------------------------------------------------------------- what the author does

    def _act(self, msg: dict[str, Any]) -> None:
        try:
            self._do(msg)
        except NotPossible as no:
            self.desk.told = said(f"author_cannot_{no.key}", self.language)

    def _do(self, msg: dict[str, Any]) -> None:
        state, desk = self.state, self.desk
        desk.told, desk.is_fresh = "", False
        match msg.get("do"):
            case "type":
                state.edit(str(msg.get("text", "")))
                self._show(is_new_text=False)
                return
            case "recall":
                with contextlib.suppress(NotPossible, Faults):
                    state.open(_content(msg.get("name"), msg.get("data")), str(msg["name"]))
                state.edit(str(msg.get("text", "")))
                self._show(is_new_text=False)
                return
            case "start":
                state.begin(_start(msg.get("name")))
            case "upload":
                self._upload(msg.get("name"), msg.get("data"))
                return
            case "put":
                path = msg.get("path")
                if not isinstance(path, list) or not 1 <= len(path) <= 6 or not all(map(_is_step, path)):
                    raise NotPossible("place")
                state.put(tuple(path), msg.get("value"))  # type: ignore[arg-type]
            case "unlock" | "lock" as change:
                getattr(state, change)(str(msg.get("experiment")), str(msg.get("lever")))
            case "take_over":
                state.take_over(str(msg.get("section")))
            case "add_event":
                state.add_event()
            case "remove_event" if _is_step(msg.get("event")) and isinstance(msg["event"], int):
                state.remove_event(msg["event"])
            case "preview":
                self._work(state.preview, lambda found: preview_words(found, self._scenario(), self.language))
                return
            case "lint":
                scenario = self._scenario()
                self._work(lambda: lint.lint(scenario), self._findings)
                return
            case "lab":
                self._open_lab(self._scenario())
                return
        self._show(is_new_text=True)

    def _upload(self, name: Any, data: Any) -> None:
        """Open a file that the browser sends as base64; it may be anything."""
        if self.desk.busy:
            raise NotPossible("upload")
        content = _content(name, data)
        try:
            self.state.open(content, name)
        except Faults as error:
            self.desk.told = " ".join(f"{fault.message} {fault.suggestion}".strip() for fault in error.faults[:3])
            return
        self.desk.results = {}
        self._show(is_new_text=True)

    def _scenario(self) -> Scenario:
        if self.state.scenario is None:
            raise NotPossible("faults")
        return self.state.scenario

    def _open_lab(self, scenario: Scenario) -> None:
        """Let this visitor's lab have the scenario, beside the shipped ones."""
        self.visit.scenarios[NAME] = scenario
        self.visit.state.choose_scenario(scenario)
        self.visit.open("lab")

    def _findings(self, found: list[lint.Finding]) -> dict[str, Any]:
        """What a class may stumble over, in words."""
        return {"findings": [finding_words(finding, self.language) for finding in found], "is_linted": True}

    def _work(self, task: Callable[[], Any], words: Callable[[Any], dict[str, Any]]) -> None:
        """Run something long beside the event loop."""
        if self.desk.busy:
            return
        self.desk.busy = said("author_working", self.language)

        def guarded() -> Any:
            try:
                return task()
            except NotPossible as no:
                return no
            except Exception:
                log.exception("A scenario could not be run for its author.")
                return NotPossible("run")

        def done(found: Any) -> None:
            self.desk.busy = ""
            if isinstance(found, NotPossible):
                self.desk.told = said(f"author_cannot_{found.key}", self.language)
            else:
                self.desk.results = {**self.desk.results, **words(found)}

        self.visit.work(guarded, done, "author")

    def _show(self, *, is_new_text: bool) -> None:
        state = self.state
        faults = [
            {"line": fault.line, "column": fault.column, "text": f"{fault.message} {fault.suggestion}".strip()}
            for fault in state.faults
        ]
        self.desk.param.update(faults=faults, form=state.form(str(self.visit.language)), brought=state.brought)
        if is_new_text:
            self.desk.text = state.text
        if not is_new_text or not self.desk.is_fresh:
            self.visit.author_state = state  # another language builds the page anew


def _kept(visit: Any) -> AuthorState | None:
    """What this visitor was writing before the page was built anew."""
    found = visit.author_state
    return found if isinstance(found, AuthorState) else None


def _content(name: object, data: object) -> bytes:
    """A file that a browser sends as base64."""
    if not isinstance(name, str) or not isinstance(data, str) or len(data) > 2 * LARGEST_UPLOAD:
        raise NotPossible("upload")
    try:
        return base64.b64decode(data, validate=True)
    except ValueError:
        raise NotPossible("upload") from None


def _starts(scenarios: Mapping[str, Scenario], language: str) -> list[dict[str, str]]:
    """What can be begun from, by title: the shipped scenarios, then the lessons."""
    found = {name: label(scenarios[name].title, language) for name in shipped_scenarios() if name in scenarios}
    for name in shipped_lessons():
        with contextlib.suppress(Faults):
            found[name] = label(shipped_lesson(name).title, language)
    return [{"name": name, "title": title} for name, title in found.items()]


def _start(name: Any) -> str:
    """The text to begin from: a shipped scenario or lesson, or one of one's own."""
    if name in shipped_scenarios():
        return (shipped_folder() / f"{name}.yaml").read_text(encoding="utf-8")
    if name in shipped_lessons():
        return (lessons_folder() / str(name) / FILE).read_text(encoding="utf-8")
    return lesson_text("my_lesson") if name == "--" else scenario_text(NAME)


def _is_step(step: object) -> bool:
    is_key = isinstance(step, str) and 0 < len(step) <= 60
    return is_key or (isinstance(step, int) and not isinstance(step, bool) and 0 <= step < 1000)


def finding_words(finding: lint.Finding, language: str) -> str:
    """A finding as two sentences, in the language if it has been translated."""
    key = f"author_lint_{finding.kind}"
    return said(key, language, **finding.values) if has_text(key) else str(finding)


def preview_words(found: Preview, scenario: Scenario, language: str) -> dict[str, Any]:
    """The market after two years as two tables of words."""
    currency = scenario.market.currency
    firms = [label(firm.label, language) if firm.label else firm.name for firm in scenario.firms]
    rows = []
    for k, strategy in enumerate(found.strategies):
        for f, firm in enumerate(firms):
            cells = []
            for name, values in found.numbers.items():
                finite = [abs(v) for row in values for v in row if math.isfinite(v)]
                scale = scale_of(OUTCOMES[name].unit, max(finite, default=0.0), currency, language)
                cells.append(scale.value(values[k][f]))
            rows.append([label(scenario.strategies[strategy].label, language) if f == 0 else "", firm, *cells])
    heads = ["", said("author_firm", language), *(label(OUTCOMES[name].label, language) for name in found.numbers)]
    stages = [
        {"strategy": label(scenario.strategies[name].label, language), "counts": counts}
        for name, counts in found.stages.items()
    ]
    names = [said(f"stage_{stage}", language) for stage in STAGES]
    colours = [theme.STAGE_COLOURS[stage] for stage in STAGES]
    return {"heads": heads, "rows": rows, "stages": stages, "stage_names": names, "stage_colours": colours}
