"""Plays this lesson: once well, trying and looking as a good student would, and once as many begin."""

from sim.ui.lesson_state import LessonState


def passes(state: LessonState) -> None:
    """Forecast that nothing is learned; pay for training and insight with idle hands; talk instead of discounting."""
    state.forecast("known_share", -0.04, 0.05)
    state.forecast("profit", -30, -8)
    state.because(1)
    state.make_forecast()
    state.check_forecast()
    moves = {"crm": 176, "training": 528, "insight": 484, "advertising": 616, "online": 132}
    for lever, value in moves.items():
        state.move("remember", f"{lever}.spend", value)
    agents = 0.8
    while agents < 2:  # the fewest with whom nobody waits for long
        state.move("remember", "service.agents", agents)
        if state.run("remember").numbers["waiting"] < 1.6:
            break
        agents += 0.1
    state.hand_in("remember")
    state.move("personal", "personal.depth", 0)
    state.move("personal", "advertising.spend", 660)

    def spare(talk: float) -> float:
        state.move("personal", "communication.spend", talk)
        found = state.run("personal")
        own, before = found.numbers, found.versus
        active, profit = (own[name] / before[name] - 1 for name in ("active_customers", "profit"))
        return min((own["trust"] - before["trust"] - 0.05) / 0.02, (active - 0.01) / 0.02, profit / 0.02)

    spare(max((110, 150, 190, 230), key=spare))
    state.hand_in("personal")
    for question, option in enumerate((1, 1, 2)):
        state.answer(question, option)
    state.reflect("Train first, then the system. Ask at the counter what is known of those who use both doors.")


def fails(state: LessonState) -> None:
    """Believe in the machine, and in discounts for those one knows."""
    state.forecast("known_share", 0.15, 0.4)
    state.forecast("profit", 5, 30)
    state.because(0)
    state.make_forecast()
    state.check_forecast()
    for path, value in {"crm.spend": 880, "training.spend": 0, "advertising.spend": 440}.items():
        state.move("remember", path, value)
    state.run("remember")
    state.hand_in("remember")
    for path, value in {"personal.depth": 0.4, "insight.spend": 440}.items():
        state.move("personal", path, value)
    state.run("personal")
    state.hand_in("personal")
    for question, option in enumerate((0, 0, 0)):
        state.answer(question, option)
