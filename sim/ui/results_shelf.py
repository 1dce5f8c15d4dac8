"""The batches that the results page may open, and what it shows of them: worked out once for all visitors.

Only folders that whoever started the server has named are looked at, and a browser names batches, never paths. How
many are listed, how large one may be and how much is kept in memory is bounded.
"""

from __future__ import annotations

import functools
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import xarray

from sim.findings import GAP, Findings, open_batch
from sim.findings_slices import Choice, Slice, choices, has_curves, shelf, things
from sim.outcomes import OUTCOMES, Outcome
from sim.scenario import OPENING
from sim.scenario_plan import OPENING_LABEL
from sim.ui.runs import Store

log = logging.getLogger(__name__)

_OPENING = {OPENING: OPENING_LABEL}
MOST_BATCHES = 200
MOST_RUNS = 500_000  # of a batch
MOST_OPEN = 4  # at a time
MOST_SEEN = 200  # slices kept


class NotShown(ValueError):
    """A batch that cannot be shown; `key` is that of the text which says why."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


@dataclass(frozen=True)
class About:
    """What the page says of a batch, whatever the slice. It keeps no runs alive."""

    title: Mapping[str, str]
    question: Mapping[str, str]
    strategies: Mapping[str, Mapping[str, str]]  # name → label by language
    currency: str
    design: str
    counts: Mapping[str, int]  # runs, failed, points, worlds, customers, weeks
    outcomes: tuple[str, ...]
    whats: tuple[str, ...]
    paths: tuple[str, ...]
    choices: tuple[Choice, ...]

    @staticmethod
    def of(findings: Findings) -> About:
        """Read off a manifest and its runs."""
        manifest, entries = findings.manifest, findings.entries
        story = manifest["scenario_entries"]
        labels = {name: (entry or {}).get("label") for name, entry in (story.get("strategies") or {}).items()}
        counts = {
            "runs": len(findings.runs), "failed": len(findings.failures), "points": len(findings.points),
            "worlds": findings.n_replications, "customers": int(manifest["customers"]), "weeks": int(manifest["weeks"]),
        }  # fmt: skip
        return About(
            title=dict(entries["title"]),
            question=dict(entries.get("question") or {}),
            strategies={name: labels.get(name) or {"en": name} for name in findings.strategies} | _OPENING,
            currency=str(story["market"].get("currency") or ""),
            design=findings.design.kind,
            counts=counts,
            outcomes=tuple(findings.outcomes),
            whats=tuple(things(findings)),
            paths=tuple(findings.paths),
            choices=tuple(choices(findings)),
        )


@dataclass(frozen=True)
class Seen:
    """All that the page shows of a slice. It keeps no runs alive."""

    name: str
    about: About
    place: Mapping[str, str]
    has_curves: bool
    curve: pd.DataFrame
    heat_map: xarray.DataArray | None
    effects: pd.DataFrame
    indices: pd.DataFrame | None  # None where the design gives none, or a value is missing

    @property
    def outcome(self) -> Outcome:
        """The outcome that is looked at."""
        return OUTCOMES[self.place["outcome"]]

    @property
    def is_difference(self) -> bool:
        """Whether a difference between two strategies is looked at."""
        return GAP in self.place["what"]


class Shelf:
    """The batches in the folders that were named."""

    def __init__(self, *folders: Path) -> None:
        self.folders = folders
        self._open: Store[Findings] = Store(MOST_OPEN)
        self._seen: Store[Seen] = Store(MOST_SEEN)

    def names(self) -> list[str]:
        """The batches that are there now, the newest first."""
        found = shelf(*self.folders)
        newest = sorted(found, key=lambda name: (-_changed(found[name]), name))
        return newest[:MOST_BATCHES]

    def look(self, name: str, place: Mapping[str, str]) -> Seen:
        """A slice of a batch. Takes from milliseconds to seconds: not for the event loop.

        Raises
        ------
        NotShown
            If there is no such batch, it is not finished, too large, or no file of this version.
        """
        findings = self._findings(name)
        try:
            slice_ = Slice.of(findings, place)
            key = (findings.folder, _changed(findings.folder), *sorted(slice_.place.items()))
            seen = self._seen.get(key)
            if seen is None:
                seen = _seen(name, slice_)
                self._seen.put(key, seen)
            return seen
        except (ValueError, KeyError, TypeError, AttributeError, IndexError):  # a manifest may say anything
            log.warning("The batch %s cannot be shown.", findings.folder, exc_info=True)
            raise NotShown("results_faulty") from None

    def _findings(self, name: str) -> Findings:
        folder = shelf(*self.folders).get(name)
        if folder is None:
            raise NotShown("results_gone")
        key = (folder, _changed(folder))
        findings = self._open.get(key)
        if findings is None:
            findings = _opened(folder)
            self._open.put(key, findings)
        return findings


@functools.cache
def results() -> Shelf:
    """The shelf that all visitors of this server share; `serve` names its folders."""
    return Shelf()


def _opened(folder: Path) -> Findings:
    try:
        n_runs = int(json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["runs"])
        if n_runs > MOST_RUNS:
            raise NotShown("results_too_large")
        findings = open_batch(folder)
    except NotShown:
        raise
    except (OSError, ValueError, KeyError, TypeError):
        log.info("The batch %s cannot be opened.", folder, exc_info=True)
        raise NotShown("results_unfinished") from None
    if not findings.outcomes or not set(findings.outcomes) <= set(OUTCOMES):
        raise NotShown("results_faulty")
    return findings


def _seen(name: str, slice_: Slice) -> Seen:
    try:
        indices: pd.DataFrame | None = slice_.indices()
    except ValueError:
        indices = None
    return Seen(
        name, About.of(slice_.findings), slice_.place, has_curves(slice_.findings), slice_.curve(), slice_.heat_map(),
        slice_.effects(), indices,
    )  # fmt: skip


def _changed(folder: Path) -> float:
    """When a batch was last written; 0 where it has just gone."""
    try:
        return (folder / "manifest.json").stat().st_mtime
    except OSError:
        return 0.0
