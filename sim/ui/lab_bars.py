"""Two bars of the lab page: how far the runs have come, with Cancel; and the tabs of charts, with the luck switch."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import param
from panel.custom import JSComponent

from sim.ui import theme
from sim.ui.chart_card import tell_again
from sim.ui.charts import TABS
from sim.ui.desk import Answer
from sim.ui.numerals import grouped
from sim.ui.texts import said
from sim.ui.visit import Visit

_FOLDER = Path(__file__).parent
_STYLE = [theme.tokens(), (_FOLDER / "lab_bars.css").read_text(encoding="utf-8")]


class StatusBar(JSComponent):
    """What is going on, a line that fills, and a button that calls it off or begins anew."""

    told = param.Dict(default={})

    _esm = _FOLDER / "status_bar.js"
    _stylesheets = _STYLE

    def __init__(self, visit: Visit, **params: Any) -> None:
        super().__init__(told=status_of(visit.answer, visit.language), **params)
        self.visit = visit
        self.on_missed: Callable[[], None] = lambda: None

    def tell(self) -> None:
        """Show how far the present answer has come."""
        self.told = status_of(self.visit.answer, self.visit.language)

    def _handle_msg(self, msg: Any) -> None:
        if msg == "stop":
            self.visit.stop()
        elif msg == "run":
            self.visit.ask()
        elif isinstance(msg, dict) and msg.get("seen") != self.told["text"]:
            self.visit.later(self.on_missed)  # a message comes without the document's lock

    def send_again(self) -> None:
        """Send once more what the browser has missed."""
        for model, _ in list(self._models.values()):
            tell_again(model.data, ("told",))


class TabBar(JSComponent):
    """The tabs, and the switch for luck."""

    setup = param.Dict(default={})
    shown: Any = param.Selector(default=next(iter(TABS)), objects=list(TABS), doc="The tab on view.")
    luck = param.Boolean(default=False)

    _esm = _FOLDER / "tab_bar.js"
    _stylesheets = _STYLE

    def __init__(self, language: str, **params: Any) -> None:
        texts = {key: said(key, language) for key in ("tabs", "luck_switch", "luck_help")}
        tabs = [{"name": tab, "label": said(f"tab_{tab}", language)} for tab in TABS]
        super().__init__(setup={"texts": texts, "tabs": tabs}, **params)


def status_of(answer: Answer, language: str) -> dict[str, Any]:
    """What the status bar tells of an answer: a sentence, the share that is done, and what the button does."""
    market = answer.question.scenario.market
    size = {"customers": market.customers, "weeks": market.weeks}
    share, button = 0.0, "stop"
    if answer.has_failed:
        text, button = said("failed", language), "run"
    elif answer.is_stopped:
        text, button = said("stopped", language), "run"
    elif not answer.courses:
        text = said("simulating", language, **size)
        if answer.progress is not None:
            share = answer.progress.share
            text = said(
                "simulating_week", language, week=round(share * market.weeks),
                seconds=grouped(max(1.0, answer.progress.seconds_left), language), **size,
            )  # fmt: skip
    elif answer.differences is None:
        share = answer.worlds / answer.n_worlds
        text = said("measuring", language, done=answer.worlds, all=answer.n_worlds)
    else:
        share, button = 1.0, ""
        text = said("measured", language, all=answer.n_worlds, **size)
    return {
        "text": text,
        "share": share,
        "button": button,
        "label": said("cancel" if button == "stop" else "run_again", language),
        "kind": "is-failed" if answer.has_failed else "is-done" if share == 1.0 else "",
    }
