"""A customer as an agent: section 2 of the page, phases 3 to 5, and the end of the week."""

from __future__ import annotations

from math import exp, log

import mesa

from sim import chance

from .leaving import stay_or_leave
from .meeting import KEY, VIP, meet
from .purchase import buy
from .relation import NOTHING_TO_DIGEST, ONLINE, RESELLER, Purchase, Relation
from .single import clip, single
from .stages import kind_of_loyalty, phase_of_relationship, stage_of
from .telling import tell
from .traits import NORMAL, draw_traits
from .value import delivered_value, is_considered

MOST_NEEDS = 12
NOBODY = -1
PRIVILEGE_OF = {0: 0.0, KEY: 0.5, VIP: 1.0}  # the share of a privilege's cost that a tier is given


def needs(u: float, mean: float) -> int:
    """The smallest n of at most 12 whose Poisson probability of n or fewer reaches the draw."""
    n, term = 0, exp(-mean)
    cumulative = term
    while u > cumulative and n < MOST_NEEDS:
        n += 1
        term *= mean / n
        cumulative += term
    return n


class ReferenceCustomer(mesa.Agent):
    """One customer: traits, ties, and a relationship with each firm."""

    def __init__(self, model, number: int, ties: list[int]):
        super().__init__(model)
        self.number, self.ties = number, ties
        self.traits = draw_traits(model.plan, number)
        self.segment = model.plan.segments[self.traits.segment]
        self.relations = [self.first_relation(firm) for firm in model.firm_agents]
        self.contract_firm = NOBODY
        self.contract_until = 0
        self.bought: list[Purchase] = []  # this week
        self.switched_from = NOBODY  # this week

    def first_relation(self, firm) -> Relation:
        """The relationship with a firm at week 0."""
        p = self.model.p
        seed = self.model.plan.seed
        draw = chance.uniform(seed, chance.START, 0, self.number, firm.number)
        trust = p.trust.start
        if p.trust.start_spread > 0.0:
            z = NORMAL.inv_cdf(chance.uniform(seed, chance.TRUST, 0, self.number, firm.number))
            trust = clip(trust + p.trust.start_spread * z)
        return Relation(
            awareness=1.0 if draw < firm.described.awareness else 0.0,
            trust=single(trust),
            expectation=single(p.judge.expectation_start),
        )

    def u(self, purpose: int, slot: int) -> float:
        """This customer's draw of this week."""
        return chance.uniform(self.model.plan.seed, purpose, self.model.week, self.number, slot)

    def live(self) -> None:
        """Live phases 3 to 10 of a week, unless gone."""
        self.bought, self.switched_from = [], NOBODY
        if self.model.week > self.traits.week_of_moving:
            return
        for firm in self.model.firm_agents:
            self.hear(firm)
        for firm in self.model.firm_agents:
            self.digest(firm)
        for k in range(self.occasions()):
            self.choose(k)
        self.fade()
        tell(self)
        for firm in self.model.firm_agents:
            stay_or_leave(self, firm)

    def weights_now(self) -> list[float]:
        """The weights of the values and costs, as this week's trend has them."""
        return [w * factor for w, factor in zip(self.traits.weights, self.model.trend, strict=True)]

    def share_adopted(self, relation: Relation) -> float:
        """The share of this customer's ties whose other end has bought from the firm."""
        return relation.adopted_neighbours / len(self.ties) if self.ties else 0.0

    def hear(self, firm) -> None:
        """Phase 3: become aware, or forget and be reminded; let promises inflate expectations."""
        p, relation = self.model.p, self.relations[firm.number]
        advertising = firm.stock["advertising"]
        if relation.purchases > 0 and relation.reason == 0:
            self.credit(firm, firm.lever("programme.referral_points") * relation.new_adopters)
        caught = 1.0 - (1.0 - p.hear.friend_reach) ** (relation.good + relation.bad)
        if relation.awareness < p.stage.aware_at:
            chance_of_noticing = 1.0 - (1.0 - self.hazard(firm)) * (1.0 - caught)
            if self.u(chance.HEAR, firm.number) < chance_of_noticing:
                relation.awareness = 1.0
        else:
            awareness = relation.awareness * (1.0 - p.hear.forget)
            awareness += (1.0 - awareness) * p.hear.remind * advertising
            awareness += (1.0 - awareness) * caught
            relation.awareness = single(awareness)
        promise = firm.lever("advertising.promise")
        if relation.awareness >= p.stage.aware_at and relation.expectation < promise:
            moved = p.hear.inflate * advertising * (promise - relation.expectation)
            relation.expectation = single(relation.expectation + moved)

    def credit(self, firm, points: float) -> None:
        """Give points outside of a purchase."""
        relation = self.relations[firm.number]
        relation.points = single(relation.points + points)
        firm.points_issued += points

    def hazard(self, firm) -> float:
        """The Bass hazard of noticing a firm: its advertising, its buyers in sight, friends who bought."""
        plan, relation = self.model.plan, self.relations[firm.number]
        peers = self.share_adopted(relation)
        share = firm.buyers / plan.market_size
        innovation = self.segment.innovativeness * firm.stock["advertising"] * self.model.p.hear.reach
        seen = plan.visibility * share + (1.0 - plan.visibility) * peers
        return min(1.0, innovation + self.segment.susceptibility * seen)

    def digest(self, firm) -> None:
        """Phase 4: let dialogue, the last experience, friends' words and scandals move trust."""
        p, relation = self.model.p.trust, self.relations[firm.number]
        if relation.awareness >= self.model.p.stage.aware_at:
            trust = relation.trust
            trust += p.dialogue * firm.stock["communication"] * (1.0 - trust)
            if relation.surprise > NOTHING_TO_DIGEST:
                if relation.surprise >= -p.tolerance:
                    trust += p.kept * (1.0 - trust)
                else:
                    trust *= 1.0 - min(1.0, p.broken * -relation.surprise)
            trust += (1.0 - trust) * (1.0 - (1.0 - p.praise) ** relation.good)
            trust *= (1.0 - p.blame) ** relation.bad
            if relation.purchases > 0 and firm.lever("personal.depth") > 0.0:
                worse = max(0.0, firm.mean_discount - firm.personal_discount(self))
                trust *= 1.0 - min(1.0, p.unfair * self.share_adopted(relation) * worse)
            trust *= 1.0 - self.model.trust_shock[firm.number]
            relation.trust = single(trust)
        relation.surprise = NOTHING_TO_DIGEST

    def occasions(self) -> int:
        """Phase 5: on how many occasions a need arises this week."""
        plan, week = self.model.plan, self.model.week
        if plan.contract_weeks > 0 and self.contract_firm != NOBODY:
            return 1 if week >= self.contract_until else 0
        n = needs(self.u(chance.NEED, 0), self.traits.need_rate * self.model.need_factor)
        return min(n, 1) if plan.contract_weeks > 0 else n

    def choose(self, k: int) -> None:
        """Phase 5: take the greatest value with noise on occasion k; buying is phases 6 to 8."""
        chosen, best = None, self.model.plan.outside_value + self.noise(16 * k)
        draw = self.u(chance.CHANNEL, k)
        for firm in self.model.firm_agents:
            met = meet(self, firm, draw)
            if is_considered(self, met):
                worth = delivered_value(self, met) + self.noise(16 * k + 1 + firm.number)
                if worth > best:
                    chosen, best = met, worth
        if self.model.plan.contract_weeks > 0:
            self.sign(NOBODY if chosen is None else chosen.firm)
        if chosen is not None:
            self.bought.append(buy(self, chosen, k))

    def noise(self, slot: int) -> float:
        """Gumbel noise of one alternative on one occasion: the mean over those who decide together."""
        draws = [self.u(chance.CHOOSE, slot)]
        draws += [self.u(chance.CENTRE, 256 * j + slot) for j in range(1, self.segment.buying_centre)]
        return sum(-log(-log(u)) for u in draws) / len(draws)

    def sign(self, firm: int) -> None:
        """Take a contract with a firm, or none, and remember the firm that was left for it."""
        if self.contract_firm not in (NOBODY, firm):
            self.switched_from = self.contract_firm
        self.contract_firm = firm
        if firm != NOBODY:
            self.contract_until = self.model.week + self.model.plan.contract_weeks

    def fade(self) -> None:
        """Phase 8, once a week: habit and commitment fade with every firm."""
        p = self.model.p.bond
        for relation in self.relations:
            relation.habit = single(relation.habit * (1.0 - p.habit_decay))
            relation.commitment = single(relation.commitment * (1.0 - p.commitment_decay))

    def account(self) -> None:
        """Phase 11: book this week's purchases, privileges and the cost of reaching; let old points lapse."""
        for purchase in self.bought:
            self.book_purchase(self.model.firm_agents[purchase.firm], purchase)
        for firm in self.model.firm_agents:
            relation = self.relations[firm.number]
            self.book(firm, "cost_to_reach", firm.reach / self.model.plan.market_size)
            is_here = self.model.week <= self.traits.week_of_moving
            if firm.has_tiers() and relation.purchases > 0 and relation.reason == 0 and is_here:
                self.book(firm, "cost_to_serve", firm.lever("tiers.privilege") * PRIVILEGE_OF[relation.tier])
            expiry = firm.lever("programme.expiry_weeks")
            if relation.points > 0.0 and expiry > 0 and self.model.week - relation.last_purchase > expiry:
                firm.points_lapsed += relation.points
                relation.points = 0.0

    def book_purchase(self, firm, purchase: Purchase) -> None:
        """What one purchase brings in and costs."""
        plan, p = self.model.plan, self.model.p
        basket = self.traits.basket
        if self.model.week >= self.traits.week_of_growing:
            basket *= self.segment.growth
        amount = purchase.price * basket
        revenue, goods = amount, firm.described.unit_cost * basket
        if purchase.is_first:
            revenue += firm.lever("pricing.device_price")
            goods += firm.described.device_cost
        if purchase.is_addon:
            revenue += firm.lever("range.addon_price")
            goods += firm.lever("range.addon_price") * p.range.addon_cost
        if purchase.is_upgrade:
            premium = amount * firm.lever("range.upgrade_premium")
            revenue += premium
            goods += premium * p.range.upgrade_cost
        serving = purchase.contacts * p.service.contact_cost
        if purchase.is_recovered:
            serving += p.service.recovery_cost * purchase.price
        if purchase.channel == ONLINE:
            serving += plan.reference_price * p.channel.online_cost
        if purchase.channel == RESELLER:
            serving += firm.lever("reseller.margin") * amount
        self.book(firm, "revenue", revenue)
        self.book(firm, "cost_of_goods", goods)
        self.book(firm, "cost_to_serve", serving)
        self.book(firm, "rewards", purchase.reward)
        firm.contacts_this_week += purchase.contacts
        firm.discounts_this_week.append(purchase.personal_discount)
        paid = revenue - purchase.reward
        self.model.transactions.append((self.number, self.model.week, firm.number, paid, paid - goods))

    def book(self, firm, column: str, amount: float) -> None:
        """Enter an amount in this customer's ledger and in the firm's week."""
        relation = self.relations[firm.number]
        setattr(relation, column, getattr(relation, column) + amount)
        firm.entries[column].append(amount)

    def is_dormant(self, firm, week: int) -> bool:
        """Whether this customer, who has bought, has fallen silent towards a firm (or holds no contract with it)."""
        if self.model.plan.contract_weeks > 0:
            return self.contract_firm != firm.number
        relation = self.relations[firm.number]
        return relation.is_silent(week, self.traits.need_rate, self.model.p.stage.dormant_after)

    def stage(self, firm, week: int) -> str:
        """The stage reached with a firm at the end of a week."""
        return stage_of(self.relations[firm.number], self.sleeps(firm, week), self.model.p.stage)

    def loyalty(self, firm, week: int) -> str:
        """What binds this customer to a firm at the end of a week."""
        return kind_of_loyalty(self.relations[firm.number], self.sleeps(firm, week), self.model.p.loyalty)

    def phase(self, firm, week: int) -> str:
        """The phase of the relationship with a firm at the end of a week."""
        relation, is_dormant = self.relations[firm.number], self.sleeps(firm, week)
        return phase_of_relationship(relation, is_dormant, week, self.traits.need_rate, self.model.p.loyalty)

    def sleeps(self, firm, week: int) -> bool:
        """Whether this customer has bought from a firm, and is dormant."""
        return self.relations[firm.number].purchases > 0 and self.is_dormant(firm, week)
