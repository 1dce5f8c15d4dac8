"""Phase 4. Trust: dialogue, promises kept or broken, what friends say, what friends pay."""

from sim.compiled import rule


@rule
def trust_from_dialogue(trust, dialogue, communication):
    """Trust after a week of two-way communication: trust + dialogue · communication · (1 − trust).

    trust, communication : [0, 1]   dialogue : share per week, [0, 1]   → [0, 1]
    Source: Morgan & Hunt (1994), Journal of Marketing 58(3):20-38 (communication builds trust).
    Covers: B1, E4
    """
    return trust + dialogue * communication * (1.0 - trust)


@rule
def trust_after_promise(trust, surprise, tolerance, kept, broken):
    """Trust after an experience: a kept promise earns a share of what is missing, a broken one cuts a share.

    trust : [0, 1]   surprise : perceived − expected, [−1, 1]   tolerance : shortfall still counted as kept, [0, 1]
    kept : [0, 1]   broken : share lost per unit of shortfall, ≥ 0   → [0, 1]
    Source: Slovic (1993), Risk Analysis 13(6):675-682 (trust is easier to lose than to gain).
    Covers: B7, E4, E6
    """
    earned = trust + kept * (1.0 - trust)
    cut = trust * (1.0 - min(1.0, broken * -surprise))
    return earned if surprise >= -tolerance else cut


@rule
def trust_after_talk(trust, good, bad, praise, blame):
    """Trust after hearing friends: each praise closes a share of the gap to 1, each complaint takes a share away.

    trust : [0, 1]   good, bad : messages, counts   praise, blame : shares per message, [0, 1]   → [0, 1]
    Source: East, Hammond & Lomax (2008), International Journal of Research in Marketing 25(3):215-224 (room to move).
    Covers: B6, E10
    """
    praised = trust + (1.0 - trust) * (1.0 - (1.0 - praise) ** good)
    return praised * (1.0 - blame) ** bad


@rule
def trust_after_comparing(trust, unfair, peers, others, own):
    """Trust after comparing personal prices with friends: a share is lost for every discount that others alone get.

    trust, peers : share of friends who are customers too, [0, 1]   unfair : per share of price, ≥ 0
    others, own : discounts, share of price   → [0, 1]
    Source: Xia, Monroe & Cox (2004), Journal of Marketing 68(4):1-15 (price unfairness); form illustrative.
    Covers: C6
    """
    return trust * (1.0 - min(1.0, unfair * peers * max(0.0, others - own)))
