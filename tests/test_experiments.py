"""Experiment files are read as strictly as scenarios, and the same file always gives the same points."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest

from sim.experiments import Experiment, experiment, load_experiment, shipped_experiments
from sim.safe_yaml import Faults

GOOD = """\
title: Price and forgetting
scenario: coffee
customers: 50
weeks: 4
seeds: 3
strategies: [4P, 4C]
levers:
  pricing.list_price: [4, 100%]
  advertising.spend: {from: 0%, to: 20%, steps: 3}
uncertainties:
  hear.forget: {from: 0.01, to: 0.05}
  firms.corner.unit_cost: [1.5, 1.9]
outcomes: [profit]
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def faults_of(folder: Path, text: str) -> list[str]:
    with pytest.raises(Faults) as told:
        load_experiment(written(folder, text))
    return [f"{fault.line}:{fault.column}: {fault.message} {fault.suggestion}" for fault in told.value.faults]


def test_a_file_becomes_points(tmp_path: Path) -> None:
    study = load_experiment(written(tmp_path, GOOD))
    assert [factor.path for factor in study.levers] == ["pricing.list_price", "advertising.spend"]
    assert study.n_points == 2 * 3 * 5 * 2
    assert study.n_runs == 60 * 2 * 3
    assert study.values(0) == {
        "pricing.list_price": 4, "advertising.spend": 0, "hear.forget": 0.01, "firms.corner.unit_cost": 1.5
    }  # fmt: skip
    last = study.values(59)
    assert last["pricing.list_price"] == 4.5, "100% is the scenario's reference price"
    assert last["advertising.spend"] == 360, "20% of the scenario's budget"
    plan = study.plan(last, "4C", study.seeds[0])
    assert plan.firms[0].unit_cost == 1.9
    assert plan.parameters["hear"]["forget"] == 0.05
    assert plan.lever("pricing.list_price", plan.warm_up) == 4.5
    assert plan.lever("advertising.spend", plan.warm_up) == 360


def test_python_and_a_file_say_the_same(tmp_path: Path) -> None:
    spoken = experiment(
        scenario="coffee", customers=50, weeks=4, seeds=3, strategies=["4P", "4C"], outcomes=["profit"],
        levers={"pricing.list_price": [4, "100%"], "advertising.spend": {"from": "0%", "to": "20%", "steps": 3}},
        uncertainties={"hear.forget": {"from": 0.01, "to": 0.05}, "firms.corner.unit_cost": [1.5, 1.9]},
    )  # fmt: skip
    assert spoken.identity == load_experiment(written(tmp_path, GOOD)).identity


FAULTY = [
    (GOOD.replace("coffee", "cofee"), "2:11: There is no scenario cofee. Did you mean coffee?"),
    (GOOD.replace("4C]", "4X]"), '6:18: coffee has no strategy "4X".'),
    (GOOD.replace("[profit]", "[profits]"), '13:12: There is no outcome "profits". Did you mean profit?'),
    (
        GOOD.replace("hear.forget:", "hear.forgot:"),
        "11:3: There is nothing called hear.forgot to vary. Did you mean hear",
    ),
    (GOOD.replace("to: 0.05", "to: 5"), "11:33: hear.forget is 5 but must lie between 0 and 1"),
    (GOOD.replace("0.01, to: 0.05", "0.05, to: 0.01"), "11:16: The range of hear.forget goes from 0.05 to 0.01."),
    (GOOD.replace("corner.unit", "korner.unit"), "12:3: firms.korner.unit_cost leads nowhere"),
    (GOOD.replace("corner.unit_cost", "*.unit_cots"), '12:3: firms.corner has no entry called "unit_cots". Did you'),
    (GOOD.replace("[1.5, 1.9]", "[80%, 1.9]"), '12:28: firms.corner.unit_cost must be a number, not the text "80%".'),
    (GOOD.replace("steps: 3", "step: 3"), '9:48: A range has no entry called "step".'),
    (GOOD.replace("[4, 100%]", ""), "8:3: pricing.list_price has no range of its own that would be worth varying."),
    (GOOD.replace("[4, 100%]", "[4, 4]"), "8:23: pricing.list_price lists a value twice."),
    (GOOD.replace("  hear", "  pricing.promotion_every: [4]\n  hear"), "11:3: pricing.promotion_every is a lever"),
    (
        GOOD.replace("  pri", "  hear.remind: [0.1]\n  pri"),
        "8:3: hear.remind is no lever: the firm does not choose it.",
    ),
    (GOOD + "design: sobl\n", "14:9: design.kind cannot be"),
    (GOOD + "design: {kind: sobol, points: 100}\n", "14:31: The base sample of a sobol design must be a power of 2"),
    (GOOD.replace("seeds: 3", "seeds: 100000"), "1:1: The experiment has 12,000,000 runs"),
    (GOOD + "levels: 3\n", '14:1: The experiment has no entry called "levels".'),
    (GOOD + "title: again\n", '14:1: The key "title" stands here twice, first in line 1.'),
    (GOOD.replace("seeds: 3", "seeds: [1, 1.5]"), "5:12: seeds.each[1] must be a whole number"),
    (GOOD + "set: {hear.forget: 0.1}\n", "11:3: hear.forget is given twice."),
    ("", "1:1: The file is empty."),
]


