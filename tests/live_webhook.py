"""A real HTTP receiver of webhooks, in threads of its own, which checks signatures and can misbehave."""

from __future__ import annotations

import base64
import hashlib
import hmac
import socket
import ssl
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Lock, Thread

GIB = 1024**3


@dataclass(frozen=True, slots=True)
class Received:
    """A request as it came; `genuine`: how many of its signatures are right under the receiver's key."""

    id: str
    timestamp: int
    body: bytes
    genuine: int
    arrived_at: float


class LiveWebhook:
    """A receiver on a loopback port.

    Attributes:
        behaviour: what it does with each request once it is read; a method of this class or any function of a handler.
        received: every request that was read to its end, in order.
        written: bytes of answers that the other side took.

    """

    def __init__(self, secret: bytes = b"s" * 32, port: int = 0) -> None:
        self.secret = secret
        self.received: list[Received] = []
        self.written = 0
        self.behaviour: Callable[[Request], None] = self.accept
        self.released = Event()
        self._lock = Lock()
        receiver = self

        class Handler(Request):
            owner = receiver

        self._server = _Server(("127.0.0.1", port), Handler)
        self.port = self._server.server_port
        self.scheme = "http"
        self._thread = Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}/hook"

    def start(self) -> LiveWebhook:
        self._thread.start()
        return self

    def with_certificate(self, certificate: Path, key: Path) -> LiveWebhook:
        """Speak TLS from now on."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.scheme = "https"
        return self

    def stop(self) -> None:
        """Be down: nobody listens on the port any more."""
        self.released.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def note(self, request: Received) -> None:
        with self._lock:
            self.received.append(request)

    def ids(self) -> Counter[str]:
        """How often each message came."""
        with self._lock:
            return Counter(request.id for request in self.received)

    def forget(self) -> None:
        with self._lock:
            self.received.clear()

    def signatures(self, headers: Mapping[str, str], body: bytes) -> int:
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        right = "v1," + base64.b64encode(hmac.digest(self.secret, signed, hashlib.sha256)).decode()
        return sum(hmac.compare_digest(right, given) for given in headers["webhook-signature"].split(" "))

    def accept(self, request: Request) -> None:
        request.answer(204)

    def accept_when_released(self, request: Request) -> None:
        self.released.wait(60)
        request.answer(204)

    def hang(self, request: Request) -> None:
        """Answer nothing until the test is over."""
        self.released.wait(60)
        request.break_off()

    def drip(self, request: Request) -> None:
        """Send headers byte by byte, for ever."""
        request.wfile.write(b"HTTP/1.1 200 OK\r\nx-slow: ")
        while not self.released.wait(0.05):
            request.wfile.write(b".")
            request.wfile.flush()
        request.break_off()

    def cut(self, request: Request) -> None:
        """Say 200 and break off in the middle of the answer."""
        request.answer(200, {"content-length": "1000"}, b"half")
        request.break_off()

    def slam(self, request: Request) -> None:
        """Break off before a word."""
        request.break_off()

    def flood(self, request: Request) -> None:
        """Answer 200 with a body of 1 GB."""
        request.answer(200, {"content-length": str(GIB)})
        block = bytes(1024 * 1024)
        for _ in range(GIB // len(block)):
            request.wfile.write(block)
            self.written += len(block)

    def redirect(self, request: Request) -> None:
        request.answer(307, {"location": f"{self.url}/elsewhere", "content-length": "0"})

    def status(self, code: int, **headers: str) -> Callable[[Request], None]:
        """Answer with a status; `retry_after` becomes Retry-After."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return lambda request: request.answer(code, {"content-length": "0", **given})


class Request(BaseHTTPRequestHandler):
    """One connection to the receiver."""

    owner: LiveWebhook
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        named = {name.lower(): value for name, value in self.headers.items()}
        genuine = self.owner.signatures(named, body)
        received = Received(named["webhook-id"], int(named["webhook-timestamp"]), body, genuine, time.time())
        self.owner.note(received)
        with suppress(OSError):  # the other side may have had enough
            self.owner.behaviour(self)

    def answer(self, status: int, headers: Mapping[str, str] | None = None, body: bytes = b"") -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def break_off(self) -> None:
        self.close_connection = True
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the library's name
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 256

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is no news."""
