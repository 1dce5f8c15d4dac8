"""The range: a second product and a better version for those who already are customers."""

from sim.compiled import rule


@rule
def chance_of_add_on(appeal, commitment, knowledge):
    """Chance that a customer also takes the add-on: appeal · mean of commitment and being known.

    all : [0, 1]   → [0, 1]
    Source: Verhoef, Franses & Hoekstra (2001), Journal of Consumer Marketing 18(2):152-166 (cross-buying); form own.
    Covers: B8
    """
    return appeal * (commitment + knowledge) / 2.0


@rule
def chance_of_upgrade(appeal, commitment, satisfaction):
    """Chance that a customer takes the better version: appeal · commitment · satisfaction.

    all : [0, 1]   → [0, 1]
    Source: Bolton, Lemon & Verhoef (2008), Journal of Marketing 72(1):46-64 (upgrading); form illustrative.
    Covers: B8
    """
    return appeal * commitment * satisfaction
