"""Where notify and inbox find what is theirs."""

from __future__ import annotations

from pathlib import Path

from consumers.settings import read_settings
from schemas.bus import inbox_url_of


def roster_of(data_dir: Path, **environ: str) -> Path | None:
    needed = {"KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1", "ALERTBUS_DATA_DIR": str(data_dir)}
    return read_settings("notify", {**needed, **environ}).roster


def test_a_roster_in_the_data_directory_is_used_unless_another_is_named(tmp_path: Path) -> None:
    assert roster_of(tmp_path) is None

    (tmp_path / "roster.toml").touch()

    assert roster_of(tmp_path) == tmp_path / "roster.toml"
    assert roster_of(tmp_path, ALERTBUS_ROSTER="other.toml") == Path("other.toml")


def test_a_bus_without_a_page_or_that_does_not_run_names_no_address(tmp_path: Path) -> None:
    assert inbox_url_of(tmp_path) is None

    (tmp_path / "bus.json").write_text('{"inbox": null}')

    assert inbox_url_of(tmp_path) is None
