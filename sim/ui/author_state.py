"""A scenario while it is being written: its text, its faults, and a form beside it that changes the text.

No widgets here. The text stays the truth: the form reads its values from the text and every change made in the form is
made in the text, where comments, order and quotes survive (ruamel.yaml). Only a text that the guarded reader finds
harmless is ever handed to that library.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path as Folder
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from sim import outcomes
from sim.authoring import scenario_text
from sim.engine import Engine
from sim.lessons import FILE, entries
from sim.packing import MAIN, SUFFIX, opened
from sim.parameters import levers
from sim.rules.stage import STAGES
from sim.safe_yaml import LARGEST, Fault, Faults, read, shorten
from sim.safe_yaml_text import decoded
from sim.scenario import OPENING, Scenario, scenario_from_text
from sim.scenario_files import chain_of
from sim.ui.texts import label as said_label
from sim.ui.texts import said

NAME = "my_scenario"
PREVIEW_CUSTOMERS = 2000
PREVIEW_WEEKS = 104
OWN = ("segments", "firms", "events")  # given in a file, these replace the inherited ones as wholes
MOST_EVENTS = 100
IN_LESSONS = {"objectives", "forecast", "experiments", "questions", "debrief"}  # these tell a lesson from a scenario
_MOST_SHOWN = 4
_SHOWN = ("market_share", "active_customers", "retention", "satisfaction", "profit")

Path = tuple[str | int, ...]


class NotPossible(ValueError):
    """The form cannot change the text (now): a key of the catalogue, `author_cannot_<key>`."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


@dataclass(frozen=True)
class Preview:
    """The market after two years: a row for each firm under each strategy tried, and where customers stand."""

    strategies: tuple[str, ...]
    firms: tuple[str, ...]
    numbers: dict[str, list[list[float]]]  # outcome → strategies × firms
    stages: dict[str, list[int]]  # strategy → customers at each of STAGES, of the first firm


