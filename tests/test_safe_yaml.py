"""YAML from anybody: read by the rules of 1.2, with positions, in bounded time, or refused in plain words."""

import json
import math
import pickle
import re
import time
from datetime import timedelta

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.safe_yaml import DEEPEST, LARGEST, MOST_ENTRIES, MOST_FAULTS, Fault, Faults, load, node_of, read

BOUNDED = timedelta(seconds=3)


def faults_of(text: str | bytes) -> list[str]:
    return [str(fault) for fault in read(text, "f.yaml").faults]


# ---------------------------------------------------------------- meaning


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("Yes", "Yes"),
        ("on", "on"),
        ("off", "off"),
        ("y", "y"),
        ("true", True),
        ("FALSE", False),
        ("tRUE", "tRUE"),
        ("null", None),
        ("~", None),
        ("", None),
        ("nULL", "nULL"),
        ("1e3", 1000.0),
        ("1E-3", 0.001),
        ("-.5", -0.5),
        ("5.", 5.0),
        ("+12", 12),
        ("0", 0),
        ("-0", 0),
        ("0x1F", 31),
        ("0o17", 15),
        ("0b11", "0b11"),
        ("1_000", "1_000"),
        ("12:30:00", "12:30:00"),
        ("2024-01-01", "2024-01-01"),
        ("2024-01-01T10:00:00Z", "2024-01-01T10:00:00Z"),
        ("=", "="),
        ("<<", "<<"),
        ("30%", "30%"),
        (".inf", math.inf),
        ("-.Inf", -math.inf),
        ("1e999", math.inf),
        ("inf", "inf"),
        ("nan", "nan"),
        ("'12'", "12"),
        ('"true"', "true"),
        ("१२", "१२"),
        ("- 1\n- two", [1, "two"]),
        ("{a: 1, b: {c: x}}", {"a": 1, "b": {"c": "x"}}),
        ("a: |\n  one\n  two\n", {"a": "one\ntwo\n"}),
        ("no: no\non: 1", {"no": "no", "on": 1}),
    ],
)
def test_plain_scalars_mean_what_yaml_1_2_says(text: str, value: object) -> None:
    found = load(text)
    assert found == value
    assert type(found) is type(value)


def test_not_a_number_is_read_for_the_schema_to_refuse() -> None:
    assert math.isnan(load(".nan"))


def test_every_value_and_key_knows_where_it_stands() -> None:
    document = read("a: 1\nb:\n  - x\n  - {c: y}\n  # 注释\n  - 中文: z\n")
    assert document.where == {
        (): (1, 1),
        ("a",): (1, 4),
        ("b",): (3, 3),
        ("b", 0): (3, 5),
        ("b", 1): (4, 5),
        ("b", 1, "c"): (4, 9),
        ("b", 2): (6, 5),
        ("b", 2, "中文"): (6, 9),
    }
    keys = {path: node.key_at for path, node in document.root.walk()}
    assert keys["b",] == (2, 1)
    assert keys["b", 1, "c"] == (4, 6)


json_texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cf", "Cs", "Zl", "Zp", "Cn", "Co"]))
json_data = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**18), 10**18)
    | st.floats(allow_nan=False, allow_infinity=False)
    | json_texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(json_texts, inner, max_size=4),
    max_leaves=20,
)


@given(json_data)
@settings(deadline=BOUNDED)
def test_json_is_yaml(data: object) -> None:
    text = json.dumps(data, ensure_ascii=False)
    document = read(text)
    deepest = max((len(path) for path in document.where), default=0)
    assert document.data == data or deepest >= DEEPEST


# ---------------------------------------------------------------- characters


