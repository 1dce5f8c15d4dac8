"""The report as one HTML file to hand in: nothing in it comes from elsewhere, and nothing in it runs."""

from __future__ import annotations

import datetime
import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from sim import __version__
from sim.outcomes import OUTCOMES
from sim.ui import cards, report_lessons, report_svg, report_yaml, theme
from sim.ui.cards import swatch
from sim.ui.desk import Answer
from sim.ui.differs import lever_value
from sim.ui.numerals import LOCALES, Scale, dated, scale_of
from sim.ui.report_data import Data, block
from sim.ui.safe_text import safe
from sim.ui.state import LabState, sliders
from sim.ui.texts import HTML_LANGUAGES, label, said

_LETTERS = "".join(f"--{letter.lower()}: {colour}; " for letter, colour in theme.COLOURS.items())
_STYLE = f":root {{ {_LETTERS}}}\n" + (Path(__file__).parent / "report_file.css").read_text(encoding="utf-8")
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
# The charts: title and sentence in the catalogue, the outcomes drawn, whether money is counted up, whether zero shows.
_CHARTS = {
    "retention": (("retention",), False),
    "profit": (("profit",), True),
    "promise": (("satisfaction", "expectation"), False),
    "recommend": (("net_promoter_score",), True),
}


def document(state: LabState, answer: Answer, data: Data) -> str:
    """The whole file. It needs an answer that has its courses; intervals stand in it once they are measured."""
    language = str(state.language)
    title = said("report_file_title", language, title=label(state.scenario.title, language))
    about = [said("report_by", language, name=data.name)] if data.name else []
    about.append(dated(datetime.date.fromisoformat(data.written), language))
    body = "".join(
        [
            f"<header><h1>{safe(title)}</h1><p>{safe(' · '.join(about))}</p></header>",
            _section("report_story", language, f"<p>{safe(label(state.scenario.story, language))}</p>"),
            _section("report_notes", language, _notes(data.notes, language)),
            _section("report_decisions", language, strategies(state) + _history(data.history, language)),
            _section("report_results", language, results(state, answer) + cards.lives(answer, language)),
            _section("report_charts", language, charts(state, answer)),
            _lessons(data, language),
            _section("report_again", language, _again(state, answer)),
        ]
    )
    return (
        f'<!DOCTYPE html>\n<html lang="{HTML_LANGUAGES[language]}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{safe(_POLICY)}">'
        f"<title>{safe(title)}</title><style>{_STYLE}</style></head><body><main>{body}</main>{block(data)}</body></html>\n"
    )


def _section(key: str, language: str, inner: str) -> str:
    return f'<section class="{key}"><h2>{safe(said(key, language))}</h2>{inner}</section>'


def _lessons(data: Data, language: str) -> str:
    inner = report_lessons.chapters(data.lessons, language)
    return _section("report_lessons", language, inner) if inner else ""


def _notes(notes: str, language: str) -> str:
    paragraphs = [part.strip() for part in notes.replace("\r", "").split("\n\n") if part.strip()]
    if not paragraphs:
        return f"<p><i>{safe(said('report_no_notes', language))}</i></p>"
    return "".join(f"<p>{safe(part).replace(chr(10), '<br>')}</p>" for part in paragraphs)


def _history(lines: list[str], language: str) -> str:
    if not lines:
        return f"<p><i>{safe(said('report_no_history', language))}</i></p>"
    items = "".join(f"<li>{safe(line)}</li>" for line in lines)
    return f"<h3>{safe(said('report_history', language))}</h3><ol>{items}</ol>"


def strategies(state: LabState) -> str:
    """Every strategy beside the others: where it started, what it spends, and each lever in which they differ."""
    language = str(state.language)
    heads = "".join(f'<th scope="col">{swatch(letter)} {letter}</th>' for letter in state.letters)
    known = state.scenario.strategies
    rows = [
        (said("report_started_from", language), [label(known[side.preset].label, language) for side in state.sides]),
        (said("report_spending", language), [_money(state.spending(letter), state) for letter in state.letters]),
    ]
    for one in (one for row in sliders(state.scenario).values() for one in row):
        values = [side.levers[one.lever.path] for side in state.sides]
        if len(set(values)) > 1 or any(one.lever.path in side.changed for side in state.sides):
            rows.append((label(one.lever.label, language), [lever_value(one, value, state) for value in values]))
    body = "".join(
        f'<tr><th scope="row">{safe(name)}</th>{"".join(f"<td>{safe(cell)}</td>" for cell in cells)}</tr>'
        for name, cells in rows
    )
    lever = safe(said("report_lever", language))
    return f'<table><thead><tr><th scope="col">{lever}</th>{heads}</tr></thead><tbody>{body}</tbody></table>'


