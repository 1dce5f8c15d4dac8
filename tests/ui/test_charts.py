"""The charts without a browser: what they draw is what was measured, only data is patched, tables hold all numbers."""

import csv
import io
import threading
from dataclasses import replace

import numpy as np
import pytest
from bokeh.document import Document
from bokeh.document.events import ModelChangedEvent
from bokeh.models import ColumnDataSource

from sim.cohorts import kaplan_meier
from sim.delivered import together
from sim.engine import Engine
from sim.rules.stage import STAGES
from sim.scenario import scenario_from
from sim.ui import theme
from sim.ui.chart_card import Chart, Table
from sim.ui.chart_plots import limits, shifts, week_ticks
from sim.ui.charts import TABS, chart
from sim.ui.desk import Answer, Desk
from sim.ui.numerals import Scale, scale_of
from sim.ui.runs import plan_of
from sim.ui.state import LANGUAGES, LETTERS, LabState
from tests.reading import ROOT, read_yaml

SECONDS = 120
KEYS = [key for keys in TABS.values() for key in keys]
ATTACK = "<img src=x onerror=alert(1)>"


def answered(state: LabState) -> Answer:
    desk, is_complete, answers = Desk(n_worlds=3, workers=2, seconds_to_draw=0.0), threading.Event(), []

    def hear(answer: Answer) -> None:
        answers.append(answer)
        if answer.is_complete:
            is_complete.set()

    desk.ask(state.question, hear)
    assert is_complete.wait(SECONDS)
    desk.close()
    assert not answers[-1].has_failed
    return answers[-1]


def small_market(name: str, **market: object) -> dict:
    """A shipped scenario, smaller and without events, as its file would say it."""
    data = read_yaml(ROOT / "scenarios" / f"{name}.yaml")
    data.pop("events", None)
    return data | {"market": data["market"] | market}


@pytest.fixture(scope="module")
def state() -> LabState:
    data = small_market("coffee", customers=300, weeks=40, warm_up=10, currency="€")
    data["firms"]["chain"]["label"] = data["segments"]["office"]["label"] = {"en": ATTACK, "zh": ATTACK}
    return LabState(scenario_from(data))


@pytest.fixture(scope="module")
def answer(state: LabState) -> Answer:
    return answered(state)


def data(drawn: Chart) -> dict[str, np.ndarray]:
    """All columns of the plot's sources; where two have a column of the same name, one after the other."""
    sources = sorted((m for m in drawn.plot.references() if isinstance(m, ColumnDataSource)), key=lambda m: m.id)
    found: dict[str, list] = {}
    for source in sources:
        for name, values in source.data.items():
            found.setdefault(name, []).extend(values)
    return {name: np.asarray(values, object) for name, values in found.items()}


def flat(columns: dict[str, np.ndarray]) -> str:
    """All values of all columns, ragged ones too."""
    return str({name: [np.ravel(value).tolist() for value in values] for name, values in columns.items()})


def shown(key: str, answer: Answer, language: str = "en") -> Chart:
    drawn = chart(key, language)
    drawn.show(answer)
    return drawn


def number(text: str) -> float:
    return float(text) if text else np.nan


def test_the_first_tab_is_lean_and_every_chart_stands_in_one_tab() -> None:
    assert len(next(iter(TABS.values()))) <= 4
    assert len(KEYS) == len(set(KEYS)) == 17


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", KEYS)
def test_every_chart_has_its_words_table_and_file(key: str, language: str, answer: Answer) -> None:
    drawn = shown(key, answer, language)
    assert drawn.view.setup["title"].endswith(("?", "？"))
    assert drawn.view.setup["note"]
    assert bool(drawn.view.empty) == (key == "bridge")
    assert all(item["label"] for item in drawn.view.legend)
    table = drawn.table(answer)
    assert all(len(row) == len(table.heads) == len(table.scales) for row in table.rows)
    rows = list(csv.reader(io.StringIO(table.csv().removeprefix("\ufeff"))))
    assert len(rows) == 1 + len(table.shown()["rows"]) == 1 + len(table.rows)
    assert len(set(table.heads)) == len(table.heads)
    assert key == "bridge" or len(table.rows) > 1


@pytest.mark.parametrize("key", [key for key in KEYS if key != "bridge"])
def test_only_data_is_patched(key: str, answer: Answer) -> None:
    drawn = shown(key, answer)
    models, before = {id(model) for model in drawn.plot.references()}, data(drawn)
    swapped = replace(answer, courses=answer.courses[::-1])
    drawn.show(swapped)
    assert {id(model) for model in drawn.plot.references()} == models
    assert flat(before) != flat(data(drawn))


