"""Phase 10. Staying, sleeping, leaving for a reason, coming back."""

from sim.compiled import rule

PUSHED_ON_PURPOSE, NEEDS_UNMET, BETTER_VALUE, LOWER_PRICE, MOVED_AWAY = 1, 2, 3, 4, 5


@rule
def rhythm(first_purchase, last_purchase, purchases, need_interval):
    """A customer's own weeks between purchases with a firm; that between needs stands in for the one not yet seen.

    first_purchase, last_purchase, need_interval : weeks   purchases : ≥ 1   → weeks
    Source: interpurchase time as in Schmittlein, Morrison & Colombo (1987), Management Science 33(1):1-24 (idea).
    Covers: B9, D8
    """
    return (last_purchase - first_purchase + need_interval) / purchases


@rule
def reason_for_leaving(satisfaction, unmet_below, is_rival, own_value, rival_value, price_part):
    """Why a customer left, by asking what would have kept them: 2 needs unmet, 3 better value, 4 lower price.

    satisfaction, unmet_below : [0, 1]   is_rival : whether the best alternative is a firm, not going without
    own_value, rival_value : delivered value, utility   price_part : what equal prices would have added, utility
    → 2, 3 or 4
    Source: the five reasons of CRM teaching; Keaveney (1995), Journal of Marketing 59(2):71-82 (switching incidents).
    Covers: A3, D8
    """
    if satisfaction < unmet_below or not is_rival or own_value >= rival_value:
        return NEEDS_UNMET
    if own_value + price_part >= rival_value:
        return LOWER_PRICE
    return BETTER_VALUE


@rule
def willingness_to_return(reason, return_unmet, return_value, return_price):
    """How willing a lost customer is to come back, by the reason they left; none after 1 and 5.

    reason : 1 to 5   return_unmet, return_value, return_price : [0, 1]   → [0, 1]
    Source: Kumar, Bhagwat & Zhang (2015), Journal of Marketing 79(4):34-55 (order by reason).
    Covers: A2, A3
    """
    if reason == NEEDS_UNMET:
        return return_unmet
    if reason == BETTER_VALUE:
        return return_value
    if reason == LOWER_PRICE:
        return return_price
    return 0.0


@rule
def memory_left(weeks_gone, memory_half_life):
    """How much of the bond is left after leaving: it halves with every half-life.

    weeks_gone : weeks, ≥ 0   memory_half_life : weeks, > 0   → [0, 1]
    Source: Dillard & Bates in Griffin & Lowenstein (2001), Customer Winback (early contact regains more); form own.
    Covers: A2
    """
    return 0.5 ** (weeks_gone / memory_half_life)


@rule
def chance_of_return(willingness, memory, return_rate, is_asked, persuasion, sweetener, offer):
    """Chance that a lost customer comes back this week: (unasked + if asked persuasion, sweetened) · willingness.

    willingness, memory, return_rate, persuasion : [0, 1]   is_asked : by a win-back campaign this week
    sweetener : per share of price, ≥ 0   offer : discount offered, share of price   → [0, 1]
    Source: Stauss & Friege (1999), Journal of Service Research 1(4):347-361 (regain management); form illustrative.
    Covers: A2
    """
    asked = persuasion * (1.0 + sweetener * offer) if is_asked else 0.0
    return min(1.0, (return_rate + asked) * willingness * memory)
