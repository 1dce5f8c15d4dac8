"""Files from anywhere: each kind of trouble, in a scenario and in a lesson, is told in sentences and harms nobody."""

from __future__ import annotations

import contextlib
import json
import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.authoring import new_lesson, new_scenario
from sim.lesson_texts import HEADINGS, sections
from sim.lessons import Lesson, check_lesson, entries, load_lesson
from sim.safe_yaml import Faults, read
from sim.scenario import check, load_scenario, scenario_from_text
from sim.ui.lesson_state import LessonState
from sim.ui.lesson_words import dynamic, static

DRAWER = Path(__file__).parent / "broken"
BOUNDED = 20.0  # seconds, on a busy machine; what hangs takes for ever
SENTENCE = re.compile(r".+[.?]\Z", re.DOTALL)

# Kind of trouble → what it makes of a good text, and the words in which it is told (none: it is no trouble).
TROUBLES: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "alias bomb": (
        lambda t: t + b"bomb:\n  a: &a [x, x]\n  b: &b [*a, *a]\n  c: &c [*b, *b]\n  d: [*c, *c]\n",
        "which a file from anywhere may not use",
    ),
    "merge of an anchor": (lambda t: t + b"more: {<<: *x}\n", "is an alias"),
    "deep nesting": (lambda t: t + b"deep: " + b"[" * 5000 + b"]" * 5000, "nested more than 20 levels"),
    "deep mappings": (lambda t: t + b"deep: " + b"{a: " * 5000, "nested more than 20 levels"),
    "a megabyte in one text": (lambda t: t + b"long: " + b"x" * 1_000_000, "more than 200,000 bytes"),
    "not a number": (lambda t: t.replace(b"minutes: 75", b"minutes: .nan").replace(b"weeks: 104", b"weeks: .nan"),
                     "whole number"),
    "infinity": (lambda t: t.replace(b"minutes: 75", b"minutes: .inf").replace(b"weeks: 104", b"weeks: -.inf"),
                 "whole number"),
    "no for a number": (lambda t: t.replace(b"minutes: 75", b"minutes: no").replace(b"weeks: 104", b"weeks: no"),
                        'not the text "no"'),
    "octal": (lambda t: t.replace(b"minutes: 75", b"minutes: 075").replace(b"weeks: 104", b"weeks: 0104"),
              "begins with a zero"),
    "a date for a number": (
        lambda t: t.replace(b"minutes: 75", b"minutes: 2026-11-22").replace(b"weeks: 104", b"weeks: 2026-11-22"),
        'not the text "2026-11-22"',
    ),
    "a time for a number": (
        lambda t: t.replace(b"minutes: 75", b"minutes: 1:15").replace(b"weeks: 104", b"weeks: 12:30:00"),
        "not the text",
    ),
    "an exponent": (lambda t: t.replace(b": 75", b": 7.5e1").replace(b"weeks: 104", b"weeks: 1.04e2"), ""),
    "a key twice": (lambda t: t + b"covers: [B1]\n", "stands here twice"),
    "tabs": (lambda t: t + b"more:\n\tit: 1\n", "tab stands here"),
    "byte order mark": (lambda t: b"\xef\xbb\xbf" + t, ""),
    "CRLF": (lambda t: t.replace(b"\n", b"\r\n"), ""),
    "Latin-1": (lambda t: t + "# café\n".encode("latin-1"), "is not UTF-8"),
    "UTF-16": (lambda t: t.decode().encode("utf-16"), "UTF-16"),
    "NUL": (lambda t: t + b"# \x00\n", "U+0000"),
    "text that runs backwards": (lambda t: t + "# \u202etxt\n".encode(), "U+202E"),
    "a tag": (lambda t: t + b"more: !!python/object/apply:os.system [ls]\n", "is a tag"),
    "two documents": (lambda t: t + b"---\na: 1\n", "second document"),
    "nothing": (lambda t: b"", "mapping"),
    "a list": (lambda t: b"- a\n- b\n", "mapping"),
    "a text": (lambda t: b"hello", "mapping"),
}  # fmt: skip


@pytest.mark.parametrize("kind", TROUBLES)
@pytest.mark.parametrize("what", ["scenario", "lesson"])
def test_trouble_is_told_in_sentences(kind: str, what: str, tmp_path: Path) -> None:
    path = (new_scenario if what == "scenario" else new_lesson)("mine", tmp_path)[0]
    spoil, words = TROUBLES[kind]
    path.write_bytes(spoil(path.read_bytes()))
    start = time.perf_counter()
    faults = check(path) if what == "scenario" else check_lesson(path.parent)
    assert time.perf_counter() - start < BOUNDED
    told = "\n".join(map(str, faults))
    assert all(SENTENCE.match(str(fault)) for fault in faults)
    if not words:
        assert not faults, told
    else:
        empty = kind == "nothing" and what == "scenario"
        assert ("empty" if empty else words) in told


def test_a_broken_lesson_is_told_everything_that_is_wrong() -> None:
    folder = DRAWER / "lesson"
    expected = (folder / "expected.txt").read_text(encoding="utf-8").splitlines()
    told = [re.sub(r"^\S*/(?=\w+\.(yaml|md))", "", str(fault)) for fault in check_lesson(folder)]
    assert told == expected


