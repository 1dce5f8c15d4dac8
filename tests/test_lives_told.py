"""Lives as they are told: short and whole, twins and what parted them, causes over all customers, the command."""

from __future__ import annotations

import dataclasses
import json
import re
from collections import Counter
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from sim import explain, run
from sim.cli import cli
from sim.engine import Engine
from sim.lives import Life, reasons, witnessed
from sim.paired import first_partings
from sim.scenario import Faults, load_scenario, scenario_from

# ---------------------------------------------------------------- a market made so that price alone decides


WEIGHTS = {
    "product": 2.2, "service": 1.5, "personnel": 0.6, "image": 0.5, "money": 3.2, "time": 1.2, "energy": 1.1,
    "mental": 0.9,
}  # fmt: skip
TWO = {
    "extends": "_baseline",
    "market": {
        "customers": 60, "weeks": 40, "warm_up": 12, "taste_concentration": None, "contract_weeks": 4,
        "outside_value": -9, "budget": 0,
    },
    "types": {
        "rational": {
            "weights": WEIGHTS, "weight_spread": 0, "moving": {"mean": 0}, "need_rate": {"mean": 1, "shape": None},
        }
    },
    "segments": {"all": {"label": {"en": "All", "zh": "全体"}, "share": 1, "types": "rational"}},
    "events": [
        {
            "label": {"en": "A price war", "zh": "价格战"}, "week": 8, "firm": "rival",
            "scale": {"pricing.list_price": 0.1},
        }
    ],
    # Its own numbers, so that what is told does not change with the default market's.
    "parameters": {
        "trust": {"start": 0.3, "praise": 0.12, "blame": 0.15, "start_spread": 0},
        "hear": {"reach": 0.15, "forget": 0.02, "remind": 0.1},
        "judge": {"as_expected": 0.65, "from_expectation": 0.8},
        "choose": {"halo": 0.8, "habit_pull": 1.2, "salience_pull": 0},
        "leave": {"lost_after": 5.0, "lost_at_least": 12, "return_rate": 0.004},
        "tell": {"praise_above": 0.7, "blame_below": 0.35, "recommend_floor": 0.3, "ignored_rate": 0},
        "advertising": {"build": 0.12},
    },
}  # fmt: skip


def two_alike(**changes: Any) -> Any:
    """Two firms alike in everything but price: the rival's falls to a tenth in week 8."""
    firm = {
        "standing": 1, "awareness": 1, "unit_cost": 1,
        "attributes": {"product": 0.6, "service": 0.6, "personnel": 0.6, "image": 0.5, "place": 1, "convenience": 0.6},
        "levers": {"pricing": {"list_price": 10}, "service": {"agents": 0}},
    }  # fmt: skip
    data = json.loads(json.dumps(TWO)) | changes
    data["firms"] = {name: firm | {"label": {"en": name.capitalize(), "zh": name}} for name in ("ours", "rival")}
    return scenario_from(data, "two alike")


def test_where_price_alone_differs_customers_are_bought_away_by_price() -> None:
    story = two_alike()
    told = [(week, text) for i in range(60) for week in explain(story, i).weeks for text in week.sentences]
    left = [text for week, text in told if text.startswith("Left Ours") and week.week >= 8 and "unmet" not in text]
    assert len(left) > 5
    even = "at equal prices ($1.00 there, $10.00 here: +2.88) they would have stayed."
    bought = [text for text in left if text.startswith("Left Ours, bought away by price: they switched,")]
    assert len(bought) > 0.6 * len(left), left  # some had grown fond of the rival before
    assert all("Rival is worth more now" in text and text.endswith(even) for text in bought)
    switched = [
        text for week, text in told if week.week == 8 and "Switched from Ours to Rival" in text and "luck" not in text
    ]
    assert switched
    assert all("price (+2.88)" in text for text in switched)
    before = [text for week, text in told if week.week < 8]
    assert not any("bought away by price" in text or "price (" in text.partition(" against ")[0] for text in before)


