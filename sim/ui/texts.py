"""Every text of the lab that does not come from a scenario, parameter or outcome file, by key and language.

The texts stand in gettext catalogues, `sim/locale/<locale>/*.po`, one pair of files for each part of the lab; a key
is the msgid. They are read with Babel when first needed, so that there is nothing to compile. `said` fetches a text,
`label` picks the language of a text from a file. Both fall back on English.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from gettext import c2py
from pathlib import Path
from typing import Any

from babel.messages.pofile import read_po

from sim.ui.numerals import LOCALES, grouped

FOLDER = Path(__file__).parents[1] / "locale"
FALLBACK = "en"
_FOLDED = re.compile(r"(?<=[\u3000-\u9fff\uff00-\uffef]) (?=[\u3000-\u9fff\uff00-\uffef])")
HTML_LANGUAGES = {"en": "en", "zh": "zh-Hans"}  # for lang attributes: decides which shapes Chinese characters have
NAMES = {"en": "English", "zh": "中文"}  # as their speakers write them


@dataclass(frozen=True)
class Catalogue:
    """The texts of one language: key → its forms, one unless the text counts; and which form goes with a number."""

    texts: Mapping[str, tuple[str, ...]]
    form_of: Callable[[int], int]


@functools.cache
def catalogue(language: str) -> Catalogue:
    """All texts of a language."""
    texts: dict[str, tuple[str, ...]] = {}
    form_of: Callable[[int], int] = lambda n: 0  # noqa: E731
    for path in sorted((FOLDER / LOCALES[language]).glob("*.po")):
        with path.open("rb") as source:
            catalog = read_po(source, locale=LOCALES[language], abort_invalid=True)
        form_of = c2py(catalog.plural_expr)
        for message in catalog:
            forms: Any = message.string if message.pluralizable else (message.string,)
            key = str(message.id[0] if message.pluralizable else message.id)
            if key and all(forms):
                texts[key] = tuple(forms)
    return Catalogue(texts, form_of)


def said(key: str, language: str = FALLBACK, /, **values: object) -> str:
    """The text of a key, its {gaps} filled. Whole numbers are grouped as the language does; `n` chooses the plural.

    Raises
    ------
    KeyError
        If there is no text of this key.
    """
    language = language if key in catalogue(language).texts else FALLBACK
    here = catalogue(language)
    forms = here.texts.get(key)
    if forms is None:
        raise KeyError(f"No catalogue has a text {key!r}. Please add it in sim/locale.")
    n = values.get("n")
    text = forms[here.form_of(n)] if len(forms) > 1 and isinstance(n, int) else forms[0]
    return text.format(**{name: _written(value, language) for name, value in values.items()}) if values else text


def has_text(key: str) -> bool:
    """Whether there is a text of this key."""
    return key in catalogue(FALLBACK).texts


def label(texts: Mapping[str, str], language: str = FALLBACK) -> str:
    """A text from a file in the language asked for, else in English; no gaps where YAML has folded Chinese lines."""
    return _FOLDED.sub("", texts.get(language) or texts[FALLBACK])


def _written(value: object, language: str) -> str:
    return grouped(value, language) if isinstance(value, int) and not isinstance(value, bool) else str(value)
