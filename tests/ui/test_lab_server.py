"""Serving: what is said when it cannot be done, and the two ways in."""

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from click.testing import CliRunner
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.websocket import websocket_connect

from sim.cli import cli
from sim.ui import server, shell
from tests.reading import ROOT
from tests.ui.conftest import free_port
from tests.ui.test_lab_sessions import finished, leave

SECONDS_TO_START = 180


def test_a_port_in_use_is_told_in_a_sentence() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(ValueError, match=rf"Port {port} is already in use.* crmsim serve --port {port + 1}\."):
            server.serve(port, open_browser=False)


def test_an_address_of_another_machine_is_told_in_a_sentence() -> None:
    with pytest.raises(ValueError, match=r"does not let crmsim listen on port"):
        server.serve(free_port(), open_browser=False, address="203.0.113.1", origins=["lab.example.org"])


def test_other_computers_are_let_in_only_under_a_known_address() -> None:
    done = CliRunner().invoke(cli, ["serve", "--no-browser", "--host", "0.0.0.0"], prog_name="crmsim")
    assert done.exit_code == 2
    assert "--allow-origin lab.example.org" in done.output
    assert "Traceback" not in done.output


@pytest.mark.parametrize(
    "origin", ["*", "http://lab.example.org", "lab.example.org/", "a b", "lab.example.org:port", ""]
)
def test_origins_that_no_browser_sends_are_refused(origin: str) -> None:
    with pytest.raises(ValueError, match="is not an address that a browser could come from"):
        server.serve(free_port(), open_browser=False, origins=[origin])


def test_a_host_open_to_others_warns_and_answers_them_alone(tmp_path: Path) -> None:
    port = free_port()
    command = [sys.executable, "-m", "sim", "serve", "--no-browser", "--host", "0.0.0.0", "--port", str(port)]
    log = tmp_path / "server.log"
    with log.open("w") as out:
        lab = subprocess.Popen(
            [*command, "--allow-origin", f"lab.example.org:{port}", "--max-visitors", "1"], cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT)}, stdout=out, stderr=subprocess.STDOUT,
        )  # fmt: skip
    try:
        address = f"http://localhost:{port}"
        deadline = time.monotonic() + SECONDS_TO_START
        while "is open at" not in log.read_text():
            assert lab.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.2)
        assert "everybody who can reach this computer" in log.read_text()
        health = json.loads(urllib.request.urlopen(f"{address}/health", timeout=60).read())
        assert health == {"visitors": 0, "has_room": True, "has_session": False}
        first = urllib.request.urlopen(f"{address}/lab", timeout=60).read().decode()
        assert "crmsim-lab" in first
        second = urllib.request.urlopen(f"{address}/lab?lang=zh", timeout=60).read().decode()
        assert "实验室目前已满" in second, "The second of one finds the lab full."
        assert "crmsim-lab" not in second
        assert not json.loads(urllib.request.urlopen(f"{address}/health", timeout=60).read())["has_room"]
        other = HTTPRequest(f"ws://localhost:{port}/lab/ws", headers={"Origin": "http://evil.example"})
        with pytest.raises(HTTPClientError, match="403"):
            finished(knock(other, first))
        theirs = HTTPRequest(f"ws://localhost:{port}/lab/ws", headers={"Origin": f"http://lab.example.org:{port}"})
        finished(knock(theirs, first))
        assert "Traceback" not in log.read_text()
    finally:
        lab.terminate()
        lab.wait(20)


async def knock(request: HTTPRequest, page: str) -> None:
    token = re.search(r'"token":"([^"]+)"', page)
    assert token
    await leave(await websocket_connect(request, subprotocols=["bokeh", token[1]]))


def test_a_faulty_scenario_is_left_out_and_told_of(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    faulty = tmp_path / "faulty.yaml"
    faulty.write_text("extends: coffee\nmarkt: {}\n", encoding="utf-8")
    monkeypatch.setattr(shell, "shipped_scenarios", lambda: [faulty, "coffee"])
    assert list(shell.scenarios.__wrapped__()) == ["coffee"]
    assert "markt" in caplog.text
    monkeypatch.setattr(shell, "shipped_scenarios", lambda: [faulty])
    with pytest.raises(ValueError, match="markt"):
        shell.scenarios.__wrapped__()


def test_app_py_can_be_served_by_panel(tmp_path: Path) -> None:
    port = free_port()
    command = [sys.executable, "-m", "panel", "serve", "app.py", "--port", str(port), "--warm"]
    log = tmp_path / "panel.log"
    with log.open("w") as out:
        panel = subprocess.Popen(
            command, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, stdout=out, stderr=subprocess.STDOUT
        )
    try:
        deadline = time.monotonic() + SECONDS_TO_START
        page = ""
        while not page:
            assert panel.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            try:
                page = urllib.request.urlopen(f"http://localhost:{port}/app", timeout=60).read().decode()
            except OSError:
                time.sleep(0.5)
        assert "<title>Lab · CRM Lab</title>" in page
        assert "cdn." not in page
        assert "Traceback" not in log.read_text()
    finally:
        panel.terminate()
        panel.wait(20)
