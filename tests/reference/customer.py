"""A customer as an agent: section 2 of the page, phases 3 to 5 and 8 to 11."""

from __future__ import annotations

from math import exp, log

import mesa

from sim import chance

from .purchase import buy
from .relation import (
    BOUGHT_BY_PRICE,
    MOVED,
    NOTHING_TO_DIGEST,
    PULLED_BY_VALUE,
    PUSHED_ON_PURPOSE,
    PUSHED_UNWILLINGLY,
    Purchase,
    Relation,
    stage_of,
)
from .single import single
from .traits import draw_traits
from .value import delivered_value, is_considered, reason_for_leaving

MOST_NEEDS = 12
NOBODY = -1


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
        draw = chance.uniform(self.model.plan.seed, chance.START, 0, self.number, firm.number)
        return Relation(
            awareness=1.0 if draw < firm.described.awareness else 0.0,
            trust=single(p.trust.start),
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
        self.tell()
        for firm in self.model.firm_agents:
            self.stay_or_leave(firm)

    def hear(self, firm) -> None:
        """Phase 3: become aware, or forget and be reminded; let promises inflate expectations."""
        p, relation = self.model.p, self.relations[firm.number]
        advertising = firm.stock["advertising"]
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

    def hazard(self, firm) -> float:
        """The Bass hazard of noticing a firm: its advertising, its buyers in sight, friends who bought."""
        plan, relation = self.model.plan, self.relations[firm.number]
        peers = relation.adopted_neighbours / len(self.ties) if self.ties else 0.0
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
        for firm in self.model.firm_agents:
            if is_considered(self, firm):
                worth = delivered_value(self, firm) + self.noise(16 * k + 1 + firm.number)
                if worth > best:
                    chosen, best = firm, worth
        if self.model.plan.contract_weeks > 0:
            self.sign(NOBODY if chosen is None else chosen.number)
        if chosen is not None:
            self.bought.append(buy(self, chosen, k))

    def noise(self, slot: int) -> float:
        """Gumbel noise of one alternative on one occasion."""
        return -log(-log(self.u(chance.CHOOSE, slot)))

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

    def tell(self) -> None:
        """Phase 9: speak of the firm bought from last to some of the friends, who hear it next week."""
        if not self.bought:
            return
        p, firm = self.model.p.tell, self.bought[-1].firm
        spoken_of = self.relations[firm]
        satisfaction = spoken_of.satisfaction
        is_good = satisfaction >= p.praise_above
        if is_good:
            rate = p.praise_rate * ((satisfaction - p.praise_above) / (1.0 - p.praise_above)) ** p.curve
            rate *= 1.0 + p.ambassador * spoken_of.commitment
        elif satisfaction <= p.blame_below:
            rate = p.blame_rate * ((p.blame_below - satisfaction) / p.blame_below) ** p.curve
        else:
            return
        for t, other in enumerate(self.ties):
            if self.u(chance.TELL, t) < min(1.0, rate):
                heard = self.model.customers[other].relations[firm]
                if is_good:
                    heard.good_told += 1
                else:
                    heard.bad_told += 1
                self.model.messages.append((self.model.week, self.number, other, firm, int(is_good)))

    def stay_or_leave(self, firm) -> None:
        """Phase 10: come back, or leave for one of five reasons, or stay."""
        relation, week = self.relations[firm.number], self.model.week
        if week >= self.traits.week_of_moving:
            reason = MOVED if relation.reason == 0 else 0
        elif relation.reason != 0:
            self.may_come_back(firm)
            reason = 0
        elif relation.purchases == 0:
            reason = 0
        elif any(purchase.is_exit and purchase.firm == firm.number for purchase in self.bought):
            reason = PUSHED_UNWILLINGLY
        elif self.is_let_go(firm):
            reason = PUSHED_ON_PURPOSE
        elif self.has_drifted_away(firm):
            reason = reason_for_leaving(self, firm)
        else:
            reason = 0
        if reason != 0:
            relation.reason, relation.week_of_turn = reason, week
            if self.contract_firm == firm.number:
                self.contract_firm = NOBODY

    def may_come_back(self, firm) -> None:
        """Someone who left for reason 2, 3 or 4 may come back, by themselves or won back."""
        p, relation = self.model.p, self.relations[firm.number]
        willing = {
            PUSHED_UNWILLINGLY: p.leave.return_unmet,
            PULLED_BY_VALUE: p.leave.return_value,
            BOUGHT_BY_PRICE: p.leave.return_price,
        }
        if relation.reason not in willing or relation.purchases == 0:
            return
        rate = p.leave.return_rate + p.winback.reach * firm.stock["winback"]
        if self.u(chance.RETURN, firm.number) < min(1.0, rate * willing[relation.reason]):
            relation.reason, relation.week_of_turn = 0, self.model.week
            relation.awareness = 1.0
            relation.trust = max(relation.trust, single(p.trust.start))

    def is_let_go(self, firm) -> bool:
        """Whether the firm stops serving this customer for what they have cost it up to last week."""
        limit = firm.lever("service.let_go_loss")
        return limit > 0.0 and self.relations[firm.number].earned() < -limit

    def has_drifted_away(self, firm) -> bool:
        """Whether the customer has switched (contract), or been silent for too long (no contract)."""
        if self.model.plan.contract_weeks > 0:
            return self.switched_from == firm.number
        p, relation, week = self.model.p.leave, self.relations[firm.number], self.model.week
        is_long = relation.silence(week) >= p.lost_at_least
        return is_long and relation.is_silent(week, self.traits.need_rate, p.lost_after)

    def account(self) -> None:
        """Phase 11: book this week's purchases and the cost of reaching, and let old points lapse."""
        model, service = self.model, self.model.p.service
        for purchase in self.bought:
            firm, relation = model.firm_agents[purchase.firm], self.relations[purchase.firm]
            goods = firm.described.unit_cost
            serving = purchase.contacts * service.contact_cost
            if purchase.is_recovered:
                serving += service.recovery_cost * purchase.price
            self.book(firm, "revenue", purchase.price)
            self.book(firm, "cost_of_goods", goods)
            self.book(firm, "cost_to_serve", serving)
            self.book(firm, "rewards", purchase.reward)
            firm.contacts_this_week += purchase.contacts
            paid = purchase.price - purchase.reward
            margin = purchase.price - goods - purchase.reward
            model.transactions.append((self.number, model.week, purchase.firm, paid, margin))
        for firm in model.firm_agents:
            relation = self.relations[firm.number]
            self.book(firm, "cost_to_reach", firm.reach / model.plan.market_size)
            expiry = firm.lever("programme.expiry_weeks")
            if relation.points > 0.0 and expiry > 0 and model.week - relation.last_purchase > expiry:
                firm.points_lapsed += relation.points
                relation.points = 0.0

    def book(self, firm, column: str, amount: float) -> None:
        """Enter an amount in this customer's ledger and in the firm's week."""
        relation = self.relations[firm.number]
        setattr(relation, column, getattr(relation, column) + amount)
        firm.entries[column].append(amount)

    def stage(self, firm, week: int) -> str:
        """The stage reached with a firm at the end of a week."""
        relation, p = self.relations[firm.number], self.model.p.stage
        if relation.purchases == 0:
            is_dormant = False
        elif self.model.plan.contract_weeks > 0:
            is_dormant = self.contract_firm != firm.number
        else:
            is_dormant = relation.is_silent(week, self.traits.need_rate, p.dormant_after)
        return stage_of(relation, is_dormant, p)
