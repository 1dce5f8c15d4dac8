"""Every lesson played in Chromium by its bot, to a pass and to a fail: `python -m benchmarks.lessons_played`.

The bots are those of `tests/test_lessons.py`. Whatever they do is done on the page by its own controls and, beside it,
by the classes the page uses; at the end the page must show the same result. Not part of `make test`: it takes minutes.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright
from rich.console import Console
from rich.table import Table

from sim.lesson_facts import module_of
from sim.lessons import shipped_lesson, shipped_lessons
from sim.ui.lesson_state import LessonState, Try, Verdict
from tests.ui.conftest import running_lab

# Counts how often something that was under way has ended.
COUNT_TURNS = """(busy) => {
  window.turns = 0
  new MutationObserver(() => { if (!busy.textContent) { turns += 1 } }).observe(busy, {childList: true})
}"""
WORLDS = 3  # as the tests' server judges
LANGUAGES = {"passes": "en", "fails": "zh"}


class Player(LessonState):
    """A lesson's state whose every act is also done on the page, by the controls a student has."""

    def __init__(self, name: str, page: Any) -> None:
        super().__init__(shipped_lesson(name), n_worlds=WORLDS)
        self.page = page

    def step(self, name: str) -> None:
        """Turn to a step of the lesson."""
        self.page.locator(f"[data-step={name}]").click()
        self.page.locator(f"[data-step={name}][aria-current=step]").wait_for()

    def press(self, key: str) -> None:
        """Press a button that sets worlds running, and wait until they have run."""
        before = self.page.evaluate("turns")
        self.page.locator(f"[data-key='{key}']:not([aria-disabled])").click()
        self.page.wait_for_function("before => turns > before", arg=before)

    def forecast(self, outcome: str, low: object, high: object) -> None:
        """State an interval."""
        super().forecast(outcome, low, high)
        self.step("forecast")
        for k, end in enumerate((low, high)):
            self.page.locator(f"[name={outcome}-{k}]").fill(str(end))

    def because(self, reason: object) -> None:
        """Give a reason."""
        super().because(reason)
        self.page.locator(f"[data-key=reason-{reason}]").check()

    def make_forecast(self) -> None:
        """Make the forecast final."""
        super().make_forecast()
        self.press("make")
        self.page.locator(".verdict").first.wait_for()

    def move(self, experiment: str, path: str, value: object) -> None:
        """Move a lever; the page's slider must then stand where the classes say."""
        super().move(experiment, path, value)
        self.step("experiments")
        slider = self.page.locator(f"[data-key='{experiment}/{path}']")
        change = "(input, value) => { input.value = value; input.dispatchEvent(new Event('change')) }"
        slider.evaluate(change, value)
        deadline = time.monotonic() + 30
        while abs(float(slider.input_value()) - self.decisions[experiment][path]) > 1e-6:
            assert time.monotonic() < deadline, f"{experiment}/{path} stands at {slider.input_value()}, not {value}."
            self.page.wait_for_timeout(20)

    def run(self, experiment: str, levers: Any = None) -> Try:
        """Try the decisions in the own world."""
        tried = super().run(experiment, levers)
        self.step("experiments")
        self.press(f"{experiment}/run")
        return tried

    def hand_in(self, experiment: str, *args: Any, **kwargs: Any) -> Verdict:
        """Have the decisions judged."""
        verdict = super().hand_in(experiment, *args, **kwargs)
        self.step("experiments")
        self.press(f"{experiment}/hand_in")
        self.page.locator(f"[data-experiment={experiment}] .verdict").wait_for()
        shown = self.page.locator(f"[data-experiment={experiment}].passed").count() == 1
        assert shown == verdict.is_passed, f"{experiment}: the page says {shown}, the classes say {verdict.is_passed}."
        return verdict

    def answer(self, question: object, option: object) -> bool:
        """Answer a question."""
        self.step("questions")
        self.page.locator(f"[data-key=question-{question}-{option}]").check()
        self.page.locator(f"[data-key=question-{question}-answer]").click()
        self.page.locator(f"[data-question='{question}'] .verdict").wait_for()
        return super().answer(question, option)

    def reflect(self, text: object) -> None:
        """Write the reflection."""
        super().reflect(text)
        self.step("reflect")
        self.page.locator("[data-key=reflection]").fill(str(text))

    def look_back(self) -> None:
        """Open every pair of the debrief."""
        self.step("debrief")
        for k in range(len(self.lesson.entry.debrief)):
            self.press(f"pair-{k}")
            self.page.locator(f"[data-pair='{k}'] table").first.wait_for()


def play(browser: Any, address: str, name: str, how: str) -> tuple[str, str]:
    """Play one lesson; what came of it, and what was wrong."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(60_000)
    page, complaints = context.new_page(), list[str]()
    page.on("console", lambda told: complaints.append(told.text) if told.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    try:
        page.goto(f"{address}/?page=lessons&lesson={name}&lang={LANGUAGES[how]}")
        page.locator(".lesson").wait_for()
        page.locator(".busy").evaluate(COUNT_TURNS)
        player = Player(name, page)
        getattr(module_of(player.lesson.folder / "bot.py"), how)(player)
        if how == "passes":
            player.look_back()
        page.locator("[data-key=back]").click()
        is_passed = page.locator(f".tile.passed[data-lesson='{name}']")
        page.locator(f"[data-lesson='{name}']").wait_for()
        page.wait_for_timeout(300)
        if (is_passed.count() == 1) != (how == "passes"):
            complaints.append(f"The page does not show what {how} should lead to.")
        return f"{player.grade().points:.0f} points", "; ".join(complaints)
    except Exception as error:
        return "–", f"{type(error).__name__}: {str(error).splitlines()[0]}"
    finally:
        context.close()


def main(names: list[str]) -> int:
    """Play them all and print the table; 1 where something was wrong."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    table, faults = Table("Lesson", "Path", "Language", "Result", "Seconds", "Wrong"), 0
    log = Path(tempfile.mkdtemp()) / "server.log"
    with running_lab(log) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        for name in names or shipped_lessons():
            for how in LANGUAGES:
                start = time.monotonic()
                result, wrong = play(browser, address, name, how)
                faults += bool(wrong)
                print(name, how, result, wrong, flush=True)
                table.add_row(name, how, LANGUAGES[how], result, f"{time.monotonic() - start:.0f}", wrong)
        browser.close()
    Console(width=150).print(table)
    return int(faults > 0)


if __name__ == "__main__":
    if unknown := sorted(set(sys.argv[1:]) - set(shipped_lessons())):
        sys.exit(f"There is no lesson {', '.join(unknown)}. There are: {', '.join(shipped_lessons())}.")
    sys.exit(main(sys.argv[1:]))
