"""What a student has done in a lesson: forecast, decisions, answers, reflection; and what the machine says of it.

No widgets here: the page shows this state and calls its methods, and so do the bots that play each lesson. The order is
part of the lesson: nothing can be run before the forecast is made, and no forecast can be changed after a run. Whatever
comes from a browser is checked again; what is not allowed raises `Refusal`, which the page puts into words.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sim.lesson_feedback import Calibration, Push, Verdict, calibrate, judge, pushes, reasons_held
from sim.lesson_leavers import Leavers, leavers_of
from sim.lesson_worlds import Numbers, Progress, Worlds, tidy_code, worlds_of
from sim.lessons import Lesson
from sim.paired import Difference, paired_difference
from sim.scenario_levers import Terms, settle
from sim.ui.state import Slider, nice, slider

POINTS = {"goals": 60.0, "questions": 25.0, "forecast": 15.0}
LONGEST_REFLECTION = 4000  # characters
MOST_TRIES = 200
FEWEST_STEPS = 15  # of a slider, unless the lever moves in whole numbers
FORMAT = 1  # of what the browser keeps


class Refusal(ValueError):
    """Something the lesson does not allow (now): a key of the catalogue (`lesson_refused_<key>`) and its values."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(f"{key} {values}" if values else key)
        self.key, self.values = key, values


@dataclass(frozen=True)
class Try:
    """One run in the student's own world: the levers, what they brought, and what the other strategy brought there."""

    levers: dict[str, float]
    numbers: Numbers
    versus: Numbers


@dataclass(frozen=True)
class Grade:
    """Points of 100 and their parts; `is_passed` when forecast, every goal and every question are done and reached."""

    parts: dict[str, float]
    is_passed: bool

    @property
    def points(self) -> float:
        """All points together, 0 to 100."""
        return sum(self.parts.values())


