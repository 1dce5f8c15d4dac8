"""A lab in a process of its own, for the benchmarks: the everyday market with 5,000 customers and 104 weeks."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SCENARIO = "_baseline"
SECONDS_TO_START = 180


@dataclass(frozen=True)
class Lab:
    """A lab that is being served."""

    address: str
    process: int

    def health(self) -> dict[str, Any]:
        """What the lab says of itself."""
        with urllib.request.urlopen(f"{self.address}/health", timeout=60) as answer:
            return dict(json.load(answer))

    def megabytes(self) -> float:
        """Memory in use by the process now (Linux)."""
        pages = int(Path(f"/proc/{self.process}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6

    def seconds(self) -> float:
        """Processor seconds used so far (Linux)."""
        fields = Path(f"/proc/{self.process}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def serving(lifetime: int = 90_000) -> Iterator[Lab]:
    """A lab that has compiled and answered its first question; it ends with the block.

    lifetime : milliseconds after which a session without a browser is forgotten
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "benchmarks.lab_serving", str(port), str(lifetime)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    lab = Lab(f"http://localhost:{port}", process.pid)
    try:
        deadline = time.monotonic() + SECONDS_TO_START
        while True:
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit("The lab did not start; run `crmsim serve` to see why.")
            with contextlib.suppress(urllib.error.URLError, ConnectionError, TimeoutError):
                lab.health()
                break
            time.sleep(0.3)
        time.sleep(8)  # The first question is answered in the background.
        yield lab
    finally:
        process.terminate()
        process.wait(20)


def main(port: int, lifetime: int) -> None:
    """Serve until terminated."""
    from sim.scenario import load_scenario
    from sim.ui import server, shell

    only = load_scenario(SCENARIO)
    shell.scenarios = lambda: {only.name: only}
    more = {"unused_session_lifetime_milliseconds": lifetime, "check_unused_sessions_milliseconds": 500}
    server.serve(port, open_browser=False, most_visitors=1000, **more)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
