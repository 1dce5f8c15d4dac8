"""A lesson in words for the page: its texts as safe HTML, and what the machine found as sentences, in one language."""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from markdown_it import MarkdownIt
from pydantic import BaseModel

from sim import lives_words, lives_zh
from sim.lesson_feedback import Calibration, Goal, Push, Verdict
from sim.lesson_goals import SPENDING, Threshold, measure, parse
from sim.lesson_leavers import REASONS, Leavers
from sim.lesson_texts import FOR_TEACHERS, HEADINGS
from sim.lessons import Lesson
from sim.lives_style import Names
from sim.paired import Difference
from sim.parameters import levers
from sim.ui.lesson_state import Grade, LessonState, Refusal, Try
from sim.ui.numerals import Scale, scale_of
from sim.ui.texts import has_text, label, said

_TRIES_SHOWN = 6
_REASONS = dict(zip(REASONS, ("on_purpose", "unmet", "value", "price", "moved"), strict=True))


@functools.cache
def _markdown() -> MarkdownIt:
    """Markdown that shows raw HTML as text, follows no script link and loads no picture."""
    return MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")


def as_html(text: str) -> str:
    """Markdown from anybody as HTML that runs nothing."""
    return str(_markdown().render(text))


def static(state: LessonState, language: str) -> dict[str, Any]:
    """Everything of a lesson that no student changes."""
    lesson, entry = state.lesson, state.lesson.entry
    texts = lesson.texts.get(language) or lesson.texts["en"]
    return {
        "name": lesson.name, "title": label(lesson.title, language), "minutes": entry.minutes,
        "covers": " ".join(entry.covers), "objectives": [worded(one, language) for one in entry.objectives],
        "sections": {key: as_html(text) for key, text in texts.items() if key not in FOR_TEACHERS},
        "teacher": [{"head": HEADINGS[key][language], "html": as_html(texts[key])} for key in FOR_TEACHERS],
        "headings": {key: names[language] for key, names in HEADINGS.items()},
        "forecast": {
            "asks": worded(entry.forecast.asks, language),
            "outcomes": [_guess(lesson, guess, language) for guess in entry.forecast.outcomes],
            "reasons": [worded(one.says, language) for one in entry.forecast.reasons],
        },
        "experiments": [_experiment(state, name, language) for name in entry.experiments],
        "questions": [
            {"asks": worded(q.asks, language),
             "options": [worded(o.says, language) for o in q.options]}
            for q in entry.questions
        ],
        "debrief": [{"asks": worded(p.asks, language), "note": worded(p.note, language),
                     "a": name_of(lesson, p.a, language), "b": name_of(lesson, p.b, language)} for p in entry.debrief],
    }  # fmt: skip


def name_of(lesson: Lesson, name: str, language: str) -> str:
    """A strategy or experiment as the page calls it."""
    if name in lesson.entry.experiments:
        return said("lesson_yours", language, title=worded(lesson.entry.experiments[name].title, language))
    return label(lesson.scenario.strategies[name].label, language)


def _guess(lesson: Lesson, guess: Any, language: str) -> dict[str, Any]:
    """What is asked of one outcome. A share is asked for in percent: the page multiplies by `factor`."""
    outcome, is_level = measure(guess.outcome), guess.form == "level"
    scale = _scale(lesson, guess.outcome, 0.0, language)
    is_percent, factor = guess.form == "percent", 1.0
    if outcome.unit == "share" and not is_percent:
        factor = 100.0
    after = "%" if is_percent else scale.after if is_level else scale.after_difference or scale.after
    low, high = (factor * end for end in guess.range)
    other = name_of(lesson, lesson.entry.forecast.versus, language)
    return {
        "name": guess.outcome, "label": label(outcome.label, language), "low": low, "high": high, "factor": factor,
        "form": said(f"lesson_form_{guess.form}", language, other=other),
        "before": "" if is_percent else scale.before, "after": after,
    }  # fmt: skip


