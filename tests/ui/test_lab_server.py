"""Serving: what is said when it cannot be done, and the two ways in."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from sim.ui import server, shell
from tests.reading import ROOT
from tests.ui.conftest import free_port

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
        server.serve(free_port(), open_browser=False, address="203.0.113.1")


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
        assert "<title>CRM Lab</title>" in page
        assert "cdn." not in page
        assert "Traceback" not in log.read_text()
    finally:
        panel.terminate()
        panel.wait(20)
