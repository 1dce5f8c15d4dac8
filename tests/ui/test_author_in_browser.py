"""The author's page in Chromium: faults at their line, completion, the form, preview, lint, files in and out."""

import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from sim.authoring import new_lesson, scenario_text
from sim.packing import packed
from tests.ui.conftest import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]

SMALL = "extends: _baseline  # the market\nmarket: {customers: 200, weeks: 12, warm_up: 2}  # small\n"
LONG = 60_000  # ms
HOSTILE = "<img src=x onerror=window.hacked=1><script>window.hacked=1</script>"


def open_author(visit: Callable[..., Any], lab: str, **more: Any) -> Any:
    page = visit(address=f"{lab}/?page=author", first=".editor textarea", **more)
    page.locator("section [data-key]").first.wait_for()
    return page


def write(page: Any, text: str) -> None:
    """Put a text into the editor and wait until the server has looked at it."""
    page.locator(".editor textarea").fill(text)
    page.wait_for_timeout(700)


def has_text(page: Any, part: str) -> None:
    """Wait until the editor holds something."""
    expect(page.locator(".editor textarea")).to_have_value(re.compile(re.escape(part)), timeout=LONG)


def upload(page: Any, name: str, data: bytes) -> None:
    page.locator("input[type=file]").set_input_files({"name": name, "mimeType": "", "buffer": data})


def test_a_fault_is_marked_at_its_line_and_completion_offers_keys(visit: Callable[..., Any], lab: str) -> None:
    page = open_author(visit, lab)
    text = scenario_text("my_scenario")
    line = text[: text.index("  customers:")].count("\n") + 1
    write(page, text.replace("  customers:", "  custmers:", 1))
    fault = page.locator(".faults button")
    expect(fault).to_have_text(re.compile(rf"Line {line}: .*custmers.*Did you mean customers\?"), timeout=LONG)
    assert page.locator(".gutter .fault").all_inner_texts() == [str(line)]
    fault.click()
    at = page.locator(".editor textarea").evaluate(
        "(area) => area.value.slice(0, area.selectionStart).split('\\n').length"
    )
    assert at == line
    write(page, SMALL)
    expect(page.get_by_text("No faults.")).to_be_visible(timeout=LONG)
    page.locator(".editor textarea").press("Control+End")
    page.keyboard.type("sto")
    page.locator(".offers [role=option]", has_text="story").wait_for()
    page.keyboard.press("Enter")
    has_text(page, "story: ")
    page.keyboard.press("Backspace")
    page.keyboard.press("Enter")
    assert page.locator(".editor textarea").input_value().endswith("story:\n  "), "The next line is indented."
    assert page.locator(".help").inner_text()


def test_the_form_changes_the_text_and_leaves_the_rest(visit: Callable[..., Any], lab: str) -> None:
    page = open_author(visit, lab)
    write(page, SMALL)
    page.locator("[name='market.customers']").fill("300")
    page.keyboard.press("Tab")
    page.keyboard.type("1")
    has_text(page, SMALL.replace("200", "300"))
    assert page.locator("[name='market.weeks']").evaluate("(input) => input === input.getRootNode().activeElement")
    assert "1" in page.locator("[name='market.weeks']").input_value(), "What is half typed stays."
    page.locator("[name='market.weeks']").fill("12")
    page.locator("details[data-part=events] summary").click()
    page.get_by_role("button", name="Add an event").click()
    has_text(page, "Something happens")
    page.locator("[name='events.0.week']").fill("7")
    page.keyboard.press("Tab")
    has_text(page, "week: 7")
    assert page.locator(".timeline span").count() == 1
    text = page.locator(".editor textarea").input_value()
    assert text.startswith(
        "extends: _baseline  # the market\nmarket: {customers: 300, weeks: 12, warm_up: 2}  # small\n"
    )
    page.get_by_role("button", name="Remove").click()
    expect(page.locator(".timeline span")).to_have_count(0, timeout=LONG)
    write(page, "market: [")
    expect(page.locator("[name='market.weeks']")).to_be_disabled(timeout=LONG)


def test_preview_lint_lab_and_reload(visit: Callable[..., Any], lab: str) -> None:
    page = open_author(visit, lab)
    own = (
        "strategies:\n  friendly:\n    label: {en: Own and friendly, zh: 友好}\n    levers: {training: {spend: 10%}}\n"
    )
    write(page, SMALL + "title: {en: A small market, zh: 小市场}\n" + own)
    page.get_by_role("button", name="The market after two years").click()
    page.locator("table td", has_text="Own and friendly").wait_for()
    assert page.locator(".stages").count() >= 2
    assert page.locator(".key li").count() == page.locator(".stages").first.locator("span").count()
    page.get_by_role("button", name="What will it teach?").click()
    page.get_by_role("heading", name="What will it teach?").wait_for()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download").click()
    assert Path(waiting.value.path()).read_text(encoding="utf-8").startswith(SMALL)
    page.reload()
    has_text(page, "Own and friendly")
    page.get_by_role("button", name="中文").click()
    page.get_by_role("heading", name="情景（YAML）").or_(page.locator("h1")).first.wait_for()
    has_text(page, "Own and friendly")
    page.get_by_role("button", name="English").click()
    page.get_by_role("button", name="Try it in the lab").click()
    page.locator(".card dd").first.wait_for()
    assert page.locator("h1:visible").inner_text() == "A small market"


