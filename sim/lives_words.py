"""The sentences of a life: one for each kind of event, with its numbers in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sim.lives_choice import NOBODY, PARTS
from sim.lives_events import FRIENDS, OTHERS, Event
from sim.lives_style import Names, count, level, listed, moved, percent, signed
from sim.rules import leave

REASONS = {
    leave.PUSHED_ON_PURPOSE: "pushed away on purpose",
    leave.NEEDS_UNMET: "needs unmet",
    leave.BETTER_VALUE: "pulled away by better value",
    leave.LOWER_PRICE: "bought away by price",
    leave.MOVED_AWAY: "moved away",
}
_TURNED = {"trust": "mistrust", "personal liking": "personal dislike"}  # when it counts against
_WORTH_NAMING = 0.05  # utility: what a choice turned on


def sentence(event: Event, names: Names) -> str:
    """An event in a sentence, or several, each with a capital and a full stop."""
    written: str = globals()[f"_{event.kind}"](event.numbers, event.firm, names)
    return written[0].upper() + written[1:]


def sentences(events: Sequence[Event], names: Names) -> tuple[str, ...]:
    """The events of a week in sentences; what is done again for the same reason is said shortly."""
    written, before = [], set()
    for event in events:
        deed = (event.kind, event.firm, event.numbers.get("other"), event.numbers.get("cause"))
        if event.kind == "bought" and deed in before and not event.numbers["reward"]:
            written.append(f"Again {purchase(event.numbers, event.firm, names)}.")
        else:
            written.append(sentence(event, names))
        before.add(deed)
    return tuple(written)


# ---------------------------------------------------------------- hearing, expecting, trusting


def _heard(n: dict[str, Any], f: int, names: Names) -> str:
    firm, chance = names.firm(f), f"a chance of {percent(n['chance'])} this week"
    if n["cause"] == FRIENDS:
        who = _talk(n)
        return f"heard of {firm} from friends: {who} ({chance}, {percent(n['without'])} without them)."
    if n["cause"] == OTHERS:
        seen = (
            f"{n['buying_friends']} of {n['ties']} friends and {percent(n['share_of_buyers'])} of all have bought there"
        )
        return (
            f"noticed {firm} because others buy there: {seen} ({chance}, {percent(n['without'])} without seeing them)."
        )
    return f"heard of {firm} from its advertising ({chance}, {percent(n['without'])} without it)."


def _friends(friends: Sequence[int]) -> str:
    return f"friend{'s' if len(friends) > 1 else ''} {listed([str(one) for one in friends])}"


def _forgot(n: dict[str, Any], f: int, names: Names) -> str:
    return f"forgot about {names.firm(f)}: awareness fell to {level(n['awareness'])}, below {level(n['aware_at'])}."


def _near(n: dict[str, Any], f: int, names: Names) -> str:
    reach = f"{level(n['place'])}, {level(n['needed'])} needed"
    return f"{names.firm(f)} came within reach (its ease of access is now {reach})."


def _far(n: dict[str, Any], f: int, names: Names) -> str:
    reach = f"{level(n['place'])}, {level(n['needed'])} needed"
    return f"{names.firm(f)} fell out of reach (its ease of access is now {reach})."


def _promised(n: dict[str, Any], f: int, names: Names) -> str:
    raised = f"from {level(n['before'])} to {level(n['after'])} within {count(n['weeks'], 'week')}"
    return f"{names.firm(f)} promised {level(n['promise'])} in its advertising, which raised what they expect {raised}."


def _trust(n: dict[str, Any], f: int, names: Names) -> str:
    causes = {
        "it kept what it promised" if n["promise"] >= 0 else
        f"the last purchase fell {level(-n.get('surprise', 0.0))} short of what they expected": n["promise"],
        _talk(n): n["talk"], "it keeps in touch": n["dialogue"], "bad news of it went round": n["news"],
        "friends pay less there": n["prices"],
    }  # fmt: skip
    named = [
        f"{text} ({signed(by)})" for text, by in sorted(causes.items(), key=lambda c: -abs(c[1])) if abs(by) >= 0.005
    ]
    text = f"trust in {names.firm(f)} {moved(n['before'], n['after'])}"
    text += f": {listed(named[:3])}." if named else "."
    if n["crossed"] == "lost":
        text += f" That is below {level(n['consider_at'])}: they no longer consider it."
    elif n["crossed"] == "won":
        text += f" That is above {level(n['consider_at'])}: they consider it again."
    return text


def _talk(n: dict[str, Any]) -> str:
    good, bad = n["good"], n["bad"]
    kinds = [count(good, "word of praise", "words of praise")] if good else []
    kinds += [count(bad, "warning")] if bad else []
    return f"{listed(kinds)} from {_friends(n['friends'])}" if kinds else "talk"


# ---------------------------------------------------------------- being contacted


def _contacted(n: dict[str, Any], f: int, names: Names) -> str:
    firm, offer = names.firm(f), f" with {percent(n['offer'])} off" if n["offer"] > 0.0 else ""
    return {
        "acquisition": f"{firm} introduced itself{offer}: trust rose by {level(n['trust'])}.",
        "winback": f"{firm} asked them to come back{offer}.",
        "wake": f"{firm} wrote after {count(n['silence'], 'week')} of silence{offer}.",
        "retention": f"{firm} sent them an offer{offer or ' of thanks'}.",
    }[n["campaign"]]


def _ranked(n: dict[str, Any], f: int, names: Names) -> str:
    kinds = {"VIP": "a VIP", "key": "a key customer", "ordinary": "an ordinary customer"}
    return f"became {kinds[n['after']]} of {names.firm(f)} by its records, no longer {kinds[n['before']]}."


# ---------------------------------------------------------------- buying


def _bought(n: dict[str, Any], f: int, names: Names) -> str:
    return f"{purchase(n, f, names)}{_because(n, f, names)}"


def purchase(n: dict[str, Any], f: int, names: Names) -> str:
    """What was bought and what was paid, without the reason: bought from the kiosk ($2.72, 20% off)."""
    price = names.money(n["price"] - n["reward"])
    if n["deal"] > 0.0:
        price += f", {percent(n['deal'])} off{' for answering its offer' if n['campaign'] else ''}"
    if n["personal"] > 0.0:
        price += f", a personal price {percent(n['personal'])} below the others'"
    if n["reward"] > 0.0:
        price += f", {names.money(n['reward'])} off for {n['points']:.0f} points"
    return f"{_deed(n, f, names)} ({price})"


def _deed(n: dict[str, Any], f: int, names: Names) -> str:
    former = n.get("former")
    if former is None:
        way = {"store": "", "online": " online", "reseller": " at a reseller"}[n["way"]]
        return f"bought from {names.firm(f)}{way}{' for the first time' if n['is_first'] else ''}"
    if former == f:
        return f"renewed with {names.firm(f)}"
    return (
        f"signed with {names.firm(f)}" if former == NOBODY else f"switched from {names.firm(former)} to {names.firm(f)}"
    )


def _because(n: dict[str, Any], f: int, names: Names) -> str:
    """What outweighed what; or that it was luck."""
    other, former = n["other"], n.get("former")
    if n["cause"] == "luck":
        rival = "going without" if n["by_value"] == NOBODY else names.firm(n["by_value"])
        best, own = level(n["by_value_value"]), level(n["value"])
        ahead = f"{rival} was ahead, {best} to {own}" if best != own else f"{rival} was as good, {best}"
        return f" by this week's luck ({signed(n['luck'] - n['by_value_luck'])}): by value {ahead}."
    against = f"{level(n['value'])} to {level(n['other_value'])}"
    if other == NOBODY:
        better = f"worth more than going without, {against}"
        return f", the only firm considered and {better}{_hurdles(n, names)}: {summed(n['gaps'])}."
    if former == other:
        return f", worth more now, {against}: {weighed(n['gaps'])}."
    rival = f"{'from' if former is None else 'with'} {names.firm(other)}"
    return f" rather than {rival}, {against}: {weighed(n['gaps'])}."


def _hurdles(n: dict[str, Any], names: Names) -> str:
    """Why other firms were not considered, where that is news."""
    those = {g: hurdle for g, hurdle in n["not_considered"].items() if g != n.get("former")}
    return f" (they {hurdles(those, names)})" if n.get("is_first") and those else ""


def hurdles(those: dict[int, str], names: Names) -> str:
    """What kept from considering which firms: did not know the chain and could not reach the kiosk."""
    alike: dict[str, list[str]] = {}
    for f, hurdle in those.items():
        alike.setdefault(hurdle, []).append(names.firm(f))
    return listed([hurdle.replace("it", listed(firms, "or" if " not " in hurdle else "and"), 1)
                   for hurdle, firms in alike.items()])  # fmt: skip


def weighed(gaps: dict[str, float]) -> str:
    """The greatest parts for and against, e.g. price (+0.40) and service (+0.21) outweighed image (−0.30)."""
    pro, con = _named(gaps, 1), _named(gaps, -1)
    rest = sum(by for part, by in gaps.items() if part not in {**pro, **con})
    if abs(rest) >= _WORTH_NAMING and abs(rest) >= 0.25 * abs(sum(gaps.values())):
        (pro if rest > 0 else con)["rest"] = rest
    if not pro:
        return f"{_parts(con)} spoke against it" if con else "by a hair"
    return f"{_parts(pro)} outweighed {_parts(con)}" if con else f"{_parts(pro)} spoke for it"


_SUMS = {
    "what it offers": ("product", "service", "personnel", "image"),
    "habit and bond": ("habit", "knowledge", "commitment"),
    "points on the card": ("points",),
    "coming to mind": ("salience",),
    "personal liking": ("taste",),
    "price": ("price",),
    "the bargain": ("deal",),
    "time and effort": ("time", "effort"),
    "mistrust": ("worry",),
}


def summed(parts: dict[str, float]) -> str:
    """The whole value of one offer in a few sums, those for it against those against it."""
    sums = {name: sum(parts[part] for part in those) for name, those in _SUMS.items()}
    pro = [f"{name} ({signed(by)})" for name, by in sums.items() if by >= _WORTH_NAMING]
    con = [f"{_TURNED.get(name, name)} ({signed(by)})" for name, by in sums.items() if by <= -_WORTH_NAMING]
    return " against ".join(listed(side) for side in (pro, con) if side)


def _named(gaps: dict[str, float], sign: int, most: int = 2) -> dict[str, float]:
    """The greatest parts of one sign that are worth naming."""
    ordered = sorted(gaps.items(), key=lambda part: -sign * part[1])
    return {part: by for part, by in ordered if sign * by >= _WORTH_NAMING and part in dict(ordered[:most])}


def _parts(parts: dict[str, float]) -> str:
    known = PARTS | {"rest": "the rest"}
    words = {part: known[part] if by >= 0.0 else _TURNED.get(known[part], known[part]) for part, by in parts.items()}
    return listed([f"{words[part]} ({signed(by)})" for part, by in parts.items()])


def _without(n: dict[str, Any], f: int, names: Names) -> str:
    other, former = n["other"], n.get("former", NOBODY)
    deed = "went without" if former == NOBODY else f"gave up the contract with {names.firm(former)} and went without"
    if other == NOBODY:
        return f"{deed}, since they {hurdles(n['not_considered'], names)}."
    if n["cause"] == "luck":
        ahead = f"by value {names.firm(n['by_value'])} was ahead, {level(n['by_value_value'])} to {level(n['value'])}"
        return f"{deed}: not in the mood this week ({signed(n['luck'] - n['by_value_luck'])} of luck), though {ahead}."
    against = _parts(_named({part: -by for part, by in n["gaps"].items() if part != "need"}, -1))
    worth = f"worth {level(n['other_value'])}, less than doing without at {level(n['value'])}"
    return f"{deed}: the best offer, {names.firm(other)}, was {worth}; {against or 'little'} spoke against it."


# ---------------------------------------------------------------- after the purchase


def _met(n: dict[str, Any], f: int, names: Names) -> str:
    firm, parts = names.firm(f), []
    if n["wait"] >= 0.5:
        parts.append(f"waited {count(round(n['wait']), 'minute')} at the desk of {firm}.")
    if n["is_failed"]:
        parts.append(f"something went wrong at {firm}; they {_voice(n)}.")
    gap, is_up = n["gap"], n["after"] > n["before"]
    met = f"{level(n['perceived'])} where they expected {level(n['expected'])}"
    how = "about as expected" if abs(gap) < 0.01 else f"{'better' if gap > 0 else 'worse'} than expected"
    but = ", but good enough" if gap <= -0.01 and is_up else ", but still poor" if gap >= 0.01 and not is_up else ""
    parts.append(f"{firm} was {how} ({met}){but}: satisfaction {moved(n['before'], n['after'])}.")
    return " ".join(part[0].upper() + part[1:] for part in parts)


def _voice(n: dict[str, Any]) -> str:
    if not n["is_complained"]:
        said = "said nothing"
    else:
        said = "complained and it was made good" if n["is_recovered"] else "complained and nobody put it right"
    return f"{said}, and walked out for good" if n["has_walked_out"] else said


def _told(n: dict[str, Any], f: int, names: Names) -> str:
    talk = "praised {} to {}" if n["is_good"] else "warned {1} of {0}"
    why = f"satisfaction {level(n['satisfaction'])}"
    if n.get("is_let_go"):
        why = "let go"
    elif n.get("is_ignored"):
        why = "their complaint was ignored"
    return f"{talk.format(names.firm(f), _friends(n['friends']))} ({why})."


def _lapsed(n: dict[str, Any], f: int, names: Names) -> str:
    points = count(round(n["points"]), "point")
    return f"{points} at {names.firm(f)} lapsed after {count(n['weeks'], 'week')} without a purchase."


# ---------------------------------------------------------------- standing, leaving, returning


def _stage(n: dict[str, Any], f: int, names: Names) -> str:
    firm, after, before = names.firm(f), n["after"], n["before"]
    bond, liking = f"commitment {level(n['commitment'])}", f"satisfaction {level(n['satisfaction'])}"
    if after == "dormant":
        return f"fell asleep towards {firm}: {count(n['weeks'], 'week')} without a purchase."
    if before == "dormant":
        return f"woke up: a customer of {firm} again."
    if after == "advocate":
        return f"became an advocate of {firm} ({bond}, {liking})."
    if after == "loyal":
        return (
            f"became loyal to {firm} ({bond})."
            if before != "advocate"
            else f"no longer an advocate of {firm} ({liking})."
        )
    if before in ("loyal", "advocate"):
        return f"no longer loyal to {firm} ({bond})."
    return (
        f"{'a satisfied customer' if after == 'satisfied' else 'no longer a satisfied customer'} of {firm} ({liking})."
    )


def _left(n: dict[str, Any], f: int, names: Names) -> str:
    firm = names.firm(f)
    text = f"left {firm}, {REASONS[n['reason']]}: "
    if n["reason"] == leave.PUSHED_ON_PURPOSE:
        return text + (
            f"it stopped serving them, since they had brought it {names.money(n['earned'])} so far and it bears no "
            f"loss beyond {names.money(n['limit'])}."
        )
    if n["has_walked_out"]:
        return text + "they walked out after the failure. Making it good would have kept them."
    how = "they switched" if n["has_switched"] else f"{count(n['silence'], 'week')} without a purchase"
    against = f"{level(n['rival_value'])} to {level(n['value'])}"
    if n["reason"] == leave.NEEDS_UNMET:
        return f"{text}{how}, {_unmet(n, against)}"
    rival = names.firm(n["rival"])
    prices = f"{names.money(n['rival_price'])} there, {names.money(n['price'])} here: {signed(n['price_part'])}"
    even, ahead = f"at equal prices ({prices})", f"{rival} is worth more now, {against}"
    if n["reason"] == leave.LOWER_PRICE:
        return f"{text}{how}, and {ahead}; {even} they would have stayed."
    cheaper = f"it would have taken a price lower by {names.money(n['cheaper_by'])}"
    return f"{text}{how}, and {ahead}: {weighed(n['gaps'])}. Even {even} it would be ahead; {cheaper}."


def _unmet(n: dict[str, Any], against: str) -> str:
    if n["satisfaction"] < n["unmet_below"]:
        low = f"satisfaction of {level(n['satisfaction'])} is below {level(n['unmet_below'])}"
        return f"and {low}. Better experiences would have kept them."
    if n["value"] >= n["rival_value"]:
        rival = "going without is not worth" if n["rival"] == NOBODY else "no rival is worth"
        return f"though {rival} more, {against}: luck {'took' if n['has_switched'] else 'kept'} them away."
    return f"and going without is worth more to them now, {against}. A better offer of its own would have kept them."


def _returned(n: dict[str, Any], f: int, names: Names) -> str:
    asked = f", {percent(n['unasked'])} unasked" if n["chance"] > n["unasked"] else ", unasked"
    after = f"after {count(n['weeks'], 'week')} (a chance of {percent(n['chance'])} a week{asked})"
    return f"came back to {names.firm(f)} {after}."


def _moved(n: dict[str, Any], f: int, names: Names) -> str:
    lost = [names.firm(g) for g in n["firms"]]
    return f"moved away{f'; {listed(lost)} lost a customer nobody could have kept' if lost else ''}."
