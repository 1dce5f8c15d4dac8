"""The points programme: progress towards a reward, the reward when it is due, the liability meanwhile."""

from sim.compiled import rule


@rule
def progress(points, reward_points):
    """Share of a reward already earned, at most 1; 0 where there are no rewards.

    points : ≥ 0   reward_points : points for a reward, 0 for none   → [0, 1]
    Source: Kivetz, Urminsky & Zheng (2006), Journal of Marketing Research 43(1):39-58 (proportion of the card).
    """
    return min(1.0, points / reward_points) if reward_points > 0.0 else 0.0


@rule
def reward_due(points, reward_points, reward_value, price):
    """Money off this purchase: a reward once the card is full, never more than the price.

    points, reward_points : points   reward_value, price : money   → money
    Source: definition.
    """
    if reward_points <= 0.0 or points < reward_points:
        return 0.0
    return min(price, reward_value)


@rule
def liability(points_held, reward_points, reward_value):
    """What the firm owes for points not yet redeemed, at full redemption value.

    points_held, reward_points : points   reward_value : money   → money
    Source: IFRS 15 (customer options for additional goods), without breakage.
    """
    return points_held / reward_points * reward_value if reward_points > 0.0 else 0.0
