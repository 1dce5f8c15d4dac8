"""The lab in Chromium: what a student sees, moves and gets back. Nothing here looks at pixels."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sim.scenario import load_scenario
from sim.ui.cards import HEADLINES
from sim.ui.charts import TABS

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]

# What Bokeh has to draw: a sum over all columns of numbers, and how long the longest column is.
DRAWN = """() => {
  let sum = 0, longest = 0
  for (const model of Bokeh.documents[0].all_models) {
    if (model.type !== "ColumnDataSource") { continue }
    for (const [name, column] of model.data.entries?.() ?? Object.entries(model.data)) {
      longest = Math.max(longest, column.length)
      for (const value of column) { if (Number.isFinite(value)) { sum += value } }
    }
  }
  return {sum, longest}
}"""


def numbers(page: Any, letter: str) -> list[str]:
    return [text.strip() for text in page.locator(f".card .of-{letter} dd").all_inner_texts()]


def wait_until_measured(page: Any) -> None:
    page.locator(".status.is-done").wait_for(state="attached")


def choose_strategy(page: Any, letter: str) -> None:
    page.get_by_role("tab", name=re.compile(rf"^{letter}\b")).click()


def wait_for_change(page: Any, letter: str, before: list[str]) -> list[str]:
    """The numbers of a strategy once they are others than before."""
    for _ in range(300):
        now = numbers(page, letter)
        if now != before and len(now) == len(HEADLINES):
            return now
        page.wait_for_timeout(100)
    raise AssertionError(f"The cards still show {before} for {letter}.")


def test_the_page_opens_with_a_finished_comparison(visit: Callable[..., Any]) -> None:
    page = visit()
    wait_until_measured(page)
    for letter in "AB":
        shown = numbers(page, letter)
        assert len(shown) == len(HEADLINES)
        assert all(re.search(r"\d", text) for text in shown), shown
    assert numbers(page, "A") != numbers(page, "B")
    halves = page.locator(".card .half").all_inner_texts()
    assert len(halves) == len(HEADLINES)
    assert all(text.startswith("± ") for text in halves)
    assert all(page.locator(".card .verdict").all_inner_texts())
    assert re.match(r"[\d,]+ of [\d,]+ customers lived another life", page.locator(".lives").inner_text())
    assert page.locator("canvas").count() >= 4
    assert page.evaluate(DRAWN)["longest"] > 50


def test_moving_a_lever_redraws_that_strategy_and_reset_brings_it_back(visit: Callable[..., Any]) -> None:
    page = visit()
    wait_until_measured(page)
    a, b, drawn = numbers(page, "A"), numbers(page, "B"), page.evaluate(DRAWN)
    choose_strategy(page, "B")
    assert page.get_by_role("button", name="Reset").is_disabled()
    page.locator("input[data-path='pricing.list_price']").fill("6")
    moved = wait_for_change(page, "B", b)
    wait_until_measured(page)
    moved = numbers(page, "B")
    assert moved != b
    assert numbers(page, "A") == a, "Nobody moved strategy A."
    assert page.evaluate(DRAWN)["sum"] != drawn["sum"]
    page.get_by_role("button", name="Reset").click()
    wait_for_change(page, "B", moved)
    wait_until_measured(page)
    assert numbers(page, "B") == b
    assert page.evaluate(DRAWN)["sum"] == pytest.approx(drawn["sum"])


def test_levers_move_by_keyboard_and_the_budget_bar_tells_of_it(visit: Callable[..., Any]) -> None:
    page = visit()
    wait_until_measured(page)
    before = numbers(page, "A")
    slider = page.get_by_role("slider", name="Product spending")
    assert "over budget" not in page.locator(".rest").inner_text()
    slider.focus()
    page.keyboard.press("End")
    assert "over budget" in page.locator(".rest").inner_text()
    assert slider.get_attribute("aria-valuetext") == "$1,800 a week"
    wait_for_change(page, "A", before)
    page.get_by_role("button", name=re.compile("^Put “Product spending” back")).click()
    wait_until_measured(page)
    assert "over budget" not in page.locator(".rest").inner_text()


def test_presets_can_be_chosen(visit: Callable[..., Any]) -> None:
    page = visit()
    wait_until_measured(page)
    before = numbers(page, "B")
    choose_strategy(page, "B")
    page.get_by_label("Start from").select_option("4R")
    wait_for_change(page, "B", before)
    wait_until_measured(page)
    assert "4R" in page.get_by_role("tab", name=re.compile(r"^B\b")).inner_text()


def test_tabs_show_their_own_charts_alone(visit: Callable[..., Any]) -> None:
    page = visit()
    seen: set[str] = set()
    for tab in TABS:
        page.locator(f"[role=tab][data-tab={tab}]").click()
        page.locator(f"[role=tab][data-tab={tab}][aria-selected=true]").wait_for()
        titles: set[str] = set()
        for _ in range(100):  # The server builds a tab's charts when it is first opened.
            titles = {text for text in page.locator("main h2:visible").all_inner_texts() if text.endswith("?")}
            if len(titles) == len(TABS[tab]) and not seen & titles:
                break
            page.wait_for_timeout(200)
        assert len(titles) == len(TABS[tab]), f"The tab {tab} shows {titles}."
        assert not seen & titles
        seen |= titles


def test_another_scenario_brings_its_own_story_and_numbers(visit: Callable[..., Any]) -> None:
    page = visit()
    wait_until_measured(page)
    title, before = page.locator("h1").inner_text(), numbers(page, "A")
    page.get_by_role("combobox", name="Scenario").select_option(load_scenario("telecom").title["en"])
    wait_for_change(page, "A", before)
    wait_until_measured(page)
    assert page.locator("h1").inner_text() == load_scenario("telecom").title["en"] != title
    assert re.search(r"\d", page.locator(".lives").inner_text())


def test_one_student_hears_nothing_of_another(visit: Callable[..., Any]) -> None:
    quiet = visit()
    wait_until_measured(quiet)
    quiet.wait_for_timeout(1000)
    busy = visit()
    wait_until_measured(busy)
    quiet.evaluate("() => { window.heard = 0; Bokeh.documents[0].on_change(() => { window.heard += 1 }) }")
    before = numbers(busy, "A")
    busy.locator("input[data-path='product.spend']").fill("0")
    wait_for_change(busy, "A", before)
    wait_until_measured(busy)
    assert quiet.evaluate("() => window.heard") == 0


def test_light_turns_dark_and_back_and_is_remembered(visit: Callable[..., Any]) -> None:
    page = visit()
    ground = "() => getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(ground)
    page.get_by_role("button", name="Light or dark").click()
    page.wait_for_function(f"(light) => ({ground})() !== light", arg=light)
    page.reload()
    page.locator(".card dd").first.wait_for()
    page.wait_for_function(f"(light) => ({ground})() !== light", arg=light)
    page.get_by_role("button", name="Light or dark").click()
    page.wait_for_function(f"(light) => ({ground})() === light", arg=light)


def test_dark_follows_the_system_where_nobody_chose(visit: Callable[..., Any]) -> None:
    page = visit(color_scheme="dark")
    assert page.evaluate("() => document.documentElement.dataset.theme") == "dark"


def test_on_a_phone_the_results_come_first(visit: Callable[..., Any]) -> None:
    page = visit(width=390, height=844)
    bench = page.locator("#bench")
    assert not bench.is_visible()
    page.locator(".card").first.click(trial=True)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 390
    page.get_by_role("button", name="Strategies and levers").click()
    before = numbers(page, "A")
    page.locator("input[data-path='product.spend']").fill("0")
    page.get_by_role("button", name="See the results").click()
    bench.wait_for(state="hidden")
    wait_for_change(page, "A", before)


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (1024, 768), (390, 844), (360, 740)])
def test_nothing_sticks_out_sideways(visit: Callable[..., Any], tmp_path: Path, width: int, height: int) -> None:
    page = visit(width=width, height=height)
    wait_until_measured(page)
    page.wait_for_timeout(500)
    page.screenshot(path=tmp_path / f"lab-{width}.png")
    content = page.locator("main")
    assert content.evaluate("(box) => box.scrollWidth - box.clientWidth") <= 0
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width
