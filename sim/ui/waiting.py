"""The waiting room: a light page that is there at once, while the lab is being built, or as long as there is no room.

Sessions are built one after another, a third of a second each; sixty students who arrive together would look at an
empty window for twenty seconds. So the root answers with this page, which goes on to the lab by itself.
"""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

from jinja2 import Environment, Template
from tornado.web import RequestHandler

from sim.ui import theme
from sim.ui.address import language_of
from sim.ui.texts import HTML_LANGUAGES, said

LAB = "lab"  # where the lab is served
_TEXTS = ("app", "coming", "full", "full_note")


@functools.cache
def template() -> Template:
    """The page as Jinja sees it; every value is escaped."""
    text = (Path(__file__).parent / "waiting.html").read_text(encoding="utf-8")
    return Environment(autoescape=True).from_string(text)


def variables(language: str, has_room: bool, target: str) -> dict[str, Any]:
    """What the page says; `target` is where it goes on to when there is room, '' for the same address."""
    texts = {key: said(key, language) for key in _TEXTS}
    return {
        "waiting": {
            "texts": texts,
            "lang": HTML_LANGUAGES[language],
            "has_room": has_room,
            "target": target,
            "css": theme.page(),
        }
    }


class Room:
    """How many visitors a process takes at a time."""

    def __init__(self) -> None:
        self.most = 150
        self.visitors = 0

    @property
    def has_room(self) -> bool:
        """Whether another visitor may enter."""
        return self.visitors < self.most


class WaitingRoom(RequestHandler):
    """The root of the server."""

    def initialize(self, room: Room) -> None:
        """Tornado's way of handing things over."""
        self.room = room

    def get(self) -> None:
        """The waiting page."""
        told = {"lang": self.get_query_argument("lang", "")}
        language = language_of(told, self.request.headers.get("Accept-Language", ""))
        self.set_header("Cache-Control", "no-store")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.write(template().render(variables(language, self.room.has_room, LAB)))


class Health(RequestHandler):
    """Whether the lab is well, has room, and still knows a session: for load balancers and for pages that come back."""

    def initialize(self, room: Room) -> None:
        """Tornado's way of handing things over."""
        self.room = room

    def get(self) -> None:
        """A JSON object with visitors, has_room and has_session."""
        wanted = self.get_query_argument("session", "")
        application: Any = self.application
        sessions = application.get_sessions(f"/{LAB}") if wanted else []
        told = {
            "visitors": self.room.visitors,
            "has_room": self.room.has_room,
            "has_session": any(session.id == wanted for session in sessions),
        }
        self.set_header("Cache-Control", "no-store")
        self.set_header("Content-Type", "application/json")
        self.write(json.dumps(told))
