"""A run as files an outsider can use without our code: weekly, transactions, customers, messages, and a manifest."""

from __future__ import annotations

import json
import platform
import subprocess
import tempfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from sim import __version__
from sim.results import Run
from sim.scenario import Scenario

LIBRARIES = ("numpy", "numba", "scipy", "mesa", "pandas", "pydantic", "pyyaml")


def write(result: Run, story: Scenario, folder: str | Path, request: dict[str, Any]) -> list[Path]:
    """Write a recorded run to a folder, made if need be. `request` is what was asked for, kept in the manifest.

    Raises OSError where the folder cannot be written.
    """
    folder = make_folder(folder)
    frames = {
        "weekly.csv": result.weekly,
        "transactions.csv": result.transactions,
        "customers.csv": result.customers,
        "messages.csv": result.messages_told,
    }
    for name, frame in frames.items():
        frame.to_csv(folder / name, index=False)
    (folder / "manifest.json").write_text(
        json.dumps(manifest(story, request), ensure_ascii=False, indent=2) + "\n", encoding="utf-8"
    )
    return [folder / name for name in (*frames, "manifest.json")]


def make_folder(folder: str | Path) -> Path:
    """The folder, made if need be. Raises OSError where it cannot be made or nothing can be written there."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(folder)) from None


def manifest(story: Scenario, request: dict[str, Any]) -> dict[str, Any]:
    """Everything needed to run the same again: versions, platform, the scenario's hash, and the request."""
    return {
        "crmsim": __version__,
        "commit": _commit(),
        "python": platform.python_version(),
        "platform": platform.platform(),
        "libraries": {name: _version(name) for name in LIBRARIES},
        "scenario": story.name,
        "scenario_sha256": story.text_hash,
        **request,
    }


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _commit() -> str | None:
    """The commit of the source tree that ran, or None where there is none."""
    try:
        found = subprocess.run(
            ["git", "rev-parse", "HEAD"], cwd=Path(__file__).parent, capture_output=True, text=True, timeout=5
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return found.stdout.strip() or None if found.returncode == 0 else None
