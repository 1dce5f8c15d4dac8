"""Plays this lesson: once well, trying and looking as a good student would, and once as many begin."""

from sim.ui.lesson_state import LessonState


def passes(state: LessonState) -> None:
    """Open doors and modest words; then image and people too, with as many hands as questions need."""
    state.forecast("new_customers", 1, 9)
    state.forecast("trust", -0.03, 0.03)
    state.because(1)
    state.make_forecast()
    state.check_forecast()
    first = {"communication.spend": 440, "advertising.promise": 0.45, "service.recovery": 0.9}
    for path, value in first.items():
        state.move("first_links", path, value)
    state.run("first_links")
    state.hand_in("first_links")
    last = {
        "communication.spend": 380, "advertising.promise": 0.45, "image.spend": 380,
        "product.spend": 240, "training.spend": 120,
    }  # fmt: skip
    for path, value in last.items():
        state.move("last_links", path, value)
    agents = 0.9
    while state.spending("last_links") <= state.budget - 90:  # the fewest with whom nobody waits for long
        state.move("last_links", "service.agents", agents)
        if state.run("last_links").numbers["waiting"] < 0.75:
            break
        agents += 0.1
    state.hand_in("last_links")
    for question, option in enumerate((1, 1, 1)):
        state.answer(question, option)
    state.reflect("Ask strangers whether they trust us before we pay for the next poster.")


def fails(state: LessonState) -> None:
    """More posters with a bolder promise; then better wine with the same promise."""
    state.forecast("new_customers", 12, 35)
    state.forecast("trust", 0.05, 0.2)
    state.because(0)
    state.make_forecast()
    state.check_forecast()
    state.move("first_links", "advertising.spend", 1000)
    state.move("first_links", "advertising.promise", 0.75)
    state.run("first_links")
    state.hand_in("first_links")
    state.move("last_links", "product.spend", 1000)
    state.move("last_links", "advertising.promise", 0.75)
    state.run("last_links")
    state.hand_in("last_links")
    for question, option in enumerate((0, 0, 2)):
        state.answer(question, option)
