"""Surveys inside the model: some customers are asked, so that answers come with sampling error, as in life.

Who is asked is drawn with the purpose SURVEY, which nothing else uses: asking moves nothing. Every table gives the mean
of the answers and its 95% interval, narrower the more of the firm's customers were asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import optimize, special, stats

from sim import chance, offer
from sim.engine import Engine
from sim.measure import Market, Table, earned, engine_of, is_here, measure, week_of
from sim.rules import tell
from sim.rules.channel import NOWHERE, STORE
from sim.rules.stage import BUYER
from sim.storage import alone
from sim.world import STOCKS

ASKED = 200  # customers, unless told otherwise
LAYERS = ("material", "spiritual", "social")
OBJECTS = ("marketing_system", "firm", "product")
LOYALTY_INDEX = (
    "overall_satisfaction",
    "will_to_deepen",
    "intent_to_rebuy",
    "will_to_recommend",
    "resistance_to_rivals",
)
RIVAL_CUT = 0.2  # price cut of every rival by which resistance is tested

# The six sides of experience, and the weights of delivered value that each speaks to.
SIDES: dict[str, tuple[str, ...]] = {
    "product_performance": ("product",),
    "price": ("money",),
    "information": ("mental",),
    "privileges": ("service",),
    "surprise_and_delight": ("personnel", "image"),
    "convenience": ("time", "energy"),
}
QUESTIONS = 12  # choices between two offers that a respondent makes
STEP = 0.6  # how far the better offer is ahead on a side: levels of [0, 1], or reference prices
_FIRST_SLOT = 64  # of the choice experiment; those below draw who is asked


def sample(market: Market, firm: int = 0, asked: int = ASKED, among: NDArray[Any] | None = None) -> NDArray[np.int64]:
    """Customers who are asked: a simple random sample of the active customers of a firm, or of `among`."""
    engine = engine_of(market)
    if among is None:
        among = np.flatnonzero(is_here(engine) & (engine.column("stage")[:, firm] >= BUYER))
    seed, week = engine.world.market[0]["seed"], max(0, week_of(engine))
    draws = [chance.uniform(seed, chance.SURVEY, week, int(i), firm) for i in among]
    return np.sort(np.asarray(among)[np.argsort(draws)[:asked]])


def estimated(answers: Mapping[str, Any], population: int) -> Table:
    """Means of answers with 95% intervals for a sample without replacement from `population` customers.

    Columns: mean, low, high, asked. Intervals are unbounded for a single answer, and closed when everybody was asked.
    """
    rows = {}
    for name, values in answers.items():
        x = np.asarray(values, float)
        x = x[np.isfinite(x)]
        half = np.nan
        if x.size == 1:
            half = 0.0 if population == 1 else np.inf
        elif x.size:
            left_out = np.sqrt(max(0.0, 1.0 - x.size / population))
            half = float(stats.t.ppf(0.975, x.size - 1) * x.std(ddof=1) / np.sqrt(x.size) * left_out)
        mean = float(x.mean()) if x.size else np.nan
        rows[name] = [mean, mean - half, mean + half, x.size]
    return pd.DataFrame.from_dict(rows, orient="index", columns=["mean", "low", "high", "asked"])


def _population(engine: Engine, firm: int) -> int:
    return int((is_here(engine) & (engine.column("stage")[:, firm] >= BUYER)).sum())


@measure("Satisfaction survey", "满意度调查", "B7, E14")
def satisfaction(market: Market, firm: int = 0, asked: int = ASKED) -> Table:
    """Satisfaction overall, by layer and by object, as a sample of the firm's customers answers; 0 to 1.

    A layer's answer is overall satisfaction plus how far the firm's level in it exceeds the quality met: material =
    product × fit; spiritual = mean of service and staff; social = responsibility. Objects: the marketing system = mean
    over all firms the customer has bought from; the firm itself; the product alone.
    """
    engine = engine_of(market)
    world, who = engine.world, sample(market, firm, asked)
    seller, climate = world.firms[firm], world.climate[max(0, week_of(engine))]
    stock = float(world.stocks[firm][STOCKS.index("responsibility")])
    base = engine.plan.firms[firm].responsibility
    social = base + (1.0 - base) * stock
    answers: dict[str, list[float]] = {name: [] for name in ("overall", *LAYERS, *OBJECTS)}
    for i in who:
        customer, relations = world.customer(i), world.relations_of(i)
        overall = float(relations["satisfaction"][firm])
        fit = float(world.fit[customer["segment"], firm])
        service, personnel = float(seller["service"]), float(seller["personnel"])
        met = float(offer.quality_met(alone(customer), 0, seller, service, personnel, fit, climate))
        levels = {"material": float(seller["product"]) * fit, "spiritual": (service + personnel) / 2, "social": social}
        answers["overall"].append(overall)
        for layer, level in levels.items():
            answers[layer].append(float(np.clip(overall + level - met, 0.0, 1.0)))
        bought = relations[relations["purchases"] > 0]
        answers["marketing_system"].append(float(bought["satisfaction"].mean()))
        answers["firm"].append(overall)
        answers["product"].append(answers["material"][-1])
    return estimated(answers, _population(engine, firm)).rename_axis("satisfaction")


@measure("Net promoter survey", "净推荐值调查", "E5")
def net_promoter_score(market: Market, firm: int = 0, asked: int = ASKED) -> Table:
    """Shares of promoters, passives and detractors and the score (−100 to 100), as a sample answers."""
    engine = engine_of(market)
    answers = np.array(_recommendations(engine, firm, sample(market, firm, asked)))
    promoters, detractors = answers >= 9, answers <= 6
    told = {"promoters": promoters, "passives": ~promoters & ~detractors, "detractors": detractors}
    score = {"score": 100.0 * (promoters.astype(float) - detractors)}
    return estimated(told | score, _population(engine, firm)).rename_axis("answer")


def _recommendations(engine: Engine, firm: int, who: NDArray[np.int64]) -> list[int]:
    p, r = engine.plan.parameters["tell"], engine.relations[who, firm]
    numbers = (p["recommend_floor"], p["recommend_commitment"])
    return [tell.answer_to_recommend(float(x["satisfaction"]), float(x["commitment"]), *numbers) for x in r]


@measure("Loyalty index of five", "忠诚度五项指数", "E5, E6")
def loyalty_index(market: Market, firm: int = 0, asked: int = ASKED) -> Table:
    """The index (0 to 100) and its five parts (0 to 1) as a sample of the firm's customers answers.

    will_to_deepen : mean of commitment and being known, by which add-ons sell; intent_to_rebuy : chance that the next
    purchase would be here, by delivered value; resistance_to_rivals : how much of that chance would be left if every
    rival were a fifth cheaper.
    """
    engine = engine_of(market)
    who = sample(market, firm, asked)
    r = engine.relations[who, firm]
    intents = np.array([_intents(engine, int(i), firm) for i in who]).reshape(len(who), 2)
    parts = {
        "overall_satisfaction": r["satisfaction"].astype(float),
        "will_to_deepen": (r["commitment"].astype(float) + r["knowledge"]) / 2.0,
        "intent_to_rebuy": intents[:, 0],
        "will_to_recommend": np.array(_recommendations(engine, firm, who)) / 10.0,
        "resistance_to_rivals": intents[:, 1] / np.maximum(intents[:, 0], 1e-12),
    }
    index = {"index": 100.0 * np.mean(list(parts.values()), axis=0)}
    return estimated(index | parts, _population(engine, firm)).rename_axis("loyalty")


def _intents(engine: Engine, i: int, firm: int) -> tuple[float, float]:
    """Chance that customer i would take the firm next time: as things are, and with every rival a fifth cheaper."""
    world, week = engine.world, max(0, week_of(engine))
    customer, climate, p = world.customer(i), world.climate[week], world.constants[0]
    reference, relations = float(world.market[0]["reference_price"]), world.relations_of(i)
    values = [engine.plan.outside_value]
    cut = [engine.plan.outside_value]
    for f in range(world.firms.size):
        seller, relation = world.firms[f], alone(relations[f])
        way = offer.way_to(alone(customer), relation, 0, seller, 1.0)
        if f != firm and (way == NOWHERE or not offer.is_willing(relation, 0, p)):
            continue
        fit = float(world.fit[customer["segment"], f])
        value, _, _ = offer.worth(
            alone(customer), relation, 0, seller, max(STORE, way), fit, climate, week, reference, p
        )
        cheaper = float(customer["weight_money"]) * climate["money"] * float(seller["price"]) / reference
        cheaper += float(customer["deal_proneness"]) * p["choose_deal_pull"]
        values.append(value)
        cut.append(value if f == firm else value + RIVAL_CUT * cheaper)
        if f == firm:
            own = len(values) - 1
    return float(special.softmax(values)[own]), float(special.softmax(cut)[own])


@measure("What decides for the best customers", "最佳顾客看重的体验", "D12, E1, E11")
def attribute_importance(market: Market, firm: int = 0, asked: int = ASKED) -> Table:
    """Which of the six sides of experience decides, by a choice experiment: for the best fifth and for the others.

    Respondents choose between two made-up offers that are each good or bad on every side, by their own weights and
    their own luck; a logit model is fitted to the choices. Rows: (group "best"/"others", side). Columns: importance
    (share of the six effects), low, high (95%), asked.
    """
    engine = engine_of(market)
    active = np.flatnonzero(is_here(engine) & (engine.column("stage")[:, firm] >= BUYER))
    worth = earned(engine.relations[active, firm])
    best = active[np.argsort(-worth, kind="stable")[: max(1, round(0.2 * active.size))]]
    tables = []
    for group, among in (("best", best), ("others", np.setdiff1d(active, best))):
        who = sample(market, firm, max(1, asked // 2), among)
        if not who.size:
            continue
        table = _importance(*_choices(engine, who)).assign(asked=who.size)
        tables.append(table.set_index(pd.MultiIndex.from_product([[group], SIDES], names=["group", "side"])))
    columns = ["importance", "low", "high", "asked"]
    return pd.concat(tables) if tables else pd.DataFrame(columns=columns)


def _choices(engine: Engine, who: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Pairs of made-up offers, as differences (choices, sides), and whether the first was taken."""
    seed, week = engine.world.market[0]["seed"], max(0, week_of(engine))
    climate = engine.world.climate[week]
    customers = engine.customers
    weights = np.array(
        [
            [np.mean([float(customers[i][f"weight_{w}"]) * climate[w] for w in names]) for names in SIDES.values()]
            for i in who
        ]
    )
    n, per_question = len(SIDES), 2 * len(SIDES) + 2
    draws = np.array(
        [
            [
                chance.uniform(seed, chance.SURVEY, week, int(i), _FIRST_SLOT + s)
                for s in range(QUESTIONS * per_question)
            ]
            for i in who
        ]
    ).reshape(len(who), QUESTIONS, per_question)
    levels = (draws[:, :, : 2 * n] < 0.5).astype(float).reshape(len(who), QUESTIONS, 2, n)
    gaps = STEP * (levels[:, :, 0] - levels[:, :, 1])
    luck = -np.log(-np.log(draws[:, :, 2 * n :]))
    taken = np.einsum("iqs,is->iq", gaps, weights) + luck[:, :, 0] - luck[:, :, 1] > 0
    return gaps.reshape(-1, n), taken.ravel()


