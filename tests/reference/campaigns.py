"""Whom a firm ranks into tiers and whom its campaigns contact: section 2 of the page, phase 2b."""

from __future__ import annotations

from collections.abc import Callable
from math import floor, fsum

from sim import chance

from .leaving import willingness_to_return
from .meeting import KEY, VIP, is_in_window
from .relation import (
    ACQUISITION,
    BOUGHT_BY_PRICE,
    PULLED_BY_VALUE,
    PUSHED_UNWILLINGLY,
    RETENTION,
    WAKE,
    WINBACK,
)
from .single import single

NAMES = {ACQUISITION: "acquisition", WINBACK: "winback", WAKE: "wake", RETENTION: "retention"}
TO_ANYBODY, BOUGHT_LIST, SCORED = 0, 1, 2  # acquisition.aim
BY_VALUE, BY_SILENCE = 0, 1  # retention.aim
WORTH_WINNING = {
    0: (PUSHED_UNWILLINGLY, PULLED_BY_VALUE, BOUGHT_BY_PRICE),
    1: (PUSHED_UNWILLINGLY, PULLED_BY_VALUE),
    2: (BOUGHT_BY_PRICE,),
}  # winback.reasons
WEEKS_BETWEEN_RANKINGS = 13
LUCK_AMONG_EQUALS = 1e-6


