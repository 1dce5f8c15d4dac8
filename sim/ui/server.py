"""Serves the lab: `crmsim serve` ends up here."""

from __future__ import annotations

import errno
import os
import re
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sim.ui.texts import said
from sim.ui.waiting import LAB, Health, WaitingRoom

UNUSED_SESSION_LIFETIME = 90_000  # ms; a visitor in a queue must not lose the session before the browser connects
LARGEST_MESSAGE = 2_000_000  # bytes
LOCAL = ("localhost", "127.0.0.1")


def serve(
    port: int = 5006,
    open_browser: bool = True,
    address: str = "localhost",
    origins: Sequence[str] = (),
    most_visitors: int | None = None,
    results: Sequence[str | Path] = (),
    **more: Any,
) -> None:
    """Open the lab and serve it until Ctrl+C.

    Parameters
    ----------
    port, address : where to listen; other computers reach an address other than localhost
    open_browser : show the lab in the default browser
    origins : hosts, with :port where it is not the usual one, whose pages may open a connection; needed if other
        computers are to reach the lab
    most_visitors : at a time; whoever comes later waits. None for the usual number
    results : folders with finished batches that every visitor may look at; no others can be opened
    more : further arguments of `make_server`

    Raises
    ------
    ValueError
        In a whole sentence, if the port is taken, origins are missing or wrong, or no scenario can be read.
    """
    _check_origins(address, origins)
    _check_port(port, address)
    print(said("preparing"), file=sys.stderr, flush=True)
    try:
        server = make_server(port, address, origins, **more)
    except OSError as error:
        raise _refused(error, port) from None
    from sim.ui import shell
    from sim.ui.results_shelf import results as shelf

    shelf().folders = tuple(Path(folder) for folder in results)
    if most_visitors is not None:
        shell.ROOM.most = most_visitors
    shell.prepare()
    server.start()
    url = f"http://{'localhost' if address in LOCAL else address}:{server.port}"
    print(said("ready", url=url), flush=True)
    if address not in LOCAL:
        print(said("open_to_all", address=address), file=sys.stderr, flush=True)
    if open_browser:
        server.io_loop.add_callback(server.show, "/")
    try:
        server.io_loop.start()
    except KeyboardInterrupt:
        pass
    finally:
        from sim.ui.chart_bridge import bridges

        shell.desk().close()
        bridges().close()


def make_server(port: int, address: str, origins: Sequence[str] = (), **more: Any) -> Any:
    """A server with the waiting room at its root and the lab behind it, not started yet.

    Everything it sends comes from this machine.
    """
    from bokeh.settings import settings

    settings.resources = "server"  # Whatever BOKEH_RESOURCES says: nothing from a CDN, which a class may not reach.
    import panel as pn

    from sim.ui import shell

    options: dict[str, Any] = {
        "allow_websocket_origin": list(origins) or [f"{name}:{port}" for name in {*LOCAL, address}],
        "unused_session_lifetime_milliseconds": UNUSED_SESSION_LIFETIME,
        "check_unused_sessions_milliseconds": 10_000,
        "keep_alive_milliseconds": 30_000,
        "websocket_max_message_size": LARGEST_MESSAGE,
    }
    patterns = [("/", WaitingRoom, {"room": shell.ROOM}), ("/health", Health, {"room": shell.ROOM})]
    options = options | more | {"extra_patterns": [*patterns, *more.get("extra_patterns", ())]}
    pages: dict[str, Any] = {f"/{LAB}": lambda: shell.open_page() and None}  # Panel would add what a function returns.
    return pn.io.server.get_server(pages, port=port, address=address, **options)


def _check_origins(address: str, origins: Sequence[str]) -> None:
    """Refuse to be reachable from elsewhere without knowing from where, and origins that no browser could send."""
    for origin in origins:
        if not re.fullmatch(r"[A-Za-z0-9.-]+(:[0-9]{1,5})?|\[[0-9A-Fa-f:]+\](:[0-9]{1,5})?", origin):
            raise ValueError(said("origin_wrong", origin=origin))
    if address not in LOCAL and not origins:
        raise ValueError(said("origin_needed", address=address))


def _check_port(port: int, address: str) -> None:
    """Refuse a port that somebody listens on, before the slow imports."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        if os.name == "posix":  # Elsewhere this option would let two programs share a port.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            raise _refused(error, port) from None


def _refused(error: OSError, port: int) -> ValueError:
    other = port + 1 if port < 65535 else port - 1
    if error.errno == errno.EADDRINUSE:
        return ValueError(said("port_in_use", port=str(port), other=str(other)))
    return ValueError(said("port_refused", port=str(port), why=error.strerror or error, other=str(max(other, 5006))))
