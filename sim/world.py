"""The world a compiled week walks through: customers, relations, firms, numbers and tallies, as arrays of records.

Records, because the compiled phases can then read `relation.trust` and `firm.price`, and a column is still one view.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim import network, parameters, population, storage
from sim.plan import ATTRIBUTES, COSTS, VALUES, Plan
from sim.policies import spending
from sim.policies.campaign import CAMPAIGNS
from sim.rules.stage import STAGES
from sim.storage import BLOCK

MOST_OCCASIONS = 12  # needs a customer can have in one week

# The spending levers, in the order of World.stocks' columns; the first seven are fixed cost, the rest is reaching.
STOCKS = (
    "product", "place", "convenience", "training", "crm", "online", "reposition",
    "advertising", "communication", "insight", "image", "responsibility", "community",
)  # fmt: skip
PRODUCT, PLACE, CONVENIENCE, TRAINING, CRM, ONLINE, REPOSITION = range(7)
ADVERTISING, COMMUNICATION, INSIGHT, IMAGE, RESPONSIBILITY, COMMUNITY = range(7, len(STOCKS))

# What a week leaves behind for each firm: the fields of World.tally. Sums over customers unless it says otherwise.
TALLY = (
    "purchases", "deal_purchases", "revenue", "cost_of_goods", "cost_to_serve", "cost_to_reach", "rewards", "fixed",
    "contacts", "failures", "complaints", "recovered", "first_purchases", "returned",
    "left_on_purpose", "left_unmet", "left_value", "left_price", "left_moved",
    "points_issued", "points_redeemed", "points_lapsed", "points_held", "liability", "praise", "blame",
    "active", "active_quarter_ago", "kept_quarter", "satisfaction", "expectation", "trust", "perceived",
    "promoters", "detractors", "wallet_own", "wallet_all", "wait", "price", "profit",
    "knowledge", "vip", "key", "tier_up", "tier_down", "privileges",
    "online_purchases", "reseller_purchases", "add_ons", "upgrades", "campaign_cost",
    *(f"{kind}_{what}" for kind in CAMPAIGNS for what in ("contacted", "held_out", "answered", "unasked")),
)  # fmt: skip

_FIRM = (
    *(f"base_{a}" for a in ATTRIBUTES), "base_reseller", "unit_cost", "device_cost", "entry",
    "price", "deal", "wait", "wait_share", *ATTRIBUTES, "reseller",
    "advertising", "communication", "insight", "consistency", "capability", "community",
    "reach_share", "fixed", "contacts", "new_contacts", "buyers", "new_buyers", "liability",
    "distance", "has_tiers", "has_points", "privilege_bonus", "has_campaigned", "is_plain",
    "mean_discount", "new_discount", "new_sales", "voice",
    "promise", "points_per_purchase", "reward_points", "reward_value", "expiry_weeks", "endowed_points",
    "referral_points", "recovery", "let_go_loss", "self_service", "device_price", "personal_depth",
    "reseller_margin", "addon_price", "upgrade_premium",
    "vip_share", "key_share", "privilege", "priority", "holdout", "acquisition_aim",
    "acquisition_target", "acquisition_offer", "acquisition_spend", "winback_reasons", "winback_within",
    "winback_offer", "winback_spend", "wake_offer", "wake_spend", "retention_aim", "retention_offer",
    "retention_spend",
)  # fmt: skip
_MARKET = (
    ("seed", "u8"), ("size", "f8"), ("turnover", "f8"), ("scale", "f8"), ("warm_up", "i8"), ("reference_price", "f8"),
    ("contract_weeks", "i8"), ("outside_value", "f8"), ("visibility", "f8"), ("is_logged", "i8"), ("is_online", "i8"),
    ("has_centres", "i8"),
)  # fmt: skip
# What the customers of the block under way did this week. `exits`: firms walked out on, as bits. `is_listed`: whom the
# loop under way will come to; `telling`: chance of telling a friend; `need_interval`: weeks between needs.
_BLOCK = (
    ("occasions", "i1"), ("switched", "i1"), ("last_firm", "i1"), ("exits", "u1"), ("is_ignored", "i1"),
    ("is_listed", "i1"), ("stage", "i1"), ("wallet", "f8"), ("telling", "f8"), ("need_interval", "f8"),
)  # fmt: skip
_SHOPPER = (("customer", "i8"), ("firm", "i8"), ("way", "i8"), ("sale", "i8"), ("best", "f8"))
_SALE = (
    ("customer", "i8"), ("firm", "i8"), ("contacts", "i8"), ("events", "i8"), ("way", "i8"), ("reward", "f8"),
    ("perceived", "f8"), ("price", "f8"), ("deal", "f8"), ("discount", "f8"),
)  # fmt: skip


# Filled anew for every block of customers: what it holds between two weeks says nothing.
SCRATCH = ("block", "shoppers", "who", "draws", "luck", "moods", "moves", "sales")


class World(NamedTuple):
    """Everything a week reads and writes. Arrays of one record (`market`, `constants`, `columns`) hold values."""

    customers: NDArray[Any]  # (blocks,) blocks of the columns population.CUSTOMER
    relations: NDArray[Any]  # (blocks, firms) blocks of the columns population.RELATION
    heard: NDArray[Any]  # (2, blocks, firms) blocks of the columns population.HEARD, by parity of the week
    offsets: NDArray[np.int64]  # (customers + 1,) where each customer's friends start in `friends`
    friends: NDArray[np.int32]  # (2 · ties,)
    firms: NDArray[Any]  # (firms,) records
    stocks: NDArray[np.float64]  # (firms, STOCKS)
    market: NDArray[Any]  # (1,) record
    segments: NDArray[Any]  # (segments,) records
    fit: NDArray[np.float64]  # (segments, firms), this week's
    base_fit: NDArray[np.float64]  # (segments, firms), before any adaptation
    constants: NDArray[Any]  # (1,) record of every parameter, e.g. `hear_reach`
    columns: NDArray[Any]  # (1,) record of the column of each lever in `levers`, e.g. `pricing_list_price`
    levers: NDArray[np.float64]  # (weeks, firms, levers)
    climate: NDArray[Any]  # (weeks,) records of the factors on needs and on each weight
    trust_shock: NDArray[np.float64]  # (weeks, firms)
    responses: NDArray[Any]  # (STOCKS,) records of half, power, build
    records: NDArray[Any]  # (firms, cells) records of prospects tried and won
    keys: NDArray[np.float64]  # (customers of the market,) scores of those whom the campaign under way is meant for
    meant: NDArray[np.int64]  # (customers of the market,) who they are
    tally: NDArray[Any]  # (weeks, firms) records of TALLY
    flows: NDArray[np.int32]  # (weeks, firms, stages, stages) customers who went from stage to stage
    counts: NDArray[np.int64]  # (4,) sales in the block, sales logged, messages logged, first sale of the occasion
    block: NDArray[Any]  # (1,) columns of what the customers of the block under way did this week
    shoppers: NDArray[Any]  # (BLOCK,) records: customer, firm chosen, way, number of the sale, best value so far
    who: NDArray[np.int64]  # (BLOCK,) customers of the block, or shoppers, to look at or to draw for
    draws: NDArray[np.float64]  # (4, BLOCK) of one block of chance for each of them
    luck: NDArray[np.float64]  # (BLOCK,) of those in `who` with one alternative
    moods: NDArray[np.float64]  # (BLOCK,) each shopper's distance from the mood for buying online
    moves: NDArray[np.int32]  # (4, stages, stages) of every fourth customer from stage to stage
    sales: NDArray[Any]  # records of the block's sales
    sales_log: NDArray[Any]  # records of the week's sales, where logged
    messages_log: NDArray[Any]  # records of the week's messages, where logged

    @property
    def n_customers(self) -> int:
        """Customers of the market and those added beyond it."""
        return self.offsets.size - 1

    def column(self, name: str) -> NDArray[Any]:
        """A copy of one column of the customers, (customers,), or of their relations, (customers, firms)."""
        blocks = self.customers if name in (self.customers.dtype.names or ()) else self.relations
        return storage.column(blocks, name, self.n_customers)

    def customer(self, i: int) -> Any:
        """A copy of customer i: a record."""
        return storage.record(self.customers, i)

    def relations_of(self, i: int) -> Any:
        """A copy of what customer i is to each firm: records (firms,)."""
        return storage.record(self.relations, i)

    def heard_by(self, i: int, week: int) -> Any:
        """A copy of what friends told customer i about each firm, to be heard in a week: records (firms,)."""
        return storage.record(self.heard[week & 1], i)


class People(NamedTuple):
    """The customers of a plan at week 0, what they are to each firm, and whom they know."""

    customers: NDArray[Any]
    relations: NDArray[Any]
    ties: network.Ties


def people(plan: Plan, isolated: int = 0) -> People:
    """The people of a plan; see `build`."""
    customers, relations = population.born(plan, isolated)
    n = plan.market_size + isolated
    return People(customers, relations, network.build(plan.network, plan.market_size, n, plan.seed))


def build(plan: Plan, isolated: int = 0, *, is_logged: bool = False, born: People | None = None) -> World:
    """The world of a plan at week 0.

    isolated : customers beyond the market's size who know nobody
    is_logged : keep every sale and every message of the week in `sales_log` and `messages_log`
    born : the people of this plan, made before; they now belong to this world
    """
    customers, relations, ties = people(plan, isolated) if born is None else born
    n, firms = plan.market_size + isolated, len(plan.firms)
    weeks = plan.warm_up + plan.weeks
    stocks = np.array([[_opening_stock(plan, f, s) for s in STOCKS] for f in range(firms)])
    columns = {path.replace(".", "_"): plan.lever_names.index(path) for path in parameters.levers()}
    return World(
        customers=customers,
        relations=relations,
        heard=np.stack([storage.blocks_of(population.HEARD, n, firms)] * 2),
        offsets=ties.offsets,
        friends=ties.ends,
        firms=_firms(plan),
        stocks=stocks,
        market=_market(plan, is_logged),
        segments=_table(
            {
                name: [float(getattr(s, name)) for s in plan.segments]
                for name in ("innovativeness", "susceptibility", "growth", "buying_centre", "group")
            }
        ),
        fit=np.array([s.fit[:firms] for s in plan.segments], float),
        base_fit=np.array([s.fit[:firms] for s in plan.segments], float),
        constants=_constants(plan),
        columns=_table({name: [k] for name, k in columns.items()}, "i8"),
        levers=np.array(plan.levers, float),
        climate=_table({"need": plan.need_factor} | dict(zip((*VALUES, *COSTS), plan.trend.T, strict=True))),
        trust_shock=np.array(plan.trust_shock, float),
        responses=_table({k: [plan.parameters[s][k] for s in STOCKS] for k in ("half", "power", "build")}),
        records=np.zeros((firms, 4 * len(plan.segments)), [("tried", "f8"), ("won", "f8")]),
        keys=np.zeros(plan.market_size),
        meant=np.zeros(plan.market_size, np.int64),
        tally=np.zeros((weeks, firms), [(name, "f8") for name in TALLY]),
        flows=np.zeros((weeks, firms, len(STAGES), len(STAGES)), np.int32),
        counts=np.zeros(4, np.int64),
        block=np.zeros(1, [(name, dtype, (BLOCK,)) for name, dtype in _BLOCK]),
        shoppers=np.zeros(BLOCK, list(_SHOPPER)),
        who=np.zeros(BLOCK, np.int64),
        draws=np.zeros((4, BLOCK)),
        luck=np.zeros(BLOCK),
        moods=np.zeros(BLOCK),
        moves=np.zeros((4, len(STAGES), len(STAGES)), np.int32),
        sales=np.zeros(BLOCK * MOST_OCCASIONS, list(_SALE)),
        sales_log=np.zeros(
            n * MOST_OCCASIONS if is_logged else 0,
            [("customer", "i4"), ("firm", "i4"), ("amount", "f8"), ("margin", "f8")],
        ),
        messages_log=np.zeros(
            ties.ends.size if is_logged else 0,
            [("sender", "i4"), ("receiver", "i4"), ("firm", "i4"), ("is_good", "i4")],
        ),
    )


def _table(columns: Mapping[str, Any], dtype: str = "f8") -> NDArray[Any]:
    """Records from columns of equal length."""
    records = np.zeros(len(next(iter(columns.values()))), [(name, dtype) for name in columns])
    for name, values in columns.items():
        records[name] = values
    return records


def _constants(plan: Plan) -> NDArray[Any]:
    dtype, places = _places_of_constants()
    return np.array([tuple(plan.parameters[stem][name] for stem, name in places)], dtype)


@functools.cache
def _places_of_constants() -> tuple[np.dtype[Any], tuple[tuple[str, str], ...]]:
    """The record that holds every parameter that is not a lever, and where a plan has each."""
    places = tuple((stem, name) for stem, file in parameters.constants().items() for name in file)
    return np.dtype([(f"{stem}_{name}", "f8") for stem, name in places]), places


def _market(plan: Plan, is_logged: bool) -> NDArray[Any]:
    market = np.zeros(1, list(_MARKET))
    market["seed"] = np.uint64(plan.seed)
    market["size"] = plan.market_size
    market["is_logged"] = is_logged
    market["has_centres"] = any(segment.buying_centre > 1 for segment in plan.segments)
    for name in ("turnover", "scale", "warm_up", "reference_price", "contract_weeks", "outside_value", "visibility"):
        market[name] = getattr(plan, name)
    return market


def _firms(plan: Plan) -> NDArray[Any]:
    firms = np.zeros(len(plan.firms), [(name, "f8") for name in _FIRM])
    for f, firm in enumerate(plan.firms):
        firms[f]["unit_cost"] = firm.unit_cost
        firms[f]["base_reseller"] = firm.reseller
        firms[f]["device_cost"] = firm.device_cost
        firms[f]["entry"] = firm.entry
        for name, base in zip(ATTRIBUTES, firm.attributes, strict=True):
            firms[f][f"base_{name}"] = base
    return firms


def _opening_stock(plan: Plan, firm: int, stock: str) -> float:
    """A stock starts where its opening spend would take it in the long run."""
    if plan.firms[firm].entry > 0:
        return 0.0
    spend = plan.lever(f"{stock}.spend", 0, firm) * plan.scale
    numbers = plan.parameters[stock]
    return float(spending.response(float(spend / plan.turnover), float(numbers["half"]), float(numbers["power"])))
