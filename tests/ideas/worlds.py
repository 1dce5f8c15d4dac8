"""Paired worlds for the demonstrations: the same customers and the same luck, with a cause and without it."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from sim.results import Run, run
from sim.scenario import Scenario, scenario_from, shipped_folder

Read = str | Callable[[Run], float]
Pairs = Sequence[tuple[Run, Run]]

CUSTOMERS, WEEKS, SEEDS = 600, 65, (1, 2)
TYPES = ("lighthouse", "follower", "rational", "profit_seeking")
KEPT_EMPTY = {"taste_concentration", "shape", "concentration"}  # where "none" means: all customers alike


def market(name: str = "_baseline", **parts: Any) -> Scenario:
    """A shipped market, the everyday one by default, with some of its parts otherwise."""
    return _made(name, json.dumps(parts))


@functools.cache
def _made(name: str, parts: str) -> Scenario:
    return scenario_from(_laid_over(_written(name), json.loads(parts)))


def _written(name: str) -> dict[str, Any]:
    return yaml.safe_load((shipped_folder() / f"{name}.yaml").read_text(encoding="utf-8"))


def _laid_over(base: Any, over: Any) -> Any:
    """One mapping over another, entry by entry; None takes an entry out."""
    if not (isinstance(base, dict) and isinstance(over, dict)):
        return over
    merged = base | {key: _laid_over(base.get(key), value) for key, value in over.items()}
    return {key: value for key, value in merged.items() if value is not None or key not in over or key in KEPT_EMPTY}


def one_segment(**traits: Any) -> dict[str, Any]:
    """Parts of a market with a single segment of rational customers, with some traits otherwise."""
    gone = dict.fromkeys(("families", "commuters", "savers"), None)
    everybody = {"label": {"en": "Everybody", "zh": "所有人"}, "share": 1.0, "types": "rational", **traits}
    return {"segments": gone | {"everybody": everybody}}


def alike(**parts: Any) -> Scenario:
    """A market in which customers are all the same: needs, tastes, weights, temper, and every shop within reach."""
    same = {"concentration": None}
    temper = {"deal_proneness": same, "complaint": same, "forgiveness": same, "moving": same}
    twins = {
        "market": {"taste_concentration": None},
        "types": {"rational": {"weight_spread": 0.0, "need_rate": {"shape": None}, **temper}},
        "firms": {name: {"awareness": 1.0, "attributes": {"place": 1.0}} for name in ("ours", "famous", "cheap")},
        "parameters": {"trust": {"start_spread": 0}, "hear": {"forget": 0}},
        **one_segment(),
    }
    return market(**_laid_over(twins, parts))


def weighing(**weights: float) -> dict[str, Any]:
    """Parts of a market in which everybody weighs some values or costs like this."""
    of_types = {t: {"weights": weights} for t in TYPES}
    return {"types": of_types, "segments": {"commuters": {"weights": weights}}}


def world(
    story: Scenario, changes: Mapping[str, Any] | None = None, *, strategy: Any = "opening", seed: int = 1,
    customers: int = CUSTOMERS, weeks: int = WEEKS, is_recorded: bool = False,
) -> Run:  # fmt: skip
    """A market lived to its end. `changes`: levers of our firm from week 0 on, parameters, entries of the market."""
    size = {"customers": customers, "weeks": weeks, "seed": seed}
    return run(story, strategy, sets=dict(changes or {}), is_recorded=is_recorded, **size)


def pairs(
    without: Mapping[str, Any], having: Mapping[str, Any], *, story: Scenario | None = None,
    always: Mapping[str, Any] | None = None, seeds: Sequence[int] = SEEDS, **size: Any,
) -> list[tuple[Run, Run]]:  # fmt: skip
    """The same worlds without and with a cause, for several seeds; `always` holds in both."""
    story, common = story or market(), dict(always or {})
    return [
        (world(story, common | dict(without), seed=s, **size), world(story, common | dict(having), seed=s, **size))
        for s in seeds
    ]


def effect(worlds: Pairs, read: Read) -> NDArray[np.float64]:
    """What the cause adds to an outcome, pair by pair."""
    value = (lambda one: one.outcomes[read]) if isinstance(read, str) else read
    return np.array([value(b) - value(a) for a, b in worlds])


def rises(worlds: Pairs, read: Read) -> bool:
    """Whether the cause raises an outcome in every pair of worlds."""
    return bool((effect(worlds, read) > 0).all())


def falls(worlds: Pairs, read: Read) -> bool:
    """Whether the cause lowers an outcome in every pair of worlds."""
    return bool((effect(worlds, read) < 0).all())


def stays(worlds: Pairs, read: Read, within: float = 0.0) -> bool:
    """Whether an outcome is the same in both worlds of every pair, but for `within`."""
    return bool((np.abs(effect(worlds, read)) <= within).all())


def total(name: str, firm: int = 0) -> Callable[[Run], float]:
    """Reader of a count or sum that the weeks left behind, such as `left_price`."""
    return lambda one: float(one.engine.tally[name][:, firm].sum())


def level(name: str, firm: int = 0) -> Callable[[Run], float]:
    """Reader of the mean of a customer's state over everybody who has bought from a firm, such as `habit`."""

    def read(one: Run) -> float:
        r = one.engine.relations[:, firm]
        return float(r[name][r["purchases"] > 0].mean())

    return read
