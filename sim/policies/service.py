"""The service desk: how long customers wait when it is busy."""

from math import sqrt

from sim.compiled import rule


@rule
def waiting_minutes(contacts, agents, handling_minutes, agent_minutes, longest_wait):
    """Mean wait at a desk of several agents: Sakasegawa's approximation of the M/M/c queue, capped.

    contacts : last week's, count   agents : ≥ 0, fractions are part-time staff   handling_minutes : per contact
    agent_minutes : worked per agent and week   longest_wait : minutes after which customers hang up   → minutes
    Source: Sakasegawa (1977), Annals of the Institute of Statistical Mathematics 29(1):67-75.
    Covers: D11
    """
    if contacts <= 0.0:
        return 0.0
    if agents <= 0.0:
        return longest_wait
    load = contacts * handling_minutes / (agents * agent_minutes)
    if load >= 1.0:
        return longest_wait
    wait = handling_minutes * load ** (sqrt(2.0 * (agents + 1.0)) - 1.0) / (agents * (1.0 - load))
    return min(longest_wait, wait)


@rule
def contacts_at_desk(contacts, self_service, self_solved):
    """Contacts that reach an agent: those sent to self-service and solved there do not.

    contacts : count   self_service, self_solved : shares, [0, 1]   → count
    Source: definition; Meuter et al. (2000), Journal of Marketing 64(3):50-64 (self-service).
    Covers: D11
    """
    return contacts * (1.0 - self_service * self_solved)
