"""Luck, ties and traits: the generator against its published answers, what is drawn against its distribution.

Seeds are fixed, so a test that passes once passes always; a chance of 0.001 is what each had of failing then.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import special, stats

from sim import chance, elementary, network, population, storage
from sim.compiled import compiled
from sim.plan import FirmPlan, Network, Plan, Spread
from tests.reference.plans import SEGMENTS, plan_by_hand

ENOUGH = 0.001  # the probability below which we no longer believe in bad luck

# The answers published with Random123 (kat_vectors, philox4x32 with 10 rounds): counter, key, answer.
KNOWN_ANSWERS = (
    ("00000000 00000000 00000000 00000000", "00000000 00000000", "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
    ("ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd"),
    ("243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1"),
)


def words(text: str) -> list[np.uint64]:
    return [np.uint64(int(word, 16)) for word in text.split()]


def column(purpose: int, *, seed: int = 1, slot: int = 0, customers: int = 100_000) -> NDArray[np.float64]:
    """The draws of many customers for one purpose."""
    out = np.empty(customers)
    chance.uniform_column(np.uint64(seed), purpose, slot, 0, out)
    return out


# ---------------------------------------------------------------- the generator


@pytest.mark.parametrize(("counter", "key", "answer"), KNOWN_ANSWERS)
def test_philox_gives_the_published_answers(counter: str, key: str, answer: str) -> None:
    found = " ".join(f"{int(word):08x}" for word in chance.philox(*words(counter), *words(key)))
    assert found == answer, f"Philox4x32-10 of {counter} under {key} is {answer}, not {found}."


def test_a_draw_is_the_word_of_its_name() -> None:
    seed, purpose, week, customer = 0x0123456789ABCDEF, chance.TELL, 37, 4711
    for slot in range(12):
        key = (np.uint64(seed & 0xFFFFFFFF), np.uint64(seed >> 32))
        counter = [np.uint64(word) for word in (customer, week, purpose, slot // 4)]
        word = int(chance.philox(*counter, *key)[slot % 4])
        found = chance.uniform(np.uint64(seed), purpose, week, customer, slot)
        assert found == (word + 0.5) / 2.0**32, f"Slot {slot} is not word {slot % 4} of block {slot // 4}."


def test_four_draws_at_once_are_the_four_single_draws() -> None:
    for block in range(3):
        together = chance.uniforms(np.uint64(5), chance.CHOOSE, 9, 77, block)
        alone = [chance.uniform(np.uint64(5), chance.CHOOSE, 9, 77, 4 * block + word) for word in range(4)]
        assert list(together) == alone, f"Block {block} is not made of slots {4 * block} to {4 * block + 3}."


def test_a_column_of_draws_is_the_draws_of_its_customers() -> None:
    out = np.empty(5)
    chance.uniform_column(np.uint64(3), chance.TASTE, 6, 100, out)
    alone = [chance.uniform(np.uint64(3), chance.TASTE, 0, 100 + i, 6) for i in range(5)]
    assert list(out) == alone, "A column does not hold the week-0 draws of its customers."


def test_purposes_are_distinct() -> None:
    numbers = list(chance.PURPOSES.values())
    assert len(numbers) >= 10, "The purposes have gone missing from PURPOSES."
    assert len(set(numbers)) == len(numbers), "Two decisions share a purpose and so their luck."
    assert all(0 < number < 2**32 for number in numbers), "A purpose is one word of the counter."


# ---------------------------------------------------------------- uniform and independent

SERIES = {
    "customers": lambda: column(chance.NEED),
    "weeks": lambda: np.array([chance.uniform(np.uint64(1), chance.NEED, w, 0, 0) for w in range(20_000)]),
    "slots": lambda: np.array([chance.uniform(np.uint64(1), chance.NEED, 0, 0, s) for s in range(20_000)]),
    "purposes": lambda: np.array([chance.uniform(np.uint64(1), p, 0, 0, 0) for p in range(20_000)]),
    "seeds": lambda: np.array([chance.uniform(np.uint64(s), chance.NEED, 0, 0, 0) for s in range(20_000)]),
}


@pytest.mark.parametrize("along", SERIES)
def test_draws_are_uniform_and_each_independent_of_the_next(along: str) -> None:
    draws = SERIES[along]()
    assert 0.0 < draws.min() < draws.max() < 1.0, f"A draw along {along} is not strictly between 0 and 1."
    singles = np.bincount((draws * 64).astype(int), minlength=64)
    assert stats.chisquare(singles).pvalue > ENOUGH, f"Draws along {along} are not uniform."
    cells = (draws[:-1] * 16).astype(int) * 16 + (draws[1:] * 16).astype(int)
    assert stats.chisquare(np.bincount(cells, minlength=256)).pvalue > ENOUGH, (
        f"A draw along {along} depends on the one before it."
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"purpose": chance.HEAR}, {"purpose": chance.NEED}),
        ({"purpose": chance.TASTE, "slot": 0}, {"purpose": chance.TASTE, "slot": 1}),
        ({"purpose": chance.TASTE, "slot": 0}, {"purpose": chance.TASTE, "slot": 4}),
        ({"purpose": chance.NEED, "seed": 1}, {"purpose": chance.NEED, "seed": 2}),
        ({"purpose": chance.NEED, "seed": 1}, {"purpose": chance.NEED, "seed": 1 + 2**32}),
    ],
    ids=["purposes", "slots of a block", "slots of two blocks", "seeds", "high words of seeds"],
)
def test_two_decisions_do_not_share_their_luck(one: dict[str, int], other: dict[str, int]) -> None:
    a, b = column(**one), column(**other)
    table = np.bincount((a * 16).astype(int) * 16 + (b * 16).astype(int), minlength=256)
    assert stats.chisquare(table).pvalue > ENOUGH, f"The draws of {one} and {other} go together."


# ---------------------------------------------------------------- from uniform to what is needed


def test_the_normal_quantile_is_exact_far_into_the_tails() -> None:
    tiny = np.array([2.0**-33, 1e-12, 1e-20, 1e-100, 1e-300])
    u = np.concatenate([tiny, np.linspace(1e-6, 0.999999, 4001), [0.075, 0.925, 0.5], 1.0 - 2.0 ** -np.arange(5, 50)])
    found = np.array([chance.normal(x) for x in u])
    off = np.abs(found - stats.norm.ppf(u)) / np.maximum(1.0, np.abs(found))
    assert off.max() < 1e-12, f"The normal quantile at {u[off.argmax()]} is off by {off.max()}."
    assert chance.normal(0.5) == 0.0, "The median of a normal is not 0."


def test_many_normals_at_once_are_those_one_by_one() -> None:
    u = np.concatenate([np.linspace(1e-9, 1.0 - 1e-9, 2001), [0.075, 0.925, np.nextafter(0.925, 1.0), 2.0**-33]])
    at_once = np.full(u.size + 1, np.nan)
    chance.normals_of(at_once, u.size, u)
    assert np.array_equal(at_once[:-1], [chance.normal(x) for x in u]), "Some normal differs from the one drawn alone."
    assert np.isnan(at_once[-1]), "A place beyond those asked for was written to."


@pytest.mark.parametrize("mean", [0.01, 0.3, 1.0, 4.0, 11.0])
def test_poisson_counts_are_the_quantiles_of_the_poisson(mean: float) -> None:
    u = column(chance.NEED, seed=4, customers=20_000)
    found = np.array([chance.poisson(x, mean) for x in u])
    wanted = np.minimum(stats.poisson.ppf(u, mean), 12)
    assert (found == wanted).all(), f"{(found != wanted).sum()} counts of mean {mean} are not the quantiles."
    expected = stats.poisson.pmf(np.arange(13), mean) * u.size
    expected[12] = stats.poisson.sf(11, mean) * u.size
    most = int(np.flatnonzero(expected >= 5.0).max())  # rarer counts are thrown together
    counts = np.bincount(np.minimum(found, most), minlength=most + 1)
    expected = np.append(expected[:most], expected[most:].sum())
    assert stats.chisquare(counts, expected).pvalue > ENOUGH, f"Counts of mean {mean} are not Poisson."


def test_there_are_no_needs_without_a_rate_and_never_more_than_twelve() -> None:
    assert chance.poisson(1.0 - 2.0**-33, 0.0) == 0, "A need arises at rate 0."
    assert chance.poisson(1.0 - 2.0**-33, 50.0) == 12, "More than twelve needs arise in a week."


@compiled
def each_ln(values, out):
    for k in range(values.size):
        out[k] = elementary.ln(values[k])


@compiled
def each_exp(values, out):
    for k in range(values.size):
        out[k] = elementary.exp(values[k])


def units_off(function: Any, exact: Any, values: NDArray[np.float64]) -> float:
    """The largest error of a compiled function, in units of the last place, beside long doubles."""
    found, wanted = np.empty_like(values), exact(values.astype(np.longdouble))
    function(values, found)
    return float(np.max(np.abs(found - wanted) / np.spacing(np.abs(wanted.astype(float)))))


def test_the_own_logarithm_and_exponential_are_right_to_the_last_place() -> None:
    u = column(chance.CHOOSE, seed=3)
    assert units_off(each_ln, np.log, u) < 1.0
    assert units_off(each_ln, np.log, np.array([2.0**-33, 0.5, 1.0 - 2.0**-33, 2.0, 22.9, 1e300])) < 1.0
    assert units_off(each_exp, np.exp, -30.0 * u) < 1.0
    assert units_off(each_exp, np.exp, np.array([0.0, -1e-12, -699.9, 1.0, 600.0])) < 1.0
    assert (elementary.ln(1.0), elementary.exp(0.0), elementary.exp(-1e4)) == (0.0, 1.0, 0.0)


def test_gumbel_draws_have_the_mean_and_spread_of_a_gumbel() -> None:
    draws = np.array([chance.gumbel(u) for u in column(chance.CHOOSE, seed=6)])
    off = abs(draws.mean() - np.euler_gamma) / (np.pi / np.sqrt(6.0 * draws.size))
    assert off < 3.3, f"The mean of Gumbel draws is {draws.mean()}, not Euler's constant."
    assert draws.var() == pytest.approx(np.pi**2 / 6.0, rel=0.02), "Gumbel draws vary by π²/6."
    assert stats.kstest(draws, "gumbel_r").pvalue > ENOUGH, "These are not Gumbel draws."


# ---------------------------------------------------------------- who knows whom


def neighbours(ties: network.Ties) -> list[list[int]]:
    return [list(ends) for ends in np.split(ties.ends, ties.offsets[1:-1])]


@pytest.mark.parametrize("kind", ["small_world", "scale_free"])
def test_ties_go_both_ways_and_newcomers_have_none(kind: str) -> None:
    ties = network.build(Network(kind, 6, 0.3), 500, 520, 3)
    friends = neighbours(ties)
    there = sorted((i, j) for i, ends in enumerate(friends) for j in ends)
    assert there == sorted((j, i) for i, j in there), "Somebody's friend does not know them."
    edges = 500 * 3 if kind == "small_world" else 1 + 2 + 3 * 497
    assert len(there) == 2 * edges, f"{edges} ties make {2 * edges} ends, not {len(there)}."
    assert all(i != j for i, j in there), "Somebody is their own friend."
    assert not any(friends[500:]), "A customer beyond the market's size knows somebody."


def test_a_small_world_that_is_not_rewired_is_a_ring() -> None:
    for i, ends in enumerate(neighbours(network.build(Network("small_world", 4, 0.0), 50, 50, 3))):
        ring = sorted((i + step) % 50 for step in (-2, -1, 1, 2))
        assert sorted(ends) == ring, f"Customer {i} knows {sorted(ends)} instead of {ring}."


def test_nobody_is_rewired_to_themselves() -> None:
    for seed in range(30):
        friends = neighbours(network.build(Network("small_world", 4, 1.0), 8, 8, seed))
        assert not any(i in ends for i, ends in enumerate(friends)), f"At seed {seed} somebody knows themselves."


def test_rewiring_moves_its_share_of_ties() -> None:
    ring, rewired = (network.build(Network("small_world", 6, share), 4000, 4000, 3) for share in (0.0, 0.2))
    near = [min((i - j) % 4000, (j - i) % 4000) <= 3 for i, ends in enumerate(neighbours(rewired)) for j in ends]
    moved = 1.0 - np.mean(near)
    assert moved == pytest.approx(0.2, abs=4.0 * np.sqrt(0.2 * 0.8 / 12_000)), f"{moved:.3f} were rewired."
    assert ring.ends.size == rewired.ends.size, "Rewiring loses ties."


def test_a_scale_free_network_has_the_heavy_tail_of_preferential_attachment() -> None:
    degrees = np.diff(network.build(Network("scale_free", 6), 20_000, 20_000, 3).offsets)
    for k in (6, 12, 24, 48):
        theory = 3.0 * 4.0 / (k * (k + 1.0))  # Bollobás et al. (2001): share of degree k or more is m(m+1)/(k(k+1))
        share = np.mean(degrees >= k)
        assert share == pytest.approx(theory, rel=0.15), f"{share:.4f} know {k} or more, theory says {theory:.4f}."
    assert degrees.max() > 30 * degrees.mean(), "There is no hub."
    ring = np.diff(network.build(Network("small_world", 6, 0.1), 20_000, 20_000, 3).offsets)
    assert ring.max() < 4 * ring.mean(), "A small world has no hubs."


def test_a_network_needs_a_known_kind_and_an_even_degree() -> None:
    with pytest.raises(ValueError, match="small_world or scale_free"):
        network.build(Network("ladder", 4), 10, 10, 1)
    with pytest.raises(ValueError, match="even"):
        network.build(Network("small_world", 5), 10, 10, 1)
    assert network.build(Network("small_world", 4), 1, 1, 1).ends.size == 0, "One customer has nobody to know."


# ---------------------------------------------------------------- who the customers are

CUSTOMERS = 20_000


def customers_of(plan: Plan) -> NDArray[Any]:
    return storage.records(population.born(plan)[0], plan.market_size)


def born(**changes: object) -> Plan:
    segment = replace(SEGMENTS[0], share=1.0, **changes)
    return plan_by_hand(market_size=CUSTOMERS, segments=(segment,), network=Network(degree=0))


def test_needs_are_gamma_and_forgiveness_is_beta() -> None:
    customers = customers_of(born(need_rate=0.5, need_shape=1.2, forgiveness=Spread(0.3, 5.0)))
    gamma = stats.kstest(customers["need_rate"], stats.gamma(1.2, scale=0.5 / 1.2).cdf)
    assert gamma.pvalue > ENOUGH, "Need rates are not Gamma with their mean and shape."
    beta = stats.kstest(customers["forgiveness"], stats.beta(1.5, 3.5).cdf)
    assert beta.pvalue > ENOUGH, "Forgiveness is not Beta with its mean and concentration."
    together = stats.spearmanr(customers["need_rate"], customers["forgiveness"])
    assert together.pvalue > ENOUGH, "Those with many needs forgive differently."


def test_weights_vary_around_those_of_the_segment_without_moving_their_mean() -> None:
    customers = customers_of(born(weight_spread=0.4))
    for name, mean in zip(("weight_product", "weight_money"), (1.5, 1.2), strict=True):
        law = stats.lognorm(0.4, scale=mean * np.exp(-0.08))
        assert stats.kstest(customers[name], law.cdf).pvalue > ENOUGH, f"{name} is not log-normal."
        assert customers[name].mean() == pytest.approx(mean, rel=0.01), f"The spread moves the mean of {name}."


def test_traits_without_spread_are_the_mean_of_everybody() -> None:
    plan = born(need_shape=None, weight_spread=0.0, complaint=Spread(0.4), deal_proneness=Spread(1.0, 5.0))
    customers = customers_of(plan)
    for name, value in (
        ("need_rate", 0.5),
        ("weight_image", 0.4),
        ("complaint", 0.4),
        ("deal_proneness", 1.0),
    ):
        assert np.unique(customers[name]).tolist() == [np.float32(value)], f"{name} differs between customers."


def test_segments_have_their_shares() -> None:
    customers = customers_of(plan_by_hand(market_size=CUSTOMERS, network=Network(degree=0)))
    counts = np.bincount(customers["segment"])
    assert stats.chisquare(counts, [0.6 * CUSTOMERS, 0.4 * CUSTOMERS]).pvalue > ENOUGH, "Shares are not 60 : 40."


def test_moving_away_is_geometric() -> None:
    weeks = customers_of(born(moving=Spread(0.1)))["week_of_moving"]
    expected = stats.geom(0.1, loc=-1).pmf(np.arange(40)) * CUSTOMERS
    counts = np.bincount(np.minimum(weeks, 40), minlength=41)
    assert stats.chisquare(counts, np.append(expected, CUSTOMERS - expected.sum())).pvalue > ENOUGH, (
        "The week of moving is not geometric: of those who are left, the hazard should go every week."
    )


def test_moving_away_at_mixed_hazards_is_beta_geometric() -> None:
    weeks = customers_of(born(moving=Spread(0.25, 4.0)))["week_of_moving"]
    survival = special.beta(1.0, 3.0 + np.arange(13)) / special.beta(1.0, 3.0)
    expected = np.append(-np.diff(survival), survival[-1]) * CUSTOMERS
    counts = np.bincount(np.minimum(weeks, 12), minlength=13)
    assert stats.chisquare(counts, expected).pvalue > ENOUGH, "Mixed hazards do not give B(a, b + t)/B(a, b)."


@pytest.mark.parametrize(("hazard", "week"), [(0.0, population.NEVER), (1.0, 0)])
def test_nobody_moves_without_a_hazard_and_everybody_at_once_with_certainty(hazard: float, week: int) -> None:
    weeks = customers_of(born(moving=Spread(hazard)))["week_of_moving"]
    assert np.unique(weeks).tolist() == [week], f"At hazard {hazard} everybody should move in week {week}."


def test_tastes_with_gumbel_luck_give_dirichlet_shares() -> None:
    standings, concentration = (0.6, 0.3, 0.08, 0.02), 1.3
    firms = tuple(FirmPlan(str(s), s, 1.0, 1.0, (0.5,) * 6) for s in standings)
    segment = replace(SEGMENTS[0], share=1.0, fit=(1.0,) * 4)
    plan = plan_by_hand(
        market_size=CUSTOMERS, firms=firms, segments=(segment,), network=Network(degree=0),
        taste_concentration=concentration, levers={"pricing.list_price": 10.0, "advertising.spend": 0.0,
        "advertising.promise": 0.5, "image.spend": 0.0, "insight.spend": 0.0, "product.spend": 0.0,
        "training.spend": 0.0, "winback.spend": 0.0, "service.agents": 1.0},
    )  # fmt: skip
    tastes = storage.column(population.born(plan)[1], "taste", plan.market_size).astype(float)
    shares = special.softmax(tastes, axis=1)  # what Gumbel luck makes of tastes
    for f, standing in enumerate(standings):
        a, b = concentration * standing, concentration * (1.0 - standing)
        inside = (shares[:, f] > 1e-6) & (shares[:, f] < 1.0 - 1e-6)
        law = stats.beta(a, b)
        low, high = law.cdf(1e-6), law.cdf(1.0 - 1e-6)
        assert stats.kstest((law.cdf(shares[inside, f]) - low) / (high - low), "uniform").pvalue > ENOUGH, (
            f"The shares of a firm of standing {standing} are not Beta({a:.3f}, {b:.3f})."
        )
        assert shares[:, f].mean() == pytest.approx(standing, abs=4.0 * law.std() / np.sqrt(CUSTOMERS)), (
            f"A firm of standing {standing} does not get its share."
        )


def test_without_concentration_everybody_has_the_taste_of_the_market() -> None:
    plan = plan_by_hand(taste_concentration=None)
    tastes = storage.column(population.born(plan)[1], "taste", plan.market_size)
    wanted = np.log(3.0 * np.array([firm.standing for firm in plan.firms]))
    assert np.allclose(tastes, wanted, atol=1e-6), "Taste is ln(F · standing)."
