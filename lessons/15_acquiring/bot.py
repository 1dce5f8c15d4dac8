"""Plays this lesson: once well, trying and looking as a good student would, and once as many begin."""

from sim.ui.lesson_state import LessonState


def passes(state: LessonState) -> None:
    """Forecast that the new segment stays rather than comes; compare the aims, then adapt step by step."""
    state.forecast("new_customers", -2, 12)
    state.forecast("profit", 8, 32)
    state.because(1)
    state.make_forecast()
    state.check_forecast()
    aims = [{"advertising.spend": 150, "acquisition.spend": 300, "acquisition.aim": aim} for aim in (0, 2)]
    best_of(state, "ask", aims, {"new_customers": 0.07, "revenue": 0.03})
    state.move("open", "reposition.segment", 2)
    state.move("open", "acquisition.aim", 2)
    steps = [
        {"advertising.spend": 150, "acquisition.spend": 70, "reposition.spend": step} for step in (70, 120, 160)
    ]  # fmt: skip
    best_of(state, "open", steps, {"revenue": 0.04, "active_customers": 0.05, "profit": 0.24})
    for question, option in enumerate((1, 1, 2)):
        state.answer(question, option)
    state.reflect("Open the adults: few are new, but fewer are lost; look at their second purchases in May.")


def best_of(state: LessonState, experiment: str, choices: list[dict[str, float]], asked: dict[str, float]) -> None:
    """Try each choice and hand in the one whose weakest goal has the most to spare."""

    def spare(choice: dict[str, float]) -> float:
        for path, value in choice.items():
            state.move(experiment, path, value)
        found = state.run(experiment)
        return min(found.numbers[name] / found.versus[name] - 1 - more for name, more in asked.items())

    spare(max(choices, key=spare))
    state.hand_in(experiment)


def fails(state: LessonState) -> None:
    """Buy the list of those for whom the product was made; then open the segment that it suits best already."""
    state.forecast("new_customers", 25, 60)
    state.forecast("profit", -30, 0)
    state.because(0)
    state.make_forecast()
    state.check_forecast()
    for path, value in {"advertising.spend": 220, "acquisition.spend": 220, "acquisition.aim": 1}.items():
        state.move("ask", path, value)
    state.run("ask")
    state.hand_in("ask")
    for path, value in {"reposition.segment": 3, "advertising.spend": 300, "reposition.spend": 150}.items():
        state.move("open", path, value)
    state.run("open")
    state.hand_in("open")
    for question, option in enumerate((0, 0, 1)):
        state.answer(question, option)
