"""The report: what it holds, that it needs nothing else, that it reproduces, and that it comes back read as hostile."""

import json
import re
from html.parser import HTMLParser
from typing import Any

import pytest

from sim.engine import Engine
from sim.outcomes import over_horizon
from sim.scenario import Scenario, load_scenario, scenario_from, scenario_from_text
from sim.ui import report_data, report_html, report_yaml
from sim.ui.desk import Answer, Parting
from sim.ui.report import Report
from sim.ui.report_history import history
from sim.ui.runs import Runs, plan_of
from sim.ui.state import LANGUAGES, LabState
from tests.ui.test_lab_words import measured

ATTACK = "<img src=x onerror=alert(1)></script><script>alert(1)</script>"
NOTES = f"First line\nsecond line\n\n{ATTACK} 你好"


class Nobody:
    is_cancelled = False


@pytest.fixture(scope="module")
def story() -> Scenario:
    return load_scenario("coffee")


@pytest.fixture(scope="module")
def state(story: Scenario) -> LabState:
    found = LabState(story)
    for price in (4.3, 4.2, 4.0):
        found.move("B", "pricing.list_price", price)
    found.choose_seed(7)
    return found


@pytest.fixture(scope="module")
def answer(state: LabState) -> Answer:
    runs, question = Runs(), state.question
    courses = tuple(runs.course(question, side, 0, Nobody()) for side in range(len(question.sides)))
    return Answer(question, courses, partings={"B": Parting(4000, 10, 1, 2)})  # type: ignore[arg-type]


def written(state: LabState, answer: Answer, notes: str = NOTES, name: str = ATTACK) -> str:
    data = report_data.data_of(state, name, notes, history(state), "2026-11-22")
    return report_html.document(state, answer, data)


