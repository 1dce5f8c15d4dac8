"""The catalogues: both languages say everything, with the same gaps; the code says nothing by itself."""

import ast
import datetime
import re
import string
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po

from sim.ui import texts
from sim.ui.numerals import LOCALES, dated, grouped, scale_of
from sim.ui.state import LANGUAGES
from tests.reading import report, sources, tree

UI = Path(texts.__file__).parent
WORD = re.compile(r"[A-Za-z]{3,}")
CHINESE = re.compile(r"[\u4e00-\u9fff]")
# Where Chinese characters may stand outside of the catalogues: signs of numbers, and how a language calls itself.
MAY_SPEAK = {"numerals.py", "texts.py"}
# Three words in a row, as no key, selector or file name has them.
SENTENCE = re.compile(r"\b[A-Za-z]{2,},? [a-z]{2,},? [a-z]{2,}")


def messages(language: str) -> Iterator[tuple[str, Message]]:
    for path in sorted((texts.FOLDER / LOCALES[language]).glob("*.po")):
        with path.open("rb") as source:
            for message in read_po(source, locale=LOCALES[language], abort_invalid=True):
                if message.id:
                    yield path.name, message


def forms(message: Message) -> tuple[str, ...]:
    return tuple(message.string) if message.pluralizable else (message.string,)


def key_of(message: Message) -> str:
    return message.id[0] if message.pluralizable else message.id


def gaps(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_every_language_has_every_text_in_the_same_file() -> None:
    assert set(LOCALES) == set(texts.NAMES) == set(texts.HTML_LANGUAGES) == set(LANGUAGES)
    english = {(name, key_of(message)) for name, message in messages("en")}
    for language in LANGUAGES:
        here = {(name, key_of(message)) for name, message in messages(language)}
        report([f"{name}: {key} stands in one of en and {language} only." for name, key in sorted(english ^ here)])


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_empty_doubtful_or_given_twice(language: str) -> None:
    faults = [
        f"{name}: {key_of(message)} has no text in {language}, or one marked as doubtful."
        for name, message in messages(language)
        if message.fuzzy or not all(forms(message))
    ]
    counted = Counter(key_of(message) for _, message in messages(language))
    faults += [f"{key} stands {n} times in the catalogues of {language}." for key, n in counted.items() if n > 1]
    report(faults)


def test_gaps_are_the_same_in_every_language() -> None:
    english = {key_of(message): set().union(*map(gaps, forms(message))) for _, message in messages("en")}
    report(
        [
            f"{name}: {key_of(message)} has the gaps {gaps(text)} in {language}, {english[key_of(message)]} in English."
            for language in LANGUAGES
            for name, message in messages(language)
            for text in forms(message)
            if gaps(text) - {"n"} != english[key_of(message)] - {"n"}
        ]
    )


def test_chinese_texts_are_chinese() -> None:
    english = {key_of(message): forms(message)[0] for _, message in messages("en")}
    faults = []
    for name, message in messages("zh"):
        before = re.sub(r"\{\w+\}", "", english[key_of(message)])
        if len(WORD.findall(before)) > 1 and not CHINESE.search(forms(message)[0]):
            faults.append(f"{name}: {key_of(message)} is not translated: {forms(message)[0]!r}.")
    report(faults)


def constants() -> Iterator[tuple[Path, ast.AST, str]]:
    """Every text in the code of sim/ui, f-strings as patterns, but for docstrings."""
    for path in sources("sim/ui"):
        module = tree(path)
        inside = {id(part) for node in ast.walk(module) if isinstance(node, ast.JoinedStr) for part in node.values}
        for node in ast.walk(module):
            if isinstance(node, ast.JoinedStr):
                parts = (re.escape(v.value) if isinstance(v, ast.Constant) else ".+" for v in node.values)
                yield path, node, "".join(parts)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside:
                yield path, node, re.escape(node.value)


def test_every_text_is_used() -> None:
    patterns = {pattern for _, _, pattern in constants() if re.search(r"\w{3}", pattern) and len(pattern) < 80}
    fixed = {p for p in patterns if ".+" not in p}
    open_ended = [re.compile(p) for p in patterns - fixed if re.search(r"[a-z]_|_[a-z]", p)]
    page = " ".join(path.read_text() for path in UI.glob("*.html"))
    unused = [
        f"{name}: {key} is used nowhere. Please remove it from the catalogues."
        for name, message in messages("en")
        if (key := key_of(message)) and re.escape(key) not in fixed and key not in page
        and not any(pattern.fullmatch(key) for pattern in open_ended)
    ]  # fmt: skip
    report(unused)


def test_every_text_that_is_asked_for_is_there() -> None:
    faults = []
    for path in sources("sim/ui"):
        for node in ast.walk(tree(path)):
            if not (isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant)):
                continue
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            key = node.args[0].value
            if called == "said" and not texts.has_text(key):
                faults.append(f"{path.name}, line {node.lineno}, says {key!r}, which no catalogue has.")
    report(faults)


