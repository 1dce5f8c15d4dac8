"""The parts of docs/model.md that are read from the model: `make docs` writes them, a test says when they are stale.

Written by people are the sentences; made here are the tables and pictures: marked blocks of docs/model.md (from
`<!-- generated: name -->` to `<!-- end -->`) and everything in the folder docs/model.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from babel.messages.pofile import read_po

from sim import outcomes, parameters, population
from sim.measures import MEASURES
from sim.model_curve_list import CURVES
from sim.model_curves import Curve, svg
from sim.parameters import Parameter
from sim.scenario_schema import ScenarioEntry
from sim.schedule import SCHEDULE, Phase

DOCS = Path(__file__).resolve().parents[1] / "docs"
LOCALES = Path(__file__).parent / "locale"
PAGE = "model.md"
FOLDER = "model"
NOTE = "*Made by `make docs` from the model itself; please do not edit. Back to [the model](../model.md).*\n\n"
BLOCK = re.compile(r"(<!-- generated: (?P<name>[a-z ]+) -->\n).*?(<!-- end -->)", re.DOTALL)
OVER_WEEKS = {"sum": "all weeks added up", "last": "its value in the last week", "late": "mean of the last 13 weeks"}
BETTER = {"up": "more is better", "down": "less is better", "neither": "neither way"}
OWNERS = {
    "customer": "Customers",
    "relation": "Relations of a customer with a firm",
    "firm": "Firms",
    "news": "News on its way",
    "tally": "Counts of the week",
}


def wanted(docs: Path = DOCS) -> dict[str, str]:
    """Every generated file, by its path under docs/, with what it should hold. docs/model.md keeps its own words."""
    files = {
        f"{FOLDER}/parameters.md": _parameters(),
        f"{FOLDER}/levers.md": _levers(),
        f"{FOLDER}/measures.md": _measures(),
        f"{FOLDER}/columns.md": _columns(),
        f"{FOLDER}/week.md": _week(),
        f"{FOLDER}/scenario.md": _scenario(),
        PAGE: _filled((docs / PAGE).read_text(encoding="utf-8")),
    }
    return files | {_picture(curve): svg(curve) for curve in CURVES}


def stale(docs: Path = DOCS) -> list[str]:
    """What is out of date in the documentation, each as a sentence."""
    files = wanted(docs)
    faults = [
        f"docs/{name} is out of date. Please run `make docs` and commit what it writes."
        for name, text in files.items()
        if not (docs / name).is_file() or (docs / name).read_text(encoding="utf-8") != text
    ]
    return faults + [
        f"docs/{name} is no longer made by anything. Please run `make docs`, which removes it."
        for name in _left_over(docs, files)
    ]


def write(docs: Path = DOCS) -> list[str]:
    """Write what is generated, remove what no longer is; the paths written."""
    files = wanted(docs)
    for name in _left_over(docs, files):
        (docs / name).unlink()
    for name, text in files.items():
        (docs / name).parent.mkdir(exist_ok=True)
        (docs / name).write_text(text, encoding="utf-8")
    return list(files)


def _left_over(docs: Path, files: Iterable[str]) -> list[str]:
    there = (f"{FOLDER}/{path.name}" for path in sorted((docs / FOLDER).glob("*")) if path.is_file())
    return [name for name in there if name not in files]


def _filled(page: str) -> str:
    """The page with its marked blocks made anew. Raises ValueError for a block nobody knows how to make."""
    blocks = {f"curves {phase}": _gallery([c for c in CURVES if c.phase == phase]) for phase in _phases_drawn()}
    blocks["schedule"] = _schedule()
    blocks["graphs"] = _graphs()
    found = [match["name"] for match in BLOCK.finditer(page)]
    if sorted(found) != sorted(blocks):
        raise ValueError(
            f"docs/{PAGE} must have each of these marked blocks once: {', '.join(sorted(blocks))}. "
            f"It has {', '.join(sorted(found)) or 'none'}."
        )
    return BLOCK.sub(lambda match: f"{match[1]}{blocks[match['name']]}{match[3]}", page)


def _phases_drawn() -> list[str]:
    return list(dict.fromkeys(curve.phase for curve in CURVES))


def _picture(curve: Curve) -> str:
    return f"{FOLDER}/{curve.name}.svg"


def _gallery(curves: Sequence[Curve]) -> str:
    """Pictures two by two, each with its title above and what it teaches below."""
    parts = []
    for k in range(0, len(curves), 2):
        pair = curves[k : k + 2]
        images = [f"![{c.title}: {c.y} by {c.x}]({_picture(c)})" for c in pair]
        parts.append(_table([c.title for c in pair], [images, [c.teaches for c in pair]]))
    return "\n" + "\n".join(parts) + "\n"


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    def line(cells: Sequence[str]) -> str:
        return "| " + " | ".join(cell.replace("|", "·") for cell in cells) + " |\n"

    return line(heads) + "|" + "---|" * len(heads) + "\n" + "".join(line(row) for row in rows)


def _schedule() -> str:
    rows = [
        [str(number), f"**{phase.name}**", phase.question, ", ".join(phase.rules) or "–", _luck(phase)]
        for number, phase in enumerate(SCHEDULE, 1)
    ]
    return _table(["", "phase", "the question it answers", "rules", "luck drawn for"], rows)


def _graphs() -> str:
    """The charts of the lab, in the words they are shown with."""
    words, course_words = _texts("en"), _texts("zh_CN")
    keys = [key.removesuffix("_note") for key in words if key.endswith("_note")]
    rows = [[words[f"{key}_title"], course_words[f"{key}_title"], words[f"{key}_note"]] for key in keys]
    return _table(["graph", "图表", "what it counts, and when"], rows)


def _texts(locale: str) -> dict[str, str]:
    with (LOCALES / locale / "charts.po").open("rb") as source:
        return {str(message.id): str(message.string) for message in read_po(source) if message.id}


def _luck(phase: Phase) -> str:
    return ", ".join(purpose.lower().replace("_", " ") for purpose in phase.draws) or "–"


def _week() -> str:
    text = f"# The week, phase by phase\n\n{NOTE}"
    text += (
        "What every phase looks at and changes, by the names of the [columns](columns.md); its rules and its luck.\n"
    )
    for number, phase in enumerate(SCHEDULE, 1):
        text += f"\n## {number} {phase.name}\n\n{phase.question} Ideas: {', '.join(phase.covers)}.\n\n"
        rows = []
        for title, touched in (("looks at", phase.reads), ("changes", phase.writes)):
            for owner, words in OWNERS.items():
                names = [column.split(".")[1] for column in touched if column.startswith(f"{owner}.")]
                if names:
                    rows.append([title, words.lower(), ", ".join(names)])
        rows.append(["rules", "", ", ".join(phase.rules) or "none"])
        rows.append(["luck", "", _luck(phase)])
        text += _table(["", "of", "which"], rows)
    return text


def _figure(number: float) -> str:
    return f"{number:,.10g}"


def _row(p: Parameter) -> list[str]:
    span = f"{_figure(p.low)} to {_figure(p.high)}{', whole' if p.is_whole else ''}"
    return [
        f"`{p.path}`", f"{p.label['en']} ({p.label['zh']})", _figure(p.value), str(p.unit), span,
        p.meaning["en"], p.evidence,
        p.source,
    ]  # fmt: skip


def _listed(files: dict[str, list[Parameter]]) -> str:
    heads = ["name", "label", "value", "unit", "range", "meaning", "evidence", "source"]
    return "".join(f"\n## {stem}\n\n{_table(heads, map(_row, file))}" for stem, file in files.items())


def _parameters() -> str:
    files = {stem: list(file.values()) for stem, file in parameters.constants().items()}
    return (
        f"# Parameters\n\n{NOTE}"
        "The numbers of the model: what we do not choose. *Evidence* is *measured* (we measured it), *literature* "
        "(published, see the "
        "source) or *illustrative* (chosen so that the market behaves believably). A scenario may put any of them "
        "to another value within "
        f"its range. A unit of 1 has no dimension; a *level* lies between 0 and 1.\n{_listed(files)}"
    )


def _levers() -> str:
    files: dict[str, list[Parameter]] = {}
    for lever in parameters.levers().values():
        files.setdefault(lever.file, []).append(lever)
    return (
        f"# Levers\n\n{NOTE}"
        "What a firm decides, week by week if it likes. The value is the one that holds where neither scenario "
        "nor strategy says "
        f"otherwise; most levers stand at 0, which means that the firm does not do it.\n{_listed(files)}"
    )


def _measures() -> str:
    numbers = [
        [f"`{o.name}`", f"{o.label['en']} ({o.label['zh']})", o.unit, BETTER[o.better], OVER_WEEKS[o.over_weeks],
         o.meaning["en"], "week by week" if o.weekly is not None else "at the end", ", ".join(o.covers)]
        for o in outcomes.OUTCOMES.values()
    ]  # fmt: skip
    tables = [
        [f"`{m.name}`", f"{m.label['en']} ({m.label['zh']})", m.meaning, ", ".join(m.covers)]
        for _, m in sorted(MEASURES.items())
    ]
    heads = ["name", "label", "unit", "direction", "as one number", "meaning", "counted", "ideas"]
    return (
        f"# Measures\n\n{NOTE}"
        "## Outcomes: one number a firm and week\n\n"
        "All are counted for each firm at the end of the week, after phase 11, from the first reported week on "
        "(the warm-up is left "
        "out). Where there is nobody to count there is no value. *As one number* says how the weeks of a run "
        "become one.\n\n"
        f"{_table(heads, numbers)}\n"
        "## Tables: read off a market when asked for\n\n"
        "Of one firm, at the end of the last week that was run; the books they use were opened in the first "
        "reported week.\n\n"
        f"{_table(['name', 'label', 'what it tells', 'ideas'], tables)}"
    )


def _columns() -> str:
    text = f"# Columns: what is known of every customer\n\n{NOTE}"
    for title, columns in (
        ("Of a customer", population.CUSTOMER),
        ("Of a customer's relation with each firm", population.RELATION),
    ):
        rows = [[f"`{c.name}`", _start(c), c.unit, _kept(c.dtype), c.meaning] for c in columns]
        text += f"## {title}\n\n{_table(['name', 'before birth', 'unit', 'stored as', 'meaning'], rows)}\n"
    return (
        text + "*Before birth* is what the column holds until the traits and opening states of "
        "[initialisation](../model.md#initialisation) are laid over it.\n"
    )


def _scenario() -> str:
    """Every entry of a scenario file, read from the schema that checks it."""
    schema = ScenarioEntry.model_json_schema()
    text = f"# What a scenario says\n\n{NOTE}"
    text += "Entries in *italics* are groups of entries, listed under that name. Weeks are reported weeks, from 0.\n"
    for title, group in {"Scenario": schema, **schema["$defs"]}.items():
        needed = group.get("required", ())
        rows = [
            [f"`{name}`", "must be given" if name in needed else _default(entry), _allowed(entry), entry["description"]]
            for name, entry in group["properties"].items()
        ]
        text += f"\n## {_words(title)}\n\n{group['description']}\n\n"
        text += _table(["entry", "if not given", "allowed", "meaning"], rows)
    return text


def _words(name: str) -> str:
    return name.removesuffix("Entry")


def _default(entry: dict[str, Any]) -> str:
    value = entry.get("default")
    return f"{value}" if isinstance(value, int | float | str) and value != "" else "–"


def _allowed(entry: dict[str, Any]) -> str:
    """What a schema lets an entry be, in words."""
    if "anyOf" in entry:
        return " or ".join(_allowed(choice) for choice in entry["anyOf"])
    if "$ref" in entry:
        return f"*{_words(entry['$ref'].rsplit('/', 1)[1])}*"
    if "enum" in entry:
        return ", ".join(entry["enum"])
    if "minimum" in entry or "exclusiveMinimum" in entry:
        low = f"{entry['minimum']:g}" if "minimum" in entry else f"above {entry['exclusiveMinimum']:g}"
        is_whole = entry["type"] == "integer"
        high = f"{entry['maximum']:,}" if is_whole else _figure(entry["maximum"])
        return f"{low} to {high}{', whole' if is_whole else ''}"
    if entry.get("type") == "array":
        return f"list of {_allowed(entry['items'])}"
    inner = entry.get("additionalProperties") or next(iter(entry.get("patternProperties", {}).values()), None)
    if isinstance(inner, dict):
        return f"by name: {_allowed(inner)}"
    return {"string": "text", "null": "nothing", "object": "entries", "number": "number"}.get(
        entry.get("type", ""), "any"
    )


def _start(column: population.Column) -> str:
    return "never" if column.start == population.NEVER else f"{column.start:g}"


def _kept(dtype: str) -> str:
    kind = {"f": "real number", "i": "whole number", "u": "whole number from 0"}[dtype[0]]
    return f"{kind}, {8 * int(dtype[1])} bits"


if __name__ == "__main__":
    written = write()
    print(f"Wrote docs/{PAGE} and {len(written) - 1} files in docs/{FOLDER}.")
