"""Paired worlds: differences with their intervals, and whose lives part, checked the slow way."""

from __future__ import annotations

import json
import os
import threading
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from bokeh.embed import json_item
from click.testing import CliRunner
from scipy import stats

from sim import compare, run
from sim.cli import cli
from sim.engine import Engine
from sim.outcomes import OUTCOMES
from sim.paired import NOT_TOLD_APART, Comparison, first_partings, paired_difference
from sim.plan import Plan
from sim.results import run_plan
from sim.scenario import Faults, Scenario, load_scenario
from sim.storage import BLOCK
from sim.week import MESSAGES_LOGGED, SALES_LOGGED

SMALL = {"customers": 200, "weeks": 12}


@pytest.fixture(scope="module")
def story() -> Scenario:
    return load_scenario("coffee")


@pytest.fixture(scope="module")
def comparison(story: Scenario) -> Comparison:
    return compare(story, "4P", "4C", seeds=4, **SMALL)


# ---------------------------------------------------------------- differences


def test_a_strategy_beside_itself_is_the_same_in_everything(story: Scenario) -> None:
    twins = compare(story, "4R", "4R", seeds=3, **SMALL)
    for difference in twins.differences.values():
        if np.isfinite(difference.a):
            assert (difference.difference, difference.low, difference.high) == (0.0, 0.0, 0.0)
            assert difference.verdict == "the same"
            assert not difference.is_told_apart
    assert sum(d.verdict == "the same" for d in twins.differences.values()) > 10
    assert (twins.parted == -1).all()
    assert twins.lives.tolist() == [0]


def test_levels_and_differences_are_those_of_single_runs(story: Scenario, comparison: Comparison) -> None:
    assert comparison.seeds == (1, 2, 3, 4)
    for side, strategy in enumerate(("4P", "4C")):
        for k, seed in enumerate(comparison.seeds):
            alone = run(story, strategy, seed=seed, **SMALL).outcomes
            together = {name: values[side, k] for name, values in comparison.values.items()}
            np.testing.assert_equal(together, alone, f"{strategy} with seed {seed} is another beside its rival.")
    for name, difference in comparison.differences.items():
        a, b = comparison.values[name]
        assert difference.a == pytest.approx(a.mean(), nan_ok=True)
        assert difference.b == pytest.approx(b.mean(), nan_ok=True)
        assert difference.difference == pytest.approx((b - a).mean(), nan_ok=True)


def test_intervals_are_those_of_scipy_s_paired_t_test(comparison: Comparison) -> None:
    checked = 0
    for name, difference in comparison.differences.items():
        a, b = comparison.values[name]
        if not np.isfinite([a, b]).all() or len(set(b - a)) == 1:
            continue
        test = stats.ttest_rel(b, a)
        low, high = test.confidence_interval(0.95)
        assert (difference.low, difference.high) == (pytest.approx(low), pytest.approx(high)), name
        assert difference.is_told_apart == (test.pvalue < 0.05), name
        checked += 1
    assert checked > 10


@pytest.mark.parametrize(
    ("a", "b", "verdict"),
    [
        ([1.0, 2.0, 3.0], [2.0, 3.1, 3.9], "B is higher"),
        ([2.0, 3.1, 3.9], [1.0, 2.0, 3.0], "A is higher"),
        ([1.0, 2.0, 3.0], [2.0, 1.0, 3.5], NOT_TOLD_APART),
        ([1.0, 2.0], [1.0, 2.0], "the same"),
        ([1.0, np.nan, 3.0, 4.0], [2.0, 5.0, 4.2, 4.9], "B is higher"),  # the second pair counts for nothing
        ([np.nan, 1.0], [1.0, np.nan], "no value"),
        ([np.inf], [1.0], "no value"),
        ([1.0], [2.0], NOT_TOLD_APART),
    ],
)
def test_verdicts(a: list[float], b: list[float], verdict: str) -> None:
    assert paired_difference("profit", a, b).verdict == verdict


def test_pairs_without_a_value_are_left_out_on_both_sides() -> None:
    difference = paired_difference("profit", [1.0, np.nan, 3.0, 4.0], [2.0, 5.0, 4.2, np.nan])
    assert (difference.a, difference.b) == (2.0, 3.1)
    assert difference.difference == pytest.approx(1.1)


