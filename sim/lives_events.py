"""What happens to one customer, week by week, read from the records between the phases of a walk. Facts, no words.

A `Witness` only looks: it compares the customer's records before and after each phase, and where a phase keeps no
record of why, it asks the same rule again with the same numbers and the same draw of chance.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sim import chance, lives_choice, offer, week
from sim.lives_choice import NOBODY
from sim.lives_walk import Moment, Walk
from sim.policies.campaign import CAMPAIGNS, WINBACK
from sim.policies.tiers import TIERS
from sim.population import NO_SURPRISE
from sim.rules import channel as channels
from sim.rules import experience as service
from sim.rules import hear as hearing
from sim.rules import leave as leaving
from sim.rules import stage as stages
from sim.rules import trust as trusting
from sim.storage import BLOCK, alone
from sim.world import World

NOTABLE_INFLATION = 0.05  # of expectation, before it is worth a sentence
NOTABLE_TRUST = 0.02
FRIENDS, ADVERTISING, OTHERS = "friends", "advertising", "seeing others buy"  # by which a firm becomes known
CHANNEL_NAMES = {channels.STORE: "store", channels.ONLINE: "online", channels.RESELLER: "reseller"}
_FRESH = 13  # weeks over which small steps of expectation are added up


@dataclass(frozen=True)
class Event:
    """Something that happened to a customer: what kind, with which firm, and the numbers behind it."""

    kind: str
    firm: int  # NOBODY where no firm is meant
    numbers: dict[str, Any] = field(default_factory=dict)


class Witness:
    """Watches one customer through a walk; `weeks` holds the events of each week of the run, in order."""

    def __init__(self, walk: Walk, customer: int) -> None:
        self.walk, self.i = walk, customer
        self.weeks: list[list[Event]] = []
        self.offers: dict[tuple[int, int], list[lives_choice.Offer]] = {}  # by week and occasion
        self.codes: list[int] = []  # what the engine notes of each week, by which `paired` tells lives apart
        self._inflated: dict[int, tuple[float, int]] = {}  # firm → expectation gained, since which week
        self._talk: dict[int, tuple[int, int, list[int]]] = {}
        self._bought: dict[str, Any] = {}
        self._look()
        self._remember()
        self._is_near = self._reach()

    def see(self, moment: Moment) -> None:
        """Take in what a phase has done. Call it after every moment of the walk."""
        if moment.block not in (-1, self.i // BLOCK):
            return
        if moment.phase == "act":
            self.weeks.append([])
        tell: Callable[[Moment], None] | None = getattr(self, f"_after_{moment.phase}", None)
        is_concerned = moment.shoppers == 0 or self._shopper(moment) is not None
        if tell is not None and is_concerned and moment.week <= self._customer["week_of_moving"]:
            self._look()
            tell(moment)
            self._remember()
        if moment.phase == "account":
            self.codes.append(int(self.walk.world.customer(self.i)["life"]))

    # ---------------------------------------------------------------- records

    @property
    def _own(self) -> Any:
        """What the customer did this week, as the block under way notes it: one value a column."""
        return {name: self.walk.world.block[name][0, self.i % BLOCK] for name in ("exits", "switched", "is_ignored")}

    @property
    def _p(self) -> Any:
        return self.walk.world.constants[0]

    def _look(self) -> None:
        self._customer, self._now = self.walk.world.customer(self.i), self.walk.world.relations_of(self.i)

    def _remember(self) -> None:
        self._was = self._now
        self._contract = int(self._customer["contract_firm"])

    def _happened(self, kind: str, firm: int = NOBODY, **numbers: Any) -> None:
        self.weeks[-1].append(Event(kind, firm, numbers))

    def _reach(self) -> Any:
        return self._now["access"] <= self.walk.world.firms["place"]

    # ---------------------------------------------------------------- phases

    def _after_act(self, moment: Moment) -> None:
        near = self._reach()
        if moment.week > 0:
            for f in map(int, np.flatnonzero(near != self._is_near)):
                if self._now[f]["awareness"] >= self._p["stage_aware_at"]:
                    place, access = float(self.walk.world.firms[f]["place"]), float(self._now[f]["access"])
                    self._happened("near" if near[f] else "far", f, place=place, needed=access)
        self._is_near = near
        for f, (before, now) in enumerate(zip(self._was, self._now, strict=True)):
            if now["week_of_contact"] == moment.week and now["campaign"] > 0:
                self._happened(
                    "contacted", f, campaign=CAMPAIGNS[now["campaign"] - 1], offer=float(now["offer"]),
                    trust=float(now["trust"]) - float(before["trust"]), was_known=bool(before["awareness"] > 0.0),
                    silence=int(moment.week - max(before["last_purchase"], before["week_of_turn"])),
                )  # fmt: skip
            if now["tier"] != before["tier"]:
                self._happened("ranked", f, before=TIERS[before["tier"]], after=TIERS[now["tier"]])

    def _after_hear(self, moment: Moment) -> None:
        heard, aware_at = self.walk.world.heard_by(self.i, moment.week), self._p["stage_aware_at"]
        for f, (before, now) in enumerate(zip(self._was, self._now, strict=True)):
            words = self.walk.friends_words
            told_by = sorted({int(m["sender"]) for m in words if m["receiver"] == self.i and m["firm"] == f})
            self._talk[f] = (int(heard[f]["good"]), int(heard[f]["bad"]), told_by)
            if before["awareness"] < aware_at <= now["awareness"]:
                self._happened("heard", f, **how_heard(self.walk.world, moment.week, self.i, f), friends=told_by)
            elif now["awareness"] < aware_at <= before["awareness"]:
                self._happened("forgot", f, awareness=float(now["awareness"]), aware_at=float(aware_at))
            gained = float(now["expectation"]) - float(before["expectation"])
            if gained > 0.0:
                so_far, since = self._inflated.get(f, (0.0, moment.week))
                if moment.week - since >= _FRESH:
                    so_far, since = 0.0, moment.week
                self._inflated[f] = so_far + gained, since
                if so_far + gained >= NOTABLE_INFLATION:
                    after, promise = float(now["expectation"]), float(self.walk.world.firms[f]["promise"])
                    self._happened(
                        "promised", f, before=after - so_far - gained, after=after, promise=promise,
                        weeks=moment.week - since + 1,
                    )  # fmt: skip
                    del self._inflated[f]

    def _after_trust(self, moment: Moment) -> None:
        world, p = self.walk.world, self._p
        for f, (before, now) in enumerate(zip(self._was, self._now, strict=True)):
            if now["awareness"] < p["stage_aware_at"]:
                continue
            start, surprise = float(before["trust"]), float(before["surprise"])
            good, bad, friends = self._talk[f]
            dialogue = trusting.trust_from_dialogue(
                start, float(p["trust_dialogue"]), float(world.firms[f]["communication"])
            )
            promise = talk = dialogue
            if surprise > NO_SURPRISE:
                numbers = (float(p[f"trust_{name}"]) for name in ("tolerance", "kept", "broken"))
                talk = promise = trusting.trust_after_promise(dialogue, surprise, *numbers)
            if good + bad:
                talk = trusting.trust_after_talk(promise, good, bad, float(p["trust_praise"]), float(p["trust_blame"]))
            paid = self._compared(f, talk, before)
            after, at = float(now["trust"]), float(p["choose_consider_at"])
            crossed = "lost" if start >= at > after else "won" if start < at <= after else ""
            if good + bad or crossed or abs(after - start) >= NOTABLE_TRUST:
                self._happened(
                    "trust", f, before=start, after=after, dialogue=dialogue - start, promise=promise - dialogue,
                    talk=talk - promise, prices=paid - talk, news=after - paid, good=good, bad=bad, friends=friends,
                    crossed=crossed, consider_at=at, **({"surprise": surprise} if surprise > NO_SURPRISE else {}),
                )  # fmt: skip

    def _compared(self, f: int, trust: float, relation: Any) -> float:
        """Trust after comparing personal prices with friends, as phase 4 has it."""
        world, firm, i = self.walk.world, self.walk.world.firms[f], self.i
        ties = int(world.offsets[i + 1] - world.offsets[i])
        if firm["personal_depth"] <= 0.0 or relation["purchases"] == 0 or firm["mean_discount"] <= 0.0:
            return trust
        peers = int(self._now[f]["adopted_neighbours"]) / ties if ties else 0.0
        own = offer.own_discount(alone(self._customer), alone(relation), 0, firm)
        others = float(firm["mean_discount"])
        return float(trusting.trust_after_comparing(trust, float(self._p["trust_unfair"]), peers, others, own))

    def _shopper(self, moment: Moment) -> Any:
        """The customer's record among the shoppers of an occasion, or None."""
        those = self.walk.world.shoppers[: moment.shoppers]
        place = np.flatnonzero(those["customer"] == self.i)
        return those[place[0]] if len(place) else None

    def _after_choose(self, moment: Moment) -> None:
        world, f = self.walk.world, int(self._shopper(moment)["firm"])
        offers = lives_choice.offers(world, moment.week, self.i, moment.occasion)
        self.offers[moment.week, moment.occasion] = offers
        why = lives_choice.verdict(offers, f)
        mood = lives_choice.mood_of(world, moment.week, self.i, moment.occasion)
        hurdles = {g: lives_choice.why_not(world, self.i, g, mood) for g in range(world.firms.size) if g != f}
        numbers: dict[str, Any] = {
            "occasion": moment.occasion, "value": why.chosen.value, "luck": why.chosen.luck, "other": why.other.firm,
            "other_value": why.other.value, "other_luck": why.other.luck, "cause": why.cause, "gaps": why.gaps,
            "by_value": why.by_value.firm, "by_value_value": why.by_value.value, "by_value_luck": why.by_value.luck,
            "not_considered": {g: hurdle for g, hurdle in hurdles.items() if hurdle},
        }  # fmt: skip
        if world.market[0]["contract_weeks"] > 0:
            numbers["former"] = self._contract
        self._bought = numbers
        if f == NOBODY:
            self._happened("without", **numbers)

    def _after_judge(self, moment: Moment) -> None:
        f = int(self._shopper(moment)["firm"])
        if f == NOBODY:
            return
        before, now = self._was[f], self._now[f]
        self._bought |= {
            name: (float(before[name]), float(now[name])) for name in ("satisfaction", "expectation")
        }  # fmt: skip

    def _after_bond(self, moment: Moment) -> None:
        shopper = self._shopper(moment)
        f = int(shopper["firm"])
        if f == NOBODY:
            return
        world, (satisfaction, expectation) = (
            self.walk.world,
            (self._bought.pop(n) for n in ("satisfaction", "expectation")),
        )
        sale, firm, before = world.sales[shopper["sale"]], world.firms[f], self._was[f]
        flags, rate = int(sale["events"]), float(self._p["experience_failure_rate"])
        self._happened(
            "bought", f, price=float(sale["price"]), deal=float(sale["deal"]), way=CHANNEL_NAMES[int(sale["way"])],
            personal=float(sale["discount"]), reward=float(sale["reward"]),
            campaign=int(before["campaign"]) if self._has_answered(f) else 0,
            points=float(firm["reward_points"]) if flags & week.REWARDED else 0.0,
            is_first=bool(flags & week.FIRST), flags=flags, purchases=int(before["purchases"]) + 1, **self._bought,
        )  # fmt: skip
        self._happened(
            "met", f, perceived=float(sale["perceived"]), expected=expectation[0],
            gap=float(sale["perceived"]) - expectation[0], before=satisfaction[0], after=satisfaction[1],
            wait=float(firm["wait"]) if flags & week.CALLED else 0.0, is_failed=bool(flags & week.FAILED),
            is_complained=bool(flags & week.COMPLAINED), is_recovered=bool(flags & week.RECOVERED),
            has_walked_out=bool(self._own["exits"] >> f & 1), flags=flags,
            chance_of_failure=service.chance_of_failure(rate, float(firm["product"])),
            chance_of_recovery=service.chance_of_recovery(float(firm["recovery"]), float(firm["wait_share"])),
        )  # fmt: skip

    def _has_answered(self, f: int) -> bool:
        """Whether the purchase just made answers a campaign that did contact them."""
        return bool(self._was[f]["campaign"] > 0 and self._now[f]["campaign"] == 0)

    def _after_tell(self, moment: Moment) -> None:
        self._told_before_leaving = int(self.walk.world.counts[week.MESSAGES_LOGGED])
        self._tell(0, is_ignored=bool(self._own["is_ignored"]))

    def _tell(self, first: int, **why: Any) -> None:
        """What they have told friends since the `first` message of the week."""
        world = self.walk.world
        told = world.messages_log[first : world.counts[week.MESSAGES_LOGGED]]
        told = told[told["sender"] == self.i]
        for f in map(int, np.unique(told["firm"])):
            those = told[told["firm"] == f]
            self._happened(
                "told", f, is_good=bool(those[0]["is_good"]), friends=those["receiver"].tolist(),
                satisfaction=float(self._now[f]["satisfaction"]), **why,
            )  # fmt: skip

    def _after_leave(self, moment: Moment) -> None:
        rows, moved_from = self._was.copy(), []
        for f, now in enumerate(self._now):
            before, after = int(rows[f]["reason"]), int(now["reason"])
            if before == 0 and after == leaving.MOVED_AWAY:
                moved_from += [f] if now["purchases"] > 0 else []
            elif before == 0 and after != 0:
                self._happened("left", f, **self._why_left(moment.week, f, after, rows))
            elif before != 0 and after == 0:
                self._happened("returned", f, **self._how_returned(moment.week, f, rows[f]))
            rows[f] = now
        self._tell(self._told_before_leaving, is_let_go=True)
        if moment.week >= self._customer["week_of_moving"]:
            self._happened("moved", firms=moved_from)

    def _why_left(self, w: int, f: int, reason: int, rows: Any) -> dict[str, Any]:
        """The reason and what it rests on: the offers of this moment, as the engine has just compared them."""
        world, p, own = self.walk.world, self._p, rows[f]
        numbers: dict[str, Any] = {
            "reason": reason, "silence": int(w - max(own["last_purchase"], own["week_of_turn"])),
            "satisfaction": float(own["satisfaction"]), "unmet_below": float(p["leave_unmet_below"]),
            "has_walked_out": bool(self._own["exits"] >> f & 1),
            "has_switched": bool(self._own["switched"] == f),
        }  # fmt: skip
        if reason == leaving.PUSHED_ON_PURPOSE:
            costs = sum(float(own[name]) for name in ("cost_of_goods", "cost_to_serve", "rewards"))
            return numbers | {"earned": float(own["revenue"]) - costs, "limit": float(world.firms[f]["let_go_loss"])}
        rivals = [g for g in range(len(rows)) if g != f and lives_choice.is_considered(world, self.i, g, rows[g])]
        mine = lives_choice.unbound(lives_choice.offered(world, w, self.i, f, own))
        those = [lives_choice.offered(world, w, self.i, g, rows[g]) for g in rivals]
        offers = [lives_choice.nothing(world), *map(lives_choice.unbound, those)]
        rival = max(offers, key=lambda one: one.value)
        gaps = lives_choice.gaps_between(rival, mine)
        utility_of_money = float(self._customer["weight_money"]) * float(world.climate[w]["money"])
        money = (rival.value - mine.value) * float(world.market[0]["reference_price"]) / max(utility_of_money, 1e-12)
        return numbers | {
            "value": mine.value, "rival": rival.firm, "rival_value": rival.value,
            "price": mine.price, "rival_price": rival.price,
            "price_part": sum(gaps[part] for part in lives_choice.OF_PRICE) if rival.firm != NOBODY else 0.0,
            "gaps": gaps, "cheaper_by": money,
        }  # fmt: skip

    def _how_returned(self, w: int, f: int, before: Any) -> dict[str, Any]:
        """The weekly chance of coming back, with the firm's asking and without."""
        p, reason, gone = self._p, int(before["reason"]), int(w - before["week_of_turn"])
        names = ("return_unmet", "return_value", "return_price")
        willing = leaving.willingness_to_return(reason, *(float(p[f"leave_{name}"]) for name in names))
        memory = leaving.memory_left(float(gone), float(p["leave_memory_half_life"]))
        is_asked = bool(before["campaign"] == WINBACK and before["week_of_contact"] == w)
        names = ("leave_return_rate", "winback_persuasion", "winback_sweetener")
        rate, persuasion, sweetener = (float(p[name]) for name in names)

        def returning(asked: bool) -> float:
            offer_made = float(before["offer"])
            return float(leaving.chance_of_return(willing, memory, rate, asked, persuasion, sweetener, offer_made))

        return {"reason": reason, "weeks": gone, "chance": returning(is_asked), "unasked": returning(False)}

    def _after_account(self, moment: Moment) -> None:
        for f, (before, now) in enumerate(zip(self._was, self._now, strict=True)):
            if before["points"] > 0.0 and now["points"] == 0.0:
                silence = int(moment.week - now["last_purchase"])
                self._happened("lapsed", f, points=float(before["points"]), weeks=silence)
            stage, former = int(now["stage"]), int(before["stage"])
            if stage != former and min(stage, former) >= stages.DORMANT:
                self._happened(
                    "stage", f, before=stages.STAGES[former], after=stages.STAGES[stage],
                    satisfaction=float(now["satisfaction"]), commitment=float(now["commitment"]),
                    weeks=int(moment.week - max(now["last_purchase"], now["week_of_turn"])),
                )  # fmt: skip