def _experiment(state: LessonState, name: str, language: str) -> dict[str, Any]:
    lesson, entry = state.lesson, state.lesson.entry.experiments[name]
    rows = []
    for s in state.sliders(name):
        is_money = s.lever.unit in ("money", "money/week")
        key = f"unit_{s.lever.unit}"
        rows.append({
            "path": s.lever.path, "label": label(s.lever.label, language), "note": label(s.lever.meaning, language),
            "low": s.low, "high": s.high, "step": s.step, "before": lesson.scenario.market.currency if is_money else "",
            "unit": said(key, language) if has_text(key) else "{value}",
        })  # fmt: skip
    goals = [goal_text(lesson, key, text, language) for key, text in entry.goals.items()]
    title, task = (worded(text, language) for text in (entry.title, entry.task))
    return {
        "name": name, "title": title, "task": task,
        "versus": name_of(lesson, entry.versus, language), "levers": rows, "goals": goals, "weeks": lesson.weeks(name),
    }  # fmt: skip


def goal_text(lesson: Lesson, name: str, text: str, language: str) -> str:
    """A goal as a sentence, such as "Profit: at least 10% above Go on as before"."""
    rule = parse(text) or Threshold(text, True)
    return _head(name, language) + rule_text(lesson, name, rule, language)


def _head(name: str, language: str) -> str:
    return label(measure(name).label, language) + said("lesson_colon", language)


def rule_text(lesson: Lesson, name: str, rule: Threshold, language: str) -> str:
    """A threshold in words."""
    way = "least" if rule.is_least else "most"
    if not rule.reference:
        return said(f"lesson_at_{way}", language, level=_scale(lesson, name, rule.number, language).value(rule.number))
    other = name_of(lesson, rule.reference, language)
    if rule.share != 1.0:
        return said(f"lesson_at_{way}_share", language, share=f"{100 * rule.share:.4g}%", other=other)
    if not rule.shift:
        return said(f"lesson_at_{way}", language, level=other)
    if rule.is_percent:
        size = f"{100 * abs(rule.shift):.4g}%"
    else:
        size = _scale(lesson, name, rule.shift, language).difference(abs(rule.shift)).lstrip("+")
    side = "above" if rule.shift > 0 else "below"
    return said(f"lesson_at_{way}_{side}", language, size=size, other=other)


def _scale(lesson: Lesson, name: str, largest: float, language: str) -> Scale:
    unit = measure(name).unit
    scale = scale_of(unit, largest, lesson.scenario.market.currency, language)
    return replace(scale, after=said("lesson_minutes_short", language)) if unit == "minutes" else scale


def worded(text: BaseModel, language: str) -> str:
    """A text of the lesson; Chinese that was folded over several lines has no blanks where the lines met."""
    return _FOLD.sub("", label(text.model_dump(), language))


_FOLD = re.compile(r"(?<=[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]) (?=[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef])")


# ---------------------------------------------------------------- what a student did, and what came of it


def dynamic(state: LessonState, language: str) -> dict[str, Any]:
    """Everything of a lesson that changes while a student works."""
    entry = state.lesson.entry
    return {
        "code": state.code, "stated": {name: list(ends) for name, ends in state.stated.items()},
        "reason": -1 if state.reason is None else state.reason, "is_made": state.is_forecast_made,
        "calibration": [calibration_text(state, c, language) for c in state.calibration],
        "reasons": [
            {"held": held, "because": worded(reason.because, language)}
            for held, reason in zip(state.held, entry.forecast.reasons, strict=False)
        ],
        "experiments": {name: _worked(state, name, language) for name in entry.experiments},
        "answers": {str(k): [_answered(state, k, option, language) for option in given]
                    for k, given in state.answers.items()},
        "reflection": state.reflection, "grade": grade_text(state.grade(), language), "is_begun": state.is_begun,
        "pairs": {str(k): _pair(state, k, language) for k in state.pairs},
    }  # fmt: skip


def _answered(state: LessonState, question: int, option: int, language: str) -> dict[str, Any]:
    chosen = state.lesson.entry.questions[question].options[option]
    because = worded(chosen.because, language)
    return {"option": option, "is_right": chosen.is_right, "because": because}