def results(state: LabState, answer: Answer) -> str:
    """Every outcome: its value under each strategy, differences from the first with their intervals, and in words."""
    language, first = str(state.language), answer.letters[0]
    heads = [said("report_outcome", language), *answer.letters]
    for letter in answer.letters[1:]:
        heads += [f"{letter} − {first}", said("report_verdict", language)]
    rows, idle = [], []
    for name, outcome in OUTCOMES.items():
        numbers = _numbers(name, answer)
        largest = max((abs(value) for value in numbers.values() if math.isfinite(value)), default=0.0)
        if not largest:
            idle.append(label(outcome.label, language))
            continue
        scale = scale_of(outcome.unit, largest, state.scenario.market.currency, language)
        cells = [scale.value(value) for value in numbers.values()]
        for letter in answer.letters[1:]:
            if answer.differences is None:
                cells += [scale.difference(numbers[letter] - numbers[first]), said("one_world", language)]
                continue
            one = answer.differences[letter][name]
            half, finer = (one.high - one.low) / 2, replace(scale, digits=scale.digits + bool(scale.digits))
            cells.append(
                finer.difference(one.difference) + (f" {finer.half_width(half)}" if math.isfinite(half) else "")
            )
            cells.append(cards.verdict(outcome, one, answer, language, (first, letter)))
        meaning, known_as = safe(label(outcome.meaning, language)), safe(label(outcome.label, language))
        head = f'<th scope="row" title="{meaning}">{known_as}</th>'
        rows.append(f"<tr>{head}{_cells(cells, len(answer.letters), 'td')}</tr>")
    market = state.scenario.market
    note = said(
        "report_measured" if answer.differences is not None else "report_one_world", language,
        worlds=answer.n_worlds, customers=market.customers, weeks=market.weeks,
    )  # fmt: skip
    top = f'<th scope="col">{safe(heads[0])}</th>' + _cells(heads[1:], len(answer.letters), 'th scope="col"')
    rest = f"<p>{safe(said('report_idle', language, names=said('list_and', language).join(idle)))}</p>" if idle else ""
    return f"<p>{safe(note)}</p><table><thead><tr>{top}</tr></thead><tbody>{''.join(rows)}</tbody></table>{rest}"


def _cells(cells: list[str], n_letters: int, tag: str) -> str:
    """Values of the letters, then pairs of a difference and its words."""
    kinds = [' class="words"' if k >= n_letters and (k - n_letters) % 2 else "" for k in range(len(cells))]
    return "".join(f"<{tag}{kind}>{safe(cell)}</{tag[:2]}>" for cell, kind in zip(cells, kinds, strict=True))


def _numbers(name: str, answer: Answer) -> dict[str, float]:
    """The outcome by letter: means over all worlds once they are measured, else of the first world."""
    if answer.differences is not None:
        rows = {letter: one[name] for letter, one in answer.differences.items()}
        return {answer.letters[0]: next(iter(rows.values())).a} | {letter: one.b for letter, one in rows.items()}
    return {letter: course.numbers[name] for letter, course in zip(answer.letters, answer.courses, strict=True)}


def charts(state: LabState, answer: Answer) -> str:
    """Pictures of the first world, each with its question and a sentence on how to read it."""
    language, week = str(state.language), said("week", str(state.language))
    courses = dict(zip(answer.letters, answer.courses, strict=True))
    figures = []
    for key, (names, has_zero) in _CHARTS.items():
        unit = OUTCOMES[names[0]].unit
        drawn = {
            letter: [course.weekly[name].cumsum() if unit == "money" else course.weekly[name] for name in names]
            for letter, course in courses.items()
        }
        values = np.abs(np.concatenate([course for those in drawn.values() for course in those]))
        largest = float(values[np.isfinite(values)].max(initial=0.0))
        scale = scale_of(unit, largest, state.scenario.market.currency, language)
        title = said(f"report_{key}_title", language)
        figures.append(_figure(key, report_svg.lines(title, drawn, scale, week, has_zero=has_zero), language))
    stages = {name: said(f"stage_{name}", language) for name in theme.STAGE_COLOURS}
    people = Scale(locale=LOCALES[language])
    inner = "".join(
        f"<h4>{swatch(letter)} {letter}</h4>{report_svg.bands(f'{letter}', course.stages, people, week, stages)}"
        for letter, course in courses.items()
    )
    return "".join(figures) + _figure("stages", inner + _key(stages), language)


def _key(names: Mapping[str, str]) -> str:
    items = "".join(
        f'<li><i style="background:{theme.STAGE_COLOURS[name]}"></i>{safe(text)}</li>' for name, text in names.items()
    )
    return f'<ul class="key">{items}</ul>'


def _figure(key: str, inner: str, language: str) -> str:
    title, note = (safe(said(f"report_{key}_{part}", language)) for part in ("title", "note"))
    return f"<figure><h3>{title}</h3><figcaption>{note}</figcaption>{inner}</figure>"


def _again(state: LabState, answer: Answer) -> str:
    language = str(state.language)
    typed = "\n".join(report_yaml.commands(state, answer.n_worlds))
    about = said("report_about", language, version=__version__, file=report_yaml.FILE)
    hash_ = said("report_hash", language, hash=state.scenario.text_hash[:12], seed=str(state.seed))
    return (
        f"<p>{safe(about)}</p><pre>{safe(report_yaml.scenario_yaml(state))}</pre><pre>{safe(typed)}</pre>"
        f"<p>{safe(hash_)} {safe(said('report_load_again', language))}</p>"
    )


def _money(amount: float, state: LabState) -> str:
    return scale_of("money", amount, state.scenario.market.currency, str(state.language)).value(amount)
