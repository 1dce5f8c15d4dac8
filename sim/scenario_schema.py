"""What a scenario file may say: each entry with its type and range, and a description that doubles as help.

Nothing is guessed: unknown entries, texts for numbers and numbers out of range are refused. Levers and
parameters are checked in `scenario_checks`, since their names and ranges live in `sim/params/`.
"""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError


def _number(low: float, high: float, above: bool = False) -> Any:
    """A finite number from `low` (or just above it) to `high`."""

    def check(value: float) -> float:
        if not (low < value if above else low <= value) or not value <= high:
            bounds = {"low": low, "high": high, "above": above}
            raise PydanticCustomError("out_of_range", "out of range", bounds)
        return value

    schema = {"type": "number", "exclusiveMinimum" if above else "minimum": low, "maximum": high}
    return Annotated[float, Field(allow_inf_nan=False), AfterValidator(check), WithJsonSchema(schema)]


def whole_number(low: int, high: int, even: bool = False) -> Any:
    """A whole number from `low` to `high`; 5e3 is one too."""

    def settle(value: Any) -> Any:
        if isinstance(value, float) and math.isfinite(value) and value == int(value):
            return int(value)
        return value

    def check(value: int) -> int:
        if not low <= value <= high:
            bounds = {"low": low, "high": high, "above": False}
            raise PydanticCustomError("out_of_range", "out of range", bounds)
        if even and value % 2:
            raise PydanticCustomError("not_even", "not even", {})
        return value

    schema = {"type": "integer", "minimum": low, "maximum": high}
    return Annotated[int, BeforeValidator(settle), AfterValidator(check), WithJsonSchema(schema)]


def _share_by_name(value: Any) -> Any:
    return {value: 1.0} if isinstance(value, str) else value


Name = Annotated[str, StringConstraints(pattern=r"^\w[\w-]{0,39}$")]
Id = Annotated[str, StringConstraints(pattern=r"^(A[1-4]|B([1-9]|10)|C[1-7]|D([1-9]|1[0-6])|E([1-9]|1[0-4]))$")]
Short = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Long = Annotated[str, StringConstraints(min_length=1, max_length=6000)]
Level: Any = _number(0, 1)
Share: Any = _number(0, 1)
Factor: Any = _number(0, 100)
Money: Any = _number(0, 1e9)
Weight: Any = _number(0, 20)
Positive: Any = _number(0, 10_000, above=True)
Concentration: Any = _number(0, 1000, above=True)
Price: Any = _number(0.01, 100_000)
Utility: Any = _number(-20, 20)
People: Any = whole_number(1, 12)
NeedRate: Any = _number(0, 12)
TrendFactor: Any = _number(0.1, 10)
Weighted = Literal["product", "service", "personnel", "image", "money", "time", "energy", "mental"]
Twofold: Any = _number(0, 2)
Cost: Any = _number(0, 100_000)
MarketFactor: Any = _number(0, 10)
Degree: Any = whole_number(0, 100, even=True)
Customers: Any = whole_number(1, 2_000_000)
Weeks: Any = whole_number(1, 1040)
FewWeeks: Any = whole_number(0, 520)
Week: Any = whole_number(0, 1039)
Seed: Any = whole_number(0, 2**63 - 1)
_UNSET: Any = None  # a type must give it, a segment may
LeverValue = Annotated[
    Any,
    WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "string", "pattern": r"^[0-9.]+ ?%$"}]}),
]
LeverTree = dict[str, dict[str, LeverValue]]


