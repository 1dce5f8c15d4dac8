"""What a batch's factors, strategies and levels are called."""

from __future__ import annotations

import functools
import math
import re

from sim.findings import GAP
from sim.parameters import constants, levers
from sim.ui.numerals import MINUS, NO_VALUE
from sim.ui.results_shelf import About
from sim.ui.texts import label


@functools.cache
def _labels() -> dict[str, dict[str, str]]:
    known = {path: lever.label for path, lever in levers().items()}
    return known | {one.path: one.label for file in constants().values() for one in file.values()}


def factor_name(path: str, language: str) -> str:
    """What was varied, as a reader knows it; places in a scenario's file keep their path."""
    texts = _labels().get(path)
    return label(texts, language) if texts else path


def what_name(what: str, about: About, language: str) -> str:
    """A strategy, or two with a minus between them."""
    return GAP.join(strategy_name(name, about, language) for name in what.split(GAP))


def strategy_name(name: str, about: About, language: str) -> str:
    """A strategy's label up to its explanation: "4P" of "4P: product, price, place, promotion"."""
    return re.split("[:：]", label(about.strategies[name], language), maxsplit=1)[0].strip() or name


def plain(value: float) -> str:
    """A level of a factor: three figures, more where they are few and exact, such as 1250 or 4.125."""
    if not math.isfinite(value):
        return NO_VALUE
    exact = f"{value:.6g}"
    return (exact if len(exact.lstrip("-")) <= 5 else f"{value:.3g}").replace("-", MINUS)
