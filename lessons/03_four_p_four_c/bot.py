"""Plays this lesson: once well, trying and looking as a good student would, and once as many begin."""

from sim.ui.lesson_state import LessonState


def passes(state: LessonState) -> None:
    """Near shops and modest promises; then 4C that is found, with as many hands as the counter needs."""
    state.forecast("active_customers", -20, -8)
    state.forecast("share_of_wallet", 0.06, 0.14)
    state.because(1)
    state.make_forecast()
    state.check_forecast()
    better = {
        "pricing.promotion_every": 0, "advertising.promise": 0.45, "advertising.spend": 270,
        "product.spend": 180, "place.spend": 630,
    }  # fmt: skip
    for path, value in better.items():
        state.move("ps", path, value)
    state.run("ps")
    state.hand_in("ps")
    for path, value in {"convenience.spend": 0, "communication.spend": 90, "advertising.spend": 180}.items():
        state.move("cs", path, value)
    state.move("cs", "insight.spend", 270)
    agents = 0.8
    while agents < 2:  # the fewest with whom nobody waits for long; shops take what is left
        state.move("cs", "service.agents", agents)
        state.move("cs", "place.spend", 0)
        state.move("cs", "place.spend", min(600, state.budget - state.spending("cs")))
        if state.run("cs").numbers["waiting"] < 1.6:
            break
        agents += 0.1
    state.hand_in("cs")
    for question, option in enumerate((1, 0, 2)):
        state.answer(question, option)
    state.reflect("More will know us, and after half a year retention should tell whether the learning pays.")


def fails(state: LessonState) -> None:
    """Louder Ps; then nothing but Cs."""
    state.forecast("active_customers", 5, 30)
    state.forecast("share_of_wallet", -0.05, 0.02)
    state.because(0)
    state.make_forecast()
    state.check_forecast()
    for path, value in {"advertising.promise": 0.8, "product.spend": 180, "advertising.spend": 720}.items():
        state.move("ps", path, value)
    state.run("ps")
    state.hand_in("ps")
    for path, value in {"insight.spend": 0, "convenience.spend": 540, "communication.spend": 450}.items():
        state.move("cs", path, value)
    state.run("cs")
    state.hand_in("cs")
    for question, option in enumerate((2, 1, 1)):
        state.answer(question, option)
