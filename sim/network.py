"""Who knows whom: the social network as compressed neighbour lists.

Small world: Watts & Strogatz (1998), Nature 393:440-442. Scale free: Barabási & Albert (1999), Science 286:509-512.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim import chance
from sim.compiled import making_arrays
from sim.plan import Network


class Ties(NamedTuple):
    """Neighbour lists: the ties of customer i are `ends[offsets[i]:offsets[i + 1]]`, in the order they were made."""

    offsets: NDArray[np.int64]  # (customers + 1,)
    ends: NDArray[np.int32]  # (2 · edges,)


def build(network: Network, market_size: int, customers: int, seed: int) -> Ties:
    """Tie the first `market_size` of `customers`; the others know nobody.

    A double tie counts twice. Raises ValueError for an unknown kind or an odd degree.
    """
    half = network.degree // 2
    if network.degree % 2:
        raise ValueError(f"The network's degree is {network.degree}, but it must be even.")
    if market_size < 2 or half == 0:
        return Ties(np.zeros(customers + 1, np.int64), np.zeros(0, np.int32))
    if network.kind == "small_world":
        left, right = _small_world(market_size, half, network.rewiring, seed)
    elif network.kind == "scale_free":
        left, right = _scale_free(market_size, half, seed)
    else:
        raise ValueError(f"The network is '{network.kind}', but it must be small_world or scale_free.")
    offsets = np.zeros(customers + 1, np.int64)
    offsets[1:] = np.cumsum(np.bincount(left, minlength=customers) + np.bincount(right, minlength=customers))
    return Ties(offsets, _fill(left, right, offsets))


@making_arrays
def _small_world(size, half, rewiring, seed):
    left = np.empty(size * half, np.int32)
    right = np.empty(size * half, np.int32)
    edge = 0
    for i in range(size):
        for j in range(1, half + 1):
            end = (i + j) % size
            if chance.uniform(seed, chance.NETWORK, 0, i, 2 * j) < rewiring:
                other = int(chance.uniform(seed, chance.NETWORK, 0, i, 2 * j + 1) * size)
                if other != i:
                    end = other
            if end == i:  # a ring smaller than its reach
                continue
            left[edge] = i
            right[edge] = end
            edge += 1
    return left[:edge], right[:edge]


@making_arrays
def _scale_free(size, half, seed):
    ends = np.zeros(2 * size * half + 1, np.int32)
    left = np.empty(size * half, np.int32)
    right = np.empty(size * half, np.int32)
    length, edge = 1, 0
    for i in range(1, size):
        first = edge
        for k in range(min(half, i)):
            left[edge] = i
            right[edge] = ends[int(chance.uniform(seed, chance.NETWORK, 0, i, k) * length)]
            edge += 1
        for e in range(first, edge):
            ends[length] = right[e]
            ends[length + 1] = i
            length += 2
    return left[:edge], right[:edge]


@making_arrays
def _fill(left, right, offsets):
    ends = np.empty(offsets[-1], np.int32)
    filled = offsets.copy()
    for e in range(left.size):
        ends[filled[left[e]]] = right[e]
        filled[left[e]] += 1
        ends[filled[right[e]]] = left[e]
        filled[right[e]] += 1
    return ends
