"""The charts of the lab: which there are, in which tabs, and how to build one.

A chart is built when its tab is first opened; afterwards only its data, ranges and ticks are patched. Kinds of charts
stand in the files chart_*.py; chart_card.py is what is around all of them, chart_plots.py what they are drawn on.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sim.ui.chart_bridge import Bridge
from sim.ui.chart_card import Chart
from sim.ui.chart_concentration import ConcentrationChart
from sim.ui.chart_lines import Lines, Take, added_up, averaged, per_hundred, weekly
from sim.ui.chart_panels import CohortMap, Flows, Market, Stages
from sim.ui.chart_rows import DeliveredValue, Funnel, Reasons, Tiers
from sim.ui.chart_survival import SurvivalChart
from sim.ui.desk import ADDED_UP

if TYPE_CHECKING:
    from sim.ui.visit import Visit

# Tab → its charts in order. The first tab is what every visitor waits for: at most four.
TABS: dict[str, tuple[str, ...]] = {
    "customers": ("retention", "stages", "survival", "flows"),
    "money": ("profit", "weekly_profit", "concentration", "tiers"),
    "loyalty": ("cohorts", "promise", "talk", "wallet"),
    "rivals": ("market", "delivered", "funnel"),
    "why": ("reasons", "bridge"),
}


def _lines(unit: str, banded: str = "", *, has_zero: bool = False, **series: Take) -> Callable[[str, str], Chart]:
    return lambda key, language: Lines(key, language, series, unit, has_zero=has_zero, banded=banded)


_KINDS: dict[str, Callable[[str, str], Chart]] = {
    "retention": _lines("share", "retention", retention=weekly("retention")),
    "stages": Stages,
    "survival": SurvivalChart,
    "flows": Flows,
    "profit": _lines("money", ADDED_UP, has_zero=True, profit=added_up("profit")),
    "weekly_profit": _lines("money", has_zero=True, profit=averaged("profit", 4)),
    "concentration": ConcentrationChart,
    "tiers": Tiers,
    "cohorts": CohortMap,
    "promise": _lines("level", "satisfaction", satisfaction=weekly("satisfaction"), expectation=weekly("expectation")),
    "talk": _lines("number", has_zero=True, praise=per_hundred("praise", 4), blame=per_hundred("blame", 4)),
    "wallet": _lines("share", "share_of_wallet", share_of_wallet=weekly("share_of_wallet")),
    "market": Market,
    "delivered": DeliveredValue,
    "funnel": Funnel,
    "reasons": Reasons,
}


def chart(key: str, language: str, visit: Visit | None = None) -> Chart:
    """Build the chart of a key, empty. What a chart works out on demand, it tells through the visit."""
    return Bridge(key, language, visit) if key == "bridge" else _KINDS[key](key, language)
