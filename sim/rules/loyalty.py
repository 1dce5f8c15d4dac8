"""Kinds of loyalty and phases of a relationship: read off a customer's state, never stored beside it."""

from sim.compiled import rule

KINDS = ("none", "impulse", "affective", "cognitive", "behavioural")
PHASES = ("exploration", "formation", "stability", "decline")
NONE, IMPULSE, AFFECTIVE, COGNITIVE, BEHAVIOURAL = range(5)
EXPLORATION, FORMATION, STABILITY, DECLINE = range(4)


@rule
def kind_of_loyalty(purchases, bargains, commitment, trust, knowledge, habit, trial, least):
    """What keeps a customer: bargains, liking, what both sides know, or habit; the strongest, if strong enough.

    purchases, bargains : counts   commitment, trust, knowledge, habit, least : [0, 1]   trial : purchases, ≥ 1
    → index in KINDS
    Source: Oliver (1999), Journal of Marketing 63:33-44 (kinds of loyalty); Dick & Basu (1994), JAMS 22(2):99-113.
    Covers: E3
    """
    if purchases < trial:
        return NONE
    kind, strongest = IMPULSE, bargains / purchases
    if commitment > strongest:
        kind, strongest = AFFECTIVE, commitment
    if (trust + knowledge) / 2.0 > strongest:
        kind, strongest = COGNITIVE, (trust + knowledge) / 2.0
    if habit > strongest:
        kind, strongest = BEHAVIOURAL, habit
    return kind if strongest >= least else NONE


@rule
def relationship_phase(purchases, tenure, interval, rhythm, is_gone, trial, stable_after, slowing):
    """Phase of a relationship from the trend of the trade: exploration, formation, stability or decline.

    purchases : ≥ 1   tenure, interval, rhythm : weeks   is_gone : lost or dormant   trial : purchases
    stable_after : weeks   slowing : how many times the usual interval is too long   → index in PHASES
    Source: Dwyer, Schurr & Oh (1987), Journal of Marketing 51(2):11-27 (phases of relationships).
    Covers: B5, D7
    """
    if is_gone or interval > slowing * max(1.0, rhythm):
        return DECLINE
    if purchases < trial:
        return EXPLORATION
    return STABILITY if tenure >= stable_after else FORMATION
