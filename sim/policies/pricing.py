"""List price and promotion weeks."""

from sim.compiled import rule


@rule
def deal_this_week(week, firm, promotion_depth, promotion_every):
    """The discount this week: `promotion_depth` in every `promotion_every`-th week, firms taking turns; else 0.

    week, firm : counts   promotion_depth : share of price, [0, 1]   promotion_every : weeks, 0 for never
    → share of price
    Source: illustrative (high-low pricing).
    Covers: B1, E8
    """
    if promotion_every < 1.0 or (week + firm) % int(promotion_every) != 0:
        return 0.0
    return promotion_depth


@rule
def price_paid(list_price, deal):
    """Price of a purchase this week: list price · (1 − deal).

    list_price : money   deal : share of price, [0, 1]   → money
    Source: definition.
    Covers: B1, B3, D5, D6
    """
    return list_price * (1.0 - deal)