def _worked(state: LessonState, name: str, language: str) -> dict[str, Any]:
    start, verdict = state.lesson.strategy(state.lesson.start(name)), state.verdicts.get(name)
    unlocked = [s.lever.path for s in state.sliders(name)]
    money = scale_of("money", state.budget, state.lesson.scenario.market.currency, language)
    spent = {"spent": money.value(state.spending(name)), "budget": money.value(state.budget)}
    tries = state.tries[name]
    return {
        "levers": {path: state.decisions[name][path] for path in unlocked},
        "start": {path: start[path] for path in unlocked}, "spent": said("lesson_spent", language, **spent),
        "tried": _tried(state, name, tries[-1], language) if tries else [], "n_tries": len(tries),
        "verdict": [] if verdict is None else [goal_row(state, goal, language) for goal in verdict.goals],
        "is_passed": verdict is not None and verdict.is_passed,
        "is_stale": verdict is not None and verdict.levers != state.decisions[name],
        "tries": _tries(state, name, language),
        "told": "" if verdict is None else verdict_text(verdict, language),
        "pushes": [push_text(state, outcome, those, language) for outcome, those in state.pushes.get(name, {}).items()],
    }  # fmt: skip


def _tried(state: LessonState, experiment: str, tried: Try, language: str) -> list[dict[str, Any]]:
    """The last run in one's own world: outcome, before, after, and whether each goal is met there."""
    rows = []
    goals = state.lesson.entry.experiments[experiment].goals
    for name in dict.fromkeys([*goals, "profit", "retention", "active_customers"]):
        before, after = tried.versus[name], tried.numbers[name]
        scale = _scale(state.lesson, name, max(abs(before), abs(after)) if before == before else after, language)
        rows.append({
            "label": label(measure(name).label, language), "before": scale.value(before), "after": scale.value(after),
            "change": scale.difference(after - before), "is_goal": name in goals,
        })  # fmt: skip
    return rows


def _tries(state: LessonState, experiment: str, language: str) -> dict[str, Any]:
    """The last runs beside each other: which levers were moved, and what became of the goals."""
    tries, start = state.tries[experiment], state.lesson.strategy(state.lesson.start(experiment))
    goals = [name for name in state.lesson.entry.experiments[experiment].goals if name != SPENDING]
    scales = {
        name: _scale(state.lesson, name, max((abs(t.numbers[name]) for t in tries), default=0.0), language)
        for name in goals
    }
    sliders = {s.lever.path: s for s in state.sliders(experiment)}
    rows = []
    for k, tried in list(enumerate(tries, 1))[-_TRIES_SHOWN:]:
        moved = [path for path in sliders if tried.levers[path] != start[path]]
        told = said("lesson_comma", language).join(
            f"{label(sliders[path].lever.label, language)} {tried.levers[path]:,.4g}" for path in moved
        )
        cells = [scales[name].value(tried.numbers[name]) for name in goals]
        rows.append([str(k), told or said("lesson_nothing_moved", language), *cells])
    heads = [said("lesson_try", language), said("lesson_moved", language)]
    return {"heads": [*heads, *(label(measure(name).label, language) for name in goals)], "rows": rows}


def goal_row(state: LessonState, goal: Goal, language: str) -> dict[str, Any]:
    """One goal judged: what was asked, what was reached, by how much it was missed, and the part of luck."""
    scale = _scale(state.lesson, goal.name, max(abs(goal.mean), abs(goal.mean_needed)), language)
    key = "lesson_goal_met" if goal.is_met else "lesson_goal_missed"
    text = said(
        key, language, mean=scale.value(goal.mean), needed=scale.value(goal.mean_needed),
        gap=scale.difference(abs(goal.margin)).lstrip("+"), share=f"{goal.share:.0%}",
    )  # fmt: skip
    luck = ""
    if goal.name != SPENDING and math.isfinite(goal.luck):
        lucky = "good" if goal.luck >= 0 else "bad"
        size = scale.difference(abs(goal.luck)).lstrip("+")
        luck = said(f"lesson_luck_{lucky}", language, value=scale.value(goal.value), size=size)
    rule = rule_text(state.lesson, goal.name, goal.threshold, language)
    return {"goal": _head(goal.name, language) + rule, "is_met": goal.is_met, "text": text, "luck": luck}


def verdict_text(verdict: Verdict, language: str) -> str:
    """Skill in a sentence."""
    share = f"{verdict.skill:.0%}"
    return said("lesson_skill", language, share=share, n=verdict.n_worlds)


