"""Phase 4. Trust: dialogue, promises kept or broken, what friends say."""

from sim.compiled import rule


@rule
def trust_from_dialogue(trust, dialogue, communication):
    """Trust after a week of two-way communication: trust + dialogue · communication · (1 − trust).

    trust, communication : [0, 1]   dialogue : share per week, [0, 1]   → [0, 1]
    Source: Morgan & Hunt (1994), Journal of Marketing 58(3):20-38 (communication builds trust).
    """
    return trust + dialogue * communication * (1.0 - trust)


@rule
def trust_after_promise(trust, surprise, tolerance, kept, broken):
    """Trust after an experience: a kept promise earns a share of what is missing, a broken one cuts a share.

    trust : [0, 1]   surprise : perceived − expected, [−1, 1]   tolerance : shortfall still counted as kept, [0, 1]
    kept : [0, 1]   broken : share lost per unit of shortfall, ≥ 0   → [0, 1]
    Source: Slovic (1993), Risk Analysis 13(6):675-682 (trust is easier to lose than to gain).
    """
    earned = trust + kept * (1.0 - trust)
    cut = trust * (1.0 - min(1.0, broken * -surprise))
    return earned if surprise >= -tolerance else cut


@rule
def trust_after_talk(trust, good, bad, praise, blame):
    """Trust after hearing friends: each praise closes a share of the gap to 1, each complaint takes a share away.

    trust : [0, 1]   good, bad : messages, counts   praise, blame : shares per message, [0, 1]   → [0, 1]
    Source: East, Hammond & Lomax (2008), International Journal of Research in Marketing 25(3):215-224 (room to move).
    """
    praised = trust + (1.0 - trust) * (1.0 - (1.0 - praise) ** good)
    return praised * (1.0 - blame) ** bad
