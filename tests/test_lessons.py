"""Every shipped lesson: its texts in both languages, what they claim, and the bots that play it to a pass or a fail."""

import dataclasses
import functools
import os
import re
import shlex
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from sim.cli import cli
from sim.lesson_facts import facts_in, module_of, numbers_unclaimed
from sim.lesson_texts import FOR_TEACHERS, HEADINGS, LANGUAGES
from sim.lesson_worlds import variant, worlds_of
from sim.lessons import FILES, Lesson, shipped_lesson, shipped_lessons
from sim.ui.lesson_state import LessonState

LESSONS = shipped_lessons()
CODES = ("anna", "ben", "李华")
WORLDS = int(os.environ.get("CRMSIM_TEST_WORLDS", "12"))  # 20: as students play
FEW_WORLDS = 5
SMALL = ["--customers", "60", "--weeks", "4"]
READING = {"en": (600, 2200), "zh": (900, 4500)}  # words, characters: about ten minutes
PLACEHOLDER = re.compile(r"(?i)\b(todo|tbd|fixme|xxx|lorem|placeholder)\b|待补|待定|此处填写")
CHINESE = re.compile(r"[\u4e00-\u9fff]")
CLAIMING = [key for key in HEADINGS if key not in ("sources", *FOR_TEACHERS)]
# All tests of a lesson in one process, so that what it has played and run is played and run once.
each_lesson = pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in LESSONS]
)


@functools.cache
def few_worlds(name: str) -> Lesson:
    """A shipped lesson over fewer worlds than its twenty, for the sake of time."""
    lesson = shipped_lesson(name)
    return dataclasses.replace(lesson, entry=lesson.entry.model_copy(update={"worlds": WORLDS}))


@functools.cache
def python(name: str, stem: str) -> ModuleType:
    return module_of(few_worlds(name).folder / f"{stem}.py")


@functools.cache
def played(name: str, how: str, code: str = "") -> LessonState:
    """A lesson played by its bot; a private world over fewer worlds."""
    state = LessonState(few_worlds(name), code, n_worlds=FEW_WORLDS if code else None)
    getattr(python(name, "bot"), how)(state)
    return state


def told(state: LessonState) -> str:
    """What a failing test should show."""
    goals = [goal for verdict in state.verdicts.values() for goal in verdict.goals]
    rows = [f"{g.name} {g.threshold.text}: {g.mean:g}, needed {g.mean_needed:g}" for g in goals]
    return f"code {state.code!r} {state.worlds.sets}, {state.grade()}:\n  " + "\n  ".join(rows)


def test_there_are_lessons() -> None:
    assert LESSONS
    assert [name.partition("_")[0] for name in LESSONS] == [f"{k:02}" for k in range(1, len(LESSONS) + 1)]


# ---------------------------------------------------------------- texts


@each_lesson
def test_a_lesson_is_whole(name: str) -> None:
    lesson = few_worlds(name)
    assert {path.name for path in lesson.folder.iterdir() if path.is_file()} >= set(FILES)
    assert set(lesson.texts) == set(LANGUAGES)
    for text in [*(part for parts in lesson.texts.values() for part in parts.values()), str(lesson.entry)]:
        assert not PLACEHOLDER.search(text), PLACEHOLDER.search(text)


@each_lesson
def test_the_reading_takes_about_ten_minutes(name: str) -> None:
    texts = few_worlds(name).texts
    lengths = {"en": len(texts["en"]["reading"].split()), "zh": len(CHINESE.findall(texts["zh"]["reading"]))}
    for language, length in lengths.items():
        least, most = READING[language]
        assert least <= length <= most, f"{language}.md: the reading has {length}, not {least} to {most}."


@each_lesson
def test_both_languages_say_the_same_in_their_own_words(name: str) -> None:
    texts = few_worlds(name).texts
    assert not CHINESE.search("".join(texts["en"].values())), "en.md holds Chinese characters."
    for key in HEADINGS:
        items = {language: len(re.findall(r"^- ", parts[key], re.MULTILINE)) for language, parts in texts.items()}
        assert len(set(items.values())) == 1, f"The section {key} has lists of different length: {items}."
        if key != "sources":
            assert CHINESE.search(texts["zh"][key]), f"zh.md: {key} is not in Chinese."
    for key in ("reading", "sources"):
        years = [set(re.findall(r"(?<!\d)(?:19|20)\d\d(?!\d)", parts[key])) for parts in texts.values()]
        assert years[0] == years[1], f"{key}: the languages cite different years: {years[0] ^ years[1]}."


@each_lesson
def test_what_is_cited_is_among_the_sources(name: str) -> None:
    for language, parts in few_worlds(name).texts.items():
        cited = set(re.findall(r"(?<!\d)(?:19|20)\d\d(?!\d)", parts["reading"]))
        assert cited, f"{language}.md: the reading cites nobody."
        listed = set(re.findall(r"(?<!\d)(?:19|20)\d\d(?!\d)", parts["sources"]))
        assert cited <= listed, f"{language}.md: {cited - listed} are cited but not among the sources."


@each_lesson
def test_a_run_dispels_each_misconception(name: str) -> None:
    lesson = few_worlds(name)
    shown = {}
    for language, parts in lesson.texts.items():
        items = re.split(r"^- ", parts["misconceptions"], flags=re.MULTILINE)[1:]
        commands = [re.findall(r"`(crmsim [^`]+)`", item) for item in items]
        assert items, f"{language}.md names no misconception."
        assert all(commands), f"{language}.md: a misconception has no `crmsim …` that dispels it."
        shown[language] = sorted({command for those in commands for command in those})
    assert shown["en"] == shown["zh"]
    for command in shown["en"]:
        words = shlex.split(command)[1:]
        few = [*SMALL, *(["--seeds", "1"] if "--seeds" in words or words[0] in ("compare", "attribute") else [])]
        done = CliRunner().invoke(cli, [*words, *few])
        assert done.exit_code == 0, f"`{command}` ends with {done.exit_code}:\n{done.output}"


