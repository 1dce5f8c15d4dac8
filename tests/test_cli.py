"""The `crmsim` command as its users meet it: what it prints, what it writes, and what it says when they slip."""

from __future__ import annotations

import csv
import json
import math
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner, Result

import sim
from sim import run as run_strategy
from sim.cli import cli
from sim.outcomes import OUTCOMES
from sim.scenario import load_scenario, shipped_scenarios
from sim.schedule import SCHEDULE
from tests.reading import ROOT

SMALL = ("--customers", "120", "--weeks", "6")
FILES = ("weekly.csv", "transactions.csv", "customers.csv", "messages.csv", "manifest.json")


def crmsim(*arguments: str) -> Result:
    return CliRunner().invoke(cli, list(arguments), prog_name="crmsim")


def whole(*arguments: str) -> str:
    """What a command that must succeed prints on standard output."""
    done = crmsim(*arguments)
    assert done.exit_code == 0, f"crmsim {' '.join(arguments)} ends with status {done.exit_code}:\n{done.output}"
    return done.stdout


def refused(*arguments: str) -> str:
    """What a command that must be refused says, having printed nothing else and raised nothing."""
    done = crmsim(*arguments)
    command = f"crmsim {' '.join(arguments)}"
    assert done.exit_code == 2, f"{command} ends with status {done.exit_code}:\n{done.output}"
    assert done.exception is None or isinstance(done.exception, SystemExit), f"{command} raises {done.exception!r}."
    assert done.stdout == "", f"{command} is refused and prints something all the same: {done.stdout}"
    assert "Traceback" not in done.stderr, f"{command} prints a traceback:\n{done.stderr}"
    assert done.stderr.strip().endswith((".", "?")), f"{command} is not refused with whole sentences:\n{done.stderr}"
    return done.stderr


def process(*arguments: str, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[bytes]:
    """A command as a process of its own."""
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=os.environ | (environment or {}), capture_output=True, timeout=200
    )


def refuse_constant(constant: str) -> None:
    raise AssertionError(f"{constant} is no JSON.")


def as_json(text: str) -> dict[str, Any]:
    """The one JSON object that a text is, by the letter of JSON."""
    value = json.loads(text, parse_constant=refuse_constant)
    assert isinstance(value, dict)
    return value


def outcomes(strategy: Any = "opening", **changes: Any) -> dict[str, float | None]:
    """The outcomes of a small run of the coffee shops, as JSON should tell them."""
    done = run_strategy("coffee", strategy, **{"customers": 120, "weeks": 6} | changes)
    return {name: value if math.isfinite(value) else None for name, value in done.outcomes.items()}


# ---------------------------------------------------------------- run


def test_run_prints_every_outcome_of_every_firm() -> None:
    shown = whole("run", "coffee", "--strategy", "4C", *SMALL, "--seed", "3")
    for outcome in OUTCOMES.values():
        assert outcome.label["en"] in shown
    for word in ("coffee", "4C", "120 customers", "6 weeks", "seed 3", "Corner", "chain", "kiosk", "$"):
        assert word in shown
    assert "…" not in shown, f"Something is cut short:\n{shown}"


def test_run_as_json_is_one_object_with_the_outcomes_of_that_run() -> None:
    told = as_json(whole("run", "coffee", "--strategy", "4C", *SMALL, "--seed", "3", "--json"))
    assert list(told) == ["scenario", "strategy", "seed", "customers", "weeks", "outcomes"]
    assert {key: told[key] for key in list(told)[:5]} == {
        "scenario": "coffee", "strategy": "4C", "seed": 3, "customers": 120, "weeks": 6,
    }  # fmt: skip
    assert told["outcomes"] == outcomes("4C", seed=3)
    assert list(told["outcomes"]) == list(OUTCOMES)


def test_what_has_no_value_is_null_in_json() -> None:
    told = as_json(whole("run", "coffee", "--customers", "1", "--weeks", "1", "--json"))
    assert None in told["outcomes"].values(), f"One customer in one week has every outcome: {told}"


