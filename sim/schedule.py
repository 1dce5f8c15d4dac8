"""START HERE. The week, as one ordered list; and the compiled loop that walks through it."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sim import act, aftermath, bonding, books, chance, contact, shopping, week
from sim.compiled import RULES, compiled

# What the phases call the records they hold, by the name of the array these come from.
_RECORDS = {"customers": "customer", "relations": "relation", "firms": "firm", "heard": "news", "tallies": "tally"}


@dataclass(frozen=True)
class Phase:
    """One phase of the week: its name, the question it answers, the compiled functions that carry it out.

    What it reads, writes and draws, and whose rules it calls, is read from its code, so that it cannot be out of date.
    """

    name: str
    question: str
    steps: tuple[Callable[..., Any], ...]
    covers: tuple[str, ...]

    @property
    def reads(self) -> tuple[str, ...]:
        """Columns that the phase looks at, e.g. `relation.trust`."""
        return self._touched(is_written=False)

    @property
    def writes(self) -> tuple[str, ...]:
        """Columns that the phase changes, e.g. `relation.trust`."""
        return self._touched(is_written=True)

    @property
    def draws(self) -> tuple[str, ...]:
        """Purposes of chance that the phase draws for."""
        names = {node.id for node in self._nodes() if isinstance(node, ast.Name)}
        return tuple(purpose for purpose in chance.PURPOSES if purpose in names)

    @property
    def rules(self) -> tuple[str, ...]:
        """Files whose rules the phase calls, e.g. `leave`."""
        called = {id(function) for function in reached(self.steps)}
        return tuple(sorted({name.split(".")[0] for name, rule in RULES.items() if id(rule) in called}))

    def _nodes(self) -> Iterator[ast.AST]:
        rules = {id(rule) for rule in RULES.values()}
        for function in reached(self.steps):
            if id(function) not in rules:
                yield from ast.walk(_syntax(function))

    def _touched(self, is_written: bool) -> tuple[str, ...]:
        nodes, found = list(self._nodes()), set()
        stored = {id(n.value) for n in nodes if isinstance(n, ast.Subscript) and isinstance(n.ctx, ast.Store)}
        for node in nodes:
            if not isinstance(node, ast.Attribute):
                continue
            if (isinstance(node.ctx, ast.Store) or id(node) in stored) is is_written:
                owner = node.value.value if isinstance(node.value, ast.Subscript) else node.value  # world.firms[f]
                called = getattr(owner, "id", getattr(owner, "attr", ""))
                name = _RECORDS.get(called, called)
                if name in _RECORDS.values() and node.attr not in ("size", "shape"):
                    found.add(f"{name}.{node.attr}")
        return tuple(sorted(found))


def _syntax(function: Any) -> ast.Module:
    return ast.parse(inspect.getsource(function.py_func))


def reached(functions: Iterable[Any]) -> list[Any]:
    """Compiled functions, and everything compiled that they call."""
    found: list[Any] = []
    waiting = list(functions)
    while waiting:
        function = waiting.pop()
        if function in found:
            continue
        found.append(function)
        names = function.py_func.__globals__
        for call in (node for node in ast.walk(_syntax(function)) if isinstance(node, ast.Call)):
            target = call.func
            if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name):
                called = getattr(names.get(target.value.id), target.attr, None)
            else:
                called = names.get(target.id) if isinstance(target, ast.Name) else None
            if hasattr(called, "py_func"):
                waiting.append(called)
    return found


SCHEDULE: tuple[Phase, ...] = (
    Phase("events", "What happens to the market this week?", (act.events,), ("D15",)),
    Phase(
        "act", "What do the firms do, for all and for each?", (act.act, contact.contact),
        ("A1", "A2", "A4", "B1", "B9", "C2", "C3", "C5", "D2", "D5", "D6", "D10", "D14", "D16"),
    ),
    Phase("hear", "Who hears of a firm?", (week.hear,), ("A1", "E4")),
    Phase("trust", "Whom do customers trust?", (week.trust,), ("E4", "E6")),
    Phase(
        "choose", "Who needs something, and whose offer do they take?",
        (shopping.need, shopping.choose), ("B2", "C7", "D13"),
    ),
    Phase("experience", "What did they get?", (week.experience,), ("D11", "E10", "E12")),
    Phase("judge", "Was it what they expected?", (bonding.judge,), ("B7", "E14")),
    Phase("bond", "Does a bond form?", (bonding.bond, bonding.fade), ("E3", "E6")),
    Phase("tell", "Do they tell their friends?", (aftermath.tell,), ("B6",)),
    Phase("leave", "Do they stay, sleep, leave or come back?", (aftermath.leave,), ("A2", "A3", "B9")),
    Phase(
        "account", "What did it earn and cost?",
        (books.post_sales, books.account, act.close), ("B3",),
    ),
)  # fmt: skip


@compiled
def live(world, w, b):
    """One week of one block of customers, from what they hear to what they were worth."""
    week.hear(world, w, b)
    week.trust(world, w, b)
    shoppers = shopping.need(world, w, b)
    occasion = 0
    while shoppers > 0:
        shopping.choose(world, w, b, shoppers, occasion)
        week.experience(world, w, b, shoppers, occasion)
        bonding.judge(world, w, b)
        bonding.bond(world, w, b, occasion)
        occasion += 1
        shoppers = shopping.still_in_need(world, b, shoppers, occasion)
    bonding.fade(world, w, b)
    aftermath.tell(world, w, b)
    aftermath.leave(world, w, b)
    books.post_sales(world, w, b)
    books.account(world, w, b)


@compiled
def advance(world, first_week, last_week):
    """Walk the world through weeks first_week … last_week − 1, block of customers by block."""
    for w in range(first_week, last_week):
        act.events(world, w)
        act.act(world, w)
        contact.contact(world, w)
        for b in range(world.customers.size):
            live(world, w, b)
        act.close(world, w)
