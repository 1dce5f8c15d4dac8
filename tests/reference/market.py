"""The market as a Mesa model of plain agents: the week of section 2 of the page, in the order of the page."""

from __future__ import annotations

from math import fsum
from types import SimpleNamespace

import mesa
import numpy as np

from sim.plan import Plan

from .campaigns import Contact
from .customer import ReferenceCustomer
from .firm import COLUMNS, STOCKS, ReferenceFirm
from .ties import make_ties

LEVELS = (
    "awareness",
    "trust",
    "expectation",
    "satisfaction",
    "commitment",
    "habit",
    "knowledge",
    "points",
    "surprise",
    "offer",
    "interval",
)
COUNTS = (
    "purchases",
    "first_purchase",
    "last_purchase",
    "reason",
    "week_of_turn",
    "adopted_neighbours",
    "good",
    "bad",
    "tier",
    "week_of_contact",
    "campaign",
    "bargains",
    "channels",
)


def turnover_of(plan: Plan) -> float:
    """What the whole market would spend in a week at the reference price."""
    if plan.contract_weeks > 0:
        purchases = plan.market_size / plan.contract_weeks
    else:
        purchases = plan.market_size * sum(segment.share * segment.need_rate for segment in plan.segments)
    return max(purchases, 1.0) * plan.reference_price


class ReferenceMarket(mesa.Model):
    """The whole market of a plan; `isolated` further customers live in it without ties."""

    def __init__(self, plan: Plan, isolated: int = 0):
        super().__init__(rng=plan.seed)  # Mesa's own generator is never used.
        self.plan = plan
        self.p = SimpleNamespace(**{file: SimpleNamespace(**values) for file, values in plan.parameters.items()})
        self.turnover = turnover_of(plan)
        self.week = 0  # the week to be lived next, warm-up included
        self.need_factor = 1.0
        self.trend = [1.0] * 8
        self.trust_shock = [0.0] * len(plan.firms)
        self.transactions: list[tuple[int, int, int, float, float]] = []
        self.messages: list[tuple[int, int, int, int, int]] = []
        self.firm_agents = [ReferenceFirm(self, f) for f in range(len(plan.firms))]
        ties = make_ties(plan) + [[] for _ in range(isolated)]
        self.customers = [ReferenceCustomer(self, i, ties[i]) for i in range(len(ties))]
        self.visiting_order = list(self.customers)  # any order gives the same market; a test turns it round

    def step(self) -> None:
        """Live one week."""
        if self.week == self.plan.warm_up:
            self.open_books()
        self.meet_events()
        for firm in self.firm_agents:
            firm.act()
        for firm in self.firm_agents:
            contact = Contact(firm)
            contact.rank_into_tiers()
            contact.run_campaigns()
        for customer in self.visiting_order:
            customer.live()
        for customer in self.visiting_order:
            customer.account()
        for customer in self.customers:
            for relation in customer.relations:
                relation.turn_the_page()
        for firm in self.firm_agents:
            firm.close_week(self.points_held(firm))
        self.week += 1

    def run(self) -> ReferenceMarket:
        """Live every week of the plan that is still to come."""
        while self.week < self.plan.warm_up + self.plan.weeks:
            self.step()
        return self

    def open_books(self) -> None:
        """Keep the books from here on: every ledger column starts at nothing."""
        for firm in self.firm_agents:
            firm.open_books()
        for customer in self.customers:
            for relation in customer.relations:
                relation.clear_ledger()

    def meet_events(self) -> None:
        """Read what is dated for this week."""
        self.need_factor = float(self.plan.need_factor[self.week])
        self.trend = self.plan.trend[self.week].tolist()
        self.trust_shock = [float(shock) for shock in self.plan.trust_shock[self.week]]

    def points_held(self, firm: ReferenceFirm) -> float:
        """All the points that customers hold with a firm, those of customers who are gone too."""
        return fsum(customer.relations[firm.number].points for customer in self.customers)

    def state(self) -> dict[str, np.ndarray]:
        """Everything that is kept of the customers, as arrays for comparison."""
        arrays = {name: self._per_relation(name) for name in (*LEVELS, *COUNTS, *COLUMNS)}
        for name in ("stage", "loyalty", "phase"):
            arrays[name] = np.array(
                [[getattr(c, name)(firm, self.week - 1) for firm in self.firm_agents] for c in self.customers]
            )
        for name in ("contract_firm", "contract_until"):
            arrays[name] = np.array([getattr(c, name) for c in self.customers])
        for name in ("need_rate", "week_of_moving", "segment", "weights", "taste", "access", "basket", "digital"):
            arrays[name] = np.array([getattr(c.traits, name) for c in self.customers])
        for name in ("deal_proneness", "complaint", "forgiveness", "week_of_growing"):
            arrays[name] = np.array([getattr(c.traits, name) for c in self.customers])
        return arrays

    def _per_relation(self, name: str) -> np.ndarray:
        """One column of every customer's relationship with every firm."""
        return np.array([[getattr(relation, name) for relation in c.relations] for c in self.customers])

    def firms(self) -> dict[str, np.ndarray]:
        """Everything that is kept of the firms, as arrays for comparison."""
        arrays = {name: np.array([firm.stock[name] for firm in self.firm_agents]) for name in STOCKS}
        for name in ("price", "deal", "wait", "contacts", "buyers", "fixed", "profit", "mean_discount"):
            arrays[name] = np.array([getattr(firm, name) for firm in self.firm_agents])
        arrays["has_campaigned"] = np.array([firm.has_campaigned for firm in self.firm_agents])
        cells = range(4 * len(self.plan.segments))
        for name in ("tried", "won"):
            arrays[name] = np.array([[getattr(firm, name)[cell] for cell in cells] for firm in self.firm_agents])
        return arrays
