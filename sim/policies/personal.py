"""Personal prices: a discount for those who are known to love bargains."""

from sim.compiled import rule


@rule
def personal_discount(depth, knowledge, deal_proneness):
    """Discount for one customer: as deep as the firm dares, knows them and they care.

    depth : share of price, [0, 1]   knowledge, deal_proneness : [0, 1]   → share of price
    Source: Shapiro & Varian (1999), Information Rules (personalised pricing); form illustrative.
    Covers: C6
    """
    return depth * knowledge * deal_proneness
