"""Plays this lesson: once well, trying and looking as a good student would, and once as many begin."""

from sim.ui.lesson_state import LessonState


def passes(state: LessonState) -> None:
    """Promise no more than is served; then train those who serve, answer complaints, and staff the floor by looking."""
    state.forecast("active_customers", -26, -12)
    state.forecast("satisfaction", -0.18, -0.08)
    state.because(1)
    state.make_forecast()
    state.check_forecast()
    state.move("words", "advertising.promise", 0.45)
    state.move("words", "advertising.spend", 1600)
    state.run("words")
    state.hand_in("words")
    deeds = {"training.spend": 1350, "image.spend": 450, "product.spend": 1800, "service.recovery": 0.9}
    for path, value in deeds.items():
        state.move("deeds", path, value)
    agents = 2.1
    while agents < 4:  # the fewest with whom nobody waits for long
        state.move("deeds", "service.agents", agents)
        if state.run("deeds").numbers["waiting"] < 2.7:
            break
        agents += 0.3
    state.hand_in("deeds")
    for question, option in enumerate((1, 1, 1)):
        state.answer(question, option)
    state.reflect("We promised a little more than we served. In half a year trust will say so.")


def fails(state: LessonState) -> None:
    """A louder promise; then all the money into the pot."""
    state.forecast("active_customers", 5, 30)
    state.forecast("satisfaction", 0.0, 0.15)
    state.because(0)
    state.make_forecast()
    state.check_forecast()
    state.move("words", "advertising.promise", 0.8)
    state.move("words", "advertising.spend", 2700)
    state.run("words")
    state.hand_in("words")
    state.move("deeds", "product.spend", 3600)
    state.run("deeds")
    state.hand_in("deeds")
    for question, option in enumerate((0, 0, 2)):
        state.answer(question, option)
