"""Pages and gateway listen beyond this machine only over TLS."""

from __future__ import annotations

import os
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from deploy.up.ports import free_port
from deploy.up.program import Deadline, is_listening
from schemas.listening import Listening, is_loopback
from tests.certificates import HOST, certificate


def test_where_something_may_listen(tmp_path: Path) -> None:
    cert, key = certificate(tmp_path)

    def fault(host: str, certificate: Path | None = None, private: Path | None = None) -> str:
        return (Listening("ALERTBUS_X", host, 1, certificate, private).fault() or "")[:40]

    assert [is_loopback(host) for host in ("127.0.0.1", "127.9.9.9", "::1", "localhost")] == [True] * 4
    assert [is_loopback(host) for host in ("0.0.0.0", "10.0.0.1", "::", "example.org", "")] == [False] * 5  # noqa: S104
    assert [fault("127.0.0.1"), fault("10.0.0.1", cert, key)] == ["", ""]
    assert "loopback" in fault("10.0.0.1")
    assert fault("127.0.0.1", cert).startswith("ALERTBUS_X_CERT and ALERTBUS_X_CERT_KEY")
    assert fault("10.0.0.1", key, cert).startswith("ALERTBUS_X_CERT and ALERTBUS_X_CERT_KEY")
    assert fault("10.0.0.1", cert, tmp_path / "none").startswith("ALERTBUS_X_CERT and")


def inbox_environment(folder: Path, **settings: str) -> dict[str, str]:
    others = {key: value for key, value in os.environ.items() if not key.startswith(("ALERTBUS_", "KAFKA_"))}
    where = {"KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1", "ALERTBUS_DATA_DIR": str(folder)}
    return {**others, **where, "ALERTBUS_INBOX_HOST": "0.0.0.0", **settings}  # noqa: S104


@contextmanager
def inbox(folder: Path, port: int, **settings: str) -> Iterator[None]:
    environment = inbox_environment(folder, ALERTBUS_INBOX_PORT=str(port), **settings)
    with (folder / "inbox.log").open("wb") as log:
        process = subprocess.Popen(
            (sys.executable, "-m", "consumers", "inbox"), env=environment, stdout=log, stderr=log
        )
    try:
        assert Deadline(60).reached(lambda: is_listening(port)), (folder / "inbox.log").read_text()
        yield
    finally:
        process.terminate()
        process.wait(60)


def test_the_inbox_page_does_not_leave_this_machine_without_tls(tmp_path: Path) -> None:
    command = (sys.executable, "-m", "consumers", "inbox")
    done = subprocess.run(
        command, env=inbox_environment(tmp_path), capture_output=True, text=True, timeout=60, check=False
    )

    assert done.returncode == 78
    assert "STOPPED: 0.0.0.0 is not the loopback address" in done.stderr


def test_the_inbox_page_speaks_tls_where_it_has_a_certificate(tmp_path: Path) -> None:
    cert, key = certificate(tmp_path)
    port = free_port()
    with inbox(tmp_path, port, ALERTBUS_INBOX_CERT=str(cert), ALERTBUS_INBOX_CERT_KEY=str(key)):
        trusting = ssl.create_default_context(cafile=str(cert))
        answer = httpx.get(f"https://{HOST}:{port}/sign-in", verify=trusting, trust_env=False)

    assert answer.status_code == 200
