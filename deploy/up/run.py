"""`alertbus up`: everything in the foreground, in order, until Ctrl-C or SIGTERM.

PortTakenError     something else listens where a page or the gateway should
"""

from __future__ import annotations

import json
import os
import secrets
import signal
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Event

from deploy.topics import ensure_topics
from deploy.up import metrics
from deploy.up.broker import START_SECONDS, BrokerError, broker_program, prepare_broker
from deploy.up.ports import HOST, free_port, is_free
from deploy.up.program import Deadline, Program
from deploy.up.settings import UpSettings, programs_of
from deploy.up.state import Place, remove_state, sole_owner, write_state
from deploy.up.supervisor import Supervisor

Publish = Callable[[str], object]
_RELEASED_SECONDS = 2


class PortTakenError(Exception):
    """Something else listens where a page or the gateway should; the message says what to do."""


def run(settings: UpSettings, publish_rules: Publish) -> None:
    """Run the bus; returns when it was told to stop and everything has ended.

    Args:
        settings: what to run.
        publish_rules: called with the bootstrap servers before the first program starts; safe to repeat.

    Raises:
        AlreadyRunningError, BrokerError, PortTakenError, TopicError: the message says what to do.

    """
    told_to_stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: told_to_stop.set())
    with sole_owner(settings.data_dir):
        if settings.inbox:
            otherwise = "leave notify and inbox out (--no-township-side)"
            _check_port(settings.inbox.port, "of the inbox page", "--inbox-port", otherwise)
        if settings.gateway:
            _check_port(settings.gateway.port, "of the gateway", "--gateway PORT", "leave it out")
        if settings.report:
            _check_port(settings.report.port, "of the self-report page", "--report PORT", "leave it out")
        _Up(settings, publish_rules, told_to_stop).run()


def _check_port(port: int, whose: str, option: str, otherwise: str) -> None:
    if not Deadline(_RELEASED_SECONDS).reached(lambda: is_free(port)):
        raise PortTakenError(
            f"port {port} {whose} is taken: stop what listens there, choose another {option}, or {otherwise}"
        )


class _Up:
    """One run: what has been started so far is stopped at the end, whatever happens between."""

    def __init__(self, settings: UpSettings, publish_rules: Publish, told_to_stop: Event) -> None:
        self._settings = settings
        self._publish_rules = publish_rules
        self._told_to_stop = told_to_stop
        self._place: Place | None = None
        self._supervisor = Supervisor(told_to_stop, self._write)

    def run(self) -> None:
        try:
            if self._begin():
                self._supervisor.run_until(lambda: False)
        finally:
            self._supervisor.stop()
            remove_state(self._settings.data_dir)

    def _begin(self) -> bool:
        """Start all in order and say `ready`; False if told to stop before."""
        settings, supervisor = self._settings, self._supervisor
        port = settings.metrics_port or free_port()
        servers = settings.cluster or self._start_broker(port)
        if self._told_to_stop.is_set():
            return False
        ensure_topics(servers, replication=settings.replication, min_in_sync=settings.min_in_sync)
        if not settings.cluster:
            make_county_key(settings.county_key_file)
        self._publish_rules(servers)
        self._place = place = self._place_at(servers, port)
        metrics.serve(port, lambda: tuple(supervisor.programs))
        supervisor.start(*programs_of(settings, servers))
        if not supervisor.run_until(supervisor.all_ready):
            return False
        print(f"ready {json.dumps(_addresses(place, supervisor.programs))}", flush=True)
        return True

    def _start_broker(self, port: int) -> str:
        settings = self._settings
        broker = prepare_broker(settings.data_dir, port=settings.broker_port, heap=settings.broker_heap)
        self._place = self._place_at(broker.bootstrap_servers, port)
        program = broker_program(broker, settings.data_dir / "logs" / "broker.log")
        self._supervisor.start(program)
        deadline = Deadline(START_SECONDS)
        in_time = self._supervisor.run_until(lambda: program.state == "ready" or deadline.is_over())
        if in_time and program.state != "ready":
            raise BrokerError(f"the broker does not answer; {program.spec.log} ends with: {program.last_words()}")
        return broker.bootstrap_servers

    def _place_at(self, servers: str, port: int) -> Place:
        settings = self._settings
        inbox = settings.inbox.url if settings.inbox else None
        others = (where.url if where else None for where in (settings.gateway, settings.report))
        return Place(settings.data_dir, servers, settings.county_key_file, port, inbox, *others)

    def _write(self) -> None:
        if self._place:
            write_state(self._place, self._supervisor.programs)


def _addresses(place: Place, programs: Sequence[Program]) -> dict[str, object]:
    ports = {"supervisor": place.metrics_port}
    ports |= {p.spec.name: p.spec.metrics_port for p in programs if p.spec.metrics_port}
    return {
        "bootstrap_servers": place.bootstrap_servers,
        "data_dir": str(place.data_dir),
        "metrics": {name: f"http://{HOST}:{port}/metrics" for name, port in ports.items()},
        **({"inbox": place.inbox} if place.inbox else {}),
        **({"gateway": place.gateway} if place.gateway else {}),
        **({"report": place.report} if place.report else {}),
    }


def make_county_key(path: Path) -> None:
    """Make the key of person ids where there is none: 32 random bytes in hex, for the owner's eyes only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(file, "w", encoding="ascii") as out:
            out.write(secrets.token_hex(32) + "\n")
