"""The lab in Chromium: what a student sees, moves and gets back. Nothing here looks at pixels."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sim.scenario import load_scenario
from sim.ui.cards import HEADLINES
from tests.ui.conftest import running_lab

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

# Data of every plot, by the columns of its sources: what Bokeh has to draw.
DRAWN = """() => {
  const lengths = {}
  for (const model of Bokeh.documents[0].all_models) {
    if (model.type !== "ColumnDataSource") { continue }
    for (const [name, column] of model.data.entries?.() ?? Object.entries(model.data)) {
      lengths[name] = Math.max(lengths[name] ?? 0, column.length)
    }
  }
  return lengths
}"""
COLUMN = """(name) => {
  for (const model of Bokeh.documents[0].all_models) {
    if (model.type !== "ColumnDataSource") { continue }
    const data = model.data instanceof Map ? Object.fromEntries(model.data) : model.data
    if (name in data) { return Array.from(data[name]) }
  }
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
    assert page.locator("canvas").count() >= 5
    drawn = page.evaluate(DRAWN)
    weeks = drawn["week"]
    assert weeks > 50
    assert all(drawn[name] == weeks for name in ("retention A", "retention B", "cumulative_profit B", "loyal")), drawn


def test_moving_a_lever_redraws_that_strategy_and_reset_brings_it_back(visit: Callable[..., Any]) -> None:
    page = visit()
    wait_until_measured(page)
    a, b = numbers(page, "A"), numbers(page, "B")
    line_a, line_b = page.evaluate(COLUMN, "retention A"), page.evaluate(COLUMN, "retention B")
    choose_strategy(page, "B")
    assert page.get_by_role("button", name="Reset").is_disabled()
    page.locator("input[data-path='pricing.list_price']").fill("6")
    moved = wait_for_change(page, "B", b)
    wait_until_measured(page)
    moved = numbers(page, "B")
    assert moved != b
    assert numbers(page, "A") == a, "Nobody moved strategy A."
    assert page.evaluate(COLUMN, "retention A") == line_a
    assert page.evaluate(COLUMN, "retention B") != line_b
    page.get_by_role("button", name="Reset").click()
    wait_for_change(page, "B", moved)
    wait_until_measured(page)
    assert numbers(page, "B") == b
    assert page.evaluate(COLUMN, "retention B") == line_b


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
    page.wait_for_function("() => true")
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


def test_another_scenario_brings_its_own_story_and_numbers(visit: Callable[..., Any]) -> None:
    page = visit()
    wait_until_measured(page)
    title, before = page.locator("h1").inner_text(), numbers(page, "A")
    page.get_by_role("combobox", name="Scenario").click()
    page.get_by_role("menuitem", name=load_scenario("telecom").title["en"]).click()
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


def test_light_turns_dark_and_back(visit: Callable[..., Any]) -> None:
    page = visit()
    ground = "() => getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(ground)
    page.get_by_role("button", name="Toggle theme").click()
    page.wait_for_function(f"(light) => ({ground})() !== light", arg=light)
    page.get_by_role("button", name="Toggle theme").click()
    page.wait_for_function(f"(light) => ({ground})() === light", arg=light)


def test_on_a_phone_the_results_come_first(visit: Callable[..., Any]) -> None:
    page = visit(width=390, height=844)
    page.get_by_role("button", name="Open drawer").wait_for()
    page.locator(".MuiDrawer-paper").wait_for(state="hidden")
    page.locator(".card").first.click(trial=True)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 390
    page.get_by_role("button", name="Open drawer").click()
    before = numbers(page, "A")
    page.locator("input[data-path='product.spend']").fill("0")
    page.get_by_role("button", name="See the results").click()
    page.locator(".MuiDrawer-paper").wait_for(state="hidden")
    wait_for_change(page, "A", before)


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (1024, 768), (390, 844)])
def test_nothing_sticks_out_sideways(visit: Callable[..., Any], tmp_path: Path, width: int, height: int) -> None:
    page = visit(width=width, height=height)
    wait_until_measured(page)
    page.wait_for_timeout(500)
    page.screenshot(path=tmp_path / f"lab-{width}.png")
    content = page.locator(".main-content")
    assert content.evaluate("(box) => box.scrollWidth - box.clientWidth") <= 0


def test_a_hostile_scenario_runs_no_script(visit: Callable[..., Any], tmp_path: Path) -> None:
    script = "window.hacked=1"
    attack = f'<img src=x onerror="{script}"><script>{script}</script>**b** [l](javascript:{script})'
    quoted = attack.replace("'", "''")
    text = f"{{en: '{quoted}', zh: '{quoted}'}}"
    (tmp_path / "hostile.yaml").write_text(
        f"""extends: coffee
title: {text}
story: {text}
market: {{currency: '<b>$</b>'}}
strategies:
  4P: {{label: {text}}}
  4C: {{label: {text}}}
""",
        encoding="utf-8",
    )
    with running_lab(tmp_path / "server.log", str(tmp_path / "hostile.yaml")) as address:
        page = visit(address=address)
        wait_until_measured(page)
        assert page.locator("h1").inner_text() == attack
        assert "<b>$</b>" in page.locator(".card").nth(1).inner_text()
        page.locator(".card").nth(1).hover()
        choose_strategy(page, "B")
        page.locator(".bk-events").nth(1).hover()
        page.wait_for_timeout(500)
        assert page.evaluate("() => window.hacked") is None
        page.context.close()
