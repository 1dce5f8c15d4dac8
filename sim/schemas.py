"""JSON Schemas (draft 7) of scenario and lesson files, by which editors complete, explain and underline.

What the schema knows is read from the entries and from `sim/params/`: every lever and parameter with label, unit and
range. A file may leave out whatever it extends, so a schema asks for little; `crmsim check` asks for everything.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sim.lesson_schema import LessonEntry
from sim.outcomes import OUTCOMES
from sim.parameters import Parameter, catalogue
from sim.scenario_schema import ScenarioEntry

DRAFT = "http://json-schema.org/draft-07/schema#"
KINDS = ("scenario", "lesson")
_WHOLE = ("SegmentEntry", "FirmEntry", "AttributesEntry", "EventEntry")  # never laid over anything: must be complete
_TAKEN_AWAY = ("types", "strategies")  # null takes an inherited entry away


def schema(kind: str) -> dict[str, Any]:
    """The schema of a kind of file, "scenario" or "lesson"."""
    return _lesson() if kind == "lesson" else _scenario()


def file_name(kind: str) -> str:
    """What a schema's file is called."""
    return f"{kind}.schema.json"


def editor_line(kind: str, folder: str = "") -> str:
    """The line by which an editor finds the schema, from a file in the same folder (or at `folder` from there)."""
    return f"# yaml-language-server: $schema={folder}{file_name(kind)}"


def has_editor_line(path: Path) -> bool:
    """Whether a file's first line names a schema that is there."""
    first = path.read_text(encoding="utf-8").partition("\n")[0]
    head, equals, target = first.partition("$schema=")
    return head.startswith("# yaml-language-server:") and bool(equals) and (path.parent / target.strip()).is_file()


def _scenario() -> dict[str, Any]:
    made = _drafted(ScenarioEntry.model_json_schema(), "A crmsim scenario")
    properties = made["properties"]
    properties["extends"] = {"type": "string", "description": "the scenario that this one extends, such as _baseline"}
    for name in _TAKEN_AWAY:
        entry = properties[name]
        entry["additionalProperties"] = {"anyOf": [entry["additionalProperties"], {"type": "null"}]}
        entry.pop("minProperties", None)
    properties["parameters"] = _tree(is_lever=False) | {"description": "numbers of the model put to other values"}
    made["definitions"]["Levers"] = _tree(is_lever=True)
    definitions = made["definitions"]
    for name in ("FirmEntry", "StrategyEntry"):
        levers = definitions[name]["properties"]["levers"]
        definitions[name]["properties"]["levers"] = {
            "allOf": [{"$ref": "#/definitions/Levers"}], "description": levers["description"],
        }  # fmt: skip
    definitions["EventEntry"]["properties"]["set"] = _flat() | {"description": "levers put to a value"}
    segment = definitions["SegmentEntry"]["properties"]["types"]  # one type may be named without a share
    definitions["SegmentEntry"]["properties"]["types"] = {
        "anyOf": [{"type": "string"}, segment], "description": segment["description"],
    }  # fmt: skip
    return made


def _lesson() -> dict[str, Any]:
    made = _drafted(LessonEntry.model_json_schema(), "A crmsim lesson")
    inner = _scenario()
    made["definitions"] |= inner["definitions"]
    made["definitions"]["Scenario"] = {key: inner[key] for key in ("type", "additionalProperties", "properties")}
    own = made["properties"]
    own["scenario"] = {
        "description": "a shipped scenario's name, or a scenario that extends one",
        "anyOf": [{"type": "string"}, {"$ref": "#/definitions/Scenario"}],
    }
    own["strategies"] = inner["properties"]["strategies"]
    definitions = made["definitions"]
    goal = {"type": "string", "pattern": "^at (least|most) "}
    goals: dict[str, Any] = {
        "type": "object",
        "additionalProperties": False,
        "properties": dict.fromkeys(OUTCOMES, goal),
    }
    for holder, key in (("Experiment", "goals"), ("Reason", "holds")):
        entry = definitions[holder]["properties"][key]
        measures = dict(goals["properties"]) | ({"spending": goal} if key == "goals" else {})
        definitions[holder]["properties"][key] = goals | {"properties": measures, "description": entry["description"]}
    definitions["Guess"]["properties"]["outcome"]["enum"] = list(OUTCOMES)
    levers = definitions["Experiment"]["properties"]["levers"]
    ends = {"anyOf": [{"type": "array", "minItems": 2, "maxItems": 2}, {"type": "null"}]}
    flat = _flat()
    definitions["Experiment"]["properties"]["levers"] = {
        "description": levers["description"],
        "anyOf": [
            flat | {"properties": {path: ends | {"description": one["description"]} for path, one in
                                   flat["properties"].items()}},
            {"type": "array", "items": {"enum": list(flat["properties"])}},
        ],
    }  # fmt: skip
    made["required"] = [*made.get("required", []), "scenario"]
    return made


