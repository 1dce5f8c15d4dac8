"""Every rule by itself: the cases a teacher can read, its bounds, and where each argument pushes it.

Cases run twice, through the machine code and through the Python it was made from: coverage sees only the
latter.
"""

from __future__ import annotations

import inspect
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import sim.schedule  # noqa: F401  (importing it fills RULES)
from sim import parameters
from sim.compiled import RULES
from sim.rules import loyalty  # noqa: F401  its rules are read off by the measures, not by the week
from sim.rules.stage import STAGES
from tests.reading import ROOT, name, read_yaml, report

STEMS = sorted({rule.split(".")[0] for rule in RULES})
EXACT = 1e-9
ROUNDING = 1e-12


def cases() -> list[Any]:
    """Every case of every file, with the stem of the rules it is about."""
    found = []
    for path in sorted((ROOT / "tests" / "cases").glob("*.yaml")):
        listed = read_yaml(path)
        assert isinstance(listed, list), f"{name(path)} is not a list of cases."
        found += [pytest.param(path, case, id=f"{path.stem}: {case['name']}") for case in listed]
    return found


def arguments(rule: Any) -> list[str]:
    """What a rule asks for, in order."""
    return list(inspect.signature(rule.py_func).parameters)


def as_number(value: Any) -> Any:
    """A value of a case as a rule takes or gives it: stages go by name, True and False stay."""
    if isinstance(value, str):
        return float(STAGES.index(value))
    return value if isinstance(value, bool) else float(value)


@pytest.mark.parametrize(("path", "case"), cases())
def test_every_case_holds_in_machine_code_and_in_python(path: Path, case: dict[str, Any]) -> None:
    given = {key: as_number(value) for key, value in case["given"].items()}
    unused = set(given)
    for rule_name, expected in case["expect"].items():
        rule = RULES.get(f"{path.stem}.{rule_name}")
        assert rule is not None, f"{name(path)} expects {rule_name}, but there is no such rule."
        wanted = arguments(rule)
        assert set(wanted) <= set(given), f"{rule_name} also needs {sorted(set(wanted) - set(given))}."
        unused -= set(wanted)
        for way, function in (("machine code", rule), ("Python", rule.py_func)):
            found = function(*(given[argument] for argument in wanted))
            assert abs(found - as_number(expected)) <= EXACT, (
                f"{case['name']} {path.stem}.{rule_name} should be {expected} but is {found} in {way}."
            )
    assert not unused, f"No rule of the case takes {sorted(unused)}. Please take it out of `given`."


def test_every_rule_has_a_case_and_every_case_is_a_sentence() -> None:
    faults, expected = [], set()
    for parameter in cases():
        path, case = parameter.values
        expected |= {f"{path.stem}.{rule}" for rule in case["expect"]}
        sentence = case["name"]
        if not (sentence[0].isupper() and sentence.endswith(".") and len(sentence.split()) >= 4):
            faults.append(f"{name(path)}: {sentence!r} is not a whole sentence.")
    faults += [f"{rule} has no case in tests/cases/." for rule in sorted(set(RULES) - expected)]
    report(faults)


# ---------------------------------------------------------------- bounds and directions

LEVEL = st.floats(0.0, 1.0)
UTILITY = st.floats(-20.0, 20.0)
MONEY = st.floats(0.0, 1e5)
COUNT = st.integers(0, 255)
PULL = st.floats(0.0, 20.0)
SIGNED = st.floats(-1.0, 1.0)
WEIGHT = st.floats(0.0, 0.33)  # three of them make no more than a whole

