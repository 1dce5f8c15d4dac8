"""Reads the repository as text, as syntax trees or as YAML, for the tests that look at the house."""

import ast
import functools
import re
import subprocess
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]


@functools.cache
def files() -> tuple[Path, ...]:
    """Every file that is or would be committed."""
    listing = subprocess.run(
        ["git", "-C", ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        capture_output=True,
        text=True,
    )
    if listing.returncode == 0:
        found = [ROOT / name for name in listing.stdout.split("\0") if name]
    else:  # Not a git checkout: an unpacked archive, perhaps.
        skipped = re.compile(r"(^|/)(\.git|\.venv[^/]*|\.\w+_cache|\.hypothesis|__pycache__|build|dist)(/|$)")
        found = [path for path in ROOT.rglob("*") if not skipped.search(path.relative_to(ROOT).as_posix())]
    return tuple(sorted(path for path in found if path.is_file()))


def read_yaml(path: Path) -> object:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@functools.cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def sources(under: str = "sim") -> list[Path]:
    """Python files of the package, or of one part of it."""
    return [path for path in files() if path.suffix == ".py" and name(path).startswith(f"{under}/")]


def report(faults: list[str]) -> None:
    assert not faults, f"{len(faults)} thing(s) to put right:\n  - " + "\n  - ".join(faults)