def _drafted(made: dict[str, Any], title: str) -> dict[str, Any]:
    """A schema of pydantic's as draft 7: definitions in their old place, nothing asked for that may be inherited."""
    definitions = made.pop("$defs", {})
    for name, entry in definitions.items():
        if name not in _WHOLE and title == "A crmsim scenario":
            entry.pop("required", None)
    if title == "A crmsim scenario":
        made.pop("required", None)
    whole = {"$schema": DRAFT, "title": title} | {key: value for key, value in made.items() if key != "title"}
    whole["definitions"] = definitions
    drafted: dict[str, Any] = _rewritten(whole)
    return drafted


def _rewritten(node: Any) -> Any:
    """References to `definitions`, beside which draft 7 reads nothing else, so that descriptions go around them."""
    if isinstance(node, list):
        return [_rewritten(item) for item in node]
    if not isinstance(node, dict):
        return node
    made = {key: _rewritten(value) for key, value in node.items() if not (key == "title" and isinstance(value, str)
            and "$schema" not in node)}  # fmt: skip
    if "patternProperties" in made:  # names: editors read patterns as JavaScript does, where \\w knows no Chinese
        (made["additionalProperties"],) = made.pop("patternProperties").values()
    if "$ref" in made:
        reference = {"$ref": str(made.pop("$ref")).replace("#/$defs/", "#/definitions/")}
        return made | {"allOf": [reference]} if made else reference
    return made


def _tree(*, is_lever: bool) -> dict[str, Any]:
    """Levers or parameters as files nest them: stem, then name."""
    stems = {}
    for stem, entries in catalogue().items():
        those = {name: _value(p) for name, p in entries.items() if p.is_lever is is_lever}
        if those:
            stems[stem] = {"type": "object", "additionalProperties": False, "properties": those}
    return {"type": "object", "additionalProperties": False, "properties": stems}


def _flat() -> dict[str, Any]:
    """Levers by dotted name, as events and experiments write them."""
    those = {p.path: _value(p) for entries in catalogue().values() for p in entries.values() if p.is_lever}
    return {"type": "object", "additionalProperties": False, "properties": those}


def _value(parameter: Parameter) -> dict[str, Any]:
    """One lever or parameter: what an editor shows, and the range it underlines."""
    p = parameter
    unit = "" if p.unit == "1" else f" {p.unit}"
    kind = "integer" if p.is_whole else "number"
    number = {"type": kind, "minimum": p.low, "maximum": p.high, "default": p.value}
    text = (
        f"{p.label['en']} · {p.label['zh']}\n\n{p.meaning['en']} {p.meaning['zh']}\n\n"
        f"From {p.low:g} to {p.high:g}{unit}; {p.value:g} unless given."
    )
    if not p.percent_of:
        return number | {"description": text}
    share = {"type": "string", "pattern": r"^ *[0-9]+(\.[0-9]+)? *% *$"}
    of = "the budget" if p.percent_of == "budget" else "the reference price"
    return {"anyOf": [number, share], "description": f"{text} Or a share of {of}, such as 20%."}
