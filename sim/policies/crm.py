"""CRM as an investment: a system is worth what trained people do with it."""

from sim.compiled import rule


@rule
def capability(system, people):
    """CRM capability: system · people; either alone is worth nothing.

    system, people : stocks, [0, 1]   → [0, 1]
    Source: Reinartz, Krafft & Hoyer (2004), Journal of Marketing Research 41(3):293-305 (system alone does not pay).
    Covers: B10, D16
    """
    return system * people


@rule
def minutes_needed(handling_minutes, saving, able):
    """Minutes an agent needs for a contact when the record is at hand: minutes · (1 − saving · capability).

    handling_minutes : minutes   saving, able : [0, 1]   → minutes
    Source: illustrative.
    Covers: D11, D16
    """
    return handling_minutes * (1.0 - saving * able)
