"""The charts in Chromium: tabs built on first need, tables, pictures and files, choices, light and dark, the bridge."""

import csv
import io
import struct
from collections.abc import Callable
from typing import Any

import pytest

from sim.ui.charts import TABS
from sim.ui.texts import said

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

CHART = "section.chart"
# Whether anything has been painted: some pixel of some canvas of the card is not empty.
PAINTED = """(card) => {
  const canvases = []
  const walk = (node) => {
    if (node instanceof HTMLCanvasElement) { canvases.push(node) }
    for (const child of [...(node.shadowRoot?.childNodes ?? []), ...node.childNodes]) { walk(child) }
  }
  walk(card)
  return canvases.some((canvas) => canvas.width && canvas.height &&
    canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.some((value) => value))
}"""
LINE_COLOURS = """() => {
  const found = new Set()
  for (const model of Bokeh.documents[0].all_models) {
    if (model.type === "Line" && model.tags.includes("line_color:--a")) {
      found.add(typeof model.line_color === "string" ? model.line_color : model.line_color.value)
    }
  }
  return [...found]
}"""


def card(page: Any, key: str) -> Any:
    return page.locator(f"{CHART}[data-chart={key}]")


def opened(visit: Callable[..., Any], lab: str, tab: str, more: str = "", **options: Any) -> Any:
    page = visit(address=f"{lab}/?tab={tab}{more}", first=CHART, **options)
    for key in TABS[tab]:
        if key != "bridge":
            card(page, key).locator(".empty").wait_for(state="hidden")
    return page


@pytest.mark.parametrize(("tab", "language"), [(tab, ("en", "zh")[k % 2]) for k, tab in enumerate(TABS)])
def test_every_tab_paints_its_charts(visit: Callable[..., Any], lab: str, tab: str, language: str) -> None:
    page = opened(visit, lab, tab, f"&lang={language}", width=390)
    assert page.locator(CHART).count() == len(TABS[tab]), "Only the tab on view is built."
    for key in TABS[tab]:
        assert card(page, key).locator("h2").inner_text() == said(f"{key}_title", language)
        if key != "bridge":
            page.wait_for_function(PAINTED, arg=card(page, key).element_handle())
        box = card(page, key).bounding_box()
        assert box
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390, "A chart fits a phone."
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_table_has_all_numbers_and_they_can_be_taken_home(visit: Callable[..., Any], lab: str) -> None:
    page = opened(visit, lab, "customers")
    chart = card(page, "retention")
    chart.locator("summary").click()
    table = chart.get_by_role("table", name=said("retention_title"))
    table.wait_for()
    assert table.get_by_role("columnheader").all_inner_texts() == ["week", "A", "B"]
    shown = [row.split("\t") for row in table.locator("tbody").inner_text().splitlines()]
    with page.expect_download() as download:
        chart.get_by_role("button", name="Save the numbers as CSV").click()
    assert download.value.suggested_filename == "retention.csv"
    rows = list(csv.reader(io.StringIO(download.value.path().read_text(encoding="utf-8-sig"))))
    assert len(rows) == len(shown) + 1
    assert f"{100 * float(rows[-1][2]):.1f}%" == shown[-1][2]
    with page.expect_download() as download:
        chart.get_by_role("button", name="Save as a picture").click()
    picture = download.value.path().read_bytes()
    assert picture.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", picture[16:24])
    assert width > 300
    assert height > 250
    assert download.value.suggested_filename == "retention.png"


def test_a_choice_draws_another_cohort(visit: Callable[..., Any], lab: str) -> None:
    page = opened(visit, lab, "customers")
    chart = card(page, "survival")
    before = chart.locator(".findings").inner_text()
    chart.get_by_label("Whom to follow").select_option(label="Customers at the start")
    page.wait_for_function(
        "([e, before]) => e.innerText !== before", arg=[chart.locator(".findings").element_handle(), before]
    )
    assert "customers" in chart.locator(".findings").inner_text()


def test_lines_are_lighter_on_dark_ground(visit: Callable[..., Any], lab: str) -> None:
    page = opened(visit, lab, "loyalty")
    page.wait_for_timeout(200)
    light = page.evaluate(LINE_COLOURS)
    page.evaluate(
        "document.documentElement.dataset.theme = document.documentElement.dataset.theme === 'dark' ? '' : 'dark'"
    )
    page.wait_for_function(f"([before]) => ({LINE_COLOURS})().join() !== before", arg=[",".join(light)])
    other = page.evaluate(LINE_COLOURS)
    assert len(light) == len(other) == 1
    wanted = page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--a').trim()")
    assert other == [wanted]


def test_the_bridge_is_built_on_demand_and_can_be_called_off(visit: Callable[..., Any], lab: str) -> None:
    page = opened(visit, lab, "why", "&A=4P&B=4C")
    chart = card(page, "bridge")
    assert chart.locator(".empty").is_visible()
    chart.get_by_role("button", name="Take the difference apart").click()
    chart.get_by_role("progressbar").wait_for()
    chart.get_by_role("button", name="Cancel").click()
    chart.get_by_role("button", name="Take the difference apart").wait_for()
    page = opened(visit, lab, "why", "&A=4P&B=4P;pricing.list_price:5")
    chart = card(page, "bridge")
    chart.get_by_role("button", name="Take the difference apart").click()
    chart.locator(".empty").wait_for(state="hidden")
    assert "List price" in chart.locator(".findings").inner_text()
    page.wait_for_function(PAINTED, arg=chart.element_handle())
    assert not chart.locator(".task").is_visible()
