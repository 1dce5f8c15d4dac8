"""START HERE. The week, as one ordered list; and the compiled loop that walks through it."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sim import act, aftermath, chance, week
from sim.compiled import compiled
from sim.world import BLOCK


@dataclass(frozen=True)
class Phase:
    """One phase of the week: what it is called, which compiled functions carry it out, whose ideas it covers."""

    name: str
    question: str
    steps: tuple[Callable[..., Any], ...]
    rules: tuple[str, ...]
    covers: tuple[str, ...]

    @property
    def reads(self) -> tuple[str, ...]:
        """Columns of customers and firms that the phase looks at, read from its code."""
        return self._touched(is_written=False)

    @property
    def writes(self) -> tuple[str, ...]:
        """Columns of customers and firms that the phase changes, read from its code."""
        return self._touched(is_written=True)

    @property
    def draws(self) -> tuple[str, ...]:
        """Purposes of chance the phase draws for, read from its code."""
        names = {n.id for n in self._nodes() if isinstance(n, ast.Name)}
        return tuple(p for p in chance.PURPOSES if p in names)

    def _nodes(self) -> list[ast.AST]:
        trees = [ast.parse(inspect.getsource(getattr(step, "py_func", step))) for step in self.steps]
        return [node for tree in trees for node in ast.walk(tree)]

    def _touched(self, is_written: bool) -> tuple[str, ...]:
        names = {
            (node.value.id, node.attr)
            for node in self._nodes()
            if isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and isinstance(node.ctx, ast.Store) is is_written
        }
        return tuple(sorted(f"{owner}.{name}" for owner, name in names if owner in _RECORDS))


_RECORDS = ("customer", "relation", "firm", "news", "tally")  # what phases call the records they hold


SCHEDULE: tuple[Phase, ...] = (
    Phase("events", "What happens to the market this week?", (act.events,), (), ("D15",)),
    Phase("act", "What do the firms do?", (act.act,), ("spending", "pricing", "service"), ("B1", "D6", "D16")),
    Phase("hear", "Who hears of a firm?", (week.hear,), ("hear",), ("A1", "E4")),
    Phase("trust", "Whom do customers trust?", (week.trust,), ("trust",), ("E4", "E6")),
    Phase(
        "choose", "Who needs something, and whose offer do they take?",
        (week.need, week.choose, week.worth, week.is_considered), ("choose", "programme"), ("B2", "C7", "D13"),
    ),
    Phase("experience", "What did they get?", (week.experience, week.quality_met),
          ("experience",), ("D11", "E10", "E12")),
    Phase("judge", "Was it what they expected?", (week.judge,), ("judge",), ("B7", "E14")),
    Phase("bond", "Does a bond form?", (week.bond, week.fade), ("bond", "programme"), ("E3", "E6")),
    Phase("tell", "Do they tell their friends?", (aftermath.tell,), ("tell",), ("B6",)),
    Phase("leave", "Do they stay, sleep, leave or come back?",
          (aftermath.leave, aftermath.come_back, aftermath.why_left), ("leave", "stage"), ("A2", "A3", "B9")),
    Phase("account", "What did it earn and cost?", (aftermath.account, aftermath.post_sales, act.close),
          ("stage", "programme"), ("B3",)),
)  # fmt: skip


@compiled
def advance(world, first_week, last_week):
    """Walk the world through weeks first_week … last_week − 1, block of customers by block."""
    customers = world.customers.size
    for w in range(first_week, last_week):
        act.events(world, w)
        act.act(world, w)
        for first in range(0, customers, BLOCK):
            last = min(first + BLOCK, customers)
            week.hear(world, w, first, last)
            week.trust(world, w, first, last)
            shoppers = week.need(world, w, first, last)
            occasion = 0
            while shoppers > 0:
                week.choose(world, w, first, shoppers, occasion)
                week.experience(world, w, first, shoppers, occasion)
                week.judge(world, w, first, shoppers)
                week.bond(world, w, first, shoppers)
                occasion += 1
                shoppers = week.still_in_need(world, first, shoppers, occasion)
            week.fade(world, w, first, last)
            aftermath.tell(world, w, first, last)
            aftermath.leave(world, w, first, last)
            aftermath.post_sales(world, w)
            aftermath.account(world, w, first, last)
        act.close(world, w)
