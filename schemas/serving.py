"""The shell: a web application served where its settings say. No access log, no name of software in answers."""

from __future__ import annotations

from collections.abc import Callable
from socket import socket
from typing import Any

import uvicorn

from schemas.listening import Listening


class _Server(uvicorn.Server):
    """Says when it can be spoken to."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket] | None = None) -> None:
        """Listen."""
        await super().startup(sockets)
        self._ready()


def serve_app(app: Any, where: Listening, ready: Callable[[], None], **options: Any) -> None:
    """Serve an ASGI application until SIGTERM.

    Args:
        app: application.
        where: address, and certificate where it speaks TLS.
        ready: called once it listens.
        options: of `uvicorn.Config`.

    """
    config = uvicorn.Config(
        app,
        where.host,
        where.port,
        ssl_certfile=where.certificate,
        ssl_keyfile=where.private_key,
        access_log=False,
        server_header=False,
        log_config=None,
        **options,
    )
    _Server(config, ready).run()
