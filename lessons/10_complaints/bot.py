"""Plays this lesson: once well, trying and looking as a good student would, and once as many begin."""

from sim.ui.lesson_state import LessonState


def passes(state: LessonState) -> None:
    """Make everything good, with just enough hands at the desk; then promise less than is kept."""
    state.forecast("new_customers", -2, 8)
    state.forecast("active_customers", 5, 17)
    state.because(2)
    state.make_forecast()
    state.check_forecast()
    state.move("answer", "service.recovery", 1)
    state.move("answer", "advertising.spend", 840)
    agents = 1.0
    while agents < 3:  # the fewest with whom few complaints are left open
        state.move("answer", "service.agents", agents)
        tried = state.run("answer")
        if tried.numbers["ignored_complaints"] < 0.15 * tried.versus["ignored_complaints"]:
            break
        agents += 0.25
    state.hand_in("answer")
    for path, value in {"service.recovery": 1, "advertising.spend": 840, "advertising.promise": 0.5}.items():
        state.move("beyond", path, value)
    while agents < 3:  # the fewest with whom nobody waits for long
        state.move("beyond", "service.agents", agents)
        if state.run("beyond").numbers["waiting"] < 2.6:
            break
        agents += 0.25
    state.hand_in("beyond")
    for question, option in enumerate((1, 1, 1)):
        state.answer(question, option)
    state.reflect("A quarter of the complaints open, and by spring more praise than blame.")


def fails(state: LessonState) -> None:
    """Save on repairs, and drown the complaints in advertising and promises."""
    state.forecast("new_customers", -30, -10)
    state.forecast("active_customers", -25, -5)
    state.because(0)
    state.make_forecast()
    state.check_forecast()
    state.move("answer", "service.recovery", 0.3)
    state.move("answer", "service.agents", 0.75)
    state.move("answer", "advertising.spend", 1680)
    state.run("answer")
    state.hand_in("answer")
    state.move("beyond", "advertising.promise", 0.8)
    state.move("beyond", "advertising.spend", 1680)
    state.run("beyond")
    state.hand_in("beyond")
    for question, option in enumerate((0, 0, 0)):
        state.answer(question, option)