# What an argument may be where it is not a level; "file.rule.argument" for one rule alone.
DOMAIN: defaultdict[str, st.SearchStrategy[Any]] = defaultdict(lambda: LEVEL, {
    "messages": COUNT, "good": COUNT, "bad": COUNT,
    "surprise": SIGNED, "gap": SIGNED, "felt": st.floats(-5.0, 1.0),
    "broken": st.floats(0.0, 10.0), "loss_aversion": st.floats(1.0, 5.0),
    "halo": st.floats(0.0, 5.0), "has_bought": st.booleans(), "is_rival": st.booleans(),
    "price": MONEY, "reward": MONEY, "list_price": MONEY, "reward_value": MONEY,
    "reference_price": st.floats(0.01, 1e5),
    "deal_pull": PULL, "habit_pull": PULL, "knowledge_pull": PULL, "commitment_pull": PULL,
    "points_pull": PULL,
    "values": UTILITY, "costs": UTILITY, "switching": UTILITY, "taste": UTILITY,
    "choose.delivered_value.deal": UTILITY,
    "own_value": UTILITY, "rival_value": UTILITY, "price_part": UTILITY,
    "exchanges": st.integers(1, 3),
    "from_expectation": st.floats(0.0, 2.0), "from_gap": st.floats(0.0, 5.0),
    "from_satisfaction": WEIGHT, "from_trust": WEIGHT, "from_image": WEIGHT,
    "praise_above": st.floats(0.05, 0.99), "blame_below": st.floats(0.01, 0.95),
    "curve": st.floats(0.2, 6.0), "ambassador": st.floats(0.0, 10.0),
    "first_purchase": st.integers(0, 100), "last_purchase": st.integers(100, 1000),
    "purchases": st.integers(1, 500), "need_interval": st.floats(0.08, 1000.0),
    "reason": st.integers(1, 5),
    "silence": st.integers(0, 1000), "after": st.floats(0.5, 50.0), "rhythm": st.floats(0.01, 500.0),
    "week": st.integers(0, 1000), "firm": st.integers(0, 7), "promotion_every": st.integers(0, 52),
    "points": st.floats(0.0, 1e4), "points_held": st.floats(0.0, 1e6), "reward_points": st.floats(1.0, 1e5),
    "contacts": st.integers(0, 5000), "agents": st.floats(0.0, 200.0),
    "handling_minutes": st.floats(0.1, 600.0), "agent_minutes": st.floats(1.0, 10080.0),
    "longest_wait": st.floats(1.0, 10080.0),
    "is_asked": st.booleans(), "has_complained": st.booleans(), "salience_pull": PULL, "salience": UTILITY,
    "is_gone": st.booleans(), "weeks_gone": st.integers(0, 500),
    "memory_half_life": st.floats(1.0, 1000.0), "sweetener": st.floats(0.0, 20.0),
    "unfair": st.floats(0.0, 10.0), "taken": st.sampled_from([1, 2, 4]), "n_channels": st.integers(1, 3),
    "online_learning": st.floats(0.0, 10.0), "campaign.estimated_value.mean": st.floats(-1e5, 1e5),
    "earned": st.floats(-1e5, 1e5), "value": st.floats(-1e5, 1e5), "won": st.integers(0, 50),
    "tried": st.integers(50, 500), "prior": st.floats(0.1, 1e4), "tier": st.integers(0, 2),
    "vip_share": st.floats(0.0, 0.9), "privilege": MONEY, "tiers.privilege_bonus.half": st.floats(1e-4, 1000.0),
    "listing_half": st.floats(1e-3, 1.0), "fit": st.floats(0.0, 2.0), "bargains": st.integers(0, 500),
    "trial": st.integers(1, 100), "tenure": st.integers(0, 1000), "interval": st.floats(0.0, 500.0),
    "stable_after": st.floats(1.0, 520.0), "slowing": st.floats(1.0, 10.0),
    "community_pull": st.floats(0.0, 10.0), "referral_pull": st.floats(0.0, 10.0), "from_community": WEIGHT,
    "intensity": st.floats(0.0, 100.0), "half": st.floats(1e-4, 10.0), "power": st.floats(0.3, 5.0),
})  # fmt: skip

