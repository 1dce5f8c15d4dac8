"""The life of one customer: what is told happened, its numbers are the run's, and what parted twins did part them."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from sim.engine import Engine
from sim.lives_choice import NOBODY, PARTS
from sim.lives_events import Event, Witness
from sim.lives_style import Names
from sim.lives_walk import Walk
from sim.lives_words import sentence
from sim.plan import Spread
from sim.rules import leave
from sim.storage import BLOCK
from tests.reference.plans import SEGMENTS, plan_by_hand

ROUGH = {
    "levers": {
        "service.let_go_loss": 3.0, "winback.spend": 900.0, "service.agents": 0.02, "pricing.promotion_every": 4.0,
        "pricing.promotion_depth": 0.3, "programme.points_per_purchase": 1.0, "programme.reward_points": 4.0,
        "programme.reward_value": 3.0, "programme.expiry_weeks": 9.0,
    },
    "parameters": {
        "experience.failure_rate": 0.6, "experience.exit_rate": 0.5, "leave.lost_at_least": 4, "leave.lost_after": 2.0,
        "tell.blame_rate": 0.9, "tell.praise_rate": 0.5, "hear.forget": 0.3, "leave.return_rate": 0.2,
    },
    "weeks": 40,
    # Nobody moves: the points of those who are gone lapse in the books and in nobody's life.
    "segments": tuple(dataclasses.replace(segment, moving=Spread(0.0)) for segment in SEGMENTS),
}  # fmt: skip
PLANS = {
    "by hand": {},
    "rough": ROUGH,
    "contracts": {"contract_weeks": 3, "parameters": {"leave.return_rate": 0.1}},
    "news": {"trust_shock": np.where(np.arange(34)[:, None] == 20, 0.9, 0.0) * np.ones(3)},
}


@pytest.fixture(scope="module", params=list(PLANS))
def market(request: pytest.FixtureRequest) -> tuple[Walk, list[Witness], Engine]:
    """A market in which everybody is watched, and the same market as the engine runs it, compared week by week."""
    plan = plan_by_hand(**PLANS[request.param])
    walk, engine = Walk(plan), Engine(plan)
    witnesses = [Witness(walk, i) for i in range(plan.market_size)]
    for moment in walk.moments():
        for witness in witnesses:
            witness.see(moment)
        if moment.phase == "account":
            engine.advance(1)
            for name in ("customers", "relations"):
                ours, theirs = getattr(walk.world, name), getattr(engine.world, name)
                assert ours.tobytes() == theirs.tobytes(), f"week {moment.week}: the {name} are not the engine's"
    return walk, witnesses, engine


def test_a_life_is_told_whichever_block_it_is_in() -> None:
    plan = plan_by_hand(market_size=BLOCK + 60, weeks=12)
    walk, engine = Walk(plan), Engine(plan)
    witnesses = [Witness(walk, i) for i in (7, BLOCK, BLOCK + 59)]
    for moment in walk.moments():
        for witness in witnesses:
            witness.see(moment)
    engine.run()
    for name in ("customers", "relations"):
        assert getattr(walk.world, name).tobytes() == getattr(engine.world, name).tobytes(), f"Other {name}."
    alone = Walk(plan)
    only = Witness(alone, BLOCK + 59)
    for moment in alone.moments(customers=[BLOCK + 59]):
        assert moment.block in (-1, 1), "Blocks of nobody who is watched are not stopped in."
        only.see(moment)
    assert only.weeks == witnesses[-1].weeks
    assert alone.world.relations.tobytes() == engine.world.relations.tobytes(), "But they live."
    for witness in witnesses:
        bought = [event.firm for events in witness.weeks for event in events if event.kind == "bought"]
        theirs = engine.world.relations_of(witness.i)["purchases"]
        assert [bought.count(f) for f in range(len(theirs))] == theirs.tolist()
        assert len(witness.weeks) == len(witness.codes) == plan.warm_up + plan.weeks


def happened(witnesses: list[Witness], kind: str) -> Iterator[tuple[int, int, Event]]:
    """(customer, week of the run, event) of every event of a kind."""
    for witness in witnesses:
        for w, events in enumerate(witness.weeks):
            yield from ((witness.i, w, event) for event in events if event.kind == kind)


# ---------------------------------------------------------------- what is told is what happened


def test_everything_the_firms_counted_is_in_somebody_s_life(market: tuple[Walk, list[Witness], Engine]) -> None:
    _, witnesses, engine = market
    found: dict[str, Counter[tuple[int, int]]] = {name: Counter() for name in COUNTED}
    for name, (kind, amount) in COUNTED.items():
        for _, w, event in happened(witnesses, kind):
            if n := amount(event.numbers):
                found[name][w, event.firm] += n
    for name, counts in found.items():
        mine = np.zeros(engine.world.tally.shape)
        for place, n in counts.items():
            mine[place] = n
        theirs = engine.world.tally[name]
        np.testing.assert_allclose(mine, theirs, rtol=1e-6, err_msg=f"The lives tell other {name} than the books.")
    assert engine.world.tally["purchases"].sum() > 300
    moved = [f for _, _, event in happened(witnesses, "moved") for f in event.numbers["firms"]]
    assert len(moved) == engine.world.tally["left_moved"].sum()


COUNTED: dict[str, tuple[str, Any]] = {
    "purchases": ("bought", lambda n: 1),
    "first_purchases": ("bought", lambda n: n["is_first"]),
    "deal_purchases": ("bought", lambda n: n["deal"] > 0),
    "revenue": ("bought", lambda n: n["price"]),
    "rewards": ("bought", lambda n: n["reward"]),
    "points_redeemed": ("bought", lambda n: n["points"]),
    "points_lapsed": ("lapsed", lambda n: n["points"]),
    "perceived": ("met", lambda n: n["perceived"]),
    "failures": ("met", lambda n: n["is_failed"]),
    "complaints": ("met", lambda n: n["is_complained"]),
    "recovered": ("met", lambda n: n["is_recovered"]),
    "praise": ("told", lambda n: n["is_good"] * len(n["friends"])),
    "blame": ("told", lambda n: (not n["is_good"]) * len(n["friends"])),
    "returned": ("returned", lambda n: 1),
    "left_on_purpose": ("left", lambda n: n["reason"] == leave.PUSHED_ON_PURPOSE),
    "left_unmet": ("left", lambda n: n["reason"] == leave.NEEDS_UNMET),
    "left_value": ("left", lambda n: n["reason"] == leave.BETTER_VALUE),
    "left_price": ("left", lambda n: n["reason"] == leave.LOWER_PRICE),
}


def test_the_rough_market_leaves_nothing_out() -> None:
    """So that the tests above and below mean something: every kind of event happens in it or in its sisters."""
    plan = plan_by_hand(**ROUGH)
    engine = Engine(plan)
    engine.run()
    for name in COUNTED:
        if name not in ("left_price",):
            assert engine.tally[name].sum() > 0, f"No {name} in the rough market."


def test_choices_taken_apart_give_what_was_chosen(market: tuple[Walk, list[Witness], Engine]) -> None:
    _, witnesses, _ = market
    n_choices = 0
    for kind in ("bought", "without"):
        for i, w, event in happened(witnesses, kind):
            n, offers = event.numbers, witnesses[i].offers[w, event.numbers["occasion"]]
            assert max(offers, key=lambda one: one.total).firm == event.firm
            assert max(offers, key=lambda one: one.value).firm == n["by_value"]
            for offer in offers:
                assert sum(offer.parts.values()) == pytest.approx(offer.value, abs=1e-9)
                assert set(offer.parts) <= set(PARTS)
            assert sum(n["gaps"].values()) == pytest.approx(n["value"] - n["other_value"], abs=1e-9)
            assert (n["cause"] == "luck") == (n["by_value"] != event.firm)
            assert not set(n["not_considered"]) & {offer.firm for offer in offers}
            n_choices += 1
    assert n_choices > 300


def test_levels_move_from_where_they_were_to_where_they_are(market: tuple[Walk, list[Witness], Engine]) -> None:
    """Satisfaction goes on where it stopped; the parts of a change of trust are the whole change."""
    _, witnesses, engine = market
    is_news = engine.plan.trust_shock.any(axis=1)
    for witness in witnesses:
        last: dict[int, float] = {}
        for w, events in enumerate(witness.weeks):
            for event in events:
                n = event.numbers
                if event.kind == "met":
                    assert n["before"] == last.get(event.firm, 0.5)
                    last[event.firm] = n["after"]
                if event.kind == "trust":
                    parts = n["dialogue"] + n["promise"] + n["talk"] + n["news"]
                    assert parts == pytest.approx(n["after"] - n["before"], abs=1e-12)
                    assert is_news[w] or abs(n["news"]) < 1e-6, "The rules of trust give another trust than the engine."
        stored = engine.relations[witness.i]["satisfaction"]
        assert all(stored[f] == level for f, level in last.items())


def test_whoever_hears_of_a_firm_drew_below_the_chance(market: tuple[Walk, list[Witness], Engine]) -> None:
    _, witnesses, _ = market
    n_heard = 0
    for _, _, event in happened(witnesses, "heard"):
        n = event.numbers
        assert n["draw"] < n["chance"]
        assert n["without"] < n["chance"]
        assert n["cause"] != "friends" or len(n["friends"]) > 0
        n_heard += 1
    assert n_heard > 10


def test_the_reason_told_is_the_one_the_rule_gives(market: tuple[Walk, list[Witness], Engine]) -> None:
    walk, witnesses, _ = market
    for _, _, event in happened(witnesses, "left"):
        n = event.numbers
        if n["reason"] == leave.PUSHED_ON_PURPOSE:
            assert n["earned"] < -n["limit"]
        elif n["has_walked_out"]:
            assert n["reason"] == leave.NEEDS_UNMET
        else:
            is_rival = n["rival"] != NOBODY
            numbers = (n["satisfaction"], n["unmet_below"], is_rival, n["value"], n["rival_value"], n["price_part"])
            assert leave.reason_for_leaving(*numbers) == n["reason"]
            if n["reason"] == leave.BETTER_VALUE:  # what would have kept them: as much value as the rival's
                weight = float(walk.world.customer(_of(witnesses, event))["weight_money"])
                gained = n["cheaper_by"] / walk.plan.reference_price * weight
                assert n["value"] + gained == pytest.approx(n["rival_value"])


def _of(witnesses: list[Witness], event: Event) -> int:
    return next(w.i for w in witnesses if any(event in events for events in w.weeks))


def test_friends_named_are_friends_who_spoke(market: tuple[Walk, list[Witness], Engine]) -> None:
    walk, witnesses, _ = market
    told = {
        (w + 1, event.firm, friend, i)
        for i, w, event in happened(witnesses, "told")
        for friend in event.numbers["friends"]
    }
    n_heard = 0
    for i, w, event in happened(witnesses, "trust"):
        for friend in event.numbers["friends"]:
            assert (w, event.firm, i, friend) in told
            n_heard += 1
    assert n_heard > 0
    ties = [set(walk.world.friends[slice(*walk.world.offsets[i : i + 2])].tolist()) for i in range(len(witnesses))]
    assert all(friend in ties[i] for _, _, friend, i in told)


# ---------------------------------------------------------------- sentences


def numbers_in(value: Any) -> Iterator[float]:
    """Every single number in an event's numbers."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from numbers_in(inner)
    elif isinstance(value, list):
        yield float(len(value))
        for inner in value:
            yield from numbers_in(inner)
    elif isinstance(value, int | float):
        yield float(value)


