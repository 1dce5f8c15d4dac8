"""Plays this lesson: once well, trying and looking as a good student would, and once as many begin."""

from sim.ui.lesson_state import LessonState


def passes(state: LessonState) -> None:
    """Forecast a loss; a lower price wins newcomers; then dialogue instead of posters, and just enough agents."""
    state.forecast("active_customers", -20, -5)
    state.forecast("profit", -20, -3)
    state.because(1)
    state.make_forecast()
    state.check_forecast()
    state.move("pour", "pricing.list_price", 35)
    state.run("pour")
    state.hand_in("pour")
    for path, value in {"advertising.spend": 225, "communication.spend": 450}.items():
        state.move("mend", path, value)
    state.move("mend", "service.recovery", 0.9)
    agents = 1.5
    while agents < 6:  # the fewest with whom nobody waits for long
        state.move("mend", "service.agents", agents)
        if state.run("mend").numbers["waiting"] < 2.5:
            break
        agents += 0.25
    state.hand_in("mend")
    for question, option in enumerate((1, 1, 1)):
        state.answer(question, option)
    state.reflect("Fewer will leave, and by July the quarterly retention will say so.")


def fails(state: LessonState) -> None:
    """Believe in advertising, and more of it, to the end."""
    state.forecast("active_customers", 10, 40)
    state.forecast("profit", 5, 30)
    state.because(0)
    state.make_forecast()
    state.check_forecast()
    state.move("pour", "advertising.spend", 2250)
    state.move("pour", "product.spend", 0)
    state.run("pour")
    state.hand_in("pour")
    state.move("mend", "advertising.spend", 1800)
    state.move("mend", "product.spend", 450)
    state.run("mend")
    state.hand_in("mend")
    for question, option in enumerate((0, 0, 0)):
        state.answer(question, option)
