"""Money into effect: diminishing returns, slow building, and the level a customer meets."""

from sim.compiled import rule


@rule
def response(intensity, half, power):
    """Long-run effect of spending, with diminishing returns (ADBUDG): x^c/(half^c + x^c).

    intensity : spending as a share of the market's weekly turnover, ≥ 0   half : intensity of half effect, > 0
    power : 1 concave, above 1 S-shaped   → [0, 1]
    Source: Little (1970), Management Science 16(8):B466-B485.
    Covers: B1, D5, D6, D16
    """
    if intensity <= 0.0:
        return 0.0
    return intensity**power / (half**power + intensity**power)


@rule
def built(stock, effect, build):
    """A stock after a week: it moves a share of the way to the long-run effect of today's spending, up or down.

    stock, effect : [0, 1]   build : share per week, [0, 1]   → [0, 1]
    Source: Nerlove & Arrow (1962), Economica 29(114):129-142 (goodwill).
    Covers: D5, D16
    """
    return stock + build * (effect - stock)


@rule
def level(base, stock):
    """What customers meet: the firm's base plus what spending has added to the rest: base + (1 − base) · stock.

    base, stock : [0, 1]   → [0, 1]
    Source: illustrative.
    Covers: B1, B2
    """
    return base + (1.0 - base) * stock
