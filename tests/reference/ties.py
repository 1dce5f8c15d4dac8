"""Who knows whom: section 1 of the page, 'The network'."""

from __future__ import annotations

from math import floor

from sim import chance
from sim.plan import Plan


def make_ties(plan: Plan) -> list[list[int]]:
    """The other ends of each customer's ties, in the order in which the ties were made."""
    n, degree = plan.market_size, plan.network.degree
    ties: list[list[int]] = [[] for _ in range(n)]
    if n < 2 or degree == 0:
        return ties
    if plan.network.kind == "small_world":
        edges = small_world(plan)
    elif plan.network.kind == "scale_free":
        edges = scale_free(plan)
    else:
        raise ValueError(f"The page knows no network of kind {plan.network.kind!r}.")
    for a, b in edges:
        ties[a].append(b)
        ties[b].append(a)
    return ties


def small_world(plan: Plan) -> list[tuple[int, int]]:
    """A ring in which some edges are rewired to anybody (Watts & Strogatz 1998)."""
    n = plan.market_size
    edges = []
    for i in range(n):
        for j in range(1, plan.network.degree // 2 + 1):
            end = (i + j) % n
            if chance.uniform(plan.seed, chance.NETWORK, 0, i, 2 * j) < plan.network.rewiring:
                anybody = floor(chance.uniform(plan.seed, chance.NETWORK, 0, i, 2 * j + 1) * n)
                if anybody != i:
                    end = anybody
            if end != i:
                edges.append((i, end))
    return edges


def scale_free(plan: Plan) -> list[tuple[int, int]]:
    """Newcomers tie themselves to those who have many ties already (Barabási & Albert 1999)."""
    m = plan.network.degree // 2
    edges = []
    ends = [0]
    for i in range(1, plan.market_size):
        length = len(ends)
        targets = []
        for k in range(min(m, i)):
            targets.append(ends[floor(chance.uniform(plan.seed, chance.NETWORK, 0, i, k) * length)])
        for target in targets:
            edges.append((i, target))
            ends.append(target)
            ends.append(i)
    return edges