def _importance(gaps: NDArray[np.float64], taken: NDArray[np.bool_]) -> pd.DataFrame:
    """Fit a logit model of paired choices by maximum likelihood; effects as shares of their sum, with 95% intervals."""
    signed = gaps * np.where(taken, 1.0, -1.0)[:, None]

    def minus_likelihood(effects: NDArray[np.float64]) -> float:
        return float(-special.log_expit(signed @ effects).sum() + 1e-6 * effects @ effects)

    def slope(effects: NDArray[np.float64]) -> NDArray[np.float64]:
        return -(signed * special.expit(-(signed @ effects))[:, None]).sum(axis=0) + 2e-6 * effects

    effects = optimize.minimize(minus_likelihood, np.zeros(gaps.shape[1]), jac=slope, method="BFGS").x
    p = special.expit(gaps @ effects)
    covariance = np.linalg.pinv((gaps * (p * (1.0 - p))[:, None]).T @ gaps)
    size = np.abs(effects)
    share, total = size / size.sum(), size.sum()
    turn = (np.eye(effects.size) - share[:, None]) / total * np.sign(effects)  # delta method
    half = 1.96 * np.sqrt(np.maximum(0.0, np.diag(turn @ covariance @ turn.T)))
    return pd.DataFrame({"importance": share, "low": np.maximum(0.0, share - half), "high": share + half})
