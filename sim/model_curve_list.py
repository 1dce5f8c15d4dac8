"""Which rules have a shape that teaches something, and how docs/model.md draws them."""

from __future__ import annotations

from sim.model_curves import Curve, Line, alone, at_ends, compared
from sim.parameters import catalogue

_NUMBERS = catalogue()


def _shipped(stem: str, name: str) -> float:
    return float(_NUMBERS[stem][name].value)


def _range(stem: str, name: str) -> tuple[float, float]:
    parameter = _NUMBERS[stem][name]
    return float(parameter.low), float(parameter.high)


_HIGHEST_OFFER = _range("winback", "offer")
_CONTACTS = _shipped("service", "agent_minutes") / _shipped("service", "handling_minutes")  # that fill an agent's week

CURVES = (
    Curve(
        phase="act", name="spending", title="What spending does in the long run", numbers="advertising",
        x="advertising, as a share of what the market spends", y="long-run effect", across="intensity", over=(0.0,
        0.2),
        lines=at_ends("spending.response", "advertising.power"),
        teaches="The first coins do most. With a high shape the first coins do next to nothing: a threshold must "
        "be passed.",
    ),
    Curve(
        phase="act", name="building", title="Goodwill is built slowly and worn out slowly", numbers="advertising",
        x="weeks since spending began", y="stock", walked="stock", over=(0.0, 52.0),
        lines=tuple(
            Line(f"{label} ({_shipped(stem, 'build'):g} a week)", "spending.built",
                 {"stock": 0.0, "effect": 1.0, "build": _shipped(stem, "build")})
            for stem, label in (("advertising", "advertising"), ("product", "product quality"), ("crm", "CRM system"))
        ),
        teaches="Everything takes time, each its own; and what was built wears out at the same speed when the "
        "money stops.",
    ),
    Curve(
        phase="act", name="waiting", title="Waiting explodes when the desk is nearly full", numbers="service",
        x="contacts a week for every agent", y="mean wait, minutes", across="contacts", over=(0.0, _CONTACTS),
        lines=tuple(
            Line(f"{n} agent{'s' if n > 1 else ''}", "service.waiting_minutes", {"agents": float(n)}, times=float(n))
            for n in (1, 4, 16)
        ),
        teaches="Half-empty desks hardly make anybody wait; the last part of the load does. Larger desks wait "
        "less at equal load.",
    ),
    Curve(
        phase="act", name="listing", title="Margin buys distribution", numbers="channel",
        x="margin left to resellers, share of price", y="share of resellers listing", across="margin",
        over=_range("reseller", "margin"), lines=alone("as shipped", "reseller.listing"),
        teaches="The first points of margin win most resellers; the last ones are given to those who list anyway.",
    ),
    Curve(
        phase="contact", name="memory", title="The lost forget", numbers="leave",
        x="weeks since leaving", y="memory left", across="weeks_gone", over=(0.0, 104.0),
        lines=at_ends("leave.memory_left", "leave.memory_half_life"),
        teaches="Whoever asks early wins back more: every half-life halves what the bond is worth.",
    ),
    Curve(
        phase="hear", name="caught", title="A second friend still helps, a tenth hardly", numbers="hear",
        x="messages from friends in a week", y="chance of noticing", across="messages", over=(0.0, 10.0),
        lines=compared("hear.caught", {"as shipped": {}, "half as likely": {"friend_reach": _shipped("hear",
            "friend_reach") / 2}}),
        teaches="Every further message reaches only those whom the earlier ones missed.",
    ),
    Curve(
        phase="hear", name="remembering", title="Brands are forgotten unless something reminds", numbers="hear",
        x="weeks", y="awareness", walked="awareness", over=(0.0, 26.0),
        lines=compared(
            "hear.awareness_kept",
            {"no advertising": {"advertising": 0.0}, "advertising stock 0.2": {"advertising": 0.2},
             "advertising stock 0.5": {"advertising": 0.5}},
            awareness=1.0, caught=0.0,
        ),
        teaches="Advertising does not add awareness for ever: it holds it at the level where reminding and "
        "forgetting are equal.",
    ),
    Curve(
        phase="hear", name="promise", title="A promise raises expectations, a modest one leaves them", numbers="hear",
        x="performance promised", y="expectation a week later", across="promise", over=_range("advertising",
        "promise"), is_close=True,
        lines=compared(
            "hear.inflated_expectation",
            {"advertising stock 0.2": {"advertising": 0.2}, "advertising stock 0.8": {"advertising": 0.8}},
            expectation=0.5,
        ),
        teaches="Below the expectation of 0.5 held so far a promise does nothing; above it the louder firm "
        "inflates more.",
    ),
    Curve(
        phase="trust", name="trust", title="Trust after a promise: hard to earn, easy to lose", numbers="trust",
        x="surprise: perceived less expected", y="trust afterwards", across="surprise", over=(-1.0, 1.0),
        lines=at_ends("trust.trust_after_promise", "trust.broken", trust=0.5),
        teaches="From 0.5, a kept promise earns a little, whatever the size; a broken one costs the more the "
        "worse it was.",
    ),
    Curve(
        phase="trust", name="talk", title="Bad news weighs more than good", numbers="trust",
        x="messages heard in a week", y="trust afterwards", over=(0.0, 6.0),
        lines=(
            Line("praise, from trust 0.5", "trust.trust_after_talk", {"trust": 0.5, "bad": 0.0}, "good"),
            Line("blame, from trust 0.5", "trust.trust_after_talk", {"trust": 0.5, "good": 0.0}, "bad"),
        ),
        teaches="Each praise closes a share of what is missing, each complaint takes a larger share of what is "
        "there.",
    ),
    Curve(
        phase="trust", name="unfair", title="Personal prices feel unfair to those who get less", numbers="trust",
        x="mean discount of the others, share of price", y="trust afterwards", across="others",
        over=_range("personal", "depth"),
        is_close=True,
        lines=compared(
            "trust.trust_after_comparing", {"half of the friends buy here": {"peers": 0.5},
            "all friends do": {"peers": 1.0}},
            trust=0.5, own=0.1,
        ),
        teaches="Whoever gets 10% does not mind others getting as much; beyond that, the more friends compare, "
        "the more it hurts.",
    ),
    Curve(
        phase="choose", name="halo", title="Own experience colours what is seen", numbers="choose",
        x="satisfaction", y="level seen, where 0.6 is true", across="satisfaction",
        lines=at_ends("choose.value_seen", "choose.halo", level=0.6, has_bought=1.0),
        teaches="The pleased see a better product than there is, the disappointed a worse one: satisfied "
        "customers stay by themselves.",
    ),
    Curve(
        phase="choose", name="stake", title="Points at stake bind until the card is full", numbers="programme",
        x="points held", y="at stake, reference prices", across="points", over=(0.0, 15.0),
        lines=compared("programme.stake", {"reward for 10 points": {"reward_points": 10.0},
            "reward for 5 points": {"reward_points": 5.0}},
                       reward_value=1.0, reference_price=1.0),
        teaches="The nearer the reward, the more a customer would give up by going elsewhere; beyond a full card "
        "nothing is added.",
    ),
    Curve(
        phase="choose", name="privileges", title="Privileges have diminishing returns", numbers="tiers",
        x="privileges for a VIP, reference prices a week", y="share of the service gap closed", across="privilege",
        over=(0.0, 0.5),
        lines=alone("as shipped", "tiers.privilege_bonus", reference_price=1.0),
        teaches="A small treat is noticed; a treat ten times as dear is not noticed ten times as much.",
    ),
    Curve(
        phase="choose", name="priority", title="Priority only shifts waiting", numbers="tiers",
        x="priority of the VIP, a fifth of the customers", y="share of the longest wait", across="priority",
        over=_range("tiers", "priority"),
        lines=compared("tiers.wait_share_in_tier", {"VIP": {"tier": 2.0}, "everybody else": {"tier": 0.0}},
            wait_share=0.5, vip_share=0.2),
        teaches="What the few are spared, the many wait in addition; the few gain more than each of the many loses.",
    ),
    Curve(
        phase="experience", name="learning", title="The firm learns with every occasion", numbers="experience",
        x="purchases", y="knowledge of the customer", walked="knowledge", over=(0.0, 30.0),
        lines=compared(
            "experience.knowledge_gained",
            {"online": {"share_learned": _shipped("channel", "online_learning")},
            "in the store": {"share_learned": 1.0},
             "at a reseller": {"share_learned": 0.0}},
            knowledge=0.0, insight=0.5, exchanges=1.0,
        ),
        teaches="Each exchange teaches a share of what is still unknown. At a reseller's the firm learns nothing.",
    ),
    Curve(
        phase="experience", name="exit", title="Commitment and speaking up hold exit at bay", numbers="experience",
        x="commitment", y="chance of walking out", across="commitment",
        lines=compared(
            "experience.chance_of_exit", {"said nothing": {"has_complained": 0.0},
            "complained": {"has_complained": 1.0}}, forgiveness=0.5,
        ),
        teaches="A failure that is not made good drives the silent away first: a complaint is a second chance.",
    ),
    Curve(
        phase="judge", name="gap", title="A shortfall is felt more than a gain", numbers="judge",
        x="gap: perceived less expected", y="gap as felt", across="gap", over=(-1.0, 1.0),
        lines=at_ends("judge.felt_gap", "judge.loss_aversion"),
        teaches="The kink at zero is loss aversion: as much better never makes good what as much worse did.",
    ),
    Curve(
        phase="judge", name="episode", title="Satisfaction with one experience", numbers="judge",
        x="gap as felt", y="satisfaction with the episode", across="felt", over=(-1.0, 1.0),
        lines=compared(
            "judge.episode_satisfaction",
            {"little was expected (0.3)": {"expectation": 0.3}, "much was expected (0.8)": {"expectation": 0.8}},
        ),
        teaches="Nobody can be more than fully satisfied: beyond some point a better service is not rewarded.",
    ),
    Curve(
        phase="judge", name="treadmill", title="The treadmill: what delights becomes normal", numbers="judge",
        x="purchases at a performance of 0.8", y="expectation", walked="level", over=(0.0, 40.0), is_close=True,
        lines=compared("judge.moved_towards", {"expectation, from 0.5": {}}, level=0.5, target=0.8,
            speed=_shipped("judge", "expectation_speed")),
        teaches="Expectation follows experience, so the pleasant gap closes by itself.",
    ),
    Curve(
        phase="bond", name="commitment", title="Attachment grows with full-price purchases, not with deals",
        numbers="bond",
        x="purchases", y="commitment", walked="commitment", over=(0.0, 40.0),
        lines=compared("bond.commitment_built", {"at full price": {"deal": 0.0}, "always on a deal": {"deal": 0.2}},
                       commitment=0.0, target=0.7),
        teaches="Towards the level that satisfaction, trust, image and community deserve (here 0.7); a bargain "
        "builds nothing.",
    ),
    Curve(
        phase="bond", name="fading", title="Habit fades sooner than attachment", numbers="bond",
        x="weeks without a purchase", y="level", walked="level", over=(0.0, 52.0),
        lines=compared("bond.faded", {"habit": {"decay": _shipped("bond", "habit_decay")},
                                      "commitment": {"decay": _shipped("bond", "commitment_decay")}}, level=1.0),
        teaches="A habit needs practice; liking lasts longer.",
    ),
    Curve(
        phase="tell", name="talking", title="Word of mouth: silence in the middle", numbers="tell",
        x="satisfaction", y="chance of telling a friend, a week", across="satisfaction",
        lines=(
            Line("praise, commitment 0", "tell.rate_of_praise", {"commitment": 0.0}),
            Line("praise, commitment 1", "tell.rate_of_praise", {"commitment": 1.0}),
            Line("blame", "tell.rate_of_blame", {}),
        ),
        teaches="Only the delighted and the angry speak, and the angry more: the curve is an uneven U.",
    ),
    Curve(
        phase="tell", name="multiplying", title="Past the limit, praise multiplies", numbers="tell",
        x="satisfaction", y="chance of praising, a week", across="satisfaction",
        lines=at_ends("tell.rate_of_praise", "tell.curve", commitment=0.5),
        teaches="With a high curvature only the truly delighted speak; with a low one everybody beyond the "
        "threshold does.",
    ),
    Curve(
        phase="leave", name="return", title="Coming back, asked and sweetened", numbers="winback",
        x="discount offered, share of price", y="chance of returning that week", across="offer", over=_HIGHEST_OFFER,
        lines=compared(
            "leave.chance_of_return",
            {"bought away by price": {"willingness": _shipped("leave", "return_price")},
             "pulled away by value": {"willingness": _shipped("leave", "return_value")},
             "pushed away, needs unmet": {"willingness": _shipped("leave", "return_unmet")}},
            memory=0.5, is_asked=1.0, return_rate=_shipped("leave", "return_rate"),
        ),
        teaches="One half-life after leaving. Those who left for price come back most easily, which does not make "
        "them worth it.",
    ),
)  # fmt: skip