# ---------------------------------------------------------------- facts


@each_lesson
def test_every_claim_stands_in_the_texts_and_holds(name: str) -> None:
    lesson, facts = few_worlds(name), facts_in(python(name, "facts"))
    assert facts, "facts.py asserts nothing."
    for language in LANGUAGES:
        text = "\n".join(lesson.texts[language].values())
        for fact, check in facts.items():
            claim = getattr(check, language)
            assert claim in text, f"{language}.md does not say what {fact} asserts: {claim!r}."
    faults = []
    for fact, check in facts.items():
        try:
            check(worlds_of(lesson))
        except AssertionError as error:
            faults.append(f"{fact} ({check.en!r}) is not so: {error}")
    assert not faults, "\n".join(faults)


@each_lesson
def test_every_number_in_the_texts_is_asserted_or_cited(name: str) -> None:
    lesson, facts = few_worlds(name), facts_in(python(name, "facts"))
    for language in LANGUAGES:
        claims = [getattr(check, language) for check in facts.values()]
        text = "\n".join(lesson.texts[language][key] for key in CLAIMING)
        unclaimed = list(numbers_unclaimed(text, claims))
        assert not unclaimed, (
            f"{language}.md states numbers that no @fact of facts.py claims word for word, in sentences that name no "
            "year of a source:\n  " + "\n  ".join(unclaimed)
        )


# ---------------------------------------------------------------- bots


@each_lesson
def test_the_lesson_can_be_passed(name: str) -> None:
    state = played(name, "passes")
    assert state.grade().is_passed, told(state)
    assert state.grade().points >= 70, told(state)
    assert all(len(numbers) for numbers in map(state.pair, range(len(state.lesson.entry.debrief))))


@each_lesson
def test_a_typical_first_try_fails_and_is_told_why(name: str) -> None:
    state = played(name, "fails")
    assert not state.grade().is_passed, told(state)
    assert state.grade().points < 60, told(state)
    missed = {key: v for key, v in state.verdicts.items() if not v.is_passed}
    assert missed, "fails() of bot.py hands in nothing that misses a goal."
    experiment, verdict = next(iter(missed.items()))
    assert any(goal.margin < 0 for goal in verdict.goals)
    assert any(state.explain(experiment).values()), "No lever was moved, so nothing can be said about one."


@each_lesson
def test_only_one_reason_is_borne_out(name: str) -> None:
    state = played(name, "passes")
    assert sum(state.held) == 1, f"Of the reasons offered these are borne out by the runs: {state.held}."
    assert state.held[state.reason or 0], "passes() of bot.py gives a reason that the runs do not bear out."


@each_lesson
def test_what_the_browser_keeps_is_taken_up_again(name: str) -> None:
    state = played(name, "passes")
    again = LessonState(few_worlds(name))
    handed_in = again.restore(state.as_dict())
    assert handed_in == [key for key in state.decisions if key in state.verdicts]
    assert (again.decisions, again.stated, again.reason) == (state.decisions, state.stated, state.reason)
    assert (again.answers, again.reflection) == (state.answers, state.reflection)


# ---------------------------------------------------------------- private worlds


@each_lesson
def test_private_worlds_are_equally_hard(name: str) -> None:
    for code in CODES:
        state = played(name, "passes", code)
        assert state.grade().is_passed, told(state)
    assert not played(name, "fails", CODES[0]).grade().is_passed, told(played(name, "fails", CODES[0]))
    for experiment, verdict in played(name, "passes", CODES[0]).verdicts.items():
        for place, goal in enumerate(verdict.goals):
            asked = [demand(played(name, "passes", code), experiment, place) for code in CODES]
            if goal.threshold.reference:
                assert np.ptp(asked) < 0.5, f"{experiment}, {goal.name}: of what can be gained goals ask {asked}."


def demand(state: LessonState, experiment: str, place: int) -> float:
    """What a goal asks as a share of what the bot gained on the strategy it is compared with."""
    goal = state.verdicts[experiment].goals[place]
    weeks, versus = state.lesson.weeks(experiment), state.lesson.entry.experiments[experiment].versus
    before = state.worlds.mean(versus, goal.name, weeks, FEW_WORLDS)
    return float((goal.mean_needed - before) / (goal.mean - before)) if goal.mean != before else 0.0


@each_lesson
def test_no_memorised_answer_passes_everybody(name: str) -> None:
    common = played(name, "passes")
    for code in (*CODES, "dora", "emil", "fang"):
        copied = LessonState(few_worlds(name), code, n_worlds=FEW_WORLDS)
        kept = common.as_dict() | {"code": code}
        if not all(copied.hand_in(key).is_passed for key in copied.restore(kept)):
            return
    pytest.fail("The decisions of the common world pass in every private one: widen the ranges under variants.")


@each_lesson
def test_a_code_always_draws_the_same_world_inside_the_ranges(name: str) -> None:
    lesson: Lesson = few_worlds(name)
    drawn: dict[str, Any] = {code: variant(lesson, code) for code in CODES}
    assert drawn == {code: variant(lesson, code) for code in CODES}
    assert len({str(world) for world in drawn.values()}) == len(CODES)
    assert variant(lesson, "")[0] == {}
    for sets, _ in drawn.values():
        assert all(low <= sets[path] <= high for path, (low, high) in lesson.entry.variants.items())
