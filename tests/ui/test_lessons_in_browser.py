"""Lessons in Chromium: played to a pass and to a fail by the page's own controls, kept, in both languages."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from sim.authoring import new_lesson
from sim.lessons import shipped_lesson, shipped_lessons
from sim.ui.lesson_state import LessonState
from tests.ui.conftest import Watched, running_lab

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]

FIRST = "01_why_keep_customers"
STEPS = ("read", "forecast", "experiments", "questions", "debrief", "reflect", "teacher")
LANGUAGES = {"en": "en", "zh": "zh-Hans"}
ACTIVE = """() => {
  let at = document.activeElement
  while (at?.shadowRoot?.activeElement) { at = at.shadowRoot.activeElement }
  return at?.dataset?.key || ""
}"""


def open_lesson(visit: Callable[..., Any], lab: str, name: str = FIRST, **more: Any) -> Any:
    return visit(address=f"{lab}/?page=lessons&lesson={name}", first=".lesson", **more)


def step(page: Any, name: str) -> None:
    page.locator(f"[data-step={name}]").click()
    page.locator(f"[data-step={name}][aria-current=step]").wait_for()


def wait_for_worlds(page: Any) -> None:
    """Until nothing runs any more: buttons no longer wait."""
    page.locator(".busy:empty").wait_for(state="attached")


def press(page: Any, key: str) -> None:
    """Press a button and wait for what it sets off."""
    button = page.locator(f"[data-key='{key}']:not([aria-disabled])")
    button.click()
    page.wait_for_timeout(100)
    wait_for_worlds(page)
    button.or_(page.locator(".lesson")).first.wait_for()


def move(page: Any, experiment: str, lever: str, value: float) -> None:
    slider = page.locator(f"[data-key='{experiment}/{lever}']")
    slider.evaluate("(input, value) => { input.value = value; input.dispatchEvent(new Event('change')) }", value)
    page.locator(".lesson").wait_for()
    page.wait_for_timeout(300)


def make_forecast(page: Any, intervals: dict[str, tuple[float, float]], reason: int) -> None:
    step(page, "forecast")
    for outcome, ends in intervals.items():
        for k, end in enumerate(ends):
            page.locator(f"[name={outcome}-{k}]").fill(str(end))
    page.locator(f"[data-key=reason-{reason}]").check()
    press(page, "make")
    page.locator(".verdict").first.wait_for()


def answer(page: Any, options: tuple[int, ...]) -> None:
    step(page, "questions")
    for question, option in enumerate(options):
        page.locator(f"[data-key=question-{question}-{option}]").check()
        page.locator(f"[data-key=question-{question}-answer]").click()
        page.locator(f"[data-question='{question}'] .verdict").wait_for()


@pytest.fixture(scope="module")
def one_page(chromium: Any, lab: str) -> Iterator[Watched]:
    """One browser page for all lessons in turn."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB")
    context.set_default_timeout(180_000)
    page = context.new_page()
    watched = Watched(page)
    watched.watch()
    page.goto(f"{lab}/?page=lessons")
    page.locator(".tile").first.wait_for()
    yield watched
    context.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_list_reads_as_a_course(one_page: Watched, language: str) -> None:
    page = one_page.page
    speak(page, language)
    titles = page.locator(".tile strong").all_inner_texts()
    assert titles == [shipped_lesson(name).title[language] for name in shipped_lessons()]
    assert page.locator("main h1:visible").count() == 1
    page.get_by_role("button", name=titles[0]).wait_for()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", shipped_lessons())
def test_each_lesson_opens(one_page: Watched, name: str, language: str) -> None:
    page, lesson = one_page.page, shipped_lesson(name)
    speak(page, language)
    if page.locator(".lesson").count():
        page.locator("[data-key=back]").click()
    page.locator(f"[data-lesson='{name}']").click()
    page.get_by_role("heading", level=1, name=lesson.title[language], exact=True).wait_for()
    story = re.sub(r"[*_`]", "", lesson.texts[language]["story"]).split()[0]
    assert story[:12] in page.locator(".lesson section").first.inner_text()
    step(page, "forecast")
    assert page.locator(".interval").count() == len(lesson.entry.forecast.outcomes)
    assert not re.search(r"\{\w+\}|undefined|NaN|\[object", page.locator(".lesson").inner_text())
    assert not one_page.complaints, "\n".join(one_page.complaints)


