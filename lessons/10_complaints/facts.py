"""What the texts of this lesson claim, asserted on the engine. `en` and `zh` stand in the texts word for word."""

from sim.lesson_facts import Worlds, fact

_WORLDS = 6  # for what single weeks tell


def _harm(worlds: Worlds) -> float:
    """What a complaint left open takes from the firm: profit gained by making good, for each, and what that costs."""
    recovering = worlds.levers("opening") | {"service.recovery": 0.9}
    gained = worlds.difference("opening", recovering, "profit").difference
    spared = -worlds.difference("opening", recovering, "ignored_complaints").difference
    return gained / spared + 36


def _told(worlds: Worlds, promise: float) -> tuple[float, float]:
    """Messages of praise and of blame in two years, of a shop that answers every letter and promises so much."""
    praise = blame = 0.0
    for world in range(_WORLDS):
        engine = worlds.engine(_promising(worlds, promise), 104, world)
        engine.run()
        praise += engine.tally["praise"][:, 0].sum()
        blame += engine.tally["blame"][:, 0].sum()
    return praise / _WORLDS, blame / _WORLDS


def _promising(worlds: Worlds, promise: float) -> dict[str, float]:
    return worlds.levers("repair") | {"advertising.promise": promise}


@fact(en="about 230 complaints will be left open", zh="约有 230 起投诉不了了之")
def left_open(worlds: Worlds) -> None:
    found = worlds.mean("opening", "ignored_complaints")
    assert 212 < found < 245, found


@fact(en="A set that you sell for 90 costs you 60", zh="一台卖 90 元的电视，进价 60 元")
def margin_of_a_set(worlds: Worlds) -> None:
    scenario = worlds.lesson.scenario
    assert worlds.levers("opening")["pricing.list_price"] == 90
    assert scenario.firms[0].unit_cost == 60


@fact(en="mending one costs 36", zh="修好一台要花 36 元")
def cost_of_mending(worlds: Worlds) -> None:
    engine = worlds.engine("opening", 1)
    assert abs(engine.world.constants["service_recovery_cost"][0] * 90 - 36) < 1e-9


@fact(en="each complaint left open takes about 65 from you", zh="每起没有解决的投诉，会从你这里拿走约 65 元")
def harm_of_an_open_complaint(worlds: Worlds) -> None:
    found = _harm(worlds)
    assert 60 < found < 72, found  # more than the set cost


@fact(en="about 28% of that harm", zh="这笔损失中约有 28%")
def harm_done_by_telling(worlds: Worlds) -> None:
    silent = Worlds(worlds.lesson)
    silent.sets = {"tell.ignored_rate": 0.0, "tell.blame_rate": 0.0}
    found = 1 - _harm(silent) / _harm(worlds)
    assert 0.21 < found < 0.35, found


@fact(en="about 93% of what your customers tell their friends is blame", zh="顾客对朋友说的话里，约 93% 是坏话")
def mostly_blame(worlds: Worlds) -> None:
    praise = blame = 0.0
    for world in range(_WORLDS):
        engine = worlds.engine("opening", 104, world)
        engine.run()
        praise += engine.tally["praise"][:, 0].sum()
        blame += engine.tally["blame"][:, 0].sum()
    assert 0.9 < blame / (praise + blame) < 0.96, (praise, blame)


@fact(en="about 2% *more* new customers", zh="新顾客反而*多了*约 2%")
def more_newcomers(worlds: Worlds) -> None:
    spends = {name: worlds.levers(name)["advertising.spend"] for name in ("opening", "repair")}
    assert abs(spends["repair"] / spends["opening"] - 2 / 3) < 0.01
    assert abs(worlds.spending("repair") - worlds.spending("opening")) < 1
    found = worlds.difference("opening", "repair", "new_customers")
    assert found.low > 0, found
    assert 0.01 < found.difference / found.a < 0.04, found


@fact(en="about 13% fewer leave", zh="走的人少了约 13%")
def fewer_leave(worlds: Worlds) -> None:
    found = worlds.difference("opening", "repair", "lost_customers")
    assert -0.16 < found.difference / found.a < -0.09, found
    assert found.high < 0, found


@fact(en="satisfaction falls by about 6%, praise by about 40%", zh="满意度只下降约 6%，好话却少了约 40%")
def praise_is_steep(worlds: Worlds) -> None:
    modest, loud = (_promising(worlds, promise) for promise in (0.5, 0.6))
    found = worlds.difference(modest, loud, "satisfaction")
    assert -0.08 < found.difference / found.a < -0.045, found
    (praise, _), (less, _) = (_told(worlds, promise) for promise in (0.5, 0.6))
    assert -0.48 < less / praise - 1 < -0.32, (praise, less)
    performance = worlds.difference(modest, loud, "performance")
    assert abs(performance.difference) < 0.01, performance  # the goods are the same


@fact(en="blame hardly moves until the promise passes 0.7", zh="承诺水平超过 0.7 之前，坏话几乎不动")
def blame_waits(worlds: Worlds) -> None:
    blame = {promise: _told(worlds, promise)[1] for promise in (0.5, 0.7, 0.8)}
    assert blame[0.7] / blame[0.5] < 1.2, blame
    assert blame[0.8] / blame[0.7] > 1.25, blame


@fact(en="about 18% fewer active customers", zh="活跃顾客少了约 18%")
def louder_empties_the_shop(worlds: Worlds) -> None:
    found = worlds.difference("opening", "brother", "active_customers")
    assert -0.21 < found.difference / found.a < -0.14, found
    assert abs(worlds.spending("brother") - worlds.spending("opening")) < 1
    assert worlds.mean("brother", "praise_share") < 0.05
