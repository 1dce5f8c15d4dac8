"""Where a customer stands with a firm: derived from state, never stored beside it."""

from sim.compiled import rule

STAGES = (
    "lost", "unaware", "aware", "trusting", "dormant", "buyer", "satisfied", "loyal", "advocate",
)  # fmt: skip
LOST, UNAWARE, AWARE, TRUSTING, DORMANT, BUYER, SATISFIED, LOYAL, ADVOCATE = range(9)


@rule
def is_silent(silence, after, rhythm):
    """Whether a customer has been silent longer than `after` of their own buying intervals (of a week at least).

    silence : weeks   after : intervals, > 0   rhythm : weeks   → True or False
    Source: Schmittlein, Morrison & Colombo (1987), Management Science 33(1):1-24 (idea: judge silence by own rhythm).
    Covers: B9, D8
    """
    return silence > after * max(1.0, rhythm)


@rule
def stage_of_stranger(awareness, trust, aware_at, trusting_at):
    """Stage of someone who has never bought: unaware, aware or trusting.

    awareness, trust, aware_at, trusting_at : [0, 1]   → index in STAGES
    Source: Lavidge & Steiner (1961), Journal of Marketing 25(6):59-62 (hierarchy of effects).
    Covers: D3, E2, E4
    """
    if awareness < aware_at:
        return UNAWARE
    return AWARE if trust < trusting_at else TRUSTING


@rule
def stage_of_buyer(satisfaction, commitment, satisfied_at, loyal_at, advocate_at):
    """Stage of an active buyer: buyer, satisfied, loyal or advocate.

    satisfaction, commitment : [0, 1]   thresholds : [0, 1]   → index in STAGES
    Source: Oliver (1999), Journal of Marketing 63:33-44 (from satisfaction to loyalty); thresholds illustrative.
    Covers: B5, D3, E2, E4
    """
    if commitment >= loyal_at:
        return ADVOCATE if satisfaction >= advocate_at else LOYAL
    return SATISFIED if satisfaction >= satisfied_at else BUYER
