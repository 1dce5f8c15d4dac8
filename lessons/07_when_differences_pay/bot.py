"""Plays this lesson: once well, trying and looking as a good student would, and once as many begin."""

from sim.ui.lesson_state import LessonState


def passes(state: LessonState) -> None:
    """Expect a gain at a price; a direct line for a fifth; then as many people as keep the wait short."""
    state.forecast("profit", 4, 20)
    state.forecast("active_customers", -38, -20)
    state.because(0)
    state.make_forecast()
    state.check_forecast()
    tiers = {"tiers.vip_share": 0.2, "tiers.privilege": 5, "tiers.priority": 0.5}
    for path, value in tiers.items():
        state.move("unequal", path, value)
    state.run("unequal")
    state.hand_in("unequal")
    for path, value in tiers.items():
        state.move("desk", path, value)
    agents = 4.5
    while agents < 9:  # the fewest with whom nobody waits for long
        state.move("desk", "service.agents", agents)
        if state.run("desk").numbers["waiting"] < 4:
            break
        agents += 0.25
    state.hand_in("desk")
    for question, option in enumerate((0, 1, 2)):
        state.answer(question, option)
    state.reflect("Direct lines for a fifth, and the desk enlarged until the wait is below four minutes by autumn.")


def fails(state: LessonState) -> None:
    """Follow the consultant to the end."""
    state.forecast("profit", -30, -10)
    state.forecast("active_customers", -15, 0)
    state.because(1)
    state.make_forecast()
    state.check_forecast()
    state.move("unequal", "service.let_go_loss", 150)
    state.run("unequal")
    state.hand_in("unequal")
    state.move("desk", "service.let_go_loss", 100)
    state.move("desk", "service.agents", 3)
    state.run("desk")
    state.hand_in("desk")
    for question, option in enumerate((1, 0, 0)):
        state.answer(question, option)