def test_a_life_reads_as_told_at_the_desk() -> None:
    """One life in full, so that a change of words is seen: what a student reads."""
    life = explain(two_alike(), 2, weeks=10)
    assert life.person[0] == "Customer 2 (All) needs something 1.00 times a week and has six friends."
    assert life.text.splitlines()[0] == "two alike · opening · customer 2 of 60 · seed 1"
    week = next(week for week in life.weeks if week.week == 8)
    assert week.sentences == (
        "Switched from Ours to Rival ($1.00), worth more now, 1.44 to −0.53: price (+2.88) outweighed habit (−0.41) "
        "and attachment (−0.15).",
        "Rival was better than expected (0.52 where they expected 0.50): satisfaction rose from 0.50 to 0.56.",
        "Left Ours, bought away by price: they switched, and Rival is worth more now, 1.65 to −1.09; at equal prices "
        "($1.00 there, $10.00 here: +2.88) they would have stayed.",
    )
    assert list(week.numbers) == ["bought", "met", "left"]
    assert week.numbers["bought"]["firm"] == "rival"
    assert week.numbers["bought"]["former"] == week.numbers["bought"]["other"] == "ours"
    assert week.numbers["bought"]["gaps"]["price"] == pytest.approx(3.2 * 0.9)
    assert life.ending[0].startswith("Ours: a lost customer, five purchases in all, $20.00 spent since week 0, ")


# ---------------------------------------------------------------- lives as a whole


@pytest.fixture(scope="module")
def life() -> Life:
    return explain("coffee", 42, "4R", customers=200, weeks=40)


def test_a_short_telling_is_short_and_a_whole_one_whole(life: Life) -> None:
    short, whole = life.text, life.story(is_whole=True)
    assert len(short.splitlines()) < 60 < len(whole.splitlines())
    flat = " ".join(whole.split())
    for week in life.weeks:
        assert all(text in flat for text in week.sentences)
    told = sum(kept for week in life.weeks for kept in week.is_told)
    assert 5 < told <= 20
    assert max(map(len, whole.splitlines())) <= 110
    assert all(text in " ".join(short.split()) for text in (*life.person, *life.ending))


def test_purchases_not_told_are_counted_in_between() -> None:
    for i in range(12):
        told = explain("telecom", i, customers=60, weeks=40)
        n_bought = sum(kind.split(" ")[0] == "bought" for week in told.weeks for kind in week.numbers)
        n_told = sum(
            kept and kind.split(" ")[0] == "bought"
            for week in told.weeks for kind, kept in zip(week.numbers, week.is_told, strict=True)
        )  # fmt: skip
        between = " ".join(told.gaps.values()).replace("once", "1 times").replace("twice", "2 times")
        for n, word in enumerate(("three", "four", "five", "six", "seven", "eight", "nine", "ten"), 3):
            between = between.replace(word, str(n))
        between = re.sub(r"went without \d+ times?", "", between.lower())
        assert sum(map(int, re.findall(r"(\d+) times", between))) == n_bought - n_told, told.gaps


def test_a_life_is_a_frame_and_plain_data(life: Life) -> None:
    frame = life.frame
    assert {"week", "kind", "sentence", "firm", "price", "satisfaction"} <= set(frame.columns)
    assert len(frame) == sum(len(week.sentences) for week in life.weeks)
    assert frame["week"].is_monotonic_increasing
    data = json.loads(json.dumps(life.as_dict(), allow_nan=False))
    assert data["customer"] == 42
    assert [week["week"] for week in data["weeks"]] == [week.week for week in life.weeks]
    bought = frame[frame["kind"] == "bought"]
    done = run("coffee", "4R", customers=200, weeks=40, is_recorded=True)
    sold = done.transactions
    sold = sold[sold["customer_id"] == 42]
    reported = bought[bought["week"] >= 0]
    assert (reported["price"] - reported["reward"]).tolist() == pytest.approx(sold["amount"].tolist())
    assert reported["firm"].tolist() == sold["firm"].tolist()


def test_html_escapes_what_a_scenario_says() -> None:
    story = two_alike(title={"en": "<b>", "zh": "<b>"})
    firms = tuple(dataclasses.replace(firm, label={"en": "<script>Ours & co"}) for firm in story.plan().firms)
    plan = dataclasses.replace(story.plan(weeks=9), firms=firms)
    walk, witness, person = witnessed(plan, 2)
    from sim.lives import _life

    html = _life(walk, witness, person, "<i>", None)._repr_html_()
    assert "<script" not in html
    assert "<i>" not in html
    assert "&lt;script&gt;Ours &amp; co" in html