def test_one_pair_of_worlds_tells_nothing_from_luck(story: Scenario) -> None:
    single = compare(story, "4P", "4C", seeds=1, **SMALL)
    different = [d for d in single.differences.values() if d.difference]
    assert len(different) > 10
    for difference in different:
        if np.isfinite(difference.difference):
            assert (difference.low, difference.high) == (-np.inf, np.inf)
            assert difference.verdict == NOT_TOLD_APART


def test_a_price_two_fifths_lower_wins_customers(story: Scenario) -> None:
    price = story.plan().lever("pricing.list_price", 0)
    cheaper = compare(story, {}, {"pricing.list_price": 0.6 * price}, seeds=4, customers=400, weeks=20)
    assert (cheaper.a, cheaper.b) == ("A", "B")
    for name in ("active_customers", "new_customers"):
        assert cheaper.differences[name].verdict == "B is higher", f"{name}: {cheaper.differences[name]}"
    gaps = cheaper.values["active_customers"][1] - cheaper.values["active_customers"][0]
    assert (gaps > 0).all(), "In some world a lower price cost customers."


def test_seeds_follow_the_one_asked_for(story: Scenario) -> None:
    assert compare(story, "4P", "4C", seeds=2, seed=70, **SMALL).seeds == (70, 71)


def test_what_is_set_is_set_on_both_sides(story: Scenario) -> None:
    free = compare(story, "4P", "4C", seeds=2, sets={"advertising.spend": 0.0, "image.spend": 0.0}, **SMALL)
    spent = [run(story, s, sets={"advertising.spend": 0.0, "image.spend": 0.0}, **SMALL) for s in ("4P", "4C")]
    for side, alone in enumerate(spent):
        assert free.values["profit"][side, 0] == alone.outcomes["profit"]


def test_requests_that_make_no_sense_are_refused(story: Scenario) -> None:
    with pytest.raises(ValueError, match="at least one seed, not 0"):
        compare(story, "4P", "4C", seeds=0)
    with pytest.raises(Faults, match="no strategy 4Z"):
        compare(story, "4P", "4Z", seeds=2)


# ---------------------------------------------------------------- threads and progress


def test_the_number_of_threads_changes_nothing(
    story: Scenario, comparison: Comparison, monkeypatch: pytest.MonkeyPatch
) -> None:
    for threads in (1, 5):
        monkeypatch.setattr(os, "cpu_count", lambda threads=threads: threads)
        again = compare(story, "4P", "4C", seeds=4, **SMALL)
        np.testing.assert_equal(again.values, comparison.values)
        np.testing.assert_array_equal(again.parted, comparison.parted)
        assert again.differences.keys() == comparison.differences.keys()


def test_progress_counts_every_run_once_and_in_order(story: Scenario) -> None:
    heard: list[tuple[int, int]] = []
    at_once: set[int] = set()

    def hear(done: int, total: int) -> None:
        assert not at_once, "Two threads report at the same time."
        at_once.add(threading.get_ident())
        heard.append((done, total))
        at_once.clear()

    compare(story, "4P", "4C", seeds=3, progress=hear, **SMALL)
    assert heard == [(done, 6) for done in range(1, 7)]


# ---------------------------------------------------------------- whose lives part


def lives(plan: Plan) -> Iterator[dict[int, list[object]]]:
    """What happens to each customer, week by week, gathered from everything the engine leaves behind."""
    assert plan.market_size <= BLOCK, "The sales of a week can be read with their events from one block only."
    engine = Engine(plan, is_logged=True)
    engine.warm_up()
    while not engine.is_finished:
        reason = engine.column("reason")
        engine.advance(1)
        world, happened = engine.world, defaultdict(list)
        sold, told = world.counts[SALES_LOGGED], world.counts[MESSAGES_LOGGED]
        for sale in world.sales[:sold]:
            happened[int(sale["customer"])].append(("bought", int(sale["firm"]), int(sale["events"])))
        for message in world.messages_log[:told]:
            said = (int(message["receiver"]), int(message["firm"]), int(message["is_good"]))
            happened[int(message["sender"])].append(("told", *said))
        bought_ever = world.column("purchases") > 0
        for who, firm in np.argwhere((world.column("reason") != reason) & bought_ever):
            happened[int(who)].append(("left or came back", int(firm), int(world.column("reason")[who, firm])))
        yield happened


