"""Every idea of the curriculum acts, can be touched or read, and is told: read from the files, id by id."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from sim import coverage as found
from sim.cli import cli
from tests.reading import report


@pytest.fixture(scope="module")
def table() -> dict[str, found.Coverage]:
    return found.coverage()


def test_the_curriculum_has_its_fifty_one_ideas(table: dict[str, found.Coverage]) -> None:
    assert len(table) == 51
    assert list(table)[:5] == ["A1", "A2", "A3", "A4", "B1"]
    assert list(table)[-1] == "E14"


def lacking(table: dict[str, found.Coverage], *kinds: str) -> list[str]:
    """Ids that none of the kinds of file name."""
    return [one for one, places in table.items() if not any(getattr(places, kind) for kind in kinds)]


def test_every_idea_has_a_rule_and_a_measure(table: dict[str, found.Coverage]) -> None:
    report(
        [f"{one} has no rule. Please name it in the 'Covers:' line of a rule." for one in lacking(table, "rules")]
        + [f"{one} has no measure. Please name it in what an outcome covers." for one in lacking(table, "measures")]
    )


def test_every_idea_can_be_touched_or_read(table: dict[str, found.Coverage]) -> None:
    report([f"{one} has neither lever nor measure." for one in lacking(table, "levers", "measures")])


def test_every_idea_is_shown_in_a_scenario(table: dict[str, found.Coverage]) -> None:
    report([f"{one} is in no scenario's 'covers:'." for one in lacking(table, "scenarios")])


def test_every_rule_names_what_it_covers() -> None:
    named = dict(found.rules_and_ids())
    assert len(named) > 60
    report([f"{rule} names no id. Please add 'Covers: …' to its docstring." for rule, ids in named.items() if not ids])


def test_an_id_that_does_not_exist_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(found, "rules_and_ids", lambda: iter([("hear.caught", ("F1", "A1"))]))
    with pytest.raises(ValueError, match=r"^hear\.caught \(rules\) covers 'F1'"):
        found.coverage()


def test_an_idea_without_its_rule_is_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    rules = [(rule, tuple(one for one in ids if one != "B8")) for rule, ids in found.rules_and_ids()]
    monkeypatch.setattr(found, "rules_and_ids", lambda: iter(rules))
    assert lacking(found.coverage(), "rules") == ["B8"]


def test_the_command_prints_every_idea(table: dict[str, found.Coverage]) -> None:
    printed = CliRunner().invoke(cli, ["coverage", "--json"])
    assert printed.exit_code == 0, printed.output
    told = json.loads(printed.output)
    assert list(told) == list(found.IDS)
    assert told["A3"]["rules"] == table["A3"].rules
    assert "leave.reason_for_leaving" in told["A3"]["rules"]
    assert "departures" in told["A3"]["measures"]
    assert "service.let_go_loss" in told["A3"]["levers"]
    shown = CliRunner().invoke(cli, ["coverage"])
    assert shown.exit_code == 0
    assert all(f" {one} " in shown.output for one in found.IDS)
