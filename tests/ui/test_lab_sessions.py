"""Visitors who come and go: fetch the page, open its WebSocket, pull the document, close. None may stay in memory."""

import asyncio
import json
import re
import time
import urllib.request
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from bokeh.protocol import Protocol
from tornado.httpclient import HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

from tests.ui.conftest import running_lab

VISITORS = 20
MOST_DOCUMENTS = 1
SECONDS_TO_FORGET = 60


def finished(task: Coroutine[Any, Any, Any]) -> Any:
    """The result of a task in a thread of its own: Playwright keeps a loop running in the tests' thread."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, task).result()


def asked(address: str) -> str:
    with urllib.request.urlopen(address, timeout=30) as answer:
        return str(answer.read().decode())


def state_of(address: str) -> dict[str, float]:
    return dict(json.loads(asked(f"{address}/documents")))


async def visit(address: str) -> int:
    """What a browser does: returns the length of the document that was pulled."""
    page = await asyncio.to_thread(asked, f"{address}/lab")
    token = re.search(r'"token":"([^"]+)"', page)
    assert token, "The page holds no session token."
    request = HTTPRequest(address.replace("http", "ws", 1) + "/lab/ws", headers={"Origin": address})
    socket = await websocket_connect(request, subprotocols=["bokeh", token[1]])
    try:
        await _reply(socket, "ACK")
        message = Protocol().create("PULL-DOC-REQ")
        for part in (message.header_json, message.metadata_json, message.content_json):
            await socket.write_message(part)
        return len(await _reply(socket, "PULL-DOC-REPLY"))
    finally:
        await leave(socket)


async def leave(socket: WebSocketClientConnection) -> None:
    """Close a socket and wait until the other side has closed as well: a loop that ends earlier leaves it open."""
    socket.close()
    while await socket.read_message() is not None:
        pass


async def _reply(socket: WebSocketClientConnection, wanted: str) -> str:
    """The content of the next message of a type. Others, such as progress, may come before it."""
    while True:
        header, _, content = [str(await asyncio.wait_for(socket.read_message(), 30)) for _ in range(3)]
        kind = json.loads(header)
        for _ in range(2 * kind.get("num_buffers", 0)):
            await socket.read_message()
        if kind["msgtype"] == wanted:
            return content


def test_visitors_come_and_go_and_none_of_them_stays(tmp_path: Path) -> None:
    async def come_and_go() -> list[int]:
        return [await visit(address) for _ in range(VISITORS)]

    with running_lab(tmp_path / "server.log", "", "2000") as address:
        finished(visit(address))  # The first one pays for what is made once.
        before = state_of(address)
        lengths = finished(come_and_go())
        used = (state_of(address)["seconds"] - before["seconds"]) / VISITORS
        deadline = time.monotonic() + SECONDS_TO_FORGET
        while (left := state_of(address)["documents"]) > MOST_DOCUMENTS and time.monotonic() < deadline:
            time.sleep(0.5)
        after = state_of(address)
    print(f"{used:.3f} s and {(after['kilobytes'] - before['kilobytes']) / VISITORS / 1000:.2f} MB for each visitor")
    assert min(lengths) > 20_000, "Some visitor did not get a document."
    assert left <= MOST_DOCUMENTS, f"{left} Documents live on after {VISITORS + 1} visitors: sessions are held on to."


@pytest.mark.parametrize("origin", ["http://evil.example", "http://localhost.evil.example", "http://localhost:1"])
def test_a_page_from_elsewhere_gets_no_socket(lab: str, origin: str) -> None:
    from tornado.httpclient import HTTPClientError

    async def knock() -> None:
        page = await asyncio.to_thread(asked, f"{lab}/lab")
        token = re.search(r'"token":"([^"]+)"', page)
        assert token
        request = HTTPRequest(lab.replace("http", "ws", 1) + "/lab/ws", headers={"Origin": origin})
        await leave(await websocket_connect(request, subprotocols=["bokeh", token[1]]))

    with pytest.raises(HTTPClientError, match="403"):
        finished(knock())
