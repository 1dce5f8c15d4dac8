"""The folder of a batch: parts that are whole or not there, a manifest, one writer at a time.

A part is written beside the others' folder, made durable, and renamed into place; the table of weeks goes before the
table of runs, so that a part of runs stands for a finished task. Nothing here knows who did the running.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from filelock import FileLock, Timeout

from sim import compiled, export
from sim.batch_methods import methods
from sim.batch_runs import Part, Task
from sim.experiments import Experiment

LOCK, MANIFEST = ".lock", "manifest.json"
RUNS, WEEKS, POINTS = "runs", "weeks", "points.parquet"
LIBRARIES = ("pyarrow", "SALib", "distributed")


class BatchFolder:
    """A folder that a batch is written to."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.partial = path / ".partial"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep the folder for this process; the system lets go of it when the process ends, however that happens."""
        self.path.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self.path / LOCK, timeout=0)
        try:
            lock.acquire()
        except Timeout:
            message = f"Another crmsim batch is writing to {self.path}. Wait for it, or choose another folder."
            raise ValueError(message) from None
        try:
            yield
        finally:
            lock.release()

    def begin(self, experiment: Experiment, *, is_resumed: bool) -> None:
        """Make the folder ready, or see that what it holds is the same batch.

        Raises
        ------
        ValueError
            If it holds something else, or a batch and `is_resumed` is not said.
        """
        manifest = self.path / MANIFEST
        if manifest.exists():
            if not is_resumed:
                message = f"{self.path} already holds a batch. Go on with it by --resume, or choose another folder."
                raise ValueError(message)
            self._same(experiment)
        elif others := sorted(p.name for p in self.path.iterdir() if p.name not in (LOCK, ".partial", POINTS)):
            message = f"{self.path} holds other files ({', '.join(others[:3])}). Choose an empty or a new folder."
            raise ValueError(message)
        shutil.rmtree(self.partial, ignore_errors=True)
        for folder in (self.partial, self.path / RUNS, *([self.path / WEEKS] if experiment.entry.series else [])):
            folder.mkdir(exist_ok=True)
        if not manifest.exists():
            self._table(points_table(experiment), self.path / POINTS)
            self.text("methods.md", methods(experiment))
            self.text(MANIFEST, json.dumps(manifest_of(experiment), ensure_ascii=False, indent=2) + "\n")

    def _same(self, experiment: Experiment) -> None:
        """See that the folder's batch is this one, run by this version of the model."""
        try:
            found = json.loads((self.path / MANIFEST).read_text(encoding="utf-8"))
        except ValueError:
            found = {}
        if found.get("identity") != experiment.identity:
            message = f"{self.path} holds the batch of another experiment, or of this one before it was changed."
            raise ValueError(f"{message} Choose another folder.")
        if found.get("engine") != compiled.CACHE_FOLDER.name:
            message = f"{self.path} was begun with another version of the model, so the rest would not fit."
            raise ValueError(f"{message} Go on with that version (crmsim {found.get('crmsim')}), or begin anew.")

    def is_done(self, task: Task, experiment: Experiment) -> bool:
        """Whether a task's parts are there and whole."""
        path = self._part(RUNS, task.number)
        try:
            return pq.read_metadata(path).num_rows == task.n_runs(experiment)
        except (OSError, pa.ArrowException):
            return False

    def keep(self, part: Part) -> None:
        """Write a task's parts, so that they are whole or not there whatever happens. Raises OSError without space."""
        if part.weeks is not None:
            self._table(part.weeks, self._part(WEEKS, part.number))
        self._table(part.runs, self._part(RUNS, part.number))

    def text(self, name: str, text: str) -> None:
        """Write a text file in the same way."""
        partial = self.partial / name
        with partial.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        self._place(partial, self.path / name)

    def finish(self) -> None:
        """Tidy up after the last part."""
        shutil.rmtree(self.partial, ignore_errors=True)

    def _part(self, table: str, number: int) -> Path:
        return self.path / table / f"part-{number:06}.parquet"

    def _table(self, table: pa.Table, path: Path) -> None:
        partial = self.partial / f"{path.parent.name}-{path.name}"
        with partial.open("wb") as file:
            pq.write_table(table, file, compression="zstd")
            file.flush()
            os.fsync(file.fileno())
        self._place(partial, path)

    @staticmethod
    def _place(partial: Path, path: Path) -> None:
        os.replace(partial, path)
        if os.name == "posix":  # the new name, too, must outlast a power cut
            folder = os.open(path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)


def points_table(experiment: Experiment) -> pa.Table:
    """The design: one row for each point, with the sample in the unit cube where there is one."""
    points = experiment.points
    columns: dict[str, Any] = {"point": range(experiment.n_points), "combination": points.combination}
    columns |= {factor.path: points.values[:, k] for k, factor in enumerate(experiment.factors)}
    return pa.table(columns)


def manifest_of(experiment: Experiment) -> dict[str, Any]:
    """Everything needed to know what ran and to run it again."""
    entry = experiment.entry
    about = export.manifest(experiment.scenario, {})
    about["libraries"] |= {name: export._version(name) for name in LIBRARIES}
    return about | {
        "engine": compiled.CACHE_FOLDER.name,
        "identity": experiment.identity,
        "experiment": experiment.name,
        "entries": entry.model_dump(mode="json", exclude_none=True),
        "text": experiment.text,
        "scenario_entries": experiment.scenario.entry.model_dump(mode="json", exclude_unset=True),
        "factors": [
            {"path": f.path, "kind": "lever" if f.is_lever else "uncertainty"}
            | ({"levels": list(f.levels)} if f.is_listed else {"from": f.low, "to": f.high})
            for f in experiment.factors
        ],
        "points": experiment.n_points,
        "runs": experiment.n_runs,
        "customers": experiment.customers,
        "weeks": experiment.weeks,
        "seeds": list(experiment.seeds),
    }
