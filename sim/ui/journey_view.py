"""Two lives of one customer as HTML: who they are, where and why the lives part, both timelines, both stories."""

from __future__ import annotations

from collections.abc import Sequence

from sim.ui import journey_timeline
from sim.ui.cards import swatch
from sim.ui.journey_life import Lives, Told
from sim.ui.safe_text import safe
from sim.ui.texts import said


def heading(language: str) -> str:
    """The page's title and how to read it."""
    return (
        f"<header><h1>{safe(said('journey_title', language))}</h1>"
        f'<p class="soft">{safe(said("journey_note", language))}</p></header>'
    )


def invitation(language: str) -> str:
    """What stands where a life will be."""
    return f'<p class="empty">{safe(said("journey_choose_somebody", language))}</p>'


def waiting(customer: int, language: str) -> str:
    """While a life is being watched."""
    return f'<p class="empty" role="status">{safe(said("journey_watching", language, customer=str(customer)))}</p>'


def refused(reason: str) -> str:
    """Why there is no life to tell."""
    return f'<p class="empty" role="alert">{safe(reason)}</p>'


def lives(found: Lives, names: Sequence[str], is_shown: bool, language: str, rule_address: str = "") -> str:
    """The whole panel. `names` of the two strategies; `is_shown` is whether the customer is among the dots.

    `rule_address` leads to the rule that parted the lives.
    """
    title = said("journey_life_title", language, customer=str(found.customer))
    about = _paragraph(" ".join(found.person) if language != "zh" else "".join(found.person))
    hidden = "" if is_shown else f'<p class="soft">{safe(said("journey_not_a_dot", language))}</p>'
    pictures = "".join(
        f"<h3>{swatch(letter)} <b>{safe(letter)}</b> {safe(name)}</h3>"
        f"{journey_timeline.timeline(told, letter, found.week_of_parting, language)}"
        for letter, name, told in zip(found.letters, names, found.told, strict=True)
    )
    stories = "".join(
        _story(letter, name, told, found.week_of_parting, language)
        for letter, name, told in zip(found.letters, names, found.told, strict=True)
    )
    return (
        f'<section class="life" aria-label="{safe(title)}"><h2>{safe(title)}</h2>{about}{hidden}'
        f"{_ends(found, language)}{_parting(found, language, rule_address)}"
        f'<div class="pictures">{pictures}{journey_timeline.key(language)}</div>'
        f'<div class="stories">{stories}</div><p class="soft">{safe(said("journey_brackets", language))}</p></section>'
    )


def _ends(found: Lives, language: str) -> str:
    """What became of the customer in each world, and why they left where they did."""
    lines = []
    for letter, told in zip(found.letters, found.told, strict=True):
        words = told.ending[0] if told.ending else ""
        if told.left is not None:
            words = said("journey_left", language, week=told.left[0], why=told.left[1])
        lines.append(f"<li>{swatch(letter)} <b>{safe(letter)}</b> <span>{safe(words)}</span></li>")
    return f'<ul class="ends">{"".join(lines)}</ul>'


def _parting(found: Lives, language: str, address: str) -> str:
    if found.week_of_parting is None:
        head = said("journey_same_life", language)
    else:
        head = said("journey_parting_title", language, week=found.week_of_parting)
    body = "".join(_paragraph(sentence) for sentence in found.parting)
    rule = ""
    if address:
        look = f'href="{safe(address)}" data-rule="{safe(found.rule)}"'
        rule = f"<p><a {look}>{safe(said('journey_see_rule', language))}</a></p>"
    return f'<div class="parting"><h3>{safe(head)}</h3>{body}{rule}</div>'


def _story(letter: str, name: str, told: Told, parting: int | None, language: str) -> str:
    whole = _rows(told.whole, parting, language)
    summary = safe(said("journey_every_week", language))
    ending = "".join(_paragraph(sentence) for sentence in told.ending)
    return (
        f'<article class="of-{safe(letter)}"><h3>{swatch(letter)} <b>{safe(letter)}</b> {safe(name)}</h3>'
        f"{_rows(told.rows, parting, language)}<h4>{safe(said('journey_in_the_end', language))}</h4>{ending}"
        f"<details><summary>{summary}</summary>{whole}</details></article>"
    )


def _rows(rows: Sequence[tuple[int | None, str]], parting: int | None, language: str) -> str:
    found = []
    for week, text in rows:
        if week is None:
            found.append(f'<li class="between">{safe(text)}</li>')
            continue
        head = said("journey_week_head", language, week=str(week).replace("-", "−"))
        kind = ' class="here"' if week == parting else ""
        found.append(f"<li{kind}><b>{safe(head)}</b> {safe(text)}</li>")
    return f"<ol>{''.join(found)}</ol>"


def _paragraph(text: str) -> str:
    return f"<p>{safe(text)}</p>"
