"""What a lesson's `facts.py` is written with: each claim of its texts beside the check that asserts it."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from sim.lesson_worlds import Worlds

__all__ = ["Worlds", "fact", "facts_in", "module_of", "numbers_unclaimed"]

Check = Callable[[Worlds], None]

_NUMBER = re.compile(r"(?<![\w.,%])\d[\d,.]*\d|(?<![\w.,])\d(?![\w])")
_YEAR = re.compile(r"(?<!\d)(19|20)\d\d(?!\d)")
_CODE = re.compile(r"`[^`]*`|^ *(\d+\.|>.*)", re.MULTILINE)
_SENTENCE = re.compile(r"(?<=[.!?])\s+|(?<=[。！？])")


def fact(*, en: str, zh: str) -> Callable[[Check], Check]:
    """Marks a function `(worlds) -> None` that asserts a claim; `en` and `zh` are the claim as the texts have it."""

    def mark(check: Check) -> Check:
        check.en, check.zh = en, zh  # type: ignore[attr-defined]
        return check

    return mark


def module_of(path: Path) -> ModuleType:
    """A lesson's Python file as a module. Only for lessons of one's own: this runs what stands there."""
    spec = importlib.util.spec_from_file_location(f"lesson_{path.parent.name}_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise ValueError(f"{path} is no Python file.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def facts_in(module: ModuleType) -> dict[str, Any]:
    """The checks in a module that are marked as facts, by name."""
    return {name: value for name, value in vars(module).items() if hasattr(value, "en") and callable(value)}


def numbers_unclaimed(text: str, claims: list[str]) -> Iterator[str]:
    """Sentences with a number in digits that neither lies in a claim nor is another author's.

    It is another author's where the sentence or the one before it names the year of a source. Code, quoted formulas and
    the numbers of lists are no claims.
    """
    for claim in claims:
        text = text.replace(claim, "…")
    for paragraph in _CODE.sub("", text).split("\n"):
        is_cited = was_cited = False
        for sentence in _SENTENCE.split(paragraph):
            was_cited, is_cited = is_cited, bool(_YEAR.search(sentence))
            if not (is_cited or was_cited) and _NUMBER.search(sentence):
                yield sentence.strip()
