"""From a checked scenario to a plan: types mixed into segments, percentages into money, events as tables."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from sim.parameters import constants
from sim.plan import ATTRIBUTES, COSTS, VALUES, FirmPlan, Network, Plan, Segment, Spread
from sim.safe_yaml import Fault, Faults, node_of
from sim.scenario_checks import OPENING
from sim.scenario_faults import Places, described, schema_faults
from sim.scenario_files import nearest
from sim.scenario_levers import (
    Terms,
    all_constants,
    all_levers,
    default_levers,
    flat,
    lever_complaint,
    number_complaint,
    settle,
    weekly_budget,
)
from sim.scenario_schema import EventEntry, MarketEntry, ScenarioEntry, SegmentEntry

# What may be set: a number, a share like "30%", or None or a word where an entry of the market takes it.
Change = float | str | None
LARGEST_RUN = {"customers": 2_000_000, "weeks": 1040, "warm_up": 520, "seed": 2**63 - 1}

OPENING_LABEL = {"en": "Go on as before", "zh": "维持现状"}


@dataclass(frozen=True)
class Strategy:
    """A strategy of the first firm: all of its `levers`, and those `given` as written over the opening."""

    name: str
    label: dict[str, str]
    levers: dict[str, float]
    given: dict[str, Any]
    wage: float

    @property
    def weekly_budget(self) -> float:
        """Money a week that it spends, at the scenario's number of customers."""
        return weekly_budget(self.levers, self.wage)


def segments_of(entry: ScenarioEntry) -> tuple[Segment, ...]:
    """The segments, those mixed of several types taken apart, with shares that sum to 1."""
    parts = [
        _segment(entry, name, type_name, part / sum(segment.types.values()))
        for name, segment in entry.segments.items()
        for type_name, part in segment.types.items()
    ]
    total = sum(share for _, share in parts)
    return tuple(Segment(share=share / total, **made) for made, share in parts)


def _segment(entry: ScenarioEntry, name: str, type_name: str, part: float) -> tuple[dict[str, Any], float]:
    """One segment's share of one type, and its share of the customers."""
    segment, of_type = entry.segments[name], entry.types[type_name]
    traits = _over(of_type.model_dump(exclude_unset=True), segment.model_dump(exclude_unset=True))
    is_mixed = len(segment.types) > 1
    label = segment.label.model_dump()
    if is_mixed:
        type_label = of_type.label.model_dump() if of_type.label else {}
        label = {language: f"{text} · {type_label.get(language, type_name)}" for language, text in label.items()}
    made = {
        "name": f"{name}/{type_name}" if is_mixed else name,
        "customer_type": type_name,
        "need_rate": float(traits["need_rate"]["mean"]),
        "need_shape": traits["need_rate"].get("shape"),
        "weights": tuple(float(traits["weights"][key]) for key in (*VALUES, *COSTS)),
        "weight_spread": float(traits["weight_spread"]),
        "innovativeness": float(traits["innovativeness"]),
        "susceptibility": float(traits["susceptibility"]),
        **{key: _spread(traits[key]) for key in ("deal_proneness", "complaint", "forgiveness", "moving")},
        "fit": tuple(float(segment.fit.get(firm, 1.0)) for firm in entry.firms),
        "basket": float(traits.get("basket", {}).get("mean", 1.0)),
        "basket_shape": traits.get("basket", {}).get("shape"),
        "buying_centre": segment.buying_centre,
        "group": list(entry.segments).index(name) + 1,
        **_growth(segment),
        "label": label,
    }
    return made, segment.share * part


def _growth(segment: SegmentEntry) -> dict[str, Any]:
    """How a segment's needs grow."""
    if segment.growth is None:
        return {}
    return {
        "growth": float(segment.growth.factor),
        "growth_from": segment.growth.first,
        "growth_to": segment.growth.last,
    }


