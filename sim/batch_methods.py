"""The methods paragraph of a batch: what was run, in words that can go into a paper."""

from __future__ import annotations

from sim import __version__
from sim.designs import Factor
from sim.experiments import Experiment
from sim.outcomes import OUTCOMES
from sim.scenario_faults import number

_DESIGNS = {
    "full_factorial": "Every combination of the values was run",
    "list": "The points were listed one by one",
    "latin_hypercube": "A Latin hypercube of {points} points was drawn (SciPy, seed {seed})",
    "sobol": "Saltelli's extension of a scrambled Sobol' sequence with a base sample of {points} was drawn "
    "(SALib, seed {seed})",
    "morris": "{trajectories} Morris trajectories over {grid} levels were drawn (SALib, seed {seed})",
}


def methods(experiment: Experiment) -> str:
    """A paragraph in Markdown."""
    entry, story = experiment.entry, experiment.scenario
    design = _DESIGNS[entry.design.kind].format(**entry.design.model_dump())
    n_seeds, n_points = len(experiment.seeds), experiment.n_points
    worlds = f"{n_seeds} world{'s' if n_seeds > 1 else ''}"
    if entry.paired:
        luck = f"the same {worlds} (common random numbers: the same customers and the same luck)"
    else:
        luck = f"{worlds} of its own"
    strategies = " and ".join(f"“{name}”" for name in experiment.strategies)
    kept = ", ".join(OUTCOMES[name].label["en"].lower() for name in entry.outcomes)
    sets = "".join(f" {path} was set to {value}." for path, value in entry.set.items())
    sentences = [
        f"We simulated the market “{story.title['en']}” (crmsim {__version__}, scenario {story.name}, SHA-256 "
        f"{story.text_hash[:12]}…) with {experiment.customers:,} customers over {experiment.weeks} weeks, after "
        f"{experiment.weeks_lived - experiment.weeks} weeks of warm-up under the opening strategy.{sets}",
        _varied("The levers", experiment.levers),
        _varied("The uncertainties", experiment.uncertainties),
        f"{design}, which gave {n_points:,} point{'s' if n_points > 1 else ''}; each was run under {strategies} in "
        f"{luck}: {experiment.n_runs:,} runs.",
        f"Of each run we kept {kept} of the first firm. Intervals are 95% t-intervals over worlds.",
    ]
    return f"# {entry.title.en}\n\n{' '.join(s for s in sentences if s)}\n"


def _varied(what: str, factors: tuple[Factor, ...]) -> str:
    if not factors:
        return ""
    return f"{what} varied were {'; '.join(map(_range, factors))}."


def _range(factor: Factor) -> str:
    if factor.is_listed:
        return f"{factor.path} ({', '.join(map(number, factor.levels))})"
    return f"{factor.path} ({number(factor.low)} to {number(factor.high)})" if factor.high else factor.path
