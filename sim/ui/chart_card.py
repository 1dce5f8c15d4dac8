"""The card around a chart: its question, how to read it, the picture, what can be read off, its table and downloads."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import param
from bokeh.model import Model
from bokeh.models import Plot
from panel.custom import Child, JSComponent
from panel.pane import Bokeh

from sim.ui import theme
from sim.ui.desk import Answer
from sim.ui.numerals import Scale
from sim.ui.texts import label, said

_FOLDER = Path(__file__).parent
_TEXTS = ("table", "picture", "picture_help", "csv_help", "cancel")
_FORMULA = ("=", "+", "-", "@", "\t")  # what a spreadsheet would take for the beginning of a formula


@dataclass(frozen=True)
class Table:
    """The numbers of a chart: a head for each column, how its numbers are written (None: words), and the rows."""

    heads: Sequence[str]
    scales: Sequence[Scale | Callable[[float], str] | None]
    rows: Sequence[Sequence[Any]]

    def shown(self) -> dict[str, Any]:
        """As the page shows it: every cell a text."""
        return {
            "heads": list(self.heads),
            "is_number": [scale is not None for scale in self.scales],
            "rows": [[_shown(*pair) for pair in zip(row, self.scales, strict=True)] for row in self.rows],
        }

    def csv(self) -> str:
        """As a spreadsheet opens it: plain numbers, an empty cell where there is none; no text becomes a formula."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\r\n")
        writer.writerow([_cell(head) for head in self.heads])
        writer.writerows([_cell(cell) for cell in row] for row in self.rows)
        return "\ufeff" + out.getvalue()


def _shown(value: Any, scale: Scale | Callable[[float], str] | None) -> str:
    if scale is None:
        return str(value)
    return scale.value(value) if isinstance(scale, Scale) else scale(value)


def _cell(value: Any) -> str:
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_FORMULA) else value
    return f"{value:.10g}" if math.isfinite(value) else ""


class ChartCard(JSComponent):
    """Shows one chart. What the visitor does comes back as `is_open`, `choice` and messages."""

    setup = param.Dict(default={}, doc="What stays: name, title, note, texts, choices (name, label, options).")
    legend = param.List(default=[], doc="What the colours mean: items with a label and a look.")
    findings = param.List(default=[], doc="Sentences that read something off the chart.")
    empty = param.String(default="", doc="Why there is nothing to see, instead of the picture.")
    task = param.Dict(default={}, doc="A button, or how far its work has come.")
    options = param.Dict(default={}, doc="Of each choice: what there is to choose, as [value, label] pairs.")
    choice = param.Dict(default={}, doc="Of each choice: the value chosen.")
    is_open = param.Boolean(default=False, doc="Whether the table is unfolded.")
    table = param.Dict(default={}, doc="The table, while it is unfolded.")
    plot = Child()

    _esm = _FOLDER / "chart_card.js"
    _stylesheets = [theme.tokens(), (_FOLDER / "chart_card.css").read_text(encoding="utf-8")]

    def __init__(self, **params: Any) -> None:
        super().__init__(sizing_mode="stretch_width", margin=0, styles={"height": "100%"}, **params)
        self.on_message: Callable[[Mapping[str, Any]], None] = lambda message: None

    def _handle_msg(self, msg: Any) -> None:
        if isinstance(msg, dict):
            self.on_message(msg)

    def send_again(self) -> None:
        """Send everything that may have changed once more: the browser has missed it."""
        for model, _ in list(self._models.values()):
            tell_again(model.data, ("legend", "findings", "empty", "task", "options", "table"))

    def send_file(self, name: str, text: str) -> None:
        """Have the browser save a text as a file."""
        self._send_msg({"file": name, "text": text})


