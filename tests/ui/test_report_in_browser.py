"""The report in Chromium: looked at in the page, saved, opened as the file it is, and loaded back by somebody else."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]

READY = "button.primary:enabled"
MOVED = "?page=report&scenario=coffee&A=4P&B=4C;pricing.list_price:4.2&seed=3&lang=en"
NOTES = "Dearer, and they stay: <b>why</b>?"


def test_a_report_is_seen_saved_and_loaded_back_by_somebody_else(
    visit: Callable[..., Any], lab: str, tmp_path: Path
) -> None:
    page = visit(address=f"{lab}/lab{MOVED}", first=READY)
    page.get_by_label("Your name").fill("Li Hua")
    page.get_by_label("Notes", exact=True).fill(NOTES)
    page.get_by_text("Look at the report").click()
    preview = page.frame_locator("iframe")
    preview.get_by_text(NOTES).wait_for()
    preview.locator("figure svg").nth(3).wait_for()
    with page.expect_download() as saved:
        page.locator(READY).click()
    file = tmp_path / saved.value.suggested_filename
    saved.value.save_as(file)

    alone = page.context.new_page()
    complaints: list[str] = []
    alone.on("console", lambda message: complaints.append(message.text))
    alone.goto(file.as_uri())
    alone.get_by_text(NOTES).wait_for()
    assert alone.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    assert not complaints

    other = visit(address=f"{lab}/lab?page=report&scenario=coffee&lang=en", first=READY)
    other.locator("input[type=file]").set_input_files(file)
    other.get_by_text("The report is open").wait_for()
    other.wait_for_function(
        "() => location.search.includes('pricing.list_price:4.2') && location.search.includes('seed=3')"
    )
    assert other.get_by_label("Notes", exact=True).input_value() == NOTES