@pytest.mark.parametrize("key", KEYS)
def test_up_to_four_strategies_are_drawn_and_one_is_enough(key: str, answer: Answer) -> None:
    question = answer.question
    for n in (1, 4):
        sides = (question.sides * 2)[:n]
        asked = replace(question, sides=sides, letters=LETTERS[:n])
        more = replace(answer, question=asked, courses=(answer.courses * 2)[:n], bands=None)
        drawn = shown(key, more)
        looks = [item["label"] for item in drawn.view.legend]
        assert key == "bridge" or drawn.view.empty == ""
        if "A" in looks:
            assert [one for one in looks if one in LETTERS] == list(LETTERS[:n])
        assert drawn.table(more).rows or key == "bridge"


def test_lines_draw_the_courses_and_their_bands(answer: Answer) -> None:
    drawn = shown("retention", answer)
    columns = data(drawn)
    np.testing.assert_array_equal(columns["0 B"].astype(float), answer.courses[1].weekly["retention"])
    assert np.isnan(columns["0 C"].astype(float)).all()
    assert answer.bands
    low, high = answer.bands["A"]["retention"]
    np.testing.assert_array_equal(columns["low A"].astype(float), low)
    np.testing.assert_array_equal(columns["high A"].astype(float), high)
    assert len(drawn.view.legend) == 3
    drawn.show(replace(answer, bands=None))
    assert np.isnan(data(drawn)["low A"].astype(float)).all()
    assert len(drawn.view.legend) == 2


def test_profit_adds_up_within_its_band(answer: Answer) -> None:
    columns = data(shown("profit", answer))
    np.testing.assert_allclose(columns["0 A"].astype(float), np.cumsum(answer.courses[0].weekly["profit"]))
    a, low, high = (columns[name].astype(float) for name in ("0 A", "low A", "high A"))
    assert ((low <= a + 1e-9) & (a <= high + 1e-9)).all()
    weekly = data(shown("weekly_profit", answer))["0 A"].astype(float)
    profit = answer.courses[0].weekly["profit"]
    assert np.isnan(weekly[2])
    assert weekly[-1] == pytest.approx(profit[-4:].mean())


def test_bands_of_stages_fill_the_market(answer: Answer) -> None:
    drawn = shown("stages", answer)
    columns = data(drawn)
    assert columns["name"].tolist() == list(reversed(theme.STAGE_COLOURS)) * 2
    tops = [max(band) for band in drawn.bands.data["y"]]
    assert max(tops) == pytest.approx(1.0)
    table = drawn.table(answer)
    assert all(sum(row[1 : 1 + len(STAGES)]) == 300 for row in table.rows)


def test_shares_of_the_market_are_those_of_revenue(answer: Answer) -> None:
    engine = Engine(plan_of(answer.question, 0, 0))
    engine.run()
    revenue = engine.tally["revenue"]
    expected = revenue[-13:, 0].sum() / revenue[-13:].sum()
    table = shown("market", answer).table(answer)
    assert table.rows[-1][len(answer.question.scenario.firms)] == pytest.approx(expected)  # The student's is the last.


def test_paths_carry_everybody(answer: Answer) -> None:
    drawn = shown("flows", answer)
    rows = drawn.table(answer).rows
    assert sum(row[3] for row in rows) == sum(row[4] for row in rows) == 2 * 300
    blocks = drawn.blocks.data
    assert sum(blocks["n"]) == 2 * 3 * 300


def test_survival_is_kaplan_meier_s_of_the_cohort_chosen(answer: Answer) -> None:
    drawn = shown("survival", answer)
    measures = answer.courses[0].measures
    assert measures is not None
    cohorts = measures.cohorts
    won = kaplan_meier(cohorts.departures[1:].sum(axis=0), cohorts.cut_off[1:].sum(axis=0))
    np.testing.assert_array_equal(data(drawn)["staying A"].astype(float), won.staying)
    labels = drawn.at_risk["A"].major_label_overrides
    assert labels[0] == f"A {won.at_risk[0]}"
    assert not drawn.at_risk["C"].visible
    drawn.view.choice = {"cohort": "start"}
    there = kaplan_meier(cohorts.departures[0], cohorts.cut_off[0])
    np.testing.assert_array_equal(data(drawn)["staying A"].astype(float), there.staying)
    drawn.view.choice = {"cohort": "../../etc"}
    np.testing.assert_array_equal(data(drawn)["staying A"].astype(float), won.staying)


def test_delivered_value_is_what_is_left_over_for_the_segment_chosen(answer: Answer) -> None:
    drawn = shown("delivered", answer)
    measures = answer.courses[0].measures
    assert measures is not None
    parts = together(measures.delivered).parts[0, 0]
    assert drawn.marks.data["x"][0] == pytest.approx(parts[:4].sum() - parts[4:].sum())
    drawn.view.choice = {"segment": "students"}
    k = measures.delivered.segments.index("students")
    parts = measures.delivered.parts[k, 0]
    assert drawn.marks.data["x"][0] == pytest.approx(parts[:4].sum() - parts[4:].sum())
    segments = {row[0] for row in drawn.table(answer).rows}
    assert len(segments) == 1 + len(measures.delivered.segments)