class Chart:
    """One chart: `view` is its card, `show` patches its data. Kinds of charts say how they draw, patch and tabulate."""

    choices: ClassVar[tuple[str, ...]] = ()  # names of what the visitor may choose; label `choose_<name>`

    def __init__(self, key: str, language: str) -> None:
        self.key = key
        self.language = language
        self.answer: Answer | None = None
        self.plot = self.draw()
        self.view = ChartCard(
            plot=Bokeh(self.plot, sizing_mode="stretch_width", margin=0),
            setup={
                "name": key,
                "title": self.said(f"{key}_title"),
                "note": self.said(f"{key}_note"),
                "texts": {name: self.said(f"chart_{name}") for name in _TEXTS},
                "choices": [{"name": name, "label": self.said(f"choose_{name}")} for name in self.choices],
            },
            empty=self.said("chart_waiting"),
        )
        self.view.on_message = self.hear
        self.view.param.watch(self._react, ["is_open", "choice"])

    # What a kind of chart fills in.

    def draw(self) -> Plot:
        """The plot, empty."""
        raise NotImplementedError(f"{type(self).__name__} draws nothing.")

    def patch(self, answer: Answer) -> None:
        """Put an answer's data into the plot."""
        raise NotImplementedError(f"{type(self).__name__} shows nothing.")

    def table(self, answer: Answer) -> Table:
        """The numbers behind the plot."""
        raise NotImplementedError(f"{type(self).__name__} has no table.")

    def legend(self, answer: Answer) -> list[dict[str, str]]:
        """What colours mean. By default the strategies."""
        return [line_look(letter, letter) for letter in answer.letters]

    def findings(self, answer: Answer) -> list[str]:
        """Sentences that read something off."""
        return []

    def options(self, answer: Answer) -> dict[str, list[list[str]]]:
        """For each of `choices` what there is to choose, as [value, label] pairs, the default first."""
        return {}

    def why_empty(self, answer: Answer) -> str:
        """Why there is nothing to see; empty where there is something."""
        return ""

    # What all charts do.

    def said(self, key: str, **values: object) -> str:
        """A text of the catalogue in the chart's language."""
        return said(key, self.language, **values)

    def chosen(self, name: str) -> str:
        """What the visitor has chosen, or the default."""
        known = [str(value) for value, _ in self.view.options.get(name, [])]
        wished = self.view.choice.get(name)
        return str(wished) if wished in known else known[0] if known else ""

    def show(self, answer: Answer) -> None:
        """Show an answer: data, ranges and ticks are patched. Where it has no courses yet, the last one stays."""
        if answer.courses:
            self._show(answer)

    def _show(self, answer: Answer) -> None:
        self.answer = answer
        options, legend, card = self.options(answer), self.legend(answer), self.view
        if options != card.options:
            card.options = options
        if legend != card.legend:
            card.legend = legend
        empty = self.why_empty(answer)
        if not empty:
            self.patch(answer)
        card.param.update(empty=empty, findings=[] if empty else self.findings(answer))
        if card.is_open:
            card.table = self.table(answer).shown()

    def close(self) -> None:
        """The visitor has gone: nothing more is wanted."""

    def hear(self, message: Mapping[str, Any]) -> None:
        """Something the visitor did. It comes from a browser, so nothing about it is certain."""
        document = self.plot.document
        if message.get("do") == "ready" and message.get("empty") != self.view.empty and document is not None:
            document.add_next_tick_callback(self._send_again)  # a message comes without the document's lock
        if message.get("do") == "csv" and self.answer is not None:
            self.view.send_file(f"{self.key}.csv", self.table(self.answer).csv())

    def _send_again(self) -> None:
        for model in self.plot.references():
            tell_again(model, model.properties_with_values(include_defaults=False))
        self.view.send_again()

    def _react(self, *events: Any) -> None:
        if self.answer is None:
            return
        if any(event.name == "choice" for event in events):
            self.show(self.answer)
        elif self.view.is_open:
            self.view.table = self.table(self.answer).shown()


def tell_again(model: Any, names: Iterable[str]) -> None:
    """Tell the browser the values of a model's properties, though they have not changed just now."""
    for name in names:
        value = getattr(model, name)
        is_plain = not isinstance(value, Model) and not (
            isinstance(value, list) and any(isinstance(v, Model) for v in value)
        )
        if is_plain and name not in ("tags", "name"):
            model.trigger(name, None, value)


def line_look(letter: str, label: str, width: float = 2.5) -> dict[str, str]:
    """A legend item for a strategy's line: colour as a CSS variable, dash."""
    return {"label": label, "line": f"--{letter.lower()}", "dash": theme.SVG_DASHES[letter], "width": str(width)}


def fill_look(colour: str, label: str, hatch: str = "") -> dict[str, str]:
    """A legend item for an area."""
    return {"label": label, "fill": colour, "hatch": hatch}


def firm_names(answer: Answer, language: str) -> list[str]:
    """What the firms of a market are called, in their order."""
    return [label(firm.label, language) if firm.label else firm.name for firm in answer.question.scenario.firms]
