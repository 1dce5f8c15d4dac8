"""The week walked phase by phase, with the compiled phases of the schedule themselves, so that one can look in between.

`schedule.advance` goes through all phases without stopping. A `Walk` calls the same functions in the same order and
stops after each. It lives the same lives, bit for bit: a test says so.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Set
from typing import Any, NamedTuple

from sim import act, aftermath, bonding, books, contact, schedule, shopping, week, world
from sim.engine import Engine
from sim.plan import Plan
from sim.storage import BLOCK


class Moment(NamedTuple):
    """What a walk has just done: a phase of a week, for one block of customers or (block −1) for all.

    `occasion` says on which occasion, `shoppers` how many of the block's customers it has.
    """

    week: int
    phase: str
    block: int = -1
    occasion: int = 0
    shoppers: int = 0


class Walk:
    """A market taken through its weeks phase by phase; `world` is where it stands.

    isolated : customers beyond the market's size, as in `Engine`
    """

    def __init__(self, plan: Plan, isolated: int = 0) -> None:
        self.plan = plan
        self.world = world.build(plan, isolated, is_logged=True)
        self.friends_words: Any = self.world.messages_log[:0]  # last week's messages, which are heard this week

    def moments(self, last_week: int | None = None, customers: Iterable[int] | None = None) -> Iterator[Moment]:
        """Every phase of every week up to `last_week` (of the run, not included; by default all), once it is done.

        customers : those who are looked at; blocks that hold none of them live without stopping
        """
        end = self.plan.warm_up + self.plan.weeks if last_week is None else last_week
        blocks = range(self.world.customers.size)
        watched = set(blocks if customers is None else (i // BLOCK for i in customers))
        for w in range(end):
            yield from self._phases(w, watched)
            self.friends_words = self.world.messages_log[: self.world.counts[week.MESSAGES_LOGGED]].copy()

    def _phases(self, w: int, watched: Set[int]) -> Iterator[Moment]:
        here = self.world
        here.counts[:] = 0
        act.events(here, w)
        act.act(here, w)
        contact.contact(here, w)
        yield Moment(w, "act")
        for b in range(here.customers.size):
            if b in watched:
                yield from self._phases_of_block(w, b)
            else:
                schedule.live(here, w, b)
        act.close(here, w)

    def _phases_of_block(self, w: int, b: int) -> Iterator[Moment]:
        here = self.world
        week.hear(here, w, b)
        yield Moment(w, "hear", b)
        week.trust(here, w, b)
        yield Moment(w, "trust", b)
        shoppers, occasion = shopping.need(here, w, b), 0
        yield Moment(w, "need", b, 0, shoppers)
        while shoppers > 0:
            for phase, step in (("choose", shopping.choose), ("experience", week.experience)):
                step(here, w, b, shoppers, occasion)
                yield Moment(w, phase, b, occasion, shoppers)
            bonding.judge(here, w, b)
            yield Moment(w, "judge", b, occasion, shoppers)
            bonding.bond(here, w, b, occasion)
            yield Moment(w, "bond", b, occasion, shoppers)
            occasion += 1
            shoppers = shopping.still_in_need(here, b, shoppers, occasion)
        bonding.fade(here, w, b)
        yield Moment(w, "fade", b)
        aftermath.tell(here, w, b)
        yield Moment(w, "tell", b)
        aftermath.leave(here, w, b)
        yield Moment(w, "leave", b)
        books.post_sales(here, w, b)
        books.account(here, w, b)
        yield Moment(w, "account", b)


def walk_of(engine: Engine) -> Walk:
    """A walk through the life an engine has had so far, decisions taken in its rounds included."""
    plan = dataclasses.replace(engine.plan, levers=engine.world.levers.copy())
    return Walk(plan, engine.n_customers - engine.plan.market_size)
