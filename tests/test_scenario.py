"""Scenario files: what they may say, how they extend one another, and the plans they become."""

import os
import pickle
import re
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.parameters import levers
from sim.safe_yaml import load
from sim.scenario import (
    Faults,
    Scenario,
    check,
    load_scenario,
    scenario_from,
    scenario_from_text,
    shipped_folder,
    shipped_scenarios,
    weekly_budget,
)

DRAWER = Path(__file__).parent / "broken"
EXPECTED: dict[str, list[str]] = load((DRAWER / "expected.yaml").read_text(encoding="utf-8"))
SHIPPED = ["_baseline", *shipped_scenarios()]
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
        ("title: {en: Caf\xe9}".encode("latin-1"), "1:16: The byte 0xE9 here is not UTF-8; in Latin-1 it would be 'é'. Save the file as UTF-8."),
        ("extends: coffee".encode("utf-16"), "1:1: The file is in UTF-16. Save it as UTF-8."),
        (b"extends: coff\0ee", "1:14: The character U+0000 stands here, which a text file may not hold. Remove it; your editor may show it as a blank or not at all."),
        (b"story: " + b"x" * 10_000_000, "1:1: The file has more than 200,000 bytes. Shorten it: a scenario rarely needs 20,000."),
        (b"story: " + b"[" * 100_000, "1:27: The file is nested more than 20 levels deep. A scenario needs no more than six: unnest it."),
    ],
    ids=["Latin-1", "UTF-16", "NUL", "10 MB", "depth"],
)  # fmt: skip
def test_a_hostile_file_is_refused_gently_and_soon(write: Write, text: bytes, fault: str) -> None:
    start = time.perf_counter()
    assert told(write("a.yaml", text)) == [fault]
    assert time.perf_counter() - start < 2


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


# ---------------------------------------------------------------- segments, strategies


def test_a_segment_of_several_types_is_taken_apart() -> None:
    one = extended(
        segments={
            "mixed": {
                "label": {"en": "Mixed", "zh": "混合"},
                "share": 0.4,
                "types": {"rational": 0.751, "follower": 0.251},
                "weights": {"money": 9},
                "moving": {"concentration": None},
                "fit": {"cheap": 0.5},
            },
            "pure": {"label": {"en": "Pure", "zh": "纯粹"}, "share": 0.6, "types": "rational"},
        }
    )
    first, second, pure = one.segments
    assert [s.name for s in one.segments] == ["mixed/rational", "mixed/follower", "pure"]
    assert [s.customer_type for s in one.segments] == ["rational", "follower", "rational"]
    assert first.share == pytest.approx(0.4 * 0.751 / 1.002)
    assert sum(s.share for s in one.segments) == pytest.approx(1)
    assert first.weights[4] == second.weights[4] == 9 != pure.weights[4]
    assert first.weights[0] == pure.weights[0] != second.weights[0]
    assert first.moving.concentration is None
    assert first.moving.mean == pure.moving.mean
    assert pure.moving.concentration == 500
    assert (first.fit, pure.fit) == ((1, 1, 0.5), (1, 1, 1))
    assert first.label == {"en": "Mixed · Rational", "zh": "混合 · 理性型"}
    assert pure.label["en"] == "Pure"


def test_percentages_are_shares_of_the_budget_and_the_price() -> None:
    given = {
        "advertising": {"spend": "25%"},
        "service": {"agents": "30 %"},
        "pricing": {"list_price": "95.5%"},
        "programme": {"reward_value": "100%"},
    }
    label = {"en": "A", "zh": "甲"}
    one = extended(
        market={"budget": 4000, "reference_price": 20},
        parameters={"service": {"wage": 400}},
        strategies={"4P": None, "4C": None, "4R": None, "mine": {"label": label, "levers": given}},
    )
    strategy = one.strategies["mine"]
    found = {path: strategy.levers[path] for path in strategy.given}
    wanted = {"advertising.spend": 1000, "service.agents": 3, "pricing.list_price": 19.1, "programme.reward_value": 20}
    assert found == pytest.approx(wanted)
    assert strategy.levers["product.spend"] == one.strategies["opening"].levers["product.spend"] == 600
    assert strategy.weekly_budget == weekly_budget(strategy.levers, 400) == 600 + 400 + 1000 + 1200 + 200
    assert one.wage == 400


