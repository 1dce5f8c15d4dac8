"""What runs share may be lived once, but nobody may be able to tell: every plan ends as it would on its own."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from sim import parameters
from sim.engine import Engine
from sim.plan import Plan
from sim.scenario import load_scenario
from sim.starts import Starts, _born_alike, _opens_alike
from sim.world import SCRATCH

STORY = load_scenario("coffee")
SIZE = {"customers": 60, "weeks": 8}


def ends_alike(starts: Starts, plan: Plan) -> None:
    """The engine that shares a start ends exactly as the one that shares nothing."""
    shared, own = starts.engine(plan), Engine(plan)
    assert shared.week == 0
    shared.run()
    own.run()
    for name in own.world._fields:
        if name not in (*SCRATCH, "counts"):
            mine, theirs = getattr(shared.world, name), getattr(own.world, name)
            columns = mine.dtype.names or (...,)
            assert all(np.array_equal(mine[c], theirs[c], equal_nan=True) for c in columns), name


def others(parameter: parameters.Parameter, value: float) -> float:
    """Another value that the parameter may take, not too far away."""
    up = min(parameter.high, value * 1.3 + (1 if parameter.is_whole else 0.05))
    up = float(round(up)) if parameter.is_whole else up
    return up if up != value else max(parameter.low, value * 0.7)


@pytest.mark.parametrize("warm_up", [0, 6])
def test_no_lever_or_parameter_is_shared_that_should_not_be(warm_up: int) -> None:
    starts = Starts()
    base = STORY.plan("stamp_card", warm_up=warm_up, **SIZE)
    ends_alike(starts, base)
    every = [*parameters.levers().values(), *(p for f in parameters.constants().values() for p in f.values())]
    assert len(every) > 80
    for parameter in every:
        if parameter.is_lever:
            value = base.lever(parameter.path, warm_up)
        else:
            value = base.parameters[parameter.file][parameter.name]
        changed = STORY.plan("stamp_card", warm_up=warm_up, sets={parameter.path: others(parameter, value)}, **SIZE)
        ends_alike(starts, changed)


def test_no_entry_of_the_market_or_of_the_people_is_shared_that_should_not_be() -> None:
    starts = Starts()
    base = STORY.plan("4C", warm_up=6, **SIZE)
    segments, firms = base.segments, base.firms
    weekly = [f.name for f in dataclasses.fields(base) if f.name != "levers"]
    weekly = [name for name in weekly if isinstance(getattr(base, name), np.ndarray)]
    assert len(weekly) >= 3

    def late(table: np.ndarray) -> np.ndarray:
        """The table changed only after the warm-up."""
        changed = table.copy()
        changed[7:] = changed[7:] * 0.7 + 0.1
        return changed

    variants = [
        base,
        dataclasses.replace(base, seed=99),
        dataclasses.replace(base, outside_value=-1.0),
        dataclasses.replace(base, visibility=0.9),
        dataclasses.replace(base, reference_price=5.0),
        dataclasses.replace(base, contract_weeks=4),
        dataclasses.replace(base, taste_concentration=None),
        dataclasses.replace(base, discount_rate=0.5),
        dataclasses.replace(base, network=dataclasses.replace(base.network, degree=2)),
        dataclasses.replace(base, segments=(dataclasses.replace(segments[0], need_shape=0.5), *segments[1:])),
        dataclasses.replace(base, segments=(dataclasses.replace(segments[0], susceptibility=0.5), *segments[1:])),
        dataclasses.replace(base, firms=(dataclasses.replace(firms[0], unit_cost=0.5), *firms[1:])),
        dataclasses.replace(base, firms=(dataclasses.replace(firms[0], awareness=0.9), *firms[1:])),
        *(dataclasses.replace(base, **{name: getattr(base, name) * 0.7 + 0.1}) for name in weekly),
        *(dataclasses.replace(base, **{name: late(getattr(base, name))}) for name in weekly),
        dataclasses.replace(base, firms=(dataclasses.replace(firms[0], standing=firms[0].standing * 0.5), *firms[1:])),
        STORY.plan("4C", warm_up=9, **SIZE),
        STORY.plan("4C", warm_up=6, customers=61, weeks=8),
        STORY.plan("4C", warm_up=6, customers=60, weeks=9),
        STORY.plan("4P", warm_up=6, **SIZE),
        base,
    ]
    for plan in variants:
        ends_alike(starts, plan)


def test_what_can_be_shared_is() -> None:
    one = STORY.plan("4C", warm_up=6, **SIZE)
    assert _opens_alike(one, STORY.plan("4P", warm_up=6, **SIZE))
    other = STORY.plan("4C", warm_up=6, sets={"leave.return_rate": 0.3}, **SIZE)
    assert not _opens_alike(one, other)
    assert _born_alike(one, other)
    assert not _born_alike(one, STORY.plan("4C", warm_up=6, seed=5, **SIZE))
    dear = dataclasses.replace(one, firms=(dataclasses.replace(one.firms[0], unit_cost=0.5), *one.firms[1:]))
    assert _born_alike(one, dear)