def speak(page: Any, language: str) -> None:
    if page.evaluate("() => document.documentElement.lang") != LANGUAGES[language]:
        page.locator(f".language[data-language={language}]").click()
        page.wait_for_function(f"() => document.documentElement.lang === '{LANGUAGES[language]}'")
        page.locator(".course, .lesson").first.wait_for()


def test_a_lesson_is_played_to_a_pass_and_kept(visit: Callable[..., Any], lab: str) -> None:
    page = open_lesson(visit, lab)
    step(page, "experiments")
    assert page.locator("[data-key='pour/run'][aria-disabled=true]").count() == 1, "The forecast comes first."
    page.locator("[data-key='pour/run']").click(force=True)
    page.wait_for_timeout(500)
    assert page.locator("table.rows").count() == 0
    page.locator("[data-key=unlock]").click()
    page.locator("[data-step=forecast][aria-current=step]").wait_for()
    make_forecast(page, {"active_customers": (-20, -5), "profit": (-20, -3)}, 1)
    assert page.locator("[name=profit-0]").is_disabled()
    step(page, "experiments")
    move(page, "pour", "pricing.list_price", 35)
    press(page, "pour/hand_in")
    page.locator("[data-experiment=pour].passed").wait_for()
    for lever, value in {"advertising.spend": 225, "communication.spend": 460}.items():
        move(page, "mend", lever, value)
    move(page, "mend", "service.agents", 2.5)
    press(page, "mend/hand_in")
    page.locator("[data-experiment=mend].passed").wait_for()
    assert "luck" in page.locator("[data-experiment=mend] .verdict").inner_text()
    answer(page, (1, 1, 1))
    step(page, "debrief")
    press(page, "pair-0")
    left = page.locator("[data-pair='0'] .story")
    left.first.wait_for()
    assert re.search(r"Customer \d+ .*week \d+.*Left your network.*stayed", left.first.inner_text())
    step(page, "reflect")
    page.locator("textarea").press_sequentially("Fewer will leave.", delay=60)
    page.get_by_text("Passed: every goal is reached by skill.").wait_for()
    page.locator("[data-step=reflect] .tick").wait_for()
    page.wait_for_function(f"() => (localStorage.getItem('crmsim-lesson-{FIRST}') || '').includes('will leave.')")
    points = page.locator("header .points").inner_text()
    page.reload()
    expect(page.locator("textarea")).to_have_value("Fewer will leave.", timeout=60_000)
    page.locator("[data-step=experiments] .tick").wait_for()
    expect(page.locator("header .points")).to_have_text(points, timeout=60_000)
    step(page, "experiments")
    assert page.locator("[data-key='mend/communication.spend']").input_value() == "460"
    assert page.locator("[data-experiment=mend] table.rows").count() >= 1
    step(page, "forecast")
    assert page.locator("[name=profit-1]").input_value() == "-3"
    page.get_by_role("button", name="中文").click()
    page.get_by_text("预测已经提交，不能再改。").wait_for()
    assert page.locator("[data-step=experiments] .tick").count() == 1, "Another language loses nothing."
    page.locator("[data-key=back]").click()
    page.locator(".tile.passed").wait_for()


def test_a_lesson_is_played_to_a_fail_that_is_explained(visit: Callable[..., Any], lab: str) -> None:
    page = open_lesson(visit, lab)
    step(page, "forecast")
    page.locator("[name=profit-0]").fill("30")
    page.locator("[name=profit-1]").fill("5")
    page.locator("[data-key=make]").click()
    page.locator(".told:not(:empty)").wait_for()
    make_forecast(page, {"active_customers": (10, 40), "profit": (5, 30)}, 0)
    assert page.locator(".verdict .missed").count() == 2
    step(page, "experiments")
    move(page, "pour", "advertising.spend", 2250)
    press(page, "pour/run")
    page.locator(".told:not(:empty)").wait_for()
    assert "to spend" in page.locator(".told").inner_text(), "What cannot be paid for is not run."
    move(page, "pour", "product.spend", 0)
    press(page, "pour/hand_in")
    verdict = page.locator("[data-experiment=pour] .verdict")
    verdict.wait_for()
    assert "Missed by" in verdict.inner_text()
    assert "Product spending" in verdict.inner_text(), "The levers that did it are named."
    assert page.locator("[data-experiment=pour].passed").count() == 0
    answer(page, (0, 1, 0))
    assert page.locator("[data-question='0'] .missed").count() == 1
    page.locator("[data-key=question-0-1]").check()
    page.locator("[data-key=question-0-answer]").click()
    page.locator("[data-question='0'] .met").wait_for()
    step(page, "reflect")
    assert "questions 8 of 25" in page.locator(".verdict").inner_text(), "The first answer counts."
    assert "Not passed yet." in page.locator(".verdict").inner_text()