def test_requests_that_cannot_be_met_are_refused_in_sentences() -> None:
    for wrong in (-1, 200, True, "7", 1.0):
        with pytest.raises(ValueError, match=r"There is no customer .*: this market has 200, numbered from 0 to 199\."):
            explain("coffee", wrong, customers=200)  # type: ignore[arg-type]
    with pytest.raises(Faults, match="There is no strategy 4D"):
        explain("coffee", 1, "4D")
    with pytest.raises(Faults, match="There is no strategy 4E"):
        explain("coffee", 1, versus="4E")


# ---------------------------------------------------------------- twins

# Of these levers only the list price acts: nobody collects points, and a promise below what is expected raises nothing.
PLANTED = {
    "pricing.list_price": 3.0, "programme.expiry_weeks": 5, "programme.reward_value": 3.0, "advertising.promise": 0.1,
}  # fmt: skip


def twins_of(story: Any, n: int, **request: Any) -> tuple[list[Life], list[int | None]]:
    """The lives of the first n customers whose lives part, and of the first one whose do not; as `compare` finds it."""
    sizes = {name: request.pop(name) for name in ("customers", "weeks") if name in request}
    weeks = first_partings(*[story.plan(request[side], **sizes) for side in ("strategy", "versus")])
    chosen = [*np.flatnonzero(weeks >= 0)[:n].tolist(), *np.flatnonzero(weeks < 0)[:1].tolist()]
    parted = [int(weeks[i]) if weeks[i] >= 0 else None for i in chosen]
    return [explain(story, i, **request, **sizes) for i in chosen], parted


def test_the_planted_lever_is_found_and_the_week_is_the_one_that_compare_tells() -> None:
    story = load_scenario("coffee")
    quiet = {"advertising.promise": 0.1, "advertising.spend": 100}
    lives, parted = twins_of(
        story, 9, strategy=quiet | {"pricing.list_price": 3.0} | PLANTED, versus=quiet, customers=200, weeks=30
    )
    assert len(lives) == 10
    assert parted[-1] is None
    tipped: list[str] = []
    for week, life in zip(parted, lives, strict=True):
        assert life.parting is not None
        assert life.parting.week == week
        if life.parting.week is None:
            assert life.parting.sentences == (
                "Under B the same customer, with the same luck, lives the very same weeks.",
            )
            assert not life.parting.levers
            continue
        assert life.parting.levers == {"pricing.list_price": (3.0, 4.5)}
        assert not life.parting.needs_all
        assert life.parting.here != life.parting.there
        if life.parting.rule == "choose.delivered_value":
            tipped.append(next(iter(life.parting.tipped)))
            assert " price (+" in life.parting.sentences[2] or tipped[-1] != "price"
    assert tipped.count("price") > 0.5 * len(tipped), tipped  # the others met a desk that more people call
    rules = Counter(life.parting.rule for life in lives if life.parting and life.parting.week is not None)
    assert rules["choose.delivered_value"] > 2, rules


def test_where_it_takes_two_levers_it_says_so() -> None:
    story = load_scenario("coffee")
    deal = {"pricing.promotion_depth": 0.3, "pricing.promotion_every": 3, "programme.expiry_weeks": 5}
    lives, _ = twins_of(story, 4, strategy="opening", versus=deal, customers=150, weeks=20)
    together = [life.parting for life in lives if life.parting and life.parting.week is not None]
    assert len(together) == 4
    for parting in together:
        assert set(parting.levers) == {"pricing.promotion_depth", "pricing.promotion_every"}
        assert parting.needs_all
        assert "No single lever is behind it: only two levers set as under B at once" in parting.sentences[3]
    backward, _ = twins_of(story, 3, strategy=deal, versus="opening", customers=150, weeks=20)
    for life in backward:
        if life.parting and life.parting.week is not None:
            assert not life.parting.needs_all, "Without either there is no promotion."
            assert "either alone" in life.parting.sentences[3]


def test_every_rule_that_parts_is_named_with_what_it_says() -> None:
    rules = set()
    for name, strategy in (("telecom", "win_back"), ("coffee", "4R")):
        for life in twins_of(load_scenario(name), 6, strategy=strategy, versus="4C", customers=120, weeks=40)[0]:
            parting = life.parting
            assert parting is not None
            if parting.week is not None:
                rules.add(parting.rule)
                said = rf"The rule that parted them is {re.escape(parting.rule)} \(\w.*\)"
                assert re.match(said, parting.sentences[2])
                assert parting.levers
                assert all(here != there for here, there in parting.levers.values())
    assert len(rules) > 2, rules


