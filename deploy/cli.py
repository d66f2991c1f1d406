"""The `alertbus` command: the composition root, the only place that knows every program's commands."""

from __future__ import annotations

import click

from consumers.commands import COMMANDS as CARRY_OUT
from deploy.commands import COMMANDS as RUN
from deploy.results_commands import COMMANDS as RESULTS
from producers.commands import COMMANDS as CARRY_IN
from producers.keys_command import COMMANDS as KEYS
from producers.reports_command import COMMANDS as REPORTS
from streams.commands import COMMANDS as DECIDE


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Household Alert Bus: departments' events in, one alert per household out."""


for _command in (*RUN, *CARRY_IN, *KEYS, *REPORTS, *RESULTS, *DECIDE, *CARRY_OUT):
    main.add_command(_command)

if __name__ == "__main__":
    main()
