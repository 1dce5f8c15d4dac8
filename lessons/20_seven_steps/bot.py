"""Plays this lesson: once well, trying and looking as a good student would, and once as many begin."""

from sim.ui.lesson_state import LessonState


def passes(state: LessonState) -> None:
    """Expect a full and poor airline; be where people are; then ask more and give what decides."""
    state.forecast("active_customers", 3, 13)
    state.forecast("profit", -45, -18)
    state.because(0)
    state.make_forecast()
    state.check_forecast()
    moves = {"advertising.spend": 900, "advertising.promise": 0.5, "communication.spend": 900, "place.spend": 900}
    for path, value in moves.items():
        state.move("numbers", path, value)
    agents = 1.7
    while agents < 4:  # the fewest with whom nobody waits for long
        state.move("numbers", "service.agents", agents)
        if state.run("numbers").numbers["waiting"] < 1.15:
            break
        agents += 0.1
    state.hand_in("numbers")
    moves = {"advertising.promise": 0.5, "training.spend": 1350, "tiers.vip_share": 0.1, "tiers.privilege": 2}
    for path, value in (moves | {"pricing.list_price": 176}).items():
        state.move("value", path, value)
    state.run("value")
    state.hand_in("value")
    for question, option in enumerate((2, 1, 0)):
        state.answer(question, option)
    state.reflect("Value before numbers: one route keeps the old price, and in a year the two are compared.")


def fails(state: LessonState) -> None:
    """Cheaper for all, louder, and gifts for many."""
    state.forecast("active_customers", 15, 30)
    state.forecast("profit", 5, 25)
    state.because(1)
    state.make_forecast()
    state.check_forecast()
    state.move("numbers", "pricing.list_price", 150)
    state.move("numbers", "advertising.spend", 2250)
    state.run("numbers")
    state.hand_in("numbers")
    state.move("value", "tiers.vip_share", 0.3)
    state.move("value", "tiers.privilege", 10)
    state.run("value")
    state.hand_in("value")
    for question, option in enumerate((0, 0, 1)):
        state.answer(question, option)
