"""Phase 5. Choice: customers take the greatest delivered value among the firms they know, trust and can reach."""

from sim.compiled import rule


@rule
def value_seen(level, halo, satisfaction, has_bought):
    """A firm's level as a customer sees it: own experience colours it by halo · (satisfaction − ½).

    level, satisfaction : [0, 1]   halo : ≥ 0   has_bought : only buyers have experience   → [0, 1]
    Source: Beckwith & Lehmann (1975), Journal of Marketing Research 12(3):265-275 (halo effect).
    Covers: B2, D13, E6, E11
    """
    coloured = min(1.0, max(0.0, level + halo * (satisfaction - 0.5)))
    return coloured if has_bought else level


@rule
def money_cost(price, reward, reference_price):
    """What a purchase costs in reference prices, after a reward that is due: (price − reward)/reference.

    price, reward : money, ≥ 0   reference_price : money, > 0   → reference prices
    Source: Kotler & Keller, Marketing Management (customer delivered value: monetary cost).
    Covers: B1, B2, D13, D15
    """
    return (price - reward) / reference_price


@rule
def time_cost(place, wait_share):
    """Time a purchase costs: half for getting there, half for waiting.

    place : ease of reaching the firm, [0, 1]   wait_share : wait over the longest wait, [0, 1]   → [0, 1]
    Source: Kotler & Keller, Marketing Management (customer delivered value: time cost); halves illustrative.
    Covers: B1, B2, D11, E8
    """
    return 0.5 * (1.0 - place) + 0.5 * wait_share


@rule
def energy_cost(convenience, relief, knowledge):
    """Effort a purchase costs: less where the firm is convenient, and less again where it knows the customer.

    convenience, knowledge : [0, 1]   relief : share saved by full knowledge, [0, 1]   → [0, 1]
    Source: Pine, Peppers & Rogers (1995), Harvard Business Review 73(2):103-114 (learning relationship).
    Covers: B1, B2, C7, E8
    """
    return (1.0 - convenience) * (1.0 - relief * knowledge)


@rule
def mental_cost(trust):
    """Worry a purchase costs: perceived risk, 1 − trust.

    trust : [0, 1]   → [0, 1]
    Source: Bauer (1960), Consumer behavior as risk taking (perceived risk); linear form illustrative.
    Covers: B2, D13, E4
    """
    return 1.0 - trust


@rule
def pull_of_deal(deal_proneness, deal_pull, deal):
    """Utility of a bargain beyond the money saved: proneness · pull · discount.

    deal_proneness : [0, 1]   deal_pull : utility   deal : discount as share of price, [0, 1]   → utility
    Source: Thaler (1985), Marketing Science 4(3):199-214 (transaction utility).
    Covers: D4, D14, E8
    """
    return deal_proneness * deal_pull * deal


@rule
def switching_cost(habit, knowledge, commitment, stake, habit_pull, knowledge_pull, commitment_pull, points_pull):
    """What a customer would give up by going elsewhere: habit, being known, attachment, points at stake.

    habit, knowledge, commitment : [0, 1]   stake : reward at stake, reference prices   pulls : utility   → utility
    Source: Burnham, Frels & Mahajan (2003), JAMS 31(2):109-126 (kinds of switching cost).
    Covers: C7, D9, E3, E6, E9
    """
    return habit_pull * habit + knowledge_pull * knowledge + commitment_pull * commitment + points_pull * stake


@rule
def salience(salience_pull, awareness):
    """How much easier a firm comes to mind the better it is remembered: pull · awareness.

    salience_pull : utility, ≥ 0   awareness : [0, 1]   → utility
    Source: Ehrenberg (1974), Journal of Advertising Research 14(2):25-34; Romaniuk & Sharp (2004), Marketing
    Theory 4(4):327-342 (mental availability); linear form illustrative.
    Covers: A1, D13, E4
    """
    return salience_pull * awareness


@rule
def delivered_value(values, costs, deal, switching, salience, taste):
    """Customer delivered value, the utility of choice: values − costs + deal + switching cost + salience + taste.

    All in utility.
    Source: Kotler & Keller, Marketing Management (delivered value); McFadden (1974), Conditional logit
    analysis of qualitative choice behavior (random utility).
    Covers: B2, B4, D4, D9, D12, E11
    """
    return values - costs + deal + switching + salience + taste
