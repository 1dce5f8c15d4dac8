"""Starts the lab on a free port, and Chromium to look at it. Where there is no Chromium, the tests fail and say so."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

ROOT = Path(__file__).resolve().parents[2]
SECONDS_TO_START = 180  # Compiling the rules for the first time is part of it.
SECONDS_TO_SHOW = 180  # A machine with other work to do may take its time.
CHROMIUM_ARGUMENTS = [
    "--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run",
]  # fmt: skip
FIRST = ".card dd"  # what tells that the lab page is there
# A browser that goes while something is being sent to it is no fault. If that is Bokeh's ping, Bokeh takes the session
# from the connection, and complains of it when the connection is closed after that (_keep_alive in bokeh's tornado.py).
LEFT = re.compile(
    r"^tornado\.(websocket\.WebSocketClosedError|iostream\.StreamClosedError)"
    r"|^ +assert self\._session is not None$",
    re.MULTILINE,
)
OWN_HOSTS = {"localhost", "127.0.0.1"}


def free_port() -> int:
    """A port that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running_lab(log: Path, *arguments: str, port: int | None = None) -> Iterator[str]:
    """The address of a lab in a process of its own, which ends with the block."""
    port = port or free_port()
    command = [sys.executable, str(Path(__file__).parent / "counting_server.py"), str(port), *arguments]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with log.open("w") as out:
        lab = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=out, stderr=subprocess.STDOUT)
    try:
        address = f"http://localhost:{port}"
        deadline = time.monotonic() + SECONDS_TO_START
        while not _answers(f"{address}/documents"):
            assert lab.poll() is None, f"The lab ended before it answered:\n{log.read_text()}"
            assert time.monotonic() < deadline, f"The lab did not answer in time:\n{log.read_text()}"
            time.sleep(0.2)
        yield address
    finally:
        lab.terminate()
        try:
            lab.wait(10)
        except subprocess.TimeoutExpired:
            lab.kill()
            lab.wait(10)
    told = log.read_text()
    faults = [one for one in told.split("Traceback")[1:] if not LEFT.search(one)]
    assert not faults, f"The lab's log holds a traceback:\n{told}"


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status == 200
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


def find_chromium() -> str:
    """Chromium's path: CHROMIUM from the environment, else the first one installed."""
    named = os.environ.get("CHROMIUM")
    names = [named] if named else ["chromium", "chromium-browser", "google-chrome"]
    for name in names:
        if found := shutil.which(name):
            return found
    pytest.fail(
        f"The browser tests found no Chromium under the name {' or '.join(names)}. Please install it "
        "(on Debian: apt-get install chromium), or name yours with CHROMIUM=/path/to/chrome."
    )


@dataclass
class Watched:
    """A browser page and whatever it complained of."""

    page: Any
    complaints: list[str] = field(default_factory=list)

    def watch(self) -> None:
        """Listen to the console, to errors and to requests that leave this machine."""

        def heard(message: Any) -> None:
            if message.type in ("error", "warning"):
                self.complaints.append(f"console: {message.text}")

        def asked(request: Any) -> None:
            address = urlsplit(request.url)
            if address.scheme not in ("data", "blob") and address.hostname not in OWN_HOSTS:
                self.complaints.append(f"asks another machine: {request.url}")

        self.page.on("console", heard)
        self.page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        self.page.on("request", asked)
        self.page.on("requestfailed", lambda request: self.complaints.append(f"failed: {request.url}"))


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the lab with the shipped scenarios."""
    with running_lab(tmp_path_factory.mktemp("lab") / "server.log") as address:
        yield address


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """A running Chromium."""
    from playwright.sync_api import sync_playwright

    path = find_chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium: Any, lab: str) -> Iterator[Callable[..., Any]]:
    """visit(width=…, height=…, address=…, …): a page with the lab, once what `first` selects is there.

    Nothing on any of them may complain until the end.
    """
    opened: list[tuple[Any, Watched]] = []

    def open_one(width: int = 1440, height: int = 900, address: str = lab, first: str = FIRST, **more: Any) -> Any:
        context = chromium.new_context(viewport={"width": width, "height": height}, **{"locale": "en-GB", **more})
        context.set_default_timeout(SECONDS_TO_SHOW * 1000)
        page = context.new_page()
        watched = Watched(page)
        watched.watch()
        opened.append((context, watched))
        page.goto(address)
        page.locator(first).first.wait_for()
        return page

    yield open_one
    for context, _ in opened:
        context.close()
    complaints = [complaint for _, watched in opened for complaint in watched.complaints]
    assert not complaints, "The browser complained:\n  " + "\n  ".join(complaints)
