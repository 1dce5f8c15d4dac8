"""Every measure in one place: name → table to ask of a finished market. What each covers is read by `crmsim coverage`.

>>> from sim import run
>>> from sim.measures import MEASURES
>>> MEASURES["funnel"].table(run("coffee"))  # doctest: +SKIP
"""

from __future__ import annotations

from sim import measure_records, measure_standing, measure_value, survey  # noqa: F401  (each enters its measures)
from sim.measure import MEASURES, Measure, measure

__all__ = ["MEASURES", "Measure", "measure"]