# The least and the most a rule may give, and how each argument pushes it: + up or nowhere, - down or nowhere.
PROMISES: dict[str, tuple[float, float, str]] = {
    "hear.caught": (0, 1, "+messages +friend_reach"),
    "hear.chance_of_noticing":
        (0, 1, "+advertising +innovativeness +reach +imitation +susceptibility +caught"),
    "hear.awareness_kept": (0, 1, "+awareness -forget +remind +advertising +caught"),
    "hear.inflated_expectation": (0, 1, "+expectation +promise +inflate +advertising"),
    "trust.trust_from_dialogue": (0, 1, "+trust +dialogue +communication"),
    "trust.trust_after_promise": (0, 1, "+trust +surprise +tolerance +kept -broken"),
    "trust.trust_after_talk": (0, 1, "+trust +good -bad +praise -blame"),
    "trust.trust_after_comparing": (0, 1, "+trust -unfair -peers -others +own"),
    "channel.channel_taken": (0, 4, ""),
    "channel.share_learned": (0, 20, "+online_learning +capability -n_channels"),
    "choose.value_seen": (0, 1, "+level +satisfaction"),
    "choose.money_cost": (-1e7, 1e7, "+price -reward"),
    "choose.time_cost": (0, 1, "-place +wait_share"),
    "choose.energy_cost": (0, 1, "-convenience -relief -knowledge"),
    "choose.mental_cost": (0, 1, "-trust"),
    "choose.pull_of_deal": (0, 400, "+deal_proneness +deal_pull"),
    "choose.switching_cost":
        (0, 80, "+habit +habit_pull +knowledge +knowledge_pull "
                "+commitment +commitment_pull +stake +points_pull"),
    "choose.salience": (0, 400, "+salience_pull +awareness"),
    "choose.delivered_value": (-100, 100, "+values -costs +deal +switching +salience +taste"),
    "experience.tailored": (0, 1, "+quality +tailor +knowledge"),
    "experience.variability_left": (0, 1, "+variability -steadiness -consistency"),
    "experience.chance_of_failure": (0, 1, "+failure_rate -product"),
    "experience.chance_of_recovery": (0, 1, "+recovery -wait_share"),
    "experience.chance_of_exit": (0, 1, "+exit_rate -forgiveness -commitment -has_complained -voice"),
    "experience.knowledge_gained": (0, 1, "+knowledge +learn +insight +exchanges +share_learned"),
    "judge.felt_gap": (-5, 1, "+gap -loss_aversion"),
    "judge.episode_satisfaction": (0, 1, "+expectation +felt +as_expected"),
    "judge.moved_towards": (0, 1, "+level +target"),
    "bond.habit_built": (0, 1, "+habit +habit_gain -deal"),
    "bond.commitment_target":
        (0, 1, "+satisfaction +trust +image +community +from_satisfaction +from_trust +from_image +from_community"),
    "bond.commitment_built": (0, 1, "+commitment +target"),
    "bond.faded": (0, 1, "+level -decay"),
    "tell.rate_of_praise": (0, 1, "+satisfaction +commitment -praise_above +praise_rate -curve +ambassador"),
    "tell.rate_of_blame": (0, 1, "-satisfaction +blame_below +blame_rate -curve"),
    "tell.voice": (1, 121, "+community_pull +community +referral_pull +referral_worth"),
    "tell.answer_to_recommend": (0, 10, "+satisfaction +commitment +recommend_floor"),
    "leave.rhythm": (0, 2000, "-first_purchase +last_purchase -purchases +need_interval"),
    "leave.reason_for_leaving": (2, 4, ""),
    "leave.willingness_to_return": (0, 1, "+return_unmet +return_value +return_price"),
    "leave.memory_left": (0, 1, "-weeks_gone +memory_half_life"),
    "leave.chance_of_return":
        (0, 1, "+willingness +memory +return_rate +is_asked +persuasion +sweetener +offer"),
    "stage.is_silent": (0, 1, "+silence -after -rhythm"),
    "stage.stage_of_stranger": (1, 3, "+awareness +trust -aware_at -trusting_at"),
    "stage.stage_of_buyer": (5, 8, "+satisfaction +commitment -satisfied_at -loyal_at -advocate_at"),
    "pricing.deal_this_week": (0, 1, "+promotion_depth"),
    "pricing.price_paid": (0, 1e5, "+list_price -deal"),
    "programme.stake": (0, 1e7, "+points -reward_points +reward_value -reference_price"),
    "programme.reward_due": (0, 1e5, "+points -reward_points +reward_value +price"),
    "programme.liability": (0, 1e11, "+points_held -reward_points +reward_value"),
    "service.waiting_minutes": (0, 10080, "+contacts -agents +handling_minutes -agent_minutes +longest_wait"),
    "service.contacts_at_desk": (0, 5000, "+contacts -self_service -self_solved"),
    "campaign.estimated_value": (-1e5, 1e5, "+earned +mean"),
    "campaign.estimated_chance": (0, 1, "+won -tried +base"),
    "campaign.second_lifetime_score": (0, 1e5, "+value +willingness +memory"),
    "campaign.trust_introduced": (0, 1, "+trust +introduction"),
    "tiers.wait_share_in_tier": (0, 1, "+wait_share -tier"),
    "tiers.service_in_tier": (0, 1, "+service +tier +bonus"),
    "tiers.privilege_bonus": (0, 1, "+privilege -half -reference_price"),
    "personal.personal_discount": (0, 1, "+depth +knowledge +deal_proneness"),
    "reseller.listing": (0, 1, "+margin -listing_half"),
    "crm.capability": (0, 1, "+system +people"),
    "crm.minutes_needed": (0, 600, "+handling_minutes -saving -able"),
    "reposition.fit_adapted": (0, 2, "+fit +stock"),
    "reposition.image_blurred": (0, 1, "+image -blur -stock"),
    "reposition.image_of_responsible": (0, 1, "+image +from_responsibility +responsibility"),
    "range.chance_of_add_on": (0, 1, "+appeal +commitment +knowledge"),
    "range.chance_of_upgrade": (0, 1, "+appeal +commitment +satisfaction"),
    "loyalty.kind_of_loyalty": (0, 4, ""),
    "loyalty.relationship_phase": (0, 3, ""),
    "spending.response": (0, 1, "+intensity -half"),
    "spending.built": (0, 1, "+stock +effect"),
    "spending.level": (0, 1, "+base +stock"),
}  # fmt: skip


