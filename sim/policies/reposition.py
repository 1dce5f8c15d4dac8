"""Opening a segment: the product adapted to a group it was not made for, and what that does to the image."""

from sim.compiled import rule


@rule
def fit_adapted(fit, stock):
    """How well the product suits the segment to open: adaptation closes a share of the gap to 1.

    fit : [0, 2]   stock : [0, 1]   → at least fit
    Source: Smith (1956), Journal of Marketing 21(1):3-8 (product differentiation for segments); form illustrative.
    Covers: A4, C1
    """
    return fit + (1.0 - fit) * stock if fit < 1.0 else fit


@rule
def image_blurred(image, blur, stock):
    """Image of a firm that is for another group as well: image · (1 − blur · adaptation).

    image, blur, stock : [0, 1]   → [0, 1]
    Source: Loken & John (1993), Journal of Marketing 57(3):71-84 (dilution of brand beliefs); form illustrative.
    Covers: A4
    """
    return image * (1.0 - blur * stock)


@rule
def image_of_responsible(image, from_responsibility, responsibility):
    """Image of a firm that is known to act responsibly: a share of what is missing.

    image, from_responsibility, responsibility : [0, 1]   → [0, 1]
    Source: Brown & Dacin (1997), Journal of Marketing 61(1):68-84 (corporate associations); form illustrative.
    Covers: B7, D5
    """
    return image + (1.0 - image) * from_responsibility * responsibility
