"""Lessons: folders with what is asked (`lesson.yaml`) and what is read (`en.md`, `zh.md`), found, checked and loaded.

Beside these lie `facts.py`, which asserts what the texts claim, and `bot.py`, which plays the lesson; only
the tests run them. A lesson from elsewhere is data: nothing of it is ever executed.
"""

from __future__ import annotations

import functools
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from sim.lesson_checks import LessonChecks
from sim.lesson_schema import LessonEntry
from sim.lesson_texts import read_texts
from sim.safe_yaml import Document, Fault, Faults, Node
from sim.scenario import Scenario, scenario_from_document
from sim.scenario_faults import Places, schema_faults
from sim.scenario_files import nearest, read_file, shown

FILE = "lesson.yaml"
FILES = (FILE, "en.md", "zh.md", "facts.py", "bot.py")

_PACKAGE = Path(__file__).resolve().parent


@dataclass(frozen=True, eq=False)
class Lesson:
    """A lesson that has been checked. `texts` are Markdown: language → section → text."""

    name: str
    folder: Path
    entry: LessonEntry
    scenario: Scenario
    texts: dict[str, dict[str, str]]
    text_hash: str

    @property
    def title(self) -> dict[str, str]:
        """The title in both languages."""
        return self.entry.title.model_dump()

    @property
    def covers(self) -> tuple[str, ...]:
        """The curriculum ids it teaches."""
        return tuple(self.entry.covers)

    def weeks(self, experiment: str | None = None) -> int:
        """Weeks that an experiment runs; without one, the scenario's."""
        own = self.entry.experiments[experiment].weeks if experiment is not None else None
        return own or self.scenario.market.weeks

    def strategy(self, name: str) -> dict[str, float]:
        """All levers of a named strategy."""
        return dict(self.scenario.strategies[name].levers)

    def start(self, experiment: str) -> str:
        """The strategy as which one's own begins in an experiment."""
        entry = self.entry.experiments[experiment]
        return entry.start or entry.versus


def lessons_folder() -> Path:
    """Where the shipped lessons are: inside an installed package, or beside it in a checkout."""
    inside = _PACKAGE / "shipped" / "lessons"
    return inside if inside.is_dir() else _PACKAGE.parent / "lessons"


def shipped_lessons() -> list[str]:
    """The names of the shipped lessons, in the order in which a course follows them."""
    return sorted(path.parent.name for path in lessons_folder().glob(f"*/{FILE}"))


def load_lesson(name_or_folder: str | Path) -> Lesson:
    """A shipped lesson by its name (or its number: `01`), or one from a folder.

    Raises
    ------
    Faults
        With everything that is wrong, including that there is no such lesson.
    """
    folder = _found(name_or_folder)
    document, text = read_file(folder / FILE)
    entry, scenario, faults = entries(document, text, folder / FILE)
    texts, text_faults, sources = read_texts(folder, entry)
    faults += text_faults
    if faults or entry is None or scenario is None:
        raise Faults(faults)
    digest = hashlib.sha256(b"\0".join([scenario.text_hash.encode(), text, *sources])).hexdigest()
    return Lesson(folder.resolve().name, folder, entry, scenario, texts, digest)


@functools.lru_cache(maxsize=64)
def shipped_lesson(name: str) -> Lesson:
    """A shipped lesson, read once."""
    return load_lesson(lessons_folder() / name)


def check_lesson(name_or_folder: str | Path) -> list[Fault]:
    """Everything that is wrong with a lesson; an empty list if nothing is."""
    try:
        load_lesson(name_or_folder)
    except Faults as error:
        return error.faults
    return []


def is_lesson(path: str | Path) -> bool:
    """Whether a path is that of a lesson's folder or of its `lesson.yaml`."""
    return Path(path).name == FILE or (Path(path) / FILE).is_file()


def _found(name_or_folder: str | Path) -> Path:
    path = Path(name_or_folder)
    if path.name == FILE:
        path = path.parent
    if (path / FILE).is_file():
        return path
    text, known = str(name_or_folder), shipped_lessons()
    named = [name for name in known if text and text in (name, name.partition("_")[0])]
    if len(named) == 1:
        return lessons_folder() / named[0]
    raise Faults([Fault("", 0, 0, f"There is no lesson {text[:80]}.", nearest(path.name, known, "Name its folder."))])


def entries(
    document: Document, text: bytes, path: Path
) -> tuple[LessonEntry | None, Scenario | None, list[Fault]]:  # fmt: skip
    """The entries of a lesson's file and its scenario, as far as they are right, and the faults of both."""
    faults, root = list(document.faults), document.root
    if root is None or not isinstance(root.content, dict):
        if not faults:
            advice = "Compare it with a shipped lesson, or write one with crmsim new lesson NAME."
            faults = [Fault(shown(path), 1, 1, "A lesson is a mapping of entries, but this is not one.", advice)]
        return None, None, faults
    own = {key: node for key, node in root.content.items() if key not in ("scenario", "strategies")}
    places = Places(Node(own, root.file, root.at, root.key_at, root.is_faulty))
    scenario = None
    try:
        scenario = _scenario(root, text, path)
    except Faults as error:
        faults += error.faults
    entry = None
    try:
        entry = LessonEntry.model_validate(places.root.data)
    except ValidationError as error:
        faults += schema_faults(error, LessonEntry, places, what="The lesson")
    strategies = list(scenario.strategies) if scenario is not None else None
    faults += LessonChecks(places, scenario, strategies).all()
    faults = sorted(dict.fromkeys(faults), key=lambda fault: (fault.file != document.file, fault.line, fault.column))
    return entry, scenario, faults


def _scenario(root: Node, text: bytes, path: Path) -> Scenario:
    """The scenario that a lesson names or describes, with the strategies that the lesson adds."""
    given: Any = root.content.get("scenario")
    if given is None:
        advice = "Give it: the name of a scenario, or a mapping that extends one."
        raise Faults([Fault(root.file, *root.at, "scenario is missing.", advice)])
    if isinstance(given.content, dict):
        content = dict(given.content)
    else:
        content = {"extends": given}
    strategies = root.content.get("strategies")
    if strategies is not None:
        content["strategies"] = _joined(content.get("strategies"), strategies)
    node = Node(content, root.file, given.at, given.key_at, given.is_faulty)
    return scenario_from_document(Document(root.file, node, []), text, path.resolve().parent.name, path)


def _joined(own: Node | None, added: Node) -> Node:
    both = own is not None and isinstance(own.content, dict) and isinstance(added.content, dict)
    if own is None or not both:
        return added
    return Node({**own.content, **added.content}, added.file, added.at, added.key_at, added.is_faulty)
