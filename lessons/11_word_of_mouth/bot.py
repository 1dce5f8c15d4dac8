"""Plays this lesson: once well, trying and looking as a good student would, and once as many begin."""

from sim.ui.lesson_state import LessonState


def passes(state: LessonState) -> None:
    """A modest reward; then better coffee, a modest promise, and the reward on top of it."""
    state.forecast("new_customers", -2, 12)
    state.forecast("active_customers", 3, 22)
    state.because(1)
    state.make_forecast()
    state.check_forecast()
    state.move("pay", "programme.referral_points", 7)
    state.run("pay")
    state.hand_in("pay")
    for path, value in {
        "programme.referral_points": 8, "advertising.promise": 0.5, "product.spend": 360, "service.recovery": 0.9,
    }.items():  # fmt: skip
        state.move("earn", path, value)
    agents = 0.4
    while agents < 2:  # the fewest with whom nobody waits for long
        state.move("earn", "service.agents", agents)
        if state.run("earn").numbers["waiting"] < 3.2:
            break
        agents += 0.1
    state.hand_in("earn")
    for question, option in enumerate((1, 0, 1)):
        state.answer(question, option)
    state.reflect("First the coffee, then the promise, then the cup for a friend.")


def fails(state: LessonState) -> None:
    """Louder, and more promising."""
    state.forecast("new_customers", 30, 100)
    state.forecast("active_customers", 30, 100)
    state.because(0)
    state.make_forecast()
    state.check_forecast()
    state.move("pay", "advertising.spend", 900)
    state.run("pay")
    state.hand_in("pay")
    state.move("earn", "advertising.promise", 0.8)
    state.move("earn", "programme.referral_points", 10)
    state.run("earn")
    state.hand_in("earn")
    for question, option in enumerate((0, 1, 0)):
        state.answer(question, option)
