"""How columns of all customers are stored: in blocks, which the compiled phases go through; and how Python reads them.

A block holds BLOCK customers: a column of each trait or state after the other, side by side in memory. The phases write
`relation.trust[k]` for customer k of a block, so that the compiler can work on several customers at once. For Python
`column`, `records` and `record` copy out whole columns, all customers and one customer.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Customers walked through the phases together: enough to forget what calling a phase costs. No life depends on it.
BLOCK = 1024


@dataclass(frozen=True)
class Column:
    """One column: what it holds, how it is stored, where it starts."""

    name: str
    dtype: str
    start: float
    unit: str
    meaning: str


def layout_of(columns: tuple[Column, ...], *length: int) -> np.dtype[np.void]:
    """Records with a place for each column, or for so many customers' cells of it."""
    return np.dtype([(c.name, c.dtype, length) for c in columns], align=True)


def blocks_of(columns: tuple[Column, ...], customers: int, *firms: int) -> NDArray[Any]:
    """Blocks with room for so many customers, at the columns' starts: records (blocks,) or (blocks, firms)."""
    made = np.zeros((-(-customers // BLOCK), *firms), layout_of(columns, BLOCK))
    for c in columns:
        if c.start:
            made[c.name] = c.start
    return made


def column(blocks: NDArray[Any], name: str, customers: int) -> NDArray[Any]:
    """A copy of one column of the first so many customers: (customers,), or (customers, firms) of relations."""
    return np.moveaxis(blocks[name], -1, 1).reshape(-1, *blocks.shape[1:])[:customers].copy()


def put(blocks: NDArray[Any], name: str, values: NDArray[Any] | float) -> None:
    """Write a column: (customers,), or (customers, firms) of relations; or one value for all."""
    if np.ndim(values) == 0:
        blocks[name] = values
        return
    customers, padded = len(np.asarray(values)), np.moveaxis(blocks[name], -1, 1)
    whole = padded.reshape(-1, *blocks.shape[1:])  # a copy where firms stand between
    whole[:customers] = values
    padded[...] = whole.reshape(padded.shape)


def records(blocks: NDArray[Any], customers: int) -> NDArray[Any]:
    """A copy of all columns as records, which is how Python reads best: (customers,), or (customers, firms)."""
    made = np.zeros((customers, *blocks.shape[1:]), _cells(blocks.dtype)[0])
    for name in made.dtype.names or ():
        made[name] = column(blocks, name, customers)
    return made


def record(blocks: NDArray[Any], customer: int) -> Any:
    """A copy of one customer: a record, or records (firms,) of relations."""
    block, k = divmod(customer, BLOCK)
    layout, there, here, width = _cells(blocks.dtype)
    made = np.zeros(blocks.shape[1:], layout)
    bytes_of_block = blocks[block : block + 1].view(np.uint8).reshape(-1, blocks.dtype.itemsize)
    made.reshape(-1).view(np.uint8).reshape(-1, layout.itemsize)[:, here] = bytes_of_block[:, there + k * width]
    return made[()]


@functools.cache
def _cells(block: np.dtype[np.void]) -> tuple[np.dtype[np.void], NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """The layout of one customer's record; for each of its bytes where it stands for a block's first customer, where in
    the record, and how far apart it is from customer to customer."""
    fields = [(name, block.fields[name][1], block[name].base) for name in block.names or ()]  # type: ignore[index]
    layout = np.dtype([(name, dtype) for name, _, dtype in fields], align=True)
    steps = [np.arange(dtype.itemsize) for _, _, dtype in fields]
    there = np.concatenate([offset + step for (_, offset, _), step in zip(fields, steps, strict=True)])
    here = np.concatenate([layout.fields[name][1] + step for (name, _, _), step in zip(fields, steps, strict=True)])  # type: ignore[index]
    width = np.concatenate([np.full(dtype.itemsize, dtype.itemsize) for _, _, dtype in fields])
    return layout, there, here, width


def alone(record: Any) -> Any:
    """A record as a block of one customer, k = 0, as compiled functions take it: the same memory, no copy."""
    return record.view(_of_one(record.dtype))


@functools.cache
def _of_one(layout: np.dtype[np.void]) -> np.dtype[np.void]:
    return np.dtype([(name, layout[name], (1,)) for name in layout.names or ()], align=True)