@pytest.mark.parametrize("name", ["lesson.yaml", "en.md", "zh.md"])
def test_a_link_out_of_the_folder_is_not_followed(name: str, tmp_path: Path) -> None:
    folder = new_lesson("mine", tmp_path)[0].parent
    secret = tmp_path / "secret.txt"
    secret.write_text("my diary", encoding="utf-8")
    (folder / name).unlink()
    (folder / name).symlink_to(secret)
    told = "\n".join(map(str, check_lesson(folder)))
    assert told
    assert "diary" not in told
    if name != "lesson.yaml":
        assert "a link that leads out of the folder" in told


@pytest.mark.parametrize("extends", ["../secret", "/etc/passwd", "a/b", "..\\secret", "secret\0", "~/x"])
def test_a_path_out_of_the_folder_is_refused(extends: str, tmp_path: Path) -> None:
    folder = tmp_path / "inside"
    folder.mkdir()
    (tmp_path / "secret.yaml").write_text("diary: 1\n", encoding="utf-8")
    path = folder / "mine.yaml"
    path.write_text(f"extends: {json.dumps(extends)}\n", encoding="utf-8")
    told = "\n".join(map(str, check(path)))
    assert told
    assert "diary" not in told


# ---------------------------------------------------------------- HTML and script in every text


def test_a_scenario_full_of_script_is_told_as_text() -> None:
    story = load_scenario(DRAWER / "hostile" / "script.yaml")
    assert story.title["en"].startswith("<script>")


def scripted(value: object) -> object:
    """Data with a script in every text that students read."""
    if isinstance(value, dict):
        return {
            key: f"<script>{text}</script><img src=x onerror=x>" if key in ("en", "zh") else scripted(text)
            for key, text in value.items()
        }
    return [scripted(item) for item in value] if isinstance(value, list) else value


def test_a_lesson_full_of_script_runs_none(tmp_path: Path) -> None:
    path = new_lesson("mine", tmp_path)[0]
    data = scripted(read(path.read_bytes()).data)
    path.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
    for language in ("en", "zh"):
        title = data["title"][language]  # type: ignore[index,call-overload]
        parts = "".join(
            f"## {names[language]}\n\n<script>x</script> [x](javascript:x)\n\n" for names in HEADINGS.values()
        )
        (path.parent / f"{language}.md").write_text(f"# {title}\n\n{parts}", encoding="utf-8")
    lesson: Lesson = load_lesson(path.parent)
    state = LessonState(lesson)
    for language in ("en", "zh"):
        told = static(state, language)
        html = "".join([*told["sections"].values(), *(part["html"] for part in told["teacher"])])
        assert "<script" not in html
        assert 'href="javascript' not in html
        assert "&lt;script&gt;" in html
        dynamic(state, language)


def test_the_pages_set_what_they_are_told_as_text() -> None:
    folder = Path(__file__).resolve().parents[1] / "sim" / "ui"
    for name in ("lessons.js", "author.js"):
        code = (folder / name).read_text(encoding="utf-8")
        assert "insertAdjacentHTML" not in code
        assert "outerHTML" not in code
        assert "eval(" not in code
        uses = [line for line in code.splitlines() if "innerHTML" in line]
        allowed = 1 if name == "lessons.js" else 0  # the sections, which as_html has made
        assert len(uses) == allowed, uses


# ---------------------------------------------------------------- fuzz

GOOD = (Path(__file__).resolve().parents[1] / "sim" / "templates" / "lesson.yaml.txt").read_text(encoding="utf-8")
GOOD = GOOD.format(editor_line="# x", title="T", name="n")
bits = st.sampled_from(
    [": ", "- ", "{", "}", "[", "]", "\n", "  ", "&a ", "*a", "!!x ", "'", '"', "|", ">", "\t", "\0", ".nan", "-1",
     "1e999", "at least ", "opening", "%", "🙂", "<script>", "012", "~", "null", "true", "x" * 300]
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(cuts=st.lists(st.tuples(st.integers(0, len(GOOD)), st.integers(0, 60), bits), min_size=1, max_size=6))
def test_a_spoilt_lesson_is_read_or_refused_in_sentences(cuts: list[tuple[int, int, str]]) -> None:
    text = GOOD
    for at, length, bit in cuts:
        text = text[:at] + bit + text[at + length :]
    source = text.encode("utf-8", "replace")
    document = read(source, "lesson.yaml")
    _, _, faults = entries(document, source, Path("nowhere") / "lesson.yaml")
    for fault in faults:
        assert SENTENCE.match(str(fault)), fault
        assert "\n" not in str(fault)
    with contextlib.suppress(Faults):
        scenario_from_text(source)


@settings(max_examples=200, deadline=None)
@given(
    text=st.text(max_size=200)
    | st.lists(st.sampled_from([f"## {n['en']}\n" for n in HEADINGS.values()])).map("x\n".join)
)
def test_any_text_gives_sections_or_sentences(text: str) -> None:
    found, faults = sections(text, "en", "en.md")
    assert set(found) <= set(HEADINGS)
    assert faults or list(found) == list(HEADINGS)
    assert all(SENTENCE.match(str(fault)) for fault in faults)
