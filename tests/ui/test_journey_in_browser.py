"""The journey, the page about the model and the report in Chromium: happy path, keyboard, language, reload, phone."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

# The picture as text: another picture, another text.
PAINTED = "(canvas) => canvas.toDataURL()"


def place_of(page: Any) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def open_journey(visit: Callable[..., Any], lab: str, address: str = "", **more: Any) -> Any:
    page = visit(address=f"{lab}/?page=journey{address}", first=".world canvas", **more)
    page.locator(".journey:not(.is-waiting)").wait_for()
    return page


def counts(page: Any) -> list[list[int]]:
    """Of each stage, how many are there in A and in B."""
    page.locator(".counts").evaluate("(box) => { box.open = true }")
    rows = page.locator(".counts tbody tr").all()
    return [[int(cell.replace(",", "")) for cell in row.locator("td").all_inner_texts()] for row in rows]


def test_customers_travel_while_weeks_play(visit: Callable[..., Any], lab: str) -> None:
    page = open_journey(visit, lab)
    canvas = page.locator(".world canvas").first
    before, start = counts(page), canvas.evaluate(PAINTED)
    assert [sum(column) for column in zip(*before, strict=True)] == [1000, 1000]
    assert all(a == b for a, b in before), "On the first day both worlds are the same."
    page.get_by_role("button", name="Play").click()
    page.get_by_role("button", name="Pause").wait_for()
    page.wait_for_timeout(1500)
    page.get_by_role("button", name="Pause").click()
    page.get_by_role("button", name="Play").wait_for()
    after = counts(page)
    assert after != before
    assert canvas.evaluate(PAINTED) != start
    assert [sum(column) for column in zip(*after, strict=True)] == [1000, 1000]
    week = int(page.locator(".scrub").input_value())
    assert week > 0
    page.wait_for_url(re.compile(rf"week={week}(&|$)"))


def test_weeks_can_be_stepped_and_scrubbed_by_keyboard(visit: Callable[..., Any], lab: str) -> None:
    page = open_journey(visit, lab)
    scrub = page.get_by_role("slider", name="week")
    scrub.focus()
    page.keyboard.press("End")
    assert page.locator(".when").inner_text() == "end of week 103"
    page.get_by_role("button", name="◀ Week").focus()
    page.keyboard.press("Enter")
    assert page.locator(".when").inner_text() == "end of week 102"
    scrub.focus()
    page.keyboard.press("Home")
    assert page.locator(".when").inner_text() == "the day the strategies start"
    label = page.locator(".world canvas").first.get_attribute("aria-label")
    assert label.startswith("A, the day the strategies start, lost ")


def test_someone_who_left_in_one_world_and_stayed_in_the_other_is_one_click_away(
    visit: Callable[..., Any], lab: str
) -> None:
    page = open_journey(visit, lab)
    page.get_by_role("button", name="Show me someone who left in A and stayed in B").click()
    page.locator(".life").wait_for()
    (customer,) = place_of(page)["customer"]
    assert page.get_by_role("heading", name=f"Customer {customer} and their twin").is_visible()
    parting = page.locator(".parting").inner_text()
    week = re.search(r"Here the two lives part: week (\d+)", parting)
    assert week
    assert "The rule that parted them is" in parting
    assert "behind it" in parting
    assert page.locator(".life svg[role=img]").count() == 2
    scrub = page.locator(".scrub")
    scrub.focus()
    page.keyboard.press("End")
    page.get_by_role("button", name="Show me someone who left in A and stayed in B").click()
    page.wait_for_function(f"() => !location.search.includes('customer={customer}&')")
    page.get_by_role("link", name="See this rule at work").click()
    page.locator(".rule[open] .curve svg").wait_for()
    assert place_of(page)["page"] == ["how"]
    page.go_back()
    page.locator(".life").wait_for()


def test_a_dot_can_be_clicked_and_a_link_reopens_the_life(visit: Callable[..., Any], lab: str) -> None:
    page = open_journey(visit, lab, "&scenario=telecom&week=30")
    box = page.locator(".world canvas").first.bounding_box()
    for x in range(8, int(box["width"]), 24):
        page.mouse.move(box["x"] + x, box["y"] + 120)
        if page.locator(".world canvas").first.get_attribute("title"):
            page.mouse.down()
            page.mouse.up()
            break
    page.locator(".life").wait_for()
    (customer,) = place_of(page)["customer"]
    title = page.locator(".life h2").inner_text()
    page.reload()
    page.locator(".journey:not(.is-waiting)").wait_for()
    page.locator(".life").wait_for()
    assert page.locator(".life h2").inner_text() == title
    assert page.locator(".find input").input_value() == customer
    assert page.locator(".scrub").input_value() == "30"
    page.locator(".find input").fill("999999")
    page.get_by_role("button", name="Tell this life").click()
    page.get_by_role("alert").get_by_text("numbered from 0").wait_for()


def test_the_life_is_told_in_chinese(visit: Callable[..., Any], lab: str) -> None:
    page = open_journey(visit, lab, "&lang=zh&customer=12")
    page.locator(".life").wait_for()
    assert "顾客 12 与其孪生" in page.locator(".life h2").inner_text()
    assert page.get_by_role("button", name="播放").is_visible()
    assert "未认知" in page.locator(".world canvas").first.get_attribute("aria-label")


def test_reduced_motion_plays_in_steps(visit: Callable[..., Any], lab: str) -> None:
    page = open_journey(visit, lab, reduced_motion="reduce")
    canvas, sums = page.locator(".world canvas").first, set()
    page.get_by_role("button", name="Play").click()
    for _ in range(20):
        sums.add(canvas.evaluate(PAINTED))
        page.wait_for_timeout(100)
    weeks = int(page.locator(".scrub").input_value())
    assert 0 < len(sums) <= weeks + 1, f"{len(sums)} pictures in {weeks} weeks are no steps."


@pytest.mark.parametrize("address", ["?page=journey&customer=12", "?page=how&rule=judge.felt_gap", "?page=report"])
@pytest.mark.parametrize(("width", "height"), [(1440, 900), (390, 844)])
def test_no_page_sticks_out_sideways(
    visit: Callable[..., Any], lab: str, address: str, width: int, height: int
) -> None:  # fmt: skip
    first = {"journey": ".life", "how": ".curve svg", "report": "textarea"}[address.split("=")[1].split("&")[0]]
    page = visit(address=f"{lab}/{address}", width=width, height=height, first=first)
    page.wait_for_timeout(300)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width


# ---------------------------------------------------------------- how it works


def test_a_rule_draws_its_curve_and_follows_the_slider(visit: Callable[..., Any], lab: str) -> None:
    page = visit(address=f"{lab}/?page=how", first=".week button")
    page.get_by_role("button", name=re.compile("^9")).click()
    assert page.get_by_role("button", name=re.compile("^9")).get_attribute("aria-current") == "step"
    page.locator("[data-rule='tell.rate_of_praise'] summary").first.click()
    line = page.locator("[data-rule='tell.rate_of_praise'] polyline")
    line.wait_for()
    before = line.get_attribute("points")
    page.locator("#how-tell-rate_of_praise-praise_above").fill("0.3")
    for _ in range(100):
        if line.get_attribute("points") != before:
            break
        page.wait_for_timeout(50)
    assert line.get_attribute("points") != before
    assert place_of(page)["rule"] == ["tell.rate_of_praise"]
    page.get_by_text("All numbers of the model").click()
    page.get_by_role("searchbox").fill("tell.praise_above")
    assert page.locator(".section tbody tr").count() == 1


# ---------------------------------------------------------------- the report


def test_a_report_is_downloaded_and_opened_again(visit: Callable[..., Any], lab: str, tmp_path: Path) -> None:
    page = visit(address=f"{lab}/?page=report&A=4P&B=4C;pricing.list_price:4", first="textarea")
    page.get_by_label("Notes").fill("What I saw: <b>B</b> keeps people.")
    page.get_by_label("Your name").fill("Li Ming")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download the report").click()
    path = tmp_path / waiting.value.suggested_filename
    waiting.value.save_as(path)
    text = path.read_text(encoding="utf-8")
    assert "What I saw: &lt;b&gt;B&lt;/b&gt; keeps people." in text
    other = visit(address=f"{lab}/?page=report", first="textarea")
    other.locator("input[type=file]").set_input_files(path)
    other.get_by_text("The report is open").wait_for()
    assert other.get_by_label("Notes").input_value() == "What I saw: <b>B</b> keeps people."
    other.wait_for_url(re.compile("pricing.list_price:4"))
    forged = tmp_path / "forged.html"
    forged.write_text("<html>nothing</html>", encoding="utf-8")
    other.locator("input[type=file]").set_input_files(forged)
    other.get_by_text("This file is no report of this lab").wait_for()
    large = tmp_path / "large.html"
    large.write_text("x" * 1_500_000, encoding="utf-8")
    other.locator("input[type=file]").set_input_files(large)
    other.get_by_text("is larger than").wait_for()


def test_notes_outlive_a_reload(visit: Callable[..., Any], lab: str) -> None:
    page = visit(address=f"{lab}/?page=report", first="textarea")
    page.get_by_label("Notes").fill("Do not lose this.")
    page.get_by_text("Kept.").wait_for()
    page.reload()
    page.locator("textarea").wait_for()
    assert page.get_by_label("Notes").input_value() == "Do not lose this."
