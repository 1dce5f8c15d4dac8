"""Resellers: how many carry the product for the margin they are left."""

from sim.compiled import rule


@rule
def listing(margin, listing_half):
    """Share of resellers who carry the product: margin/(margin + half).

    margin : share of price left to them, [0, 1]   listing_half : margin that wins half of them, > 0   → [0, 1]
    Source: Coughlan et al., Marketing Channels (margin buys distribution); form illustrative.
    Covers: D1, E7
    """
    return margin / (margin + listing_half)
