"""Plays this lesson: once well, trying and looking as a good student would, and once as many begin."""

from sim.ui.lesson_state import LessonState

MIXTURE = {"insight.spend": 360, "product.spend": 240, "place.spend": 600, "advertising.spend": 300}


def passes(state: LessonState) -> None:
    """Learn what people need and be where they are; take the money from posters and from polishing the bread."""
    state.forecast("revenue", 10, 25)
    state.forecast("profit", -30, -5)
    state.because(1)
    state.make_forecast()
    state.check_forecast()
    for path, value in MIXTURE.items():
        state.move("first_year", path, value)
    state.run("first_year")
    state.hand_in("first_year")
    for path, value in MIXTURE.items():
        state.move("bad_year", path, value)
    agents = 0.8
    while agents < 3:  # the fewest with whom nobody waits for long
        state.move("bad_year", "service.agents", agents)
        if state.run("bad_year").numbers["waiting"] < 0.7:
            break
        agents += 0.1
    state.hand_in("bad_year")
    for question, option in enumerate((1, 0, 0)):
        state.answer(question, option)
    state.reflect("The storm took as much from us as from the others; the margin we had was our own.")


def fails(state: LessonState) -> None:
    """Believe in selling for a year, then in output."""
    state.forecast("revenue", 5, 25)
    state.forecast("profit", 5, 40)
    state.because(0)
    state.make_forecast()
    state.check_forecast()
    state.move("first_year", "advertising.spend", 860)
    state.move("first_year", "advertising.promise", 0.7)
    state.run("first_year")
    state.hand_in("first_year")
    for path, value in {"pricing.list_price": 5.1, "product.spend": 0, "place.spend": 1000}.items():
        state.move("bad_year", path, value)
    state.run("bad_year")
    state.hand_in("bad_year")
    for question, option in enumerate((2, 1, 1)):
        state.answer(question, option)