def test_the_code_says_nothing_by_itself() -> None:
    """Sentences belong into the catalogues, but for those to programmers: docstrings, `doc=`, exceptions, the log."""
    faults = []
    for path in sources("sim/ui"):
        excused: set[int] = set()
        for node in ast.walk(tree(path)):
            is_log = isinstance(node, ast.Call) and ast.unparse(node.func).startswith("log.")
            if (
                isinstance(node, ast.Raise | ast.Assert)
                or is_log
                or (isinstance(node, ast.keyword) and node.arg == "doc")
            ):
                excused |= {id(inner) for inner in ast.walk(node)}
            elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
                excused.add(id(node.value))
        for where, node, _ in constants():
            if where != path or id(node) in excused:
                continue
            said = "".join(v.value for v in getattr(node, "values", [node]) if isinstance(v, ast.Constant))
            if CHINESE.search(said) and path.name not in MAY_SPEAK:
                faults.append(f"{path.name}, line {node.lineno}, speaks Chinese: {said[:60]!r}.")
            elif SENTENCE.search(said) and not re.search(r"[;{}<>=]", said):
                faults.append(f"{path.name}, line {node.lineno}, says by itself: {said[:60]!r}. Please use said().")
    for path in [*UI.glob("*.js"), *UI.glob("*.html"), *UI.glob("*.css")]:
        code = re.sub(r"//[^\n]*|/\*.*?\*/|\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        if CHINESE.search(code):
            faults.append(f"{path.name} speaks Chinese. Please let the server hand it the text.")
        for quoted in re.findall(r'"([^"\n]*)"|`([^`]*)`', code) if path.suffix == ".js" else []:
            text = re.sub(r"\$\{[^}]*\}", "", "".join(quoted))
            if SENTENCE.search(text) and not re.search(r"[;{}<>=():]|var\(", text):
                faults.append(f"{path.name} says by itself: {text[:60]!r}. Please let the server hand it the text.")
    report(faults)


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_count_and_write_numbers_as_the_language_does(language: str) -> None:
    one, many = (texts.said("more", language, n=n) for n in (1, 1234))
    assert "1" in one
    assert "1,234" in many
    assert grouped(1234567, language) == "1,234,567"


def test_numbers_and_dates_have_local_forms() -> None:
    day = datetime.date(2026, 11, 5)
    assert dated(day, "en") == "November 5, 2026"
    assert dated(day, "zh") == "2026年11月5日"
    assert scale_of("money", 365_900, "$", "zh").value(365_900) == "$36.59 万"
    assert scale_of("share", 1, "", "zh").difference(0.021) == "+2.1 个百分点"


def test_folded_chinese_lines_leave_no_gap() -> None:
    folded = {"en": "One line, and another.", "zh": "那家大连锁， 车站旁 CRM 的小亭子"}
    assert texts.label(folded, "zh") == "那家大连锁，车站旁 CRM 的小亭子"
    assert texts.label(folded, "en") == folded["en"]


def test_a_text_that_nobody_wrote_is_refused() -> None:
    with pytest.raises(KeyError, match="no such text"):
        texts.said("no such text", "zh")
