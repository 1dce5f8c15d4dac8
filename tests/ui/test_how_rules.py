"""The page about the model says what the model does: every rule, every number, curves drawn by the rules themselves."""

import math
from typing import Any

import pytest

from sim import parameters
from sim.compiled import RULES
from sim.ui import how_rules
from sim.ui.how import How, HowMap, setup_of
from sim.ui.state import LANGUAGES
from sim.ui.texts import said


class Visitor:
    language = "en"


def test_every_rule_is_told_with_sentence_code_source_and_line() -> None:
    assert list(how_rules.rules()) == list(RULES)
    for name, text in how_rules.rules().items():
        assert text.sentence.endswith("."), name
        assert text.source, name
        assert "return" in text.code, name
        assert '"""' not in text.code, name
        lines = (how_rules.ROOT / text.file).read_text(encoding="utf-8").splitlines()
        assert lines[text.line - 1].startswith("@rule"), f"{name} is not at {text.file}:{text.line}"
        assert text.arguments, name


@pytest.mark.parametrize("name", list(RULES))
def test_a_curve_is_what_the_compiled_rule_gives(name: str) -> None:
    text = how_rules.rules()[name]
    along = how_rules.most_telling(name)
    points = how_rules.curve(name, {}, along)
    varied = next(one for one in text.arguments if one.name == along)
    assert points[0][0] == varied.low
    assert points[-1][0] == pytest.approx(varied.high)
    for x, y in points[1 :: len(points) // 5 or 1]:
        given = [x if one.name == along else one.value for one in text.arguments]
        expected = float(RULES[name](*(float(value) for value in given)))
        assert y is None or y == pytest.approx(expected, rel=1e-9, abs=1e-12)
        assert math.isfinite(expected) == (y is not None)


@pytest.mark.parametrize("name", list(RULES))
def test_a_curve_moves(name: str) -> None:
    values = [y for _, y in how_rules.curve(name, {}, how_rules.most_telling(name)) if y is not None]
    assert max(values) > min(values), f"The curve of {name} is flat, so it shows nothing."


def test_numbers_that_the_week_passes_in_are_recognised() -> None:
    found = {one.name: one.parameter for one in how_rules.rules()["hear.awareness_kept"].arguments}
    assert found["forget"] is parameters.catalogue()["hear"]["forget"]
    assert found["awareness"] is None
    for text in how_rules.rules().values():
        for one in text.arguments:
            assert one.low < one.high, (text.name, one)
            assert one.low <= one.value <= one.high, (text.name, one)
            if one.parameter is not None:
                assert one.parameter.low <= one.low < one.high <= one.parameter.high, (text.name, one)


def test_phases_show_the_rules_of_the_files_they_call() -> None:
    shown = how_rules.phase_rules()
    assert list(shown) == [phase.name for phase in how_rules.PHASES]
    for phase in how_rules.PHASES:
        assert tuple(sorted({name.split(".")[0] for name in shown[phase.name]})) == phase.rules
    assert set().union(*map(set, shown.values())) == set(RULES), "Some rule is shown in no phase."


@pytest.mark.parametrize(
    "values", [{}, {"gap": math.inf}, {"gap": "1"}, {"gap": True}, {"loss_aversion": -5}, {"x": 1}]
)
def test_what_a_browser_asks_for_is_kept_to_the_ranges(values: dict[str, Any]) -> None:
    kept = how_rules.settled("judge.felt_gap", values)
    assert list(kept) == ["gap", "loss_aversion"]
    for one in how_rules.rules()["judge.felt_gap"].arguments:
        assert one.low <= kept[one.name] <= one.high


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_shows_every_number_and_phase(language: str) -> None:
    setup = setup_of(language)
    paths = [row[6] for row in setup["parameters"]]
    assert paths == [one.path for file in parameters.catalogue().values() for one in file.values()]
    assert [phase["name"] for phase in setup["phases"]] == [phase.name for phase in how_rules.PHASES]
    assert set(setup["rules"]) == set(RULES)
    assert {len(row) for row in setup["parameters"]} == {len(setup["parameter_heads"])}
    assert {len(row) for row in setup["laws"]} <= {len(setup["law_heads"])}
    assert [row[0] for row in setup["laws"]] == [row["id"] for row in how_rules.laws()]


def test_a_translation_counts_only_while_the_sentence_is_the_one_translated() -> None:
    name = "judge.felt_gap"
    assert said(f"how_rule_{name}") == how_rules.rules()[name].sentence
    assert setup_of("zh")["rules"][name]["sentence"] == said(f"how_rule_{name}", "zh").replace("`", "")
    from sim.ui.how import _translated

    assert _translated(f"how_rule_{name}", "Something else by now.", "zh") == "Something else by now."


def test_an_address_and_a_message_from_a_stranger_do_no_harm() -> None:
    page = How(Visitor(), {"rule": "<img src=x>", "phase": "nothing"})
    assert page.place == {}
    for message in ("nonsense", {"do": "curve"}, {"do": "curve", "rule": "judge.felt_gap", "along": "__class__"},
                    {"do": "curve", "rule": "os.system", "along": "x"}):  # fmt: skip
        page.map._handle_msg(message)
        assert page.map.curve == {}
    page.map._handle_msg({"do": "curve", "rule": "judge.felt_gap", "along": "gap", "values": [1, 2]})
    assert page.map.curve["points"][0] == (-1.0, pytest.approx(-parameters.catalogue()["judge"]["loss_aversion"].value))
    page.map.place = {"rule": "judge.felt_gap", "other": "x"}
    assert page.place == {"rule": "judge.felt_gap"}
    page.go({"phase": "tell"})
    assert page.map.place == {"phase": "tell"}
    assert isinstance(page.map, HowMap)
