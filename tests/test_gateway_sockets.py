"""The gateway's sockets: TLS beyond this machine, patience with those who say nothing."""

from __future__ import annotations

import socket
import ssl
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from deploy.up.program import Deadline
from producers.patient import HEAD_SECONDS
from tests.certificates import certificate
from tests.live_gateway import HOST, LiveGateway, gateway_on
from tests.rows import KEY

NO_BROKER = "127.0.0.1:1"
IDLE = 1_000


@pytest.fixture
def county_key(tmp_path: Path) -> Path:
    (file := tmp_path / "county.key").write_bytes(KEY)
    return file


def test_it_speaks_tls_where_it_has_a_certificate(county_key: Path, tmp_path: Path) -> None:
    cert, key = certificate(tmp_path)
    settings = {"ALERTBUS_GATEWAY_CERT": str(cert), "ALERTBUS_GATEWAY_CERT_KEY": str(key)}

    with gateway_on(NO_BROKER, county_key, tmp_path, {**settings, "ALERTBUS_GATEWAY_HOST": "0.0.0.0"}) as gateway:  # noqa: S104
        trusting = ssl.create_default_context(cafile=str(cert))
        answer = httpx.get(f"https://{HOST}:{gateway.port}/openapi.json", verify=trusting, trust_env=False)

    assert answer.status_code == 200


def test_beyond_this_machine_it_does_not_start_without_tls(county_key: Path, tmp_path: Path) -> None:
    gateway = LiveGateway(NO_BROKER, county_key, tmp_path, {"ALERTBUS_GATEWAY_HOST": "0.0.0.0"})  # noqa: S104

    code, said = gateway.run_to_the_end()

    assert code == 78
    assert "STOPPED: 0.0.0.0 is not the loopback address" in said


def test_without_the_countys_key_it_does_not_start(tmp_path: Path) -> None:
    code, said = LiveGateway(NO_BROKER, tmp_path / "none", tmp_path).run_to_the_end()

    assert code == 78
    assert "ALERTBUS_COUNTY_KEY_FILE" in said


def test_a_thousand_who_say_nothing_keep_nobody_out_and_are_let_go(county_key: Path, tmp_path: Path) -> None:
    with gateway_on(NO_BROKER, county_key, tmp_path) as gateway, ExitStack() as open_ones:
        idle = [open_ones.enter_context(socket.create_connection((HOST, gateway.port))) for _ in range(IDLE)]
        for each in idle[::2]:
            each.sendall(b"POST /v1/events/education HTTP/1.1\r\nHost: x\r\nX-Slow: ")
        answer = httpx.get(f"{gateway.url}/", timeout=HEAD_SECONDS, trust_env=False)
        for each in idle:
            each.setblocking(False)

        assert answer.status_code == 200
        assert Deadline(3 * HEAD_SECONDS).reached(lambda: all(map(is_closed, idle)))


def is_closed(one: socket.socket) -> bool:
    try:
        return one.recv(1_000) == b""
    except BlockingIOError:
        return False
    except ConnectionError:
        return True
