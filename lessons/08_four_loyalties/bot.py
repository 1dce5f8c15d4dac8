"""Plays this lesson: once well, trying and looking as a good student would, and once as many begin."""

from sim.ui.lesson_state import LessonState


def passes(state: LessonState) -> None:
    """Expect more heads of less worth; get to know the readers instead of advertising; be where they are."""
    state.forecast("active_customers", 3, 18)
    state.forecast("customer_equity", -42, -12)
    state.because(1)
    state.make_forecast()
    state.check_forecast()
    state.move("storm", "advertising.spend", 144)
    state.move("storm", "insight.spend", 216)
    state.run("storm")
    state.hand_in("storm")
    moves = {"pricing.promotion_depth": 0, "pricing.promotion_every": 0, "advertising.spend": 180, "place.spend": 144}
    for path, value in moves.items():
        state.move("wean", path, value)
    insight = 108
    while insight < 300:  # the least that teaches enough
        state.move("wean", "insight.spend", insight)
        if state.run("wean").numbers["known_share"] > 0.43:
            break
        insight += 36
    state.hand_in("wean")
    for question, option in enumerate((1, 2, 0)):
        state.answer(question, option)
    state.reflect("Fewer deals, more names: by spring the net promoter score of those asked must be six points higher.")


def fails(state: LessonState) -> None:
    """Answer the attack with discounts of one's own, and then just stop them."""
    state.forecast("active_customers", -20, -2)
    state.forecast("customer_equity", 5, 40)
    state.because(0)
    state.make_forecast()
    state.check_forecast()
    state.move("storm", "pricing.promotion_depth", 0.3)
    state.move("storm", "pricing.promotion_every", 2)
    state.run("storm")
    state.hand_in("storm")
    state.move("wean", "pricing.promotion_depth", 0)
    state.run("wean")
    state.hand_in("wean")
    for question, option in enumerate((0, 0, 1)):
        state.answer(question, option)