@pytest.mark.parametrize(
    "text",
    [
        b"\xef\xbb\xbfa: 1\nb: 2\n",
        b"a: 1\r\nb: 2\r\n",
        b"a: 1\rb: 2\r",
        "\ufeffa: 1\nb: 2",
        b"a: 1\nb: 2 #\t",
    ],
    ids=["byte order mark", "CRLF", "CR", "byte order mark in text", "tab in a comment"],
)
def test_what_does_no_harm_is_read(text: str | bytes) -> None:
    document = read(text)
    assert document.data == {"a": 1, "b": 2}
    assert document.where["b",] == (2, 4)
    assert document.faults == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (
            "title: Café\nname: é".encode("latin-1"),
            "f.yaml:1:11: The byte 0xE9 here is not UTF-8; in Latin-1 it would be 'é'. Save the file as UTF-8.",
        ),
        (
            "a: 1".encode("utf-16"),
            "f.yaml:1:1: The file is in UTF-16. Save it as UTF-8.",
        ),
        (
            b"a: 1\r\nb: x\0y",
            "f.yaml:2:5: The character U+0000 stands here, which a text file may not hold. "
            "Remove it; your editor may show it as a blank or not at all.",
        ),
        (
            "a: x\u202ey",
            "f.yaml:1:5: The character U+202E stands here, which a text file may not hold. "
            "Remove it; your editor may show it as a blank or not at all.",
        ),
        (
            "a: \ud800",
            "f.yaml:1:4: The character U+D800 stands here, which a text file may not hold. "
            "Remove it; your editor may show it as a blank or not at all.",
        ),
        (
            "a:\n\tb: 1",
            "f.yaml:2:1: A tab stands here where YAML allows only spaces. Replace every tab by spaces.",
        ),
        (
            "a:\t1",
            "f.yaml:1:3: A tab stands here where YAML allows only spaces. Replace every tab by spaces.",
        ),
    ],
)
def test_characters_that_mislead_are_refused_where_they_stand(text: str | bytes, fault: str) -> None:
    document = read(text, "f.yaml")
    assert [str(one) for one in document.faults] == [fault]
    assert document.data is None


# ---------------------------------------------------------------- bounds


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("a: " + "x" * 10_000_000, f"more than {LARGEST:,} bytes"),
        ("中" * (LARGEST // 3 + 1), f"more than {LARGEST:,} bytes"),
        ("[" * 100_000, f"more than {DEEPEST} levels"),
        ("{a: " * 40_000, f"more than {DEEPEST} levels"),
        ("- " * 50_000, f"more than {DEEPEST} levels"),
        ("? " * 50_000, f"more than {DEEPEST} levels"),
        ("\n".join(" " * n + "a:" for n in range(500)), f"more than {DEEPEST} levels"),
        ("[" + "a," * 90_000 + "]", f"more than {MOST_ENTRIES:,} entries"),
        ("a: &a [" + "*a, " * 49_000 + "]", "is an alias"),
        ("a: " + "9" * 190_000, "characters. Write it shorter"),
        ("a: '" + "''" * 95_000, "never ends"),
        ("a: " + "!" * 190_000, "is a tag"),
        ("# " + "x" * 190_000, None),
        ("a: |\n" + "  x\n" * 45_000, None),
        ("a: " + "x " * 90_000, None),
        ("%" * 190_000, "not valid YAML"),
        ("\n" * 190_000, None),
        ('a: "' + "\\x41" * 45_000 + '"', None),
    ],
)  # fmt: skip
def test_no_text_takes_long(text: str, what: str | None) -> None:
    start = time.perf_counter()
    found = faults_of(text)
    assert time.perf_counter() - start < BOUNDED.total_seconds()
    assert len(found) <= MOST_FAULTS + 1
    if what is None:
        assert found == []
    else:
        assert any(what in one for one in found), found[:3]


def test_the_bounds_let_through_what_they_should() -> None:
    deep = "[" * DEEPEST + "]" * DEEPEST
    assert faults_of(deep) == []
    assert len(faults_of(f"[{deep}]")) == 1
    wide = "a: [" + "1," * (MOST_ENTRIES - 3) + "]"
    assert faults_of(wide) == []
    assert len(faults_of(wide.replace("[", "[1,"))) == 1
    large = "# " + "x" * (LARGEST - 2)
    assert faults_of(large) == []
    assert len(faults_of(large + "x")) == 1


def test_the_c_parser_is_never_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("The C parser would end the process on a deep text.")

    for loader in ("CSafeLoader", "CLoader", "CBaseLoader", "CFullLoader"):
        monkeypatch.setattr(yaml, loader, refuse)
    assert load("a: [1]") == {"a": [1]}


# ---------------------------------------------------------------- faults