class Reader(HTMLParser):
    """What a browser would run, load or show."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, Any]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_report_holds_everything_and_needs_nothing(state: LabState, answer: Answer, language: str) -> None:
    state.language = language
    try:
        html = written(state, measured(answer))
        page = Reader(html)
    finally:
        state.language = "en"
    scripts = [attributes for tag, attributes in page.tags if tag == "script"]
    assert scripts == [{"type": "application/json", "id": "crmsim-report"}]
    loaded = [(tag, a) for tag, a in page.tags if {"src", "href", "srcset", "data"} & set(a)]
    assert not loaded, f"The report asks for {loaded}."
    assert not [a for _, a in page.tags if any(name.startswith("on") for name in a)]
    assert "url(" not in html
    assert "@import" not in html
    assert sum(tag == "figure" for tag, _ in page.tags) == 5
    assert ATTACK in page.text
    assert "second line" in page.text
    assert "± " in page.text
    assert "--seed 7" in page.text
    assert "extends: coffee" in page.text
    assert {"lang": "en" if language == "en" else "zh-Hans"} in [a for tag, a in page.tags if tag == "html"]


def test_a_report_of_one_world_says_so(state: LabState, answer: Answer) -> None:
    text = Reader(written(state, answer)).text
    assert "cannot be told from luck" in text
    assert "± " not in text


def test_the_file_gives_the_same_numbers(state: LabState, answer: Answer) -> None:
    again = scenario_from_text(report_yaml.scenario_yaml(state), "report")
    assert again.seed == 7
    for side, letter in enumerate(state.letters):
        engine = Engine(again.plan(letter))
        engine.run()
        assert float(over_horizon(engine)["profit"][0]) == answer.courses[side].numbers["profit"]
        assert f"crmsim run report.yaml --strategy {letter} --seed 7" in report_yaml.commands(state, 20)


def test_a_strategy_beyond_the_budget_is_reached_by_its_levers(story: Scenario) -> None:
    state = LabState(story)
    state.move("B", "service.agents", 3)
    again = scenario_from_text(report_yaml.scenario_yaml(state), "report")
    assert "B" not in again.strategies
    (command,) = [one for one in report_yaml.commands(state, 20) if "--set" in one]
    assert command == "crmsim run coffee --strategy 4C --seed 1 --set service.agents=3"
    assert not [one for one in report_yaml.commands(state, 20) if "compare" in one]
    sets = dict([command.split("--set ")[1].split("=")])
    plan = story.plan("4C", sets={name: float(value) for name, value in sets.items()})
    assert (plan.levers == plan_of(state.question, 1, 0).levers).all()


def test_decisions_are_told_and_a_lever_moved_on_is_told_once(state: LabState, story: Scenario) -> None:
    assert history(state) == ["B: List price from $4.41 to $4.00", "Entered world 7"]
    other = LabState(story)
    assert history(other) == []
    other.add("A")
    other.move("C", "service.agents", 2)
    other.move("A", "service.agents", 2)
    other.choose_preset("B", "stamp_card")
    other.remove("C")
    other.choose_scenario(load_scenario("telecom"))
    told = history(other)
    assert len(told) == 6
    assert told[0] == "Added strategy C"
    assert told[1].startswith("C: Service agents from")
    assert told[2].startswith("A: Service agents from")
    assert "stamp card" in told[3]
    assert told[4] == "Removed strategy C"
    assert "telecom" not in told[5]
    assert load_scenario("telecom").title["en"] in told[5]


# ---------------------------------------------------------------- coming back


def test_a_report_comes_back_as_it_was(state: LabState, answer: Answer, story: Scenario) -> None:
    data = report_data.read(written(state, answer), "en")
    assert (data.name, data.notes) == (ATTACK, NOTES)
    assert data.history == history(state)
    choice, remark = report_data.choice_of(data, {"coffee": story}, "en")
    assert choice == state.choice
    assert remark == ""


def changed(html: str, **changes: Any) -> str:
    """A report whose data somebody has changed."""
    block = re.search(r'(?<=id="crmsim-report">).*?(?=</script>)', html, re.DOTALL)
    assert block
    data = json.loads(block[0]) | changes
    return html.replace(block[0], json.dumps(data).replace("<", "\\u003c"))


@pytest.mark.parametrize(
    "changes",
    [
        {"format": 2}, {"seed": -1}, {"seed": 1.5}, {"seed": "1"}, {"seed": 10**12}, {"extra": 1},
        {"notes": "x" * 20_001}, {"notes": ["x"]}, {"strategies": []}, {"strategies": [{}] * 2},
        {"history": ["x" * 700]},
        {"history": ["x"] * 400}, {"written": "yesterday"}, {"scenario": None}, {"name": {"a": 1}},
        {"strategies": [{"letter": "A", "preset": "4P", "moved": {}}, {"letter": "Z", "preset": "4C", "moved": {}}]},
        {"strategies": [{"letter": "A", "preset": "4P", "moved": {"x": "1"}}] * 2},
    ],
)  # fmt: skip
def test_changed_data_are_refused_in_a_sentence(state: LabState, answer: Answer, changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"data in this report .*\.$"):
        report_data.read(changed(written(state, answer), **changes), "en")


@pytest.mark.parametrize(
    "text",
    [
        None, 3, b"x", "", "<html></html>", "x" * (report_data.LARGEST_FILE + 1),
        '<script type="application/json" id="crmsim-report">{}</script>' * 2,
        f'<script type="application/json" id="crmsim-report">{"[" * 100_000}</script>',
        '<script type="application/json" id="crmsim-report">{"seed": NaN}</script>',
        '<script type="application/json" id="crmsim-report">{"seed": 1, "seed": 2}</script>',
        '<script type="application/json" id="crmsim-report">{"seed": 1e999}</script>',
        f'<script type="application/json" id="crmsim-report">"{"x" * 300_000}"</script>',
    ],
)  # fmt: skip
def test_files_that_are_no_reports_are_refused_in_a_sentence(text: Any) -> None:
    with pytest.raises(ValueError, match=r"[.]$"):
        report_data.read(text, "en")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"scenario": "elsewhere"}, "elsewhere"),
        ({"strategies": [{"letter": one, "preset": "nothing", "moved": {}} for one in "AB"]}, "nothing"),
        ({"strategies": [{"letter": one, "preset": "4P", "moved": {}} for one in "BA"]}, "B, A"),
        ({"strategies": [{"letter": "A", "preset": "4P", "moved": {}}] * 2}, "A, A"),
    ],
)
def test_what_this_lab_does_not_have_is_named(
    state: LabState, answer: Answer, story: Scenario, changes: dict[str, Any], told: str
) -> None:
    data = report_data.read(changed(written(state, answer), **changes), "en")
    with pytest.raises(ValueError, match=told):
        report_data.choice_of(data, {"coffee": story}, "en")


def test_levers_out_of_range_are_kept_in_it_and_that_is_said(state: LabState, answer: Answer, story: Scenario) -> None:
    moved = {"pricing.list_price": 1e9, "os.system": 1.0, "service.agents": -3.0}
    sides = [{"letter": "A", "preset": "4P", "moved": moved}, {"letter": "B", "preset": "4C", "moved": {}}]
    data = report_data.read(changed(written(state, answer), strategies=sides), "en")
    choice, remark = report_data.choice_of(data, {"coffee": story}, "en")
    assert "may differ" in remark
    assert choice.sides[0].levers["pricing.list_price"] < 100
    assert choice.sides[0].levers["service.agents"] == 0


# ---------------------------------------------------------------- the page


class Visitor:
    """A visit whose work is done at once."""

    language = "en"

    def __init__(self, state: LabState, answer: Answer) -> None:
        self.state, self.answer, self.scenarios = state, answer, {"coffee": state.scenario}

    def work(self, task: Any, then: Any, name: str = "") -> None:
        then(task())


def test_the_page_writes_a_file_and_takes_it_back(state: LabState, answer: Answer, story: Scenario) -> None:
    page = Report(Visitor(state, answer), {})
    page.desk.written = {"name": "Li", "notes": NOTES}
    page.desk._handle_msg({"do": "make"})
    made = page.desk.made
    assert re.fullmatch(r"crmsim-coffee-\d{4}-\d\d-\d\d\.html", made["name"])
    fresh = LabState(story)
    other = Report(Visitor(fresh, Answer(fresh.question, ())), {})
    assert not other.desk.can_make
    other.desk._handle_msg({"do": "make"})
    assert other.desk.made == {}
    other.desk._handle_msg({"do": "load", "text": made["text"]})
    assert fresh.choice == state.choice
    assert other.desk.written == {"name": "Li", "notes": NOTES}
    assert other.desk.history[: len(history(state))] == history(state)
    fresh.undo()
    assert fresh.choice == LabState(story).choice
    other.desk._handle_msg({"do": "yaml"})
    assert "extends: coffee" in other.desk.made["text"]


@pytest.mark.parametrize("message", [None, "x", {}, {"do": "load"}, {"do": "load", "text": {"a": 1}}, {"do": ["make"]}])
def test_messages_from_a_stranger_change_nothing(story: Scenario, message: Any) -> None:
    state = LabState(story)
    page = Report(Visitor(state, Answer(state.question, ())), {})
    page.desk._handle_msg(message)
    assert state.choice == LabState(story).choice
    assert page.desk.made == {}


def test_a_scenario_of_ones_own_is_named_in_the_file() -> None:
    own = scenario_from({"extends": "coffee", "title": {"en": ATTACK, "zh": ATTACK}}, "mine")
    text = report_yaml.scenario_yaml(LabState(own))
    assert text.splitlines()[0].endswith("mine.yaml, which has to stand beside it.")
    assert "extends: mine" in text


def test_the_preview_is_the_file_and_follows_the_notes_only_while_it_is_open(state: LabState, answer: Answer) -> None:
    page = Report(Visitor(state, answer), {})
    assert page.desk.preview == "", "nothing is sent to who does not look"
    page.desk.is_open = True
    page.desk._handle_msg({"do": "make"})
    assert page.desk.preview == page.desk.made["text"]
    page.desk.written = {"name": "Li", "notes": "A new thought."}
    assert "A new thought." in page.desk.preview
    seen = page.desk.preview
    page.desk.is_open = False
    page.desk.written = {"name": "Li", "notes": "Another."}
    assert page.desk.preview == seen
