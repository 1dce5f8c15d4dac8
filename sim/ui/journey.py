"""The journey: everybody's way through the stages, in two worlds side by side, and one customer's two lives."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import panel as pn
import param
from panel.custom import JSComponent
from panel.viewable import Viewable

from sim.rules.stage import STAGES
from sim.ui import address, journey_film, journey_life, journey_view, theme
from sim.ui.journey_film import Film
from sim.ui.pages import Page
from sim.ui.state import Question
from sim.ui.texts import label, said

_FOLDER = Path(__file__).parent
_ASIDE = ("dormant", "lost")  # fell off the way
_STRANGERS = ("unaware", "aware", "trusting")  # have nothing to be satisfied with
COLOURS_BY = ("segment", "satisfaction", "value")
# Low, middle, high: told apart by colour-blind readers, and not the colours of a strategy.
RAMP = ("#9a5b13", "#d3a560", "#b9b4aa", "#5fb3a5", "#0b7a6c")
GROUPS = ("#6a51a3", "#c9a227", "#2b8cbe", "#8c6d5a", "#d6608f", "#5a8f29", "#7f7f7f", "#1b9e9e")
_TEXTS = (
    "start", "week_n", "week", "play", "pause", "step_back", "step_on", "speed", "weeks_a_second", "colour_by",
    "by_segment", "by_satisfaction", "by_value", "low_satisfaction", "middle_satisfaction", "high_satisfaction",
    "low_value", "middle_value", "high_value", "customer_number", "show_life", "left_stayed", "nobody", "found",
    "stage", "counts", "of_sample", "parted", "recording", "customer", "compare_with",
)  # fmt: skip


class JourneyMap(JSComponent):
    """The map with its dots and controls. A film is sent once; from then on weeks are played in the browser."""

    setup = param.Dict(default={}, doc="Texts, stages, letters and colours.")
    film = param.Dict(default={}, doc="See `Film.as_sent`; empty while it is being recorded.")
    chosen = param.Integer(default=-1, doc="Number of the customer whose life is told; −1 for none.")
    week = param.Integer(default=-1, doc="Frame on view when the map rests; −1 for the first.")
    colour = param.String(default=COLOURS_BY[0], doc="What the colours of the dots say.")

    _esm = "\n".join((_FOLDER / name).read_text(encoding="utf-8") for name in ("journey_map.js", "journey.js"))
    _stylesheets = [theme.tokens(), (_FOLDER / "journey.css").read_text(encoding="utf-8")]

    def __init__(self, page: Journey, **params: Any) -> None:
        super().__init__(**params)
        self.page = page

    def _handle_msg(self, msg: Any) -> None:
        """What the visitor asks for. It comes from a browser, so nothing about it is certain."""
        if isinstance(msg, dict) and msg.get("do") == "choose":
            self.page.choose(msg.get("customer"))
        elif isinstance(msg, dict) and msg.get("do") == "pair":
            self.page.compare_with(msg.get("letter"))
        elif isinstance(msg, dict) and msg.get("do") == "rule":
            self.page.visit.open("how", {"rule": str(msg.get("rule"))})


class Journey(Page):
    """The page: the map above, the chosen customer's lives below."""

    key = "journey"

    def __init__(self, visit: Any, place: Mapping[str, str]) -> None:
        super().__init__(visit, place)
        self.language = visit.language
        self.question: Question | None = None
        self.other = self._other(place)
        css = (_FOLDER / "journey_life.css").read_text(encoding="utf-8")
        self.life = pn.pane.HTML(
            journey_view.invitation(self.language),
            stylesheets=[theme.tokens(), css],
            sizing_mode="stretch_width",
            margin=0,
        )
        self.map = JourneyMap(
            self, setup=self._setup(), sizing_mode="stretch_width", margin=0, week=_number(place.get("week"), 0),
            colour=place.get("colour") if place.get("colour") in COLOURS_BY else COLOURS_BY[0],
        )  # fmt: skip
        self.map.param.watch(self._remember, ["week", "colour"])
        self._ask()
        self.choose(_number(place.get("customer")))

    def view(self) -> Viewable:
        """The map, and the lives of whoever was chosen."""
        head = pn.pane.HTML(
            journey_view.heading(self.language),
            stylesheets=self.life.stylesheets,
            sizing_mode="stretch_width",
            margin=0,
        )
        return pn.Column(
            head, self.map, self.life, sizing_mode="stretch_width", margin=0,
            styles={"padding": "14px 20px 28px", "gap": "12px"},
        )  # fmt: skip

    def changed(self, names: set[str]) -> None:
        """Record anew where the question has changed; whoever was chosen is followed into the new worlds."""
        if not names & {"scenario", "sides", "question"}:
            return
        if "scenario" in names:
            self.map.chosen = -1
        if self.other not in self._letters():
            self.other = self._letters()[-1]
        self.map.setup = self._setup()
        if self.visit.state.question != self.question:
            self._ask()
            self.choose(self.map.chosen)

    def go(self, place: Mapping[str, str]) -> None:
        """Back to what the address says."""
        super().go(place)
        week = _number(place.get("week"), 0)
        self.map.param.update(
            week=week, colour=place.get("colour") if place.get("colour") in COLOURS_BY else COLOURS_BY[0]
        )
        customer = _number(place.get("customer"))
        if customer != self.map.chosen:
            self.choose(customer)

    # ---------------------------------------------------------------- what the visitor does

    def choose(self, customer: Any) -> None:
        """Tell a customer's lives; −1 for nobody's. Anything that is no number of a customer is answered in words."""
        if isinstance(customer, bool) or not isinstance(customer, int) or customer < 0:
            self.map.chosen = -1
            self.life.object = journey_view.invitation(self.language)
            self._remember()
            return
        size = self.visit.state.scenario.market.customers
        if customer >= size:
            self.life.object = journey_view.refused(said("journey_no_such_customer", self.language, last=size - 1))
            return
        self.map.chosen = customer
        self._remember()
        self.life.object = journey_view.waiting(customer, self.language)
        question, pair, letters = self.visit.state.question, self._pair(), self._shown()
        language = self.language
        self.visit.work(
            lambda: journey_life.lives_of(question, pair, letters, customer, language), self._show_life, "life"
        )

    def compare_with(self, letter: Any) -> None:
        """Put another strategy beside the first."""
        if letter in self._letters()[1:] and letter != self.other:
            self.other = letter
            self.map.setup = self._setup()
            self._ask()
            self.choose(self.map.chosen)

    # ---------------------------------------------------------------- films and lives

    def _ask(self) -> None:
        self.question = self.visit.state.question
        question, pair = self.question, self._pair()
        film = journey_film.known(question, pair)
        if film is not None:
            self._show_film(film)
            return
        self.map.film = {}
        self.visit.work(lambda: journey_film.film_of(question, pair), self._show_film, "film")

    def _show_film(self, film: Film) -> None:
        self.map.film = film.as_sent()

    def _show_life(self, lives: journey_life.Lives) -> None:
        if lives.customer != self.map.chosen:
            return
        is_shown = lives.customer in self.map.film.get("customers", [lives.customer])
        rule = address.written(self.visit.state, "how", {"rule": lives.rule}) if lives.rule else ""
        self.life.object = journey_view.lives(lives, self._names(), is_shown, self.language, rule)

    # ---------------------------------------------------------------- which worlds

    def _letters(self) -> list[str]:
        return [side.letter for side in self.visit.state.sides]

    def _other(self, place: Mapping[str, str]) -> str:
        letters = self._letters()
        return place["with"] if place.get("with") in letters[1:] else letters[min(1, len(letters) - 1)]

    def _shown(self) -> tuple[str, str]:
        return self._letters()[0], self.other

    def _pair(self) -> tuple[int, int]:
        return 0, self._letters().index(self.other)

    def _names(self) -> list[str]:
        scenario = self.visit.state.scenario
        sides = {side.letter: side for side in self.visit.state.sides}
        names = []
        for letter in self._shown():
            side = sides[letter]
            known = scenario.strategies.get(side.preset)
            name = label(known.label, self.language) if known else side.preset
            names.append(said("journey_changed_preset", self.language, name=name) if side.changed else name)
        return names

    def _remember(self, *_: Any) -> None:
        """Write into the address what is on view, leaving out what goes without saying."""
        place = {
            "customer": str(self.map.chosen) if self.map.chosen >= 0 else "",
            "week": str(self.map.week) if self.map.week > 0 else "",
            "colour": self.map.colour if self.map.colour != COLOURS_BY[0] else "",
            "with": self.other if self.other != self._letters()[min(1, len(self._letters()) - 1)] else "",
        }
        found = {name: value for name, value in place.items() if value}
        if found != self.place:
            self.place = found

    def _setup(self) -> dict[str, Any]:
        language, scenario = self.language, self.visit.state.scenario
        labels = [label(segment.label, language) if segment.label else segment.name for segment in scenario.segments]
        groups = list(dict.fromkeys(one.split(" · ")[0] for one in labels))
        kinds = list(dict.fromkeys(one.split(" · ")[-1] for one in labels))
        names = dict(zip(self._shown(), self._names(), strict=True))
        return {
            "locale": "zh-CN" if language == "zh" else language,
            "texts": {key: said("week" if key == "week" else f"journey_{key}", language) for key in _TEXTS},
            "letters": [
                {
                    "letter": letter,
                    "name": names[letter],
                    "colour": f"var(--{letter.lower()})",
                    "dash": theme.SVG_DASHES[letter],
                }
                for letter in self._shown()
            ],
            "others": self._letters()[1:],
            "stages": [
                {
                    "name": name,
                    "label": said(f"stage_{name}", language),
                    "colour": theme.STAGE_COLOURS.get(name, "#999999"),
                }
                for name in STAGES
            ],
            "way": [name for name in STAGES if name not in _ASIDE],
            "aside": list(_ASIDE),
            "strangers": [STAGES.index(name) for name in _STRANGERS],
            "groups": [{"label": name, "colour": GROUPS[k % len(GROUPS)]} for k, name in enumerate(groups)],
            "kinds": kinds,
            "segments": [[groups.index(one.split(" · ")[0]), kinds.index(one.split(" · ")[-1])] for one in labels],
            "segment_labels": labels,
            "ramp": list(RAMP),
            "nothing": RAMP[2],
        }


def _number(text: str | None, otherwise: int = -1) -> int:
    """A whole number from the address bar."""
    return int(text) if text is not None and text.isascii() and text.isdigit() and len(text) < 8 else otherwise
