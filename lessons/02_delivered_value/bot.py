"""Plays this lesson: once well, trying and looking as a good student would, and once as many begin."""

from sim.ui.lesson_state import LessonState


def passes(state: LessonState) -> None:
    """Half the tea budget for staff and room; then enough hands and a second door, paid for by posters."""
    state.forecast("active_customers", -2, 6)
    state.forecast("profit", -30, -15)
    state.because(1)
    state.make_forecast()
    state.check_forecast()
    for path, value in {"product.spend": 320, "training.spend": 220, "image.spend": 220}.items():
        state.move("values", path, value)
    staffed(state, "values", 6.0)
    state.hand_in("values")
    state.move("costs", "place.spend", 320)
    state.move("costs", "advertising.spend", 120)
    staffed(state, "costs", 2.8)
    state.hand_in("costs")
    for question, option in enumerate((1, 1, 0)):
        state.answer(question, option)
    state.reflect("Guests will stay oftener, not be more numerous at once: look at the wallet in half a year.")


def staffed(state: LessonState, experiment: str, longest: float) -> None:
    """The fewest hands with whom nobody waits for long, as far as the money goes."""
    agents = 1.1
    while state.spending(experiment) <= state.budget - 75:
        state.move(experiment, "service.agents", agents)
        if state.run(experiment).numbers["waiting"] < longest:
            break
        agents += 0.2


def fails(state: LessonState) -> None:
    """Believe in the tea, then in the price."""
    state.forecast("active_customers", 10, 35)
    state.forecast("profit", 5, 40)
    state.because(0)
    state.make_forecast()
    state.check_forecast()
    state.move("values", "product.spend", 1000)
    state.run("values")
    state.hand_in("values")
    state.move("costs", "pricing.list_price", 6)
    state.run("costs")
    state.hand_in("costs")
    for question, option in enumerate((0, 0, 2)):
        state.answer(question, option)
