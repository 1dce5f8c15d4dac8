"""Scenarios: a market with its story, read from a file that is checked strictly, and made into plans to run.

`load_scenario("coffee").plan("4C")` is everything a run needs. A file says `extends:` and only what differs;
every fault of a file, and of those it extends, is told at once with file, line, column and a suggestion.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from sim.plan import FirmPlan, Plan, Segment
from sim.safe_yaml import Document, Fault, Faults, node_of, read
from sim.scenario_checks import OPENING, Checks
from sim.scenario_faults import Places, schema_faults
from sim.scenario_files import Chain, chain_of, chain_of_file, find, shipped_folder, shipped_scenarios
from sim.scenario_levers import weekly_budget
from sim.scenario_plan import Change, Strategy, build_plan, firms_of, segments_of, strategies_of
from sim.scenario_schema import MarketEntry, ScenarioEntry

__all__ = [
    "OPENING",
    "Fault",
    "Faults",
    "Scenario",
    "Strategy",
    "check",
    "load_scenario",
    "scenario_from",
    "scenario_from_document",
    "scenario_from_text",
    "shipped_folder",
    "shipped_scenarios",
    "weekly_budget",
]


@dataclass(frozen=True)
class Scenario:
    """A market that has been checked. Its `strategies` begin with `opening`, the first firm's own levers.

    `file` is where it was read from; `text_hash` the SHA-256 of its text and of those it extends.
    """

    name: str
    title: dict[str, str]
    story: dict[str, str]
    covers: tuple[str, ...]
    seed: int
    file: str
    text_hash: str
    entry: ScenarioEntry
    segments: tuple[Segment, ...]
    firms: tuple[FirmPlan, ...]
    strategies: dict[str, Strategy]

    @property
    def market(self) -> MarketEntry:
        """The market's own numbers: customers, weeks, budget, …"""
        return self.entry.market

    @property
    def wage(self) -> float:
        """What a service agent costs in a week, for `weekly_budget`."""
        return self.strategies[OPENING].wage

    def plan(
        self,
        strategy: str | Mapping[str, Change] = OPENING,
        *,
        customers: int | None = None,
        weeks: int | None = None,
        warm_up: int | None = None,
        seed: int | None = None,
        sets: Mapping[str, Change] | None = None,
        levers: Mapping[str, Change] | None = None,
    ) -> Plan:
        """Everything one run needs.

        Parameters
        ----------
        strategy : a name in `strategies`, or dotted levers → values laid over the opening ones
        customers, weeks, warm_up, seed : instead of the scenario's
        levers : dotted levers → values, laid over the strategy
        sets : dotted paths → values, laid over all: levers of the first firm, parameters of the model such as
            `leave.return_rate`, or entries of the market such as `market.outside_value`

        Raises
        ------
        Faults
            With everything in the request that is unknown or out of range.
        """
        return build_plan(
            self.entry,
            self.name,
            strategy,
            customers=customers,
            weeks=weeks,
            warm_up=warm_up,
            seed=seed,
            sets=sets or {},
            levers=levers or {},
        )


def load_scenario(name_or_path: str | Path) -> Scenario:
    """A shipped scenario by its name, or one from a file.

    Raises
    ------
    Faults
        With everything that is wrong, including that there is no such scenario.
    """
    found = find(name_or_path)
    if isinstance(found, Fault):
        raise Faults([found])
    return _made(chain_of_file(found), found.stem)


def scenario_from(data: Mapping[str, Any], name: str = "scenario") -> Scenario:
    """A scenario from Python data, checked in the same way; it may extend shipped ones.

    Raises
    ------
    Faults
        With everything that is wrong.
    """
    root = node_of(data, name)
    return _made(chain_of(Document(name, root, []), repr(root.data).encode()), name)


def scenario_from_text(text: str | bytes, name: str = "scenario", folder: Path | None = None) -> Scenario:
    """A scenario from text, as an editor holds it; it may extend shipped ones and files in `folder`.

    Raises
    ------
    Faults
        With everything that is wrong.
    """
    source = text.encode("utf-8", "replace") if isinstance(text, str) else text
    path = None if folder is None else folder / f"{name}.yaml"
    return _made(chain_of(read(text, name), source, path), name)


def scenario_from_document(document: Document, text: bytes, name: str, path: Path) -> Scenario:
    """A scenario that stands inside another file, such as a lesson's; `path` is that file's.

    Raises
    ------
    Faults
        With everything that is wrong.
    """
    return _made(chain_of(document, text, path), name)


def check(path: str | Path) -> list[Fault]:
    """Everything that is wrong with a scenario file; an empty list if nothing is."""
    try:
        load_scenario(path)
    except Faults as error:
        return error.faults
    return []


def _made(chain: Chain, name: str) -> Scenario:
    """The scenario of a chain of files, or all their faults."""
    faults = list(chain.faults)
    entry = None
    if chain.root is not None:
        places = Places(chain.root)
        try:
            entry = ScenarioEntry.model_validate(chain.root.data)
        except ValidationError as error:
            faults += schema_faults(error, ScenarioEntry, places, chain.is_whole)
        if chain.is_whole:
            faults += Checks(places).all()
    if faults or entry is None:
        raise Faults(_in_order(faults, chain.file))
    return Scenario(
        name=name,
        title=entry.title.model_dump(),
        story=entry.story.model_dump(),
        covers=tuple(entry.covers),
        seed=entry.seed,
        file=chain.file,
        text_hash=hashlib.sha256(b"\0".join(chain.texts)).hexdigest(),
        entry=entry,
        segments=segments_of(entry),
        firms=firms_of(entry),
        strategies=strategies_of(entry),
    )


def _in_order(faults: list[Fault], first_file: str) -> list[Fault]:
    """By place, the file that was asked for first."""
    return sorted(faults, key=lambda fault: (fault.file != first_file, fault.file, fault.line, fault.column))
