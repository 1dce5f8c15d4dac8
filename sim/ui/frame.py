"""The frame around the pages: the bar with navigation, language and light; the address; coming back once lost.

Its elements stand in `frame.html`, so that a visitor sees them before the first message; `frame.js` brings them to
life. No component of a toolkit: those carry words in one language and cost each visitor time.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import param
from jinja2 import Template
from panel.custom import JSComponent
from panel.io.resources import _env

from sim.ui import theme
from sim.ui.pages import PAGES, page_class
from sim.ui.state import LANGUAGES
from sim.ui.texts import HTML_LANGUAGES, NAMES, said

_FOLDER = Path(__file__).parent
_TEXTS = ("app", "skip", "drawer", "pages", "theme", "strategies", "coming", "lost")


class Frame(JSComponent):
    """What of the frame changes while a visitor is here.

    setup : texts, page and language; address : what the address bar is to say
    """

    setup = param.Dict(default={})
    address = param.String(default="")
    session = param.String(default="")

    _esm = _FOLDER / "frame.js"

    def __init__(self, act: Callable[[dict[str, Any]], None], **params: Any) -> None:
        super().__init__(**params)
        self._act = act

    def _handle_msg(self, msg: Any) -> None:
        """What the visitor does with the frame. It comes from a browser, so nothing about it is certain."""
        if isinstance(msg, dict):
            self._act(msg)


def setup_of(page: str, language: str) -> dict[str, Any]:
    """All that the frame shows on a page."""
    texts = {key: said(key, language) for key in (*_TEXTS, *(f"page_{key}" for key in PAGES))}
    return {
        "texts": texts,
        "language": language,
        "lang": HTML_LANGUAGES[language],
        "page": page,
        "has_bench": page_class(page).has_bench,
        "title": f"{texts[f'page_{page}']} · {texts['app']}",
    }


@functools.cache
def template() -> Template:
    """The page as Jinja sees it."""
    return _env.from_string((_FOLDER / "frame.html").read_text(encoding="utf-8"))


def variables(setup: dict[str, Any], session: str) -> dict[str, Any]:
    """What the template needs to draw the frame at once."""
    css = theme.page() + (_FOLDER / "frame.css").read_text(encoding="utf-8")
    more = {
        "css": css,
        "pages": list(PAGES),
        "languages": {language: NAMES[language] for language in LANGUAGES},
        "html_languages": HTML_LANGUAGES,
        "session": session,
    }
    return {"frame": setup | more}
