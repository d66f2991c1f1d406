"""One suite that every channel passes, and what a webhook does with receivers that misbehave."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from sqlalchemy import select

from consumers.channels import CHANNELS, Address, Channel, ChannelError, Message, Refused, Unreachable, load
from consumers.channels.webhook import MOST_READ, Webhook, headers_of, retry_after
from consumers.store.database import open_store, reading, writing
from consumers.store.tasks import MESSAGE
from deploy.up.ports import free_port
from tests.live_webhook import LiveWebhook

SECRET = b"s" * 32
IN_ADDRESS = "key-in-the-address"
MESSAGE_OUT = Message(
    *("msg_one", "a_one", 3, "220302001", "level_up", "red", "yellow", "红旗村"),
    *("【更新】红旗村一户的预警等级上升（黄色→红色）。", "https://bus.example.org/alerts/a_one"),
    *(1_790_000_000_000, 1_790_000_000_500),
)
SHORT = 0.6
"""Seconds of an attempt where the receiver never comes to an end."""


@dataclass
class End:
    """A channel and what arrives at its other end, repeats left out as receivers do."""

    channel: Channel
    arrived: Callable[[], list[str]]
    break_it: Callable[[], object]


@pytest.fixture
def receiver() -> Iterator[LiveWebhook]:
    live = LiveWebhook(SECRET).start()
    yield live
    live.stop()


@pytest.fixture(params=CHANNELS)
def end(
    request: pytest.FixtureRequest, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[End]:
    if request.param == "console":
        printed: list[str] = []
        broken = (tmp_path / "closed").open("w")
        broken.close()

        def lines() -> list[str]:
            printed.extend(capsys.readouterr().out.splitlines())
            return sorted(set(printed))

        yield End(load("console")(Address("console"), None), lines, lambda: monkeypatch.setattr("sys.stdout", broken))
    elif request.param == "webhook":
        live = LiveWebhook(SECRET).start()
        channel = load("webhook")(Address("webhook", live.url, (SECRET,)), None)
        yield End(channel, lambda: sorted(live.ids()), lambda: setattr(live, "behaviour", live.slam))
        live.stop()
    else:
        engine = open_store(f"sqlite:///{tmp_path / 'store.db'}")
        with writing(engine) as conn:
            yield End(
                load("inbox")(Address("inbox"), conn),
                lambda: [str(row.id) for row in conn.execute(select(MESSAGE.c.id))],
                lambda: conn.exec_driver_sql("DROP TABLE message"),
            )
        engine.dispose()


def test_a_message_arrives(end: End) -> None:
    end.channel.send(MESSAGE_OUT)

    assert len(end.arrived()) == 1


def test_a_message_that_is_sent_again_is_one_message(end: End) -> None:
    end.channel.send(MESSAGE_OUT)
    end.channel.send(MESSAGE_OUT)
    end.channel.send(replace(MESSAGE_OUT, id="msg_two", version=4, text="【更新】"))

    assert len(end.arrived()) == 2


def test_what_does_not_arrive_is_an_error_that_says_nothing_of_the_message(end: End) -> None:
    end.break_it()

    with pytest.raises(Exception) as failure:  # noqa: PT011  # the inbox's errors are its transaction's
        end.channel.send(MESSAGE_OUT)
    assert not isinstance(failure.value, ChannelError) or failure.value.code in {"no_output", "cut_off"}
    assert "红旗村一户" not in str(failure.value)


@pytest.mark.parametrize("name", CHANNELS)
def test_a_channel_is_one_method(name: str, tmp_path: Path) -> None:
    engine = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    with reading(engine) as conn:
        channel = load(name)(Address(name), conn)
    engine.dispose()

    assert [method for method in dir(channel) if not method.startswith("_")] == ["send"]


def test_a_channel_that_is_no_file_is_not_known() -> None:
    with pytest.raises(KeyError):
        load("sms")


def to(receiver: LiveWebhook, *secrets: bytes, seconds: float = 5) -> Webhook:
    return Webhook(Address("webhook", f"{receiver.url}?key={IN_ADDRESS}", secrets or (SECRET,)), seconds)


def failure_of(channel: Channel) -> ChannelError:
    with pytest.raises(ChannelError) as failure:
        channel.send(MESSAGE_OUT)
    assert IN_ADDRESS not in f"{failure.value!r} {failure.value.__cause__!r}"
    return failure.value


def test_the_published_example_of_the_specification_comes_out_the_same() -> None:
    key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    headers = headers_of("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, b'{"test": 2432232314}', (key,))

    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_receiver_can_check_who_sent_it_and_when(receiver: LiveWebhook) -> None:
    to(receiver).send(MESSAGE_OUT)
    (request,) = receiver.received

    assert (request.id, request.genuine) == ("msg_one", 1)
    assert abs(request.timestamp - time.time()) < 60


@pytest.mark.parametrize("keys", [(SECRET, b"o" * 32), (b"n" * 32, SECRET)])
def test_while_a_secret_is_replaced_both_sign(receiver: LiveWebhook, keys: tuple[bytes, bytes]) -> None:
    to(receiver, *keys).send(MESSAGE_OUT)

    assert [request.genuine for request in receiver.received] == [1]


def test_a_receiver_reads_what_happened_and_nothing_else(receiver: LiveWebhook) -> None:
    to(receiver).send(MESSAGE_OUT)

    assert json.loads(receiver.received[0].body) == {
        "type": "alert.level_up",
        "timestamp": "2026-09-21T22:13:20.000+08:00",
        "data": {
            "alert_id": "a_one",
            "version": 3,
            "level": "red",
            "level_before": "yellow",
            "village": "红旗村",
            "text": MESSAGE_OUT.text,
            "link": MESSAGE_OUT.link,
        },
    }


def test_the_same_message_is_the_same_bytes_on_every_attempt(receiver: LiveWebhook) -> None:
    channel = to(receiver)
    channel.send(MESSAGE_OUT)
    channel.send(MESSAGE_OUT)

    first, second = receiver.received
    assert (first.id, first.body) == (second.id, second.body)


def test_a_receiver_that_is_down_is_unreachable() -> None:
    failure = failure_of(Webhook(Address("webhook", f"http://127.0.0.1:{free_port()}/?{IN_ADDRESS}", (SECRET,))))

    assert (type(failure), failure.code) == (Unreachable, "no_connection")


@pytest.mark.parametrize("behaviour", ["hang", "drip"])
def test_an_attempt_ends_in_time_whatever_the_receiver_does(receiver: LiveWebhook, behaviour: str) -> None:
    receiver.behaviour = getattr(receiver, behaviour)
    began = time.monotonic()
    failure = failure_of(to(receiver, seconds=SHORT))

    assert (type(failure), failure.code) == (Unreachable, "timeout")
    assert time.monotonic() - began < SHORT + 2


def test_a_redirect_is_not_followed(receiver: LiveWebhook) -> None:
    receiver.behaviour = receiver.redirect
    failure = failure_of(to(receiver))

    assert (type(failure), failure.code) == (Unreachable, "redirect")
    assert len(receiver.received) == 1


def test_who_says_200_and_is_cut_off_has_the_message(receiver: LiveWebhook) -> None:
    receiver.behaviour = receiver.cut
    channel = to(receiver)
    channel.send(MESSAGE_OUT)
    receiver.behaviour = receiver.accept
    channel.send(replace(MESSAGE_OUT, id="msg_two"))

    assert receiver.ids() == {"msg_one": 1, "msg_two": 1}


def test_who_is_cut_off_before_a_word_is_tried_again(receiver: LiveWebhook) -> None:
    receiver.behaviour = receiver.slam

    assert failure_of(to(receiver)).code == "cut_off"


def test_an_answer_of_1_gb_is_not_read(receiver: LiveWebhook) -> None:
    receiver.behaviour = receiver.flood
    began = time.monotonic()
    to(receiver).send(MESSAGE_OUT)

    assert time.monotonic() - began < 3
    assert receiver.written < 32 * 1024 * 1024  # what buffers on the way take; MOST_READ is what we do
    assert MOST_READ <= 1024 * 1024


@pytest.mark.parametrize(
    ("headers", "seconds"), [({}, None), ({"retry_after": "7"}, 7.0), ({"retry_after": "soon"}, None)]
)
def test_a_receiver_that_wants_a_rest_is_asked_for_how_long(
    receiver: LiveWebhook, headers: dict[str, str], seconds: float | None
) -> None:
    receiver.behaviour = receiver.status(429, **headers)
    failure = failure_of(to(receiver))

    assert isinstance(failure, Unreachable)
    assert (failure.code, failure.retry_after) == ("http_429", seconds)


def test_a_rest_may_be_given_as_a_date() -> None:
    assert retry_after("Wed, 21 Oct 2026 07:28:00 GMT", datetime(2026, 10, 21, 7, 27, tzinfo=UTC).timestamp()) == 60
    assert retry_after("Wed, 21 Oct 2026 07:28:00 GMT", datetime(2026, 10, 22, tzinfo=UTC).timestamp()) == 0
    assert retry_after("９", 0) is None


@pytest.mark.parametrize("status", [400, 410, 413, 415, 422])
def test_what_a_receiver_has_understood_and_does_not_want_is_refused(receiver: LiveWebhook, status: int) -> None:
    receiver.behaviour = receiver.status(status)
    failure = failure_of(to(receiver))

    assert (type(failure), failure.code) == (Refused, f"http_{status}")


@pytest.mark.parametrize("status", [401, 403, 404, 408, 500, 502, 503, 504])
def test_what_people_can_mend_on_the_other_side_is_tried_again(receiver: LiveWebhook, status: int) -> None:
    receiver.behaviour = receiver.status(status)

    assert failure_of(to(receiver)).code == f"http_{status}"


def test_a_certificate_that_nobody_vouches_for_is_no_receiver(tmp_path: Path) -> None:
    live = LiveWebhook(SECRET).with_certificate(*certificate(tmp_path)).start()
    failure = failure_of(to(live))
    live.stop()

    assert (type(failure), failure.code) == (Unreachable, "tls")
    assert live.received == []


def certificate(folder: Path) -> tuple[Path, Path]:
    """Make a certificate for the loopback address that signs itself."""
    key, name = (
        ec.generate_private_key(ec.SECP256R1()),
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")]),
    )
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(1))
    ).sign(key, hashes.SHA256())
    pem = serialization.Encoding.PEM
    (folder / "cert.pem").write_bytes(signed.public_bytes(pem))
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "key.pem").write_bytes(secret)
    return folder / "cert.pem", folder / "key.pem"