class Contact:
    """One firm's phase 2b in one week."""

    def __init__(self, firm):
        self.firm, self.model = firm, firm.model
        self.week, self.p = firm.model.week, firm.model.p
        living = self.model.customers[: self.model.plan.market_size]
        self.customers = [c for c in living if self.week <= c.traits.week_of_moving]
        self.buyers = [c for c in self.customers if self.relation(c).purchases > 0 and self.relation(c).reason == 0]
        booked = [self.booked(c) for c in self.buyers]
        self.mean = fsum(booked) / len(booked) if booked else 0.0

    def relation(self, customer):
        """What stands between a customer and this firm."""
        return customer.relations[self.firm.number]

    def booked(self, customer) -> float:
        """What the books show that a buyer has earned the firm a week."""
        relation, warm_up = self.relation(customer), self.model.plan.warm_up
        since = relation.first_purchase
        if self.week >= warm_up:
            since = max(since, warm_up)
        return relation.earned() / (self.week - since + 1)

    def estimate(self, customer) -> float:
        """What the firm takes a buyer's weekly value to be: as far as it knows them, else the mean."""
        knowledge = self.relation(customer).knowledge
        return knowledge * self.booked(customer) + (1.0 - knowledge) * self.mean

    def ranked(self, customers: list, score: Callable, slot: int) -> list:
        """Customers by score, greatest first; luck decides among equals."""

        def place(customer) -> float:
            return -(score(customer) + LUCK_AMONG_EQUALS * customer.u(chance.CONTACT, 8 * self.firm.number + slot))

        return sorted(customers, key=place)

    def rank_into_tiers(self) -> None:
        """Once a quarter: the best buyers are VIPs, the next key customers."""
        due = (self.week + 1 - self.model.plan.warm_up) % WEEKS_BETWEEN_RANKINGS == 0
        if not self.firm.has_tiers() or not due:
            return
        for customer in self.model.customers:
            self.relation(customer).tier = 0
        best = self.ranked(self.buyers, self.estimate, 0)
        vips = floor(self.firm.lever("tiers.vip_share") * len(best) + 0.5)
        keys = floor(self.firm.lever("tiers.key_share") * len(best) + 0.5)
        for customer in best[vips : vips + keys]:
            self.relation(customer).tier = KEY
        for customer in best[:vips]:
            self.relation(customer).tier = VIP

    def run_campaigns(self) -> None:
        """The four campaigns, in their order, as far as their money goes."""
        for kind, name in NAMES.items():
            if self.firm.spend(name) > 0.0:
                self.firm.has_campaigned = True
                self.run_campaign(kind)

    def run_campaign(self, kind: int) -> None:
        """Contact the most promising of those who are eligible, and leave a control group in peace."""
        cost = self.cost_of_contact(kind)
        most = floor(self.firm.spend(NAMES[kind]) / cost)
        eligible = [c for c in self.customers if self.is_rested(c) and self.is_eligible(c, kind)]
        for customer in self.ranked(eligible, self.score_of(kind), kind)[:most]:
            self.mean_to_contact(customer, kind, cost)

    def cost_of_contact(self, kind: int) -> float:
        """Money that one contact costs."""
        p = self.p.campaign
        cost = p.cost_scored
        if kind == ACQUISITION:
            aim = int(self.firm.lever("acquisition.aim"))
            cost = {TO_ANYBODY: p.cost_mass, BOUGHT_LIST: p.cost_list, SCORED: p.cost_scored}[aim]
        return self.model.plan.reference_price * cost

    def is_rested(self, customer) -> bool:
        """Whether this firm has left the customer in peace for long enough."""
        relation = self.relation(customer)
        return relation.week_of_contact < 0 or not is_in_window(customer, relation)

    def is_eligible(self, customer, kind: int) -> bool:
        """Whether a campaign is about customers like this one."""
        relation = self.relation(customer)
        if kind == ACQUISITION:
            return relation.purchases == 0 and relation.reason == 0
        if relation.purchases == 0:
            return False
        if kind == WINBACK:
            within = self.firm.lever("winback.within_weeks")
            is_recent = within == 0 or self.week - relation.week_of_turn <= within
            return is_recent and relation.reason in WORTH_WINNING[int(self.firm.lever("winback.reasons"))]
        is_dormant = customer.is_dormant(self.firm, self.week)
        return relation.reason == 0 and is_dormant == (kind == WAKE)

    def score_of(self, kind: int) -> Callable:
        """How a campaign ranks the eligible."""
        if kind == ACQUISITION:
            return {TO_ANYBODY: lambda _: 0.0, BOUGHT_LIST: self.is_on_list, SCORED: self.chance_of_cell()}[
                int(self.firm.lever("acquisition.aim"))
            ]
        if kind == WINBACK:
            return self.second_lifetime_value
        if kind == RETENTION and int(self.firm.lever("retention.aim")) == BY_SILENCE:
            return self.relative_silence
        return self.estimate

    def is_on_list(self, customer) -> float:
        """1 for those of the segment that the bought list names."""
        return 1.0 if customer.segment.group == self.firm.lever("acquisition.target") else 0.0

    def chance_of_cell(self) -> Callable:
        """How often prospects in the customer's cell were won so far, leaning on the mean where few were tried."""
        tried, won, m = dict(self.firm.tried), dict(self.firm.won), self.p.campaign.prior
        base = (sum(won.values()) + 1.0) / (sum(tried.values()) + 20.0)

        def estimated(customer) -> float:
            cell = self.cell_of(customer)
            return (won.get(cell, 0) + m * base) / (tried.get(cell, 0) + m)

        return estimated

    def cell_of(self, customer) -> int:
        """The cell of the firm's records: by segment, whether aware, whether a friend had bought by last week."""
        relation = self.relation(customer)
        is_aware = relation.awareness >= self.p.stage.aware_at
        had_adopted = relation.adopted_neighbours - relation.new_adopters > 0
        return 4 * customer.traits.segment + 2 * int(is_aware) + int(had_adopted)

    def second_lifetime_value(self, customer) -> float:
        """What a lost customer may be worth, times how likely they listen."""
        return max(0.0, self.estimate(customer)) * willingness_to_return(customer, self.firm)

    def relative_silence(self, customer) -> float:
        """Silence in the customer's own rhythms."""
        relation = self.relation(customer)
        return relation.silence(self.week) / max(1.0, relation.rhythm(customer.traits.need_rate))

    def mean_to_contact(self, customer, kind: int, cost: float) -> None:
        """Note the contact that was meant, and make it unless the customer is in the control group."""
        relation, number, seed = self.relation(customer), self.firm.number, self.model.plan.seed
        relation.week_of_contact = self.week
        cell = self.cell_of(customer)
        if kind == ACQUISITION:
            relation.cell = cell
        if chance.uniform(seed, chance.HOLDOUT, 0, customer.number, number) < self.firm.lever("campaign.holdout"):
            relation.campaign = -kind
            return
        relation.campaign = kind
        relation.offer = single(self.firm.lever(f"{NAMES[kind]}.offer"))
        relation.awareness = 1.0
        customer.book(self.firm, "cost_to_reach", cost)
        if kind == ACQUISITION:
            relation.trust = single(relation.trust + self.p.campaign.introduction * (1.0 - relation.trust))
            self.firm.tried[cell] += 1
