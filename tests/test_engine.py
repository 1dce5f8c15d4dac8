"""A market that is stopped, saved, copied, steered or made larger is still the same market."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

from sim import population
from sim.engine import Engine
from sim.plan import Plan
from sim.results import run_plan
from sim.scenario import load_scenario
from sim.world import World

WARM_UP, WEEKS = 8, 16
SCENARIOS = ("coffee", "telecom")  # without contracts and with


def small_plan(name: str = "coffee", strategy: str = "4R", **changes: object) -> Plan:
    """A shipped market with 150 customers, 8 weeks of warm-up and 16 reported weeks."""
    return load_scenario(name).plan(
        strategy, **{"customers": 150, "warm_up": WARM_UP, "weeks": WEEKS, "seed": 5} | changes
    )


def finished(plan: Plan) -> Engine:
    engine = Engine(plan)
    engine.run()
    return engine


def contents(world: World) -> dict[str, bytes]:
    """Every array and every field of a record, by name, as bytes; what lies between fields is nobody's."""
    cells = {}
    for name in world._fields:
        array = getattr(world, name)
        for field in array.dtype.names or ("",):
            cells[f"{name}.{field}"] = np.ascontiguousarray(array[field] if field else array).tobytes()
    return cells


def assert_same_world(one: Engine, other: Engine, why: str) -> None:
    assert one.weeks_done == other.weeks_done, why
    ours, theirs = contents(one.world), contents(other.world)
    different = [name for name in ours if ours[name] != theirs.get(name)]
    assert ours.keys() == theirs.keys(), f"{why} They have not the same arrays."
    assert not different, f"{why} These differ: {', '.join(different)}."


# ---------------------------------------------------------------- save and restore


@pytest.mark.parametrize("name", SCENARIOS)
@pytest.mark.parametrize("weeks", [0, 3, WARM_UP, WARM_UP + 7, WARM_UP + WEEKS])
def test_a_restored_market_goes_on_to_the_same_end(name: str, weeks: int, tmp_path: Path) -> None:
    engine = Engine(small_plan(name))
    engine.advance(weeks)
    engine.save(tmp_path / "market")
    restored = Engine.restore(tmp_path / "market")
    assert restored.week == engine.week == weeks - WARM_UP
    assert_same_world(restored, engine, f"A market saved after {weeks} weeks comes back another.")
    engine.run()
    restored.run()
    assert_same_world(restored, engine, f"A market saved after {weeks} weeks goes on to another end.")
    straight = finished(small_plan(name))
    assert_same_world(restored, straight, "A market that was never saved comes to another end.")
    assert straight.world.tally["purchases"][WARM_UP:].sum() > 100, "Too little happens for this to mean anything."


def test_a_restored_market_has_its_whole_plan(tmp_path: Path) -> None:
    plan = small_plan()
    Engine(plan).save(tmp_path / "market")
    ours, theirs = asdict(plan), asdict(Engine.restore(tmp_path / "market").plan)
    assert ours.keys() == theirs.keys()
    for key, value in ours.items():
        if isinstance(value, np.ndarray):
            np.testing.assert_array_equal(theirs[key], value, f"plan.{key} comes back another.")
            assert theirs[key].dtype == value.dtype
        else:
            assert theirs[key] == value, f"plan.{key} comes back another."
    assert Engine(Engine.restore(tmp_path / "market").plan).plan.segments == plan.segments


def test_a_restored_market_needs_no_compilation_of_its_own(tmp_path: Path) -> None:
    """Numba compiles anew for records laid out in another way, even where NumPy calls them equal."""
    engine = Engine(small_plan())
    engine.save(tmp_path / "market")
    restored = Engine.restore(tmp_path / "market")
    for name in World._fields:
        ours, theirs = getattr(engine.world, name), getattr(restored.world, name)
        assert theirs.dtype == ours.dtype, f"{name} comes back as {theirs.dtype}."
        assert theirs.dtype.isalignedstruct == ours.dtype.isalignedstruct, (
            f"The records of {name} come back without their alignment, so that the first week after "
            "a restore in a new process takes as long as the first compilation."
        )
        assert theirs.flags.c_contiguous, f"{name} comes back in another order."
        assert theirs.flags.writeable, f"{name} comes back read-only."


