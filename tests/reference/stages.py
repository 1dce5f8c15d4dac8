"""Where a customer stands with a firm: section 3 of the page."""

from __future__ import annotations

from types import SimpleNamespace

from .relation import Relation


def stage_of(relation: Relation, is_dormant: bool, stage: SimpleNamespace) -> str:
    """The stage a customer has reached with a firm: the first of section 3 that applies."""
    if relation.reason != 0:
        return "lost"
    if relation.purchases == 0:
        if relation.awareness < stage.aware_at:
            return "unaware"
        if relation.trust < stage.trusting_at:
            return "aware"
        return "trusting"
    if is_dormant:
        return "dormant"
    if relation.commitment >= stage.loyal_at:
        return "advocate" if relation.satisfaction >= stage.advocate_at else "loyal"
    if relation.satisfaction >= stage.satisfied_at:
        return "satisfied"
    return "buyer"


def kind_of_loyalty(relation: Relation, is_dormant: bool, loyalty: SimpleNamespace) -> str:
    """What binds an active customer of some purchases most: impulse, affective, cognitive, behavioural, or none."""
    if relation.reason != 0 or is_dormant or relation.purchases < max(1, loyalty.trial):
        return "none"
    strength = {
        "impulse": relation.bargains / relation.purchases,
        "affective": relation.commitment,
        "cognitive": (relation.trust + relation.knowledge) / 2.0,
        "behavioural": relation.habit,
    }
    kind = max(strength, key=strength.__getitem__)  # the first named of equals
    return kind if strength[kind] >= loyalty.least else "none"


def phase_of_relationship(
    relation: Relation, is_dormant: bool, week: int, need_rate: float, loyalty: SimpleNamespace
) -> str:
    """The phase of a buyer's relationship; "none" before the first purchase."""
    if relation.purchases == 0:
        return "none"
    usual = max(1.0, relation.rhythm(need_rate))
    if relation.reason != 0 or is_dormant or relation.interval > loyalty.slowing * usual:
        return "decline"
    if relation.purchases < loyalty.trial:
        return "exploration"
    if week - relation.first_purchase >= loyalty.stable_after:
        return "stability"
    return "formation"