def test_a_forecast_is_made_as_it_stands_on_the_page(visit: Callable[..., Any], lab: str) -> None:
    page = open_lesson(visit, lab)
    step(page, "forecast")
    page.locator("[data-key=reason-1]").check()
    typed = "(input, value) => { input.value = value; input.dispatchEvent(new Event('input')) }"  # and no change
    for name, value in {"active_customers-0": 10, "active_customers-1": 40, "profit-0": 30, "profit-1": 5}.items():
        page.locator(f"[name={name}]").evaluate(typed, value)
    page.locator("[data-key=make]").click()
    page.locator(".told:not(:empty)").wait_for()
    assert page.locator("[name=profit-0]").is_enabled(), "An interval that falls is no forecast."
    page.locator("[name=profit-0]").evaluate(typed, -5)
    press(page, "make")
    page.locator(".verdict").first.wait_for()
    assert page.locator("[name=profit-1]").input_value() == "5"


def test_the_keyboard_alone_makes_a_forecast_and_an_answer(visit: Callable[..., Any], lab: str) -> None:
    page = visit(address=f"{lab}/?page=lessons", first=".tile")

    def go_to(key: str) -> None:
        for _ in range(60):
            page.keyboard.press("Tab")
            if page.evaluate(ACTIVE) == key:
                return
        pytest.fail(f"Tab does not reach {key}.")

    go_to(FIRST)
    page.keyboard.press("Enter")
    page.locator(".lesson").wait_for()
    go_to("step-forecast")
    page.keyboard.press("Enter")
    page.locator("[data-step=forecast][aria-current=step]").wait_for()
    assert page.evaluate(ACTIVE) == "step-forecast", "The focus stays where it was."
    for outcome in ("active_customers", "profit"):
        for k, end in enumerate(("-20", "-4")):
            go_to(f"{outcome}-{k}")
            page.keyboard.type(end)
    go_to("reason-0")
    page.keyboard.press("ArrowDown")
    assert page.evaluate(ACTIVE) == "reason-1"
    go_to("make")
    page.keyboard.press("Enter")
    page.locator("[data-step=forecast] .tick").wait_for()
    wait_for_worlds(page)
    page.locator("[data-step=experiments]").focus()
    page.keyboard.press("Enter")
    page.locator("[data-experiment=pour]").wait_for()
    go_to("pour/pricing.list_price")
    before = page.locator("[data-experiment=pour] output").nth(2).inner_text()
    page.keyboard.press("PageDown")
    page.locator("[data-experiment=pour] .lever.moved").wait_for()
    assert page.locator("[data-experiment=pour] output").nth(2).inner_text() != before
    assert page.evaluate(ACTIVE) == "pour/pricing.list_price"
    slider = page.locator("[data-key='pour/pricing.list_price']")
    stands = float(slider.input_value())
    let_go = "(input) => { input.value = Number(input.value) + 0.001; input.dispatchEvent(new Event('change')) }"
    slider.evaluate(let_go)
    assert float(slider.input_value()) == pytest.approx(stands, abs=1e-9), "Let go between two steps, it goes to one."
    page.locator("[data-step=questions]").focus()
    page.keyboard.press("Enter")
    page.locator("[data-question='0']").wait_for()
    go_to("question-0-0")
    page.keyboard.press("ArrowDown")
    page.wait_for_timeout(500)
    assert page.locator("[data-question='0'] .verdict").count() == 0, "Passing over an answer does not give it."
    go_to("question-0-answer")
    page.keyboard.press("Enter")
    page.locator("[data-question='0'] .met").wait_for()


