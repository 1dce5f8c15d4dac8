"""What a customer meets at a firm: by which way they come, at what price, how they are served; what it is worth.

Where a firm makes everybody the same offer (`is_plain`) its own numbers are the offer.

`firm`, `p` and `climate` may be records of the world or, for loops over many customers, what `terms_of`, `pulls_of` and
`trend_of` copied from them: of a copy the compiler knows that nothing in the loop changes it, so it reads it once.
"""

from __future__ import annotations

from typing import NamedTuple

from sim.compiled import compiled, merged
from sim.policies import personal, programme, tiers
from sim.rules import channel as channels
from sim.rules import choose as choice


class Terms(NamedTuple):
    """What a firm offers this week, as far as the value of its offer goes; see the firms' records in `sim.world`."""

    is_plain: float
    price: float
    deal: float
    service: float
    wait_share: float
    place: float
    personnel: float
    product: float
    image: float
    convenience: float
    online: float
    reseller: float
    distance: float
    device_price: float
    reward_points: float
    reward_value: float
    personal_depth: float
    has_tiers: float
    priority: float
    vip_share: float
    base_service: float
    privilege_bonus: float


class Pulls(NamedTuple):
    """The numbers of the model that the value of an offer rests on; see `sim/params/choose.yaml`."""

    choose_halo: float
    choose_relief: float
    choose_deal_pull: float
    choose_habit_pull: float
    choose_knowledge_pull: float
    choose_commitment_pull: float
    choose_points_pull: float
    choose_salience_pull: float
    choose_consider_at: float
    stage_aware_at: float
    campaign_window: float


class Trend(NamedTuple):
    """This week's factors on the weights of the four values and the four costs."""

    product: float
    service: float
    personnel: float
    image: float
    money: float
    time: float
    energy: float
    mental: float


@compiled
def terms_of(firm):
    """A copy of a firm's terms."""
    return Terms(
        firm.is_plain, firm.price, firm.deal, firm.service, firm.wait_share, firm.place, firm.personnel, firm.product,
        firm.image, firm.convenience, firm.online, firm.reseller, firm.distance, firm.device_price,
        firm.reward_points, firm.reward_value, firm.personal_depth, firm.has_tiers, firm.priority, firm.vip_share,
        firm.base_service, firm.privilege_bonus,
    )  # fmt: skip


@compiled
def pulls_of(p):
    """A copy of the numbers that the value of an offer rests on."""
    return Pulls(
        p.choose_halo, p.choose_relief, p.choose_deal_pull, p.choose_habit_pull, p.choose_knowledge_pull,
        p.choose_commitment_pull, p.choose_points_pull, p.choose_salience_pull, p.choose_consider_at,
        p.stage_aware_at, p.campaign_window,
    )  # fmt: skip


@compiled
def trend_of(climate):
    """A copy of a week's factors on the weights."""
    return Trend(
        climate.product, climate.service, climate.personnel, climate.image,
        climate.money, climate.time, climate.energy, climate.mental,
    )  # fmt: skip


@compiled
def way_to(customer, relation, k, firm, mood):
    """The channel by which a customer reaches a firm; 0 where there is none. See `rules.channel`."""
    if firm.is_plain:
        return channels.STORE if relation.access[k] <= firm.place else channels.NOWHERE
    return channels.channel_taken(
        mood, float(customer.digital[k]), firm.online, float(relation.access[k]), firm.place, firm.reseller
    )


@compiled
def is_willing(relation, k, p):
    """Whether a customer would consider a firm within reach: not lost to it, aware of it, trusting enough."""
    return (
        (relation.reason[k] == 0)
        & (relation.awareness[k] >= p.stage_aware_at)
        & (relation.trust[k] >= p.choose_consider_at)
    )


@compiled
def own_discount(customer, relation, k, firm):
    """The discount of a customer's personal price."""
    if firm.personal_depth <= 0.0:
        return 0.0
    return personal.personal_discount(
        firm.personal_depth, float(relation.knowledge[k]), float(customer.deal_proneness[k])
    )


