"""Phase 7. Judgement: disconfirmation moves satisfaction, losses more than gains; expectations follow experience."""

from sim.compiled import rule


@rule
def felt_gap(gap, loss_aversion):
    """Disconfirmation as felt: a shortfall counts `loss_aversion` times.

    gap : perceived − expected, [−1, 1]   loss_aversion : ≥ 1   → felt units
    Source: Tversky & Kahneman (1991), Quarterly Journal of Economics 106(4):1039-1061; Anderson & Sullivan (1993).
    Covers: B7
    """
    return gap if gap >= 0.0 else loss_aversion * gap


@rule
def episode_satisfaction(expectation, felt, as_expected, from_expectation, from_gap):
    """Satisfaction with one experience: an anchor in expectation plus the felt gap, kept within [0, 1].

    expectation : [0, 1]   felt : the gap as felt   as_expected : satisfaction when expectations are met, [0, 1]
    from_expectation, from_gap : ≥ 0   → [0, 1]
    Source: Oliver (1980), Journal of Marketing Research 17(4):460-469.
    Covers: B7, E14
    """
    return min(1.0, max(0.0, as_expected + from_expectation * (expectation - 0.5) + from_gap * felt))


@rule
def moved_towards(level, target, speed):
    """A level after it has moved a share of the way to its target: cumulative satisfaction, adaptive expectation.

    level, target : [0, 1]   speed : share, [0, 1]   → [0, 1]
    Source: Helson (1964), Adaptation-Level Theory; Homburg, Koschate & Hoyer (2005), Journal of Marketing 69(2):84-96.
    Covers: B7, E14
    """
    return level + speed * (target - level)