def push_text(state: LessonState, outcome: str, pushes: tuple[Push, ...], language: str) -> str:
    """Which lever moved an outcome most, and the one after it."""
    name = label(measure(outcome).label, language)
    told = [push for push in pushes if math.isfinite(push.added) and push.added][:3]
    if not told:
        return said("lesson_push_none", language, outcome=name)
    scale = _scale(state.lesson, outcome, max(abs(push.added) for push in told), language)
    parts = [f"{label(levers()[push.lever].label, language)} {scale.difference(push.added)}" for push in told]
    return said("lesson_push", language, outcome=name, levers=said("lesson_comma", language).join(parts))


def calibration_text(state: LessonState, found: Calibration, language: str) -> dict[str, Any]:
    """What came of one interval."""
    scale = Scale(digits=1, after="%") if found.form == "percent" else _scale(
        state.lesson, found.name, max(abs(found.truth), abs(found.low), abs(found.high)), language
    )  # fmt: skip
    written = scale.value if found.form == "level" else scale.difference
    key = "lesson_hit" if found.is_hit else "lesson_below" if found.truth < found.low else "lesson_above"
    text = said(key, language, truth=written(found.truth), low=written(found.low), high=written(found.high))
    width = said("lesson_wide", language) if found.is_hit and found.score < 0.6 else ""
    return {"label": label(measure(found.name).label, language), "text": f"{text} {width}".strip(), "hit": found.is_hit}


def grade_text(grade: Grade, language: str) -> dict[str, Any]:
    """The points and their parts."""
    parts = {key: f"{value:.0f}" for key, value in grade.parts.items()}
    return {
        "points": round(grade.points), "is_passed": grade.is_passed,
        "text": said("lesson_points", language, points=f"{grade.points:.0f}", **parts),
        "passed": said("lesson_passed" if grade.is_passed else "lesson_not_yet", language),
    }  # fmt: skip


def pair_rows(state: LessonState, differences: list[Difference], language: str) -> list[dict[str, str]]:
    """The differences of a debrief's pair as rows of a table."""
    rows = []
    for d in differences:
        scale = _scale(state.lesson, d.name, max(abs(d.a), abs(d.b)), language)
        half = (d.high - d.low) / 2
        rows.append({
            "label": label(measure(d.name).label, language), "a": scale.value(d.a), "b": scale.value(d.b),
            "difference": scale.difference(d.difference), "half": scale.half_width(half),
            "verdict": "" if d.is_told_apart else said("lesson_not_told_apart", language),
        })  # fmt: skip
    return rows


def _pair(state: LessonState, k: int, language: str) -> dict[str, Any]:
    """Both worlds of a debrief's pair in words."""
    entry, (differences, leavers) = state.lesson.entry.debrief[k], state.pairs[k]
    names = (name_of(state.lesson, entry.a, language), name_of(state.lesson, entry.b, language))
    return {"rows": pair_rows(state, differences, language), "left": left_words(leavers, names, language)}


def left_words(found: Leavers, names: tuple[str, str], language: str) -> dict[str, Any]:
    """Rows of a table (reason, left under A alone, left under B alone), and sentences about some customers."""
    reasons = [reason for reason in _REASONS if any(reason in counts for counts in found.counts)]
    rows = [
        [said(f"reason_{_REASONS[reason]}", language), *(str(counts.get(reason, 0)) for counts in found.counts)]
        for reason in reasons
    ]
    if rows:
        rows.append([said("lesson_left_all", language), *(str(sum(counts.values())) for counts in found.counts)])
    firms = Names(tuple(label(firm.label, language) if firm.label else firm.name for firm in found.plan.firms),
                  found.plan.currency)  # fmt: skip
    stories = []
    for one in found.named:
        teller = lives_zh if language == "zh" else lives_words
        values = {
            "customer": str(one.customer), "segment": label(one.segment, language), "week": str(one.week),
            "here": names[one.side], "there": names[1 - one.side], "n": one.purchases_elsewhere,
            "sentence": " ".join(teller.sentences([one.event], firms)),
        }  # fmt: skip
        stories.append(said("lesson_left_named", language, **values))
    return {"rows": rows, "stories": stories}


def refusal_text(refusal: Refusal, state: LessonState, language: str) -> str:
    """Why something is not allowed (now), in a sentence."""
    values: Mapping[str, object] = refusal.values
    if refusal.key == "over_budget":
        money = scale_of("money", state.budget, state.lesson.scenario.market.currency, language)
        values = {key: money.value(float(str(value))) for key, value in values.items()}
    return said(f"lesson_refused_{refusal.key}", language, **values)
