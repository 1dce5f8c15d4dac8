"""A scenario in the author's hands: what the form does to the text, and what hostile texts do to the form."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.authoring import lesson_text
from sim.packing import packed
from sim.safe_yaml import Faults, load
from sim.scenario import load_scenario, shipped_folder, shipped_scenarios
from sim.ui.author_state import NAME, AuthorState, NotPossible

BROKEN = sorted((Path(__file__).resolve().parents[1] / "broken").glob("*.yaml"))


def comments(text: str) -> list[str]:
    return [line.partition("#")[2] for line in text.splitlines() if "#" in line]


@pytest.mark.parametrize("name", shipped_scenarios())
def test_a_change_in_the_form_leaves_comments_order_and_everything_else(name: str) -> None:
    text = (shipped_folder() / f"{name}.yaml").read_text(encoding="utf-8")
    state = AuthorState(text)
    assert state.faults == []
    state.put(("title", "en"), "Another title")
    state.put(("market", "customers"), 1234)
    assert comments(state.text) == comments(text)
    before, after = load(text), load(state.text)
    assert json.dumps(after) != json.dumps(before)
    after["title"]["en"] = before["title"]["en"]
    after["market"]["customers"] = before["market"]["customers"]
    assert json.dumps(after) == json.dumps(before), "Not even the order of entries changes."
    lines = text.splitlines()
    assert sum(line not in lines for line in state.text.splitlines()) <= 3, "Nearly every line stands as it stood."
    assert state.scenario is not None
    assert (state.scenario.title["en"], state.scenario.market.customers) == ("Another title", 1234)


def test_the_form_writes_what_the_text_did_not_have_yet() -> None:
    state = AuthorState("extends: _baseline  # the market\n")
    state.put(("market", "weeks"), 52)
    assert state.text == "extends: _baseline  # the market\nmarket:\n  weeks: 52\n"
    assert state.scenario is not None
    state.take_over("segments")
    assert state.text.startswith("extends: _baseline  # the market\n")
    assert state.form()["own"] == ["segments"]
    state.put(("segments", "families", "share"), 0.4)
    assert "add up to 0.9" in str(state.faults[0])
    with pytest.raises(NotPossible, match="section"):
        state.take_over("segments")


def test_events_come_and_go() -> None:
    state = AuthorState()
    n = len(state.form()["events"])
    before = state.text
    state.add_event()
    assert state.faults == []
    assert len(state.form()["events"]) == n + 1
    state.put(("events", n, "week"), 7)
    assert state.form()["events"][n]["week"] == 7
    state.remove_event(n)
    assert state.text == before
    with pytest.raises(NotPossible):
        state.remove_event(50)


def test_the_form_waits_while_the_text_cannot_be_read() -> None:
    state = AuthorState()
    good = state.form()
    state.edit(state.text.replace("market:", "market: ["))
    assert state.faults
    assert not state.form()["can_change"]
    assert state.form()["market"] == good["market"], "The form shows what could last be read."
    broken = state.text
    with pytest.raises(NotPossible, match="unreadable"):
        state.put(("market", "weeks"), 3)
    with pytest.raises(NotPossible, match="faults"):
        state.preview()
    assert state.text == broken


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.name)
def test_no_broken_file_breaks_the_form(path: Path) -> None:
    state = AuthorState(path.read_bytes().decode("utf-8", "replace"))
    state.form()
    for change in (lambda: state.put(("market", "weeks"), 9), state.add_event, lambda: state.take_over("firms")):
        before = state.text
        try:
            change()
        except NotPossible:
            assert state.text == before


@settings(max_examples=60, deadline=None)
@given(
    path=st.lists(st.sampled_from(["market", "weeks", "title", "events", "firms", 0, 3, "x"]), min_size=1, max_size=5),
    value=st.one_of(st.text(max_size=30), st.integers(), st.floats()),
)  # fmt: skip
def test_whatever_the_browser_asks_for_leaves_a_text_that_can_be_read(path: list[Any], value: Any) -> None:
    state = AuthorState()
    try:
        state.put(tuple(path), value)
    except NotPossible:
        return
    assert len(state.text) > 20
    state.form()


def test_the_preview_shows_every_firm_under_every_strategy() -> None:
    state = AuthorState("extends: _baseline\nmarket: {customers: 200, weeks: 10, warm_up: 2}\n")
    found = state.preview()
    assert found.strategies[0] == "opening"
    firms = load_scenario("_baseline").entry.firms
    assert found.firms == tuple(firms)
    for values in found.numbers.values():
        assert len(values) == len(found.strategies)
        assert all(len(row) == len(firms) for row in values)
    assert all(sum(counts) == 200 for counts in found.stages.values())


def test_the_preview_shows_the_authors_own_strategies_first() -> None:
    own = "strategies:\n  own: {label: {en: Own, zh: 自己的}, levers: {training: {spend: 10%}}}\n"
    state = AuthorState(f"extends: _baseline\nmarket: {{customers: 200, weeks: 4, warm_up: 2}}\n{own}")
    assert state.preview().strategies[:2] == ("opening", "own")


# ---------------------------------------------------------------- files and lessons


def test_a_pack_brings_what_it_extends(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text("extends: _baseline\nmarket: {customers: 222}\n", encoding="utf-8")
    (tmp_path / "mine.yaml").write_text("extends: base\n", encoding="utf-8")
    state = AuthorState()
    state.open(packed(tmp_path / "mine.yaml")[1], "mine.crmsim")
    assert state.faults == []
    assert state.form()["market"]["customers"] == 222
    state.begin("extends: base\n")
    assert "There is no scenario base" in str(state.faults[0]), "A new text finds nothing of the old one beside it."


@pytest.mark.parametrize(
    "data", [b"PK\x03\x04", b"\xff\xfe\x00", b"caf\xe9: 1", b"a: \x00", b"x" * 200_001], ids=range(5)
)  # fmt: skip
def test_a_file_that_cannot_be_opened_leaves_the_text_alone(data: bytes) -> None:
    state = AuthorState()
    before = state.text
    with pytest.raises(Faults):
        state.open(data, "x.yaml")
    assert state.text == before


def test_a_lesson_is_known_by_its_entries_and_its_levers_are_unlocked_in_the_text() -> None:
    state = AuthorState(lesson_text("mine"))
    assert (state.kind, state.faults) == ("lesson", [])
    assert state.scenario is not None
    assert state.scenario.name == NAME
    before = state.text
    state.unlock("please", "pricing.list_price")
    assert state.faults == []
    assert "pricing.list_price" in [one["path"] for one in state.form()["experiments"][0]["levers"]]
    assert comments(state.text) == comments(before)
    state.lock("please", "pricing.list_price")
    assert load(state.text) == load(before)
    for call in (lambda: state.unlock("nowhere", "pricing.list_price"), lambda: state.unlock("please", "os.system"),
                 lambda: state.lock("please", "pricing.list_price")):  # fmt: skip
        with pytest.raises(NotPossible):
            call()
    state.put(("minutes",), 60)
    assert state.form()["market"]["minutes"] == 60
    state.edit(state.text.replace("minutes:", "minuts:"))
    assert state.kind == "lesson"
    assert any("minutes" in str(fault) for fault in state.faults)
    state.edit("extends: _baseline\n")
    assert state.kind == "scenario"
