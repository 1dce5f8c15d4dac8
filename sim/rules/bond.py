"""Phase 8. Bonds: satisfaction, trust and image build commitment; repetition builds habit; deals build neither."""

from sim.compiled import rule


@rule
def habit_built(habit, habit_gain, deal):
    """Habit after a purchase: full-price repetition builds a share of what is missing, a deal builds nothing.

    habit : [0, 1]   habit_gain : [0, 1]   deal : discount, [0, 1]   → [0, 1]
    Source: Verplanken & Orbell (2003), Journal of Applied Social Psychology 33(6):1313-1330 (repetition).
    Covers: E3, E8
    """
    return habit if deal > 0.0 else habit + habit_gain * (1.0 - habit)


@rule
def commitment_target(satisfaction, trust, image, community, from_satisfaction, from_trust, from_image, from_community):
    """Where commitment is heading: a weighted sum of satisfaction, trust, image and community, at most 1.

    satisfaction, trust, image, community : [0, 1]   weights : [0, 1]   → [0, 1]
    Source: Garbarino & Johnson (1999), Journal of Marketing 63(2):70-87; Morgan & Hunt (1994).
    Covers: E3, E4, E13
    """
    liking = from_satisfaction * satisfaction + from_trust * trust + from_image * image
    return min(1.0, liking + from_community * community)


@rule
def commitment_built(commitment, target, commitment_speed, deal):
    """Commitment after a purchase: it moves towards its target, but not when the purchase was a deal.

    commitment, target : [0, 1]   commitment_speed : [0, 1]   deal : discount, [0, 1]   → [0, 1]
    Source: Dodson, Tybout & Sternthal (1978), Journal of Marketing Research 15(1):72-81 (deals undermine attachment).
    Covers: B5, E3, E8
    """
    return commitment if deal > 0.0 else commitment + commitment_speed * (target - commitment)


@rule
def faded(level, decay):
    """A bond after a week without use: level · (1 − decay).

    level, decay : [0, 1]   → [0, 1]
    Source: exponential forgetting, illustrative.
    Covers: B9, E3
    """
    return level * (1.0 - decay)