class AuthorState:
    """One author's text: a scenario, or the `lesson.yaml` of a lesson. A pack brings the files that it extends."""

    def __init__(self, text: str = "") -> None:
        self.text = ""
        self.kind = "scenario"
        self._beside: dict[str, bytes] = {}  # files that came with the text in a pack
        self.faults: list[Fault] = []
        self.scenario: Scenario | None = None
        self.merged: dict[str, Any] = {}  # the last text that could be read, over what it extends
        self.own: dict[str, Any] = {}
        self.edit(text or scenario_text(NAME))

    def edit(self, text: str) -> None:
        """Take a new text and find its faults. It may extend shipped scenarios, and files that came with it."""
        self.text = text[: LARGEST + 1]
        self.scenario, self.faults = None, []
        document, source = read(self.text, NAME), self.text.encode("utf-8", "replace")
        is_whole = isinstance(document.data, dict) and not document.faults
        if is_whole:
            self.kind = "lesson" if IN_LESSONS & set(document.data) else "scenario"
        with self._folder() as folder:
            if self.kind == "lesson":
                _, self.scenario, self.faults = entries(document, source, folder / FILE)
                self.scenario = None if self.faults else self.scenario
            else:
                try:
                    self.scenario = scenario_from_text(self.text, NAME, folder if self._beside else None)
                except Faults as error:
                    self.faults = error.faults
            if is_whole:
                self.own = self.merged = document.data
                if self.kind == "scenario":
                    whole = chain_of(document, source, folder / f"{NAME}.yaml" if self._beside else None).root
                    self.merged = whole.data if whole is not None else document.data

    def begin(self, text: str) -> None:
        """Take a text that needs no files beside it."""
        self._beside = {}
        self.edit(text)

    def open(self, data: bytes, name: str) -> None:
        """Take a file from anywhere: a text, or a pack.

        Raises
        ------
        Faults
            With what keeps it from being opened; then the text stays as it was.
        """
        if not (name.lower().endswith(SUFFIX) or data.startswith(b"PK")):
            text, troubles = decoded(data, LARGEST)
            if troubles:
                raise Faults([Fault(shorten(name, 80), *at, message, advice) for at, message, advice in troubles])
            self.begin(text)
            return
        pack = opened(data, shorten(name, 80))
        main = FILE if pack.kind == "lesson" else MAIN
        self._beside = {
            file: content for file, content in pack.files.items() if file != main and not file.endswith(".md")
        }
        self.edit(decoded(pack.files[main], LARGEST)[0])

    @property
    def brought(self) -> str:
        """A digest of the files that came with the text in a pack; empty where none did."""
        return hashlib.sha256(repr(sorted(self._beside.items())).encode()).hexdigest()[:16] if self._beside else ""

    @contextmanager
    def _folder(self) -> Iterator[Folder]:
        """A folder of this text's own for the time of a check, empty but for what came with it."""
        with TemporaryDirectory(prefix="crmsim-") as place:
            folder = Folder(place) / NAME  # a lesson's scenario is called as its folder
            folder.mkdir()
            for file, content in self._beside.items():
                (folder / file).write_bytes(content)
            yield folder

    @property
    def is_readable(self) -> bool:
        """Whether the text is one mapping without anything risky, so that the form may change it."""
        document = read(self.text, NAME)
        return not document.faults and isinstance(document.data, dict)

    # ---------------------------------------------------------------- the form changes the text

    def put(self, path: Path, value: object) -> None:
        """Set one entry, with the mappings above it."""
        if not isinstance(value, str | int | float) or (isinstance(value, float) and not np.isfinite(value)):
            raise NotPossible("value")

        def change(data: Any) -> None:
            for step in path[:-1]:
                if isinstance(data, dict) and step not in data:
                    data[step] = {}
                data = data[step]
            data[path[-1]] = value

        self._change(change)

    def take_over(self, section: str) -> None:
        """Copy an inherited section into the text, so that it can be changed."""
        if section not in OWN or section in self.own:
            raise NotPossible("section")
        inherited = self.merged.get(section)
        self._change(lambda data: data.update({section: inherited if inherited is not None else []}))

    def add_event(self) -> None:
        """One more event, in the middle of the time."""
        weeks = _mapping(self.merged.get("market")).get("weeks")
        week = weeks // 2 if isinstance(weeks, int) else 26
        label = {language: said("author_new_event", language) for language in ("en", "zh")}
        event = {"label": label, "week": week, "weeks": 4, "need": 0.9}

        def change(data: Any) -> None:
            if not isinstance(data.get("events"), list):
                data["events"] = []
            if len(data["events"]) >= MOST_EVENTS:
                raise NotPossible("events")
            data["events"].append(event)

        self._change(change)

    def remove_event(self, k: int) -> None:
        """Take an event of the text's own away."""

        def change(data: Any) -> None:
            del data["events"][k]

        self._change(change)

    def unlock(self, experiment: str, lever: str) -> None:
        """Let students move a lever in an experiment of a lesson, over its whole range."""
        if lever not in levers():
            raise NotPossible("place")

        def change(data: Any) -> None:
            entry = data["experiments"][experiment]
            if entry.get("levers") is None:
                entry["levers"] = {}
            if isinstance(entry["levers"], list):
                entry["levers"].append(lever)
            else:
                entry["levers"][lever] = None

        self._change(change)

    def lock(self, experiment: str, lever: str) -> None:
        """Take a lever away from an experiment."""

        def change(data: Any) -> None:
            unlocked = data["experiments"][experiment]["levers"]
            if isinstance(unlocked, list):
                unlocked.remove(lever)
            else:
                del unlocked[lever]

        self._change(change)

    def _change(self, change: Callable[[Any], None]) -> None:
        if not self.is_readable:
            raise NotPossible("unreadable")
        yaml = YAML(typ="rt")
        yaml.preserve_quotes, yaml.width = True, 10_000
        yaml.indent(mapping=2, sequence=4, offset=2)
        try:
            data = yaml.load(self.text)
            change(data)
            out = io.StringIO()
            yaml.dump(data, out)
        except (YAMLError, KeyError, IndexError, TypeError, ValueError, AttributeError, RecursionError) as error:
            raise NotPossible("place") from error
        self.edit(out.getvalue())

    # ---------------------------------------------------------------- what the form shows

    def form(self, language: str = "en") -> dict[str, Any]:
        """The common parts as they stand, inherited or the text's own; names of segments and firms in a language."""
        data = self.merged
        if self.kind == "lesson":
            return self._lesson_form(data, language)
        market = _mapping(data.get("market"))
        events = data.get("events") if isinstance(data.get("events"), list) else []
        return {
            "title": [_mapping(data.get("title")).get(language, "") for language in ("en", "zh")],
            "market": {key: market.get(key) for key in ("customers", "weeks", "budget", "reference_price")},
            "segments": [
                {"name": name, "label": _label(one, language),
                 "share": _mapping(one).get("share")}
                for name, one in _mapping(data.get("segments")).items()
            ],
            "firms": [
                {"name": name, "label": _label(one, language),
                 **{key: _mapping(one).get(key) for key in ("standing", "awareness", "unit_cost")},
                 "list_price": _mapping(_mapping(_mapping(one).get("levers")).get("pricing")).get("list_price")}
                for name, one in _mapping(data.get("firms")).items()
            ],
            "events": [
                {"label": _mapping(_mapping(one).get("label")).get("en", ""), "week": _mapping(one).get("week"),
                 "weeks": _mapping(one).get("weeks"), "firm": _mapping(one).get("firm", "")}
                for one in events or []
            ],
            "own": [section for section in OWN if section in self.own], "can_change": self.is_readable,
            "kind": "scenario",
        }  # fmt: skip

    def _lesson_form(self, data: dict[str, Any], language: str) -> dict[str, Any]:
        """Titles, size, and the levers that each experiment unlocks."""
        known = levers()
        experiments = []
        for name, one in _mapping(data.get("experiments")).items():
            unlocked = _mapping(one).get("levers")
            names = [path for path in unlocked if path in known] if isinstance(unlocked, dict | list) else []
            title = _mapping(_mapping(one).get("title"))
            experiments.append({
                "name": name, "label": str(title.get(language) or title.get("en") or name),
                "levers": [{"path": path, "label": said_label(known[path].label, language)} for path in names],
            })  # fmt: skip
        return {
            "title": [_mapping(data.get("title")).get(language, "") for language in ("en", "zh")],
            "market": {key: data.get(key) for key in ("minutes", "customers", "worlds")},
            "experiments": experiments, "can_change": self.is_readable, "kind": "lesson",
            "levers": [{"path": path, "label": said_label(one.label, language)} for path, one in known.items()],
        }  # fmt: skip

    def preview(self) -> Preview:
        """Two years of the opening and of some strategies, the text's own first, in a market that is quick."""
        scenario = self.scenario
        if scenario is None:
            raise NotPossible("faults")
        own = [name for name in _mapping(self.own.get("strategies")) if name in scenario.strategies]
        names = list(dict.fromkeys([OPENING, *own, *scenario.strategies]))[:_MOST_SHOWN]
        weeks = min(PREVIEW_WEEKS, scenario.market.weeks)
        customers = min(PREVIEW_CUSTOMERS, scenario.market.customers)
        numbers: dict[str, list[list[float]]] = {name: [] for name in _SHOWN}
        stages = {}
        for name in names:
            engine = Engine(scenario.plan(name, customers=customers, weeks=weeks))
            engine.run()
            found = outcomes.over_horizon(engine)
            for outcome in _SHOWN:
                numbers[outcome].append([float(value) for value in found[outcome]])
            stages[name] = np.bincount(engine.relations[:, 0]["stage"], minlength=len(STAGES)).tolist()
        return Preview(tuple(names), tuple(scenario.entry.firms), numbers, stages)


def _label(entry: Any, language: str) -> str:
    labels = _mapping(_mapping(entry).get("label"))
    return str(labels.get(language) or labels.get("en") or "")


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
