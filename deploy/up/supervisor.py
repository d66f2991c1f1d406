"""Keeps a list of programs running until it is told to stop."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from threading import Event

from deploy.up.program import GRACE_SECONDS, Program

_EVERY_S = 0.1


class Supervisor:
    """Starts programs in order, restarts what dies, stops all of them in the reverse of groups.

    Attributes:
        programs: in the order in which they were started.

    """

    def __init__(self, told_to_stop: Event, changed: Callable[[], None]) -> None:
        """Prepare.

        Args:
            told_to_stop: set by whoever wants the end, such as a signal handler.
            changed: called after a program changed its state.

        """
        self.programs: list[Program] = []
        self._told_to_stop = told_to_stop
        self._changed = changed
        self._said: set[str] = set()

    def start(self, *programs: Program) -> None:
        """Add programs and start them."""
        for program in programs:
            self.programs.append(program)
            program.start()
        self._changed()

    def step(self) -> None:
        """Look after every program once."""
        before = [(p.state, p.pid) for p in self.programs]
        for program in self.programs:
            program.step()
        if before != [(p.state, p.pid) for p in self.programs]:
            self._changed()
            self._tell_of_stopped()

    def _tell_of_stopped(self) -> None:
        for program in self.programs:
            if program.state == "stopped" and program.spec.name not in self._said:
                self._said.add(program.spec.name)
                print(
                    f"{program.spec.name} stopped and is not restarted: {program.reason}", file=sys.stderr, flush=True
                )

    def all_ready(self) -> bool:
        """Whether every program is ready now."""
        return all(program.state == "ready" for program in self.programs)

    def run_until(self, condition: Callable[[], bool]) -> bool:
        """Look after the programs until the condition holds; False if told to stop before."""
        while not self._told_to_stop.is_set():
            self.step()
            if condition():
                return True
            self._told_to_stop.wait(_EVERY_S)
        return False

    def stop(self, *, last: str = "broker") -> None:
        """Stop the programs together, then the one named last."""
        for group in (
            [p for p in self.programs if p.spec.name != last],
            [p for p in self.programs if p.spec.name == last],
        ):
            end = time.monotonic() + GRACE_SECONDS
            for program in group:
                program.ask_to_end()
            for program in group:
                program.wait_for_end(end - time.monotonic())