def test_a_file_of_one_s_own_is_run_as_it_is_written(tmp_path: Path) -> None:
    """Its size and seed count where none is given, and square brackets mean nothing, whatever rich thinks of them."""
    firms = "".join(
        f"  {name}: {{label: {{en: '{label}', zh: 店}}, standing: 1, awareness: 0.5, unit_cost: 2, attributes: "
        "{product: 0.5, service: 0.5, personnel: 0.5, image: 0.5, place: 0.5, convenience: 0.5}}\n"
        for name, label in (("one", "Shop [/b]"), ("two", "[red]x"))
    )
    sizes = "seed: 77\nmarket: {customers: 90, weeks: 5, warm_up: 3}\nevents: []"
    (tmp_path / "own.yaml").write_text(f"extends: _baseline\n{sizes}\nfirms:\n{firms}", encoding="utf-8")
    told = as_json(whole("run", str(tmp_path / "own.yaml"), "--json"))
    assert (told["scenario"], told["strategy"], told["seed"]) == ("own", "opening", 77)
    assert (told["customers"], told["weeks"]) == (90, 5)
    shown = whole("run", str(tmp_path / "own.yaml"))
    assert "[/b]" in shown
    assert "[red]x" in shown


@pytest.mark.parametrize(
    ("pair", "expected"),
    [
        ("pricing.list_price=3.5", 3.5),
        ("pricing.list_price=4", 4.0),
        (" pricing.list_price = 3.5 ", 3.5),
        ("pricing.list_price=80%", 0.8 * 4.5),
        ("pricing.list_price=35e-1", 3.5),
    ],
)
def test_set_changes_the_lever_it_names(pair: str, expected: float) -> None:
    told = as_json(whole("run", "coffee", *SMALL, "--set", pair, "--json"))
    assert told["outcomes"] == outcomes({"pricing.list_price": expected})


def test_set_reaches_parameters_and_the_market_too() -> None:
    sets = {"leave.return_rate": 0.9, "market.outside_value": 2, "market.taste_concentration": None}
    pairs = [f"--set={path}={'null' if value is None else value}" for path, value in sets.items()]
    told = as_json(whole("run", "coffee", *SMALL, *pairs, "--json"))
    assert told["outcomes"] == outcomes(sets=sets)
    assert told["outcomes"] != outcomes()


# ---------------------------------------------------------------- run --out


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """The folder of a run with stamps, and what it said of itself as JSON."""
    folder = tmp_path_factory.mktemp("run") / "deep" / "folder"
    told = whole(
        "run", "coffee", "--strategy", "stamp_card", "--customers", "200", "--weeks", "30", "--seed", "4",
        "--set", "pricing.list_price=4", "--out", str(folder), "--json",
    )  # fmt: skip
    return folder, as_json(told)


def columns(file: Path) -> list[str]:
    with file.open(encoding="utf-8", newline="") as stream:
        return next(csv.reader(stream))


def test_out_writes_five_files_with_the_columns_that_were_promised(written: tuple[Path, dict[str, Any]]) -> None:
    folder, _ = written
    assert sorted(file.name for file in folder.iterdir()) == sorted(FILES)
    weekly = columns(folder / "weekly.csv")
    assert weekly[:2] == ["week", "firm"]
    assert [name for name in weekly if name in OUTCOMES] == list(OUTCOMES)
    assert columns(folder / "transactions.csv") == ["customer_id", "week", "firm", "amount", "margin"]
    assert columns(folder / "messages.csv") == ["week", "from_id", "to_id", "firm", "positive"]
    of_customers = columns(folder / "customers.csv")
    assert of_customers[0] == "customer_id"
    assert {"segment", "need_rate", "weight_money", "corner.stage", "kiosk.satisfaction"} <= set(of_customers)


