"""The words and numbers around the charts, as HTML: story, status, cards of the headline outcomes, lives parted."""

from __future__ import annotations

import math

from sim.outcomes import OUTCOMES, Outcome
from sim.paired import Difference
from sim.ui import theme
from sim.ui.bench import group_title
from sim.ui.desk import Answer
from sim.ui.numerals import Scale, scale_of
from sim.ui.safe_text import safe
from sim.ui.state import LabState, sliders
from sim.ui.texts import label, said

HEADLINES = (
    "retention", "profit", "lifetime_value", "net_promoter_score", "active_customers", "market_share",
)  # fmt: skip
SUGGESTED = "service.agents"


def swatch(letter: str) -> str:
    """A strategy's line, in its colour and dash."""
    look = f'style="stroke:var(--{letter.lower()})" stroke-dasharray="{theme.SVG_DASHES[letter]}" stroke-width="3"'
    line = f'<line x1="1" x2="25" y1="4" y2="4" {look}/>'
    return f'<svg width="26" height="8" viewBox="0 0 26 8" aria-hidden="true">{line}</svg>'


def story(state: LabState) -> str:
    """The scenario's title and story, which strategies are compared, and one thing to try."""
    scenario, language = state.scenario, str(state.language)
    group, lever = next(
        (group, one.lever) for group, row in sliders(scenario).items() for one in row if one.lever.path == SUGGESTED
    )
    hint = said("try", language, group=group_title(group, language), lever=label(lever.label, language))
    return (
        f'<header class="story"><h1>{safe(label(scenario.title, language))}</h1>'
        f"<p>{safe(label(scenario.story, language))}</p>"
        f'<aside class="hint"><b>{safe(said("try_title", language))}</b> {safe(hint)}</aside></header>'
    )


def cards(answer: Answer, state: LabState) -> str:
    """A card for each headline outcome: every strategy with its value, difference, interval, and what that means."""
    inner = "".join(_card(OUTCOMES[name], answer, state) for name in HEADLINES)
    title = safe(said("cards", state.language))
    return f'<section class="cards of-{len(answer.letters)}" aria-label="{title}">{inner}</section>'


def _card(outcome: Outcome, answer: Answer, state: LabState) -> str:
    language, first = str(state.language), answer.letters[0]
    head = (
        f'<article class="card" data-outcome="{safe(outcome.name)}" title="{safe(label(outcome.meaning, language))}">'
        f"<h2>{safe(label(outcome.label, language))}</h2>"
    )
    differences = _differences(outcome.name, answer)
    if not differences:
        rows = "".join(_row(letter, "…") for letter in answer.letters)
        waiting = safe(said("waiting", language))
        below = f'<p class="difference">…</p><p class="verdict">{waiting}</p>' * (len(answer.letters) - 1)
        return f"{head}<dl>{rows}</dl>{below}</article>"
    values = {first: next(iter(differences.values())).a} | {letter: one.b for letter, one in differences.items()}
    largest = max((abs(value) for value in values.values() if math.isfinite(value)), default=0.0)
    scale = scale_of(outcome.unit, largest, state.scenario.market.currency, language)
    rows = "".join(_row(letter, scale.value(value)) for letter, value in values.items())
    below = "".join(
        f'<p class="difference">{_change(letter, first, one, scale)}</p>'
        f'<p class="verdict">{safe(verdict(outcome, one, answer, language, (first, letter)))}</p>'
        for letter, one in differences.items()
    )
    return f"{head}<dl>{rows}</dl>{below}</article>"


def _differences(name: str, answer: Answer) -> dict[str, Difference]:
    """From the first strategy: over all worlds once they are measured, of the first world alone until then."""
    if answer.differences is not None:
        return {letter: answer.differences[letter][name] for letter in answer.letters[1:]}
    if not answer.courses:
        return {}
    a, *others = (course.numbers[name] for course in answer.courses)
    rows = zip(answer.letters[1:], others, strict=True)
    return {letter: Difference(name, a, b, b - a, -math.inf, math.inf) for letter, b in rows}


def _row(letter: str, value: str) -> str:
    return f'<div class="of-{letter}"><dt>{swatch(letter)}<b>{letter}</b></dt><dd>{safe(value)}</dd></div>'


def _change(letter: str, first: str, difference: Difference, scale: Scale) -> str:
    half = (difference.high - difference.low) / 2
    interval = f' <span class="half">{safe(scale.half_width(half))}</span>' if math.isfinite(half) else ""
    change = safe(scale.difference(difference.difference))
    return f'<span class="caption">{letter} − {first}</span> <b>{change}</b>{interval}'


def verdict(outcome: Outcome, difference: Difference, answer: Answer, language: str, letters: tuple[str, str]) -> str:
    """What the difference between two strategies means, in words."""
    if not math.isfinite(difference.difference):
        return said("no_value", language)
    if answer.differences is None:
        return said("one_world", language)
    if difference.low == difference.high == 0.0:
        return said("same", language)
    if not difference.is_told_apart:
        return said("luck", language)
    is_second = difference.difference > 0
    if outcome.better == "neither":
        return said("higher", language, letter=letters[is_second])
    return said("ahead", language, letter=letters[is_second == (outcome.better == "up")])


def lives(answer: Answer, language: str) -> str:
    """How many customers' lives parted, and by when, for every strategy but the first."""
    told = "".join(f"<p>{safe(_lives(answer, letter, language))}</p>" for letter in answer.letters[1:])
    return f'<section class="lives">{told}</section>'


def _lives(answer: Answer, letter: str, language: str) -> str:
    parting, pair = answer.partings.get(letter), {"first": answer.letters[0], "letter": letter}
    if parting is None:
        return said("lives_waiting", language)
    if not parting.parted:
        return said("lives_none", language, customers=parting.customers, **pair)
    return said(
        "lives", language, parted=parting.parted, customers=parting.customers,
        half=parting.week_of_half, last=parting.week_of_last, **pair,
    )  # fmt: skip


def chart_head(name: str, language: str) -> str:
    """The question a chart answers, how to read it, and the key to the stages where it shows them."""
    key = ""
    if name == "stages":
        stages = "".join(
            f'<li><i style="background:{theme.STAGE_COLOURS[stage]}"></i>{safe(said(f"stage_{stage}", language))}</li>'
            for stage in theme.STAGE_COLOURS
        )
        key = f'<ul class="key">{stages}</ul>'
    return (
        f'<div class="chart-head"><h2>{safe(said(f"{name}_title", language))}</h2>'
        f"<p>{safe(said(f'{name}_note', language))}</p>{key}</div>"
    )