def _over(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """One mapping laid over another, entry by entry."""
    result = dict(base)
    for key, value in over.items():
        both = isinstance(value, dict) and isinstance(base.get(key), dict)
        result[key] = _over(base[key], value) if both else value
    return result


def _spread(trait: dict[str, Any]) -> Spread:
    return Spread(float(trait["mean"]), trait.get("concentration"))


def firms_of(entry: ScenarioEntry) -> tuple[FirmPlan, ...]:
    """The firms, with standings that sum to 1."""
    total = sum(firm.standing for firm in entry.firms.values())
    return tuple(
        FirmPlan(
            name=name,
            standing=firm.standing / total,
            awareness=float(firm.awareness),
            unit_cost=float(firm.unit_cost),
            attributes=tuple(float(getattr(firm.attributes, key)) for key in ATTRIBUTES),
            reseller=float(firm.attributes.reseller),
            responsibility=float(firm.attributes.responsibility),
            device_cost=float(firm.device_cost),
            entry=0 if firm.enters is None else entry.market.warm_up + firm.enters,
            label=firm.label.model_dump(),
        )
        for name, firm in entry.firms.items()
    )


def strategies_of(entry: ScenarioEntry) -> dict[str, Strategy]:
    """The opening and the strategies, each with all its levers as numbers."""
    terms = _terms(entry.market, _parameters(entry))
    wage = terms.wage or 0.0
    opening, _ = settled(dict(flat(next(iter(entry.firms.values())).levers)), terms)
    opening = {**default_levers(), **opening}
    made = {OPENING: Strategy(OPENING, OPENING_LABEL, opening, {}, wage)}
    for name, strategy in entry.strategies.items():
        given = dict(flat(strategy.levers))
        levers, _ = settled(given, terms)
        made[name] = Strategy(name, strategy.label.model_dump(), {**opening, **levers}, given, wage)
    return made


def settled(levers: Mapping[str, Any], terms: Terms) -> tuple[dict[str, float], list[Fault]]:
    """Levers as numbers, and a fault for each that is unknown or out of range."""
    values: dict[str, float] = {}
    faults = []
    for path, written in levers.items():
        complaint = lever_complaint(str(path))
        value = None
        if complaint is None:
            value, complaint = settle(path, _plain(written), terms)
        if complaint is not None:
            faults.append(Fault("", 0, 0, *complaint))
        elif value is not None:
            values[path] = value
    return values, faults


def _plain(value: Any) -> Any:
    """A number of NumPy's as one of Python's."""
    return value.item() if isinstance(value, np.generic) else value


def _parameters(entry: ScenarioEntry) -> dict[str, dict[str, float]]:
    """Every parameter that is not a lever, with the scenario's own values."""
    return {
        stem: {name: float(entry.parameters.get(stem, {}).get(name, p.value)) for name, p in file.items()}
        for stem, file in constants().items()
    }


def _terms(market: MarketEntry, parameters: dict[str, dict[str, float]]) -> Terms:
    return Terms(float(market.budget), float(market.reference_price), parameters["service"]["wage"])


def build_plan(
    entry: ScenarioEntry,
    name: str,
    strategy: str | Mapping[str, Change],
    *,
    customers: int | None,
    weeks: int | None,
    warm_up: int | None,
    seed: int | None,
    sets: Mapping[str, Change],
    levers: Mapping[str, Change],
) -> Plan:
    """The plan of a scenario and a strategy; see `Scenario.plan`. Raises Faults with all that is wrong."""
    faults: list[Fault] = []
    market, parameters, set_levers = _apply_sets(entry, sets, faults)
    terms = _terms(market, parameters)
    sizes = {
        "customers": _size("customers", customers, market.customers, 1, faults),
        "weeks": _size("weeks", weeks, market.weeks, 1, faults),
        "warm_up": _size("warm_up", warm_up, market.warm_up, 0, faults),
        "seed": _size("seed", seed, entry.seed, 0, faults),
    }
    own: dict[str, float] = {}
    for layer in (_given(entry, strategy, faults), levers, set_levers):
        values, layer_faults = settled(layer, terms)
        faults += layer_faults
        own |= values
    table = _Table(entry, sizes["warm_up"], sizes["weeks"])
    for index, firm in enumerate(entry.firms.values()):
        faults += table.open(index, dict(flat(firm.levers)), terms)
    table.begin(own)
    for event in entry.events:
        faults += table.happen(event, terms)
    if faults:
        raise Faults(faults)
    return Plan(
        scenario=name,
        strategy=strategy if isinstance(strategy, str) else "own",
        seed=sizes["seed"],
        market_size=sizes["customers"],
        scale=sizes["customers"] / market.customers,
        warm_up=sizes["warm_up"],
        weeks=sizes["weeks"],
        reference_price=float(market.reference_price),
        contract_weeks=market.contract_weeks,
        outside_value=float(market.outside_value),
        visibility=float(market.visibility),
        taste_concentration=market.taste_concentration,
        discount_rate=float(market.discount_rate),
        network=Network(market.network.kind, market.network.degree, float(market.network.rewiring)),
        segments=segments_of(entry),
        firms=tuple(
            dataclasses.replace(firm, entry=firm.entry and firm.entry + sizes["warm_up"] - market.warm_up)
            for firm in firms_of(entry)
        ),
        lever_names=table.names,
        levers=table.levers,
        need_factor=table.need_factor,
        trend=table.trend,
        trust_shock=table.trust_shock,
        parameters=parameters,
        currency=market.currency,
        budget=float(market.budget),
    )


def _given(entry: ScenarioEntry, strategy: str | Mapping[str, Change], faults: list[Fault]) -> Mapping[str, Any]:
    """The levers of a strategy as they are written."""
    if isinstance(strategy, Mapping):
        return strategy
    if strategy == OPENING:
        return {}
    if strategy in entry.strategies:
        return dict(flat(entry.strategies[strategy].levers))
    known = [OPENING, *entry.strategies]
    faults.append(Fault("", 0, 0, f"There is no strategy {str(strategy)[:60]}.", nearest(str(strategy), known)))
    return {}


def _size(name: str, asked: object, otherwise: int, low: int, faults: list[Fault]) -> int:
    """A whole number that a run was asked for, or the scenario's own."""
    value, high = _plain(asked), LARGEST_RUN[name]
    if value is None:
        return otherwise
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value or value % 1:
        message = f"{name} must be a whole number, not {described(value)}."
    elif low <= value <= high:
        return int(value)
    else:
        message = f"{name} is {described(value)} but must lie between {low} and {high}."
    faults.append(Fault("", 0, 0, message, f"Leave it out for the scenario's {otherwise}."))
    return otherwise


def _apply_sets(
    entry: ScenarioEntry, sets: Mapping[str, Change], faults: list[Fault]
) -> tuple[MarketEntry, dict[str, dict[str, float]], dict[str, Any]]:
    """The market and parameters with a user's own values, and the levers among these."""
    parameters, market = _parameters(entry), entry.market.model_dump()
    own_levers: dict[str, Any] = {}
    places = market_paths(market)
    for path, written in sets.items():
        value = _plain(written)
        if path in all_levers():
            own_levers[path] = value
        elif path in all_constants():
            complaint = number_complaint(all_constants()[path], value)
            if complaint is None:
                stem, _, name = path.partition(".")
                parameters[stem][name] = float(value)
            else:
                faults.append(Fault("", 0, 0, *complaint))
        elif path in places:
            holder, key = places[path]
            holder[key] = value
        elif path.removeprefix("market.") in LARGEST_RUN:
            name = path.removeprefix("market.")
            message = f"{path} cannot be set like this."
            faults.append(Fault("", 0, 0, message, f"Give {name} by itself (--{name.replace('_', '-')})."))
        else:
            known = [*all_levers(), *places, *all_constants()]
            advice = nearest(str(path), known, "A path is a lever, a parameter or an entry of the market.")
            faults.append(Fault("", 0, 0, f"There is nothing called {str(path)[:80]} to set.", advice))
    try:
        return MarketEntry.model_validate(market), parameters, own_levers
    except ValidationError as error:
        where = Places(node_of({"market": market}))
        faults += schema_faults(error, MarketEntry, where, root=("market",))
        return entry.market, parameters, own_levers


def market_paths(market: dict[str, Any]) -> dict[str, tuple[dict[str, Any], str]]:
    """The market's entries that a user may set, by dotted path: where each stands in the mapping given."""
    own = {f"market.{key}": (market, key) for key in market if key not in ("currency", "network", *LARGEST_RUN)}
    return own | {f"market.network.{key}": (market["network"], key) for key in market["network"]}


class _Table:
    """The weekly tables of a plan, filled from the opening, the strategy and the events in turn."""

    def __init__(self, entry: ScenarioEntry, warm_up: int, weeks: int) -> None:
        total = warm_up + weeks
        self.firms = list(entry.firms)
        self.warm_up = warm_up
        self.names = tuple(all_levers())
        self.columns = {name: column for column, name in enumerate(self.names)}
        defaults = np.array(list(default_levers().values()), dtype=np.float64)  # in the order of the names
        self.levers: NDArray[np.float64] = np.tile(defaults, (total, len(self.firms), 1))
        self.need_factor: NDArray[np.float64] = np.ones(total)
        names = (*VALUES, *COSTS)
        trends = {str(name): float(factor) for name, factor in entry.trends.items()}
        yearly = np.array([trends.get(name, 1.0) for name in names], dtype=np.float64)
        years = np.maximum(np.arange(total) - warm_up, 0)[:, None] / 52
        self.trend: NDArray[np.float64] = yearly**years
        self.money = names.index("money")
        self.trust_shock: NDArray[np.float64] = np.zeros((total, len(self.firms)))

    def open(self, firm: int, levers: Mapping[str, Any], terms: Terms) -> list[Fault]:
        """Lays down a firm's opening levers for the whole time."""
        values, faults = settled(levers, terms)
        for path, value in values.items():
            self.levers[:, firm, self.columns[path]] = value
        return faults

    def begin(self, levers: Mapping[str, float]) -> None:
        """Lays the strategy over the first firm's levers, from the first reported week on."""
        for path, value in levers.items():
            self.levers[self.warm_up :, 0, self.columns[path]] = value

    def happen(self, event: EventEntry, terms: Terms) -> list[Fault]:
        """Lays an event over the weeks in which it lasts; its end may lie beyond the horizon."""
        first = self.warm_up + event.week
        when = slice(first, None if event.weeks is None else first + event.weeks)
        firms = self.firms if event.firm is None else [event.firm]
        who = slice(self.firms.index(firms[0]), self.firms.index(firms[-1]) + 1)
        values, faults = settled(event.set, terms)
        for path, value in values.items():
            self.levers[when, who, self.columns[path]] = value
        for path, factor in event.scale.items():
            lever = all_levers()[path]
            scaled = np.clip(self.levers[when, who, self.columns[path]] * factor, lever.low, lever.high)
            self.levers[when, who, self.columns[path]] = np.rint(scaled) if lever.is_whole else scaled
        self.need_factor[when] *= event.need
        self.trend[when, self.money] *= event.money
        kept = 1 - self.trust_shock[first : first + 1, who]
        self.trust_shock[first : first + 1, who] = 1 - kept * (1 - event.trust_shock)
        return faults