def values_for(rule: str) -> st.SearchStrategy[dict[str, Any]]:
    """Any arguments within the domain of a rule."""
    return st.fixed_dictionaries(
        {
            argument: DOMAIN[one if (one := f"{rule}.{argument}") in DOMAIN else argument]
            for argument in arguments(RULES[rule])
        }
    )


def test_every_rule_promises_its_bounds() -> None:
    assert set(PROMISES) == set(RULES), (
        f"Please give {sorted(set(PROMISES) ^ set(RULES))} their bounds and directions in PROMISES."
    )


@pytest.mark.parametrize("rule", PROMISES)
@settings(deadline=None, max_examples=40, derandomize=True)
@given(data=st.data())
def test_a_rule_keeps_within_its_bounds_and_moves_one_way_with_each_argument(rule: str, data: st.DataObject) -> None:
    low, high, pushes = PROMISES[rule]
    function = RULES[rule].py_func
    values, others = data.draw(values_for(rule)), data.draw(values_for(rule))
    for given_values in (values, others):
        found = float(function(**given_values))
        assert low - ROUNDING <= found <= high + ROUNDING, f"{rule} is {found}, outside [{low}, {high}]."
    for push in pushes.split():
        argument = push[1:]
        less, more = sorted((values[argument], others[argument]))
        at_less, at_more = (float(function(**(values | {argument: value}))) for value in (less, more))
        slack = ROUNDING * max(1.0, abs(at_less), abs(at_more))
        if push[0] == "+":
            assert at_more >= at_less - slack, f"{rule} falls from {at_less} to {at_more} with more {argument}."
        else:
            assert at_more <= at_less + slack, f"{rule} rises from {at_less} to {at_more} with more {argument}."


# ---------------------------------------------------------------- what theory says of single rules


def number(path: str) -> float:
    """A parameter at its own value."""
    file, one = path.split(".")
    return parameters.catalogue()[file][one].value


def satisfaction_after(satisfaction: float, expectation: float, gap: float) -> float:
    """Satisfaction after one experience, by the rules and the numbers of phase 7."""
    felt = RULES["judge.felt_gap"].py_func(gap, number("judge.loss_aversion"))
    episode = RULES["judge.episode_satisfaction"].py_func(
        expectation, felt, *(number(f"judge.{n}") for n in ("as_expected", "from_expectation", "from_gap"))
    )
    return RULES["judge.moved_towards"].py_func(satisfaction, episode, number("judge.satisfaction_speed"))


@settings(deadline=None, derandomize=True)
@given(size=st.floats(0.01, 0.2), level=LEVEL)
def test_a_loss_moves_satisfaction_more_than_an_equal_gain(size: float, level: float) -> None:
    neutral = satisfaction_after(level, 0.5, 0.0)
    gain, loss = (
        satisfaction_after(level, 0.5, size) - neutral,
        neutral - satisfaction_after(level, 0.5, -size),
    )
    assert loss > gain > 0.0, f"A shortfall of {size} costs {loss}, an equal excess brings {gain}."
    assert loss / gain == pytest.approx(number("judge.loss_aversion")), "Within bounds the ratio is loss aversion."


@settings(deadline=None, derandomize=True)
@given(gap=SIGNED, satisfaction=LEVEL, other=LEVEL, trust=LEVEL)
def test_more_satisfaction_never_lowers_commitment(gap: float, satisfaction: float, other: float, trust: float) -> None:
    weights = [number(f"bond.from_{source}") for source in ("satisfaction", "trust", "image")]
    low, high = (
        RULES["bond.commitment_built"].py_func(
            0.4,
            RULES["bond.commitment_target"].py_func(
                satisfaction_after(level, 0.5, gap), trust, 0.3, 0.0, *weights, 0.0
            ),
            number("bond.commitment_speed"),
            0.0,
        )
        for level in sorted((satisfaction, other))
    )
    assert high >= low - ROUNDING, "A more satisfied customer ends up less committed."


def test_the_weights_of_commitment_make_no_more_than_a_whole() -> None:
    total = sum(number(f"bond.from_{source}") for source in ("satisfaction", "trust", "image"))
    assert total <= 1.0 + ROUNDING, f"Commitment heads for {total}, which is no level."


