"""Plays this lesson: once well, trying and looking as a good student would, and once as many begin."""

from sim.ui.lesson_state import LessonState


def passes(state: LessonState) -> None:
    """More sales, less profit; a long card with a small reward; then just enough insight and a small courtesy."""
    state.forecast("revenue", 6, 18)
    state.forecast("profit", -18, -5)
    state.because(2)
    state.make_forecast()
    state.check_forecast()
    card = {"reward_points": 40, "reward_value": 2.25, "expiry_weeks": 26, "referral_points": 40}
    for name, value in card.items():
        state.move("card", f"programme.{name}", value)
    state.run("card")
    state.hand_in("card")
    for path, value in {"tiers.vip_share": 0.2, "tiers.privilege": 0.2, "advertising.spend": 180}.items():
        state.move("beyond", path, value)
    insight = 90
    while insight < 360:  # the least that teaches enough
        state.move("beyond", "insight.spend", insight)
        if state.run("beyond").numbers["known_share"] > 0.62:
            break
        insight += 27
    state.hand_in("beyond")
    for question, option in enumerate((1, 2, 0)):
        state.answer(question, option)
    state.reflect(
        "A long card, a full one for a friend; by autumn the free cups must be below a twentieth of the sold."
    )


def fails(state: LessonState) -> None:
    """The sooner the reward, the better; and more on the card."""
    state.forecast("revenue", -5, 3)
    state.forecast("profit", 8, 25)
    state.because(0)
    state.make_forecast()
    state.check_forecast()
    state.move("card", "programme.reward_points", 6)
    state.move("card", "programme.endowed_points", 2)
    state.run("card")
    state.hand_in("card")
    state.move("beyond", "programme.reward_value", 4.5)
    state.move("beyond", "community.spend", 270)
    state.run("beyond")
    state.hand_in("beyond")
    for question, option in enumerate((0, 0, 1)):
        state.answer(question, option)
