"""Plays this lesson: once well, trying and looking as a good student would, and once as many begin."""

from sim.ui.lesson_state import LessonState


def passes(state: LessonState) -> None:
    """Call those who left, with a control group; then a better offer, a smaller control group, and enough agents."""
    state.forecast("profit", -55, -22)
    state.forecast("active_customers", 0, 15)
    state.because(1)
    state.make_forecast()
    state.check_forecast()
    for path, value in {"winback.spend": 180, "winback.offer": 0.25, "campaign.holdout": 0.25}.items():
        state.move("prove", path, value)
    state.run("prove")
    state.hand_in("prove")
    for path, value in {"winback.spend": 180, "winback.offer": 0.35, "campaign.holdout": 0.1}.items():
        state.move("whom", path, value)
    agents = 0.4
    while agents < 1.5:  # the fewest with whom nobody waits for long
        state.move("whom", "service.agents", agents)
        if state.run("whom").numbers["waiting"] < 3.2:
            break
        agents += 0.1
    state.hand_in("whom")
    for question, option in enumerate((2, 0, 0)):
        state.answer(question, option)
    state.reflect("Of a hundred called seventeen came, of a hundred held out one: sixteen are ours.")


def fails(state: LessonState) -> None:
    """Go by the response, and call those who are sure to say yes."""
    state.forecast("profit", 15, 60)
    state.forecast("active_customers", 15, 50)
    state.because(0)
    state.make_forecast()
    state.check_forecast()
    for path, value in {"retention.spend": 225, "retention.offer": 0.2}.items():
        state.move("prove", path, value)
    state.run("prove")
    state.hand_in("prove")
    for path, value in {"winback.reasons": 1, "winback.within_weeks": 4, "winback.offer": 0}.items():
        state.move("whom", path, value)
    state.run("whom")
    state.hand_in("whom")
    for question, option in enumerate((0, 2, 1)):
        state.answer(question, option)