class Entry(BaseModel):
    """Strict: nothing unknown, nothing coerced, nothing infinite."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class Text(Entry):
    """A short text in both languages."""

    en: Short = Field(description="the English text")
    zh: Short = Field(description="the Chinese text")


class Story(Entry):
    """A long text in both languages."""

    en: Long = Field(description="the English text")
    zh: Long = Field(description="the Chinese text")


class NetworkEntry(Entry):
    """Who knows whom."""

    kind: Literal["small_world", "scale_free"] = Field(description="small_world or scale_free")
    degree: Degree = Field(description="ties per customer on average, even; 0 for none")
    rewiring: Level = Field(0.1, description="share of ties that lead anywhere (small_world)")


class MarketEntry(Entry):
    """The market as a whole."""

    customers: Customers = Field(description="number of customers")
    weeks: Weeks = Field(description="weeks that are reported")
    warm_up: FewWeeks = Field(description="weeks before them, run with opening levers")
    currency: Annotated[str, StringConstraints(max_length=8)] = Field("", description="sign put before money")
    budget: Money = Field(description="money a week a strategy may spend, at this number of customers")
    reference_price: Price = Field(description="price that customers think normal")
    contract_weeks: FewWeeks = Field(0, description="weeks a contract binds; 0 for single purchases")
    outside_value: Utility = Field(description="utility of not buying")
    visibility: Level = Field(description="how far use is seen by all, not by friends alone")
    taste_concentration: Concentration | None = Field(description="how alike tastes are; null: no differences")
    discount_rate: Level = Field(description="interest a year for lifetime values")
    network: NetworkEntry = Field(description="who knows whom")


class WeightsEntry(Entry):
    """What counts in a choice: four values, four costs."""

    product: Weight = Field(_UNSET, description="weight of product value")
    service: Weight = Field(_UNSET, description="weight of service value")
    personnel: Weight = Field(_UNSET, description="weight of personnel value")
    image: Weight = Field(_UNSET, description="weight of image value")
    money: Weight = Field(_UNSET, description="weight of money cost")
    time: Weight = Field(_UNSET, description="weight of time cost")
    energy: Weight = Field(_UNSET, description="weight of energy cost")
    mental: Weight = Field(_UNSET, description="weight of mental cost")


class NeedEntry(Entry):
    """How often a need arises."""

    mean: NeedRate = Field(_UNSET, description="needs per week")
    shape: Positive | None = Field(None, description="Gamma shape; null: all alike")


class BasketEntry(Entry):
    """How much is bought at a time."""

    mean: Positive = Field(default=1.0, description="units bought at a time")
    shape: Positive | None = Field(default=None, description="Gamma shape; null: all alike")


class GrowthEntry(Entry):
    """Customers who come to buy more at a time, each from a week of their own."""

    factor: Factor = Field(description="factor on how much is bought at a time, once grown")
    first: Week = Field(description="first reported week in which somebody grows")
    last: Week = Field(description="last reported week in which somebody grows")


class SpreadEntry(Entry):
    """A trait between 0 and 1."""

    mean: Level = Field(_UNSET, description="the mean, 0 to 1")
    concentration: Positive | None = Field(None, description="null: all alike")


class Traits(Entry):
    """A customer type's traits, or those in which a segment differs from its type. Types must give all."""

    weights: WeightsEntry = Field(_UNSET, description="weights of values and costs")
    weight_spread: Twofold = Field(_UNSET, description="how much weights differ between customers")
    need_rate: NeedEntry = Field(_UNSET, description="needs per week")
    innovativeness: Level = Field(_UNSET, description="Bass p, per week")
    susceptibility: Level = Field(_UNSET, description="Bass q, per week")
    deal_proneness: SpreadEntry = Field(_UNSET, description="how much a deal attracts beyond the money")
    complaint: SpreadEntry = Field(_UNSET, description="chance to complain after a failure")
    forgiveness: SpreadEntry = Field(_UNSET, description="how readily failures are forgiven")
    moving: SpreadEntry = Field(_UNSET, description="weekly hazard of moving away")
    basket: BasketEntry = Field(BasketEntry(), description="how much is bought at a time")


class TypeEntry(Traits):
    """A customer type."""

    label: Text | None = Field(None, description="name shown")


