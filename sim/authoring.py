"""A commented, valid start for those who write a scenario or a lesson: `sim/templates/` with the name filled in."""

from __future__ import annotations

import json
import re
from pathlib import Path

from sim.lessons import FILE, FILES
from sim.schemas import editor_line, file_name, schema

_TEMPLATES = Path(__file__).resolve().parent / "templates"
_NAME = re.compile(r"\w[\w-]{0,39}\Z")


def scenario_text(name: str) -> str:
    """The text of a new scenario."""
    return _filled("scenario.yaml", name, editor_line("scenario"))


def lesson_text(name: str) -> str:
    """The text of a new lesson's `lesson.yaml`."""
    return _filled(FILE, name, editor_line("lesson", "../"))


def new_scenario(name: str, folder: Path) -> list[Path]:
    """Write `name.yaml` and, beside it, the schema that editors read. Raises ValueError in a whole sentence."""
    _check(name, "scenario")
    path = folder / f"{name}.yaml"
    _write(path, scenario_text(name))
    return [path, *_with_schema(folder, "scenario")]


def new_lesson(name: str, folder: Path) -> list[Path]:
    """Write the folder of a lesson and, beside it, the schema that editors read. Raises ValueError likewise."""
    _check(name, "lesson")
    place = folder / name
    if place.exists():
        raise ValueError(f"{place} is there already. Choose another name, or move it away.")
    place.mkdir(parents=True)
    for file in FILES:
        line = editor_line("lesson", "../") if file == FILE else ""
        _write(place / file, _filled(file, name, line))
    return [*(place / file for file in FILES), *_with_schema(folder, "lesson")]


def _filled(file: str, name: str, line: str) -> str:
    text = (_TEMPLATES / f"{file}.txt").read_text(encoding="utf-8")
    if file.endswith(".py"):
        return text
    title = re.sub(r"[_-]+", " ", name.lstrip("0123456789_-")).strip().capitalize() or name
    return text.format(name=name, title=title, editor_line=line)


def _with_schema(folder: Path, kind: str) -> list[Path]:
    path = folder / file_name(kind)
    if path.exists():
        return []
    _write(path, json.dumps(schema(kind), ensure_ascii=False) + "\n")
    return [path]


def _check(name: str, kind: str) -> None:
    if not _NAME.match(name):
        advice = "Use up to 40 letters, digits, - and _, no blanks and no folders"
        raise ValueError(f'"{name[:60]}" cannot be the name of a {kind}. {advice}, such as my_{kind}.')


def _write(path: Path, text: str) -> None:
    if path.exists():
        raise ValueError(f"{path} is there already. Choose another name, or move it away.")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