# ---------------------------------------------------------------- plans


def column(name: str) -> int:
    return list(levers()).index(name)


def test_a_strategy_begins_after_the_warm_up() -> None:
    one = load_scenario("_baseline")
    plan = one.plan("4C", weeks=10, warm_up=4)
    assert plan.levers.shape == (14, 3, len(levers()))
    for name in plan.lever_names:
        week = plan.levers[:, 0, column(name)]
        assert set(week[:4]) == {one.strategies["opening"].levers[name]}
        assert set(week[4:]) == {one.strategies["4C"].levers[name]}
    rivals = one.plan("opening", weeks=10, warm_up=4).levers[:, 1:]
    assert np.array_equal(plan.levers[:, 1:], rivals)
    assert plan.lever("pricing.list_price", 5, 2) == 8.5
    assert (plan.strategy, plan.warm_up, plan.weeks, plan.seed) == ("4C", 4, 10, 1)


def test_a_run_of_another_size_keeps_its_levers_and_scales() -> None:
    plan = load_scenario("_baseline").plan(customers=500, seed=8)
    assert (plan.market_size, plan.scale, plan.seed) == (500, 0.1, 8)
    assert plan.levers[0, 1, column("advertising.spend")] == 900


def test_settings_reach_levers_parameters_and_the_market() -> None:
    one = load_scenario("_baseline")
    sets: Mapping[str, Any] = {
        "advertising.spend": "50%",
        "pricing.list_price": np.float64(9),
        "leave.return_rate": 0.01,
        "market.budget": 1000,
        "market.outside_value": -3,
        "market.taste_concentration": None,
        "market.network.kind": "scale_free",
        "service.wage": 300,
    }
    plan = one.plan("4P", sets=sets, levers={"pricing.list_price": 12, "place.spend": 7}, warm_up=1)
    assert plan.lever("advertising.spend", 1) == 500
    assert plan.lever("advertising.spend", 0) == 200
    assert plan.lever("service.agents", 1) == pytest.approx(0.3 * 1000 / 300)
    assert (plan.lever("pricing.list_price", 1), plan.lever("place.spend", 1)) == (9, 7)
    assert plan.parameters["leave"]["return_rate"] == 0.01
    assert one.plan().parameters["leave"]["return_rate"] == 0.004
    assert (plan.budget, plan.outside_value, plan.taste_concentration) == (1000, -3, None)
    assert plan.network.kind == "scale_free"
    own = one.plan({"product.spend": 5}, warm_up=0)
    assert (own.strategy, own.lever("product.spend", 0)) == ("own", 5)


def test_everything_wrong_with_a_request_is_told_at_once() -> None:
    one = load_scenario("_baseline")
    faults = faults_of(
        lambda: one.plan(
            "4D",
            customers=0,
            weeks=2.5,  # type: ignore[arg-type]
            warm_up=True,
            seed=-1,
            levers={"advertising.spnd": 3, "leave.return_rate": 0.1},
            sets={
                "advertising.spend": "lots",
                "pricing.promotion_depth": 0.9,
                "leave.return_rate": 3,
                "market.visibility": 9,
                "market.visbility": 0.9,
                "market.customers": 3,
                "market.network.degree": 3,
                "product.spend": float("nan"),
                "place.spend": None,
            },
        )
    )
    assert faults == [
        "leave.return_rate is 3 but must lie between 0 and 1 (1/week). The nearest value allowed is 1.",
        "There is nothing called market.visbility to set. Did you mean market.visibility?",
        "market.customers cannot be set like this. Give customers by itself (--customers).",
        "market.visibility is 9 but must lie between 0 and 1. The nearest value allowed is 1.",
        "market.network.degree is 3 but must be even. Write 2 or 4.",
        "customers is 0 but must lie between 1 and 2000000. Leave it out for the scenario's 5000.",
        "weeks must be a whole number, not 2.5. Leave it out for the scenario's 104.",
        "warm_up must be a whole number, not true. Leave it out for the scenario's 26.",
        "seed is -1 but must lie between 0 and 9223372036854775807. Leave it out for the scenario's 1.",
        "There is no strategy 4D. Known here: opening, 4P, 4C, 4R.",
        "There is no lever advertising.spnd. Did you mean spend?",
        "leave.return_rate is a parameter of the model, not a lever. Put it under parameters.",
        'advertising.spend must be a number, not the text "lots". Write digits, such as 12.',
        "pricing.promotion_depth is 0.9 but must lie between 0 and 0.7 (share of price). "
        "The nearest value allowed is 0.7.",
        "product.spend must be a finite number, not .nan. Write a number from 0 to 10000000.",
        "place.spend must be a number, not empty. Write digits, such as 12.",
    ]


