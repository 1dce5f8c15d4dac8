"""The page docs/laws.md, made from what the laws measure: `python -m sim.laws_page` writes it anew."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from sim import laws
from sim.laws import Finding, Law

PAGE = Path(__file__).parents[1] / "docs" / "laws.md"
HEAD = """# What the market has in common with real ones

*Made by `python -m sim.laws_page`; please do not edit. `crmsim laws` measures the same on your machine.*

Each row is a published regularity: its number and source, the band a simulated market must lie in, and what ours does,
as the mean of {seeds} seeds. **Tier A** are limits: with everything else switched off the engine must be Bass, sBG,
BG/NBD, the Dirichlet and the lifetime-value formula. **Tier B** is the one default market (`_baseline`) as shipped, or,
where a row asks for another kind of market, the shipped scenario named in it. **Tier C** are shapes and disputed
figures, reported without being judged. Bands are never widened, and no parameter exists for the sake of one row.

*Imposed* means that a rule or the set-up puts the regularity in; *emerges*, that it follows from rules about something
else. *Theory* rows are exact. *Calibrated* rows were in view when a parameter was set, and prove nothing. All others
are *predictions*. They are not blind ones: the default market as a whole was chosen with the table on the desk, and
what was changed for which reason stands below. {summary}

The **null mode** of SBG-6: identical customers (no shapes, spreads or concentrations in the plan), loyalty dynamics off
(`choose.habit_pull`, `knowledge_pull`, `commitment_pull`, `points_pull`, `salience_pull` and `halo` 0, no failures,
nobody lost). Then retention is flat over tenure. With different customers it rises although nobody becomes more loyal,
and with habit it rises although all are alike: a rising curve does not tell the two apart.

## What was calibrated

- On ELA-1: the weights of money. On ELA-2: `choose.salience_pull`, `hear.forget`, `hear.remind`, `advertising.build`.
- On BASS-6: `hear.reach`. On WOM-2 and WOM-3: the weights of mental cost, `trust.praise`, `trust.blame`.
- On the order of CMP-1: `experience.voice`, `ignored_pain` and `exit_rate`. On WIN-3: `leave.memory_half_life`.
- On SAT-2: `judge.from_expectation`. On DIR-7: `leave.lost_after` and `lost_at_least`, since shops that nobody may
  return to have only loyal customers. On DIR-3: who can reach which shop (`place`).
- For a believable market, and not for a row: the value of not buying, standings, tastes, the scales of answers.
"""
TABLE = """
## Tier {tier}: {meaning}

| law | what is measured | published | band | simulated | verdict | nature | basis | market | source |
|---|---|---|---|---|---|---|---|---|---|
"""


def figure(value: float) -> str:
    """A measured number with three figures that matter, or a dash where there is none."""
    return "–" if math.isnan(value) else f"{value:.3g}"


def band(law: Law) -> str:
    """The published band."""
    if law.high > 1e6:
        return "above 0"
    return f"{law.low:g} to {law.high:g}" if law.low != law.high else f"{law.low:g}"


def summary_of(findings: Sequence[Finding]) -> str:
    """How many of the laws measured hold, tier by tier, as a sentence."""
    counts = [(tier, *laws.holding(findings, tier)) for tier in laws.TIERS]
    parts = [f"{held} of {n} in tier {tier} ({held / n:.0%})" for tier, held, n in counts if n]
    return f"Holding: {', '.join(parts)}."


def page(findings: Sequence[Finding], seeds: int) -> str:
    """The whole page."""
    text = HEAD.format(seeds=seeds, summary=summary_of(findings))
    for tier, meaning in laws.TIERS.items():
        text += TABLE.format(tier=tier, meaning=meaning)
        text += "".join(_row(finding) for finding in findings if finding.law.tier == tier)
    text += "\n## What does not hold, and why\n\n"
    text += "".join(f"- **{f.law.id}**, {f.law.statistic}: {f.law.reason}\n" for f in findings if not f.holds)
    text += "\n## How each is measured\n\n"
    return text + "".join(f"- **{f.law.id}** ({f.law.setup}): {f.law.how}\n" for f in findings)


def _row(finding: Finding) -> str:
    law = finding.law
    cells = [
        law.id, law.statistic, law.target, band(law), figure(finding.simulated), finding.verdict, finding.nature,
        law.basis, law.market, law.source,
    ]  # fmt: skip
    return "| " + " | ".join(cell.replace("|", "·") for cell in cells) + " |\n"


if __name__ == "__main__":
    found = list(laws.measured(laws.chosen([])).values())
    PAGE.write_text(page(found, len(laws.SEEDS)), encoding="utf-8")
    print(f"Wrote {PAGE.name}. {summary_of(found)}")
