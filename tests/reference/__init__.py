"""A second engine, slow and plain, written by another author from `docs/model.md` alone.

The fast engine is held to it, draw for draw.
"""

from .market import ReferenceMarket

__all__ = ["ReferenceMarket"]
