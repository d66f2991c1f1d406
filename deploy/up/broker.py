"""One real Apache Kafka node (KRaft) with its own data and ports, started from the jars that Maven resolved.

BrokerError     it cannot be started; the message says what to do
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from deploy.up.atomic import write_text
from deploy.up.ports import HOST, free_port, is_free
from deploy.up.program import Deadline, Program, ProgramSpec, is_listening

START_SECONDS = 120
_FORMAT_SECONDS = 120


class BrokerError(Exception):
    """The broker cannot be started; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Broker:
    """A broker that is ready to be started.

    Attributes:
        folder: its settings and, in `log`, its data.
        libs: folder of its jars.
        heap: the JVM's largest heap, as `-Xmx` takes it.

    """

    folder: Path
    port: int
    controller_port: int
    libs: Path
    heap: str = "1g"

    @property
    def bootstrap_servers(self) -> str:
        """Where clients reach it."""
        return f"{HOST}:{self.port}"


def libs_folder(environ: Mapping[str, str]) -> Path:
    """Folder of the broker's jars: ALERTBUS_KAFKA_LIBS, or `kafka` in the Python environment."""
    return Path(environ.get("ALERTBUS_KAFKA_LIBS") or Path(sys.prefix) / "kafka")


def prepare_broker(data_dir: Path, *, port: int = 0, heap: str = "1g", libs: Path | None = None) -> Broker:
    """Write the settings of a data directory's broker; its first time, choose ports (0 = any free) and format the disk.

    Raises:
        BrokerError: no jars, no Java, or a port is taken.

    """
    folder = data_dir.absolute() / "kafka"
    folder.mkdir(parents=True, exist_ok=True)
    libs = libs or libs_folder(os.environ)
    if not any(libs.glob("kafka_*.jar")):
        raise BrokerError(f"no Kafka jars in {libs}: run `make install`, or set ALERTBUS_KAFKA_LIBS")
    broker = Broker(folder, *_ports(folder, port), libs, heap)
    write_text(folder / "server.properties", _properties(broker))
    if not (folder / "log" / "meta.properties").exists():  # the last file that formatting writes
        _format(broker)
    return broker


def _ports(folder: Path, port: int) -> tuple[int, int]:
    """Client and controller port: those asked for, else those of the last time, else free ones; then remembered."""
    memory = folder / "ports.json"
    known: dict[str, int] = json.loads(memory.read_text(encoding="utf-8")) if memory.exists() else {}
    ports = (port or known.get("client") or free_port(), known.get("controller") or free_port())
    for number in ports:
        if not Deadline(10).reached(lambda number=number: is_free(number)):  # type: ignore[misc]  # a lambda's default
            raise BrokerError(f"port {number} of the broker in {folder} is taken: stop what listens there")
    write_text(memory, json.dumps({"client": ports[0], "controller": ports[1]}))
    return ports


def _properties(broker: Broker) -> str:
    template = files("deploy").joinpath("kafka/server.properties").read_text(encoding="utf-8")
    return template.format(
        port=broker.port,
        controller_port=broker.controller_port,
        log_dir=broker.folder / "log",
    )


def java(broker: Broker, main: str, *arguments: str, flags: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Command line of a class of the broker's jars."""
    archive = broker.libs / "classes.jsa"
    shared = (f"-XX:SharedArchiveFile={archive}", "-Xshare:auto", "-Xlog:disable") if archive.exists() else ()
    logging = f"-Dlog4j2.configurationFile={files('deploy').joinpath('kafka/log4j2.properties')}"
    return (
        *("java", f"-Xmx{broker.heap}", "-XX:+UseG1GC", "-XX:MaxGCPauseMillis=20", "-XX:+ExitOnOutOfMemoryError"),
        *(*shared, *flags, "-Djava.awt.headless=true", logging, "-cp", f"{broker.libs}/*", main, *arguments),
    )


def _format(broker: Broker) -> None:
    cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
    properties = str(broker.folder / "server.properties")
    command = java(
        broker, "kafka.tools.StorageTool", "format", "--standalone", f"--cluster-id={cluster}", "-c", properties
    )
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_FORMAT_SECONDS, check=False)
    except FileNotFoundError as error:
        raise BrokerError("no `java` on the PATH: install Java 17 or newer (make install)") from error
    if done.returncode:
        raise BrokerError(f"the broker's disk cannot be formatted: {(done.stderr or done.stdout).strip()[-500:]}")


def broker_program(broker: Broker, log: Path, *, flags: tuple[str, ...] = ()) -> Program:
    """Return the broker as a supervised program, not yet started; it is ready when it answers."""
    command = java(broker, "kafka.Kafka", str(broker.folder / "server.properties"), flags=flags)
    return Program(ProgramSpec("broker", command, {}, log, None, lambda: answers(broker)))


def answers(broker: Broker) -> bool:
    """Whether the broker serves clients now."""
    if not is_listening(broker.port):
        return False  # cheaper than a client, and the answer most of the time while the JVM starts
    from kafka import KafkaAdminClient  # noqa: PLC0415  # 0.3 s of imports that `alertbus --help` need not pay
    from kafka.errors import KafkaError  # noqa: PLC0415

    try:
        with KafkaAdminClient(bootstrap_servers=broker.bootstrap_servers, bootstrap_timeout_ms=2000) as client:
            return bool(client.describe_cluster()["brokers"])
    except KafkaError:
        return False
