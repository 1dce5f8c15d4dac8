"""The points programme: what is at stake before a reward, the reward when it is due, the liability meanwhile."""

from sim.compiled import rule


@rule
def stake(points, reward_points, reward_value, reference_price):
    """What a customer has riding on the card: the share of the reward earned (at most 1) times its worth.

    points : ≥ 0   reward_points : points for a reward, 0 for none   reward_value, reference_price : money
    → reference prices
    Source: Kivetz, Urminsky & Zheng (2006), Journal of Marketing Research 43(1):39-58 (proportion of the card).
    Covers: E13
    """
    if reward_points <= 0.0:
        return 0.0
    return min(1.0, points / reward_points) * reward_value / reference_price


@rule
def reward_due(points, reward_points, reward_value, price):
    """Money off this purchase: a reward once the card is full, never more than the price.

    points, reward_points : points   reward_value, price : money   → money
    Source: definition.
    Covers: D6, E13
    """
    if reward_points <= 0.0 or points < reward_points:
        return 0.0
    return min(price, reward_value)


@rule
def liability(points_held, reward_points, reward_value):
    """What the firm owes for points not yet redeemed, at full redemption value.

    points_held, reward_points : points   reward_value : money   → money
    Source: IFRS 15 (customer options for additional goods), without breakage.
    Covers: B3, E13
    """
    return points_held / reward_points * reward_value if reward_points > 0.0 else 0.0