class LessonState:
    """One student in one lesson. The code "" stands for the common world, any other for a private one.

    `n_worlds` replaces the lesson's number of worlds, for tests.
    """

    def __init__(self, lesson: Lesson, code: str = "", n_worlds: int | None = None) -> None:
        self.lesson = lesson
        self.n_worlds = n_worlds
        self.enter(code)

    def enter(self, code: str) -> None:
        """Begin anew, in the world of a code."""
        self.code = tidy_code(code)
        self.worlds: Worlds = worlds_of(self.lesson, self.code)
        self.stated: dict[str, tuple[float, float]] = {}
        self.reason: int | None = None
        self.is_forecast_made = False
        self.decisions = {name: dict(self._start(name)) for name in self.lesson.entry.experiments}
        self.tries: dict[str, list[Try]] = {name: [] for name in self.lesson.entry.experiments}
        self.verdicts: dict[str, Verdict] = {}
        self.to_run: dict[str, dict[str, float]] = {}  # tried last and handed in according to the browser,
        self.to_judge: dict[str, dict[str, float]] = {}  # but not run and not judged again yet
        self.earlier: dict[str, Any] = {}  # points and the like, until that has been done
        self.pushes: dict[str, dict[str, tuple[Push, ...]]] = {}
        self.answers: dict[int, list[int]] = {}  # every answer in turn; the first one counts
        self.calibration: list[Calibration] = []
        self.held: list[bool] = []
        self.reflection = ""
        self.pairs: dict[int, tuple[list[Difference], Leavers]] = {}

    # ---------------------------------------------------------------- forecast first

    def forecast(self, outcome: str, low: object, high: object) -> None:
        """State an interval that should hold an outcome four times in five."""
        if self.is_forecast_made:
            raise Refusal("forecast_is_made")
        guess = next((g for g in self.lesson.entry.forecast.outcomes if g.outcome == outcome), None)
        ends = [_number(low), _number(high)]
        if guess is None or None in ends:
            raise Refusal("no_number")
        least, most = guess.range
        first, last = (min(max(end, least), most) for end in ends if end is not None)
        if first > last:
            raise Refusal("interval_falls")
        self.stated[outcome] = (first, last)

    def because(self, reason: object) -> None:
        """Give one of the reasons offered, by its place."""
        if self.is_forecast_made:
            raise Refusal("forecast_is_made")
        if not _is_place(reason, len(self.lesson.entry.forecast.reasons)):
            raise Refusal("no_such_reason")
        self.reason = int(reason)  # type: ignore[call-overload]

    def make_forecast(self) -> None:
        """Make the forecast final; it then opens the experiments."""
        if len(self.stated) < len(self.lesson.entry.forecast.outcomes) or self.reason is None:
            raise Refusal("forecast_unfinished")
        self.is_forecast_made = True

    def check_forecast(self, progress: Progress | None = None) -> None:
        """See what came of it. Takes as long as two strategies in all worlds."""
        if not self.is_forecast_made:
            raise Refusal("forecast_first")
        self.calibration = calibrate(self.worlds, self.stated, self.n_worlds, progress)
        self.held = reasons_held(self.worlds, self.n_worlds)

    # ---------------------------------------------------------------- experiments

    def sliders(self, experiment: str) -> list[Slider]:
        """The sliders of the levers that an experiment unlocks."""
        scenario = self.lesson.scenario
        terms = Terms(float(scenario.market.budget), float(scenario.market.reference_price), scenario.wage)
        made = []
        for path, ends in self.lesson.entry.experiments[experiment].levers.items():
            full = slider(scenario, path)
            low, high = (settle(path, end, terms)[0] for end in ends) if ends else (full.low, full.high)
            low, high = low or 0.0, full.high if high is None else high
            step = full.step if full.lever.is_whole else min(full.step, nice((high - low) / FEWEST_STEPS))
            made.append(Slider(full.lever, low, high, step, full.cost))
        return made

    def move(self, experiment: str, path: str, value: object) -> None:
        """Move one unlocked lever, as far and as finely as its slider goes."""
        found = next((s for s in self._unlocked(experiment) if s.lever.path == path), None)
        settled = None if found is None else found.snap(_number(value))
        if settled is None:
            raise Refusal("locked", lever=str(path)[:80])
        self.decisions[experiment][path] = settled

    def reset(self, experiment: str) -> None:
        """Put all levers back to where the experiment begins."""
        self._unlocked(experiment)
        self.decisions[experiment] = dict(self._start(experiment))

    def spending(self, experiment: str) -> float:
        """Money a week that the student's strategy spends."""
        return self.worlds.spending(self.decisions[experiment])

    @property
    def budget(self) -> float:
        """Money a week that may be spent."""
        return float(self.worlds.sets.get("market.budget", self.lesson.scenario.market.budget))

    def run(self, experiment: str, levers: Mapping[str, float] | None = None) -> Try:
        """Try the decisions (or others) in one's own world, as often as one likes."""
        levers = self._ready(experiment, levers)
        weeks, versus = self.lesson.weeks(experiment), self.lesson.entry.experiments[experiment].versus
        numbers, other = (self.worlds.numbers(strategy, weeks) for strategy in (levers, versus))
        tried = Try(levers, numbers, other)
        if len(self.tries[experiment]) < MOST_TRIES:
            self.tries[experiment].append(tried)
        return tried

    def hand_in(
        self,
        experiment: str,
        progress: Progress | None = None,
        is_cancelled: Callable[[], bool] | None = None,
        levers: Mapping[str, float] | None = None,
    ) -> Verdict:
        """Have the decisions (or others) judged over all worlds."""
        levers = self._ready(experiment, levers)
        verdict = judge(
            self.worlds, experiment, levers, n=self.n_worlds, progress=progress, is_cancelled=is_cancelled
        )  # fmt: skip
        self.verdicts[experiment] = verdict
        self.to_judge.pop(experiment, None)
        self.pushes.pop(experiment, None)
        return verdict

    def explain(self, experiment: str) -> dict[str, tuple[Push, ...]]:
        """Which lever moved each goal most, in what was handed in. Takes as many runs as there are sets of levers."""
        if experiment not in self.verdicts:
            raise Refusal("nothing_handed_in")
        found = pushes(self.worlds, self.verdicts[experiment])
        self.pushes[experiment] = found
        return found

    # ---------------------------------------------------------------- questions, reflection, debrief

    def answer(self, question: object, option: object) -> bool:
        """Answer a question; whether the answer is right. The first answer to each counts."""
        questions = self.lesson.entry.questions
        if not _is_place(question, len(questions)):
            raise Refusal("no_such_question")
        place = int(question)  # type: ignore[call-overload]
        options = questions[place].options
        if not _is_place(option, len(options)):
            raise Refusal("no_such_answer")
        chosen = int(option)  # type: ignore[call-overload]
        given = self.answers.setdefault(place, [])
        if len(given) < 2 * len(options):
            given.append(chosen)
        return bool(options[chosen].is_right)

    def reflect(self, text: object) -> None:
        """Keep what the student writes."""
        self.reflection = str(text)[:LONGEST_REFLECTION]

    def pair(self, k: int) -> list[Difference]:
        """The differences of a debrief's pair over all worlds; an experiment stands for what was tried there last."""
        entry = self.lesson.entry.debrief[k]
        sides = [self.side(name) for name in (entry.a, entry.b)]
        weeks = next((self.lesson.weeks(n) for n in (entry.a, entry.b) if n in self.decisions), None)
        runs = self.worlds.over(sides, weeks, self.n_worlds)
        return [paired_difference(name, *([x[name] for x in run] for run in runs)) for name in entry.outcomes]

    def leavers(self, k: int) -> Leavers:
        """Who left in one of a debrief's two worlds and not in the other; takes seconds, as lives are watched."""
        entry = self.lesson.entry.debrief[k]
        weeks = next((self.lesson.weeks(n) for n in (entry.a, entry.b) if n in self.decisions), self.lesson.weeks())
        return leavers_of(self.worlds, self.side(entry.a), self.side(entry.b), weeks)

    def look_at(self, k: int) -> None:
        """Both worlds of a debrief's pair: their differences, and who left."""
        self.pairs[k] = self.pair(k), self.leavers(k)

    def side(self, name: str) -> dict[str, float]:
        """The levers of a strategy, or those tried last in an experiment."""
        if name not in self.decisions:
            return self.worlds.levers(name)
        tried = self.tries[name]
        return dict(tried[-1].levers if tried else self.decisions[name])

    # ---------------------------------------------------------------- what it comes to

    def grade(self) -> Grade:
        """Points so far. Luck earns none: goals count as often as all worlds reach them."""
        entry = self.lesson.entry
        skill = sum(verdict.skill for verdict in self.verdicts.values()) / len(entry.experiments)
        right = [entry.questions[k].options[given[0]].is_right for k, given in self.answers.items() if given]
        told = self.calibration
        parts = {
            "goals": POINTS["goals"] * skill,
            "questions": POINTS["questions"] * sum(right) / len(entry.questions),
            "forecast": POINTS["forecast"] * (sum(c.score for c in told) / len(told) if told else 0.0),
        }
        is_done = self.is_forecast_made and len(self.answers) == len(entry.questions)
        is_reached = all(
            name in self.verdicts and self.verdicts[name].is_passed for name in entry.experiments
        ) and 2 * sum(right) >= len(entry.questions)
        return Grade(parts, is_done and is_reached)

    # ---------------------------------------------------------------- kept in the browser

    def as_dict(self) -> dict[str, Any]:
        """What the browser keeps: what the student did, and the points for the list of lessons."""
        grade = self.grade()
        came = {"points": round(grade.points, 1), "is_passed": grade.is_passed,
                "hits": [c.is_hit for c in self.calibration]}  # fmt: skip
        judged = {name: verdict.levers for name, verdict in self.verdicts.items()} | self.to_judge
        tried = {name: those[-1].levers for name, those in self.tries.items() if those}
        return {
            "format": FORMAT, "lesson": self.lesson.name, "code": self.code,
            "stated": {name: list(ends) for name, ends in self.stated.items()}, "reason": self.reason,
            "is_forecast_made": self.is_forecast_made,
            "decisions": {name: self._moved(name, levers) for name, levers in self.decisions.items()},
            "tried": {name: self._moved(name, levers) for name, levers in (self.to_run | tried).items()},
            "judged": {name: self._moved(name, levers) for name, levers in judged.items()},
            "handed_in": sorted(judged),
            "answers": {str(k): given for k, given in self.answers.items()},
            "reflection": self.reflection,
        } | (self.earlier if self.is_behind and self.earlier else came)  # fmt: skip

    @property
    def is_begun(self) -> bool:
        """Whether the student has done anything that is worth keeping."""
        return bool(self.stated or self.answers or self.reflection or self.code or self.reason is not None)

    @property
    def is_behind(self) -> bool:
        """Whether something that a browser kept is still to be run or judged again."""
        return bool(self.to_judge or self.to_run or (self.is_forecast_made and not self.calibration))

    def catch_up(self, progress: Progress | None = None) -> None:
        """Run and judge again what a browser kept. What can no longer be paid for is dropped."""
        if self.is_forecast_made and not self.calibration:
            self.check_forecast(progress)
        for name, levers in list(self.to_run.items()):
            _try(self.run, name, levers)
            self.to_run.pop(name, None)
        for name, levers in list(self.to_judge.items()):
            _try(self.hand_in, name, progress, None, levers)
            self.to_judge.pop(name, None)
            _try(self.explain, name)

    def restore(self, kept: object) -> list[str]:
        """Take up what a browser kept, as far as it still fits; the experiments that had been handed in."""
        if not isinstance(kept, Mapping) or kept.get("format") != FORMAT or kept.get("lesson") != self.lesson.name:
            return []
        self.enter(str(kept.get("code", "")))
        for name, ends in _pairs(kept.get("stated")):
            if isinstance(ends, list) and len(ends) == 2:
                _try(self.forecast, name, *ends)
        _try(self.because, kept.get("reason"))
        if kept.get("is_forecast_made") is True:
            _try(self.make_forecast)
        kept_moves = dict(_pairs(kept.get("decisions")))
        for experiment in self.decisions:
            self.decisions[experiment] = self._levers(experiment, kept_moves.get(experiment))
        for place, given in _pairs(kept.get("answers")):
            for option in given if isinstance(given, list) and place.isdecimal() else []:
                _try(self.answer, int(place[:3]), option)
        self.reflect(kept.get("reflection", ""))
        told, judged = kept.get("handed_in"), dict(_pairs(kept.get("judged")))
        handed_in = told if self.is_forecast_made and isinstance(told, list) else []
        for name in self.decisions:
            if name in handed_in:
                self.to_judge[name] = self._levers(name, judged.get(name, kept_moves.get(name)))
        tried = _pairs(kept.get("tried")) if self.is_forecast_made else []
        self.to_run = {name: self._levers(name, moved) for name, moved in tried if name in self.decisions}
        points, hits = _number(kept.get("points")), kept.get("hits")
        self.earlier = {
            "points": round(min(max(points or 0.0, 0.0), 100.0), 1), "is_passed": kept.get("is_passed") is True,
            "hits": [hit for hit in hits if isinstance(hit, bool)][:10] if isinstance(hits, list) else [],
        }  # fmt: skip
        return list(self.to_judge)

    # ---------------------------------------------------------------- inside

    def _start(self, experiment: str) -> dict[str, float]:
        return self.lesson.strategy(self.lesson.start(experiment))

    def _moved(self, experiment: str, levers: Mapping[str, float]) -> dict[str, float]:
        start = self._start(experiment)
        return {path: value for path, value in levers.items() if value != start[path]}

    def _levers(self, experiment: str, moved: object) -> dict[str, float]:
        """All levers of an experiment, those unlocked moved to where they were said to be."""
        levers, given = dict(self._start(experiment)), dict(_pairs(moved))
        for one in self.sliders(experiment):
            settled = one.snap(_number(given.get(one.lever.path)))
            if settled is not None:
                levers[one.lever.path] = settled
        return levers

    def _unlocked(self, experiment: str) -> list[Slider]:
        if experiment not in self.decisions:
            raise Refusal("no_such_experiment")
        return self.sliders(experiment)

    def _ready(self, experiment: str, levers: Mapping[str, float] | None = None) -> dict[str, float]:
        """The decisions of an experiment (or others), if they may be run: after the forecast, and paid for."""
        self._unlocked(experiment)
        levers = dict(self.decisions[experiment] if levers is None else levers)
        if not self.is_forecast_made:
            raise Refusal("forecast_first")
        spent, most = self.worlds.spending(levers), max(self.budget, self.worlds.spending(self._start(experiment)))
        if spent > most * 1.001:
            raise Refusal("over_budget", spent=spent, budget=most)
        return levers


def _number(value: object) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    try:
        return float(value) if is_number and math.isfinite(value) else None  # type: ignore[arg-type]
    except OverflowError:  # a whole number of hundreds of digits
        return None


def _is_place(value: object, length: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < length


def _pairs(value: object) -> list[tuple[str, Any]]:
    return [(str(key), item) for key, item in value.items()] if isinstance(value, Mapping) else []


def _try(call: Callable[..., object], *arguments: object) -> None:
    """Call, and pass over what is not allowed."""
    try:
        call(*arguments)
    except Refusal:
        return
