"""A firm as an agent: section 2, phase 2 (act), and its side of phase 11 (account)."""

from __future__ import annotations

from math import fsum, sqrt

import mesa

STOCKS = (
    "product",
    "place",
    "advertising",
    "training",
    "communication",
    "insight",
    "convenience",
    "image",
    "winback",
)
BASES = ("product", "service", "personnel", "image", "place", "convenience")
FED_BY = {
    "product": "product",
    "personnel": "training",
    "image": "image",
    "place": "place",
    "convenience": "convenience",
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
        self.level: dict[str, float] = {}
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

    def spend(self, name: str) -> float:
        """Money a week on one spending lever, at this market's size."""
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
        for name, feeder in FED_BY.items():
            self.level[name] = self.base[name] + (1.0 - self.base[name]) * self.stock[feeder]
        self.set_price()
        self.wait = self.waiting_minutes()
        self.wait_share = self.wait / p.service.longest_wait
        self.level["service"] = self.base["service"] * (1.0 - self.wait_share)
        self.reach = (
            self.spend("advertising")
            + self.spend("communication")
            + self.spend("insight")
            + self.spend("image")
            + self.spend("winback")
        )
        self.fixed = (
            self.spend("product")
            + self.spend("place")
            + self.spend("convenience")
            + self.spend("training")
            + self.agents_at_desk() * p.service.wage
        )

    def set_price(self) -> None:
        """The list price, or less in a promotion week."""
        every = int(self.lever("pricing.promotion_every"))
        self.price, self.deal = self.lever("pricing.list_price"), 0.0
        if every > 0 and (self.model.week + self.number) % every == 0:
            self.deal = self.lever("pricing.promotion_depth")
            self.price = self.price * (1.0 - self.deal)

    def agents_at_desk(self) -> float:
        """Staff of the service desk at this market's size."""
        return self.lever("service.agents") * self.model.plan.scale

    def waiting_minutes(self) -> float:
        """Minutes a customer waits at the desk, after last week's contacts (Sakasegawa)."""
        service, a = self.model.p.service, self.lever("service.agents")
        contacts = self.contacts / self.model.plan.scale
        if self.contacts == 0:
            return 0.0
        if a <= 0.0:
            return service.longest_wait
        load = contacts * service.handling_minutes / (a * service.agent_minutes)
        if load >= 1.0:
            return service.longest_wait
        queue = service.handling_minutes * load ** (sqrt(2.0 * (a + 1.0)) - 1.0) / (a * (1.0 - load))
        return min(service.longest_wait, queue)

    def reward_due(self, points: float) -> float | None:
        """What a reward takes off the price for someone with these points; None when none is due."""
        needed = self.lever("programme.reward_points")
        if needed > 0.0 and points >= needed:
            return min(self.price, self.lever("programme.reward_value"))
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

    def liability(self, points_held: float) -> float:
        """Money that the points now held may cost the firm, at this week's terms."""
        needed = self.lever("programme.reward_points")
        return points_held * self.lever("programme.reward_value") / needed if needed > 0.0 else 0.0
