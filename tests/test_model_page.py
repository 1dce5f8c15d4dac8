"""The page about the model: complete, in the order of the ODD protocol, and never behind the model itself."""

from __future__ import annotations

import re
import shutil
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from sim import model_page, outcomes, parameters, population
from sim.model_curve_list import CURVES
from tests.reading import ROOT, report

DOCS = ROOT / "docs"
ODD = (
    "Purpose and patterns", "Entities, state variables and scales", "Process overview and scheduling",
    "Design concepts", "Initialisation", "Input data", "Submodels",
)  # fmt: skip
CONCEPTS = (
    "Basic principles", "Emergence", "Adaptation", "Objectives", "Learning", "Prediction", "Sensing", "Interaction",
    "Stochasticity", "Collectives", "Observation",
)  # fmt: skip


@pytest.fixture(scope="module")
def page() -> str:
    return (DOCS / "model.md").read_text(encoding="utf-8")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The documentation elsewhere, to be spoilt."""
    return Path(shutil.copytree(DOCS, tmp_path / "docs"))


def anchors(text: str) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_what_is_generated_is_up_to_date() -> None:
    report(model_page.stale())


def test_a_table_that_was_touched_is_found_and_made_again(copy: Path) -> None:
    table = copy / "model" / "parameters.md"
    text = table.read_text(encoding="utf-8")
    table.write_text(text.replace("| 1.955 |", "| 2 |"), encoding="utf-8")
    (copy / "model" / "gap.svg").unlink()
    (copy / "model" / "old.svg").touch()
    assert [fault.split(" ")[0] for fault in model_page.stale(copy)] == [
        "docs/model/parameters.md", "docs/model/gap.svg", "docs/model/old.svg",
    ]  # fmt: skip
    model_page.write(copy)
    assert not model_page.stale(copy)
    assert table.read_text(encoding="utf-8") == text


def test_a_block_of_the_page_is_found_and_its_sentences_are_kept(copy: Path) -> None:
    page = copy / "model.md"
    text = page.read_text(encoding="utf-8")
    page.write_text(
        text.replace("| **hear** |", "| **listen** |").replace("# The model\n", "# A model\n"), encoding="utf-8"
    )
    assert model_page.stale(copy) == ["docs/model.md is out of date. Please run `make docs` and commit what it writes."]
    model_page.write(copy)
    assert page.read_text(encoding="utf-8") == text.replace("# The model\n", "# A model\n")


def test_a_missing_block_is_refused(copy: Path) -> None:
    page = copy / "model.md"
    page.write_text(page.read_text(encoding="utf-8").replace("generated: schedule", "generated: timetable"))
    with pytest.raises(
        ValueError, match=r"must have each of these marked blocks once: .*schedule.* It has .*timetable"
    ):
        model_page.stale(copy)


def test_the_page_follows_the_odd_protocol(page: str) -> None:
    headings = re.findall(r"^## (.+)$", page, re.MULTILINE)
    assert tuple(headings[: len(ODD)]) == ODD
    concepts = page.split("## Design concepts")[1].split("\n## ")[0]
    assert tuple(re.findall(r"^### (.+)$", concepts, re.MULTILINE)) == CONCEPTS


def test_every_number_measure_and_column_has_its_row() -> None:
    rows = "".join((DOCS / "model" / f"{name}.md").read_text(encoding="utf-8") for name in (
        "parameters", "levers", "measures", "columns",
    ))  # fmt: skip
    names = [p.path for file in parameters.catalogue().values() for p in file.values()]
    names += [*outcomes.OUTCOMES, *(c.name for c in (*population.CUSTOMER, *population.RELATION))]
    report([f"{name} has no row in docs/model/." for name in names if f"| `{name}` |" not in rows])


def test_every_name_of_a_parameter_on_the_page_exists(page: str) -> None:
    files = parameters.catalogue()
    written = page.split("## Submodels")[1]
    named = set(re.findall(rf"\b({'|'.join(files)})\.([a-z_]+)\b", re.sub(r"\(model/[^)]*\)", "", written)))
    known = {(stem, name) for stem, file in files.items() for name in file}
    report([f"docs/model.md names {stem}.{name}, which there is not." for stem, name in sorted(named - known)])


def test_every_link_of_the_documentation_leads_somewhere() -> None:
    faults = []
    for source in sorted(DOCS.rglob("*.md")):
        text = source.read_text(encoding="utf-8")
        for target in re.findall(r"\]\(([^)]+)\)", text):
            path, _, anchor = target.partition("#")
            file = (source.parent / path) if path else source
            if not file.exists():
                faults.append(f"{source.name} links to {target}, which is not there.")
            elif anchor and anchor not in anchors(file.read_text(encoding="utf-8")):
                faults.append(f"{source.name} links to {target}, but there is no such heading.")
    report(faults)


@pytest.mark.parametrize("curve", CURVES, ids=[curve.name for curve in CURVES])
def test_a_picture_has_words_and_a_shape(curve: object) -> None:
    assert isinstance(curve, model_page.Curve)
    root = ET.fromstring(model_page.svg(curve))
    texts = [node.text for node in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {curve.x, curve.y, *(line.label for line in curve.lines)} <= set(texts)
    heights = {round(y, 6) for line in curve.lines for _, y in curve.points(line)}
    assert len(heights) > 1, f"The picture {curve.name} is flat: it teaches nothing."