def derived(n: dict[str, Any]) -> Iterator[float]:
    """What the sentences add or subtract: prices after rewards, luck against luck, sums of parts and shares of them."""
    yield n.get("price", 0.0) - n.get("reward", 0.0)
    yield n.get("luck", 0.0) - n.get("by_value_luck", 0.0)
    gaps = n.get("gaps", {})
    for sums in (
        ("product", "service", "personnel", "image"),
        ("habit", "knowledge", "commitment"),
        ("time", "effort"),
    ):
        yield sum(gaps.get(part, 0.0) for part in sums)
    ordered = sorted(gaps.values())
    for least in range(3):
        for most in range(3):
            yield sum(ordered[least : len(ordered) - most])


def test_every_number_in_a_sentence_comes_from_the_run(market: tuple[Walk, list[Witness], Engine]) -> None:
    walk, witnesses, _ = market
    names, n_checked = Names.of(walk.plan), 0
    for witness in witnesses:
        for event in (event for events in witness.weeks for event in events):
            text, known = sentence(event, names), [*numbers_in(event.numbers), *derived(event.numbers)]
            assert text[0].isupper(), text
            assert text.endswith("."), text
            assert not re.search(r"nan|None|\{|\}|  |\.\.|, \.", text), text
            for figure, percent in re.findall(r"(\d[\d,]*(?:\.\d+)?)(%?)", text):
                digits = len(figure.partition(".")[2])
                value = float(figure.replace(",", ""))
                scale = 100 if percent else 1
                off = min(abs(abs(scale * number) - value) for number in known)
                assert off <= 0.5001 * 10.0**-digits, f"{figure} in “{text}” is nowhere in {event.numbers}"
                n_checked += 1
    assert n_checked > 2000


def test_the_engine_s_word_for_every_stage_and_reason_is_known(market: tuple[Walk, list[Witness], Engine]) -> None:
    _, witnesses, _ = market
    kinds = Counter(event.kind for witness in witnesses for events in witness.weeks for event in events)
    assert {"bought", "without", "met", "trust", "heard", "stage", "left", "told"} <= set(kinds), kinds
