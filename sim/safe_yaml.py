"""Reads YAML that anybody may have written: safely, by YAML 1.2, and remembering where everything stands.

A file is read as a stream of events that is guarded before anything is built: its size, depth and number of
entries are bounded, and anchors, aliases and tags are refused: no text can grow, hang or run anything.
Plain scalars mean what the YAML 1.2 core schema says (`no` and `12:30` are texts, `1e3` is a number), as in
editors, not what YAML 1.1 guessed. Only the pure-Python parser is used: the C one ends the whole process on a
text nested deeply enough.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    DocumentStartEvent,
    Event,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceStartEvent,
)

from sim import safe_yaml_text

LARGEST = 200_000  # bytes
DEEPEST = 20
MOST_ENTRIES = 20_000
MOST_FAULTS = 100

Path = tuple[str | int, ...]
Position = tuple[int, int]


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong, where it stands and the way out. Line and column count from 1; 0: no place."""

    file: str
    line: int
    column: int
    message: str
    suggestion: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}: " if self.line else f"{self.file}: " if self.file else ""
        return f"{place}{self.message} {self.suggestion}".rstrip()


class Faults(ValueError):
    """Everything that is wrong with a file or a request, one fault a line."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        found = list(dict.fromkeys(faults))
        if len(found) > MOST_FAULTS:
            rest = Fault("", 0, 0, "There are more faults after these.", "Mend these first.")
            found = [*found[:MOST_FAULTS], rest]
        self.faults = found
        super().__init__("\n".join(map(str, found)))

    def __reduce__(self) -> tuple[type[Faults], tuple[list[Fault]]]:
        return (Faults, (self.faults,))


@dataclass(slots=True)
class Node:
    """A value and where it and its key stand. `content` is a scalar, or a dict or list of nodes."""

    content: Any
    file: str = ""
    at: Position = (0, 0)
    key_at: Position = (0, 0)
    is_faulty: bool = False  # a fault has been reported here: say no more about it
    removed: dict[str, Node] = field(default_factory=dict)  # entries of an extended file taken away with null

    @property
    def data(self) -> Any:
        """The plain value, without positions."""
        if isinstance(self.content, dict):
            return {key: child.data for key, child in self.content.items()}
        if isinstance(self.content, list):
            return [child.data for child in self.content]
        return self.content

    def walk(self, path: Path = ()) -> Iterator[tuple[Path, Node]]:
        """This node and all beneath it with their paths."""
        yield path, self
        pairs: Iterable[tuple[str | int, Node]] = ()
        if isinstance(self.content, dict):
            pairs = self.content.items()
        elif isinstance(self.content, list):
            pairs = enumerate(self.content)
        for key, child in pairs:
            yield from child.walk((*path, key))


@dataclass(frozen=True)
class Document:
    """What a text holds. With faults the root may be None (unreadable) or lack what was refused."""

    file: str
    root: Node | None
    faults: list[Fault]

    @property
    def data(self) -> Any:
        """The plain data: dicts, lists, texts, numbers, booleans and None."""
        return None if self.root is None else self.root.data

    @property
    def where(self) -> dict[Path, Position]:
        """Path of each value → its (line, column)."""
        return {} if self.root is None else {path: node.at for path, node in self.root.walk()}


class _Stop(Exception):
    """The rest of the text cannot be read, or should not be."""


def read(source: str | bytes, file: str = "text") -> Document:
    """The document in a text, with every fault found. Never raises for what the text says."""
    reader = _Reader(file)
    try:
        text = reader.checked(safe_yaml_text.decoded(source, LARGEST))
        reader.compose(text)
    except _Stop:
        reader.root = None
    return Document(file, reader.root, reader.faults)


def load(source: str | bytes, file: str = "text") -> Any:
    """The plain data in a text.

    Raises
    ------
    Faults
        With everything that is wrong with it.
    """
    document = read(source, file)
    if document.faults:
        raise Faults(document.faults)
    return document.data


def node_of(data: Any, file: str = "", depth: int = 0) -> Node:
    """A node for plain Python data, without positions.

    Raises
    ------
    Faults
        When the data is nested too deeply, or has a key that is not text.
    """
    if depth > DEEPEST:
        raise Faults([Fault(file, 0, 0, f"The data is nested more than {DEEPEST} levels deep.")])
    if isinstance(data, Mapping):
        for key in data:
            if not isinstance(key, str):
                raise Faults([Fault(file, 0, 0, f"The key {key!r} is not text.", "Use a text as the key.")])
        return Node({key: node_of(value, file, depth + 1) for key, value in data.items()}, file)
    if isinstance(data, list | tuple):
        return Node([node_of(value, file, depth + 1) for value in data], file)
    return Node(data, file)


class _Reader:
    """Builds nodes from guarded events, without recursion."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.faults: list[Fault] = []
        self.root: Node | None = None
        self.entries = 0
        self.stack: list[Node] = []  # open collections
        self.keys: list[tuple[str, Position, bool] | None] = []  # per open mapping, the key whose value comes next

    def fault(self, at: Position, message: str, suggestion: str) -> None:
        """Notes a fault; too many end the reading."""
        self.faults.append(Fault(self.file, *at, message, suggestion))
        if len(self.faults) > MOST_FAULTS:
            raise _Stop

    def checked(self, decoded: tuple[str, list[safe_yaml_text.Trouble]]) -> str:
        """The decoded text, unless its characters already forbid reading it."""
        text, troubles = decoded
        for trouble in troubles:
            self.fault(*trouble)
        if troubles:
            raise _Stop
        return text

    def compose(self, text: str) -> None:
        """Reads the events of the one document."""
        documents = 0
        parser = yaml.SafeLoader(text)
        try:
            while parser.check_event():
                event = parser.get_event()
                if isinstance(event, DocumentStartEvent):
                    documents += 1
                    if documents == 2:
                        self.fault(
                            _start(event),
                            "A second document begins here, but a file holds only one.",
                            "Remove the line with --- or put the rest into a file of its own.",
                        )
                        return
                elif isinstance(event, NodeEvent):
                    self.node(event)
                elif isinstance(event, CollectionEndEvent):
                    self.stack.pop()
                    self.keys.pop()
        except yaml.YAMLError as error:
            self.fault(*safe_yaml_text.explained(error))
            raise _Stop from None
        except (ValueError, OverflowError):  # an escape such as "\U99999999" is no character
            at = (parser.line + 1, parser.column + 1)
            self.fault(at, "This escape in quotes names no character.", "Correct it, or use single quotes.")
            raise _Stop from None

    def node(self, event: NodeEvent) -> None:
        """Adds one value, or takes one key."""
        at = _start(event)
        self.entries += 1
        if self.entries > MOST_ENTRIES:
            self.fault(at, f"The file has more than {MOST_ENTRIES:,} entries.", "Split it or leave some out.")
            raise _Stop
        if isinstance(event, MappingStartEvent | SequenceStartEvent) and len(self.stack) >= DEEPEST:
            self.fault(
                at,
                f"The file is nested more than {DEEPEST} levels deep.",
                "A scenario needs no more than six: unnest it.",
            )
            raise _Stop
        is_key = bool(self.stack) and isinstance(self.stack[-1].content, dict) and self.keys[-1] is None
        if is_key:
            self.key(event, at)
        else:
            self.value(event, at)

    def key(self, event: NodeEvent, at: Position) -> None:
        """Takes a mapping's key. A faulty one still gets a place, so that its value has somewhere to go."""
        is_faulty = self.refused(event, at)
        name = ""
        if isinstance(event, ScalarEvent):
            name = event.value
            scalar = name if event.style is not None else safe_yaml_text.resolved(name)
            if not isinstance(scalar, str) and not is_faulty:
                shown = name or "(empty)"
                self.fault(at, f"The key {shown} is not text.", f'Put it in quotes if a name is meant: "{name}".')
                is_faulty = True
            elif not is_faulty:
                is_faulty = self.has_odd_characters(name, at)
        elif not is_faulty:
            self.fault(at, "A list or mapping stands here as a key.", "Write a name before the colon.")
            is_faulty = True
        first = self.stack[-1].content.get(name)
        if first is not None and not is_faulty:
            line, _ = first.key_at
            self.fault(
                at,
                f'The key "{shorten(name)}" stands here twice, first in line {line}.',
                "Keep one of the two.",
            )
            is_faulty = True
        self.keys[-1] = (name, at, is_faulty)
        if isinstance(event, MappingStartEvent | SequenceStartEvent):  # its entries are read and forgotten
            self.open(Node({} if isinstance(event, MappingStartEvent) else [], self.file, at, at, True))

    def value(self, event: NodeEvent, at: Position) -> None:
        """Adds a value to the innermost open collection, or makes it the root."""
        node = Node(None, self.file, at, at, self.refused(event, at))
        if isinstance(event, ScalarEvent):
            self.scalar(event, node)
        elif isinstance(event, MappingStartEvent):
            node.content = {}
        elif isinstance(event, SequenceStartEvent):
            node.content = []
        if not self.stack:
            self.root = node
        elif isinstance(self.stack[-1].content, list):
            self.stack[-1].content.append(node)
        else:
            name, key_at, is_faulty = self.keys[-1] or ("", at, True)
            node.key_at = key_at
            if not is_faulty:
                self.stack[-1].content[name] = node
            self.keys[-1] = None
        if isinstance(event, MappingStartEvent | SequenceStartEvent):
            self.open(node)

    def open(self, node: Node) -> None:
        """Makes a collection the innermost one."""
        self.stack.append(node)
        self.keys.append(None)

    def scalar(self, event: ScalarEvent, node: Node) -> None:
        """The meaning of a scalar; one that is risky to read becomes a fault."""
        text = event.value
        node.content = text
        if self.has_odd_characters(text, node.at):
            node.is_faulty = True
        elif event.style is None and not node.is_faulty:
            advice = safe_yaml_text.risky(text)
            if advice is not None:
                self.fault(node.at, *advice)
                node.is_faulty = True
            else:
                node.content = safe_yaml_text.resolved(text)

    def refused(self, event: NodeEvent, at: Position) -> bool:
        """Faults for what a data file has no use for: anchors, aliases and tags."""
        if isinstance(event, AliasEvent):
            self.fault(
                at,
                f"*{shorten(event.anchor)} is an alias, which a file from anywhere may not use.",
                "Write the value out.",
            )
            return True
        refused = False
        if event.anchor is not None:
            self.fault(
                at,
                f"&{shorten(event.anchor)} is an anchor, which a file from anywhere may not use.",
                "Remove it and write values out where they are needed.",
            )
            refused = True
        tag = getattr(event, "tag", None)
        if tag is not None:
            self.fault(at, f"{shorten(tag)} is a tag, which a data file may not use.", "Remove it.")
            refused = True
        return refused

    def has_odd_characters(self, text: str, at: Position) -> bool:
        """A fault for characters that an escape in quotes brought in."""
        odd = safe_yaml_text.ODD.search(text)
        if odd is None:
            return False
        name = f"U+{ord(odd.group()):04X}"
        self.fault(at, f"This text has the character {name}, which cannot be shown.", "Remove it or its escape.")
        return True


def _start(event: Event) -> Position:
    mark = event.start_mark
    return (1, 1) if mark is None else (mark.line + 1, mark.column + 1)


def shorten(text: object, length: int = 40) -> str:
    """A text for a message: one line, not long."""
    line = re.sub(r"\s+", " ", str(text)).strip()
    return line if len(line) <= length else line[: length - 1] + "…"
