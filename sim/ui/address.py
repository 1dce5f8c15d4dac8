"""The address of a view: everything that a link needs to reopen exactly this page with exactly these strategies.

    ?page=lab&scenario=coffee&A=4P&B=4C;pricing.list_price:4.2&seed=7&luck=1&lang=zh&tab=money

A strategy is its preset and the levers that stand elsewhere. Whatever an address says comes from a stranger: what makes
no sense is left out, and the rest still opens.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode

from sim.scenario import Scenario
from sim.ui.state import (
    FEWEST,
    LANGUAGES,
    LETTERS,
    MOST_SEED,
    Choice,
    LabState,
    Side,
    opening_choice,
    presets,
    side_from,
)

RESERVED = frozenset({"page", "scenario", "seed", "luck", "lang", *LETTERS})
LONGEST = 8000  # characters; browsers and servers take no more than that everywhere
MOST_PLACES = 24
LONGEST_PLACE = 200


def written(state: LabState, page: str, place: Mapping[str, str]) -> str:
    """The address of a state, beginning with a question mark."""
    told = {"page": page, "scenario": state.scenario.name}
    told |= {side.letter: _strategy(side) for side in state.sides}
    if state.seed != state.scenario.seed:
        told["seed"] = str(state.seed)
    if state.luck:
        told["luck"] = "1"
    told["lang"] = state.language
    told |= {name: text for name, text in place.items() if name not in RESERVED and text}
    return "?" + urlencode(told, safe=":;")


def read(address: str) -> dict[str, str]:
    """What an address says, as far as it can be read."""
    try:
        return dict(parse_qsl(address.removeprefix("?")[:LONGEST], max_num_fields=100))
    except ValueError:
        return {}


def place_of(told: Mapping[str, str]) -> dict[str, str]:
    """Where in the page: what the shell leaves to the page itself."""
    others = [(name, text) for name, text in told.items() if name not in RESERVED]
    return {name[:LONGEST_PLACE]: text[:LONGEST_PLACE] for name, text in others[:MOST_PLACES]}


def language_of(told: Mapping[str, str], accepted: str = "") -> str:
    """The language of an address, else the first one that the browser accepts, else English."""
    if told.get("lang") in LANGUAGES:
        return told["lang"]
    wished = (part.strip()[:2].lower() for part in accepted.split(","))
    return next((language for language in wished if language in LANGUAGES), LANGUAGES[0])


def choice_of(told: Mapping[str, str], scenarios: Mapping[str, Scenario], otherwise: Scenario) -> Choice:
    """What an address chooses; a fresh start where it says nothing."""
    scenario = scenarios.get(told.get("scenario", ""), otherwise)
    fresh = opening_choice(scenario)
    sides = [side for letter in LETTERS if (side := _side(scenario, letter, told.get(letter, "")))]
    seed = told.get("seed", "")
    is_seed = seed.isascii() and seed.isdigit() and len(seed) <= 10 and int(seed) <= MOST_SEED
    return Choice(
        scenario, tuple(sides) if len(sides) >= FEWEST else fresh.sides, int(seed) if is_seed else scenario.seed
    )


def _strategy(side: Side) -> str:
    return ";".join([side.preset, *(f"{path}:{side.levers[path]:.10g}" for path in side.changed)])


def _side(scenario: Scenario, letter: str, text: str) -> Side | None:
    preset, *moves = text.split(";")
    if preset not in presets(scenario):
        return None
    moved = {}
    for move in moves:
        path, _, number = move.partition(":")
        try:
            value = float(number)
        except ValueError:
            continue
        if math.isfinite(value):
            moved[path] = value
    return side_from(scenario, letter, preset, moved)
