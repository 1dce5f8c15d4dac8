"""A batch's findings as one HTML page that needs nothing else, and the CSV files behind its pictures."""

from __future__ import annotations

import base64
from html import escape
from pathlib import Path
from typing import Any

import pandas as pd

from sim import discovery
from sim import findings_pictures as pictures
from sim.export import make_folder
from sim.findings import GAP, Findings
from sim.findings_words import label, luck_sentence
from sim.outcomes import OUTCOMES

CURVES = 6  # pictures of an outcome, of the factors that matter most
ROWS = 60  # of a table that are shown; the CSV has all

_STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:1080px;margin:2rem auto;padding:0 1rem;color:#1a1a1a;background:#fff}
h1{line-height:1.2}h2{margin-top:2.5rem;border-top:1px solid #ccc;padding-top:1rem}
table{border-collapse:collapse;font-size:14px;font-variant-numeric:tabular-nums;display:block;overflow-x:auto}
th,td{padding:.2rem .6rem;text-align:right;border-bottom:1px solid #e4e4e4}th{text-align:left}
td:first-child,td:nth-child(2){text-align:left}.row{display:flex;flex-wrap:wrap;gap:16px}.soft{color:#555;font-size:14px}
"""


class _Page:
    """Collects sections, pictures and tables."""

    def __init__(self, out: Path) -> None:
        self.out = out
        self.body: list[str] = []
        self.figures: list[Any] = []

    def say(self, text: str, tag: str = "p", style: str = "") -> None:
        """A paragraph or heading."""
        self.body.append(f"<{tag}{style}>{escape(text)}</{tag}>")

    def draw(self, *figures: Any) -> None:
        """Pictures side by side."""
        slots = "".join(f"<div>\x00{len(self.figures) + k}\x00</div>" for k in range(len(figures)))
        self.body.append(f'<div class="row">{slots}</div>')
        self.figures += figures

    def tell(self, name: str, table: pd.DataFrame, *, is_shown: bool = True) -> None:
        """A table, written as CSV too and carried in the page."""
        if table.empty:
            return
        text = table.to_csv(index=False)
        (self.out / f"{name}.csv").write_text(text, encoding="utf-8")
        if is_shown:
            self.body.append(table.head(ROWS).to_html(index=False, border=0, escape=True, float_format=_figure))
        rest = f" ({len(table):,} rows; {ROWS} are shown)" if is_shown and len(table) > ROWS else ""
        data = base64.b64encode(text.encode()).decode()
        link = f'<a download="{escape(name)}.csv" href="data:text/csv;base64,{data}">{escape(name)}.csv</a>'
        self.body.append(f'<p class="soft">{link}{rest}</p>')

    def html(self, title: str) -> str:
        """The whole page."""
        from bokeh.embed import components
        from bokeh.settings import settings

        script, divs = components(self.figures) if self.figures else ("", ())
        # Bokeh's own bundling would point to a server as soon as Panel is loaded in the same process.
        library = (settings.bokehjs_path() / "js" / "bokeh.min.js").read_text(encoding="utf-8") if divs else ""
        body = "\n".join(self.body)
        for k, div in enumerate(divs):
            body = body.replace(f"\x00{k}\x00", div)
        return (
            f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
            f"<style>{_STYLE}</style><script>{library}</script></head><body>{body}{script}</body></html>\n"
        )


def write(findings: Findings, out: str | Path) -> Path:
    """Write `index.html` and the CSV files into `out`; gives the path of the page. Raises OSError if it cannot."""
    page = _Page(make_folder(out))
    _head(page, findings)
    effects = findings.effects()
    for outcome in findings.outcomes:
        page.say(label(outcome), "h2")
        page.say(OUTCOMES[outcome].meaning["en"], style=' class="soft"')
        mine = effects[effects["outcome"] == outcome].drop(columns="outcome")
        if mine["low"].notna().any():
            page.draw(pictures.effects(effects, outcome))
        page.tell(f"effects_{outcome}", mine)
        _curves(page, findings, outcome)
        for of in findings.contrasts or findings.strategies[:1]:
            _indices(page, findings, outcome, of)
        for contrast in findings.contrasts:
            _regions(page, findings, outcome, contrast)
    path = page.out / "index.html"
    path.write_text(page.html(findings.title), encoding="utf-8")
    return path


def _head(page: _Page, findings: Findings) -> None:
    """Title, question, main findings, methods."""
    page.say(findings.title, "h1")
    question = findings.entries.get("question")
    if question:
        page.say(question["en"])
    items = "".join(f"<li>{escape(sentence)}</li>" for sentence in findings.summary())
    page.body.append(f"<ul>{items}</ul>")
    text = (findings.folder / "methods.md").read_text(encoding="utf-8").partition("\n\n")[2]
    page.body.append(f'<details><summary>Methods</summary><p class="soft">{escape(text)}</p></details>')
    if len(findings.failures):
        page.tell("failures", findings.failures[["run", *findings.paths, "strategy", "seed", "reason"]])


def _curves(page: _Page, findings: Findings, outcome: str) -> None:
    """Response curves of the factors that matter most, and the heat map of the first two."""
    if not findings.paths or findings.design.kind in ("list", "morris"):  # too thin for means over all else
        return
    of = tuple(findings.strategies)
    ranked = findings.ranked(outcome, (findings.contrasts or of)[0])
    page.draw(*(pictures.curve(findings, outcome, path, of) for path in ranked[:CURVES]))
    frames = [
        findings.curve(outcome, path, name).rename(columns={path: "level"}).assign(factor=path, of=name)
        for path in ranked
        for name in (*of, *findings.contrasts)
    ]
    page.tell(f"curves_{outcome}", pd.concat(frames)[["factor", "of", "level", "mean", "low", "high"]], is_shown=False)
    if len(ranked) > 1:
        x, y = ranked[:2]
        pairs = findings.contrasts or list(of)
        page.draw(*(pictures.heat_map(findings, outcome, x, y, name) for name in pairs))
        maps = [findings.heat_map(outcome, x, y, name).to_dataframe().reset_index().assign(of=name) for name in pairs]
        page.tell(f"heat_map_{outcome}", pd.concat(maps), is_shown=False)


def _indices(page: _Page, findings: Findings, outcome: str, of: str) -> None:
    """Sobol' or Morris indices, or the sentence that says why there are none."""
    kind = findings.design.kind
    if kind not in ("sobol", "morris"):
        return
    page.say(f"What does it depend on? {of}", "h3")
    try:
        found = findings.indices(outcome, of)
    except ValueError as error:
        page.say(str(error))
        return
    for sentence in luck_sentence(found):
        page.say(sentence)
    if kind == "sobol":
        page.draw(
            pictures.bars(found, "ST", "ST_conf", "Total effect, with all it does together with others", "share"),
            pictures.bars(found, "S1", "S1_conf", "Effect on its own", "share"),
        )
    else:
        unit = OUTCOMES[outcome].unit
        page.draw(pictures.bars(found, "mu_star", "mu_star_conf", "Mean absolute effect from end to end", unit))
    page.tell(f"indices_{outcome}_{_plain(of)}", found)


def _regions(page: _Page, findings: Findings, outcome: str, contrast: str) -> None:
    """Where one strategy beats another."""
    boxes = findings.regions(outcome, contrast) if findings.paths and len(findings.points) >= 8 else []
    if boxes:
        better, than = contrast.split(GAP)
        page.say(f"Where does {better} beat {than}?", "h3")
        share = boxes[0].density
        box = discovery.chosen(boxes)
        page.say(f"At {100 * share:.0f}% of the points, by more than luck." if findings.n_replications > 1 else
                 f"At {100 * share:.0f}% of the points, in the one world that was run.")  # fmt: skip
        if 0 < share < 1 and box.limits:
            page.say(
                f"Mostly where {box.in_words()}: there it does at {100 * box.density:.0f}% of the points, and "
                f"{100 * box.coverage:.0f}% of all such points lie there."
            )
        page.tell(f"regions_{outcome}_{_plain(contrast)}", discovery.table(boxes))
        page.tell(f"points_{outcome}_{_plain(contrast)}", findings.by_point(outcome, contrast), is_shown=False)


def _plain(text: str) -> str:
    """A name for a file."""
    return text.replace(GAP, "_over_").replace(" ", "_")


def _figure(value: float) -> str:
    return f"{value:,.4g}"
