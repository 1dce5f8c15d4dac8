"""Packs: one file that holds a scenario or a lesson with everything it extends, to be opened elsewhere.

A pack is a zip of plain texts side by side. Opening one trusts nothing: names, sizes and kinds of entries are checked
before anything is read, sizes again while reading, and what comes out is checked as any file from anywhere is. The
Python files of a lesson stay at home: a lesson from elsewhere is data.
"""

from __future__ import annotations

import io
import re
import stat
import tempfile
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

from sim.lessons import FILE, is_lesson, load_lesson
from sim.safe_yaml import LARGEST, Fault, Faults, Node, shorten
from sim.scenario import load_scenario
from sim.scenario_files import extended_files, find, read_file

SUFFIX = ".crmsim"
LARGEST_PACK = 2_000_000  # bytes
MOST_FILES = 24
MAIN = "scenario.yaml"
_TEXTS = ("en.md", "zh.md")
_NAME = re.compile(r"\w[\w-]{0,60}\.(yaml|yml|md)\Z")


@dataclass(frozen=True)
class Pack:
    """An opened pack: its kind ("scenario" or "lesson"), name, and files by name."""

    kind: str
    name: str
    files: dict[str, bytes]


def packed(path: str | Path) -> tuple[str, bytes]:
    """A name and the bytes of a pack of a scenario's file or a lesson's folder.

    Raises
    ------
    Faults
        With everything that is wrong with it: only what is right can be packed.
    """
    files: dict[str, bytes] = {}
    if is_lesson(path):
        lesson = load_lesson(path)
        name, kind = lesson.name, "lesson"
        main = lesson.folder / FILE
        files = {text: (lesson.folder / text).read_bytes() for text in (FILE, *_TEXTS)}
    else:
        story = load_scenario(path)
        name, kind = story.name, "scenario"
        found = find(path)
        if isinstance(found, Fault):
            raise Faults([found])
        main = found
        files[MAIN] = main.read_bytes()
    for one in extended_files(_scenario_node(main), main):
        files[f"{one.stem}.yaml"] = one.read_bytes()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as pack:
        for file, text in sorted(files.items()):
            pack.writestr(zipfile.ZipInfo(file, (2020, 1, 1, 0, 0, 0)), text, zipfile.ZIP_DEFLATED)
        pack.comment = f"{kind} {name}".encode()
    return name, buffer.getvalue()


def read_pack(path: str | Path) -> bytes:
    """The bytes of a pack's file, no more than a pack may have and one."""
    with Path(path).open("rb") as stream:
        return stream.read(LARGEST_PACK + 1)


def opened(data: bytes, file: str = "pack") -> Pack:
    """What a pack holds, checked.

    Raises
    ------
    Faults
        With what makes it no pack, or with everything that is wrong with what it holds.
    """
    files = _unzipped(data, file)
    kind = "lesson" if FILE in files else "scenario"
    if kind == "scenario" and MAIN not in files:
        raise Faults([_fault(file, "This pack holds neither a scenario nor a lesson.", "Ask for it again.")])
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "pack"
        place.mkdir()
        for name, text in files.items():
            (place / name).write_bytes(text)
        try:
            title = load_lesson(place).title if kind == "lesson" else load_scenario(place / MAIN).title
        except Faults as error:
            raise Faults(_inside(error.faults, file, place)) from None
    return Pack(kind, _name_of(data) or title["en"], files)


def unpack(pack: Pack, folder: Path) -> Path:
    """Write a pack's files into a new folder of its name; that folder.

    Raises
    ------
    ValueError
        If there is such a folder already.
    """
    place = folder / (re.sub(r"[^\w-]+", "_", pack.name).strip("_")[:60] or pack.kind)
    if place.exists():
        raise ValueError(f"{place} is there already. Move it away, or open the pack into another folder.")
    place.mkdir(parents=True)
    for name, text in pack.files.items():
        (place / name).write_bytes(text)
    return place


def _scenario_node(main: Path) -> Node | None:
    """What `extends` is followed from: the scenario itself, or the one inside a lesson."""
    root = read_file(main)[0].root
    if root is None or main.name != FILE:
        return root
    inner: Node = root.content["scenario"]
    return inner if isinstance(inner.content, dict) else Node({"extends": inner}, root.file)


def _unzipped(data: bytes, file: str) -> dict[str, bytes]:
    if len(data) > LARGEST_PACK:
        advice = "Pack a scenario or lesson with crmsim pack: that takes a few thousand."
        raise Faults([_fault(file, f"The pack has more than {LARGEST_PACK:,} bytes.", advice)])
    faults: list[Fault] = []
    files: dict[str, bytes] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as pack:
            entries = pack.infolist()
            if len(entries) > MOST_FILES:
                message = f"The pack holds {len(entries)} files, more than {MOST_FILES}."
                raise Faults([_fault(file, message, "Pack one scenario or lesson at a time.")])
            for entry in entries:
                complaint = _complaint(entry, files)
                if complaint is not None:
                    faults.append(_fault(file, complaint, "Do not use this pack; ask for it again."))
                    continue
                with pack.open(entry) as stream:  # what the entry says of its size is only a claim
                    files[entry.filename] = stream.read(LARGEST + 1)
                if len(files[entry.filename]) > LARGEST:
                    message = f"{entry.filename} in the pack has more than {LARGEST:,} bytes."
                    faults.append(_fault(file, message, "Shorten it: a scenario rarely needs 20,000."))
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError) as error:
        if isinstance(error, Faults):
            raise
        advice = "Ask for it again, or make one with crmsim pack FILE."
        raise Faults([_fault(file, "This is no pack, or it is damaged.", advice)]) from None
    if faults:
        raise Faults(faults)
    return files


def _complaint(entry: zipfile.ZipInfo, files: dict[str, bytes]) -> str | None:
    """Why an entry is refused before it is read."""
    name = shorten(entry.filename)
    if not _NAME.match(entry.filename):
        return f'The pack holds "{name}", which is no plain name of a text.'
    if entry.filename in files:
        return f'The pack holds "{name}" twice.'
    if stat.S_ISLNK(entry.external_attr >> 16):
        return f'The pack holds "{name}", which is a link.'
    if entry.flag_bits & 1:
        return f'The pack holds "{name}", which is locked with a password.'
    return None


def _name_of(data: bytes) -> str:
    """The name that a pack gives itself, as far as it is one."""
    with zipfile.ZipFile(io.BytesIO(data)) as pack:
        words = pack.comment[:200].decode("utf-8", "replace").split()
    return words[1] if len(words) == 2 and re.fullmatch(r"\w[\w-]{0,60}", words[1]) else ""


def _inside(faults: list[Fault], file: str, place: Path) -> list[Fault]:
    """Faults told of the pack, not of the folder where it was looked through."""
    return [Fault(f"{file}/{Path(f.file).name}" if f.file else file, f.line, f.column,
                  f.message.replace(str(place), file), f.suggestion) for f in faults]  # fmt: skip


def _fault(file: str, message: str, suggestion: str) -> Fault:
    return Fault(file, 0, 0, message, suggestion)
