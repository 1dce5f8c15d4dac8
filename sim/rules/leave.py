"""Phase 10. Staying, sleeping, leaving for a reason, coming back."""

from sim.compiled import rule

PUSHED_ON_PURPOSE, NEEDS_UNMET, BETTER_VALUE, LOWER_PRICE, MOVED_AWAY = 1, 2, 3, 4, 5


@rule
def rhythm(first_purchase, last_purchase, purchases, need_rate):
    """A customer's own weeks between purchases with a firm; the need rate stands in for the interval not yet seen.

    first_purchase, last_purchase : weeks   purchases : ≥ 1   need_rate : per week, > 0   → weeks
    Source: interpurchase time as in Schmittlein, Morrison & Colombo (1987), Management Science 33(1):1-24 (idea).
    """
    return (last_purchase - first_purchase + 1.0 / need_rate) / purchases


@rule
def reason_for_leaving(satisfaction, unmet_below, is_rival, own_value, rival_value, price_part):
    """Why a customer left, by asking what would have kept them: 2 needs unmet, 3 better value, 4 lower price.

    satisfaction, unmet_below : [0, 1]   is_rival : whether the best alternative is a firm, not going without
    own_value, rival_value : delivered value, utility   price_part : what equal prices would have added, utility
    → 2, 3 or 4
    Source: the five reasons of CRM teaching; Keaveney (1995), Journal of Marketing 59(2):71-82 (switching incidents).
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
    """
    if reason == NEEDS_UNMET:
        return return_unmet
    if reason == BETTER_VALUE:
        return return_value
    if reason == LOWER_PRICE:
        return return_price
    return 0.0


@rule
def chance_of_return(willingness, return_rate, reach, winback):
    """Weekly chance that a lost customer comes back: (unasked + reach · win-back effort) · willingness.

    willingness, winback : [0, 1]   return_rate, reach : per week, [0, 1]   → [0, 1]
    Source: Stauss & Friege (1999), Journal of Service Research 1(4):347-361 (regain management); form illustrative.
    """
    return min(1.0, (return_rate + reach * winback) * willingness)
