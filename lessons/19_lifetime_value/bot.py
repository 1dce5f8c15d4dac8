"""Plays this lesson: once well, trying and looking as a good student would, and once as many begin."""

from sim.ui.lesson_state import LessonState


def passes(state: LessonState) -> None:
    """Forecast that the rule lets go what was paid for; find the top of both curves, and enough agents for so many."""
    state.forecast("profit", -38, -15)
    state.forecast("lifetime_value", -5, 28)
    state.because(1)
    state.make_forecast()
    state.check_forecast()
    state.move("half_year", "advertising.spend", 70)
    best_of(state, "half_year", "pricing.device_price", (32, 27, 22))
    state.move("years", "advertising.spend", 70)
    state.move("years", "service.agents", 0.5)
    best_of(state, "years", "pricing.device_price", (15, 8))
    agents = 0.4
    while agents < 0.8:  # the fewest with whom nobody waits for long
        state.move("years", "service.agents", agents)
        if state.run("years").numbers["waiting"] < 6:
            break
        agents += 0.05
    state.hand_in("half_year")
    state.hand_in("years")
    for question, option in enumerate((0, 1, 2)):
        state.answer(question, option)
    state.reflect("Keep them all; look in a year at what those in the red today have brought, students first.")


def best_of(state: LessonState, experiment: str, lever: str, values: tuple[float, ...]) -> None:
    """Try each value of a lever and leave it where the profit is greatest."""

    def profit(value: float) -> float:
        state.move(experiment, lever, value)
        return state.run(experiment).numbers["profit"]

    state.move(experiment, lever, max(values, key=profit))
    state.run(experiment)


def fails(state: LessonState) -> None:
    """Sell nothing below cost; then sell below cost, and let go everybody who shows it."""
    state.forecast("profit", 5, 30)
    state.forecast("lifetime_value", 30, 60)
    state.because(0)
    state.make_forecast()
    state.check_forecast()
    state.move("half_year", "pricing.device_price", 69)
    state.run("half_year")
    state.hand_in("half_year")
    for path, value in {"pricing.device_price": 27, "service.let_go_loss": 20}.items():
        state.move("years", path, value)
    state.run("years")
    state.hand_in("years")
    for question, option in enumerate((2, 0, 0)):
        state.answer(question, option)