def test_the_files_add_up_to_the_outcomes(written: tuple[Path, dict[str, Any]]) -> None:
    folder, told = written
    weekly, sales, customers, messages = (pd.read_csv(folder / name) for name in FILES[:4])
    ours = weekly[weekly["firm"] == "corner"].sort_values("week")
    assert len(weekly) == 30 * 3
    assert ours["week"].tolist() == list(range(30))
    assert len(customers) == 200
    totals = told["outcomes"]
    for name, outcome in OUTCOMES.items():
        course = ours[name]
        value = {"sum": course.sum(skipna=False), "last": course.iloc[-1], "late": course.iloc[-13:].mean()}[
            outcome.over_weeks
        ]
        told_value = math.nan if totals[name] is None else totals[name]
        assert value == pytest.approx(told_value, nan_ok=True), f"{name} in weekly.csv is not that of the run."
    mine = sales[sales["firm"] == "corner"]
    rewards = customers["corner.rewards"].sum()
    assert rewards > 0
    assert mine["amount"].sum() + rewards == pytest.approx(totals["revenue"])
    assert set(mine["amount"]) == {4.0, 0.0}, "A cup costs 4 and the eleventh nothing."
    assert sales["week"].between(0, 29).all()
    assert sales["customer_id"].between(0, 199).all()
    new = (customers["corner.first_purchase"] >= 0).sum()
    assert new == totals["new_customers"]
    active = customers["corner.stage"].isin(["buyer", "satisfied", "loyal", "advocate"]).sum()
    assert active == totals["active_customers"]
    assert len(messages) > 0
    assert set(messages["positive"]) <= {0, 1}
    assert (messages["from_id"] != messages["to_id"]).all()
    bought = set(zip(sales["week"], sales["customer_id"], sales["firm"], strict=True))
    told_by = set(zip(messages["week"], messages["from_id"], messages["firm"], strict=True))
    assert told_by <= bought, "Somebody told of a firm in a week without having bought there."