def test_a_logged_market_goes_on_logging_after_a_restore(tmp_path: Path) -> None:
    engine = Engine(small_plan(), is_logged=True)
    engine.advance(WARM_UP + 2)
    engine.save(tmp_path / "market")
    restored = Engine.restore(tmp_path / "market")
    engine.advance(3)
    restored.advance(3)
    assert restored.world.counts[1] > 0, "Nothing was sold in the last week, or nothing was logged."
    assert_same_world(restored, engine, "A logged market goes on differently.")


def test_saving_twice_writes_the_last_state(tmp_path: Path) -> None:
    engine = Engine(small_plan())
    engine.save(tmp_path / "market")
    engine.advance(5)
    engine.save(tmp_path / "market")
    assert Engine.restore(tmp_path / "market").weeks_done == 5


class Trap:
    """What a hostile file would bring: code that runs when it is unpickled."""

    def __reduce__(self) -> tuple[Callable, tuple[str]]:
        return (exec, ("import pathlib; pathlib.Path('sprung').touch()",))


def spoil(kind: str, saved: bytes, path: Path) -> None:
    """Write a file that is no saved market, or one no longer."""
    if kind == "text":
        path.write_text("extends: _baseline\n", encoding="utf-8")
    elif kind == "empty":
        path.write_bytes(b"")
    elif kind == "cut short":
        path.write_bytes(saved[: len(saved) // 2])
    elif kind == "a byte flipped":
        middle = saved.index(b"world_relations") + 5000
        path.write_bytes(saved[:middle] + bytes([saved[middle] ^ 0xFF]) + saved[middle + 1 :])
    elif kind == "other arrays":
        with path.open("wb") as stream:
            np.savez(stream, weights=np.zeros(3))
    elif kind == "a pickle":
        path.write_bytes(pickle.dumps(Trap()))
    elif kind == "a pickle inside":
        with path.open("wb") as stream:
            np.savez(stream, about=np.array([Trap()], dtype=object))
    else:
        with np.load(path.with_suffix(".good")) as file:
            arrays = dict(file)
        if kind == "another format":
            about = json.loads(str(arrays["about"]))
            arrays["about"] = np.array(json.dumps(about | {"format": 999}))
        elif kind == "customers missing":
            arrays["world_relations"] = arrays["world_relations"][:, :1]
        elif kind == "a column missing":
            arrays["world_customers"] = arrays["world_customers"][["segment", "need_rate"]]
        with path.open("wb") as stream:
            np.savez(stream, **arrays)


@pytest.mark.parametrize(
    "kind",
    [
        "text", "empty", "cut short", "a byte flipped", "other arrays", "a pickle", "a pickle inside",
        "another format", "customers missing", "a column missing",
    ],
)  # fmt: skip
def test_a_file_that_is_no_saved_market_is_refused_with_a_sentence(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Engine(small_plan()).save(tmp_path / "market.good")
    spoil(kind, (tmp_path / "market.good").read_bytes(), tmp_path / "market")
    with pytest.raises(ValueError, match=r"market is not a market saved by this version of crmsim.*\.$") as raised:
        Engine.restore(tmp_path / "market")
    assert "\n" not in str(raised.value)
    assert not (tmp_path / "sprung").exists(), "Restoring a file ran what stood in it."


def test_a_missing_file_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="nowhere"):
        Engine.restore(tmp_path / "nowhere")


# ---------------------------------------------------------------- rounds, decisions and copies


@pytest.mark.parametrize("name", SCENARIOS)
def test_deciding_in_rounds_is_one_plan_with_those_levers_in_its_table(name: str) -> None:
    plan = small_plan(name)
    table = plan.levers.copy()
    engine = Engine(replace(plan, levers=plan.levers.copy()))
    engine.warm_up()
    price = plan.lever("pricing.list_price", WARM_UP)
    for turn, week in enumerate(range(0, WEEKS, 4)):
        ours = {"pricing.list_price": price * (1.0 - 0.1 * turn), "advertising.spend": 900.0 * turn}
        rivals = {"service.recovery": 0.2 * turn, "programme.expiry_weeks": 4 + turn}
        for firm, decisions in ((0, ours), (1, rivals)):
            engine.decide(decisions, firm)
            for path, value in decisions.items():
                table[WARM_UP + week :, firm, plan.lever_names.index(path)] = value
        engine.advance(4)
    assert engine.is_finished
    whole = finished(replace(plan, levers=table))
    assert_same_world(engine, whole, "A market decided for in rounds is not that of one plan.")
    assert not np.array_equal(whole.tally["profit"], finished(plan).tally["profit"]), "The decisions changed nothing."


@pytest.mark.parametrize("step", [1, 5])
def test_running_in_rounds_without_decisions_changes_nothing(step: int) -> None:
    engine = Engine(small_plan())
    while not engine.is_finished:
        engine.advance(step)
    assert_same_world(engine, finished(small_plan()), f"A market run {step} weeks at a time is another.")


def test_decisions_leave_the_plan_and_other_markets_of_it_alone() -> None:
    plan = small_plan()
    before = plan.levers.copy()
    engine = Engine(plan)
    engine.advance(WARM_UP)
    engine.decide({"pricing.list_price": 1.0})
    engine.run()
    np.testing.assert_array_equal(plan.levers, before, "A decision in one market changed the plan it was made from.")
    assert_same_world(finished(plan), finished(small_plan()), "A decision in one market reached another of its plan.")


def test_a_decision_counts_from_the_next_week_on_and_not_before() -> None:
    engine = Engine(small_plan())
    engine.advance(WARM_UP + 3)
    engine.decide({"pricing.list_price": 2.5})
    engine.run()
    prices = engine.tally["price"][:, 0]
    assert (prices[:3] != 2.5).all()
    assert (prices[3:] == 2.5).all()


def test_decisions_with_faults_are_refused_whole_and_every_fault_is_told() -> None:
    engine = Engine(small_plan())
    engine.advance(3)
    before = contents(engine.world)
    with pytest.raises(ValueError, match="pricing") as raised:
        engine.decide(
            {
                "advertising.spend": 300.0,
                "pricing.list_prise": 4.0,
                "pricing.list_price": -1.0,
                "programme.expiry_weeks": 2.5,
                "service.recovery": float("nan"),
                "insight.spend": "30%",  # type: ignore[dict-item]
            }
        )
    told = str(raised.value)
    for path in ("list_prise", "pricing.list_price is -1", "expiry_weeks", "service.recovery", "insight.spend"):
        assert path in told, f"The fault in {path} is not told: {told}"
    assert "advertising.spend" not in told, f"There is nothing wrong with advertising.spend: {told}"
    assert told.endswith(".")
    assert contents(engine.world) == before, "A refused decision changed something."


@pytest.mark.parametrize("firm", [3, -1])
def test_a_firm_that_does_not_exist_cannot_decide(firm: int) -> None:
    engine = Engine(small_plan())
    before = engine.world.levers.copy()
    with pytest.raises(ValueError, match=f"no firm {firm}"):
        engine.decide({"pricing.list_price": 4.0}, firm=firm)
    np.testing.assert_array_equal(engine.world.levers, before)


def test_numbers_of_numpy_can_be_decided() -> None:
    engine = Engine(small_plan())
    engine.decide({"programme.expiry_weeks": np.int64(9), "pricing.list_price": np.float64(4.0)})
    assert engine.world.levers[0, 0, engine.plan.lever_names.index("programme.expiry_weeks")] == 9


def test_a_copy_lives_the_same_future_and_nothing_in_it_reaches_the_original() -> None:
    engine = Engine(small_plan())
    engine.advance(WARM_UP + 4)
    before = contents(engine.world)
    twin, rebel = engine.copy(), engine.copy()
    rebel.decide({"pricing.list_price": 1.0})
    rebel.run()
    twin.run()
    assert contents(engine.world) == before, "What a copy did reached the original."
    engine.run()
    assert_same_world(twin, engine, "A copy lived another future.")
    assert not np.array_equal(rebel.tally["purchases"], engine.tally["purchases"]), "The copy could not be steered."


def test_looking_at_more_moves_nothing() -> None:
    plan = small_plan()
    recorded, plain = run_plan(plan, is_recorded=True), run_plan(plan)
    assert len(recorded.transactions) > 100
    for name in ("customers", "relations", "heard", "firms", "stocks", "tally", "flows"):
        ours, theirs = getattr(recorded.engine.world, name), getattr(plain.engine.world, name)
        np.testing.assert_array_equal(ours, theirs, f"Recording a run changed its {name}.")


# ---------------------------------------------------------------- progress and cancelling


def test_progress_grows_and_reaches_the_total() -> None:
    heard: list[tuple[int, int]] = []
    engine = Engine(small_plan())
    engine.run(progress=lambda done, total: heard.append((done, total)), every=5)
    assert heard == [(5, 24), (10, 24), (15, 24), (20, 24), (24, 24)]
    assert_same_world(engine, finished(small_plan()), "A market that reports its progress is another.")


def test_a_cancelled_run_stops_and_can_go_on() -> None:
    engine = Engine(small_plan())
    engine.run(is_cancelled=lambda: engine.weeks_done >= 10, every=5)
    assert engine.weeks_done == 10
    assert not engine.is_finished
    engine.run(is_cancelled=lambda: True)
    assert engine.weeks_done == 10, "A run that is cancelled from the start moved on."
    engine.run(is_cancelled=lambda: False)
    assert_same_world(engine, finished(small_plan()), "A market that was cancelled and went on is another.")


# ---------------------------------------------------------------- scale


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_market_of_another_size_is_the_same_market_for_each_customer(name: str) -> None:
    """Spending grows with the customers, to the cent; what a customer lives through stays, but for luck."""
    sizes, seeds = (400, 1200), (1, 2, 3, 4)
    spent, levels = {}, {}
    for size in sizes:
        engines = [finished(small_plan(name, "4C", customers=size, seed=seed)) for seed in seeds]
        tally = engines[0].tally
        spent[size] = np.stack([tally["cost_to_reach"], tally["fixed"]]) / size
        levels[size] = {
            field: np.mean([(e.tally[field].sum(axis=0) / e.tally["active"].sum(axis=0)) for e in engines], axis=0)
            for field in ("satisfaction", "expectation", "trust", "revenue")
        }
        levels[size]["wait"] = np.mean([e.tally["wait"].mean(axis=0) for e in engines], axis=0)
        levels[size]["active"] = np.mean([e.tally["active"].mean(axis=0) / size for e in engines], axis=0)
    np.testing.assert_allclose(spent[400], spent[1200], rtol=1e-9, err_msg="Spending for each customer differs.")
    limits = {"satisfaction": 0.02, "expectation": 0.02, "trust": 0.02, "active": 0.03}
    for field, limit in limits.items():
        gap = np.abs(levels[400][field] - levels[1200][field]).max()
        assert gap < limit, f"{field} depends on the size of the market: {levels[400][field]}, {levels[1200][field]}."
    ratio = levels[400]["revenue"] / levels[1200]["revenue"]
    assert (np.abs(ratio - 1) < 0.08).all(), f"Revenue for each active customer depends on the size: {ratio}."
    worst = np.abs(levels[400]["wait"] - levels[1200]["wait"]).max()
    assert worst < 4.0, f"Waiting depends on the size of the market: {levels[400]['wait']}, {levels[1200]['wait']}."


def test_every_column_of_a_customer_is_in_the_saved_file(tmp_path: Path) -> None:
    engine = Engine(small_plan())
    engine.save(tmp_path / "market")
    with np.load(tmp_path / "market") as file:
        assert set(file["world_customers"].dtype.names) == {c.name for c in population.CUSTOMER}
        assert set(file["world_relations"].dtype.names) == {c.name for c in population.RELATION}
