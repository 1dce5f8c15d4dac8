"""`crmsim laws` and `crmsim rfm`: published regularities beside ours, and a run's customers as the field sees them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sim.cli_common import as_json, json_option, progress_bar, user_faults

if TYPE_CHECKING:
    import pandas as pd

    from sim.laws import Finding


@click.command()
@click.option("--only", multiple=True, metavar="ID", help="A law (BGN-4) or a group (BGN). May be given several times.")
@click.option("--seeds", type=click.IntRange(1, 1000), default=5, show_default=True, help="Worlds to average over.")
@json_option
def laws(only: tuple[str, ...], seeds: int, is_json: bool) -> None:
    """Measure published laws of customer behaviour in the market.

    Each law with its published number, what the market does on average over seeds, the band it must lie in, and whether
    it holds; and whether it was put in (imposed), emerges, or is not reproduced. Tier A are limits of the model, tier B
    is the default market, tier C is reported without being judged.
    """
    with user_faults():
        from sim import laws as table

        chosen = table.chosen(only)
        with progress_bar("Laws", is_quiet=is_json) as progress:
            findings = table.measured(chosen, range(1, seeds + 1), progress=progress)
    if is_json:
        click.echo(json.dumps(as_json({name: as_data(finding) for name, finding in findings.items()})))
        return
    print_findings(list(findings.values()), seeds)


def as_data(finding: Finding) -> dict[str, object]:
    """A finding as plain data."""
    law = finding.law
    return {
        "law": law.law, "tier": law.tier, "statistic": law.statistic, "setup": law.setup, "published": law.target,
        "source": law.source, "low": law.low, "high": law.high, "simulated": finding.simulated,
        "values": list(finding.values), "holds": finding.holds, "nature": finding.nature, "basis": law.basis,
        "market": law.market, "how": law.how, "reason": "" if finding.holds else law.reason,
    }  # fmt: skip


def print_findings(findings: Sequence[Finding], seeds: int) -> None:
    """The findings as a table, what does not hold with its reason, and how many hold in each tier."""
    from sim.laws_page import band, figure, summary_of
    from sim.pictures import print_table

    heads = ["Law", "Tier", "What", "Published", "Band", "Simulated", "Verdict", "", "Basis", "Source"]
    rows = [
        [
            f.law.id, f.law.tier, f.law.statistic, f.law.target, band(f.law), figure(f.simulated), f.verdict, f.nature,
            f.law.basis, f.law.source,
        ]
        for f in findings
    ]  # fmt: skip
    print_table(heads, rows, title=f"Published laws, mean of {seeds} seed{'s' if seeds > 1 else ''}", numbers=(3, 5))
    for finding in findings:
        if not finding.holds and finding.law.reason:
            click.echo(f"{finding.law.id} does not hold. {finding.law.reason}")
    click.echo(summary_of(findings))


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@click.option("--firm", help="Firm whose customers are summarised; by default each firm's.")
@click.option("--end", type=int, help="Week in which observation ends; the last week with a sale unless given.")
@json_option
def rfm(folder: Path, firm: str | None, end: int | None, is_json: bool) -> None:
    """Summarise the customers of a run.

    Reads DIR/transactions.csv and writes DIR/rfm.csv: for each firm and customer frequency, recency, T and monetary
    value as the customer-base libraries define them (weeks as periods), and scores 1 to 5 for recency, frequency and
    money. Prints how many customers have which scores.
    """
    with user_faults():
        from sim import customer_base

        sold = customer_base.read_transactions(folder)
        firms = list(dict.fromkeys(sold["firm"]))
        if firm is not None and firm not in firms:
            raise ValueError(f"There is no firm {firm} in {folder / 'transactions.csv'}. Firms: {', '.join(firms)}.")
        if end is not None and end < int(sold["week"].min()):
            raise ValueError(f"The first sale is in week {int(sold['week'].min())}; --end must not lie before it.")
        end = int(sold["week"].max()) if end is None else end
        tables = {
            name: customer_base.rfm(sold[sold["firm"] == name], end) for name in ([firm] if firm is not None else firms)
        }
        if not is_json:
            written = folder / "rfm.csv"
            customer_base.joined(tables).to_csv(written)
    if is_json:
        data = {name: table.reset_index().to_dict(orient="records") for name, table in tables.items()}
        click.echo(json.dumps(as_json(data)))
        return
    for name, table in tables.items():
        print_scores(name, table)
    click.echo(f"Written to {written}.")


def print_scores(firm: str, table: pd.DataFrame) -> None:
    """How many of a firm's customers have which recency and frequency, and the share of money each row brings."""
    from sim.pictures import number, print_table

    total, rows = float(table["spent"].sum()), []
    for recent in range(5, 0, -1):
        row = table[table["R"] == recent]
        cells = [str(int((row["F"] == often).sum())) for often in range(1, 6)]
        share = float(row["spent"].sum()) / total if total else 0.0
        rows.append([f"R{recent}", *cells, str(len(row)), number(share, "share")])
    heads = ["Recency", *(f"F{k}" for k in range(1, 6)), "Customers", "Share of money"]
    repeat = number(float((table["frequency"] > 0).mean()), "share")
    title = f"{firm}: {len(table):,} customers, {repeat} of whom bought again; 5 is the best fifth"
    print_table(heads, rows, title=title, numbers=range(1, 8))
