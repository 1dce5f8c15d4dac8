"""The workbench of authors: starts that are valid, schemas that editors read, packs that open elsewhere."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner, Result

from sim import authoring, packing
from sim.cli import cli
from sim.lesson_facts import facts_in, module_of
from sim.lesson_worlds import worlds_of
from sim.lessons import check_lesson, lessons_folder, load_lesson, shipped_lessons
from sim.outcomes import OUTCOMES
from sim.parameters import constants, levers
from sim.safe_yaml import Faults, load
from sim.scenario import check, load_scenario, shipped_folder
from sim.schemas import KINDS, file_name, has_editor_line, schema
from sim.ui.lesson_state import LessonState

SCENARIOS = sorted(shipped_folder().glob("*.yaml"))
LESSONS = [lessons_folder() / name / "lesson.yaml" for name in shipped_lessons()]
REGENERATE = "Please run `make schemas`."


def crmsim(*arguments: object) -> Result:
    return CliRunner().invoke(cli, [str(one) for one in arguments], prog_name="crmsim")


# ---------------------------------------------------------------- a start


def test_a_new_scenario_has_nothing_to_put_right(tmp_path: Path) -> None:
    written = authoring.new_scenario("my_market", tmp_path)
    assert [path.name for path in written] == ["my_market.yaml", "scenario.schema.json"]
    assert check(written[0]) == []
    assert has_editor_line(written[0])
    story = load_scenario(written[0])
    assert story.title["en"] == "My market"
    assert {"friendly", "4P", "4C"} <= set(story.strategies)
    assert written[0].read_text(encoding="utf-8").count("#") > 10, "A start is commented."


def test_a_new_lesson_can_be_played_at_once(tmp_path: Path) -> None:
    written = authoring.new_lesson("03_my_lesson", tmp_path)
    folder = written[0].parent
    assert check_lesson(folder) == []
    assert has_editor_line(folder / "lesson.yaml")
    lesson, bot = load_lesson(folder), module_of(folder / "bot.py")
    for fact in facts_in(module_of(folder / "facts.py")).values():
        assert fact.en in lesson.texts["en"]["notice"]
        assert fact.zh in lesson.texts["zh"]["notice"]
        fact(worlds_of(lesson))
    ends = []
    for play in (bot.passes, bot.fails):
        state = LessonState(lesson, n_worlds=4)
        play(state)
        ends.append(state.grade().is_passed)
    assert ends == [True, False]


@pytest.mark.parametrize("name", ["a b", "../up", "", "x" * 41, "con/fig"])
def test_a_name_that_cannot_be_is_refused_in_a_sentence(name: str, tmp_path: Path) -> None:
    for kind in KINDS:
        done = crmsim("new", kind, name, "--into", tmp_path)
        assert done.exit_code == 2
        assert f"cannot be the name of a {kind}" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_ever_written_over(tmp_path: Path) -> None:
    for kind in KINDS:
        assert crmsim("new", kind, "mine", "--into", tmp_path).exit_code == 0
        before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
        done = crmsim("new", kind, "mine", "--into", tmp_path)
        assert done.exit_code == 2
        assert "is there already" in done.stderr
        assert before == {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}


# ---------------------------------------------------------------- schemas


@pytest.mark.parametrize("kind", KINDS)
def test_a_schema_is_draft_7_and_is_what_lies_beside_the_files(kind: str) -> None:
    made = schema(kind)
    jsonschema.Draft7Validator.check_schema(made)
    assert made["$schema"].startswith("http://json-schema.org/draft-07/")
    assert "$defs" not in json.dumps(made), "Draft 7 knows definitions, not $defs."
    folder = shipped_folder() if kind == "scenario" else lessons_folder()
    assert json.loads((folder / file_name(kind)).read_text(encoding="utf-8")) == made, REGENERATE
    assert json.loads(crmsim("schema", kind).stdout) == made


@pytest.mark.parametrize("path", [*SCENARIOS, *LESSONS], ids=lambda path: f"{path.parent.name}/{path.name}")
def test_shipped_files_fit_their_schema_and_name_it(path: Path) -> None:
    kind = "lesson" if path.name == "lesson.yaml" else "scenario"
    validator = jsonschema.Draft7Validator(schema(kind))
    faults = [error.message for error in validator.iter_errors(load(path.read_bytes()))]
    assert not faults, faults
    line = f"# yaml-language-server: $schema={'../' if kind == 'lesson' else ''}{file_name(kind)}"
    assert has_editor_line(path), f"Please begin {path.name} with the line: {line}"


def test_an_editor_shows_label_unit_and_range_of_every_lever_and_parameter() -> None:
    made = schema("scenario")
    trees = {"lever": made["definitions"]["Levers"], "parameter": made["properties"]["parameters"]}
    for path, lever in levers().items():
        stem, name = path.split(".")
        text = trees["lever"]["properties"][stem]["properties"][name]["description"]
        assert all(word in text for word in (lever.label["en"], lever.label["zh"], f"{lever.high:g}", lever.unit))
    for stem, entries in constants().items():
        for name, parameter in entries.items():
            text = trees["parameter"]["properties"][stem]["properties"][name]["description"]
            assert parameter.meaning["en"] in text
    goals = schema("lesson")["definitions"]["Experiment"]["properties"]["goals"]["properties"]
    assert set(goals) == {*OUTCOMES, "spending"}


@pytest.mark.parametrize(
    "slip",
    [
        {"markt": {}},
        {"market": {"weeks": 0}},
        {"market": {"customers": "many"}},
        {"parameters": {"leave": {"return_rat": 0.1}}},
        {"parameters": {"leave": {"return_rate": 7}}},
        {"firms": {"one": {"levers": {"pricing": {"list_prise": 3}}}}},
        {"strategies": {"mine": {"levers": {"pricing": {"list_price": "cheap"}}}}},
        {"events": [{"label": {"en": "x", "zh": "x"}, "week": 3, "set": {"pricing.list": 3}}]},
    ],
)  # fmt: skip
def test_an_editor_underlines_what_the_check_refuses(slip: dict[str, Any], tmp_path: Path) -> None:
    assert list(jsonschema.Draft7Validator(schema("scenario")).iter_errors(slip))
    path = tmp_path / "slip.yaml"
    path.write_text(json.dumps({"extends": "_baseline", **slip}), encoding="utf-8")
    assert check(path)


# ---------------------------------------------------------------- packs


@pytest.mark.parametrize("kind", KINDS)
def test_a_pack_opens_where_nothing_else_is(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    crmsim("new", kind, "mine")
    if kind == "scenario":
        Path("mine.yaml").rename("parent.yaml")
        Path("mine.yaml").write_text("extends: parent\nseed: 5\n", encoding="utf-8")
    source = "mine.yaml" if kind == "scenario" else "mine"
    done = crmsim("pack", source)
    assert done.exit_code == 0, done.output
    Path("elsewhere").mkdir()
    Path("mine.crmsim").rename("elsewhere/mine.crmsim")
    monkeypatch.chdir("elsewhere")
    assert crmsim("check", "mine.crmsim").exit_code == 0
    assert crmsim("unpack", "mine.crmsim").exit_code == 0
    if kind == "scenario":
        assert {path.name for path in Path("mine").iterdir()} == {"scenario.yaml", "parent.yaml", "_baseline.yaml"}
        here, there = load_scenario("mine/scenario.yaml"), load_scenario("../mine.yaml")
        assert (here.seed, here.entry) == (5, there.entry)
    else:
        assert not list(Path("mine").glob("*.py")), "A lesson from elsewhere is data."
        assert load_lesson("mine").entry == load_lesson("../mine").entry
    again = crmsim("unpack", "mine.crmsim")
    assert again.exit_code == 2
    assert "is there already" in again.stderr


def zipped(**files: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as pack:
        for name, text in files.items():
            pack.writestr(name, text)
    return buffer.getvalue()


def linked() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as pack:
        entry = zipfile.ZipInfo("scenario.yaml")
        entry.external_attr = 0o120777 << 16
        pack.writestr(entry, "../secret.yaml")
    return buffer.getvalue()


def twice() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as pack:
        pack.writestr("scenario.yaml", "seed: 1")
        with pytest.warns(UserWarning, match="Duplicate"):
            pack.writestr("scenario.yaml", "seed: 2")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (lambda: b"", "no pack, or it is damaged"),
        (lambda: b"PK\x03\x04 and then nothing", "no pack, or it is damaged"),
        (lambda: packing.packed("coffee")[1][:-40], "no pack, or it is damaged"),
        (lambda: b"0" * (packing.LARGEST_PACK + 1), "more than 2,000,000 bytes"),
        (lambda: zipped(**{"../scenario.yaml": b"seed: 1"}), "no plain name of a text"),
        (lambda: zipped(**{"/etc/passwd": b"x"}), "no plain name of a text"),
        (lambda: zipped(**{"a\\b.yaml": b"x"}), "no plain name of a text"),
        (lambda: zipped(**{"run.py": b"print()"}), "no plain name of a text"),
        (lambda: zipped(**{f"f{k}.yaml": b"x" for k in range(30)}), "holds 30 files"),
        (lambda: zipped(**{"scenario.yaml": b" " * 50_000_000}), "more than 200,000 bytes"),
        (lambda: zipped(**{"other.yaml": b"seed: 1"}), "neither a scenario nor a lesson"),
        (lambda: zipped(**{"scenario.yaml": b"extends: _baseline\nsead: 1"}), "Did you mean seed?"),
        (lambda: zipped(**{"lesson.yaml": b"title: x"}), "The lesson has no en.md"),
        (lambda: zipped(**{"scenario.yaml": b"extends: ../../x"}), "is not the plain name of a scenario"),
        (linked, "which is a link"),
        (twice, "twice"),
    ],
)
def test_a_hostile_pack_is_refused_in_sentences(made: Callable[[], bytes], said: str, tmp_path: Path) -> None:
    data = made()
    with pytest.raises(Faults) as caught:
        packing.opened(data, "their.crmsim")
    told = str(caught.value)
    assert said in told
    assert all(re.search(r"[.?]\Z", str(fault)) for fault in caught.value.faults)
    assert "/tmp" not in told, "A message names a folder where the pack was looked through."
    path = tmp_path / "their.crmsim"
    path.write_bytes(data)
    for command in ("check", "unpack"):
        done = crmsim(command, path, *(["--into", tmp_path] if command == "unpack" else []))
        assert done.exit_code == 2
        assert isinstance(done.exception, SystemExit)
    assert [one.name for one in tmp_path.iterdir()] == ["their.crmsim"]
