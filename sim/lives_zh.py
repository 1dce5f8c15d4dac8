"""A life told in Chinese, from the same events: the counterpart of lives_words, lives_digest and lives_twins.

Whatever these modules learn to tell and this one does not is told in their English, rather than left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from sim import lives_words, parameters
from sim.lives_choice import NOBODY
from sim.lives_events import FRIENDS, OTHERS, Event
from sim.lives_twins import Parting
from sim.lives_walk import Walk
from sim.lives_words import Names, level, percent, signed
from sim.plan import COSTS, VALUES
from sim.rules import leave
from sim.rules import stage as stages

REASONS = {
    leave.PUSHED_ON_PURPOSE: "被企业主动推开", leave.NEEDS_UNMET: "需求未得到满足而被推走",
    leave.BETTER_VALUE: "被更高的价值拉走", leave.LOWER_PRICE: "被更低的价格收买走",
    leave.MOVED_AWAY: "因生活变化而离开",
}  # fmt: skip
STANDING = {
    "lost": "已流失", "unaware": "尚不知道", "aware": "知道但不太信任", "trusting": "信任但未购买", "dormant": "休眠",
    "buyer": "购买者", "satisfied": "满意顾客", "loyal": "忠诚顾客", "advocate": "口碑传播者",
}  # fmt: skip
PARTS = {
    "product": "产品", "service": "服务", "personnel": "人员", "image": "形象", "price": "价格", "time": "时间",
    "effort": "精力", "worry": "信任", "deal": "优惠", "habit": "习惯", "knowledge": "被了解", "commitment": "情感依恋",
    "points": "卡上积分", "taste": "个人偏好", "need": "需求本身", "rest": "其余",
}  # fmt: skip
_WEIGHTS = {"money": "价格", "energy": "精力", "mental": "信任", "time": "时间"}
_TURNED = {"信任": "不信任", "个人偏好": "个人反感"}
_HURDLES = {
    "left it before": "此前已离开{}", "did not know it": "不知道{}", "did not trust it enough": "对{}不够信任",
    "could not reach it": "去不了{}",
}  # fmt: skip
_SUMS = {
    "所提供的价值": ("product", "service", "personnel", "image"), "习惯与情感": ("habit", "knowledge", "commitment"),
    "卡上积分": ("points",), "个人偏好": ("taste",), "价格": ("price",), "优惠": ("deal",),
    "时间与精力": ("time", "effort"), "不信任": ("worry",),
}  # fmt: skip
_WORTH_NAMING = 0.05


def listed(words: Sequence[str]) -> str:
    """甲、乙和丙。"""
    return words[0] if len(words) == 1 else f"{'、'.join(words[:-1])}和{words[-1]}"


def moved(before: float, after: float) -> str:
    """由 0.52 升至 0.61。"""
    if level(before) == level(after):
        return f"保持在 {level(after)}"
    return f"由 {level(before)} {'升' if after > before else '降'}至 {level(after)}"


def sentence(event: Event, names: Names) -> str:
    """An event in a sentence or several."""
    teller = globals().get(f"_{event.kind}")
    return teller(event.numbers, event.firm, names) if teller else lives_words.sentence(event, names)


def sentences(events: Sequence[Event], names: Names) -> tuple[str, ...]:
    """The events of a week in sentences."""
    return tuple(sentence(event, names) for event in events)


def _name(f: int, names: Names) -> str:
    return "不购买" if f == NOBODY else names.firms[f]


# ---------------------------------------------------------------- hearing, expecting, trusting


def _heard(n: dict[str, Any], f: int, names: Names) -> str:
    odds = f"本周概率 {percent(n['chance'])}，若非如此为 {percent(n['without'])}"
    if n["cause"] == FRIENDS:
        return f"从朋友那里听说了{names.firms[f]}：{_talk(n)}（{odds}）。"
    if n["cause"] == OTHERS:
        seen = (
            f"{n['ties']} 位朋友中有 {n['buying_friends']} 位、全体顾客中有 {percent(n['share_of_buyers'])} 在那里买过"
        )
        return f"看到别人光顾而注意到{names.firms[f]}：{seen}（{odds}）。"
    return f"通过广告知道了{names.firms[f]}（{odds}）。"


def _talk(n: dict[str, Any]) -> str:
    kinds = [f"{n['good']} 句好评"] if n["good"] else []
    kinds += [f"{n['bad']} 次抱怨"] if n["bad"] else []
    return f"朋友 {'、'.join(map(str, n['friends']))} 的{listed(kinds)}" if kinds else "口碑"


def _forgot(n: dict[str, Any], f: int, names: Names) -> str:
    return f"淡忘了{names.firms[f]}：认知降到 {level(n['awareness'])}，低于 {level(n['aware_at'])}。"


def _near(n: dict[str, Any], f: int, names: Names) -> str:
    return f"{names.firms[f]}变得方便到达（可达性现为 {level(n['place'])}，需要 {level(n['needed'])}）。"


def _far(n: dict[str, Any], f: int, names: Names) -> str:
    return f"{names.firms[f]}变得难以到达（可达性现为 {level(n['place'])}，需要 {level(n['needed'])}）。"


def _promised(n: dict[str, Any], f: int, names: Names) -> str:
    raised = f"{n['weeks']} 周内期望{moved(n['before'], n['after'])}"
    return f"{names.firms[f]}在广告中许诺 {level(n['promise'])}，使其{raised}。"


def _trust(n: dict[str, Any], f: int, names: Names) -> str:
    fell = f"上次购买比期望低 {level(-n.get('surprise', 0.0))}"
    causes = {
        "它兑现了承诺" if n["promise"] >= 0 else fell: n["promise"], _talk(n): n["talk"],
        "它保持沟通": n["dialogue"], "负面消息传开": n["news"],
        "朋友在那里付得更少": n.get("prices", 0.0),
    }  # fmt: skip
    ordered = sorted(causes.items(), key=lambda cause: -abs(cause[1]))
    named = [f"{text}（{signed(by)}）" for text, by in ordered if abs(by) >= 0.005]
    text = f"对{names.firms[f]}的信任{moved(n['before'], n['after'])}"
    text += f"：{listed(named[:3])}。" if named else "。"
    crossed = {"lost": "低于 {}：不再考虑它。", "won": "高于 {}：重新考虑它。"}.get(n["crossed"], "")
    return text + crossed.format(level(n["consider_at"]))


# ---------------------------------------------------------------- being contacted


def _contacted(n: dict[str, Any], f: int, names: Names) -> str:
    firm, offer = names.firms[f], f"，并给予 {percent(n['offer'])} 的优惠" if n["offer"] > 0.0 else ""
    told = {
        "acquisition": f"{firm}主动介绍自己{offer}：信任提高 {level(n['trust'])}。",
        "winback": f"{firm}请其回来{offer}。",
        "wake": f"在沉默 {n['silence']} 周之后，{firm}前来唤醒{offer}。",
        "retention": f"{firm}表示感谢{offer}。",
    }
    return told.get(n["campaign"], f"{firm}主动联系{offer}。")


def _ranked(n: dict[str, Any], f: int, names: Names) -> str:
    kinds = {"VIP": "VIP 顾客", "key": "重点顾客", "ordinary": "普通顾客"}
    before, after = (kinds.get(n[key], n[key]) for key in ("before", "after"))
    return f"按{names.firms[f]}的记录由{before}变为{after}。"


# ---------------------------------------------------------------- buying


def purchase(n: dict[str, Any], f: int, names: Names) -> str:
    """What was bought and what was paid, without the reason."""
    price = names.money(n["price"] - n["reward"])
    price += f"，优惠 {percent(n['deal'])}" if n["deal"] > 0.0 else ""
    price += f"，个人价格低 {percent(n['personal'])}" if n.get("personal", 0.0) > 0.0 else ""
    price += f"，用 {n['points']:.0f} 积分抵 {names.money(n['reward'])}" if n["reward"] > 0.0 else ""
    former, firm = n.get("former"), names.firms[f]
    if former is None:
        way = {"online": "线上", "reseller": "通过经销商"}.get(n.get("way", ""), "")
        deed = f"{'首次' if n['is_first'] else ''}{way}在{firm}购买"
    else:
        signed_up = f"与{firm}签约" if former == NOBODY else f"从{names.firms[former]}转到{firm}"
        deed = f"与{firm}续约" if former == f else signed_up
    return f"{deed}（{price}）"


def _bought(n: dict[str, Any], f: int, names: Names) -> str:
    deed, against = purchase(n, f, names), f"{level(n['value'])} 比 {level(n['other_value'])}"
    if n["cause"] == "luck":
        by_value = f"{_name(n['by_value'], names)}为 {level(n['by_value_value'])}，它为 {level(n['value'])}"
        return f"{deed}，出于本周的偶然（{signed(n['luck'] - n['by_value_luck'])}）：论价值，{by_value}。"
    if n["other"] == NOBODY:
        return f"{deed}，是唯一考虑的企业{_hurdles(n, names)}，而且胜过不买（{against}）：{_summed(n['gaps'])}。"
    if n.get("former") == n["other"]:
        return f"{deed}，它现在更有价值（{against}）：{weighed(n['gaps'])}。"
    return f"{deed}，而没有选{_name(n['other'], names)}（{against}）：{weighed(n['gaps'])}。"


def _hurdles(n: dict[str, Any], names: Names) -> str:
    those = {g: why for g, why in n["not_considered"].items() if g != n.get("former")}
    return f"（{hurdles(those, names)}）" if n.get("is_first") and those else ""


def hurdles(those: dict[int, str], names: Names) -> str:
    """What kept from considering which firms."""
    alike: dict[str, list[str]] = {}
    for f, why in those.items():
        alike.setdefault(why, []).append(names.firms[f])
    return "，".join(_HURDLES.get(why, why.replace(" it", " {}")).format(listed(firms)) for why, firms in alike.items())


def weighed(gaps: dict[str, float]) -> str:
    """The greatest parts for and against: 价格（+0.40）和服务（+0.21）胜过形象（−0.30）。"""
    pro = _named([(part, by) for part, by in gaps.items() if by >= _WORTH_NAMING])
    con = _named([(part, by) for part, by in gaps.items() if by <= -_WORTH_NAMING])
    if not pro:
        return f"{con}对它不利" if con else "相差毫厘"
    return f"{pro}胜过{con}" if con else f"{pro}对它有利"


def _named(parts: list[tuple[str, float]], most: int = 2) -> str:
    greatest = sorted(parts, key=lambda part: -abs(part[1]))[:most]
    words = [(PARTS.get(part, part), by) for part, by in greatest]
    return listed([f"{_TURNED.get(w, w) if by < 0 else w}（{signed(by)}）" for w, by in words]) if words else ""


def _summed(parts: dict[str, float]) -> str:
    sums = {name: sum(parts[part] for part in those) for name, those in _SUMS.items()}
    pro = [f"{name}（{signed(by)}）" for name, by in sums.items() if by >= _WORTH_NAMING]
    con = [f"{_TURNED.get(name, name)}（{signed(by)}）" for name, by in sums.items() if by <= -_WORTH_NAMING]
    return "，对抗".join(listed(side) for side in (pro, con) if side)


def _without(n: dict[str, Any], f: int, names: Names) -> str:
    former = n.get("former", NOBODY)
    deed = "没有购买" if former == NOBODY else f"终止了与{names.firms[former]}的合约，没有购买"
    if n["other"] == NOBODY:
        return f"{deed}，因为{hurdles(n['not_considered'], names)}。"
    if n["cause"] == "luck":
        ahead = f"论价值{_name(n['by_value'], names)}领先，{level(n['by_value_value'])} 比 {level(n['value'])}"
        return f"{deed}：本周没有心情（偶然 {signed(n['luck'] - n['by_value_luck'])}），尽管{ahead}。"
    against = _named([(part, -by) for part, by in n["gaps"].items() if part != "need" and by >= _WORTH_NAMING])
    worth = f"价值 {level(n['other_value'])}，不如不买的 {level(n['value'])}"
    return f"{deed}：最好的选择{names.firms[n['other']]}{worth}{f'；{against}对它不利' if against else ''}。"


# ---------------------------------------------------------------- after the purchase


def _met(n: dict[str, Any], f: int, names: Names) -> str:
    firm, gap, parts = names.firms[f], n["gap"], ""
    if n["wait"] >= 0.5:
        parts += f"在{firm}的服务台等待了 {n['wait']:.0f} 分钟。"
    if n["is_failed"]:
        voice = "投诉并得到补救" if n["is_recovered"] else "投诉却无人解决" if n["is_complained"] else "没有投诉"
        parts += f"在{firm}出了问题；顾客{voice}{'，从此一去不返' if n['has_walked_out'] else ''}。"
    how = "与期望大致相同" if abs(gap) < 0.01 else "好于期望" if gap > 0 else "不如期望"
    met = f"感知 {level(n['perceived'])}，期望 {level(n['expected'])}"
    return f"{parts}{firm}的表现{how}（{met}）：满意度{moved(n['before'], n['after'])}。"


def _told(n: dict[str, Any], f: int, names: Names) -> str:
    friends = "、".join(map(str, n["friends"]))
    deed = f"夸赞了{names.firms[f]}" if n["is_good"] else f"抱怨了{names.firms[f]}"
    why = "被放弃" if n.get("is_let_go") else "投诉无人理会" if n.get("is_ignored") else ""
    return f"向朋友 {friends} {deed}（{why or '满意度 ' + level(n['satisfaction'])}）。"


def _lapsed(n: dict[str, Any], f: int, names: Names) -> str:
    return f"{n['weeks']} 周没有购买，在{names.firms[f]}的 {n['points']:.0f} 积分过期。"


# ---------------------------------------------------------------- standing, leaving, returning


def _stage(n: dict[str, Any], f: int, names: Names) -> str:
    firm, after, before = names.firms[f], n["after"], n["before"]
    bond, liking = f"情感承诺 {level(n['commitment'])}", f"满意度 {level(n['satisfaction'])}"
    if after == "dormant":
        return f"对{firm}进入休眠：{n['weeks']} 周没有购买。"
    if before == "dormant":
        return f"被唤醒：又成为{firm}的顾客。"
    if after in ("advocate", "loyal") and before != "advocate":
        return f"成为{firm}的{STANDING[after]}（{bond}，{liking}）。"
    if before in ("loyal", "advocate"):
        return f"不再是{firm}的{STANDING[before]}（{bond}，{liking}）。"
    return f"{'成为' if after == 'satisfied' else '不再是'}{firm}的满意顾客（{liking}）。"


def _left(n: dict[str, Any], f: int, names: Names) -> str:
    text = f"离开了{names.firms[f]}，{REASONS[n['reason']]}："
    if n["reason"] == leave.PUSHED_ON_PURPOSE:
        earned, limit = names.money(n["earned"]), names.money(n["limit"])
        return f"{text}迄今只带来 {earned}，而企业最多承受 {limit} 的亏损，于是停止为其服务。"
    if n["has_walked_out"]:
        return f"{text}出问题后一去不返。若得到补救，本会留下。"
    how = "转投别家" if n["has_switched"] else f"{n['silence']} 周没有购买"
    if n["reason"] == leave.NEEDS_UNMET:
        if n["satisfaction"] < n["unmet_below"]:
            low = f"满意度 {level(n['satisfaction'])} 低于 {level(n['unmet_below'])}"
            return f"{text}{how}，{low}。更好的体验本可留住这位顾客。"
        if n["value"] >= n["rival_value"]:
            return f"{text}{how}，尽管别的选择并不更有价值，只是偶然。"
        return f"{text}{how}，现在不买反而更划算。更好的产品与服务本可留住这位顾客。"
    against = f"{level(n['rival_value'])} 比 {level(n['value'])}"
    prices = f"那边 {names.money(n['rival_price'])}，这边 {names.money(n['price'])}"
    ahead = f"{names.firms[n['rival']]}现在更有价值（{against}）"
    if n["reason"] == leave.LOWER_PRICE:
        return f"{text}{how}，{ahead}；若价格相同（{prices}）本会留下。"
    cheaper = f"要降价 {names.money(n['cheaper_by'])} 才能留住"
    return f"{text}{how}，{ahead}：{weighed(n['gaps'])}。即使价格相同（{prices}）也留不住；{cheaper}。"


def _returned(n: dict[str, Any], f: int, names: Names) -> str:
    asked = f"，不赢返则为 {percent(n['unasked'])}" if n["chance"] > n["unasked"] else "，自发"
    return f"{n['weeks']} 周后回到{names.firms[f]}（每周概率 {percent(n['chance'])}{asked}）。"


def _moved(n: dict[str, Any], f: int, names: Names) -> str:
    lost = listed([names.firms[g] for g in n["firms"]]) if n["firms"] else ""
    return f"搬走了{f'；{lost}失去了一位谁也留不住的顾客' if lost else ''}。"


# ---------------------------------------------------------------- who they are, what lies between, where they end


def person(walk: Walk, i: int, names: Names) -> Iterator[str]:
    """Who the customer is: segment, needs, friends, what weighs most, what they know at the start."""
    world, customer, relations = walk.world, walk.world.customer(i), walk.world.relations_of(i)
    segment = walk.plan.segments[customer["segment"]]
    friends, aware_at = int(world.offsets[i + 1] - world.offsets[i]), world.constants[0]["stage_aware_at"]
    kind = segment.label.get("zh", segment.name)
    yield f"顾客 {i}（{kind}）每周需要 {level(float(customer['need_rate']))} 次，有 {friends} 位朋友。"
    weights = sorted(((float(customer[f"weight_{k}"]), k) for k in (*VALUES, *COSTS)), reverse=True)
    heaviest = listed([f"{_WEIGHTS.get(k, PARTS.get(k, k))}（{level(weight)}）" for weight, k in weights[:3]])
    favourite = max(range(len(relations)), key=lambda f: float(relations[f]["taste"]))
    yield f"最看重{heaviest}；论个人偏好最喜欢{names.firms[favourite]}。"
    known = [names.firms[f] for f in range(len(relations)) if relations[f]["awareness"] >= aware_at]
    yield f"起初知道{listed(known)}。" if known else "起初一家企业也不知道。"


def between(events: list[Event], names: Names) -> str:
    """What was bought meanwhile and is not told, in one sentence; empty where nothing was."""
    counts = Counter((event.kind, event.firm) for event in events if event.kind in ("bought", "without"))
    parts = [f"在{names.firms[f]}购买 {n} 次" for (kind, f), n in counts.most_common() if kind == "bought"]
    if without := counts["without", NOBODY]:
        parts.append(f"{without} 次没有购买")
    return f"期间{'，'.join(parts)}。" if parts else ""


def ending(walk: Walk, i: int, names: Names) -> Iterator[str]:
    """Where the customer stands with each firm in the end."""
    strangers = []
    for f, relation in enumerate(walk.world.relations_of(i)):
        if relation["purchases"] == 0:
            strangers.append(names.firms[f])
            continue
        paid = float(relation["revenue"] - relation["rewards"])
        spent = f"，自第 0 周起花费 {names.money(paid)}" if paid else ""
        felt = "，".join(
            f"{word} {level(float(relation[name]))}"
            for name, word in (("satisfaction", "满意度"), ("trust", "信任"), ("commitment", "情感承诺"))
        )
        standing = STANDING[stages.STAGES[relation["stage"]]]
        yield f"{names.firms[f]}：{standing}，共购买 {int(relation['purchases'])} 次{spent}，{felt}。"
    if strangers:
        yield f"从未在{listed(strangers)}购买。"


def told(event: Event | None, twin: Event | None, names: Names) -> str:
    """What happened in one world, beside what happened in the other."""
    if event is None:
        words = {"told": "没有告诉任何人。", "left": "留了下来。", "returned": "没有回来。"}
        return words.get(twin.kind if twin else "", "没有这样的事。")
    if twin is not None and event.kind == twin.kind == "bought" and event.firm == twin.firm:
        return f"{purchase(event.numbers, event.firm, names)}。"
    return sentence(event, names)


def parting(found: Parting, versus: str, here_and_there: tuple[str, str], meaning: str) -> tuple[str, ...]:
    """Where two lives part: when, what happened here and there, by which rule (and what it says), by which levers."""
    if found.week is None:
        return (f"在 {versus} 之下，同一位顾客、同样的运气，过着完全相同的每一周。",)
    known = parameters.levers()
    levers = listed(
        [
            f"{known[path].label['zh']}（这里 {here:,.4g}，那里 {there:,.4g}）"
            for path, (here, there) in found.levers.items()
        ]
        or ["无"]
    )
    alone = "它一个" if len(found.levers) == 1 else "其中任何一个"
    kept = "才能让两种人生不分开" if found.needs_all else f"单凭{alone}就能让两种人生不分开"
    if found.elsewhere is not None:
        kept = f"能让第 {found.week} 周相同，但两种人生在第 {found.elsewhere} 周就已分开"
    set_back = "全部设为" if found.needs_all else "若设为"
    says = f"（{meaning.rstrip('。')}）" if meaning else ""
    return (
        f"在 {versus} 之下，同一位顾客、同样的运气，从第 {found.week} 周起过着另一种人生。",
        f"这里：{here_and_there[0]}那里：{here_and_there[1]}",
        f"使之分开的规则是 {found.rule}{says}。",
        f"背后的杠杆：{levers}。{set_back} {versus} 的值，{kept}。",
    )