@pytest.mark.parametrize(("text", "expected"), FAULTY, ids=[expected[:44] for _, expected in FAULTY])
def test_faults_are_told_where_they_stand(tmp_path: Path, text: str, expected: str) -> None:
    told = faults_of(tmp_path, text)
    assert any(fault.startswith(expected) for fault in told), told


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    text = GOOD.replace("4C]", "4X]").replace("[profit]", "[profits]").replace("to: 0.05", "to: 5")
    text = text.replace("corner.unit_cost", "*.unit_cots") + "design: {kind: sobol, points: 100}\n"
    assert len(faults_of(tmp_path, text)) == 5


def test_ranges_default_to_those_of_the_parameter_files() -> None:
    study = experiment(
        scenario="coffee", levers={"advertising.spend": None}, uncertainties={"leave.return_unmet": {}}
    )  # fmt: skip
    spend, unmet = study.factors
    assert (spend.low, spend.high) == (0, 1800), "spending goes up to the scenario's budget"
    assert (unmet.low, unmet.high) == (0, 1)


DESIGNS = {
    "full_factorial": 5 * 5 * 2,
    "latin_hypercube": 128 * 2,
    "sobol": 128 * 4 * 2,
    "morris": 20 * 3 * 2,
}


def made(kind: str, **design: object) -> Experiment:
    return experiment(
        scenario="coffee", design={"kind": kind, **design}, levers={"pricing.list_price": [4, 5]},
        uncertainties={"hear.forget": {"from": 0.01, "to": 0.05}, "leave.return_rate": {"from": 0, "to": 0.1}},
    )  # fmt: skip


@pytest.mark.parametrize("kind", DESIGNS)
def test_listed_values_are_crossed_and_ranges_sampled(kind: str) -> None:
    study = made(kind)
    values = study.points.values
    assert study.n_points == DESIGNS[kind]
    assert set(values[:, 0]) == {4, 5}
    assert values[:, 1].min() >= 0.01
    assert values[:, 1].max() <= 0.05
    if kind != "full_factorial":
        half = len(values) // 2
        np.testing.assert_array_equal(values[:half, 1:], values[half:, 1:])
        assert (study.points.combination == np.repeat([0, 1], half)).all()
    again = made(kind)
    np.testing.assert_array_equal(values, again.points.values)
    if kind in ("latin_hypercube", "sobol", "morris"):
        assert not np.array_equal(values, made(kind, seed=2).points.values)


def test_whole_numbers_are_sampled_whole_and_evenly() -> None:
    study = experiment(
        scenario="coffee", design={"kind": "latin_hypercube", "points": 600},
        levers={"pricing.promotion_every": {"from": 1, "to": 3}},
    )  # fmt: skip
    values, counts = np.unique(study.points.values, return_counts=True)
    assert list(values) == [1, 2, 3]
    assert list(counts) == [200, 200, 200]


def test_a_list_is_run_as_it_stands() -> None:
    rows = [{"pricing.list_price": "90%", "hear.forget": 0.01}, {"pricing.list_price": 5, "hear.forget": 0.02}]
    study = experiment(scenario="coffee", design={"kind": "list", "rows": rows})
    np.testing.assert_allclose(study.points.values, [[4.05, 0.01], [5, 0.02]])
    with pytest.raises(Faults, match="other factors than the first"):
        experiment(scenario="coffee", design={"kind": "list", "rows": [rows[0], {"hear.forget": 0.02}]})


def test_seeds_are_paired_unless_it_says_otherwise() -> None:
    paired = experiment(scenario="coffee", seeds=2, levers={"pricing.list_price": [4, 5]})
    assert [paired.seed(point, k) for point in (0, 1) for k in (0, 1)] == [1, 2, 1, 2]
    own = experiment(scenario="coffee", seeds=2, levers={"pricing.list_price": [4, 5]}, paired=False)
    seeds = [own.seed(point, k) for point in (0, 1) for k in (0, 1)]
    assert len(set(seeds)) == 4
    assert seeds == [own.seed(point, k) for point in (0, 1) for k in (0, 1)]
    assert experiment(scenario="coffee", seeds=[7, 3]).seeds == (7, 3)
    assert experiment(scenario="coffee", seeds={"first": 7, "count": 2}).seeds == (7, 8)


def test_a_scenario_may_lie_beside_its_experiment(tmp_path: Path) -> None:
    (tmp_path / "town.yaml").write_text("extends: coffee\nmarket: {customers: 77}\n", encoding="utf-8")
    study = load_experiment(written(tmp_path, "title: x\nscenario: town\n"))
    assert (study.customers, study.n_points, study.n_runs) == (77, 1, 20)


def test_an_experiment_travels_to_a_worker_without_its_points() -> None:
    study = made("sobol")
    arrived = pickle.loads(pickle.dumps(study))
    assert "points" not in vars(arrived)
    assert arrived.identity == study.identity


@pytest.mark.parametrize("name", shipped_experiments())
def test_the_shipped_studies_are_free_of_faults(name: str) -> None:
    study = load_experiment(name)
    assert study.entry.question is not None
    assert study.entry.title.zh