def test_the_manifest_says_how_to_run_the_same_again(written: tuple[Path, dict[str, Any]]) -> None:
    folder, told = written
    manifest = as_json((folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["crmsim"] == sim.__version__
    assert manifest["scenario_sha256"] == load_scenario("coffee").text_hash
    assert manifest["set"] == {"pricing.list_price": 4}
    assert {"python", "platform", "commit"} <= set(manifest)
    assert manifest["libraries"]["numpy"]
    assert manifest["scenario"] == "coffee"
    asked = {key: manifest[key] for key in ("customers", "weeks", "seed")}
    assert outcomes(manifest["strategy"], sets=manifest["set"], **asked) == told["outcomes"]


def test_a_folder_that_cannot_be_written_is_refused_before_the_run(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("mine", encoding="utf-8")
    started = time.monotonic()
    for place in ("taken", "taken/inside"):
        long = ("--customers", "100000", "--weeks", "500")
        assert "taken" in refused("run", "coffee", *long, "--out", str(tmp_path / place))
    assert time.monotonic() - started < 5, "The market was simulated before anybody looked at the folder."
    assert (tmp_path / "taken").read_text(encoding="utf-8") == "mine"
    assert str(tmp_path / "free") in whole("run", "coffee", *SMALL, "--out", str(tmp_path / "free"))


# ---------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("run", "cofee"), ["no scenario cofee", "Did you mean coffee?"]),
        (("run", "missing/nowhere.yaml"), ["nowhere.yaml"]),
        (("run", "tests"), ["tests is a folder"]),
        (("run", "coffee", "--strategy", "4D"), ["no strategy 4D", "stamp_card"]),
        (("run", "coffee", "--customers", "0"), ["customers is 0", "1 and 2000000"]),
        (("run", "coffee", "--customers", "3000000"), ["customers is 3000000"]),
        (("run", "coffee", "--customers", "many"), ["--customers", "many"]),
        (("run", "coffee", "--seed", "-1"), ["seed is -1"]),
        (("run", "coffee", "--seed", "9223372036854775808"), ["seed is 9223372036854775808"]),
        (("run", "coffee", "--set", "pricing.list_price"), ["pricing.list_price", "lever.path=value"]),
        (("run", "coffee", "--set", "=4"), ["=4", "lever.path=value"]),
        (("run", "coffee", "--set", "pricing.list_price="), ["pricing.list_price=", "lever.path=value"]),
        (("run", "coffee", "--set", "pricing.list_prise=4"), ["list_prise", "Did you mean pricing.list_price?"]),
        (("run", "coffee", "--set", "pricing.list_price=-4"), ["pricing.list_price is -4"]),
        (("run", "coffee", "--set", "pricing.list_price=cheap"), ["pricing.list_price", "cheap"]),
        (("run", "coffee", "--set", "pricing.list_price=nan"), ["finite"]),
        (("run", "coffee", "--set", "pricing.list_price=null"), ["pricing.list_price must be a number"]),
        (("run", "coffee", "--set", "service.recovery=30%"), ["service.recovery cannot be a percentage", "0.3"]),
        (("run", "coffee", "--set", "market.customers=9"), ["market.customers", "--customers"]),
        (("compare", "coffee", "4P", "4Z"), ["no strategy 4Z"]),
        (("compare", "coffee", "4P", "4C", "--seeds", "0"), ["--seeds", "0"]),
        (("compare", "coffee", "4P"), ["'B'"]),
        (("check", "nowhere.yaml"), ["no scenario nowhere.yaml"]),
        (("check",), ["FILE"]),
        (("frobnicate",), ["frobnicate"]),
        (("serve", "--port", "0"), ["--port", "0"]),
    ],
)
def test_slips_are_told_in_sentences_with_status_two(
    arguments: tuple[str, ...], told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    said = refused(*arguments)
    for words in told:
        assert words in said, f"crmsim {' '.join(arguments)} does not say {words!r}:\n{said}"


def test_all_faults_of_a_request_are_told_at_once() -> None:
    said = refused(
        "compare", "coffee", "4X", "4Z", "--customers", "0", "--weeks", "-3", "--set", "nonsense", "--set", "a.b=1",
        "--set", "pricing.list_price=4", "--set", "pricing.list_price=5", "--set", "leave.return_rate=7",
    )  # fmt: skip
    for words in ("4X", "4Z", "customers is 0", "weeks is -3", "nonsense", "a.b", "list_price is given twice", "is 7"):
        assert words in said, f"{words!r} is not told with the rest:\n{said}"
    lines = said.strip().splitlines()
    assert len(lines) == len(set(lines)) == 8, f"Eight faults make eight lines:\n{said}"
    said = refused("run", "cofee", "--set", "nonsense")
    assert "cofee" in said
    assert "nonsense" in said


def test_a_broken_file_is_told_with_line_and_column(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    for command in (("run",), ("check",)):
        said = refused(*command, "tests/broken/everything_at_once.yaml")
        lines = said.strip().splitlines()
        assert len(lines) > 20
        assert all(re.match(r"tests/broken/everything_at_once\.yaml:\d+:\d+: ", line) for line in lines)


# ---------------------------------------------------------------- the other commands


def test_check_says_which_files_are_in_order_and_which_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert whole("check", "--quick", "scenarios/coffee.yaml", "telecom").splitlines() == [
        "scenarios/coffee.yaml: no faults.", "telecom: no faults.",
    ]  # fmt: skip
    done = crmsim("check", "--quick", "tests/broken/colon.yaml", "scenarios/coffee.yaml", "tests/broken/quote.yaml")
    assert done.exit_code == 2
    assert done.stdout == "scenarios/coffee.yaml: no faults.\n"
    assert "tests/broken/colon.yaml:3:" in done.stderr
    assert "tests/broken/quote.yaml:" in done.stderr


def test_scenarios_lists_every_shipped_one_with_its_strategies() -> None:
    shown = whole("scenarios")
    for name in shipped_scenarios():
        story = load_scenario(name)
        line = next(line for line in shown.splitlines() if f" {name} " in line)
        assert story.title["en"] in line
        assert all(strategy in shown for strategy in story.strategies)
    assert "_baseline" not in shown


def test_schedule_prints_all_eleven_phases_in_order() -> None:
    shown = whole("schedule")
    names = ["events", "act", "hear", "trust", "choose", "experience", "judge", "bond", "tell", "leave", "account"]
    assert [phase.name for phase in SCHEDULE] == names
    rows = re.findall(r"^\W*(\d+) \W* (\w+) ", shown, re.MULTILINE)
    assert rows == [(str(k), name) for k, name in enumerate(names, start=1)]
    for phase in SCHEDULE:
        assert phase.question.split()[0] in shown


def test_help_shows_every_command_in_a_whole_sentence() -> None:
    shown = whole("--help")
    for command in ("serve", "run", "compare", "check", "scenarios", "schedule"):
        line = next(line for line in shown.splitlines() if line.startswith(f"  {command} "))
        assert line.endswith("."), f"The help of {command} is cut short: {line}"
        assert "Usage: crmsim" in whole(command, "--help")


@pytest.mark.parametrize("width", [40, 80])
def test_on_a_narrow_terminal_nothing_is_cut(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("TTY_COMPATIBLE", "1")  # rich takes the output for a terminal
    monkeypatch.setenv("NO_COLOR", "1")
    shown = {command[0]: whole(*command) for command in (("run", "coffee", *SMALL), ("scenarios",), ("schedule",))}
    for command, table in shown.items():
        assert "…" not in table, f"crmsim {command} cuts something at {width} columns:\n{table}"
    assert f" {outcomes()['revenue']:,.0f} " in shown["run"], "A number is broken over two lines."
    compared = whole("compare", "coffee", "4P", "4C", "--seeds", "2", *SMALL)
    assert re.search(r"[−+][\d.,]+ … [−+][\d.,]+ ", compared), f"An interval is broken over two lines:\n{compared}"
    assert not re.search(r"\w…", compared), f"crmsim compare cuts something at {width} columns:\n{compared}"


# ---------------------------------------------------------------- as a process


def test_the_module_answers_as_the_command_does() -> None:
    done = process("-m", "sim", "--version")
    assert done.stdout.decode().split() == ["crmsim,", "version", sim.__version__]
    done = process("-m", "sim", "run", "coffee", *SMALL, "--json")
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout.count(b"\n") == 1
    assert as_json(done.stdout.decode())["outcomes"] == outcomes()
    done = process("-m", "sim", "run", "cofee")
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.decode().strip() == "There is no scenario cofee. Did you mean coffee?"


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "gbk"])
def test_tables_can_be_piped_where_the_encoding_lacks_their_characters(encoding: str) -> None:
    command = ("compare", "coffee", "4P", "4C", "--seeds", "2", *SMALL)
    done = process("-m", "sim", *command, environment={"PYTHONIOENCODING": encoding})
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    shown = done.stdout.decode(encoding)
    assert "?" not in shown, f"A character is lost in {encoding}:\n{shown}"
    revenue = next(line for line in shown.splitlines() if " Revenue " in line)
    assert re.search(r"[-−]\d", revenue), f"A minus is lost in {encoding}: {revenue}"


def test_importing_sim_is_quick_and_loads_no_pandas_and_no_panel() -> None:
    heavy = ("pandas", "panel", "bokeh", "numba", "mesa", "scipy", "pydantic", "rich")
    for statement in ("import sim", "import sim.cli"):
        done = process("-c", f"{statement}; import sys; print(*({set(heavy)!r} & set(sys.modules)))")
        assert done.stdout.split() == [], f"`{statement}` loads {done.stdout.decode().strip()}."

    def quickest(statement: str) -> float:
        times = []
        for _ in range(4):
            started = time.perf_counter()
            assert process("-c", statement).returncode == 0
            times.append(time.perf_counter() - started)
        return min(times)

    bare, loaded = quickest("pass"), quickest("import sim")
    assert loaded < 3 * bare + 0.1, f"`import sim` takes {loaded:.2f} s, a bare Python {bare:.2f} s."
