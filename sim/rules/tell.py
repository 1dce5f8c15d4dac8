"""Phase 9. Telling: silence between two thresholds, growing talk beyond them."""

from sim.compiled import rule
from sim.elementary import power


@rule
def rate_of_praise(satisfaction, commitment, praise_above, praise_rate, curve, ambassador):
    """Chance of praising the firm to one friend this week: zero up to the threshold, then growing with a power.

    satisfaction, commitment : [0, 1]   praise_above : < 1   praise_rate : at full satisfaction, [0, 1]   curve : > 0
    ambassador : how much more the fully committed praise, ≥ 0   → [0, 1]
    Source: Anderson (1998), Journal of Service Research 1(1):5-17 (asymmetric U); thresholds illustrative.
    Covers: B6, E4, E6
    """
    if satisfaction < praise_above:
        return 0.0
    beyond = (satisfaction - praise_above) / (1.0 - praise_above)
    return min(1.0, praise_rate * power(beyond, curve) * (1.0 + ambassador * commitment))


@rule
def voice(community_pull, community, referral_pull, referral_worth):
    """How much more those who praise are heard: a community to speak in, a reward for bringing friends.

    community : stock, [0, 1]   referral_worth : rewards that a referral is worth, [0, 1]   pulls : ≥ 0   → ≥ 1
    Source: Schmitt, Skiera & Van den Bulte (2011), Journal of Marketing 75(1):46-59 (referral); form illustrative.
    Covers: B6, E13
    """
    return (1.0 + community_pull * community) * (1.0 + referral_pull * referral_worth)


@rule
def rate_of_blame(satisfaction, blame_below, blame_rate, curve):
    """Chance of complaining of the firm to one friend this week: zero down to the threshold, then growing with a power.

    satisfaction : [0, 1]   blame_below : > 0   blame_rate : at zero satisfaction, [0, 1]   curve : > 0   → [0, 1]
    Source: Anderson (1998), Journal of Service Research 1(1):5-17 (asymmetric U); thresholds illustrative.
    Covers: B6, E10
    """
    if satisfaction > blame_below:
        return 0.0
    return min(1.0, blame_rate * power((blame_below - satisfaction) / blame_below, curve))


@rule
def answer_to_recommend(satisfaction, commitment, recommend_floor, recommend_commitment):
    """Answer to "how likely are you to recommend us", 0 to 10: 9 and 10 promote, 0 to 6 detract.

    satisfaction, commitment : [0, 1]   recommend_floor : answer at nothing, as a share of 10, [0, 1]
    recommend_commitment : weight of commitment, [0, 1]   → whole number 0 to 10
    Source: Reichheld (2003), Harvard Business Review 81(12):46-54 (the scale); mapping illustrative.
    Covers: E5, E6
    """
    liking = (1.0 - recommend_commitment) * satisfaction + recommend_commitment * commitment
    return int(10.0 * (recommend_floor + (1.0 - recommend_floor) * liking) + 0.5)
