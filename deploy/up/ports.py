"""Ports on the loopback address."""

from __future__ import annotations

import errno
import random
import socket

HOST = "127.0.0.1"
# Below the range from which the kernel takes the ports of outgoing connections, so that a remembered port stays free.
_LOWEST, _HIGHEST = 20_000, 32_000
_given: set[int] = set()


def is_free(port: int) -> bool:
    """Whether nothing listens on the port."""
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((HOST, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return False
            raise
    return True


def free_port() -> int:
    """Pick a port on which nothing listens now; never the same twice in one process."""
    while True:
        port = random.randrange(_LOWEST, _HIGHEST)
        if port not in _given and is_free(port):
            _given.add(port)
            return port
