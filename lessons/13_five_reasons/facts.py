"""What the texts of this lesson claim, asserted on the engine. `en` and `zh` stand in the texts word for word."""

import functools

import numpy as np

from sim.lesson_facts import Worlds, fact
from sim.measure import kinds_and_phases, rhythm

_WORLDS = 8
_HALF = 26  # weeks: half a year
_STABILITY = 2  # exploration, formation, stability, decline


@functools.lru_cache(maxsize=4)
def _silent(worlds: Worlds) -> tuple[float, float, float, float]:
    """After half a year, of those silent for four weeks: the share awake by their own rhythm; and who then leaves.

    The share of the awake, of the asleep, and of those heard of lately that are lost in the next half year for another
    reason than moving.
    """
    groups = np.zeros((3, 2))  # awake, asleep, heard of lately: how many, of whom lost
    for world in range(_WORLDS):
        engine = worlds.engine("opening", 3 * _HALF, world)
        engine.advance(2 * _HALF)  # the warm-up and half a year
        relations, week = engine.relations[:, 0].copy(), engine.weeks_done - 1
        silence = week - np.maximum(relations["last_purchase"], relations["week_of_turn"])
        asleep = silence > 2.5 * rhythm(engine, 0)
        stays = engine.column("week_of_moving") > week + 2 * _HALF
        here = (relations["purchases"] > 0) & (relations["reason"] == 0) & stays
        engine.advance(_HALF)
        is_lost = engine.column("reason")[:, 0] > 0
        for k, who in enumerate(
            (here & (silence >= 4) & ~asleep, here & (silence >= 4) & asleep, here & (silence < 4))
        ):
            groups[k] += who.sum(), (who & is_lost).sum()
    lost = groups[:, 1] / groups[:, 0]
    return groups[0, 0] / groups[:2, 0].sum(), lost[0], lost[1], lost[2]


@functools.lru_cache(maxsize=4)
def _left(worlds: Worlds, strategy: str) -> np.ndarray:
    """Departures in a world on average: needs unmet, better value, lower price, moved away."""
    left = np.zeros(4)
    for world in range(_WORLDS):
        engine = worlds.engine(strategy, worlds.lesson.weeks(), world)
        engine.run()
        names = ("left_unmet", "left_value", "left_price", "left_moved")
        left += [engine.tally[name][:, 0].sum() / _WORLDS for name in names]
    return left


@fact(en="about 62% are not asleep at all", zh="约有 62% 根本没有睡着")
def the_calendar_errs(worlds: Worlds) -> None:
    found = _silent(worlds)[0]
    assert 0.55 < found < 0.69, found


@fact(en="about 9% of them leave within the next half year", zh="此后半年里只走了约 9%")
def the_awake_stay(worlds: Worlds) -> None:
    _, awake, _, lately = _silent(worlds)
    assert 0.06 < awake < 0.12, awake
    assert awake - lately < 0.05, lately  # hardly more than of those who have just been there


@fact(en="about 41% of the sleepers do", zh="睡着的人却走了约 41%")
def the_asleep_leave(worlds: Worlds) -> None:
    found = _silent(worlds)[2]
    assert 0.34 < found < 0.48, found


@fact(
    en="about 52% because a need was not met, about 15% for better value elsewhere, about 15% for a lower price "
    "and about 17% because they moved",
    zh="约 52% 是因为需求没有得到满足，约 15% 是因为别处价值更高，约 15% 是因为别处价格更低，约 17% 是因为搬走了",
)
def reasons(worlds: Worlds) -> None:
    left = _left(worlds, "opening")
    found = left / left.sum()
    assert np.all(np.abs(found - [0.52, 0.15, 0.15, 0.17]) < 0.04), found


@fact(en="costs about 5% of the profit and keeps hardly anybody", zh="花掉约 5% 的利润，却几乎一个人也没留住")
def thanks_keep_nobody(worlds: Worlds) -> None:
    found = worlds.difference("opening", "thank_the_best", "profit")
    assert -0.065 < found.difference / found.a < -0.03, found
    found = worlds.difference("opening", "thank_the_best", "lost_customers")
    assert abs(found.difference / found.a) < 0.03, found


@fact(en="loses about 19% fewer customers", zh="流失的顾客少了约 19%")
def letters_keep_many(worlds: Worlds) -> None:
    assert worlds.spending("wake_the_sleepers") == worlds.spending("thank_the_best")
    found = worlds.difference("opening", "wake_the_sleepers", "lost_customers")
    assert -0.23 < found.difference / found.a < -0.14, found
    found = worlds.difference("opening", "wake_the_sleepers", "profit")
    assert abs(found.difference / found.a) < 0.02, found  # and profit is hardly touched


@fact(en="about 67% fewer are bought away", zh="被低价买走的少了约 67%")
def letters_reach_the_bought(worlds: Worlds) -> None:
    before, after = (_left(worlds, name) for name in ("opening", "wake_the_sleepers"))
    found = after / before - 1
    assert -0.76 < found[2] < -0.57, found
    assert found[1] < -0.25, found


@fact(en="only about 7% fewer because of needs unmet", zh="因需求未满足而走的只少了约 7%")
def letters_do_not_mend(worlds: Worlds) -> None:
    before, after = (_left(worlds, name) for name in ("opening", "wake_the_sleepers"))
    found = after / before - 1
    assert -0.12 < found[0] < -0.03, found
    assert found[3] > -0.02, found  # and nobody fewer moves


@fact(en="about 45% stand in stability, and they have brought about 64%", zh="约 45% 的人处在稳定期，他们带来了约 64%")
def stability_brings_most(worlds: Worlds) -> None:
    people = np.zeros(2)
    money = np.zeros(2)
    for world in range(_WORLDS):
        engine = worlds.engine("opening", worlds.lesson.weeks(), world)
        engine.run()
        phase = kinds_and_phases(engine, 0)[1]
        r = engine.relations[:, 0]
        earned = r["revenue"] - r["cost_of_goods"] - r["cost_to_serve"] - r["rewards"]
        is_stable = phase == _STABILITY
        people += is_stable.sum(), (phase >= 0).sum()
        money += earned[is_stable].sum(), earned.sum()
    assert 0.40 < people[0] / people[1] < 0.50, people
    assert 0.59 < money[0] / money[1] < 0.70, money
