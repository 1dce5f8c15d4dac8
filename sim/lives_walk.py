"""The week walked phase by phase, with the compiled phases of the schedule themselves, so that one can look in between.

`schedule.advance` goes through all phases without stopping. A `Walk` calls the same functions in the same order and
stops after each, with every customer in one block. It lives the same lives, bit for bit: a test says so.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any, NamedTuple

from sim import act, aftermath, bonding, books, contact, week, world
from sim.engine import Engine
from sim.plan import Plan


class Moment(NamedTuple):
    """What a walk has just done: a phase of a week, on which occasion, and how many shoppers that occasion has."""

    week: int
    phase: str
    occasion: int = 0
    shoppers: int = 0


class Walk:
    """A market taken through its weeks phase by phase; `world` is where it stands.

    isolated : customers beyond the market's size, as in `Engine`
    """

    def __init__(self, plan: Plan, isolated: int = 0) -> None:
        self.plan = plan
        built = world.build(plan, isolated, is_logged=True)
        self.world = built._replace(**world.for_blocks(*built.relations.shape))  # all of them are one block
        self.friends_words: Any = built.messages_log[:0]  # last week's messages, which are heard this week

    def moments(self, last_week: int | None = None) -> Iterator[Moment]:
        """Every phase of every week up to `last_week` (of the run, not included; by default all), once it is done."""
        end = self.plan.warm_up + self.plan.weeks if last_week is None else last_week
        for w in range(end):
            yield from self._phases(w)
            self.friends_words = self.world.messages_log[: self.world.counts[week.MESSAGES_LOGGED]].copy()

    def _phases(self, w: int) -> Iterator[Moment]:
        here, everyone = self.world, self.world.customers.size
        here.counts[:] = 0
        act.events(here, w)
        act.act(here, w)
        contact.contact(here, w)
        yield Moment(w, "act")
        week.hear(here, w, 0, everyone)
        yield Moment(w, "hear")
        week.trust(here, w, 0, everyone)
        yield Moment(w, "trust")
        shoppers, occasion = week.need(here, w, 0, everyone), 0
        yield Moment(w, "need", 0, shoppers)
        while shoppers > 0:
            for phase, step in (("choose", week.choose), ("experience", week.experience)):
                step(here, w, 0, shoppers, occasion)
                yield Moment(w, phase, occasion, shoppers)
            bonding.judge(here, w, 0, shoppers)
            yield Moment(w, "judge", occasion, shoppers)
            bonding.bond(here, w, 0, shoppers, occasion)
            yield Moment(w, "bond", occasion, shoppers)
            occasion += 1
            shoppers = week.still_in_need(here, 0, shoppers, occasion)
        bonding.fade(here, w, 0, everyone)
        yield Moment(w, "fade")
        aftermath.tell(here, w, 0, everyone)
        yield Moment(w, "tell")
        aftermath.leave(here, w, 0, everyone)
        yield Moment(w, "leave")
        books.post_sales(here, w)
        books.account(here, w, 0, everyone)
        act.close(here, w)
        yield Moment(w, "account")


def walk_of(engine: Engine) -> Walk:
    """A walk through the life an engine has had so far, decisions taken in its rounds included."""
    plan = dataclasses.replace(engine.plan, levers=engine.world.levers.copy())
    return Walk(plan, engine.world.customers.size - engine.plan.market_size)
