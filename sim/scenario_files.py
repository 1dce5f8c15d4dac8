"""Finds scenario files, follows `extends` from one to the next, and lays each over the one it extends."""

from __future__ import annotations

import difflib
import functools
import os
import re
import stat
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from sim.safe_yaml import LARGEST, Document, Fault, Node, read, shorten

LONGEST_CHAIN = 8
KEPT = 40_000  # bytes of a file that is not read again as long as it stays as it is
# Given in a file, these replace the inherited ones as wholes.
REPLACED = ("segments", "firms", "events")
# Here null is a value; elsewhere it takes the inherited entry away.
NULL_MEANS_ALIKE = ("taste_concentration", "shape", "concentration")

_PACKAGE = Path(__file__).resolve().parent
_NAME = re.compile(r"\w[\w-]*(\.ya?ml)?\Z")


@dataclass
class Chain:
    """A file and those it extends, laid over one another. Not `is_whole` where one could not be found."""

    file: str
    root: Node | None = None
    faults: list[Fault] = field(default_factory=list)
    texts: list[bytes] = field(default_factory=list)
    is_whole: bool = True


def shipped_folder() -> Path:
    """Where the shipped scenarios are: inside an installed package, or beside it in a checkout."""
    inside = _PACKAGE / "shipped" / "scenarios"
    return inside if inside.is_dir() else _PACKAGE.parent / "scenarios"


def shipped_scenarios() -> list[str]:
    """The names of the shipped scenarios, in order. Names that begin with _ are only to be extended."""
    names = (path.stem for path in shipped_folder().glob("*.yaml"))
    return sorted(name for name in names if not name.startswith("_"))


def nearest(name: str, known: Iterable[str], otherwise: str = "") -> str:
    """A suggestion: the known name most like this one, or the known ones, or another way out."""
    names = [str(one) for one in known]
    close = difflib.get_close_matches(name[:60], names, n=1, cutoff=0.6)
    if close:
        return f"Did you mean {close[0]}?"
    if otherwise or not names:
        return otherwise
    return f"Known here: {', '.join(names[:12])}{', …' if len(names) > 12 else ''}."


def shown(path: Path) -> str:
    """A path as a reader knows it: from the current folder where it lies below it."""
    try:
        return str(path.absolute().relative_to(Path.cwd()))
    except (ValueError, OSError):
        return str(path)


def find(name_or_path: str | Path) -> Path | Fault:
    """The file of a shipped scenario's name, or of a path."""
    text = str(name_or_path)
    if "\0" in text:
        return Fault("", 0, 0, "A file's name cannot hold the character U+0000.", "Remove it.")
    if isinstance(name_or_path, str) and _NAME.match(text) and not text.endswith((".yaml", ".yml")):
        shipped = shipped_folder() / f"{text}.yaml"
        if os.path.isfile(shipped):
            return shipped
    path = Path(name_or_path)
    if os.path.exists(path) and not os.path.isdir(path):
        return path
    what = "folder, not a file" if os.path.isdir(path) else ""
    names = [*shipped_scenarios(), *(one.name for one in _beside(path.parent))]
    message = f"{shorten(text, 80)} is a {what}." if what else f"There is no scenario {shorten(text, 80)}."
    return Fault("", 0, 0, message, nearest(path.name, dict.fromkeys(names)))


def _beside(folder: Path) -> list[Path]:
    try:
        return sorted(folder.glob("*.yaml"))[:200]
    except OSError:
        return []


def read_file(path: Path) -> tuple[Document, bytes]:
    """A file's document and its text. What cannot be opened is a fault too."""
    file = shown(path)
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            return _unreadable(file, "it is not an ordinary file")
        with path.open("rb") as stream:
            text = stream.read(LARGEST + 1)
    except OSError as error:
        return _unreadable(file, (error.strerror or "the system refuses it").lower())
    return (_kept if len(text) <= KEPT else read)(text, file), text


@functools.lru_cache(maxsize=32)
def _kept(text: bytes, file: str) -> Document:
    """What a text says. Everyday files are read over and over, by lessons, experiments and while somebody writes."""
    return read(text, file)


def _unreadable(file: str, why: str) -> tuple[Document, bytes]:
    fault = Fault(file, 1, 1, f"The file cannot be read: {why}.", "Check its path and permissions.")
    return Document(file, None, [fault]), b""


def chain_of_file(path: Path) -> Chain:
    """Reads a file and what it extends."""
    document, text = read_file(path)
    return chain_of(document, text, path)


