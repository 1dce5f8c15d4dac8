"""A class on one process: `python -m benchmarks.lab_load [--sessions 60] [--minutes 2] [--visits 500]`.

Arrivals: all at once; each fetches the waiting room, then the lab, opens the connection and pulls the document. Work:
every session moves a lever each 20 seconds, no two alike. Coming and going: sessions opened and closed, memory watched.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import re
import statistics
import time
import uuid
from typing import Any

from rich.console import Console
from rich.table import Table
from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

from benchmarks.lab_live import p95
from benchmarks.lab_serving import Lab, serving

SECONDS_BETWEEN_MOVES = 20
PATIENCE = 120  # seconds


class Student:
    """As much of a browser as the server can tell."""

    def __init__(self, lab: Lab, number: int) -> None:
        self.lab, self.number = lab, number
        self.socket: WebSocketClientConnection
        self.reader: asyncio.Task[None]
        self.inbox: asyncio.Queue[tuple[dict[str, Any], str]] = asyncio.Queue()
        self.bench = ""

    async def arrive(self) -> tuple[float, float]:
        """Seconds until something was on the screen, and until the lab was."""
        client, start = AsyncHTTPClient(), time.perf_counter()
        await client.fetch(f"{self.lab.address}/", request_timeout=PATIENCE)
        first = time.perf_counter() - start
        page = (await client.fetch(f"{self.lab.address}/lab", request_timeout=PATIENCE)).body.decode()
        token = re.search(r'"token":"([^"]+)"', page)
        if token is None:
            raise RuntimeError("The page holds no session.")
        request = HTTPRequest(self.lab.address.replace("http", "ws", 1) + "/lab/ws", request_timeout=PATIENCE)
        request.headers["Origin"] = self.lab.address
        self.socket = await websocket_connect(request, subprotocols=["bokeh", token[1]])
        self.reader = asyncio.create_task(self.read())
        await self.send("PULL-DOC-REQ", {})
        document = ""
        while not document:
            header, content = await self.message()
            document = content if header["msgtype"] == "PULL-DOC-REPLY" else ""
        found = re.search(r'"id":"(p\d+)"[^{}]*"attributes":\{"name":"bench"', document)
        self.bench = found[1] if found else ""
        if not self.bench:
            raise RuntimeError("The document holds no bench.")
        return first, time.perf_counter() - start

    async def send(self, kind: str, content: dict[str, Any]) -> None:
        """One message as a browser sends it."""
        for part in ({"msgid": uuid.uuid4().hex, "msgtype": kind}, {}, content):
            await self.socket.write_message(json.dumps(part))

    async def read(self) -> None:
        """Take every message as it comes: header and content. A read that is called off would lose a part of one."""
        while (part := await self.socket.read_message()) is not None:
            header = json.loads(part)
            await self.socket.read_message()
            content = str(await self.socket.read_message())
            for _ in range(2 * header.get("num_buffers", 0)):
                await self.socket.read_message()
            self.inbox.put_nowait((header, content))

    async def message(self) -> tuple[dict[str, Any], str]:
        """The next message."""
        return await asyncio.wait_for(self.inbox.get(), PATIENCE)

    async def move(self, step: int) -> float:
        """Seconds from moving a lever to the new numbers."""
        value = 20.0 + self.number * 7 + step * 0.37
        data = [["do", "move"], ["path", "product.spend"], ["value", value], ["letter", "A"], ["act", step + 1]]
        entries = [["model", {"id": self.bench}], ["data", {"type": "map", "entries": data}]]
        event = {"type": "event", "name": "data_event", "values": {"type": "map", "entries": entries}}
        start = time.perf_counter()
        await self.send(
            "PATCH-DOC", {"events": [{"kind": "MessageSent", "msg_type": "bokeh_event", "msg_data": event}]}
        )
        while True:
            _, content = await self.message()
            if "ColumnDataChanged" in content or ("ModelChanged" in content and "&lt;article" in content):
                return time.perf_counter() - start

    async def listen(self, seconds: float) -> None:
        """Take what comes for a while, and forget it."""
        await asyncio.sleep(max(0.0, seconds))
        while not self.inbox.empty():
            self.inbox.get_nowait()

    async def work(self, minutes: float) -> list[float]:
        """Move a lever each 20 seconds, beginning at a moment of one's own."""
        spans, end = [], time.perf_counter() + 60 * minutes
        await self.listen(random.uniform(0, SECONDS_BETWEEN_MOVES))
        step = 0
        while time.perf_counter() < end:
            spans.append(await self.move(step))
            step += 1
            await self.listen(SECONDS_BETWEEN_MOVES - spans[-1])
        return spans


async def come_and_go(lab: Lab, visits: int) -> list[float]:
    """Megabytes after every tenth part of the visits, five at a time."""
    levels = []
    for part in range(10):
        for _ in range(max(1, visits // 50)):
            students = [Student(lab, 0) for _ in range(5)]
            await asyncio.gather(*(student.arrive() for student in students))
            for student in students:
                student.socket.close()
        for _ in range(60):
            if lab.health()["visitors"] == 0:
                break
            await asyncio.sleep(0.5)
        levels.append(lab.megabytes())
        print(f"  {(part + 1) * 10}% of the visits: {levels[-1]:.0f} MB", flush=True)
    return levels


async def a_class(lab: Lab, sessions: int, minutes: float, table: Table) -> None:
    """All arrive at once, then all work."""
    memory, seconds = lab.megabytes(), lab.seconds()
    students = [Student(lab, number) for number in range(sessions)]
    arrived = await asyncio.gather(*(student.arrive() for student in students))
    first, usable = [one[0] for one in arrived], [one[1] for one in arrived]
    table.add_row("told that it is coming, last one", f"{max(first):.1f} s", "at once")
    table.add_row("lab usable, median", f"{statistics.median(usable):.1f} s", "")
    table.add_row("lab usable, last one", f"{max(usable):.1f} s", "≤ 25 s")
    table.add_row("processor for a session", f"{(lab.seconds() - seconds) / sessions:.2f} s", "≤ 0.4 s")
    table.add_row("memory for a session", f"{(lab.megabytes() - memory) / sessions:.1f} MB", "≤ 2.5 MB")
    worked = await asyncio.gather(*(student.work(minutes) for student in students))
    spans = [span for one in worked for span in one]
    table.add_row(f"lever to numbers, median of {len(spans)}", f"{statistics.median(spans):.2f} s", "")
    table.add_row("lever to numbers, 95th percentile", f"{p95(spans):.2f} s", "≤ 3 s")
    for student in students:
        student.socket.close()


async def a_year(lab: Lab, visits: int, table: Table) -> None:
    """Sessions opened and closed, memory watched."""
    levels = await come_and_go(lab, visits)
    table.add_row(f"memory after half of {visits} visits", f"{levels[4]:.0f} MB", "")
    table.add_row(f"memory after all of {visits} visits", f"{levels[-1]:.0f} MB", "the same")


def main() -> None:
    """Print the figures beside what is aimed at."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=60)
    parser.add_argument("--minutes", type=float, default=2)
    parser.add_argument("--visits", type=int, default=500)
    told = parser.parse_args()
    table = Table("", "measured", "aimed at", title=f"{told.sessions} sessions on one process")
    AsyncHTTPClient.configure(None, max_clients=1000)
    with serving() as lab:
        asyncio.run(a_class(lab, told.sessions, told.minutes, table))
    with serving(lifetime=2_000) as lab:
        asyncio.run(a_year(lab, told.visits, table))
    Console().print(table)


if __name__ == "__main__":
    main()
