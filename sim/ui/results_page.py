"""The results page: opens a finished batch, picks an outcome, holds levers still, shows the picture.

`ResultsPage(folder, place)` stands on its own: `view()` gives what it shows, `place` where the visitor is, `on_place`
is told when that changes, `go(place)` leads back there. A page of the lab holds one and passes these on; everything it
shows comes from `sim.findings_slices`, and only batches of its folder can be opened, whatever a browser says.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import panel as pn
from panel.viewable import Viewable

from sim.findings import Findings
from sim.findings_slices import Slice, choices, opened, shelf, things
from sim.outcomes import OUTCOMES
from sim.ui.safe_text import safe
from sim.ui.texts import said


class ResultsPage:
    """Batches of a folder, for one visitor, in one language."""

    key = "results"

    def __init__(
        self, folder: Path | None, place: Mapping[str, str] | None = None, language: str = "en",
        on_place: Callable[[dict[str, str]], None] = lambda place: None,
    ) -> None:  # fmt: skip
        self.language, self.on_place = language, on_place
        self.shelf = shelf(folder) if folder is not None and folder.is_dir() else {}
        self.place: dict[str, str] = {}
        self.findings: Findings | None = None
        self._name = ""
        self._is_quiet = False
        self._selects: dict[str, pn.widgets.Select] = {}
        self._controls = pn.FlexBox(sizing_mode="stretch_width")
        self._told = pn.pane.HTML("", sizing_mode="stretch_width")
        self._picture = pn.Column(sizing_mode="stretch_width")
        self._batches = pn.widgets.Select(label=self._said("batch"), options=list(self.shelf), width=260)
        self._batches.param.watch(lambda event: self.go({"batch": event.new}), "value")
        self._view = pn.Column(
            *([self._batches] if self.shelf else []), self._controls, self._picture, self._told,
            sizing_mode="stretch_width", styles={"padding": "14px 20px"},
        )  # fmt: skip
        self.go(place or {})

    def view(self) -> Viewable:
        """What the page shows."""
        return self._view

    def close(self) -> None:
        """Let go of the batch."""
        self.findings = None
        self._selects.clear()

    def go(self, place: Mapping[str, str]) -> None:
        """Show what a place says, as far as it makes sense."""
        if self._is_quiet:
            return
        if not self.shelf:
            self._told.object = f"<p>{safe(self._said('none'))}</p>"
            return
        name = place.get("batch", "")
        name = name if name in self.shelf else next(iter(self.shelf))
        if name != self._name:
            found = opened(self.shelf, name)
            self._name = name
            self.findings = None if isinstance(found, str) else found
            self._controls.clear()
            self._selects.clear()
            if isinstance(found, str):
                self._picture.clear()
                self._told.object = f"<p>{safe(found)}</p>"
                self._remember({"batch": name})
                return
        if self.findings is not None:
            self._show(self.findings, Slice.of(self.findings, place))

    def _said(self, key: str) -> str:
        return said(f"results_{key}", self.language)

    def _remember(self, place: dict[str, str]) -> None:
        self.place = place
        self._is_quiet = True
        self._batches.value = place["batch"]
        self._is_quiet = False
        self.on_place(place)

    def _show(self, findings: Findings, slice_: Slice) -> None:
        """Bring controls, picture and words to a slice."""
        if not self._selects:
            self._build(findings)
        self._is_quiet = True
        for name, select in self._selects.items():
            wanted = slice_.place.get(name, "")
            select.value = wanted if wanted in select.values else select.values[0]
            select.disabled = name == slice_.x
        self._is_quiet = False
        picture = slice_.picture()
        if picture is not None:
            picture.sizing_mode = "stretch_width"
        self._picture.objects = [] if picture is None else [pn.pane.Bokeh(picture, sizing_mode="stretch_width")]
        self._told.object = f"<p>{safe(slice_.sentence())}</p>{self._rows(slice_)}"
        self._remember({"batch": self._name, **slice_.place})

    def _build(self, findings: Findings) -> None:
        labels = {self._label(name): name for name in findings.outcomes}
        self._add("outcome", self._said("outcome"), labels)
        self._add("what", self._said("what"), things(findings))
        if findings.paths:
            self._add("x", self._said("x"), findings.paths)
        for choice in choices(findings):
            everything = {self._said("all"): ""} | {label: label for label in choice.labels}
            self._add(choice.path, f"{self._said('held')}: {choice.path}", everything)
        self._controls.objects = list(self._selects.values())

    def _add(self, name: str, title: str, options: Any) -> None:
        select = pn.widgets.Select(label=title, options=options, width=240)
        select.param.watch(lambda event: self._picked(), "value")
        self._selects[name] = select

    def _picked(self) -> None:
        if not self._is_quiet:
            chosen = {name: select.value for name, select in self._selects.items()}
            self.go({"batch": self._name, **{name: value for name, value in chosen.items() if value}})

    def _label(self, outcome: str) -> str:
        labels = OUTCOMES[outcome].label
        return labels.get(self.language, labels["en"])

    def _rows(self, slice_: Slice) -> str:
        heads = "".join(f"<th>{safe(self._said(key))}</th>" for key in ("level", "mean", "interval"))
        rows = "".join(
            f"<tr><td>{row[0]:.4g}</td><td>{row[1]:,.4g}</td><td>{row[2]:,.4g} … {row[3]:,.4g}</td></tr>"
            for row in slice_.table().itertuples(index=False)
        )
        return f'<table class="results"><caption>{safe(slice_.x)}</caption><tr>{heads}</tr>{rows}</table>'