def partings_the_slow_way(a: Plan, b: Plan) -> list[int]:
    parted = [-1] * a.market_size
    for week, (one, other) in enumerate(zip(lives(a), lives(b), strict=True)):
        for who in range(a.market_size):
            if parted[who] < 0 and one.get(who) != other.get(who):
                parted[who] = week
    return parted


@pytest.mark.parametrize("name", ["coffee", "telecom"])
def test_lives_part_in_the_first_week_in_which_something_else_happens(name: str) -> None:
    story = load_scenario(name)
    plans = [story.plan(strategy, customers=200, weeks=20, warm_up=12, seed=9) for strategy in ("4P", "4R")]
    slow = partings_the_slow_way(*plans)
    np.testing.assert_array_equal(first_partings(*plans), slow)
    n_parted = sum(week >= 0 for week in slow)
    assert 10 < n_parted < 200, f"{n_parted} of 200 lives parted, which says little."


def test_who_bought_elsewhere_or_told_somebody_else_has_parted(story: Scenario) -> None:
    """The recorded tables alone show a part of what happens: nobody parts later than they say."""
    plans = [story.plan(strategy, **SMALL) for strategy in ("4P", "4C")]
    parted = first_partings(*plans)
    recorded = [run_plan(plan, is_recorded=True) for plan in plans]
    seen = 0
    for table, who, what in (
        ("transactions", "customer_id", ["firm"]),
        ("messages_told", "from_id", ["firm", "to_id"]),
    ):
        lists = [
            getattr(result, table).groupby(["week", who])[what].agg(list).agg(tuple, axis=1) for result in recorded
        ]
        both = pd.concat(lists, axis=1, keys=["a", "b"])
        for week, customer in both.index[[one != other for one, other in zip(both["a"], both["b"], strict=True)]]:
            assert 0 <= parted[customer] <= week, f"Customer {customer} did something else in week {week}."
            seen += 1
    assert seen > 10


def test_a_price_that_nobody_acts_upon_parts_no_life(story: Scenario) -> None:
    """Paying less for the same cup is the same week: customers who weigh no money live on as they did."""
    plans = []
    for price in (4.5, 2.5):
        plan = story.plan({"pricing.list_price": price}, **SMALL)
        plans.append(replace(plan, trend=plan.trend * (np.arange(8) != 4)))
    assert (first_partings(*plans) == -1).all()


def test_the_count_of_parted_lives_grows_to_all_that_parted(comparison: Comparison) -> None:
    lived = comparison.lives
    assert lived.is_monotonic_increasing
    assert lived.iloc[-1] == (comparison.parted >= 0).sum() > 0
    assert lived.index[-1] == comparison.parted.max() < SMALL["weeks"]
    for week in lived.index:
        assert lived[week] == ((comparison.parted >= 0) & (comparison.parted <= week)).sum()


def test_before_the_strategies_start_no_life_parts(story: Scenario) -> None:
    late = [story.plan("4P", **SMALL), story.plan("4C", **SMALL)]
    table = late[0].levers.copy()
    table[late[0].warm_up + 6 :] = late[1].levers[late[0].warm_up + 6 :]
    parted = first_partings(late[0], replace(late[0], levers=table))
    assert (parted >= 0).any()
    assert parted[parted >= 0].min() >= 6


# ---------------------------------------------------------------- tables and pictures


def test_the_table_has_a_row_for_every_outcome(comparison: Comparison) -> None:
    table = comparison.table
    assert list(table.columns) == ["a", "b", "difference", "low", "high", "verdict"]
    assert list(table.index) == list(OUTCOMES)
    assert table.index.name == "outcome"
    for name, difference in comparison.differences.items():
        assert table.loc[name, "difference"] == pytest.approx(difference.difference, rel=0, abs=0, nan_ok=True)
        assert table.loc[name, "verdict"] == difference.verdict


def hostile(comparison: Comparison) -> Comparison:
    """A comparison whose names would run a script if they were put into a page as they are."""
    names = {key: f"<script>{key}</script>" for key in ("scenario", "a", "b")}
    return replace(comparison, **names)


def test_the_table_for_a_notebook_says_it_all_and_escapes_names(comparison: Comparison) -> None:
    html = hostile(comparison)._repr_html_()
    assert "<script>" not in html
    assert html.count("&lt;script&gt;") >= 3
    assert html.count("<tr>") == len(OUTCOMES) + 1
    for outcome in OUTCOMES.values():
        assert outcome.label["en"] in html
    assert any(d.verdict in html for d in comparison.differences.values())
    assert "e+0" not in html, "Large numbers are written for engineers."
    assert "nan" not in html
    assert "inf" not in html