def how_heard(world: World, w: int, i: int, f: int) -> dict[str, Any]:
    """The chance that customer i noticed firm f in week w, and what it would have been without its main cause.

    To be asked right after phase 3, while the talk heard is still there.
    """
    p, now, firm, market = world.constants[0], world.relations_of(i)[f], world.firms[f], world.market[0]
    segment, heard = world.segments[world.customer(i)["segment"]], world.heard_by(i, w)[f]
    good, bad = int(heard["good"]), int(heard["bad"])
    ties = int(world.offsets[i + 1] - world.offsets[i])
    peers = int(now["adopted_neighbours"]) / ties if ties else 0.0
    share, visibility = float(firm["buyers"] / market["size"]), float(market["visibility"])
    seen, advertising = visibility * share + (1.0 - visibility) * peers, float(firm["advertising"])
    words = hearing.caught(good + bad, float(p["hear_friend_reach"])) if good + bad else 0.0

    def noticing(advertising: float, imitation: float, caught: float) -> float:
        return hearing.chance_of_noticing(
            advertising, float(segment["innovativeness"]), float(p["hear_reach"]),
            imitation, float(segment["susceptibility"]), caught,
        )  # fmt: skip

    without = {
        FRIENDS: noticing(advertising, seen, 0.0),
        ADVERTISING: noticing(0.0, seen, words),
        OTHERS: noticing(advertising, 0.0, words),
    }
    cause = min(without, key=lambda one: without[one])  # whose absence would have made it least likely
    return {
        "cause": cause, "chance": noticing(advertising, seen, words), "without": without[cause],
        "good": good, "bad": bad, "buying_friends": int(now["adopted_neighbours"]), "ties": ties,
        "share_of_buyers": share, "draw": chance.uniform(market["seed"], chance.HEAR, w, i, f),
    }  # fmt: skip
