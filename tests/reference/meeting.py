"""What a customer meets at a firm: section 2 of the page, phase 5."""

from __future__ import annotations

from dataclasses import dataclass

from .relation import NO_CHANNEL, ONLINE, RESELLER, STORE

NO_OCCASION = 1.0  # the channel draw where no occasion is meant: nobody is online by chance
LARGEST_VIP_SHARE = 0.9
VIP, KEY = 2, 1


@dataclass(frozen=True, slots=True)
class Meeting:
    """One firm as one customer meets it at one moment."""

    firm: int
    channel: int
    personal_discount: float
    price: float
    entry_price: float  # with the device, for someone who has never bought
    deal: float
    reward: float | None  # what a reward takes off the price; None when none is due
    wait_share: float
    service: float
    place: float
    personnel: float


def meet(customer, firm, draw: float = NO_OCCASION) -> Meeting:
    """The firm as this customer meets it now; `draw` decides whether they are online on this occasion."""
    relation = customer.relations[firm.number]
    channel = channel_to(customer, firm, draw)
    personal = firm.personal_discount(customer)
    campaign = relation.offer if relation.campaign > 0 and is_in_window(customer, relation) else 0.0
    price = firm.price * (1.0 - personal) * (1.0 - campaign)
    device = firm.lever("pricing.device_price") if relation.purchases == 0 else 0.0
    wait_share = waited(firm, relation.tier)
    place, personnel = firm.level["place"], firm.level["personnel"]
    if channel in (ONLINE, RESELLER):
        place, personnel = 1.0, personnel * (1.0 - customer.model.p.channel.distance)
    return Meeting(
        firm=firm.number,
        channel=channel,
        personal_discount=personal,
        price=price,
        entry_price=price + device,
        deal=1.0 - (1.0 - firm.deal) * (1.0 - campaign),
        reward=firm.reward_due(relation.points, price),
        wait_share=wait_share,
        service=service_met(firm, relation.tier, wait_share),
        place=place,
        personnel=personnel,
    )


def channel_to(customer, firm, draw: float) -> int:
    """Where this customer can buy from the firm: online by chance, else its shop, else a reseller, else nowhere."""
    access, place = customer.traits.access[firm.number], firm.level["place"]
    if draw < customer.traits.digital * firm.level["online"]:
        return ONLINE
    if access <= place:
        return STORE
    if firm.reseller_reach > 0.0 and access <= place + (1.0 - place) * firm.reseller_reach:
        return RESELLER
    return NO_CHANNEL


def is_in_window(customer, relation) -> bool:
    """Whether the last contact is recent enough to be answered."""
    return customer.model.week - relation.week_of_contact < customer.model.p.campaign.window


def waited(firm, tier: int) -> float:
    """The share of the longest wait that someone of this tier waits."""
    if not firm.has_tiers():
        return firm.wait_share
    priority = firm.lever("tiers.priority")
    if tier == VIP:
        return firm.wait_share * (1.0 - priority)
    vip_share = min(firm.lever("tiers.vip_share"), LARGEST_VIP_SHARE)
    return min(1.0, firm.wait_share * (1.0 + priority * vip_share / (1.0 - vip_share)))


def service_met(firm, tier: int, wait_share: float) -> float:
    """The level of service for someone of this tier, who waits so long."""
    service = firm.base["service"] * (1.0 - wait_share)
    privilege = firm.lever("tiers.privilege")
    if not firm.has_tiers() or privilege == 0.0 or tier not in (VIP, KEY):
        return service
    model = firm.model
    bonus = privilege / (privilege + model.p.tiers.half * model.plan.reference_price)
    if tier == KEY:
        bonus *= 0.5
    return service + (1.0 - service) * bonus
