"""The decisions that led to a state, each as a line of words; a lever moved again and again is told once."""

from __future__ import annotations

from sim.ui.differs import lever_value
from sim.ui.state import Choice, LabState, Side, slider
from sim.ui.texts import label, said


def history(state: LabState) -> list[str]:
    """What was decided, step by step, the oldest first."""
    steps = [*state.past, state.choice]
    told: list[tuple[object, str]] = []
    start = 0
    for k in range(1, len(steps)):
        key = _key(steps[k - 1], steps[k])
        if told and key is not None and told[-1][0] == key:
            told[-1] = (key, "; ".join(_changes(steps[start], steps[k], state)))
        else:
            start = k - 1
            told.append((key, "; ".join(_changes(steps[start], steps[k], state))))
    return [line for _, line in told if line]


def _key(before: Choice, after: Choice) -> object:
    """What two steps share that are told as one: the same levers of the same strategies; None where nothing is."""
    if before.scenario is not after.scenario or before.seed != after.seed or len(before.sides) != len(after.sides):
        return None
    moved = tuple(
        (b.letter, path)
        for a, b in zip(before.sides, after.sides, strict=True)
        for path in b.levers
        if a.preset == b.preset and a.letter == b.letter and a.levers[path] != b.levers[path]
    )
    return moved if len(moved) == 1 else None


def _changes(before: Choice, after: Choice, state: LabState) -> list[str]:
    language = str(state.language)
    if before.scenario.name != after.scenario.name:
        return [said("report_step_scenario", language, title=label(after.scenario.title, language))]
    told = [said("report_step_seed", language, seed=str(after.seed))] if before.seed != after.seed else []
    known = {side.letter: side for side in before.sides}
    letters = [side.letter for side in after.sides]
    told += [said("report_step_removed", language, letter=letter) for letter in known if letter not in letters]
    for side in after.sides:
        if side.letter not in known:
            told.append(said("report_step_added", language, letter=side.letter))
        elif known[side.letter].preset != side.preset:
            name = label(after.scenario.strategies[side.preset].label, language)
            told.append(said("report_step_preset", language, letter=side.letter, name=name))
        elif known[side.letter] != side:
            told += _levers(known[side.letter], side, after, state)
    return told


def _levers(before: Side, after: Side, choice: Choice, state: LabState) -> list[str]:
    language, found = str(state.language), []
    for path, value in after.levers.items():
        if before.levers[path] != value:
            one = slider(choice.scenario, path)
            values = {"old": lever_value(one, before.levers[path], state), "new": lever_value(one, value, state)}
            name = label(one.lever.label, language)
            found.append(said("report_step_lever", language, letter=after.letter, lever=name, **values))
    return found