@compiled
def offer_met(customer, relation, k, firm, way, week, window):
    """What a customer meets: (price, deal, service, wait_share, place, personnel)."""
    if firm.is_plain:
        return firm.price, firm.deal, firm.service, firm.wait_share, firm.place, firm.personnel
    offered = 0.0
    if relation.campaign[k] > 0 and week - relation.week_of_contact[k] < window:
        offered = float(relation.offer[k])
    price = firm.price * (1.0 - own_discount(customer, relation, k, firm)) * (1.0 - offered)
    deal = 1.0 - (1.0 - firm.deal) * (1.0 - offered) if offered > 0.0 else firm.deal
    service, wait_share = firm.service, firm.wait_share
    if firm.has_tiers:
        wait_share = tiers.wait_share_in_tier(wait_share, relation.tier[k], firm.priority, firm.vip_share)
        service = tiers.service_in_tier(firm.base_service * (1.0 - wait_share), relation.tier[k], firm.privilege_bonus)
    place, personnel = firm.place, firm.personnel
    if way != channels.STORE:
        place, personnel = 1.0, personnel * (1.0 - firm.distance)
    return price, deal, service, wait_share, place, personnel


@compiled
def kept_by(relation, k, firm, reference_price, p):
    """What a customer would give up by not buying from a firm: habit, being known, attachment, points at stake."""
    return choice.switching_cost(
        float(relation.habit[k]), float(relation.knowledge[k]), float(relation.commitment[k]),
        programme.stake(float(relation.points[k]), firm.reward_points, firm.reward_value, reference_price),
        p.choose_habit_pull, p.choose_knowledge_pull, p.choose_commitment_pull, p.choose_points_pull,
    )  # fmt: skip


@compiled
def grown_since(relation, k, firm, reference_price, p):
    """What speaks for a firm because the customer buys there: what keeps them, and that it comes to mind."""
    salience = choice.salience(p.choose_salience_pull, float(relation.awareness[k]))
    return kept_by(relation, k, firm, reference_price, p) + salience


@merged
def worth(customer, relation, k, firm, way, fit, climate, week, reference_price, p):
    """Delivered value of a firm to a customer this week, with its money cost and deal part: (V, money, deal)."""
    price, deal_met, service, wait_share, place, personnel = offer_met(
        customer, relation, k, firm, way, week, p.campaign_window
    )
    has_bought = relation.purchases[k] > 0
    satisfaction, knowledge, points = (
        float(relation.satisfaction[k]), float(relation.knowledge[k]), float(relation.points[k]),
    )  # fmt: skip
    values = (
        customer.weight_product[k] * climate.product
        * (choice.value_seen(firm.product, p.choose_halo, satisfaction, has_bought) * fit)
        + customer.weight_service[k] * climate.service
        * choice.value_seen(service, p.choose_halo, satisfaction, has_bought)
        + customer.weight_personnel[k] * climate.personnel
        * choice.value_seen(personnel, p.choose_halo, satisfaction, has_bought)
        + customer.weight_image[k] * climate.image * firm.image
    )  # fmt: skip
    reward = programme.reward_due(points, firm.reward_points, firm.reward_value, price)
    entry_price = price if has_bought else price + firm.device_price
    money = customer.weight_money[k] * climate.money * choice.money_cost(entry_price, reward, reference_price)
    costs = (
        money
        + customer.weight_time[k] * climate.time * choice.time_cost(place, wait_share)
        + customer.weight_energy[k] * climate.energy * choice.energy_cost(firm.convenience, p.choose_relief, knowledge)
        + customer.weight_mental[k] * climate.mental * choice.mental_cost(float(relation.trust[k]))
    )
    deal = choice.pull_of_deal(float(customer.deal_proneness[k]), p.choose_deal_pull, deal_met)
    switching = kept_by(relation, k, firm, reference_price, p)
    salience = choice.salience(p.choose_salience_pull, float(relation.awareness[k]))
    return choice.delivered_value(values, costs, deal, switching, salience, float(relation.taste[k])), money, deal


@compiled
def quality_met(customer, k, firm, service, personnel, fit, climate):
    """Performance a firm offers a customer, by the customer's own weights on the four values."""
    fitting = firm.product * fit
    product_weight = float(customer.weight_product[k]) * climate.product
    service_weight = float(customer.weight_service[k]) * climate.service
    personnel_weight = float(customer.weight_personnel[k]) * climate.personnel
    image_weight = float(customer.weight_image[k]) * climate.image
    total = product_weight + service_weight + personnel_weight + image_weight
    if total <= 0.0:
        return fitting
    return (
        product_weight * fitting
        + service_weight * service
        + personnel_weight * personnel
        + image_weight * firm.image
    ) / total  # fmt: skip
