"""What `lesson.yaml` may say: each entry with its type and range, and a description that doubles as help.

As strict as scenario files: unknown entries and texts for numbers are refused. What entries owe one another, such as
strategies and levers that exist, is checked in `lesson_checks`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StringConstraints, WithJsonSchema

from sim.scenario_schema import Entry, Id, LeverValue, Name, Story, Text, whole_number

Minutes: Any = whole_number(10, 240)
Customers: Any = whole_number(50, 20_000)
Weeks: Any = whole_number(4, 520)
Worlds: Any = whole_number(2, 40)
Rule = Annotated[str, StringConstraints(min_length=1, max_length=120)]
Ends = Annotated[list[LeverValue], Field(min_length=2, max_length=2)]
Finite = Annotated[float, Field(allow_inf_nan=False)]
Bounds = Annotated[
    list[Finite], Field(min_length=2, max_length=2),
    WithJsonSchema({"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}),
]  # fmt: skip


def _names_alone(value: Any) -> Any:
    """A list of levers as a mapping without ranges of their own."""
    if isinstance(value, list) and all(isinstance(path, str) for path in value):
        return dict.fromkeys(value)
    return value


class Guess(Entry):
    """An outcome that the student forecasts as an interval."""

    outcome: str = Field(description="name of the outcome")
    form: Literal["level", "change", "percent"] = Field(
        description="level, change against the other strategy, or that change in percent"
    )
    range: Bounds = Field(description="the least and the most that can be said")


class Reason(Entry):
    """A reason the student may give for the forecast."""

    says: Text = Field(description="the reason in a sentence")
    holds: Annotated[dict[str, Rule], Field(min_length=1, max_length=3)] = Field(
        description="what must be true of the run if the reason is right, as in goals"
    )
    because: Story = Field(description="why it holds or not, shown after the run")


class Forecast(Entry):
    """What the student predicts before anything is run."""

    asks: Story = Field(description="the question")
    strategy: str = Field(description="name of the strategy whose outcomes are predicted")
    versus: str = Field("opening", description="name of the strategy it is compared with")
    outcomes: Annotated[list[Guess], Field(min_length=2, max_length=2)] = Field(description="two outcomes")
    reasons: Annotated[list[Reason], Field(min_length=2, max_length=6)] = Field(description="reasons to choose from")


class Experiment(Entry):
    """Something to try in the lab, with only the levers named here."""

    title: Text = Field(description="its title")
    task: Story = Field(description="what to do")
    versus: str = Field("opening", description="name of the strategy that one's own is compared with")
    start: str | None = Field(None, description="name of the strategy that one's own begins as; versus if not given")
    levers: Annotated[
        dict[str, Ends | None], Field(max_length=12), BeforeValidator(_names_alone)
    ] = Field({}, description="levers unlocked, each with the range allowed or null; or a list of them")  # fmt: skip
    weeks: Weeks | None = Field(None, description="weeks to run; the scenario's if not given")
    goals: Annotated[dict[str, Rule], Field(min_length=1, max_length=5)] = Field(
        description="outcome and what it must be, such as profit: at least opening + 5%"
    )


class Option(Entry):
    """One answer that can be chosen."""

    says: Text = Field(description="the answer")
    is_right: bool = Field(False, description="whether it is right")
    because: Story = Field(description="why it is right or wrong")


class Question(Entry):
    """A question with answers to choose from."""

    asks: Story = Field(description="the question")
    options: Annotated[list[Option], Field(min_length=2, max_length=6)] = Field(description="answers, one right")


class Pair(Entry):
    """Two strategies in the same worlds, shown when all is done."""

    asks: Text = Field(description="what the pair shows, as a question")
    a: str = Field(description="name of a strategy or experiment")
    b: str = Field(description="name of another")
    outcomes: Annotated[list[str], Field(min_length=1, max_length=6)] = Field(description="outcomes to show")
    note: Story = Field(description="what to see in it")


class LessonEntry(Entry):
    """A whole lesson, but for its `scenario` and the `strategies` it adds, which are checked as in any scenario."""

    title: Text = Field(description="the title")
    objectives: Annotated[list[Text], Field(min_length=2, max_length=6)] = Field(
        description="what students can do afterwards"
    )
    minutes: Minutes = Field(description="how long it takes in class")
    covers: Annotated[list[Id], Field(min_length=1)] = Field(description="curriculum ids")
    customers: Customers | None = Field(None, description="customers of a run; the scenario's if not given")
    worlds: Worlds = Field(20, description="worlds over which skill is told from luck")
    forecast: Forecast = Field(description="what is predicted before anything is run")
    experiments: Annotated[dict[Name, Experiment], Field(min_length=1, max_length=3)] = Field(
        description="one to three experiments"
    )
    questions: Annotated[list[Question], Field(min_length=2, max_length=4)] = Field(description="two to four questions")
    variants: Annotated[dict[str, Bounds], Field(min_length=1, max_length=12)] = Field(
        description="parameter or market entry and the range from which a private world draws it"
    )
    debrief: Annotated[list[Pair], Field(min_length=1, max_length=4)] = Field(description="pairs of worlds to look at")
