"""What `crmsim check` says a class may stumble over: found where it is, and not where it is not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import sim.lint
from sim.authoring import new_scenario
from sim.cli import cli
from sim.lint import Finding, lint
from sim.lint_ids import shown_by
from sim.scenario import Scenario, load_scenario, scenario_from, shipped_scenarios

SMALL: dict[str, Any] = {"customers": 600, "weeks": 40, "warm_up": 4}
LABEL = {"en": "x", "zh": "x"}


def crmsim(*arguments: object) -> Result:
    return CliRunner().invoke(cli, [str(one) for one in arguments], prog_name="crmsim")


def market(**changes: Any) -> Scenario:
    """A small everyday market with changes, without its three strategies unless they are given."""
    without: dict[str, Any] = dict.fromkeys(("4P", "4C", "4R"))
    changes["strategies"] = without | changes.get("strategies", {})
    changes["market"] = SMALL | changes.get("market", {})
    return scenario_from({"extends": "_baseline", "covers": ["B2"], **changes})


def strategy(**levers: dict[str, Any]) -> dict[str, Any]:
    return {"label": LABEL, "levers": levers}


def found(scenario: Scenario, kind: str, class_size: int = 30) -> list[Finding]:
    return [finding for finding in lint(scenario, class_size) if finding.kind == kind]


def test_a_strategy_that_always_wins_is_named() -> None:
    silly = strategy(pricing={"list_price": 25}, advertising={"promise": 1.0})
    (finding,) = found(market(strategies={"silly": silly}), "dominant")
    assert finding.values["strategy"] == "opening"
    cheap = strategy(pricing={"list_price": 6})
    assert not found(market(strategies={"cheap": cheap}), "dominant"), "A lower price has its price."


def test_a_difference_that_luck_hides_depends_on_the_size_of_the_class() -> None:
    twins = {"one": strategy(training={"spend": 40}), "other": strategy(training={"spend": 40.001})}
    (finding,) = found(market(strategies=twins), "luck")
    assert {finding.values["a"], finding.values["b"]} == {"one", "other"}
    apart = {"one": strategy(training={"spend": 0}), "other": strategy(pricing={"list_price": 7})}
    assert not found(market(strategies=apart), "luck")


def test_a_scenario_with_one_strategy_has_nothing_to_compare() -> None:
    assert found(market(), "alone")
    assert not found(market(strategies={"one": strategy(training={"spend": 9})}), "alone")


def test_a_bad_start_from_which_nobody_recovers_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    helped = {"one": strategy(product={"spend": 280}, advertising={"spend": 160})}
    scenario = market(strategies=helped, market={"weeks": 100})
    assert not list(sim.lint._bad_start(scenario))
    monkeypatch.setattr(sim.lint, "RECOVERED", 1.5)
    (finding,) = sim.lint._bad_start(scenario)
    assert 0 < float(finding.values["kept"].rstrip("%")) < 150


def test_levers_that_do_nothing_are_named() -> None:
    wise = {"wise": strategy(insight={"spend": 90}, training={"spend": 90})}
    deaf = market(parameters={"experience": {"learn": 0}}, strategies=wise)
    (finding,) = found(deaf, "dead")
    assert "Insight spending (insight.spend)" in finding.values["levers"]
    assert "training.spend" not in finding.values["levers"]
    assert "insight.spend" not in sim.lint.dead_levers(market())


def test_a_run_that_takes_long_is_told_beforehand() -> None:
    slow = market(market={"customers": 500_000, "weeks": 200, "budget": 1e6})
    (finding,) = sim.lint._time(slow)
    assert "market.customers" in finding.suggestion
    assert not list(sim.lint._time(market()))


def test_ids_that_cannot_be_shown_are_told_with_what_would() -> None:
    one_type = {"all": {"label": LABEL, "share": 1, "types": "rational"}}
    (finding,) = found(market(covers=["B2", "D4", "D15"], segments=one_type, events=[]), "ids")
    assert finding.values["ids"] == "D4 and D15"
    assert "an event on a date" in finding.suggestion
    happens = [{"label": LABEL, "week": 5, "need": 0.5}]
    assert not found(market(covers=["B2", "D4", "D15"], events=happens), "ids")


def test_what_shows_an_id_is_read_from_the_model() -> None:
    shown = shown_by()
    assert "expectation" in shown["E14"]["measure"]
    assert "judge" in shown["E14"]["phase"]
    assert "training.spend" in shown["E12"]["lever"]


def test_every_finding_is_a_whole_sentence_with_a_suggestion() -> None:
    silly = strategy(pricing={"list_price": 25}, advertising={"promise": 1.0})
    twins = {"one": strategy(training={"spend": 40}), "other": strategy(training={"spend": 40.001}), "silly": silly}
    those = lint(market(strategies=twins, covers=["D15"]))
    assert {finding.kind for finding in those} >= {"luck", "ids"}, those
    for finding in those:
        assert finding.message.endswith(".")
        assert finding.suggestion.endswith(".")
        assert "{" not in str(finding)


# ---------------------------------------------------------------- the command


def test_the_status_says_whether_all_is_well(tmp_path: Path) -> None:
    good = new_scenario("good", tmp_path)[0]
    text = good.read_text(encoding="utf-8").replace("customers: 3000", "customers: 400")
    good.write_text(text.replace("covers: [B1, B2, D4]", "covers: [E9]"), encoding="utf-8")
    dull = tmp_path / "dull.yaml"
    dull.write_text(text.replace("weeks: 104", "weeks: 60") + "covers_: 1\n", encoding="utf-8")
    done = crmsim("check", good)
    ids_shown = "E9" in shown_by()
    assert done.exit_code == (1 if "consider" in done.stdout and "nothing" not in done.stdout else 0), done.output
    assert ids_shown or "E9" in done.stdout
    assert crmsim("check", good, "--quick").exit_code == 0
    done = crmsim("check", good, dull, "--json")
    assert done.exit_code == 2
    told = json.loads(done.stdout)["files"]
    assert told[str(dull)]["faults"][0]["line"] > 1
    assert told[str(good)]["seconds"] > 0


@pytest.mark.parametrize("name", shipped_scenarios())
def test_a_shipped_scenario_can_be_run_in_class(name: str) -> None:
    story = load_scenario(name)
    assert not list(sim.lint._time(story))
    assert len(story.strategies) > 2