def test_events_change_the_weeks_they_last() -> None:
    label = {"en": "A", "zh": "甲"}
    one = extended(
        events=[
            {"label": label, "week": 2, "weeks": 3, "firm": "cheap", "set": {"pricing.list_price": "50%"}},
            {"label": label, "week": 3, "scale": {"pricing.list_price": 2, "pricing.promotion_every": 0.5}},
            {"label": label, "week": 1, "weeks": 2, "need": 0.5, "money": 2},
            {"label": label, "week": 2, "weeks": 90, "need": 0.5, "trust_shock": 0.5},
            {"label": label, "week": 2, "firm": "ours", "trust_shock": 0.2},
            {"label": label, "week": 50, "scale": {"pricing.list_price": 100}},
        ]
    )
    plan = one.plan(weeks=6, warm_up=2)
    price = plan.levers[:, :, column("pricing.list_price")]
    assert list(price[:, 0]) == [10, 10, 10, 10, 10, 20, 20, 20]
    assert list(price[:, 2]) == [8.5, 8.5, 8.5, 8.5, 5, 10, 10, 17]
    assert list(plan.levers[:, 2, column("pricing.promotion_every")]) == [5, 5, 5, 5, 5, 2, 2, 2]
    assert list(plan.need_factor) == [1, 1, 1, 0.5, 0.25, 0.5, 0.5, 0.5]
    assert list(plan.money_factor) == [1, 1, 1, 2, 2, 1, 1, 1]
    assert plan.trust_shock[4] == pytest.approx([0.6, 0.5, 0.5])
    assert plan.trust_shock.sum() == pytest.approx(1.6)
    far = one.plan(weeks=60, warm_up=0)
    assert far.lever("pricing.list_price", 59) == 2000
    assert extended(
        events=[{"label": label, "week": 0, "scale": {"advertising.spend": 100}}],
        firms={"big": {**one.entry.firms["ours"].model_dump(), "levers": {"advertising": {"spend": 900}}}},
        segments={"all": {"label": label, "share": 1, "types": "rational"}},
        market={"budget": 1e9},
        strategies={"4P": None, "4C": None, "4R": None},
    ).plan().levers.max() <= max(lever.high for lever in levers().values())


def test_plans_share_nothing_and_scenarios_travel() -> None:
    one = load_scenario("coffee")
    first, again = one.plan(), one.plan()
    first.levers[:] = 0
    first.parameters["leave"]["return_rate"] = 1
    assert again.levers.max() > 0
    assert one.plan().parameters["leave"]["return_rate"] == again.parameters["leave"]["return_rate"] != 1
    assert pickle.loads(pickle.dumps(one)).plan("4R").levers.sum() == one.plan("4R").levers.sum()


# ---------------------------------------------------------------- what is shipped


