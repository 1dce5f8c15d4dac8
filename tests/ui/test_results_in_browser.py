"""The results page in Chromium: a batch from the shelf, its charts and downloads, the address, both languages, axe."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from sim.batch import run_batch
from sim.experiments import experiment
from tests.ui.conftest import running_lab
from tests.ui.test_lab_for_everyone import GRAVE

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]

CURVE = "[data-chart=results_curve]"


@pytest.fixture(scope="module")
def lab_with_results(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A lab that shows one batch."""
    folder = tmp_path_factory.mktemp("shelf")
    run_batch(
        experiment(
            scenario="coffee", customers=60, weeks=8, seeds=3, strategies=["4P", "4C"], title="Which price?",
            levers={"pricing.list_price": [4, 4.5, 5]}, uncertainties={"hear.forget": [0, 0.1]},
            outcomes=["profit", "revenue"],
        ),
        folder / "out" / "prices",
    )  # fmt: skip
    with running_lab(folder / "server.log", "", "90000", str(folder / "out")) as address:
        yield address


def gone(page: Any, selector: str) -> None:
    page.locator(selector).first.wait_for(state="hidden")


def test_a_batch_is_looked_at_from_another_side_and_the_address_leads_back(
    visit: Callable[..., Any], lab_with_results: str
) -> None:
    page = visit(address=f"{lab_with_results}/lab?page=results", first=f"{CURVE} .findings li")
    page.get_by_role("heading", name="Which price?").wait_for()
    page.locator("select[data-pick=outcome]").select_option("revenue")
    page.locator(f"{CURVE} .findings li", has_text="Revenue").wait_for()
    page.locator("select[data-pick=what]").select_option("4C")
    page.locator("select[data-pick=x]").select_option("pricing.list_price")
    page.locator(f"{CURVE} .findings li", has_text="where List price is").wait_for()
    page.wait_for_function("() => location.search.includes('outcome=revenue') && location.search.includes('x=pricing')")
    page.locator(f"{CURVE} summary").click()
    page.locator(f"{CURVE} tbody tr").nth(2).wait_for()
    with page.expect_download() as csv:
        page.locator(f"{CURVE} button", has_text="CSV").click()
    assert len(Path(csv.value.path()).read_text(encoding="utf-8-sig").splitlines()) == 4
    with page.expect_download() as png:
        page.locator(f"{CURVE} button", has_text="PNG").click()
    assert Path(png.value.path()).read_bytes().startswith(b"\x89PNG")
    told = page.locator(f"{CURVE} .findings").inner_text()
    page.reload()
    page.locator(f"{CURVE} .findings li", has_text="where List price is").wait_for()
    assert page.locator(f"{CURVE} .findings").inner_text() == told
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.locator("html").evaluate("(root, scheme) => { root.dataset.theme = scheme }", scheme)
        found = [one["id"] for one in Axe().run(page).response["violations"] if one["impact"] in GRAVE]
        assert not found, f"axe-core found in the {scheme}: {found}"
    page.get_by_role("button", name="中文").click()
    page.locator("label", has_text="结果指标").locator("select").wait_for()
    page.locator(f"{CURVE} .findings li", has_text="标价").wait_for()
    assert page.locator("label", has_text="结果指标").locator("select").input_value() == "revenue"


def test_without_results_the_page_says_how_to_get_some(visit: Callable[..., Any], lab: str) -> None:
    page = visit(address=f"{lab}/lab?page=results&batch=/etc", first="pre code", width=390, height=844)
    assert "crmsim serve --results" in page.locator("pre code").inner_text()
    gone(page, CURVE)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 390