# ---------------------------------------------------------------- causes over all customers


def test_causes_add_up_to_the_books() -> None:
    done = run("coffee", "4R", customers=300, weeks=40)
    causes, tally = reasons(done), done.engine.tally
    by_deed = causes.groupby(["firm", "what"])["customers"].sum()
    for f, firm in enumerate(done.plan.firms):
        joined = tally["first_purchases"][:, f].sum()
        assert by_deed.get((firm.name, "joined"), 0) == by_deed.get((firm.name, "heard"), 0) == joined
        assert by_deed.get((firm.name, "came back"), 0) == tally["returned"][:, f].sum()
        for column, cause in (("left_unmet", "needs unmet"), ("left_moved", "moved away")):
            here = causes[(causes["firm"] == firm.name) & (causes["what"] == "left") & (causes["cause"] == cause)]
            assert here["customers"].sum() == tally[column][:, f].sum()
    shares = causes.groupby(["firm", "what"])["share"].sum()
    assert np.allclose(shares, 1.0)
    assert set(causes["what"]) == {"heard", "joined", "left", "came back"}


def test_causes_follow_what_was_decided_in_the_course_of_the_weeks() -> None:
    engine = Engine(load_scenario("coffee").plan(customers=200, weeks=30))
    engine.warm_up()
    engine.advance(5)
    engine.decide({"pricing.list_price": 2.0, "advertising.spend": 2000.0})
    engine.advance(15)
    before = engine.relations.tobytes()
    causes = reasons(engine)
    assert engine.relations.tobytes() == before, "Asking for causes has moved the market."
    joined = causes[(causes["what"] == "joined") & (causes["firm"] == "corner")]["customers"].sum()
    assert joined == engine.tally["first_purchases"][:, 0].sum() > 0


# ---------------------------------------------------------------- the command


def crmsim(*arguments: str) -> Any:
    return CliRunner().invoke(cli, ["explain", *arguments], prog_name="crmsim")


SMALL = ("--customers", "120", "--weeks", "20")


def test_the_command_tells_the_life_the_function_tells() -> None:
    life = explain("coffee", 7, "4C", versus="4P", customers=120, weeks=20, sets={"pricing.list_price": 4})
    asked = ("coffee", "--customer", "7", "--strategy", "4C", "--versus", "4P", "--set", "pricing.list_price=4", *SMALL)
    assert crmsim(*asked).stdout == f"{life.text}\n"
    assert crmsim(*asked, "--all").stdout == f"{life.story(is_whole=True)}\n"
    assert json.loads(crmsim(*asked, "--json").stdout) == json.loads(json.dumps(life.as_dict()))


def test_the_command_without_a_customer_counts_causes() -> None:
    done = crmsim("coffee", "--strategy", "4C", *SMALL)
    assert done.exit_code == 0, done.output
    causes = reasons(run("coffee", "4C", customers=120, weeks=20))
    for text in ("The station kiosk", *causes["cause"].unique()):
        assert text in done.stdout
    data = json.loads(crmsim("coffee", "--strategy", "4C", *SMALL, "--json").stdout)
    assert data["causes"] == causes.to_dict(orient="records")


NO_STRATEGY = "There is no strategy stampcard. Did you mean stamp_card?"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("coffee", "--customer", "120"), "There is no customer 120: this market has 120, numbered from 0 to 119."),
        (("coffee", "--customer", "-1"), "There is no customer -1: this market has 120, numbered from 0 to 119."),
        (("coffee", "--customer", "1", "--strategy", "stampcard"), NO_STRATEGY),
        (("coffee", "--customer", "1", "--versus", "stampcard"), NO_STRATEGY),
        (("cofee", "--customer", "1"), "There is no scenario cofee. Did you mean coffee?"),
        (
            ("coffee", "--versus", "4P"),
            "--versus and --all tell of one customer; name one with --customer, such as 42.",
        ),
    ],
)
def test_the_command_refuses_in_sentences(arguments: tuple[str, ...], said: str) -> None:
    done = crmsim(*arguments, *SMALL)
    assert (done.exit_code, done.stdout, done.stderr.strip()) == (2, "", said)
