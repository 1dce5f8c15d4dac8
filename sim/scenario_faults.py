"""Turns what pydantic finds wrong with a scenario into sentences with file, line, column and a way out."""

from __future__ import annotations

import math
import re
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from sim.safe_yaml import Fault, Node, Path, Position, shorten
from sim.scenario_files import nearest


def dotted(path: Path, whole: str = "The scenario") -> str:
    """A path as it is written in messages: `events[0].week`; `whole` where it is empty."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return shorten(text.removeprefix("."), 120) or whole


def described(value: Any) -> str:
    """A value for a message: short, and saying what kind it is."""
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return number(value)
    if isinstance(value, str):
        return f'the text "{shorten(value)}"'
    return "a mapping" if isinstance(value, dict) else "a list" if isinstance(value, list) else "no plain value"


def number(value: float) -> str:
    """A number as a file writes it."""
    if isinstance(value, int):
        return str(value) if abs(value) < 10**20 else "a very long number"
    if not math.isfinite(value):
        return ".nan" if math.isnan(value) else ".inf" if value > 0 else "-.inf"
    return f"{value:.10g}"


class Places:
    """Where the entries of a merged scenario stand in its files."""

    def __init__(self, root: Node) -> None:
        self.root = root

    def node(self, path: Path) -> Node | None:
        """The node at a path, or None where nothing stands."""
        node = self.root
        for step in path:
            child = _child(node, step)
            if child is None:
                return None
            node = child
        return node

    def fault(self, path: Path, message: str, suggestion: str = "", at_key: bool = False) -> Fault | None:
        """A fault at a value or its key, or at what surrounds a missing one; None if there is one already."""
        node, place = self.root, None
        for step in path:
            if node.is_faulty:
                return None
            child = _child(node, step)
            if child is None:
                removed = node.removed.get(str(step))
                place = removed or node
                at_key = True
                break
            node = child
        if node.is_faulty:
            return None
        place = place or node
        at: Position = place.key_at if at_key else place.at
        return Fault(place.file, *at, message, suggestion)


def _child(node: Node, step: str | int) -> Node | None:
    if isinstance(node.content, dict) and isinstance(step, str):
        return node.content.get(step)
    if isinstance(node.content, list) and isinstance(step, int) and step < len(node.content):
        return node.content[step]
    return None


def schema_faults(
    error: ValidationError, model: type[BaseModel], places: Places, is_whole: bool = True, root: Path = (),
    what: str = "The scenario",
) -> list[Fault]:  # fmt: skip
    """Every fault in a validation error. Of `what` is not whole, missing entries are no faults."""
    faults = []
    for detail in error.errors(include_url=False):
        kind = detail["type"]
        if kind == "missing" and not is_whole:
            continue
        path: Path = (*root, *detail["loc"])
        is_key = path[-1:] == ("[key]",) and places.node(path) is None
        path = path[:-1] if is_key else path
        message, suggestion = _sentences(detail, path, _fields(model, path[len(root) : -1]), is_key, what)
        fault = places.fault(path, message, suggestion, is_key or kind in ("extra_forbidden", "missing"))
        if fault is not None:
            faults.append(fault)
    return faults


def _fields(model: type[BaseModel], path: Path) -> dict[str, FieldInfo]:
    """The fields of the model that stands at a path."""
    current: Any = model
    for step in path:
        if _is_model(current):
            entry = current.model_fields.get(str(step))
            current = None if entry is None else _bare(entry.annotation)
        else:  # a mapping or list: what it holds
            current = _bare((get_args(current) or (None,))[-1])
    return dict(current.model_fields) if _is_model(current) else {}


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _bare(annotation: Any) -> Any:
    """An annotation without Annotated[…] and `| None`."""
    if get_origin(annotation) is Annotated:
        return _bare(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        return _bare(get_args(annotation)[0])
    return annotation


def _sentences(
    detail: ErrorDetails, path: Path, fields: dict[str, FieldInfo], is_key: bool, what: str
) -> tuple[str, str]:
    """What is wrong, and the way out."""
    where, value, kind = dotted(path, what), detail["input"], detail["type"]
    context = detail.get("ctx", {})
    name = str(path[-1]) if path else ""
    help_text = fields[name].description or "" if name in fields else ""
    if kind == "missing":
        return f"{where} is missing.", f"Give it: {help_text}." if help_text else "Add it."
    if kind == "extra_forbidden":
        place = dotted(path[:-1], what)
        return f'{place} has no entry called "{shorten(name)}".', nearest(name, fields)
    if is_key:
        return f'"{shorten(name)}" cannot be a name.', "Use up to 40 letters, digits, - and _, no blanks."
    if kind == "out_of_range":
        return _out_of_range(where, value, context)
    if kind == "not_even":
        return f"{where} is {described(value)} but must be even.", f"Write {value - 1} or {value + 1}."
    if kind == "finite_number":
        return f"{where} is {described(value)} but must be a finite number.", "Write a number with digits."
    if kind in ("int_type", "float_type", "int_from_float"):
        wanted = "a number" if kind == "float_type" else "a whole number"
        return f"{where} must be {wanted}, not {described(value)}.", number_advice(value)
    if kind == "string_type":
        return f"{where} must be a text, not {described(value)}.", _text_advice(value)
    if kind in ("string_too_short", "string_too_long"):
        least, most = context.get("min_length"), context.get("max_length")
        if least:
            return f"{where} is an empty text.", f"Write {help_text or 'something'}."
        return f"{where} has {len(value):,} characters but may have at most {most:,}.", "Shorten it."
    if kind == "string_pattern_mismatch" and path[:1] == ("covers",):
        return (
            f"{described(value).replace('the', 'The', 1)} is no curriculum id.",
            "Use A1-A4, B1-B10, C1-C7, D1-D16 or E1-E14.",
        )
    if kind == "literal_error":
        choices = re.findall(r"'(\w+)'", str(context.get("expected", "")))
        return f"{where} cannot be {described(value)}.", nearest(str(value), choices)
    if kind in ("model_type", "dict_type"):
        return f"{where} must be a mapping, not {described(value)}.", "Write its entries below it, indented."
    if kind == "list_type":
        return f"{where} must be a list, not {described(value)}.", "Begin each of its items with a dash."
    if kind in ("too_short", "too_long"):
        least, most = context.get("min_length"), context.get("max_length")
        limit = f"at least {least}" if least else f"at most {most}"
        change = "Add one." if least else "Leave some out."
        return (
            f"{where} has {len(value)} entries but must have {limit}.",
            change,
        )
    return f"{where} is not valid: {shorten(detail['msg'])}.", "Compare it with a shipped scenario."


def _out_of_range(where: str, value: Any, context: dict[str, Any]) -> tuple[str, str]:
    low, high = number(context["low"]), number(context["high"])
    if context["above"] and value <= context["low"]:
        return f"{where} is {described(value)} but must be above {low}.", f"Write a number up to {high}."
    if context["above"]:
        return f"{where} is {described(value)} but must not be above {high}.", f"Write {high} or less."
    nearest_value = low if value < context["low"] else high
    message = f"{where} is {described(value)} but must lie between {low} and {high}."
    return message, f"The nearest value allowed is {nearest_value}."


def number_advice(value: Any) -> str:
    """How to write the number that was probably meant."""
    if isinstance(value, str):
        plain = re.sub(r"[\s,_]", "", value)
        if re.match(r"[-+]?[0-9]+(\.[0-9]+)?\Z", plain):
            return f"Write {shorten(plain)} without quotes, commas or blanks."
        if re.match(r"[0-9]+(\.[0-9]+)?%\Z", plain):
            return f"Write {number(float(plain[:-1]) / 100)}."
    if isinstance(value, float) and math.isfinite(value):
        return f"Write {math.floor(value)} or {math.ceil(value)}."
    return "Write digits, such as 12."


def _text_advice(value: Any) -> str:
    if isinstance(value, int | float):
        return f'Put it in quotes: "{described(value)}".'
    return "Write a text after the colon."
