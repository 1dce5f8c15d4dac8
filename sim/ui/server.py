"""Serves the lab: `crmsim serve` ends up here."""

from __future__ import annotations

import errno
import os
import socket
import sys
from typing import Any

from sim.ui.texts import said

UNUSED_SESSION_LIFETIME = 90_000  # ms; a visitor in a queue must not lose the session before the browser connects
LARGEST_MESSAGE = 2_000_000  # bytes
LOCAL = ("localhost", "127.0.0.1")


def serve(port: int = 5006, open_browser: bool = True, address: str = "localhost", **more: Any) -> None:
    """Open the lab and serve it until Ctrl+C.

    Parameters
    ----------
    port, address : where to listen; other computers reach an address other than localhost
    open_browser : show the lab in the default browser
    more : further arguments of `make_server`

    Raises
    ------
    ValueError
        In a whole sentence, if the port is taken or no scenario can be read.
    """
    _check_port(port, address)
    print(said("preparing"), file=sys.stderr, flush=True)
    try:
        server = make_server(port, address, **more)
    except OSError as error:
        raise _refused(error, port) from None
    from sim.ui import shell

    shell.prepare()
    server.start()
    url = f"http://{'localhost' if address in LOCAL else address}:{server.port}"
    print(said("ready", url=url), flush=True)
    if open_browser:
        server.io_loop.add_callback(server.show, "/")
    try:
        server.io_loop.start()
    except KeyboardInterrupt:
        pass
    finally:
        shell.desk().close()


def make_server(port: int, address: str, **more: Any) -> Any:
    """A Bokeh server with the lab at its root, not started yet. Everything it sends comes from this machine."""
    from bokeh.settings import settings

    settings.resources = "server"  # Whatever BOKEH_RESOURCES says: nothing from a CDN, which a class may not reach.
    import panel as pn

    from sim.ui import shell

    options: dict[str, Any] = {
        "allow_websocket_origin": [f"{name}:{port}" for name in {*LOCAL, address}],
        "unused_session_lifetime_milliseconds": UNUSED_SESSION_LIFETIME,
        "check_unused_sessions_milliseconds": 10_000,
        "keep_alive_milliseconds": 30_000,
        "websocket_max_message_size": LARGEST_MESSAGE,
    }
    return pn.io.server.get_server({"/": shell.open_page}, port=port, address=address, **(options | more))


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
        return ValueError(said("port_in_use", port=port, other=other))
    return ValueError(said("port_refused", port=port, why=error.strerror or error, other=max(other, 5006)))
