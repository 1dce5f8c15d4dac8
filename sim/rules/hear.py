"""Phase 3. Awareness: noticing, forgetting, being reminded; advertising that inflates expectations."""

from sim.compiled import rule


@rule
def caught(messages, friend_reach):
    """Chance that at least one of several messages from friends is noticed: 1 − (1 − reach)^n.

    messages : count, ≥ 0   friend_reach : chance per message, [0, 1]   → [0, 1]
    Source: independent exposures; Goldenberg, Libai & Muller (2001), Marketing Letters 12(3):211-223.
    Covers: B6, E4
    """
    return 1.0 - (1.0 - friend_reach) ** messages


@rule
def chance_of_noticing(advertising, innovativeness, reach, imitation, susceptibility, caught):
    """Weekly chance that someone unaware of a firm becomes aware: Bass's p + q·F, or a friend's word.

    advertising : stock, [0, 1]   innovativeness : p   reach : weight of full advertising
    imitation : F, share of adopters seen, [0, 1]
    susceptibility : q per week   caught : chance that a friend's word is noticed, [0, 1]   → [0, 1]
    Source: Bass (1969), Management Science 15(5):215-227.
    Covers: A1, C1, E2, E4
    """
    hazard = min(1.0, innovativeness * advertising * reach + susceptibility * imitation)
    return 1.0 - (1.0 - hazard) * (1.0 - caught)


@rule
def awareness_kept(awareness, forget, remind, advertising, caught):
    """Awareness after a week: some is forgotten, advertising and friends restore part of what is missing.

    awareness, advertising, caught : [0, 1]   forget, remind : shares per week, [0, 1]   → [0, 1]
    Source: decay and reminding as in Nerlove & Arrow (1962), Economica 29(114):129-142.
    Covers: E2, E4
    """
    kept = awareness * (1.0 - forget)
    reminded = kept + (1.0 - kept) * remind * advertising
    return reminded + (1.0 - reminded) * caught


@rule
def inflated_expectation(expectation, promise, inflate, advertising):
    """Expectation after a week of advertising: a promise above it pulls it up; a modest one leaves it alone.

    expectation, promise, advertising : [0, 1]   inflate : share per week, [0, 1]   → [0, 1]
    Source: Oliver (1980), Journal of Marketing Research 17(4):460-469 (direction).
    Covers: B7, E14
    """
    return expectation + inflate * advertising * max(0.0, promise - expectation)
