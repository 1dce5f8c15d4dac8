"""What differs between strategies, as a short list in words: "B: list price −5%, service agents +3 people"."""

from __future__ import annotations

from sim.ui.bench import digits_of, named_values, unit_pattern
from sim.ui.numerals import LOCALES, Scale
from sim.ui.safe_text import safe
from sim.ui.state import LabState, Slider, sliders
from sim.ui.texts import has_text, label, said

N_SHOWN = 6
RELATIVE = "pricing.list_price"  # of a price the share by which it differs says more than the money


def lever_value(slider: Slider, value: float, state: LabState, *, is_change: bool = False) -> str:
    """A lever's value as the bench shows it, or by how much it is changed."""
    lever, language = slider.lever, str(state.language)
    if not is_change:
        named, zero = named_values(lever, state.scenario, language).get(f"{value:g}"), f"zero_{lever.path}"
        if named or (value == 0 and has_text(zero)):
            return named or said(zero, language)
    is_money, is_share = lever.unit.startswith("money"), lever.unit.startswith("share")
    scale = Scale(
        0.01 if is_share else 1.0,
        0 if is_share else digits_of(slider),
        before=state.scenario.market.currency if is_money else "",
        after="%" if is_share else "",
        locale=LOCALES[language],
    )
    written = scale.difference(value) if is_change else scale.value(value)
    return unit_pattern(lever.unit, language).format(value=written)


def changes(state: LabState, letter: str) -> list[str]:
    """By what a strategy differs from the first one, lever by lever, in the order of the bench."""
    first, side, language = state.sides[0], state.side(letter), str(state.language)
    told = []
    for slider in (slider for row in sliders(state.scenario).values() for slider in row):
        path = slider.lever.path
        before, now = first.levers[path], side.levers[path]
        if before == now:
            continue
        names = named_values(slider.lever, state.scenario, language)
        if names:
            change = names.get(f"{now:g}") or said("differs_none", language)
        elif path == RELATIVE and before > 0:
            change = Scale(0.01, 1, after="%", locale=LOCALES[language]).difference(now / before - 1)
        else:
            change = lever_value(slider, now - before, state, is_change=True)
        told.append(f"{label(slider.lever.label, language)} {change}")
    return told


def differs(state: LabState) -> str:
    """The list for every strategy but the first, as HTML; the rest of a long one unfolds."""
    language, first = str(state.language), state.letters[0]
    rows = []
    for letter in state.letters[1:]:
        told = changes(state, letter)
        head = f"<b>{letter}</b> "
        if not told:
            rows.append(f"<li>{head}{safe(said('equal_to', language, letter=first))}</li>")
            continue
        items = "".join(f"<span>{safe(text)}</span>" for text in told[:N_SHOWN])
        rest = ""
        if len(told) > N_SHOWN:
            more = "".join(f"<span>{safe(text)}</span>" for text in told[N_SHOWN:])
            rest = f"<details><summary>{safe(said('more', language, n=len(told) - N_SHOWN))}</summary>{more}</details>"
        rows.append(f"<li>{head}{items}{rest}</li>")
    title = safe(said("differs", language, letter=first))
    return f'<section class="differs"><h2>{title}</h2><ul>{"".join(rows)}</ul></section>'
