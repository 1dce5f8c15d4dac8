"""Every text of the lab that does not come from a scenario, parameter or outcome file, by key and language.

`said` fetches one, `label` picks the language of a text from a file. Both fall back on English.
"""

from __future__ import annotations

from collections.abc import Mapping

FALLBACK = "en"

TEXTS: dict[str, dict[str, str]] = {
    # The page
    "app": {"en": "CRM Lab"},
    "scenario": {"en": "Scenario"},
    "try_title": {"en": "Something to try"},
    "try": {
        "en": "Open “{group}” under strategy B, move “{lever}”, and watch what becomes of the difference. "
        "Nothing here moves unless you move it."
    },
    # What is going on
    "simulating": {"en": "Simulating {weeks} weeks in the lives of {customers} customers …"},
    "measuring": {"en": "One world so far. Measuring luck: {done} of {all} worlds …"},
    "measured": {
        "en": "Means of {all} pairs of worlds: {customers} customers, {weeks} weeks. ± is the 95% interval of the "
        "difference (pp: percentage points). Charts show the first of these worlds."
    },
    "failed": {
        "en": "These settings could not be simulated. Please move a lever or press Reset; "
        "the server's log says what went wrong."
    },
    # Cards
    "cards": {"en": "Results"},
    "difference": {"en": "B − A"},
    "luck": {"en": "not told apart from luck"},
    "same": {"en": "the same in every world"},
    "no_value": {"en": "no value: nobody to count"},
    "ahead": {"en": "{letter} is ahead"},
    "higher": {"en": "{letter} is higher"},
    "one_world": {"en": "in one world so far"},
    "waiting": {"en": "simulating …"},
    # Whose lives parted
    "lives_waiting": {"en": "Following every customer through both worlds …"},
    "lives_none": {
        "en": "Not one of the {customers} customers lived another life under B than under A: same customers, same luck."
    },
    "lives": {
        "en": "{parted} of {customers} customers lived another life under B than under A: the same people with the "
        "same luck, parted by the strategy alone. Half of these lives had parted by week {half}, the last in "
        "week {last}."
    },
    # Charts: the question, and how to read the answer
    "retention_title": {"en": "Who stays?"},
    "retention_note": {
        "en": "Share of the customers active a quarter (13 weeks) earlier who are still active in that week."
    },
    "profit_title": {"en": "Does it pay?"},
    "profit_note": {
        "en": "Profit added up since the strategies began; where a line falls, the week cost more than it brought."
    },
    "promise_title": {"en": "Do customers get what they expect?"},
    "promise_note": {
        "en": "Thick: satisfaction, thin: expectation, from 0 to 1. Where the thick line runs above the thin one, "
        "customers are pleasantly surprised."
    },
    "stages_title": {"en": "Where do customers stand?"},
    "stages_note": {
        "en": "Everybody in the market, week by week: a band is as high as the number of customers at that stage."
    },
    "week": {"en": "week"},
    "satisfaction": {"en": "satisfaction"},
    "expectation": {"en": "expectation"},
    # Stages, worst to best, as in sim.rules.stage
    "stage_lost": {"en": "lost"},
    "stage_unaware": {"en": "unaware"},
    "stage_aware": {"en": "aware"},
    "stage_trusting": {"en": "trusting"},
    "stage_dormant": {"en": "dormant"},
    "stage_buyer": {"en": "buyer"},
    "stage_satisfied": {"en": "satisfied"},
    "stage_loyal": {"en": "loyal"},
    "stage_advocate": {"en": "advocate"},
    # The bench
    "strategies": {"en": "Strategies"},
    "strategy": {"en": "Strategy"},
    "preset": {"en": "Start from"},
    "reset": {"en": "Reset"},
    "reset_help": {"en": "Put all levers of {letter} back to the preset"},
    "put_back": {"en": "Put “{lever}” back to {value}"},
    "budget": {"en": "Weekly budget"},
    "spent": {"en": "{spent} of {budget}"},
    "over": {"en": "{over} over budget"},
    "left": {"en": "{left} left"},
    "wages": {"en": "wages {wages}"},
    "see_results": {"en": "See the results"},
    "group_product": {"en": "Product"},
    "group_price": {"en": "Price"},
    "group_place": {"en": "Place"},
    "group_promotion": {"en": "Promotion"},
    "group_customer": {"en": "Customer insight"},
    "group_convenience": {"en": "Convenience"},
    "group_communication": {"en": "Communication"},
    "group_service": {"en": "Service"},
    "group_people": {"en": "People"},
    "group_programme": {"en": "Points programme"},
    "group_relationship": {"en": "Win-back"},
    "group_other": {"en": "Other"},
    # How values of levers are written: after the number, and instead of zero
    "unit_money/week": {"en": "a week"},
    "unit_money": {"en": ""},
    "unit_share of price": {"en": "off"},
    "unit_weeks": {"en": "weeks"},
    "unit_points": {"en": "points"},
    "unit_people": {"en": "people"},
    "unit_level": {"en": "of 1"},
    "zero_pricing.promotion_depth": {"en": "none"},
    "zero_pricing.promotion_every": {"en": "never"},
    "zero_programme.points_per_purchase": {"en": "none"},
    "zero_programme.reward_points": {"en": "no rewards"},
    "zero_programme.expiry_weeks": {"en": "never"},
    "zero_service.let_go_loss": {"en": "nobody"},
    # The server
    "ready": {"en": "crmsim is open at {url} (stop it with Ctrl+C)."},
    "preparing": {"en": "Getting the simulator ready …"},
    "port_in_use": {
        "en": "Port {port} is already in use, perhaps by another crmsim. Close that program, or choose another port: "
        "crmsim serve --port {other}."
    },
    "port_refused": {
        "en": "This computer does not let crmsim listen on port {port} ({why}). "
        "Choose another one: crmsim serve --port {other}."
    },
    "no_scenarios": {"en": "No scenario could be read, so there is nothing to show. The faults are:\n{faults}"},
}


def said(key: str, language: str = FALLBACK, /, **values: object) -> str:
    """The text of a key, its {gaps} filled."""
    return label(TEXTS[key], language).format(**values)


def has_text(key: str) -> bool:
    """Whether there is a text of this key."""
    return key in TEXTS


def label(texts: Mapping[str, str], language: str = FALLBACK) -> str:
    """A text from a file in the language asked for, else in English."""
    return texts.get(language) or texts[FALLBACK]
