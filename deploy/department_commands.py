"""`alertbus departments`: what each department sends and how, made from the declarations."""

from __future__ import annotations

from pathlib import Path

import click

from schemas.departments import BY_CODE


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
def sample(department: str) -> None:
    """Print a DEPARTMENT's sample file, CSV."""
    from deploy.department_sample import sample_file

    print(sample_file(department), end="")


@departments.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False, exists=True))
def write(folder: Path) -> None:
    """Write every department's page and sample file into FOLDER, and a list of them."""
    from deploy.department_page import index, page
    from deploy.department_sample import sample_file

    (folder / "README.md").write_text(index(), encoding="utf-8")
    for code in BY_CODE:
        (folder / f"{code}.md").write_text(page(code), encoding="utf-8")
        (folder / f"{code}.csv").write_text(sample_file(code), encoding="utf-8")
