"""Whether a customer sleeps: silence against their own rhythm, or no contract."""

from __future__ import annotations

from sim.compiled import compiled
from sim.rules import leave as leaving
from sim.rules import stage as stages


@compiled
def interval_of(relation, k, need_interval):
    """A customer's own weeks between purchases with a firm; of a stranger nothing that means anything."""
    return leaving.rhythm(
        float(relation.first_purchase[k]),
        float(relation.last_purchase[k]),
        float(max(1, relation.purchases[k])),
        need_interval,
    )


@compiled
def is_silent(relation, k, need_interval, week, after):
    """Whether a customer has been silent for more than `after` of their own buying intervals."""
    silence = week - max(relation.last_purchase[k], relation.week_of_turn[k])
    return stages.is_silent(float(silence), after, interval_of(relation, k, need_interval))


@compiled
def is_dormant(customer, relation, k, need_interval, f, week, is_contract, after):
    """Whether a buyer of firm f who is not lost sleeps: no contract, or silent for more than `after` intervals."""
    if is_contract:
        return customer.contract_firm[k] != f
    return is_silent(relation, k, need_interval, week, after)