class SegmentEntry(Traits):
    """A group of customers: a type or a mix of types, and what sets it apart."""

    label: Text = Field(description="name shown")
    share: Share = Field(description="share of the customers")
    types: Annotated[dict[str, Share], Field(min_length=1, max_length=8), BeforeValidator(_share_by_name)] = Field(
        description="a customer type, or shares of several"
    )
    fit: dict[str, Twofold] = Field({}, description="how well each firm's product suits it; 1 if not given")
    growth: GrowthEntry | None = Field(None, description="purchases that grow with the years")
    buying_centre: People = Field(1, description="people who decide together")


class AttributesEntry(Entry):
    """What a firm is like before it spends anything."""

    product: Level = Field(description="quality of the product, 0 to 1")
    service: Level = Field(description="quality of the service, 0 to 1")
    personnel: Level = Field(description="quality of the staff, 0 to 1")
    image: Level = Field(description="standing of the brand, 0 to 1")
    place: Level = Field(description="share of customers within reach, 0 to 1")
    convenience: Level = Field(description="ease of buying, 0 to 1")
    online: Level = Field(0.0, description="share of purchases that could be made online, 0 to 1")
    reseller: Level = Field(0.0, description="share of customers out of reach whom resellers reach, 0 to 1")
    responsibility: Level = Field(0.4, description="how fair and clean the firm is held to be, 0 to 1")


class FirmEntry(Entry):
    """A firm; the first is the student's."""

    label: Text = Field(description="name shown")
    standing: Concentration = Field(description="prior share, in any unit")
    awareness: Level = Field(description="share of customers who know it at the start")
    unit_cost: Cost = Field(description="cost of one purchase to the firm")
    attributes: AttributesEntry = Field(description="its base levels")
    device_cost: Cost = Field(0.0, description="cost of the device sold with the first purchase")
    enters: Week | None = Field(
        None, description="reported week in which it enters the market; there already if not given"
    )
    levers: LeverTree = Field({}, description="its opening levers")


class StrategyEntry(Entry):
    """A strategy for the first firm: levers laid over its opening ones."""

    label: Text = Field(description="name shown")
    levers: LeverTree = Field(description="levers from the first reported week on")


class EventEntry(Entry):
    """Something that happens on a date."""

    label: Text = Field(description="what happens, as shown")
    week: Week = Field(description="reported week in which it begins")
    weeks: Weeks | None = Field(None, description="how long it lasts; to the end if not given")
    firm: str | None = Field(None, description="the firm concerned; all if not given")
    set: dict[str, LeverValue] = Field({}, description="levers put to a value")
    scale: dict[str, Factor] = Field({}, description="levers multiplied by a factor")
    need: MarketFactor = Field(1.0, description="factor on how often needs arise")
    money: MarketFactor = Field(1.0, description="factor on the weight of money")
    trust_shock: Level = Field(0.0, description="share of trust lost in the first week")


class ScenarioEntry(Entry):
    """A whole scenario, after what it extends has been laid beneath it."""

    title: Text = Field(description="the title")
    story: Story = Field(description="what students read first")
    covers: list[Id] = Field([], description="curriculum ids it can show")
    seed: Seed = Field(1, description="the luck of the world")
    market: MarketEntry = Field(description="the market as a whole")
    types: Annotated[dict[Name, TypeEntry], Field(min_length=1, max_length=20)] = Field(description="customer types")
    segments: Annotated[dict[Name, SegmentEntry], Field(min_length=1, max_length=20)] = Field(
        description="groups of customers"
    )
    firms: Annotated[dict[Name, FirmEntry], Field(min_length=1, max_length=8)] = Field(
        description="1 to 8 firms, the student's first"
    )
    strategies: Annotated[dict[Name, StrategyEntry], Field(max_length=40)] = Field({}, description="strategies to try")
    events: Annotated[list[EventEntry], Field(max_length=100)] = Field([], description="dated events")
    trends: dict[Weighted, TrendFactor] = Field({}, description="factor by which a weight changes in a year")
    parameters: dict[str, dict[str, Any]] = Field({}, description="numbers of the model put to other values")
