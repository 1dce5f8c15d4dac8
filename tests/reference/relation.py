"""What stands between one customer and one firm: section 1 of the page."""

from __future__ import annotations

from dataclasses import dataclass

NOTHING_TO_DIGEST = -9.0
MOST_COUNTED = 255
NO_CHANNEL, STORE, ONLINE, RESELLER = 0, 1, 2, 4
ACQUISITION, WINBACK, WAKE, RETENTION = 1, 2, 3, 4
PUSHED_ON_PURPOSE, PUSHED_UNWILLINGLY, PULLED_BY_VALUE, BOUGHT_BY_PRICE, MOVED = 1, 2, 3, 4, 5


@dataclass(slots=True)
class Relation:
    """One customer's relationship with one firm. Levels are stored as float32 would hold them."""

    awareness: float
    trust: float
    expectation: float
    satisfaction: float = 0.5
    commitment: float = 0.0
    habit: float = 0.0
    knowledge: float = 0.0
    points: float = 0.0
    surprise: float = NOTHING_TO_DIGEST
    purchases: int = 0
    first_purchase: int = -1
    last_purchase: int = -1
    reason: int = 0
    week_of_turn: int = -1
    adopted_neighbours: int = 0
    good: int = 0
    bad: int = 0
    tier: int = 0
    week_of_contact: int = -1
    campaign: int = 0
    offer: float = 0.0
    cell: int = 0
    interval: float = 0.0
    bargains: int = 0
    channels: int = 0
    # The ledger.
    revenue: float = 0.0
    cost_of_goods: float = 0.0
    cost_to_serve: float = 0.0
    cost_to_reach: float = 0.0
    rewards: float = 0.0
    # What others do to it this week, to be read next week.
    neighbours_adopting: int = 0
    good_told: int = 0
    bad_told: int = 0
    # By how much `adopted_neighbours` grew since the week before.
    new_adopters: int = 0

    def turn_the_page(self) -> None:
        """Make what others did this week the world that is read next week."""
        before = self.adopted_neighbours
        self.adopted_neighbours = min(MOST_COUNTED, before + self.neighbours_adopting)
        self.new_adopters = self.adopted_neighbours - before
        self.good = min(MOST_COUNTED, self.good_told)
        self.bad = min(MOST_COUNTED, self.bad_told)
        self.neighbours_adopting = self.good_told = self.bad_told = 0

    def earned(self) -> float:
        """What the firm has earned with this customer, without the cost of reaching them."""
        return self.revenue - self.cost_of_goods - self.cost_to_serve - self.rewards

    def clear_ledger(self) -> None:
        """Forget all money so far."""
        self.revenue = self.cost_of_goods = self.cost_to_serve = self.cost_to_reach = self.rewards = 0.0

    def rhythm(self, need_rate: float) -> float:
        """Weeks between purchases, by this customer's own history."""
        return (self.last_purchase - self.first_purchase + 1.0 / need_rate) / self.purchases

    def silence(self, week: int) -> int:
        """Weeks since the last purchase, leaving or return."""
        return week - max(self.last_purchase, self.week_of_turn)

    def is_silent(self, week: int, need_rate: float, rhythms: float) -> bool:
        """Whether a buyer has been silent for more than so many of their own rhythms."""
        return self.silence(week) > rhythms * max(1.0, self.rhythm(need_rate))


@dataclass(slots=True)
class Purchase:
    """One purchase of this week, as the books and the talk will need it."""

    firm: int
    price: float
    reward: float
    personal_discount: float
    channel: int
    is_first: bool
    contacts: int
    is_recovered: bool
    is_ignored: bool
    is_exit: bool
    is_addon: bool = False
    is_upgrade: bool = False