def chain_of(document: Document, text: bytes, path: Path | None = None) -> Chain:
    """Follows `extends` from a document; without a path only shipped scenarios can be extended."""
    chain = Chain(document.file)
    layers: list[Node] = []
    paths: list[Path] = [] if path is None else [path]
    while True:
        chain.faults += document.faults
        chain.texts.append(text)
        root = document.root
        if root is None or not isinstance(root.content, dict):
            chain.is_whole = False
            if not document.faults:
                chain.faults.append(_not_a_mapping(document))
            break
        layers.append(root)
        extends = root.content.get("extends")
        if extends is None:
            break
        found = _extended(extends, paths, len(layers))
        if not isinstance(found, Path):
            chain.is_whole = False
            chain.faults += found
            break
        paths.append(found)
        document, text = read_file(found)
    for layer in layers:
        chain.root = layer if chain.root is None else _lay(chain.root, layer, ())
    if chain.root is not None:
        own = {key: node for key, node in chain.root.content.items() if key != "extends"}
        chain.root = replace(chain.root, content=own)
    return chain


def extended_files(root: Node | None, path: Path) -> list[Path]:
    """The files that a scenario without faults extends, the nearest first; `path` is where it stands itself."""
    paths = [path]
    while root is not None and isinstance(root.content, dict) and root.content.get("extends") is not None:
        found = _extended(root.content["extends"], paths, len(paths))
        if not isinstance(found, Path):
            break
        paths.append(found)
        root = read_file(found)[0].root
    return paths[1:]


def _not_a_mapping(document: Document) -> Fault:
    at = (1, 1) if document.root is None else document.root.at
    message = "A scenario is a mapping of entries, but this is not one."
    if document.root is None or document.root.content is None:
        message = "The file is empty."
    return Fault(document.file, *at, message, "Begin with extends: _baseline, a title and a story.")


def _extended(node: Node, paths: list[Path], length: int) -> Path | list[Fault]:
    """The file that `extends` names, or what is wrong with it."""
    name = node.content

    def fault(message: str, suggestion: str) -> list[Fault]:
        return [Fault(node.file, *node.at, message, suggestion)]

    if node.is_faulty:
        return []
    if not isinstance(name, str):
        return fault("extends must be the name of a scenario.", "Write extends: _baseline, or remove the line.")
    if not _NAME.match(name):
        return fault(
            f'extends: "{shorten(name)}" is not the plain name of a scenario.',
            "Name a shipped scenario or a file in the same folder, without a path.",
        )
    if length >= LONGEST_CHAIN:
        return fault(f"This is the {LONGEST_CHAIN}th file that extends another.", "Let one of them stand on its own.")
    stem = name.removesuffix(".yaml").removesuffix(".yml")
    if not paths:
        candidates = []
    else:
        folder = paths[-1].parent
        candidates = [folder / name] if stem != name else [folder / f"{name}.yaml", folder / f"{name}.yml"]
    shipped = shipped_folder() / f"{stem}.yaml"
    for candidate in candidates:
        if not os.path.lexists(candidate):
            continue
        if _same(candidate, paths[-1]) and os.path.isfile(shipped) and not _same(candidate, shipped):
            continue  # a copy that keeps the name of the shipped file it extends
        if os.path.dirname(os.path.realpath(candidate)) != os.path.realpath(candidate.parent):
            return fault(f"{name} is a link that leads out of the folder.", "Put a copy of the file into the folder.")
        return _uncircled(candidate, paths) or fault(*_circle(candidate, paths))
    if os.path.isfile(shipped):
        return _uncircled(shipped, paths) or fault(*_circle(shipped, paths))
    beside = _beside(paths[-1].parent) if paths else []
    known = [*shipped_scenarios(), "_baseline", *(one.stem for one in beside)]
    return fault(f"There is no scenario {shorten(name)} to extend.", nearest(stem, dict.fromkeys(known)))


def _same(one: Path, other: Path) -> bool:
    return os.path.realpath(one) == os.path.realpath(other)


def _uncircled(path: Path, paths: list[Path]) -> Path | None:
    return None if any(_same(path, earlier) for earlier in paths) else path


def _circle(path: Path, paths: list[Path]) -> tuple[str, str]:
    way = " extends ".join(one.name for one in [*paths, path])
    return f"extends goes round in a circle: {way}.", "Let one of them stand on its own or extend _baseline."


def _lay(over: Node, base: Node, path: tuple[str, ...]) -> Node:
    """One node over another: mappings entry by entry, everything else as a whole."""
    is_whole = len(path) == 1 and path[0] in REPLACED
    if is_whole or not isinstance(over.content, dict) or not isinstance(base.content, dict):
        return over
    content = dict(base.content)
    removed = dict(base.removed)
    for key, node in over.content.items():
        inherited = base.content.get(key)
        if inherited is None:
            content[key] = node
        elif node.content is None and not node.is_faulty and key not in NULL_MEANS_ALIKE:
            del content[key]
            removed[key] = node
        else:
            content[key] = _lay(node, inherited, (*path, key))
    return Node(content, over.file, over.at, over.key_at, over.is_faulty, {**removed, **over.removed})
