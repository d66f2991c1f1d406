"""`alertbus departments`: what each department sends and how, made from the declarations."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from schemas.beijing import BEIJING, day_number
from schemas.departments import BY_CODE

_on = click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="Day on which the sample rows may be sent.")


@click.group()
def departments() -> None:
    """Pages and sample files for departments' IT people."""


@departments.command("page")
@click.argument("department", type=click.Choice(sorted(BY_CODE)))
def show_page(department: str) -> None:
    """Print a DEPARTMENT's page, in Markdown and Chinese."""
    from deploy.department_page import page

    print(page(department), end="")


@departments.command()
@click.argument("department", type=click.Choice(sorted(BY_CODE)))
@_on
def sample(department: str, on: datetime | None) -> None:
    """Print a DEPARTMENT's sample file, CSV; its rows may be sent today."""
    from deploy.department_sample import sample_file

    print(sample_file(department, day_number((on or datetime.now(BEIJING)).date())), end="")


@departments.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False, exists=True))
@_on
def write(folder: Path, on: datetime | None) -> None:
    """Write every department's page and sample file into FOLDER, and a list of them.

    Without --on the days are the examples' own, so that the files change only where declarations do.
    """
    from deploy.department_page import index, page
    from deploy.department_sample import sample_file

    day = day_number(on.date()) if on else None
    (folder / "README.md").write_text(index(), encoding="utf-8")
    for code in BY_CODE:
        (folder / f"{code}.md").write_text(page(code, day), encoding="utf-8")
        (folder / f"{code}.csv").write_text(sample_file(code, day), encoding="utf-8")