def test_outcomes_without_a_value_are_shown_as_such(comparison: Comparison) -> None:
    nothing = paired_difference("profit", [np.nan], [1.0])
    empty = replace(comparison, differences=comparison.differences | {"profit": nothing})
    html = empty._repr_html_()
    assert "no value" in html
    assert "nan" not in html
    assert empty.table.loc["profit"].isna().sum() == 5
    json.dumps(json_item(empty.plot()), allow_nan=False)


def test_the_picture_can_be_drawn_and_shows_what_has_an_interval(comparison: Comparison) -> None:
    picture = hostile(comparison).plot()
    shown = picture.y_range.factors
    bounded = [d for d in comparison.differences.values() if np.isfinite([d.low, d.high]).all() and d.a]
    assert sorted(shown) == sorted(OUTCOMES[d.name].label["en"] for d in bounded)
    json.dumps(json_item(picture), allow_nan=False)


def test_with_one_seed_the_picture_is_empty_but_there(story: Scenario) -> None:
    single = compare(story, "4P", "4C", seeds=1, **SMALL)
    json.dumps(json_item(single.plot()), allow_nan=False)


def test_a_run_has_a_table_and_pictures_too(story: Scenario) -> None:
    plan = story.plan("4C", **SMALL)
    firm = replace(plan.firms[0], name="<script>corner</script>")
    result = run_plan(replace(plan, firms=(firm, *plan.firms[1:]), scenario="<b>"), is_recorded=True)
    html = result._repr_html_()
    assert "<script>" not in html
    assert "<b>" not in html
    assert html.count("<tr>") == len(OUTCOMES) + 1
    assert "nan" not in html
    json.dumps(json_item(result.plot(("retention", "profit", "top20_profit_share"))), allow_nan=False)
    with pytest.raises(ValueError, match=r"no weekly course of profits\. Known here: .*profit"):
        result.plot(("profits",))


# ---------------------------------------------------------------- the command


def printed(*arguments: str) -> str:
    """What `crmsim compare` prints of two strategies of the coffee shops."""
    sizes = ("--customers", "200", "--weeks", "12")
    done = CliRunner().invoke(cli, ["compare", "coffee", *arguments, *sizes], prog_name="crmsim")
    assert done.exit_code == 0, done.output
    return done.stdout


def test_the_command_prints_one_json_object_with_every_difference(comparison: Comparison) -> None:
    told = json.loads(printed("4P", "4C", "--seeds", "4", "--json"), parse_constant=lambda word: pytest.fail(word))
    assert list(told)[:4] == ["a", "b", "seeds", "outcomes"]
    assert (told["a"], told["b"], told["seeds"]) == ("4P", "4C", 4)
    assert list(told["outcomes"]) == list(OUTCOMES)
    for name, entry in told["outcomes"].items():
        difference = comparison.differences[name]
        numbers = {key: getattr(difference, key) for key in ("a", "b", "difference", "low", "high")}
        assert entry == {key: value if np.isfinite(value) else None for key, value in numbers.items()}


def test_the_command_prints_intervals_verdicts_and_whose_lives_parted(comparison: Comparison) -> None:
    shown = printed("4P", "4C", "--seeds", "4")
    for name, difference in comparison.differences.items():
        line = next(line for line in shown.splitlines() if f" {OUTCOMES[name].label['en']} " in line)
        assert difference.verdict in line
    for words in ("4P (A)", "4C (B)", "4 seeds", "95% interval", " pp"):
        assert words in shown
    parted = comparison.parted[comparison.parted >= 0]
    assert f"the lives of {len(parted)} of 200 customers parted: the first in week {parted.min()}," in shown
    assert f"half of them by week {int(np.sort(parted)[(len(parted) - 1) // 2])}," in shown
    assert "no life parted" in printed("4P", "4P", "--seeds", "2")


def test_the_command_knows_no_bounds_from_one_seed() -> None:
    entry = json.loads(printed("4P", "4C", "--seeds", "1", "--json"))["outcomes"]["revenue"]
    assert entry["low"] is entry["high"] is None
    assert entry["difference"] == pytest.approx(entry["b"] - entry["a"])
    shown = printed("4P", "4C", "--seeds", "1")
    assert "−∞ … +∞" in shown
    assert "1 seed " in shown
