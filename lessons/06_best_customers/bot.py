"""Plays this lesson: once well, trying and looking as a good student would, and once as many begin."""

from sim.ui.lesson_state import LessonState


def passes(state: LessonState) -> None:
    """Expect a loss; less advertising, and just enough insight; then small courtesies for few."""
    state.forecast("profit", -14, -4)
    state.forecast("lost_customers", -5, 2)
    state.because(2)
    state.make_forecast()
    state.check_forecast()
    state.move("know", "advertising.spend", 900)
    insight = 450
    while insight < 2700:  # the least that teaches enough
        state.move("know", "insight.spend", insight)
        if state.run("know").numbers["known_share"] > 0.22:
            break
        insight += 150
    state.hand_in("know")
    for path, value in {"tiers.vip_share": 0.05, "tiers.key_share": 0.15, "tiers.priority": 0.5}.items():
        state.move("treat", path, value)
    best = {}
    for privilege in (1.5, 2.5):
        state.move("treat", "tiers.privilege", privilege)
        best[state.run("treat").numbers["profit"]] = privilege
    state.move("treat", "tiers.privilege", best[max(best)])
    state.hand_in("treat")
    for question, option in enumerate((2, 0, 1)):
        state.answer(question, option)
    state.reflect("First the ledger, then the cards; by the next quarter the share of the best we name will tell.")


def fails(state: LessonState) -> None:
    """Learn all there is to learn, and give much to many."""
    state.forecast("profit", 5, 20)
    state.forecast("lost_customers", -20, -8)
    state.because(0)
    state.make_forecast()
    state.check_forecast()
    state.move("know", "insight.spend", 2250)
    state.run("know")
    state.hand_in("know")
    for path, value in {"tiers.vip_share": 0.2, "tiers.key_share": 0.3, "tiers.privilege": 8}.items():
        state.move("treat", path, value)
    state.run("treat")
    state.hand_in("treat")
    for question, option in enumerate((0, 1, 0)):
        state.answer(question, option)
