"""Every page for everyone: no barrier that axe-core finds, the keyboard alone, both languages, no script in a text."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from sim.ui.charts import TABS
from sim.ui.pages import PAGES
from tests.ui.conftest import ROOT, running_lab

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]

GRAVE = {"serious", "critical"}
# Latin words in a Chinese page: names, abbreviations, and what stands on files and keys.
MAY_BE_LATIN = re.compile(
    r"^(CRM|NPS|KPI|RFM|PNG|CSV|YAML|HTML|English|Kaplan|Meier|Lorenz|Gini|Shapley|axe|crmsim|run|seed|Ctrl|Esc|min|max|exp|log"
    r"|[A-Z][a-z]+(-[A-Z][a-z]+)?)$"
)
# Texts that a reader sees or hears: of elements on view, their titles and labels, inside of shadow roots too.
SEEN = """() => {
  const found = []
  const walk = (root) => {
    for (const element of root.querySelectorAll("*")) {
      if (["SCRIPT", "STYLE", "TEMPLATE", "CODE", "PRE", "MATH"].includes(element.tagName)) { continue }
      if (element.closest("code, pre, .formula, .source, [lang=en]")) { continue }
      if (element.checkVisibility && !element.checkVisibility()) { continue }
      for (const name of ["title", "aria-label", "placeholder", "alt"]) {
        if (element.getAttribute(name)) { found.push(element.getAttribute(name)) }
      }
      for (const child of element.childNodes) {
        if (child.nodeType === Node.TEXT_NODE && child.data.trim()) { found.push(child.data.trim()) }
      }
      if (element.shadowRoot) { walk(element.shadowRoot) }
    }
  }
  walk(document.body)
  return found
}"""


def open_page(page: Any, key: str) -> None:
    page.locator(f"nav a[data-page={key}]").click()
    page.locator(f"nav a[data-page={key}][aria-current=page]").wait_for()
    page.locator("main h1:visible").first.wait_for()
    page.wait_for_timeout(500)


def turns(page: Any) -> Any:
    """Every page, and every tab of the lab, one after another."""
    for key in PAGES:
        open_page(page, key)
        yield key
        if key == "lab":
            for tab in list(TABS)[1:]:
                page.locator(f"[role=tab][data-tab={tab}]").click()
                page.wait_for_timeout(500)
                yield f"{key}, {tab}"


def barriers(page: Any, where: str, rules: list[str] | None = None) -> list[str]:
    """The grave barriers that axe-core finds, by some of its rules or by all."""
    faults = []
    for found in Axe().run(page, options={"runOnly": rules} if rules else None).response["violations"]:
        if found["impact"] in GRAVE:
            at = "; ".join(str(node["target"])[:150] for node in found["nodes"][:3])
            faults.append(f"{where}: {found['impact']} {found['id']} at {at}")
    return faults


def test_no_page_holds_a_grave_barrier_and_each_has_one_heading(visit: Callable[..., Any]) -> None:
    page, faults = visit(), []
    for where in turns(page):
        faults += barriers(page, where)
        assert page.locator("main h1:visible").count() == 1, f"The page {where} has not one heading of the first level."
    assert not faults, "axe-core found:\n  " + "\n  ".join(faults)


def test_there_is_a_way_past_the_bar(visit: Callable[..., Any]) -> None:
    page = visit()
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    assert skip.evaluate("(link) => link === document.activeElement")
    page.keyboard.press("Enter")
    assert page.evaluate("() => document.activeElement.id") == "main"


def test_the_keyboard_alone_reaches_and_moves_everything(visit: Callable[..., Any]) -> None:
    page = visit()
    reached = set()
    active = """() => {
      let at = document.activeElement
      while (at?.shadowRoot?.activeElement) { at = at.shadowRoot.activeElement }
      const id = at?.id?.replace(/^bench-\\d+-/, "")
    return at?.dataset?.path || id || at?.dataset?.tab || at?.className || at?.tagName || ""
    }"""
    for _ in range(75):
        page.keyboard.press("Tab")
        reached.add(page.evaluate(active))
    wanted = {"drawer", "theme", "scenario", "seed", "preset", "pricing.list_price", "advertising.spend", "customers"}
    assert wanted <= reached, f"Not reached by Tab: {wanted - reached}"
    page.locator("[role=tab][data-tab=customers]").focus()
    page.keyboard.press("ArrowRight")
    assert page.evaluate(active) == "money"
    page.locator("[role=tab][data-tab=money][aria-selected=true]").wait_for()
    page.get_by_role("tab", name=re.compile("^A")).focus()
    page.keyboard.press("End")
    page.get_by_role("tab", name=re.compile("^B"), selected=True).wait_for()


def test_everything_speaks_chinese_and_is_seen_in_the_dark(visit: Callable[..., Any]) -> None:
    page = visit(color_scheme="dark")
    page.get_by_role("button", name="中文").click()
    page.wait_for_function("() => document.documentElement.lang === 'zh-Hans'")
    page.locator(".card dd").first.wait_for()
    assert page.title() == "实验室 · CRM 实验室"
    faults, barred = [], list[str]()
    for where in turns(page):
        barred += barriers(page, where, ["color-contrast"])
        for text in page.evaluate(SEEN):
            words = [word for word in re.findall(r"[A-Za-z][A-Za-z-]{2,}", text) if not MAY_BE_LATIN.match(word)]
            if words:
                faults.append(f"{where}: {' '.join(words)} in {text[:80]!r}")
    assert not faults, "Not in Chinese:\n  " + "\n  ".join(sorted(set(faults)))
    assert not barred, "axe-core found:\n  " + "\n  ".join(barred)
    page.get_by_role("button", name="English").click()
    page.wait_for_function("() => document.documentElement.lang === 'en'")
    page.get_by_role("link", name="Lab", exact=True).wait_for()


MIDDLES = """(plots) => plots.slice(0, 4).map((plot) => plot.getBoundingClientRect())
  .map((box) => [box.x + box.width / 2, box.y + box.height / 2])"""


def test_no_page_runs_a_script_from_a_scenario(visit: Callable[..., Any], tmp_path: Path) -> None:
    script = "window.hacked=1"
    attack = f'<img src=x onerror="{script}"><script>{script}</script>**b** [l](javascript:{script})'.replace("'", "''")
    text = f"{{en: '{attack}', zh: '{attack}'}}"
    hostile = (ROOT / "scenarios" / "coffee.yaml").read_text(encoding="utf-8")
    for pattern, instead in (
        (r"label: \{.*\}$", f"label: {text}"),
        (r"^title: .*$", f"title: {text}"),
        (r"^story:\n(  .*\n)+", f"story: {text}\n"),
        (r"^  customers: \d+$", "  customers: 300\n  currency: '<b>$</b>'"),
        (r"^strategies:$", f"strategies:\n  4P: {{label: {text}}}\n  4C: {{label: {text}}}"),
    ):
        hostile, count = re.subn(pattern, lambda _, instead=instead: instead, hostile, flags=re.MULTILINE)
        assert count, f"The coffee shops no longer have {pattern}."
    (tmp_path / "hostile.yaml").write_text(hostile, encoding="utf-8")
    with running_lab(tmp_path / "server.log", str(tmp_path / "hostile.yaml")) as address:
        page = visit(address=address)
        assert page.locator("h1:visible").inner_text().startswith("<img src=x onerror=")
        assert "<b>$</b>" in page.locator(".card").nth(1).inner_text()
        for _ in turns(page):
            for x, y in page.locator(".bk-events:visible").evaluate_all(MIDDLES):
                page.mouse.move(x, y)
            assert page.evaluate("() => window.hacked") is None
        assert page.locator("img[src=x]").count() == 0
        page.context.close()