def test_reasons_count_the_outcome_s_departures(answer: Answer) -> None:
    rows = shown("reasons", answer).table(answer).rows
    assert sum(row[1] for row in rows) == answer.courses[0].numbers["lost_customers"]
    assert sum(row[2] for row in rows) == pytest.approx(1.0)


def test_twenty_eighty_thirty_is_said_in_a_sentence(answer: Answer) -> None:
    drawn = shown("concentration", answer)
    measures = answer.courses[0].measures
    assert measures is not None
    best = scale_of("share", 0).value(measures.concentration.best)
    assert f"the best 20% bring {best}" in drawn.view.findings[0]


def test_nothing_is_drawn_before_there_is_something(state: LabState) -> None:
    drawn = chart("retention", "en")
    drawn.show(Answer(state.question, ()))
    assert drawn.view.empty == "Simulating …"
    drawn.view.is_open = True
    assert drawn.view.table == {}


def test_the_table_is_sent_only_while_it_is_open(answer: Answer) -> None:
    drawn = shown("retention", answer)
    assert drawn.view.table == {}
    drawn.view.is_open = True
    first = drawn.view.table
    assert first["rows"][0][0] == "0"
    assert first["rows"][5][1].endswith("%")
    drawn.show(replace(answer, courses=answer.courses[::-1]))
    assert drawn.view.table != first


def test_files_hold_plain_numbers_and_no_formulas() -> None:
    table = Table(["week", "=1+1"], [Scale(), None], [[1234.5, "@SUM(A1)"], [np.nan, "fine"]])
    assert table.csv() == "\ufeffweek,'=1+1\r\n1234.5,'@SUM(A1)\r\n,fine\r\n"
    assert table.shown()["rows"][0] == ["1,234", "@SUM(A1)"]


def test_messages_from_a_browser_are_taken_with_care(answer: Answer) -> None:
    drawn, sent = shown("retention", answer), []
    drawn.view.send_file = lambda name, text: sent.append((name, text))
    for message in ("csv", None, {"do": "rm"}, {"do": ["csv"]}, {}):
        drawn.view._handle_msg(message)
    assert not sent
    drawn.view._handle_msg({"do": "csv"})
    assert sent[0][0] == "retention.csv"
    assert sent[0][1] == drawn.table(answer).csv()


def test_what_a_browser_missed_while_it_was_loading_is_sent_again(answer: Answer) -> None:
    drawn, document, sent = chart("retention", "en"), Document(), []
    document.add_root(drawn.view.get_root(document))
    waiting = drawn.view.empty
    drawn.show(answer)
    document.on_change(lambda event: sent.append(event) if isinstance(event, ModelChangedEvent) else None)
    drawn.view._handle_msg({"do": "ready", "empty": ""})
    assert not sent, "It has seen everything."
    drawn.view._handle_msg({"do": "ready", "empty": waiting})
    assert not sent, "A message comes without the document's lock, so nothing may change in it."
    for callback in document.session_callbacks:
        callback.callback()
    values = {event.attr: event.new for event in sent}
    assert values["empty"] == ""
    assert any(event.model is drawn.lines and event.attr == "data" for event in sent)
    assert {"legend", "start", "end", "ticks"} <= set(values)


# ---------------------------------------------------------------- drawing


def test_letters_at_the_ends_of_lines_step_aside_within_the_plot() -> None:
    assert shifts([0.2, 0.8], 0.0, 1.0) == [0.0, 0.0]
    a, b = shifts([0.50, 0.51], 0.0, 1.0)
    assert a > 0 > b, "The higher line's letter goes up."
    lowest = shifts([0.0, 0.0, 0.0, 0.0], 0.0, 1.0)
    assert max(lowest) <= 0.0, "There is no room below."
    assert len({round(shift) for shift in lowest}) == 4
    assert shifts([np.nan, 0.8], 0.0, 1.0) == [0.0, 0.0]


def test_limits_hold_everything_and_are_never_empty() -> None:
    assert limits([np.array([0.0, 100.0])], has_zero=True)[0] == 0.0
    low, high = limits([np.array([2.0, 2.0])], has_zero=False)
    assert low < 2 < high
    assert limits([np.array([np.nan])], has_zero=False)[0] < limits([], has_zero=False)[1]
    assert week_ticks(104) == [0, 26, 52, 78, 104]
    assert week_ticks(1) == [0]


def test_every_colour_has_a_second_cue() -> None:
    assert len(set(theme.DASHES.values())) == len(theme.DASHES) == len(LETTERS)
    from sim.ui.chart_concentration import MARKERS
    from sim.ui.chart_rows import HATCHES

    assert len(set(HATCHES.values())) == len(set(MARKERS.values())) == len(LETTERS)


def test_contracts_are_drawn_too() -> None:
    answer = answered(LabState(scenario_from(small_market("telecom", customers=200, weeks=20))))
    for key in KEYS:
        assert shown(key, answer).table(answer) is not None
