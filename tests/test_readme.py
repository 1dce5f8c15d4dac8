"""Runs every `crmsim` command that the README shows, exactly as it is written there.

The commands of one code block share a folder and run in order, so that a later one may read what
an earlier one wrote. `crmsim serve` is started on a free port, must answer, and is stopped again.
"""

import os
import re
import shlex
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

README = Path(__file__).resolve().parents[1] / "README.md"
BIN = Path(sys.executable).parent
BLOCK = re.compile(r"^ *```(?:console|sh)\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
SECONDS_TO_FINISH = 300  # Compiling the rules for the first time is part of it.


def commands_in(block: str) -> list[str]:
    """The crmsim commands of one block. Where some lines have a prompt, the others are what was printed."""
    lines = [line.strip() for line in block.replace("\\\n", " ").splitlines()]
    if any(line.startswith("$ ") for line in lines):
        lines = [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]
    return [line for line in lines if line.startswith("crmsim ")]


def blocks() -> list[list[str]]:
    text = README.read_text(encoding="utf-8") if README.is_file() else ""
    return [commands for block in BLOCK.findall(text) if (commands := commands_in(block))]


def environment() -> dict[str, str]:
    """This process's environment, with the crmsim of its own virtual environment found first."""
    return os.environ | {"PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}"}


def run_to_its_end(command: str, folder: Path) -> None:
    done = subprocess.run(
        command,
        shell=True,
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=SECONDS_TO_FINISH,
    )
    told = f"{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    assert done.returncode == 0, f"The README shows `{command}`, which ends with status {done.returncode}:\n{told}"
    assert "Traceback" not in done.stderr, f"The README shows `{command}`, which prints a traceback:\n{told}"


def status_of(address: str) -> int | None:
    """The HTTP status of an address of this machine, or None while nobody answers."""
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(address, timeout=60) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        error.close()
        return error.code
    except OSError:
        return None


def serve_and_ask(command: str, folder: Path) -> None:
    with socket.socket() as listener:
        listener.bind(("localhost", 0))
        port = listener.getsockname()[1]
    words = [
        *shlex.split(command, comments=True),
        "--no-browser",
        "--port",
        str(port),
    ]  # The last --port counts.
    words[0] = str(BIN / words[0])
    log = folder / "serve.log"
    with log.open("w", encoding="utf-8") as output:
        server = subprocess.Popen(words, cwd=folder, env=environment(), stdout=output, stderr=subprocess.STDOUT)
    try:
        status, give_up = None, time.monotonic() + SECONDS_TO_FINISH
        while status is None and server.poll() is None and time.monotonic() < give_up:
            time.sleep(0.2)
            status = status_of(f"http://localhost:{port}/")
    finally:
        server.terminate()
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
    told = log.read_text(encoding="utf-8", errors="replace")[-2000:]
    assert status == 200, f"The README shows `{command}`, whose page answers {status}, not 200:\n{told}"


def test_the_readme_shows_how_to_use_the_command() -> None:
    shown = sum(map(len, blocks()))
    assert shown >= 5, (
        f"README.md shows {shown} `crmsim …` command(s) in its ```console and ```sh blocks. "
        "Please show at least 5, so that a newcomer can start by copying."
    )


@pytest.mark.timeout(0)  # Each command has its own limit.
@pytest.mark.parametrize("commands", [pytest.param(block, id=block[0]) for block in blocks()])
def test_readme_commands_work(commands: list[str], tmp_path: Path) -> None:
    for command in commands:
        action = serve_and_ask if command.split()[1] == "serve" else run_to_its_end
        action(command, tmp_path)