@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 390)])
def test_axe_finds_no_grave_barrier_in_a_lesson(visit: Callable[..., Any], lab: str, scheme: str, width: int) -> None:
    page = open_lesson(visit, lab, color_scheme=scheme, width=width)
    faults = []
    for name in STEPS:
        step(page, name)
        if name == "experiments" and scheme == "light":
            make_forecast(page, {"active_customers": (-20, -5), "profit": (-20, -3)}, 1)
            step(page, name)
            press(page, "pour/run")
        if name == "debrief" and scheme == "light":
            press(page, "pair-0")
            page.locator(".story").first.wait_for()
        assert page.evaluate(
            "() => document.querySelector('main').scrollWidth <= document.querySelector('main').clientWidth"
        )
        for found in Axe().run(page).response["violations"]:
            if found["impact"] in ("serious", "critical"):
                at = "; ".join(str(node["target"])[:150] for node in found["nodes"][:3])
                faults.append(f"{name}: {found['impact']} {found['id']} at {at}")
    assert not faults, "axe-core found:\n  " + "\n  ".join(faults)


def test_hostile_lesson_text_runs_nothing(
    visit: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    attack = "<img src=x onerror=window.hacked=1><script>window.hacked=1</script>"
    small = "minutes: 75\ncustomers: 100\nworlds: 2"
    path = new_lesson("01_evil", tmp_path)[0]
    entry = path.read_text(encoding="utf-8").replace("minutes: 75", small)
    entry = re.sub(r"\{en: [^{}]*?, zh: [^{}]*?\}", f"{{en: '{attack}', zh: '{attack}'}}", entry)
    path.write_text(entry, encoding="utf-8")
    for language in LANGUAGES:
        text = path.parent / f"{language}.md"
        source = re.sub(r"^# .*$", f"# {attack}", text.read_text(encoding="utf-8"), count=1, flags=re.MULTILINE)
        evil = f"{attack} [click](javascript:window.hacked=1) ![picture](x) <b onclick='window.hacked=1'>b</b>"
        text.write_text(re.sub(r"(^## .*$)", rf"\1\n\n{evil}\n", source, flags=re.MULTILINE), encoding="utf-8")
    monkeypatch.setenv("LESSONS_TO_SERVE", str(tmp_path))
    with running_lab(tmp_path / "server.log") as address:
        page = visit(address=f"{address}/?page=lessons", first=".tile")
        assert page.locator(".tile strong").inner_text() == attack
        page.locator(".tile").click()
        page.locator(".lesson").wait_for()
        make_forecast(page, {"satisfaction": (-5, 5), "profit": (-20, 20)}, 0)
        for name in STEPS:
            step(page, name)
            if name == "experiments":
                press(page, "please/hand_in")
            elif name == "questions":
                answer(page, (0,))
            elif name == "debrief":
                press(page, "pair-0")
                page.locator("[data-pair='0'] table").first.wait_for()
            assert page.evaluate("() => window.hacked") is None
            found = page.locator(".lesson img, .lesson script, .lesson [onclick], .lesson a[href^=javascript]")
            assert found.count() == 0, name
        page.context.close()


def test_the_report_carries_lessons_to_another_browser(visit: Callable[..., Any], lab: str, tmp_path: Path) -> None:
    state = LessonState(shipped_lesson(FIRST))
    state.forecast("profit", -18, -3)
    written = "A leaking bucket is not filled by pouring."
    state.reflect(written)
    kept = json.dumps(state.as_dict())
    page = visit(address=f"{lab}/?page=report", first="textarea")
    page.evaluate("(kept) => localStorage.setItem(`crmsim-lesson-${JSON.parse(kept).lesson}`, kept)", kept)
    page.get_by_text("Everything is ready.").wait_for()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download the report").click()
    file = tmp_path / "report.html"
    waiting.value.save_as(file)
    assert written in file.read_text(encoding="utf-8")
    other = visit(address=f"{lab}/?page=report", first="textarea")
    other.locator("input[type=file]").set_input_files(file)
    other.get_by_text("The report is open").wait_for()
    other.locator("nav a[data-page=lessons]").click()
    other.locator(f"[data-lesson='{FIRST}']").get_by_text("under way").wait_for()
    other.locator(f"[data-lesson='{FIRST}']").click()
    other.locator(".lesson").wait_for()
    step(other, "reflect")
    expect(other.locator(".lesson textarea")).to_have_value(
        "A leaking bucket is not filled by pouring.", timeout=60_000
    )
