"""The address: whatever a view is, its address brings it back; whatever an address says, something opens."""

import itertools
from urllib.parse import parse_qsl

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.parameters import levers
from sim.scenario import load_scenario
from sim.ui import address
from sim.ui.state import LabState, presets, slider

COFFEE, TELECOM = load_scenario("coffee"), load_scenario("telecom")
BOTH = {"coffee": COFFEE, "telecom": TELECOM}


def back(text: str) -> LabState:
    told = address.read(text)
    state = LabState(address.choice_of(told, BOTH, COFFEE), language=address.language_of(told))
    state.luck = told.get("luck") == "1"
    return state


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_every_view_has_an_address_that_brings_it_back(data: st.DataObject) -> None:
    state = LabState(data.draw(st.sampled_from([COFFEE, TELECOM])))
    state.language, state.luck = data.draw(st.sampled_from(["en", "zh"])), data.draw(st.booleans())
    state.choose_seed(data.draw(st.integers(0, 2**31 - 1)))
    for _ in range(data.draw(st.integers(0, 2))):
        state.add("A")
    for letter in state.letters:
        state.choose_preset(letter, data.draw(st.sampled_from(presets(state.scenario))))
        for path in data.draw(st.lists(st.sampled_from(sorted(levers())), max_size=4)):
            place = slider(state.scenario, path)
            steps = data.draw(st.integers(0, 40))
            state.move(letter, path, float(f"{place.low + steps * place.step:.10g}"))
    place = {"tab": "money", "note": "a & b = c; 中文 <b>"}
    written = address.written(state, "lab", place)
    again = back(written)
    assert again.choice == state.choice
    assert (again.language, again.luck) == (state.language, state.luck)
    assert address.place_of(address.read(written)) == place


def test_a_place_cannot_pretend_to_be_a_strategy() -> None:
    state = LabState(COFFEE)
    written = address.written(state, "lab", {"A": "4R", "seed": "9", "tab": "why"})
    assert address.place_of(address.read(written)) == {"tab": "why"}
    assert back(written).choice == state.choice


@pytest.mark.parametrize(
    "text",
    [
        "",
        "?",
        "?scenario=nowhere&A=4P",
        "?A=4P",  # one strategy alone is no comparison
        "?A=&B=;;;",
        "?seed=-1&lang=xx&luck=yes",
        "?seed=99999999999999999999999999&page=%00",
        "?seed=²",
        "?A=4P;pricing.list_price:nan&B=no such preset",
        "?" + "x=1&" * 5000,
        "?%ff%fe=%ff&A=%ff",
    ],
)
def test_whatever_an_address_says_a_fresh_lab_opens(text: str) -> None:
    assert back(text).choice == LabState(COFFEE).choice


def test_levers_in_an_address_go_no_further_than_their_sliders() -> None:
    state = back("?A=4P;product.spend:1e99;no.lever:3;leave.base:1;pricing.list_price:inf&B=4C;product.spend:12")
    assert state.side("A").levers["product.spend"] == slider(COFFEE, "product.spend").high
    assert state.side("A").changed == ("product.spend",)
    assert state.side("B").levers["product.spend"] == 12


@pytest.mark.parametrize(
    ("told", "accepted", "language"),
    [
        ({}, "", "en"),
        ({}, "zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ({}, "fr, en-GB;q=0.9, zh;q=0.8", "en"),
        ({"lang": "en"}, "zh-CN", "en"),
        ({"lang": "zz"}, "zh-TW", "zh"),
    ],
)
def test_the_language_is_the_address_s_else_the_browser_s(told: dict[str, str], accepted: str, language: str) -> None:
    assert address.language_of(told, accepted) == language


def test_addresses_stay_short_enough_for_every_browser() -> None:
    state = LabState(COFFEE)
    for _ in range(2):
        state.add("A")
    for letter, path in itertools.product(state.letters, levers()):
        place = slider(COFFEE, path)
        state.move(letter, path, place.low + 7 * place.step)
    written = address.written(state, "lab", {})
    assert len(written) < address.LONGEST
    assert len(parse_qsl(written[1:])) < 20