def test_all_faults_of_a_text_are_told_in_order() -> None:
    text = "a: 1\nb: &x 2\na: 3\nc: {d: 1, d: *x, d: 2}\n5: e\nf: 007\na: !!str 4\n"
    assert faults_of(text) == [
        "f.yaml:2:4: &x is an anchor, which a file from anywhere may not use. "
        "Remove it and write values out where they are needed.",
        'f.yaml:3:1: The key "a" stands here twice, first in line 1. Keep one of the two.',
        'f.yaml:4:11: The key "d" stands here twice, first in line 4. Keep one of the two.',
        "f.yaml:4:14: *x is an alias, which a file from anywhere may not use. Write the value out.",
        'f.yaml:4:18: The key "d" stands here twice, first in line 4. Keep one of the two.',
        'f.yaml:5:1: The key 5 is not text. Put it in quotes if a name is meant: "5".',
        "f.yaml:6:4: 007 begins with a zero, which some programs read as an octal number. "
        'Write 7, or "007" in quotes if a text is meant.',
        'f.yaml:7:1: The key "a" stands here twice, first in line 1. Keep one of the two.',
        "f.yaml:7:4: tag:yaml.org,2002:str is a tag, which a data file may not use. Remove it.",
    ]
    assert read(text).data == {"a": 1, "b": "2", "c": {"d": 1}, "f": "007"}


def test_more_faults_than_anybody_reads_are_cut_short() -> None:
    with pytest.raises(Faults) as caught:
        load("\n".join(f"{n}: a" for n in range(1000)))
    assert len(caught.value.faults) == MOST_FAULTS + 1
    assert str(caught.value).splitlines()[-1] == "There are more faults after these. Mend these first."
    assert len(Faults(Fault("f", line, 1, "No.") for line in range(MOST_FAULTS)).faults) == MOST_FAULTS


def test_faults_travel_between_processes_and_are_not_repeated() -> None:
    faults = Faults([Fault("a", 1, 2, "Wrong.", "Right it."), Fault("a", 1, 2, "Wrong.", "Right it.")])
    assert str(faults) == "a:1:2: Wrong. Right it."
    assert pickle.loads(pickle.dumps(faults)).faults == faults.faults
    assert isinstance(faults, ValueError)
    assert str(Fault("", 0, 0, "Wrong.")) == "Wrong."
    assert str(Fault("a", 0, 0, "Wrong.")) == "a: Wrong."


def test_python_data_is_bounded_too() -> None:
    endless: list[object] = []
    endless.append(endless)
    with pytest.raises(Faults, match="levels deep"):
        node_of(endless)
    with pytest.raises(Faults, match="The key 1 is not text"):
        node_of({1: 2})
    assert node_of({"a": (1, {"b": None})}).data == {"a": [1, {"b": None}]}


# ---------------------------------------------------------------- fuzz

SENTENCES = re.compile(r"f\.yaml(:[1-9]\d*:[1-9]\d*)?: .+[.?]\Z", re.DOTALL)
pieces = st.sampled_from(
    ["a", "b: ", ": ", "- ", "? ", "\n", "\n  ", "\n    ", "{", "}", "[", "]", ", ", "&x ", "*x", "!!str ",
     "!", "|\n", ">-\n", "'", '"', "\\", "\\U99999999", "%", "@", "#", " #", "---\n", "...\n", "\t", "\r",
     "\0", "<<", "012", "1e3", ".nan", "~", "é", "\ufeff", "\u2028", "\ud800", "%YAML 1.1\n",
     "%TAG ! x\n", "9" * 50]
)  # fmt: skip


@given(st.text() | st.binary() | st.lists(pieces, max_size=40).map("".join))
@settings(deadline=BOUNDED, max_examples=500)
def test_any_text_gives_data_or_whole_sentences(text: str | bytes) -> None:
    document = read(text, "f.yaml")
    for fault in document.faults:
        assert SENTENCES.match(str(fault)), fault
        assert "\n" not in str(fault)
    json.dumps(document.data)  # plain data and nothing else
    lines = re.split(r"\r\n|[\r\n]", text) if isinstance(text, str) else None
    for fault in document.faults if lines else ():
        assert fault.line <= len(lines)
        assert fault.column <= len(lines[fault.line - 1]) + 1
