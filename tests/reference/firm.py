"""A firm as an agent: section 2, phase 2 (act), and its side of phase 11 (account)."""

from __future__ import annotations

from collections import Counter
from math import fsum, sqrt

import mesa

# The stocks whose spending is meant to reach customers, and those whose spending is fixed.
REACHING = ("advertising", "communication", "insight", "image", "responsibility", "community")
STANDING = ("product", "place", "convenience", "training", "crm", "online", "reposition")
STOCKS = (*STANDING, *REACHING)
BASES = ("product", "service", "personnel", "image", "place", "convenience", "online")
FED_BY = {
    "product": "product",
    "personnel": "training",
    "image": "image",
    "place": "place",
    "convenience": "convenience",
    "online": "online",
}
COLUMNS = ("revenue", "cost_of_goods", "cost_to_serve", "cost_to_reach", "rewards")


class ReferenceFirm(mesa.Agent):
    """One firm: its stocks, what it offers this week, its service desk and its books."""

    def __init__(self, model, number: int):
        super().__init__(model)
        self.number = number
        self.described = model.plan.firms[number]
        self.base = dict(zip(BASES, self.described.attributes, strict=True))
        self.decide(week=0)
        self.stock = {name: self.response(name) for name in STOCKS}
        self.contacts = 0  # of last week, while a week is lived
        self.buyers = 0  # as of the end of last week, while a week is lived
        self.contacts_this_week = 0
        self.first_buyers_this_week = 0
        self.mean_discount = 0.0  # of last week's personal prices, while a week is lived
        self.discounts_this_week: list[float] = []
        self.has_campaigned = False
        self.tried: Counter[int] = Counter()  # prospects contacted, by cell
        self.won: Counter[int] = Counter()  # of these, who bought
        self.level: dict[str, float] = {}
        self.capability = self.reseller_reach = 0.0
        self.price = self.deal = self.wait = self.wait_share = self.fixed = self.reach = self.profit = 0.0
        self.books = dict.fromkeys(COLUMNS, 0.0)
        self.entries: dict[str, list[float]] = {column: [] for column in COLUMNS}
        self.points_liability = 0.0
        self.points_issued = self.points_redeemed = self.points_lapsed = 0.0

    def decide(self, week: int) -> None:
        """Take what the plan has this firm decide for a week, before scaling."""
        plan = self.model.plan
        self.decided = dict(zip(plan.lever_names, plan.levers[week, self.number].tolist(), strict=True))

    def lever(self, name: str) -> float:
        """What the firm decided for this week, before scaling."""
        return self.decided[name]

    def is_there(self) -> bool:
        """Whether the firm has entered the market by this week."""
        return self.described.entry <= self.model.week

    def spend(self, name: str) -> float:
        """Money a week on one spending lever, at this market's size."""
        if not self.is_there():
            return 0.0
        return self.lever(f"{name}.spend") * self.model.plan.scale

    def response(self, name: str) -> float:
        """Where this spending would take the stock in the long run (ADBUDG)."""
        p = getattr(self.model.p, name)
        intensity = self.spend(name) / self.model.turnover
        return intensity**p.power / (p.half**p.power + intensity**p.power)

    def act(self) -> None:
        """Build the stocks and set levels, price, deal, wait and this week's money."""
        self.decide(self.model.week)
        p = self.model.p
        for name in STOCKS:
            before = self.stock[name]
            self.stock[name] = before + getattr(p, name).build * (self.response(name) - before)
        self.capability = self.stock["crm"] * self.stock["training"]
        self.set_levels()
        self.set_price()
        self.wait = self.waiting_minutes()
        self.wait_share = self.wait / p.service.longest_wait
        self.reach = sum(self.spend(name) for name in REACHING)
        wages = self.staff() * self.model.plan.scale * p.service.wage
        self.fixed = sum(self.spend(name) for name in STANDING) + wages

    def set_levels(self) -> None:
        """What the stocks make of the firm's attributes, and how far it reaches."""
        p = self.model.p
        for name, feeder in FED_BY.items():
            self.level[name] = self.base[name] + (1.0 - self.base[name]) * self.stock[feeder]
        image = self.level["image"]
        image += (1.0 - image) * p.image.from_responsibility * self.stock["responsibility"]
        if self.lever("reposition.segment") > 0:
            image *= 1.0 - p.reposition.blur * self.stock["reposition"]
        self.level["image"] = image
        margin = self.lever("reseller.margin")
        listed = margin / (margin + p.channel.listing_half) if margin > 0.0 else 0.0
        self.reseller_reach = self.described.reseller * listed
        if not self.is_there():
            self.level["online"], self.level["place"], self.reseller_reach = 0.0, -1.0, 0.0

    def fit_of(self, segment) -> float:
        """How well the product suits a segment, towards which the firm may have moved."""
        fit = segment.fit[self.number]
        if segment.group == self.lever("reposition.segment") and fit < 1.0:
            fit += (1.0 - fit) * self.stock["reposition"]
        return fit

    def set_price(self) -> None:
        """The list price, or less in a promotion week."""
        every = int(self.lever("pricing.promotion_every"))
        self.price, self.deal = self.lever("pricing.list_price"), 0.0
        if every > 0 and (self.model.week + self.number) % every == 0:
            self.deal = self.lever("pricing.promotion_depth")
            self.price = self.price * (1.0 - self.deal)

    def staff(self) -> float:
        """Agents at the service desk, at the scenario's size."""
        return self.lever("service.agents") if self.is_there() else 0.0

    def waiting_minutes(self) -> float:
        """Minutes a customer waits at the desk, after last week's contacts (Sakasegawa)."""
        service, a = self.model.p.service, self.staff()
        left_to_staff = 1.0 - self.lever("service.self_service") * service.self_solved
        contacts = self.contacts * left_to_staff / self.model.plan.scale
        minutes = service.handling_minutes * (1.0 - self.model.p.crm.saving * self.capability)
        if contacts == 0.0 or not self.is_there():
            return 0.0
        if a <= 0.0:
            return service.longest_wait
        load = contacts * minutes / (a * service.agent_minutes)
        if load >= 1.0:
            return service.longest_wait
        queue = minutes * load ** (sqrt(2.0 * (a + 1.0)) - 1.0) / (a * (1.0 - load))
        return min(service.longest_wait, queue)

    def has_tiers(self) -> bool:
        """Whether the firm tells its customers apart by their value."""
        return self.lever("tiers.vip_share") + self.lever("tiers.key_share") > 0.0

    def personal_discount(self, customer) -> float:
        """What the firm takes off for a customer whom it knows to love a deal."""
        depth, knowledge = self.lever("personal.depth"), customer.relations[self.number].knowledge
        return depth * knowledge * customer.traits.deal_proneness

    def reward_due(self, points: float, price: float) -> float | None:
        """What a reward takes off a price for someone with these points; None when none is due."""
        needed = self.lever("programme.reward_points")
        if needed > 0.0 and points >= needed:
            return min(price, self.lever("programme.reward_value"))
        return None

    def stake(self, points: float) -> float:
        """What these points are worth on the way to a reward, in reference prices."""
        needed = self.lever("programme.reward_points")
        if needed <= 0.0:
            return 0.0
        return min(1.0, points / needed) * self.lever("programme.reward_value") / self.model.plan.reference_price

    def open_books(self) -> None:
        """Start the books of this firm at nothing."""
        self.books = dict.fromkeys(COLUMNS, 0.0)

    def close_week(self, points_held: float) -> None:
        """Add up the week, reckon its profit, and hand contacts and buyers on to the next week."""
        week = {column: fsum(self.entries[column]) for column in COLUMNS}
        for column in COLUMNS:
            self.books[column] += week[column]
            self.entries[column] = []
        before, self.points_liability = self.points_liability, self.liability(points_held)
        self.profit = (
            week["revenue"]
            - week["cost_of_goods"]
            - week["cost_to_serve"]
            - week["cost_to_reach"]
            - week["rewards"]
            - self.fixed
            - (self.points_liability - before)
        )
        self.buyers += self.first_buyers_this_week
        self.contacts = self.contacts_this_week
        self.first_buyers_this_week = self.contacts_this_week = 0
        discounts = self.discounts_this_week
        self.mean_discount = fsum(discounts) / len(discounts) if discounts else 0.0
        self.discounts_this_week = []

    def liability(self, points_held: float) -> float:
        """Money that the points now held may cost the firm, at this week's terms."""
        needed = self.lever("programme.reward_points")
        return points_held * self.lever("programme.reward_value") / needed if needed > 0.0 else 0.0
