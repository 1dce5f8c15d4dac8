"""Delivered value and the funnel: the parts are those of a choice taken apart, the gates those of the rules."""

import numpy as np
import pytest

from sim import lives_choice
from sim.delivered import GATES, LEAST_FIT, PARTS, delivered, together
from sim.engine import Engine
from sim.lives_choice import offered
from sim.plan import VALUES
from sim.scenario import load_scenario

NAMES = ("product", "service", "personnel", "image", "price", "time", "effort", "worry")  # as lives_choice calls PARTS


@pytest.fixture(scope="module", params=["coffee", "telecom"])
def engine(request: pytest.FixtureRequest) -> Engine:
    made = Engine(load_scenario(request.param).plan("4C", customers=150, weeks=20))
    made.run()
    return made


def test_parts_are_those_of_every_single_choice(engine: Engine) -> None:
    found, world, w = delivered(engine), engine.world, engine.weeks_done - 1
    aware_at = engine.plan.parameters["stage"]["aware_at"]
    names = [segment.name.split("/")[0] for segment in engine.plan.segments]
    for s, segment in enumerate(found.segments):
        for f in range(len(engine.plan.firms)):
            rows = []
            for i in range(world.n_customers):
                customer = world.customer(i)
                is_there = w < customer["week_of_moving"] and names[customer["segment"]] == segment
                if is_there and world.relations_of(i)[f]["awareness"] >= aware_at:
                    parts = offered(world, w, i, f).parts
                    rows.append([parts[name] * (1 if k < 4 else -1) for k, name in enumerate(NAMES)])
            assert found.n_aware[s, f] == len(rows)
            np.testing.assert_allclose(found.parts[s, f], np.mean(rows, axis=0), rtol=1e-6)


def test_gates_let_through_whom_the_rules_let_through(engine: Engine) -> None:
    found, world, w = together(delivered(engine)), engine.world, engine.weeks_done - 1
    market = world.market[0]
    counts = np.zeros((len(engine.plan.firms), len(GATES)))
    for i in range(world.n_customers):
        customer = world.customer(i)
        if w >= customer["week_of_moving"]:
            continue
        offers = [offered(world, w, i, f) for f in range(len(counts))]
        best = sum(float(customer[f"weight_{name}"]) * float(world.climate[w][name]) for name in VALUES)
        need = 1 - np.exp(-float(customer["need_rate"]) * float(world.climate[w]["need"]))
        if customer["contract_firm"] >= 0:
            need = float(w + 1 >= customer["contract_until"])
        for f, one in enumerate(offers):
            can_reach = world.relations_of(i)[f]["access"] <= world.firms[f]["place"]
            passed = (
                True, can_reach and world.fit[customer["segment"], f] >= LEAST_FIT,
                best + one.parts["price"] >= market["outside_value"], lives_choice.is_considered(world, i, f),
                one.value > market["outside_value"],
            )  # fmt: skip
            n = passed.index(False) if False in passed else len(passed)
            counts[f, :n] += 1
            counts[f, 5] += need if n == len(passed) else 0
    np.testing.assert_allclose(found.gates[0], counts)
    assert (counts[:, 4] > 0).any()


def test_gates_narrow_and_segments_add_up(engine: Engine) -> None:
    found = delivered(engine)
    assert (np.diff(found.gates, axis=2) <= 1e-9).all()
    everybody = together(found)
    np.testing.assert_allclose(everybody.gates[0], found.gates.sum(axis=0))
    weighted = np.nansum(found.parts * found.n_aware[..., None], axis=0) / found.n_aware.sum(axis=0)[:, None]
    np.testing.assert_allclose(everybody.parts[0], weighted)
    assert len(PARTS) == found.parts.shape[2]


def test_a_firm_that_nobody_knows_has_no_value_to_show(engine: Engine) -> None:
    unknown = engine.copy()
    unknown.world.relations["awareness"][:, 1] = 0.0
    found = delivered(unknown)
    assert np.isnan(found.parts[:, 1]).all()
    assert np.isnan(together(found).parts[0, 1]).all()
    assert (found.gates[:, 1, 3:] == 0).all()
