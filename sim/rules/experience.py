"""Phase 6. Experience: what was delivered, waiting, failures, complaint or silence, recovery or exit, learning."""

from sim.compiled import rule


@rule
def tailored(quality, tailor, knowledge):
    """Performance when the firm knows the customer: quality + tailor · knowledge · (1 − quality).

    quality, knowledge : [0, 1]   tailor : [0, 1]   → [0, 1]
    Source: Peppers & Rogers (1993), The One to One Future (learning relationship).
    Covers: C6, C7
    """
    return quality + tailor * knowledge * (1.0 - quality)


@rule
def variability_left(variability, steadiness, consistency):
    """Standard deviation of perceived performance once staff are trained: σ · (1 − steadiness · consistency).

    variability : ≥ 0   steadiness, consistency : [0, 1]   → ≥ 0
    Source: Parasuraman, Zeithaml & Berry (1985), Journal of Marketing 49(4):41-50 (heterogeneity of service).
    Covers: E12
    """
    return variability * (1.0 - steadiness * consistency)


@rule
def chance_of_failure(failure_rate, product):
    """Chance that a purchase fails: rate · (1 − product quality).

    failure_rate : [0, 1]   product : [0, 1]   → [0, 1]
    Source: illustrative; failures fall with quality (Deming, Out of the Crisis, 1986).
    Covers: B4, E10
    """
    return failure_rate * (1.0 - product)


@rule
def chance_of_recovery(recovery, wait_share):
    """Chance that a complaint is made good: effort · (1 − wait share); a crowded desk recovers less.

    recovery, wait_share : [0, 1]   → [0, 1]
    Source: Smith, Bolton & Wagner (1999), Journal of Marketing Research 36(3):356-372 (speed matters);
    form illustrative.
    Covers: B4, D11, E10
    """
    return recovery * (1.0 - wait_share)


@rule
def chance_of_exit(exit_rate, forgiveness, commitment, has_complained, voice):
    """Chance of walking out after a failure not made good: rate · (1 − forgiveness) · (1 − commitment), less by voice.

    exit_rate, forgiveness, commitment : [0, 1]   has_complained : who speaks up has not given up yet
    voice : share of the exits that speaking up stands in for, [0, 1]   → [0, 1]
    Source: Hirschman (1970), Exit, Voice, and Loyalty (loyalty holds exit at bay).
    Covers: A3, E6, E10
    """
    going = exit_rate * (1.0 - forgiveness) * (1.0 - commitment)
    return going * (1.0 - voice) if has_complained else going


@rule
def knowledge_gained(knowledge, learn, insight, exchanges, share_learned):
    """The firm's knowledge of the customer after an occasion: each exchange teaches a share of what is unknown.

    knowledge, insight : [0, 1]   learn : share per exchange, [0, 1]   share_learned : by channel and capability, ≥ 0
    exchanges : the purchase and its contacts, ≥ 1   → [0, 1]
    Source: Pine, Peppers & Rogers (1995), Harvard Business Review 73(2):103-114.
    Covers: B10, C2, C7
    """
    return knowledge + (1.0 - knowledge) * min(1.0, learn * insight * exchanges * share_learned)
