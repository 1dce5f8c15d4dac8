"""From letting go of a lever to all visible charts redrawn: `python -m benchmarks.lab_live [N]`.

Two strategies, three firms, 5,000 customers, 104 weeks, in headless Chromium. The simulation's own share is one
run of the moved strategy, timed by itself in this process before the browser starts.
"""

from __future__ import annotations

import os
import shutil
import statistics
import sys
import time

from playwright.sync_api import sync_playwright
from rich.console import Console
from rich.table import Table

from benchmarks.lab_serving import SCENARIO, serving

N_MOVES = 40
MEDIAN_AIM, P95_AIM = 300, 600  # ms
PAUSE = 1500  # ms between moves: a hand that looks at what became of the last one

# Two frames after the new data are in, what is visible has been painted.
MOVE = """async ([path, value]) => {
  const deep = (root, selector) => {
    for (const element of root.querySelectorAll("*")) {
      if (element.matches(selector)) { return element }
      const inside = element.shadowRoot && deep(element.shadowRoot, selector)
      if (inside) { return inside }
    }
  }
  const lever = deep(document, `input[data-path="${path}"]`)
  const frame = () => new Promise((done) => requestAnimationFrame(done))
  let redrawn
  const is_in = new Promise((done) => { redrawn = done })
  const listen = (event) => {
    const changes = event.events ?? [event]
    if (changes.some((one) => one.model?.type === "ColumnDataSource")) { redrawn() }
  }
  Bokeh.documents[0].on_change(listen)
  lever.value = value
  lever.dispatchEvent(new Event("input"))
  const start = performance.now()
  lever.dispatchEvent(new Event("change"))
  await is_in
  Bokeh.documents[0].remove_on_change(listen)
  await frame()
  await frame()
  return performance.now() - start
}"""


def simulation_ms(times: int) -> list[float]:
    """Milliseconds of one run of one strategy, as the desk runs it."""
    from sim.scenario import load_scenario
    from sim.ui.runs import Runs
    from sim.ui.state import LabState

    class Patient:
        is_cancelled = False

    runs, state, spans = Runs(), LabState(load_scenario(SCENARIO)), []
    runs.course(state.question, 0, 0, Patient())
    for k in range(times):
        state.move("A", "product.spend", 100.0 + k)
        start = time.perf_counter()
        runs.course(state.question, 0, 0, Patient())
        spans.append(1000 * (time.perf_counter() - start))
    return spans


def lever_ms(times: int) -> list[float]:
    """Milliseconds from releasing a lever to the charts redrawn."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    with serving() as lab, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1440, "height": 1000})
        page.goto(f"{lab.address}/lab")
        page.locator(".status.is-done").wait_for(state="attached", timeout=120_000)
        spans = []
        for k in range(times + 3):
            spans.append(page.evaluate(MOVE, ["product.spend", 20 + 8 * k]))
            page.wait_for_timeout(PAUSE)
        browser.close()
    return spans[3:]  # The first ones warm the browser up.


def p95(values: list[float]) -> float:
    """The 95th percentile."""
    return statistics.quantiles(values, n=20, method="inclusive")[-1]


def main(times: int = N_MOVES) -> None:
    """Print the figures beside what is aimed at."""
    simulation, lever = simulation_ms(times), lever_ms(times)
    table = Table("", "median", "95th percentile", title=f"Milliseconds of {times} moves, {os.cpu_count()} cores")
    table.add_row("one run of the simulation", f"{statistics.median(simulation):.0f}", f"{p95(simulation):.0f}")
    table.add_row("lever released to charts redrawn", f"{statistics.median(lever):.0f}", f"{p95(lever):.0f}")
    table.add_row("aimed at", f"≤ {MEDIAN_AIM}", f"≤ {P95_AIM}")
    Console().print(table)


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:2]))
