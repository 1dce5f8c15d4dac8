"""Tiers: how customers of high value are served better, and who waits for them."""

from sim.compiled import rule

ORDINARY, KEY, VIP = 0, 1, 2
TIERS = ("ordinary", "key", "VIP")
EVERY = 13  # weeks from one ranking to the next


@rule
def wait_share_in_tier(wait_share, tier, priority, vip_share):
    """Share of the longest wait by tier: the VIP are spared a part, the others wait that much longer.

    wait_share, priority : [0, 1]   tier : 2 VIP, else others   vip_share : [0, 0.9]   → [0, 1]
    Source: Kleinrock (1976), Queueing Systems II (conservation law: priority only shifts waiting).
    Covers: C4, C5, D2, D11
    """
    if tier == VIP:
        return wait_share * (1.0 - priority)
    return min(1.0, wait_share * (1.0 + priority * vip_share / (1.0 - vip_share)))


@rule
def service_in_tier(service, tier, bonus):
    """Service level by tier: privileges close a share of the gap to 1 for the VIP, half of it for key customers.

    service, bonus : [0, 1]   tier : 2 VIP, 1 key, 0 ordinary   → [0, 1]
    Source: Zeithaml, Rust & Lemon (2001), California Management Review 43(4):118-142 (customer pyramid);
    form illustrative.
    Covers: C4, C5, D2, E1
    """
    return service + (1.0 - service) * bonus * 0.5 * tier


@rule
def privilege_bonus(privilege, half, reference_price):
    """What privileges add, with diminishing returns: x/(half + x) of the gap, x in reference prices a week.

    privilege : money a week, ≥ 0   half : reference prices, > 0   reference_price : money, > 0   → [0, 1]
    Source: Little (1970), Management Science 16(8):B466-B485 (form).
    Covers: C5, E11
    """
    return privilege / (privilege + half * reference_price)