def test_files_come_in_and_strangers_are_refused(visit: Callable[..., Any], lab: str, tmp_path: Path) -> None:
    page = open_author(visit, lab)
    upload(page, "mine.yaml", SMALL.encode())
    has_text(page, "# small")
    (tmp_path / "base.yaml").write_text(SMALL, encoding="utf-8")
    (tmp_path / "own.yaml").write_text("extends: base\ntitle: {en: Packed, zh: 打包}\n", encoding="utf-8")
    upload(page, "own.crmsim", packed(tmp_path / "own.yaml")[1])
    has_text(page, "extends: base")
    expect(page.get_by_text("No faults.")).to_be_visible(timeout=LONG)
    expect(page.locator("[name='market.customers']")).to_have_value("200", timeout=LONG)
    evil = io.BytesIO()
    with zipfile.ZipFile(evil, "w") as pack:
        pack.writestr("../../evil.yaml", "x")
    told = page.locator(".told")
    for name, data, says in (
        ("evil.crmsim", evil.getvalue(), "no plain name"), ("bad.crmsim", b"PK\x03\x04nonsense", "damaged"),
        ("latin.yaml", "title: Caf\u00e9".encode("latin-1"), "UTF-8"), ("big.yaml", b"x" * 300_000, "bytes"),
        ("huge.crmsim", b"P" * 1_500_000, "larger"),
    ):  # fmt: skip
        upload(page, name, data)
        expect(told).to_contain_text(says, timeout=LONG)
        has_text(page, "extends: base")
    page.once("dialog", lambda dialog: dialog.dismiss())
    page.locator(".editor textarea").press("Control+End")
    page.keyboard.type("# mine")
    page.locator("select[aria-label='Begin from …']").select_option("coffee")
    has_text(page, "# mine")
    page.once("dialog", lambda dialog: dialog.accept())
    page.locator("select[aria-label='Begin from …']").select_option("coffee")
    expect(page.locator(".editor textarea")).not_to_have_value(re.compile("# mine"), timeout=LONG)


def test_a_reload_brings_back_what_came_in_a_pack(visit: Callable[..., Any], lab: str, tmp_path: Path) -> None:
    page = open_author(visit, lab)
    (tmp_path / "base.yaml").write_text(SMALL, encoding="utf-8")
    (tmp_path / "own.yaml").write_text("extends: base\n", encoding="utf-8")
    upload(page, "own.crmsim", packed(tmp_path / "own.yaml")[1])
    expect(page.locator("[name='market.customers']")).to_have_value("200", timeout=LONG)
    page.locator(".editor textarea").press("Control+End")
    page.keyboard.type("# later")
    page.wait_for_timeout(1500)
    page.reload()
    has_text(page, "# later")
    expect(page.get_by_text("No faults.")).to_be_visible(timeout=LONG)  # what the pack brought is there again
    expect(page.locator("[name='market.customers']")).to_have_value("200", timeout=LONG)


def test_a_lesson_is_checked_by_its_own_rules(visit: Callable[..., Any], lab: str, tmp_path: Path) -> None:
    page = open_author(visit, lab)
    path = new_lesson("mine", tmp_path)[0]
    upload(page, "mine.crmsim", packed(path.parent)[1])
    page.get_by_role("heading", name="Lesson (lesson.yaml)").wait_for()
    expect(page.get_by_text("No faults.")).to_be_visible(timeout=LONG)
    page.locator("[data-key=unlock-please]").select_option("pricing.list_price")
    page.locator("[data-key='please/pricing.list_price']").wait_for()
    has_text(page, "pricing.list_price:")
    page.locator("[data-key='please/pricing.list_price']").click()
    expect(page.locator("[data-key='please/pricing.list_price']")).to_have_count(0, timeout=LONG)
    write(page, path.read_text(encoding="utf-8").replace("minutes: 75", "minuts: 75"))
    expect(page.locator(".faults")).to_contain_text("Did you mean minutes?", timeout=LONG)


def test_a_hostile_text_does_no_harm(visit: Callable[..., Any], lab: str) -> None:
    page = open_author(visit, lab)
    text = f"{{en: '{HOSTILE}', zh: '{HOSTILE}'}}"
    event = f"events:\n  - {{label: {text}, week: 3, weeks: 2, need: 0.9}}\n"
    strategy = f"strategies:\n  evil: {{label: {text}, levers: {{training: {{spend: 10%}}}}}}\n"
    write(page, f"{SMALL}title: {text}\n{event}{strategy}")
    expect(page.locator("[name='title.en']")).to_have_value(HOSTILE, timeout=LONG)
    page.get_by_role("button", name="The market after two years").click()
    page.locator("table td", has_text="<img").wait_for()
    for name in ("bomb", "odd_characters", "escape"):
        write(page, (ROOT / "tests" / "broken" / f"{name}.yaml").read_bytes().decode("utf-8", "replace"))
        page.locator(".faults button").first.wait_for()
    write(page, f"{SMALL}{HOSTILE}: 1\n")
    page.locator(".faults button").first.wait_for()
    assert page.evaluate("() => window.hacked") is None
    assert page.locator("img[src=x]").count() == 0


@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 390)])
def test_axe_finds_no_grave_barrier(visit: Callable[..., Any], lab: str, scheme: str, width: int) -> None:
    page = open_author(visit, lab, color_scheme=scheme, width=width)
    write(page, SMALL)
    page.get_by_role("button", name="The market after two years").click()
    page.locator(".stages").first.wait_for()
    page.locator("details[data-part=firms] summary").click()
    write(page, SMALL + "mar")
    page.locator(".faults button").first.wait_for()
    assert page.locator("main").evaluate("(main) => main.scrollWidth <= main.clientWidth")
    faults = [
        f"{found['impact']} {found['id']} at {found['nodes'][0]['target']}"
        for found in Axe().run(page).response["violations"]
        if found["impact"] in ("serious", "critical")
    ]
    assert not faults, "axe-core found:\n  " + "\n  ".join(faults)
