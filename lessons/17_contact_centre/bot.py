"""Plays this lesson: once well, trying and looking as a good student would, and once as many begin."""

from sim.ui.lesson_state import LessonState


def passes(state: LessonState) -> None:
    """Forecast a queue that never clears; machine and precedence together; then hands enough, and better ones."""
    state.forecast("waiting", 15, 32)
    state.forecast("profit", -50, -22)
    state.because(1)
    state.make_forecast()
    state.check_forecast()
    for path, value in {"service.self_service": 0.3, "tiers.vip_share": 0.25, "tiers.priority": 0.9}.items():
        state.move("short", path, value)
    state.run("short")
    state.hand_in("short")
    state.move("desk", "training.spend", 1350)
    state.move("desk", "service.self_service", 0.8)
    agents = 2.0
    while agents < 3.8:  # the fewest with whom nobody waits for long, in this world and then on the average
        state.move("desk", "service.agents", agents)
        if state.run("desk").numbers["waiting"] < 2.8 and state.hand_in("desk").is_passed:
            break
        agents += 0.2
    for question, option in enumerate((0, 1, 2)):
        state.answer(question, option)
    state.reflect(
        "Load first: calls times minutes over agents times minutes. In March look at the calls of the best fifth."
    )


def fails(state: LessonState) -> None:
    """Train the two who are left; then save agents and send everybody to the machine."""
    state.forecast("waiting", 4, 8)
    state.forecast("profit", 2, 20)
    state.because(0)
    state.make_forecast()
    state.check_forecast()
    state.move("short", "training.spend", 2250)
    state.run("short")
    state.hand_in("short")
    for path, value in {"service.agents": 1.5, "service.self_service": 1, "training.spend": 0}.items():
        state.move("desk", path, value)
    state.run("desk")
    state.hand_in("desk")
    for question, option in enumerate((1, 0, 1)):
        state.answer(question, option)
