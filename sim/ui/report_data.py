"""What a report carries so that it can be opened again: choices, notes, history; and how it is read back, as hostile.

The data stand in the report's HTML as one JSON block that no browser runs. Whatever comes back from a file may have
been changed by anybody: size, form and every value are checked, and nothing of the rest of the file is looked at.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sim import __version__
from sim.scenario import Scenario
from sim.ui.state import FEWEST, LETTERS, MOST_SEED, Choice, LabState, presets, side_from
from sim.ui.texts import said

LARGEST_FILE = 1_000_000  # characters; a report of this version is about 100,000
LARGEST_BLOCK = 500_000
LONGEST_NOTES = 20_000
LONGEST_NAME = 200
MOST_HISTORY = 300
MOST_LESSONS = 60
_BLOCK = re.compile(r'<script type="application/json" id="crmsim-report">(.*?)</script>', re.DOTALL)
_STRICT = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)

Line = Annotated[str, Field(max_length=600)]
Path = Annotated[str, Field(max_length=80)]


class Strategy(BaseModel):
    """One strategy: the preset it started from and the levers that stand elsewhere."""

    model_config = _STRICT
    letter: Literal["A", "B", "C", "D"]
    preset: Annotated[str, Field(max_length=80)]
    moved: Annotated[dict[Path, float], Field(max_length=200)]


class Data(BaseModel):
    """Everything that comes back from a report."""

    model_config = _STRICT
    format: Literal[1] = 1
    version: Annotated[str, Field(max_length=40)] = __version__
    scenario: Annotated[str, Field(max_length=80)]
    text_hash: Annotated[str, Field(max_length=64)]
    seed: Annotated[int, Field(ge=0, le=MOST_SEED)]
    strategies: Annotated[list[Strategy], Field(min_length=FEWEST, max_length=len(LETTERS))]
    name: Annotated[str, Field(max_length=LONGEST_NAME)] = ""
    notes: Annotated[str, Field(max_length=LONGEST_NOTES)] = ""
    history: Annotated[list[Line], Field(max_length=MOST_HISTORY)] = []
    lessons: Annotated[list[dict[str, Any]], Field(max_length=MOST_LESSONS)] = []  # checked by LessonState.restore
    written: Annotated[str, Field(max_length=10, pattern=r"^\d{4}-\d\d-\d\d$")] = "1970-01-01"


def data_of(
    state: LabState, name: str, notes: str, history: list[str], written: str, lessons: Sequence[dict[str, Any]] = ()
) -> Data:
    """What a report of this state carries. Texts that are too long are cut."""
    return Data(
        scenario=state.scenario.name,
        text_hash=state.scenario.text_hash,
        seed=state.seed,
        strategies=[
            Strategy(
                letter=side.letter, preset=side.preset, moved={path: float(side.levers[path]) for path in side.changed}
            )  # type: ignore[arg-type]
            for side in state.sides
        ],
        name=name[:LONGEST_NAME],
        notes=notes[:LONGEST_NOTES],
        history=[line[:600] for line in history[-MOST_HISTORY:]],
        lessons=list(lessons[:MOST_LESSONS]),
        written=written,
    )


def block(data: Data) -> str:
    """The data as the element that `read` looks for; no text in it can end the element."""
    text = json.dumps(data.model_dump(), ensure_ascii=False).replace("<", "\\u003c")
    return f'<script type="application/json" id="crmsim-report">{text}</script>'


def read(text: Any, language: str) -> Data:
    """The data of a report's HTML.

    Raises
    ------
    ValueError
        In a whole sentence, if the file is too large, is no report, or its data are not in order.
    """
    if not isinstance(text, str):
        raise ValueError(said("report_no_text", language))
    if len(text) > LARGEST_FILE:
        raise ValueError(said("report_too_large", language, most=LARGEST_FILE // 1000))
    found = _BLOCK.findall(text)
    if len(found) != 1 or len(found[0]) > LARGEST_BLOCK:
        raise ValueError(said("report_not_one", language))
    try:
        plain = json.loads(found[0], object_pairs_hook=_once, parse_constant=_refused)
        return Data.model_validate(plain)
    except ValidationError as error:
        faults = [".".join(map(str, one["loc"]))[:60] for one in error.errors(include_input=False, include_url=False)]
        raise ValueError(said("report_faulty", language, where=", ".join(dict.fromkeys(faults[:5])))) from None
    except (ValueError, RecursionError):
        raise ValueError(said("report_not_json", language)) from None


def choice_of(data: Data, scenarios: Mapping[str, Scenario], language: str) -> tuple[Choice, str]:
    """What the data choose, every lever kept within its range; and a remark, empty if all is as it was.

    Raises
    ------
    ValueError
        In a whole sentence, if the scenario or a preset is not known here.
    """
    scenario = scenarios.get(data.scenario)
    if scenario is None:
        raise ValueError(said("report_no_scenario", language, name=data.scenario))
    unknown = [one.preset for one in data.strategies if one.preset not in presets(scenario)]
    letters = [one.letter for one in data.strategies]
    if unknown or letters != sorted(set(letters)):
        raise ValueError(said("report_no_preset", language, name=", ".join(unknown) or ", ".join(letters)))
    sides = tuple(side_from(scenario, one.letter, one.preset, one.moved) for one in data.strategies)
    is_as_it_was = scenario.text_hash == data.text_hash and all(
        dict(side.levers) == dict(side.original) | one.moved for side, one in zip(sides, data.strategies, strict=True)
    )
    return Choice(scenario, sides, data.seed), "" if is_as_it_was else said("report_changed", language)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _refused(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON")
