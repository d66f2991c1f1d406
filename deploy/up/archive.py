"""Makes the class archive that lets the broker start in a third of the time: `python -m deploy.up.archive`.

A broker is started once in a scratch folder while the JVM notes which classes it loads. Without the archive, or with
one of another Java, everything works as well, only slower.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from deploy.topics import ensure_topics
from deploy.up.broker import START_SECONDS, BrokerError, broker_program, libs_folder, prepare_broker
from deploy.up.program import Deadline

_WRITING_SECONDS = 60


def make_archive(libs: Path) -> None:
    """Write `classes.jsa` beside the jars.

    Raises:
        BrokerError: the broker does not start.

    """
    scratch = libs / f".classes.{os.getpid()}"
    with TemporaryDirectory() as folder:
        broker = prepare_broker(Path(folder), libs=libs)
        log = Path(folder) / "broker.log"
        program = broker_program(broker, log, flags=(f"-XX:ArchiveClassesAtExit={scratch}", "-Xlog:disable"))
        program.start()
        try:
            if not Deadline(START_SECONDS).reached(lambda: program.step() != "starting"):
                raise BrokerError(f"the broker does not answer: {program.last_words()}")
            ensure_topics(broker.bootstrap_servers)  # so that what a broker needs for its topics is noted as well
        finally:
            program.stop(_WRITING_SECONDS)
    if scratch.exists():
        scratch.replace(libs / "classes.jsa")


if __name__ == "__main__":
    try:
        make_archive(libs_folder(os.environ))
    except BrokerError as error:
        sys.exit(f"deploy/install: {error}")
