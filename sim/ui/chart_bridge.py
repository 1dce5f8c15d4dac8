"""Where the difference comes from: the bridge from one strategy's outcome to another's, lever by lever, on demand."""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from bokeh.models import Plot

from sim.outcomes import OUTCOMES
from sim.parameters import levers
from sim.shapley import Attribution
from sim.ui.bridges import Bridges, Request, differing, runs_needed
from sim.ui.chart_card import Table, fill_look
from sim.ui.chart_plots import money_ticks, number_ticks, patch, set_currency
from sim.ui.chart_rows import HATCHES, RowChart, Rows
from sim.ui.desk import Answer
from sim.ui.numerals import Scale, scale_of
from sim.ui.texts import label

if TYPE_CHECKING:
    from sim.ui.visit import Visit

ASKED_FOR = ("profit", "revenue", "active_customers", "retention", "lifetime_value", "satisfaction", "market_share")
MORE, LESS = "#3d769f", "#b0682a"  # told apart by hatch and sign too


@functools.cache
def bridges() -> Bridges:
    """The attributions that all visitors share."""
    return Bridges()


class Bridge(RowChart):
    """A waterfall from the first strategy's outcome to another's; a button sets the runs going that it takes."""

    choices = ("versus", "outcome")
    colours: ClassVar[dict[str, str]] = RowChart.colours | {"more": MORE, "less": LESS}
    left = 150
    room_for_words = 0.3  # the names on the left leave little of a phone

    def __init__(self, key: str, language: str, visit: Visit | None) -> None:
        self.visit = visit
        self.request: Request | None = None
        self.has_failed = False
        super().__init__(key, language)

    # What is shown.

    def options(self, answer: Answer) -> dict[str, list[list[str]]]:
        first = answer.letters[0]
        outcomes = [[name, label(OUTCOMES[name].label, self.language)] for name in ASKED_FOR]
        return {"versus": [[letter, f"{first} → {letter}"] for letter in answer.letters[1:]], "outcome": outcomes}

    def show(self, answer: Answer) -> None:
        """Show what is known; what is under way for another question is called off."""
        if self.answer is not None and answer.question != self.answer.question:
            self._stop()
        super().show(answer)
        self._show_task()

    def why_empty(self, answer: Answer) -> str:
        if len(answer.letters) < 2:
            return self.said("bridge_one")
        if not differing(answer.question, self._side(answer)):
            return self.said("bridge_same")
        found = self._found(answer)
        if found is None:
            return self.said("bridge_ask")
        total = found.differences[self._outcome()]
        return "" if math.isfinite(total.a) and math.isfinite(total.b) else self.said("no_value")

    def rows(self, answer: Answer) -> Rows:
        found, name = self._found(answer), self._outcome()
        rows = Rows()
        if found is None:
            return rows
        scale, total = self._scale(answer, found), found.differences[name]
        first, other = answer.letters[0], self._letter(answer)
        # Far from zero small steps would not be seen. Without zero no bar may stand for a level: marks do.
        self.is_from_zero = not _is_far_from_zero(found, name)
        self._end(rows, first, total.a, scale)
        level = total.a
        for step in found.of(name):
            if not math.isfinite(step.difference) or step.difference == 0.0:
                continue
            row, after = rows.n, level + step.difference
            words = scale.difference(step.difference)
            lever = label(levers()[step.name].label, self.language)
            colour, hatch = ("more", "") if step.difference > 0 else ("less", "/")
            rows.bars.append((row, level, after, colour, hatch, f"{lever}: {words}"))
            rows.ends.append((row, max(level, after), words))
            rows.groups.append((lever, [lever]))
            level = after
        self._end(rows, other, total.b, scale)
        return rows

    def draw(self) -> Plot:
        plot = super().draw()
        self.formatters = {"share": number_ticks("0.0%"), "money": money_ticks(self.language)}
        return plot

    def patch(self, answer: Answer) -> None:
        super().patch(answer)
        formatter = self.formatters.get(OUTCOMES[self._outcome()].unit, self.formatter)
        if formatter is self.formatters["money"]:
            set_currency(formatter, answer.question.scenario.market.currency)
        patch(self.across, formatter=formatter)
        if not self.is_from_zero:
            values = np.array([*self.bars.data["left"], *self.bars.data["right"], *self.marks.data["x"]], float)
            width = float(np.ptp(values)) or 1.0
            patch(self.plot.x_range, start=float(values.min()) - 0.1 * width, end=float(values.max()) + 0.3 * width)

    def legend(self, answer: Answer) -> list[dict[str, str]]:
        return [fill_look(MORE, self.said("bridge_more")), fill_look(LESS, self.said("bridge_less"), "/")]

    def findings(self, answer: Answer) -> list[str]:
        found = self._found(answer)
        if found is None:
            return []
        steps = [d for d in found.of(self._outcome()) if math.isfinite(d.difference) and d.difference]
        if not steps:
            return []
        lever = label(levers()[steps[0].name].label, self.language)
        change = self._scale(answer, found).difference(steps[0].difference)
        how = self.said("bridge_exact") if found.is_exact else self.said("bridge_sampled", n=found.n_orders)
        return [self.said("bridge_most", lever=lever, change=change), how]

    def table(self, answer: Answer) -> Table:
        found, first, other = self._found(answer), answer.letters[0], self._letter(answer)
        scale = self._scale(answer, found) if found else Scale()
        plain = Scale(digits=2, locale=scale.locale)
        rows: list[list[Any]] = []
        if found:
            for step in found.of(self._outcome()):
                lever = label(levers()[step.name].label, self.language)
                rows.append([lever, *found.levers[step.name], step.difference])
            total = found.differences[self._outcome()]
            rows.append([self.said("bridge_all"), total.a, total.b, total.difference])
        heads = [self.said("bridge_lever"), first, other, self.said("bridge_adds")]
        return Table(heads, [None, plain, plain, scale.difference], rows)

    # What the visitor asks for.

    def hear(self, message: Mapping[str, Any]) -> None:
        """The button was pressed, or a file is wanted."""
        if message.get("do") == "start" and self.answer is not None and self.visit is not None:
            if self.request is None and len(self.answer.letters) > 1:
                visit, question = self.visit, self.answer.question
                side, self.has_failed = self._side(self.answer), False
                self.request = bridges().ask(question, side, lambda r: visit.later(lambda: self._hear_of(r)))
        elif message.get("do") == "cancel":
            self._stop()
        else:
            super().hear(message)
        self._show_task()

    def close(self) -> None:
        """The visitor has gone."""
        self._stop()

    def _react(self, *events: Any) -> None:
        if any(event.name == "choice" and event.old.get("versus") != event.new.get("versus") for event in events):
            self._stop()
        super()._react(*events)

    def _stop(self) -> None:
        if self.request is not None:
            self.request.cancel()
            self.request = None

    def _hear_of(self, request: Request) -> None:
        if request is not self.request or self.answer is None:
            return
        if request.result is not None or request.has_failed:
            self.request, self.has_failed = None, request.has_failed
            self.show(self.answer)
            return
        self._show_task()

    def _show_task(self) -> None:
        answer, request = self.answer, self.request
        if answer is not None:
            self.view.empty = self.why_empty(answer)
        task: dict[str, Any] = {}
        if request is not None:
            wait = request.seconds_left
            words = self.said("bridge_begins") if wait is None else self.said("bridge_left", n=math.ceil(wait))
            task = {"share": request.share, "words": words, "button": self.said("chart_cancel")}
        elif answer is not None and len(answer.letters) > 1 and self._found(answer) is None:
            n = len(differing(answer.question, self._side(answer)))
            if n:
                words = self.said("bridge_failed") if self.has_failed else self.said("bridge_cost", n=runs_needed(n))
                task = {"button": self.said("bridge_start"), "words": words}
        self.view.task = task

    # Where to look.

    def _letter(self, answer: Answer) -> str:
        return self.chosen("versus") or answer.letters[-1]

    def _side(self, answer: Answer) -> int:
        letter = self._letter(answer)
        return answer.letters.index(letter) if letter in answer.letters else len(answer.letters) - 1

    def _outcome(self) -> str:
        return self.chosen("outcome") or ASKED_FOR[0]

    def _found(self, answer: Answer) -> Attribution | None:
        return bridges().known(answer.question, self._side(answer)) if len(answer.letters) > 1 else None

    def _scale(self, answer: Answer, found: Attribution) -> Scale:
        total = found.differences[self._outcome()]
        largest = max((abs(v) for v in (total.a, total.b) if math.isfinite(v)), default=0.0)
        unit, currency = OUTCOMES[self._outcome()].unit, answer.question.scenario.market.currency
        return scale_of(unit, largest, currency, self.language)

    def _end(self, rows: Rows, letter: str, value: float, scale: Scale) -> None:
        words = scale.value(value)
        if self.is_from_zero:
            rows.bars.append((rows.n, 0.0, value, letter, HATCHES[letter], f"{letter}: {words}"))
        else:
            rows.marks.append((rows.n, value, f"{letter}: {words}"))
        rows.ends.append((rows.n, max(value, 0.0) if self.is_from_zero else value, words))
        rows.groups.append((letter, [letter]))


def _is_far_from_zero(found: Attribution, name: str) -> bool:
    """Whether the steps would be lost beside the height of both ends."""
    total = found.differences[name]
    steps = [d.difference for d in found.of(name) if math.isfinite(d.difference)]
    levels = total.a + np.concatenate([[0.0], np.cumsum(steps)])
    same_side = levels.min() > 0 or levels.max() < 0
    return bool(same_side and np.ptp(levels) < 0.25 * np.abs(levels).min())
