"""Plays this lesson: once well, trying and looking as a good student would, and once as many begin."""

from sim.ui.lesson_state import LessonState


def passes(state: LessonState) -> None:
    """Write to those asleep by their own rhythm; then mend what lets people down, with just enough at the counter."""
    state.forecast("lost_customers", -6, 4)
    state.forecast("profit", -9, -1)
    state.because(1)
    state.make_forecast()
    state.check_forecast()
    for experiment in ("letters", "causes"):
        state.move(experiment, "wake.spend", 180)
        state.move(experiment, "wake.offer", 0.2)
    state.run("letters")
    state.hand_in("letters")
    state.move("causes", "service.recovery", 0.9)
    agents = 1.25
    while agents < 6:  # the fewest with whom nobody waits for long
        state.move("causes", "service.agents", agents)
        if state.run("causes").numbers["waiting"] < 3.3:
            break
        agents += 0.25
    state.hand_in("causes")
    for question, option in enumerate((1, 1, 1)):
        state.answer(question, option)
    state.reflect("Mrs Brandt, silent for three of her weeks, first; the villagers are not due before market day.")


def fails(state: LessonState) -> None:
    """Reward the best, and lower the price for everybody."""
    state.forecast("lost_customers", -50, -15)
    state.forecast("profit", 5, 30)
    state.because(0)
    state.make_forecast()
    state.check_forecast()
    state.move("letters", "retention.spend", 400)
    state.move("letters", "retention.offer", 0.2)
    state.run("letters")
    state.hand_in("letters")
    state.move("causes", "pricing.list_price", 23)
    state.move("causes", "product.spend", 1800)
    state.run("causes")
    state.hand_in("causes")
    for question, option in enumerate((0, 0, 0)):
        state.answer(question, option)
