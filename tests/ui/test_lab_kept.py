"""Nothing is lost: an address reopens its view, steps go back, reloads and broken connections bring the work back."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from sim.ui.pages import PAGES
from tests.ui.conftest import SECONDS_TO_SHOW, running_lab

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]

PRICE = "input[data-path='pricing.list_price']"


def wait_for_address(page: Any, *parts: str) -> None:
    page.wait_for_function("(parts) => parts.every((part) => location.search.includes(part))", arg=list(parts))


def price(page: Any) -> float:
    return float(page.locator(PRICE).input_value())


def wait_for_price(page: Any, wanted: float) -> None:
    for _ in range(150):
        if price(page) == wanted:
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"The price is {price(page)}, not {wanted}.")


def test_an_address_reopens_exactly_this_view(visit: Callable[..., Any], lab: str) -> None:
    page = visit()
    page.get_by_role("button", name="Add a strategy").click()
    page.get_by_role("tab", name=re.compile(r"^C\b"), selected=True).wait_for()
    page.locator(PRICE).fill("6")
    page.get_by_label("World").fill("5")
    page.get_by_label("World").press("Tab")
    page.get_by_role("tab", name="Money").click()
    page.get_by_role("switch", name="Luck").check()
    wait_for_address(page, "C=4P;pricing.list_price:6", "seed=5", "tab=money", "luck=1")
    page.locator(".status.is-done").wait_for(state="attached")
    there = urlsplit(page.url)
    other = visit(address=f"{lab}{there.path}?{there.query}")
    other.locator(".status.is-done").wait_for(state="attached")
    other.get_by_role("tab", name=re.compile(r"^C\b")).click()
    assert price(other) == 6
    assert other.get_by_label("World").input_value() == "5"
    assert other.get_by_role("tab", name="Money").get_attribute("aria-selected") == "true"
    assert other.get_by_role("switch", name="Luck").is_checked()
    assert other.locator(".card dd").all_inner_texts() == page.locator(".card dd").all_inner_texts()


def test_steps_go_back_and_forward_by_keyboard(visit: Callable[..., Any]) -> None:
    page = visit()
    before = price(page)
    assert page.get_by_role("button", name="Undo").is_disabled()
    page.locator(PRICE).fill("6")
    wait_for_address(page, "pricing.list_price:6")
    page.locator(PRICE).focus()
    page.keyboard.press("Control+z")
    wait_for_price(page, before)
    page.keyboard.press("Control+Shift+Z")
    wait_for_price(page, 6)
    page.get_by_role("button", name="Undo").click()
    wait_for_price(page, before)
    page.wait_for_function("() => !location.search.includes('list_price')")


def test_strategies_are_added_copied_and_removed(visit: Callable[..., Any]) -> None:
    page = visit()
    page.locator(PRICE).fill("6")
    wait_for_address(page, "pricing.list_price:6")
    page.get_by_role("tab", name=re.compile(r"^B\b")).click()
    page.get_by_label("Copy from").select_option("A")
    wait_for_price(page, 6)
    assert page.locator(".differs").get_by_text("is equal to A").is_visible()
    page.get_by_role("button", name="Add a strategy").click()
    page.get_by_role("tab", name=re.compile(r"^C\b")).wait_for()
    page.locator(".card .of-C dd").first.wait_for()
    page.get_by_role("button", name="Remove C").click()
    page.get_by_role("tab", name=re.compile(r"^C\b")).wait_for(state="detached")
    page.locator(".card .of-C dd").first.wait_for(state="detached")
    assert page.get_by_role("button", name="Remove B").is_hidden()


def test_a_reload_and_the_bare_address_bring_the_work_back(visit: Callable[..., Any], lab: str) -> None:
    page = visit()
    page.locator(PRICE).fill("6")
    wait_for_address(page, "pricing.list_price:6")
    page.reload()
    page.locator(".card dd").first.wait_for()
    assert price(page) == 6
    page.goto(lab)
    page.locator(".card dd").first.wait_for()
    assert price(page) == 6
    page.get_by_role("link", name="CRM Lab").click()
    wait_for_price(page, 4.5)


def test_back_and_forward_go_from_page_to_page(visit: Callable[..., Any]) -> None:
    page = visit()
    keys = list(PAGES)
    for key in keys[1:]:
        page.locator(f"nav a[data-page={key}]").click()
        wait_for_address(page, f"page={key}")
        assert page.locator("nav a[aria-current=page]").get_attribute("data-page") == key
    for key in reversed(keys[:-1]):
        page.go_back()
        wait_for_address(page, f"page={key}")
        page.locator(f"nav a[data-page={key}][aria-current=page]").wait_for()
    page.locator(".card dd").first.wait_for()


def test_a_restarted_server_brings_the_work_back(chromium: Any, tmp_path: Path) -> None:
    context = chromium.new_context(locale="en-GB")  # not through `visit`: while the server is away, requests fail
    context.set_default_timeout(SECONDS_TO_SHOW * 1000)
    page = context.new_page()
    with running_lab(tmp_path / "first.log") as address:
        page.goto(address)
        page.locator(".card dd").first.wait_for()
        page.locator(PRICE).fill("6")
        wait_for_address(page, "pricing.list_price:6")
    page.locator("#lost").wait_for()
    assert "Your work is kept" in page.locator("#lost").inner_text()
    with running_lab(tmp_path / "second.log", port=urlsplit(address).port):
        page.locator("#lost").wait_for(state="hidden")
        page.locator(".card dd").first.wait_for()
        wait_for_price(page, 6)
        context.close()