@settings(deadline=None, derandomize=True)
@given(size=st.floats(0.0, 1.0), trust=st.floats(0.5, 1.0))
def test_a_broken_promise_cuts_more_trust_than_a_kept_one_builds(size: float, trust: float) -> None:
    numbers = [number(f"trust.{n}") for n in ("tolerance", "kept", "broken")]
    assume(size > numbers[1] / numbers[2])  # a slip that hardly shows weighs less than a kept promise
    after = RULES["trust.trust_after_promise"].py_func
    gain, loss = after(trust, size, *numbers) - trust, trust - after(trust, -size, *numbers)
    assert loss >= gain, f"At trust {trust} a promise broken by {size} costs {loss}, a kept one brings {gain}."


@settings(deadline=None, derandomize=True)
@given(x=st.floats(0.0, 5.0), y=st.floats(0.0, 5.0), share=LEVEL, half=st.floats(0.01, 1.0))
def test_the_response_to_spending_is_concave_at_power_one(x: float, y: float, share: float, half: float) -> None:
    response = RULES["spending.response"].py_func
    between = response(share * x + (1.0 - share) * y, half, 1.0)
    chord = share * response(x, half, 1.0) + (1.0 - share) * response(y, half, 1.0)
    assert between >= chord - ROUNDING, f"Spending {x} and {y} in turn beats spending evenly at half {half}."


def test_the_response_to_spending_bends_like_an_s_above_power_one() -> None:
    response = RULES["spending.response"].py_func
    steps = [response(x / 10.0, 1.0, 3.0) for x in range(31)]
    bends = [b - 2.0 * a + c for c, a, b in zip(steps, steps[1:], steps[2:], strict=False)]
    assert bends[0] > 0.0 > bends[-1], "The response should first rise faster and faster, then slower."


@settings(deadline=None, derandomize=True)
@given(satisfaction=LEVEL, commitment=LEVEL, low=st.floats(0.01, 0.5), high=st.floats(0.5, 0.99))
def test_nobody_talks_between_the_thresholds(satisfaction: float, commitment: float, low: float, high: float) -> None:
    praise = RULES["tell.rate_of_praise"].py_func(satisfaction, commitment, high, 1.0, 2.0, 1.0)
    blame = RULES["tell.rate_of_blame"].py_func(satisfaction, low, 1.0, 2.0)
    assert praise == 0.0 or satisfaction > high, f"Somebody satisfied by {satisfaction} praises above {high}."
    assert blame == 0.0 or satisfaction < low, f"Somebody satisfied by {satisfaction} blames below {low}."
    assert min(praise, blame) == 0.0, "Somebody praises and blames at once."


@settings(deadline=None, derandomize=True)
@given(
    contacts=st.integers(1, 400),
    agents=st.floats(1.0, 20.0),
    more=st.integers(1, 50),
    staff=st.floats(0.1, 5.0),
)
def test_waiting_grows_with_contacts_and_falls_with_agents(
    contacts: int, agents: float, more: int, staff: float
) -> None:
    wait = RULES["service.waiting_minutes"].py_func
    here = wait(contacts, agents, 10.0, 1800.0, 1e9)
    assume(1e-6 < here < 1e9)
    assert wait(contacts + more, agents, 10.0, 1800.0, 1e9) > here, "More callers should wait longer."
    assert wait(contacts, agents + staff, 10.0, 1800.0, 1e9) < here, "More agents should shorten the wait."


@pytest.mark.parametrize("load", [0.2, 0.5, 0.9])
def test_one_agent_is_the_textbook_queue(load: float) -> None:
    wait = RULES["service.waiting_minutes"](load * 180.0, 1.0, 10.0, 1800.0, 1e9)
    assert wait == pytest.approx(10.0 * load / (1.0 - load)), "With one agent the approximation is exact (M/M/1)."


@settings(deadline=None, derandomize=True)
@given(week=st.integers(0, 500), every=st.integers(1, 52), firms=st.integers(1, 8))
def test_firms_with_the_same_calendar_take_turns(week: int, every: int, firms: int) -> None:
    deal = RULES["pricing.deal_this_week"].py_func
    weeks = [[deal(w, f, 0.2, every) > 0.0 for w in range(week, week + every)] for f in range(firms)]
    assert all(sum(days) == 1 for days in weeks), f"A firm promotes more or less than once in {every} weeks."
    together = [f for f in range(1, firms) if f % every and weeks[f] == weeks[0]]
    assert not together, f"Firms {together} promote in the week of firm 0."
