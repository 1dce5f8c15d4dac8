"""Plays this lesson: once well, trying and looking as a good student would, and once as many begin."""

from sim.ui.lesson_state import LessonState


def passes(state: LessonState) -> None:
    """A deep offer, but a rare one; then evenings and delivery, a fair price, and just enough people at the counter."""
    state.forecast("revenue", -4, 8)
    state.forecast("profit", -70, -45)
    state.because(1)
    state.make_forecast()
    state.check_forecast()
    state.move("fill", "pricing.promotion_depth", 0.35)
    state.move("fill", "pricing.promotion_every", 12)
    state.run("fill")
    state.hand_in("fill")
    for path, value in {"convenience.spend": 960, "place.spend": 1200, "pricing.list_price": 26.5}.items():
        state.move("open", path, value)
    agents = 1.5
    while agents < 6:  # the fewest with whom nobody waits for long
        state.move("open", "service.agents", agents)
        if state.run("open").numbers["waiting"] < 2.8:
            break
        agents += 0.1
    state.hand_in("open")
    for question, option in enumerate((2, 1, 1)):
        state.answer(question, option)
    state.reflect("Two in three who come after seven had never been here; the page would have missed them.")


def fails(state: LessonState) -> None:
    """Buy the page, and follow the discounter."""
    state.forecast("revenue", 15, 50)
    state.forecast("profit", 5, 40)
    state.because(0)
    state.make_forecast()
    state.check_forecast()
    state.move("fill", "pricing.promotion_depth", 0.2)
    state.move("fill", "pricing.promotion_every", 2)
    state.move("fill", "advertising.spend", 3200)
    state.run("fill")
    state.hand_in("fill")
    state.move("open", "pricing.list_price", 22)
    state.move("open", "advertising.spend", 2400)
    state.run("open")
    state.hand_in("open")
    for question, option in enumerate((0, 0, 0)):
        state.answer(question, option)
