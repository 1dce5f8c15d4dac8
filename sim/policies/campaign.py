"""Campaigns: what the firm's records say of a prospect or a customer, and what a contact does."""

from sim.compiled import rule

ACQUISITION, WINBACK, WAKE, RETENTION = 1, 2, 3, 4
CAMPAIGNS = ("acquisition", "winback", "wake", "retention")
ANYBODY, LISTED, SCORED = 0, 1, 2  # whom an acquisition campaign aims at


@rule
def estimated_value(knowledge, earned, mean):
    """What the firm believes a customer brings in a week: known value as far as it knows them, else the average.

    knowledge : [0, 1]   earned : true contribution, money a week   mean : of all its customers, money a week
    → money a week
    Source: shrinkage of individual estimates; Fader, Hardie & Lee (2005), Marketing Science 24(2):275-284 (idea).
    Covers: B3, C2, C3, C4, D2, E1
    """
    return knowledge * earned + (1.0 - knowledge) * mean


@rule
def estimated_chance(won, tried, base, prior):
    """Chance of winning a prospect, estimated from the firm's own records: (won + prior · base)/(tried + prior).

    won, tried : earlier prospects of the same kind, counts   base : chance over all kinds, [0, 1]
    prior : contacts at which own experience counts as much as the base, > 0   → [0, 1]
    Source: Hughes (1994), Strategic Database Marketing (scoring); empirical Bayes smoothing.
    Covers: A1, C1, D10
    """
    return (won + prior * base) / (tried + prior)


@rule
def second_lifetime_score(value, willingness, memory):
    """How promising a lost customer is: estimated value · willingness by reason · memory left; none below zero.

    value : money a week   willingness, memory : [0, 1]   → money a week, ≥ 0
    Source: Stauss & Friege (1999), Journal of Service Research 1(4):347-361 (second lifetime value).
    Covers: A2, D14
    """
    return max(0.0, value) * willingness * memory


@rule
def trust_introduced(trust, introduction):
    """Trust after a first contact that explains who the firm is: a share of what is missing.

    trust, introduction : [0, 1]   → [0, 1]
    Source: Doney & Cannon (1997), Journal of Marketing 61(2):35-51 (contact builds trust); form illustrative.
    Covers: A1, E9
    """
    return trust + introduction * (1.0 - trust)