def test_the_shipped_scenarios_are_the_agreed_ones() -> None:
    assert {"coffee", "grocer", "telecom"} <= set(shipped_scenarios())
    assert all(not name.startswith("_") for name in shipped_scenarios())


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_scenario_is_complete(name: str) -> None:
    one = load_scenario(name)
    assert one.covers
    assert re.search("[一-鿿]", one.title["zh"] + one.story["zh"])
    if name != "_baseline":
        assert one.story != load_scenario("_baseline").story
        assert one.entry.events
    costs = {preset: one.strategies[preset].weekly_budget for preset in ("4P", "4C", "4R")}
    assert max(costs.values()) == pytest.approx(min(costs.values()), rel=0.01)
    for strategy in one.strategies:
        plan = one.plan(strategy)
        for index, lever in enumerate(levers().values()):
            values = plan.levers[:, :, index]
            assert lever.low <= values.min() <= values.max() <= lever.high, (strategy, lever.path)
        assert plan.need_factor.min() > 0
        assert sum(firm.standing for firm in plan.firms) == pytest.approx(1)
        assert sum(segment.share for segment in plan.segments) == pytest.approx(1)
        assert all(firm.unit_cost < plan.lever("pricing.list_price", 0, f) for f, firm in enumerate(plan.firms))


@pytest.mark.parametrize("name", SHIPPED)
def test_a_budget_is_of_the_order_of_a_tenth_to_a_fifth_of_revenue(name: str) -> None:
    one = load_scenario(name)
    needs = sum(segment.share * segment.need_rate for segment in one.segments)
    if one.market.contract_weeks:
        needs = 1 / one.market.contract_weeks
    firms_share = one.firms[0].standing
    revenue = one.market.customers * needs * firms_share * one.market.reference_price
    assert 0.05 < one.market.budget / revenue < 0.3


def test_loading_is_quick() -> None:
    for name in SHIPPED:
        times = []
        for _ in range(5):
            start = time.perf_counter()
            load_scenario(name)
            times.append(time.perf_counter() - start)
        assert min(times) < 0.15, name


# ---------------------------------------------------------------- fuzz

SOURCES = [(shipped_folder() / f"{name}.yaml").read_text(encoding="utf-8") for name in SHIPPED]
WORDS = [
    "null", "no", "-1", "1e9", ".nan", ".inf", "012", "[]", "{}", "[1]", "{a: 1}", "x", "''", "true", "30%", "-5%",
    "1e308%", "1" + "0" * 30, "2024-01-01", "&a", "*a", "!x", "\t", "<<: 1", "_baseline", "coffee", "0", "0.5",
]  # fmt: skip


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """A shipped file in which values, lines or characters have been changed."""
    lines = draw(st.sampled_from(SOURCES)).splitlines()
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(lines) - 1))
        kind = draw(st.integers(0, 4))
        if kind == 0:
            lines[at] = re.sub(r": [^{}].*$", lambda _: f": {draw(st.sampled_from(WORDS))}", lines[at])
        elif kind == 1:
            numbers = list(re.finditer(r"[\d.]+%?", lines[at]))
            if numbers:
                number = draw(st.sampled_from(numbers))
                lines[at] = lines[at][: number.start()] + draw(st.sampled_from(WORDS)) + lines[at][number.end() :]
        elif kind == 2:
            lines[at : at + 1] = []
            lines = lines or [""]
        elif kind == 3:
            lines.insert(at, draw(st.sampled_from(lines)))
        else:
            cut = draw(st.integers(0, len(lines[at])))
            lines[at] = lines[at][:cut] + draw(st.text(max_size=3)) + lines[at][cut:]
    return "\n".join(lines)


@given(damaged() | st.text(max_size=60).map("extends: _baseline\n{}".format))
@settings(deadline=timedelta(seconds=3), max_examples=150)
def test_a_damaged_file_gives_a_scenario_or_faults(text: str) -> None:
    try:
        one = scenario_from_text(text, "a")
    except Faults as error:
        assert error.faults
        for fault in error.faults:
            assert re.search(r"[.?]$", str(fault)), fault
            assert (fault.line > 0) or not fault.file
        return
    for strategy in one.strategies:
        assert np.isfinite(one.plan(strategy).levers).all()
