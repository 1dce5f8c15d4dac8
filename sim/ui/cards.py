"""The words and numbers around the charts, as HTML: story, status, cards of the headline outcomes, lives parted."""

from __future__ import annotations

import math

from sim.outcomes import OUTCOMES, Outcome
from sim.paired import Difference
from sim.ui import theme
from sim.ui.desk import Answer
from sim.ui.numerals import Scale, grouped, scale_of
from sim.ui.safe_text import safe
from sim.ui.state import LETTERS, LabState, sliders
from sim.ui.texts import label, said

HEADLINES = (
    "retention", "profit", "lifetime_value", "net_promoter_score", "active_customers", "market_share",
)  # fmt: skip
SUGGESTED = "service.agents"


def swatch(letter: str) -> str:
    """A strategy's line, in its colour and dash."""
    look = f'stroke="{theme.COLOURS[letter]}" stroke-dasharray="{theme.SVG_DASHES[letter]}" stroke-width="3"'
    line = f'<line x1="1" x2="25" y1="4" y2="4" {look}/>'
    return f'<svg width="26" height="8" viewBox="0 0 26 8" aria-hidden="true">{line}</svg>'


def story(state: LabState) -> str:
    """The scenario's title and story, which strategies are compared, and one thing to try."""
    scenario, language = state.scenario, state.language
    group, lever = next(
        (group, one.lever) for group, row in sliders(scenario).items() for one in row if one.lever.path == SUGGESTED
    )
    hint = said("try", language, group=said(f"group_{group}", language), lever=label(lever.label, language))
    return (
        f'<header class="story"><h1>{safe(label(scenario.title, language))}</h1>'
        f"<p>{safe(label(scenario.story, language))}</p>"
        f'<aside class="hint"><b>{safe(said("try_title", language))}</b> {safe(hint)}</aside></header>'
    )


def status(answer: Answer, language: str) -> str:
    """What is going on, with a thin line that fills as luck is measured."""
    market = answer.question.scenario.market
    size = {"customers": grouped(market.customers), "weeks": grouped(market.weeks)}
    done, everything = 0, answer.n_worlds
    if answer.has_failed:
        text = said("failed", language)
    elif not answer.courses:
        text = said("simulating", language, **size)
    elif answer.differences is None:
        done = answer.worlds
        text = said("measuring", language, done=answer.worlds, all=everything)
    else:
        done = everything
        text = said("measured", language, all=everything, **size)
    kind = "is-done" if done == everything else "is-failed" if answer.has_failed else ""
    return (
        f'<div class="status {kind}" role="status"><span>{safe(text)}</span>'
        f'<div class="progress" aria-hidden="true"><div style="width:{100 * done / everything:.0f}%"></div></div></div>'
    )


def cards(answer: Answer, state: LabState) -> str:
    """A card for each headline outcome: A, B, the difference with its interval, and what that means."""
    inner = "".join(_card(OUTCOMES[name], answer, state) for name in HEADLINES)
    return f'<section class="cards" aria-label="{safe(said("cards", state.language))}">{inner}</section>'


def _card(outcome: Outcome, answer: Answer, state: LabState) -> str:
    language = state.language
    head = (
        f'<article class="card" data-outcome="{safe(outcome.name)}" title="{safe(label(outcome.meaning, language))}">'
        f"<h2>{safe(label(outcome.label, language))}</h2>"
    )
    difference = _difference(outcome.name, answer)
    if difference is None:
        rows = "".join(_row(letter, "…") for letter in LETTERS)
        waiting = safe(said("waiting", language))
        return f'{head}<dl>{rows}</dl><p class="difference">…</p><p class="verdict">{waiting}</p></article>'
    values = [value for value in (difference.a, difference.b) if math.isfinite(value)]
    scale = scale_of(outcome.unit, max(map(abs, values), default=0.0), state.scenario.market.currency)
    rows = _row("A", scale.value(difference.a)) + _row("B", scale.value(difference.b))
    return (
        f'{head}<dl>{rows}</dl><p class="difference">{_change(difference, scale, language)}</p>'
        f'<p class="verdict">{safe(verdict(outcome, difference, answer, language))}</p></article>'
    )


def _difference(name: str, answer: Answer) -> Difference | None:
    """Over all worlds once they are measured, of the first world alone until then."""
    if answer.differences is not None:
        return answer.differences[name]
    if not answer.courses:
        return None
    a, b = (course.numbers[name] for course in answer.courses[:2])
    return Difference(name, a, b, b - a, -math.inf, math.inf)


def _row(letter: str, value: str) -> str:
    return f'<div class="of-{letter}"><dt>{swatch(letter)}<b>{letter}</b></dt><dd>{safe(value)}</dd></div>'


def _change(difference: Difference, scale: Scale, language: str) -> str:
    half = (difference.high - difference.low) / 2
    interval = f' <span class="half">{safe(scale.half_width(half))}</span>' if math.isfinite(half) else ""
    caption = safe(said("difference", language))
    return f'<span class="caption">{caption}</span> <b>{safe(scale.difference(difference.difference))}</b>{interval}'


def verdict(outcome: Outcome, difference: Difference, answer: Answer, language: str) -> str:
    """What a difference means, in words."""
    if not math.isfinite(difference.difference):
        return said("no_value", language)
    if answer.differences is None:
        return said("one_world", language)
    if difference.low == difference.high == 0.0:
        return said("same", language)
    if not difference.is_told_apart:
        return said("luck", language)
    is_b = difference.difference > 0
    if outcome.better == "neither":
        return said("higher", language, letter="B" if is_b else "A")
    return said("ahead", language, letter="B" if is_b == (outcome.better == "up") else "A")


def lives(answer: Answer, language: str) -> str:
    """How many customers' lives parted, and by when."""
    parting = answer.parting
    if parting is None:
        text = said("lives_waiting", language)
    elif not parting.parted:
        text = said("lives_none", language, customers=grouped(parting.customers))
    else:
        text = said(
            "lives", language, parted=grouped(parting.parted), customers=grouped(parting.customers),
            half=parting.week_of_half, last=parting.week_of_last,
        )  # fmt: skip
    return f'<p class="lives">{safe(text)}</p>'


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
