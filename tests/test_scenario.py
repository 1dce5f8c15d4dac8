"""Scenario files: what they may say, how they extend one another, and the plans they become."""

import os
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.experiments import load_experiment
from sim.safe_yaml import load, read
from sim.scenario import (
    Faults,
    Scenario,
    check,
    load_scenario,
    scenario_from,
    scenario_from_text,
)
from sim.scenario_files import find, read_file

DRAWER = Path(__file__).parent / "broken"
EXPECTED: dict[str, list[str]] = load((DRAWER / "expected.yaml").read_text(encoding="utf-8"))
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a scenario file into an empty folder."""

    def written(name: str, text: str | bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return written


def told(path: Path) -> list[str]:
    """Its faults, with the names of files instead of their paths."""
    folder = re.escape(str(path.parent.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path.parent))
    return [re.sub(f"^{folder}/", "", str(fault)).removeprefix(f"{path.name}:") for fault in check(path)]


def extended(**changes: Any) -> Scenario:
    """The baseline with changes."""
    return scenario_from({"extends": "_baseline", **changes})


def faults_of(call: Callable[[], object]) -> list[str]:
    with pytest.raises(Faults) as caught:
        call()
    return [str(fault) for fault in caught.value.faults]


# ---------------------------------------------------------------- the drawer of broken files


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_a_broken_file_is_told_everything_that_is_wrong(name: str) -> None:
    assert told(DRAWER / name) == EXPECTED[name]


def test_the_drawer_and_its_table_hold_the_same_files() -> None:
    assert sorted(EXPECTED) == sorted(path.name for path in DRAWER.glob("*.yaml") if path.name != "expected.yaml")
    assert all(EXPECTED.values())


def test_every_fault_is_a_whole_sentence_with_a_way_out() -> None:
    for name, faults in EXPECTED.items():
        for fault in faults:
            place, message = re.match(r"((?:\w+\.yaml:)?\d+:\d+): (.*)", fault).groups()  # type: ignore[union-attr]
            assert re.search(r"[.?] .*[.?]$", message), f"{name}:{place}: {message}"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("title: {en: Caf\xe9}".encode("latin-1"), "1:16: The byte 0xE9 here is not UTF-8; in Latin-1"),
        ("extends: coffee".encode("utf-16"), "1:1: The file is in UTF-16. Save it as UTF-8."),
        (b"extends: coff\0ee", "1:14: The character U+0000 stands here, which a text file may not hold."),
        (b"story: " + b"x" * 10_000_000, "1:1: The file has more than 200,000 bytes. Shorten it"),
        (b"story: " + b"[" * 100_000, "1:27: The file is nested more than 20 levels deep."),
    ],
    ids=["Latin-1", "UTF-16", "NUL", "10 MB", "depth"],
)
def test_a_hostile_file_is_refused_gently_and_soon(write: Write, text: bytes, fault: str) -> None:
    start = time.perf_counter()
    found = told(write("a.yaml", text))
    assert time.perf_counter() - start < 2
    assert len(found) == 1
    assert found[0].startswith(fault)


def test_marks_and_line_ends_of_other_systems_are_read(write: Write) -> None:
    text = b"\xef\xbb\xbfextends: _baseline\r\nmarket:\r\n  budget: 2000\r\n"
    assert load_scenario(write("a.yaml", text)).market.budget == 2000


def test_script_in_a_text_stays_a_text(write: Write) -> None:
    path = write("a.yaml", 'extends: _baseline\ntitle: {en: "<script>alert(1)</script>", zh: "<b>粗</b>"}\n')
    assert load_scenario(path).title == {"en": "<script>alert(1)</script>", "zh": "<b>粗</b>"}


# ---------------------------------------------------------------- files that extend files


def test_a_name_finds_a_shipped_scenario_and_a_path_a_file(write: Write) -> None:
    assert load_scenario("coffee").firms[0].name == "corner"
    assert load_scenario(write("coffee.yaml", "extends: _baseline")).firms[0].name == "ours"
    assert faults_of(lambda: load_scenario("cofee")) == ["There is no scenario cofee. Did you mean coffee?"]
    for path in ("cofee.yaml", "tests/broken", "", "a\0b", "x" * 5000):
        assert len(check(path)) == 1


def test_a_file_beside_comes_before_a_shipped_one(write: Write) -> None:
    write("_baseline.yaml", "extends: _baseline\nmarket: {budget: 1900}\n")
    assert load_scenario(write("a.yaml", "extends: _baseline")).market.budget == 1900
    assert load_scenario(write("b.yaml", "extends: _baseline.yaml")).market.budget == 1900


def test_a_copy_may_keep_the_name_of_the_scenario_it_extends(write: Write) -> None:
    assert load_scenario(write("coffee.yaml", "extends: coffee\nseed: 7")).seed == 7


def test_links_must_stay_in_the_folder(write: Write, tmp_path: Path) -> None:
    (tmp_path / "inside").mkdir()
    write("secret.yaml", "extends: _baseline")
    write("inside/own.yaml", "extends: _baseline\nseed: 5")
    (tmp_path / "inside" / "out.yaml").symlink_to(tmp_path / "secret.yaml")
    (tmp_path / "inside" / "in.yaml").symlink_to(tmp_path / "inside" / "own.yaml")
    (tmp_path / "inside" / "loop.yaml").symlink_to(tmp_path / "inside" / "loop.yaml")
    assert told(write("inside/a.yaml", "extends: out")) == [
        "1:10: out is a link that leads out of the folder. Put a copy of the file into the folder."
    ]
    assert load_scenario(write("inside/b.yaml", "extends: in")).seed == 5
    assert len(check(write("inside/c.yaml", "extends: loop"))) == 1


def test_only_ordinary_files_are_opened(write: Write, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    message = "1:1: The file cannot be read: it is not an ordinary file. Check its path and permissions."
    assert told(tmp_path / "pipe.yaml") == [message]
    assert told(write("a.yaml", "extends: pipe")) == [f"pipe.yaml:{message}"]


def test_a_chain_of_files_has_an_end(write: Write) -> None:
    write("f0.yaml", "extends: _baseline")
    for n in range(1, 9):
        write(f"f{n}.yaml", f"extends: f{n - 1}\nmarket: {{weeks: {50 + n}}}")
    assert load_scenario(write("f6.yaml", "extends: f5\nseed: 3")).market.weeks == 55
    faults = told(write("f7.yaml", "extends: f6"))
    assert faults == ["f0.yaml:1:10: This is the 8th file that extends another. Let one of them stand on its own."]


def test_what_a_file_gives_lies_over_what_it_extends() -> None:
    base = load_scenario("_baseline")
    one = extended(
        market={"budget": 2000, "network": {"degree": 4}, "taste_concentration": None},
        types={"follower": {"need_rate": {"shape": None}, "label": None}},
        strategies={"4R": None, "4P": {"levers": {"pricing": {"list_price": 9}}}},
        segments={"all": {"label": {"en": "All", "zh": "全体"}, "share": 1, "types": "follower"}},
    )
    assert (one.market.budget, one.market.customers) == (2000, base.market.customers)
    assert (one.market.network.degree, one.market.network.rewiring) == (4, base.market.network.rewiring)
    assert one.market.taste_concentration is None
    assert [(s.name, s.need_shape, s.need_rate) for s in one.segments] == [("all", None, base.segments[1].need_rate)]
    assert one.entry.types["follower"].label is None
    assert list(one.strategies) == ["opening", "4P", "4C"]
    assert one.strategies["4P"].levers["pricing.list_price"] == 9
    assert one.strategies["4P"].levers["product.spend"] == pytest.approx(500)
    assert base.strategies["4P"].levers["product.spend"] == pytest.approx(0.25 * base.market.budget)
    events = [{"label": {"en": "A", "zh": "甲"}, "week": 1}]
    assert len(extended(events=events).entry.events) == 1
    assert scenario_from({"extends": "coffee", "events": []}).entry.events == []
    assert scenario_from({"extends": "coffee", "events": None}).entry.events == []


def test_a_text_is_read_as_its_file_would_be(write: Write, tmp_path: Path) -> None:
    text = "extends: other\nseed: 9\n"
    write("other.yaml", "extends: _baseline\nmarket: {weeks: 30}")
    one = scenario_from_text(text, "mine", tmp_path)
    assert (one.seed, one.market.weeks, one.name) == (9, 30, "mine")
    assert one.text_hash == load_scenario(write("mine.yaml", text)).text_hash
    assert one.text_hash != scenario_from_text(text + "\n", "mine", tmp_path).text_hash
    write("other.yaml", "extends: _baseline\nmarket: {weeks: 31}")
    assert one.text_hash != scenario_from_text(text, "mine", tmp_path).text_hash
    assert faults_of(lambda: scenario_from_text(text, "mine"))[0].startswith("mine:1:10: There is no scenario")


def test_python_data_is_checked_as_a_file_is() -> None:
    faults = faults_of(lambda: extended(market={"weeks": "many", "visibilty": 1, "budget": True}))
    assert faults == [
        'scenario: market.weeks must be a whole number, not the text "many". Write digits, such as 12.',
        "scenario: market.budget must be a number, not true. Write digits, such as 12.",
        'scenario: market has no entry called "visibilty". Did you mean visibility?',
    ]
    endless: dict[str, Any] = {}
    endless["market"] = endless
    assert len(faults_of(lambda: scenario_from(endless))) == 1
    assert faults_of(lambda: scenario_from([]))  # type: ignore[arg-type]
    assert faults_of(lambda: extended(market={"budget": 10**400}))
    assert faults_of(lambda: extended(market={"budget": np.float64(3), "currency": object()}))


def test_what_is_kept_of_a_file_never_changes_and_is_not_used_for_another_text(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("extends: coffee\nmarket: {weeks: 90}\n")
    before = load_scenario(path)
    experiment_of = tmp_path / "study.yaml"
    experiment_of.write_text("title: T\nscenario: mine\nseeds: 3\ndesign: list\n")
    with pytest.raises(Faults):  # after everything in it has been looked at
        load_experiment(experiment_of)
    for file in (path, experiment_of, find("coffee"), find("_baseline")):
        assert isinstance(file, Path)
        document, text = read_file(file)
        assert document == read(text, document.file), "as if it were read for the first time"
    assert load_scenario(path).entry == before.entry
    path.write_text("extends: coffee\nmarket: {weeks: 91}\n")
    assert load_scenario(path).market.weeks == 91
