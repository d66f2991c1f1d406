"""What systems send by mistake or malice, handed to the gateway: an error in words, good rows taken, nothing lost."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from producers.county_files import content_of
from producers.gateway.media import SUFFIXES
from schemas.cells import Cell
from schemas.codec import Record
from schemas.topics import events_topic
from tests.gateways import GatewayHere
from tests.rows import fee
from tests.test_readers_apart import billion_laughs, far_corner, workbook, zip_bomb

MEDIA = {suffix: media for media, suffix in SUFFIXES.items()}
JSON = "application/json"
HEADINGS = tuple(fee(1))


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[GatewayHere]:
    here = GatewayHere(tmp_path)
    yield here
    here.close()


def table(*rows: Record) -> str:
    return content_of(list(rows), "csv", HEADINGS).decode("utf-8-sig")


def sent(gateway: GatewayHere) -> list[Record]:
    return gateway.bus.records(events_topic("education"))


@pytest.mark.parametrize(
    ("cell", "rule"),
    [
        ({"occurred_at": "三月十四日"}, "time"),
        ({"occurred_at": 46095}, "date_serial"),
        ({"id_number": "2.31222E+17"}, "id_as_number"),
        ({"id_number": 2.31222e17}, "id_as_number"),
        ({"due": "-1200"}, "amount"),
        ({"due": -1}, "amount"),
    ],
)
@pytest.mark.parametrize("form", ["json", "csv", "xlsx"])
def test_a_bad_cell_costs_its_row_alone_in_every_form(
    gateway: GatewayHere, form: str, cell: dict[str, Cell], rule: str
) -> None:
    rows = [fee(1), fee(2, **cell), fee(3)]
    content = json.dumps(rows).encode() if form == "json" else content_of(rows, form, HEADINGS)  # type: ignore[arg-type]  # a Format
    key = gateway.key("education")

    answer = gateway.post("/v1/events/education", content, key, JSON if form == "json" else MEDIA[f".{form}"]).json()

    (problem,) = answer["problems"]
    assert (problem["row"], problem["field"], problem["rule"]) == (2, *cell, rule)
    assert problem["reason"]
    assert problem["reason_en"]
    assert [event["event_id"] for event in sent(gateway)] == ["XF-1", "XF-3"]


def test_full_width_digits_are_digits_and_a_row_twice_is_one_event_twice(gateway: GatewayHere) -> None:
    wide = str(fee(1)["id_number"]).translate({ord("0") + n: ord("０") + n for n in range(10)})

    gateway.post("/v1/events/education", json.dumps([fee(1), fee(1, id_number=wide)]), gateway.key("education"))

    first, second = sent(gateway)
    assert {**first, "row": 2} == second


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        (b"\xef\xbb\xbf" + table(fee(1)).encode(), 1),
        (table(fee(1)).replace("event_id", "事件编号").encode("gb18030"), 1),
        (b"", 0),
    ],
    ids=["a byte order mark", "the old encoding", "an empty file"],
)
def test_what_spreadsheet_programs_write_is_taken(gateway: GatewayHere, content: bytes, rows: int) -> None:
    answer = gateway.post("/v1/events/education", content, gateway.key("education"), MEDIA[".csv"])

    assert (answer.status_code, answer.json()["accepted"]) == (202, rows)


def mixed(_: Path) -> tuple[bytes, str]:
    old = table(fee(1, event_id="E1")).replace("event_id", "event_id,备注", 1).replace("E1,", "E1,开学前的学费,", 1)
    new = old.splitlines()[1].replace("E1,开学前的学费", "E2,下学期的学费")
    return old.encode("gb18030") + f"{new}\n".encode(), ".csv"


def wide(_: Path) -> tuple[bytes, str]:
    return ",".join([*HEADINGS, *(f"c{n}" for n in range(1_000_000))]).encode(), ".csv"


def wrong_heading(_: Path) -> tuple[bytes, str]:
    return table(fee(1)).replace("event_id", "number").encode(), ".csv"


def deep(_: Path) -> tuple[bytes, str]:
    return b"[" * 1_000_000, ".jsonl"


def one_cell_far_away(folder: Path) -> tuple[bytes, str]:
    return workbook(folder / "a.xlsx", far_corner).read_bytes(), ".xlsx"


def a_million_laughs(folder: Path) -> tuple[bytes, str]:
    return workbook(folder / "a.xlsx", billion_laughs).read_bytes(), ".xlsx"


def a_zip_bomb(folder: Path) -> tuple[bytes, str]:
    return zip_bomb(folder / "a.xlsx").read_bytes(), ".xlsx"


@pytest.mark.parametrize(
    ("made", "word"),
    [
        (wrong_heading, "event_id"),
        (mixed, "two encodings"),
        (wide, "1 MB"),
        (deep, "JSON object"),
        (one_cell_far_away, "memory"),
        (a_million_laughs, "XLSX"),
        (a_zip_bomb, "upload.xlsx"),
    ],
)
def test_a_file_that_is_none_is_refused_in_words_and_the_next_is_taken(
    gateway: GatewayHere, tmp_path: Path, made: partial[tuple[bytes, str]], word: str
) -> None:
    content, suffix = made(tmp_path)
    key = gateway.key("education")

    refused = gateway.post("/v1/events/education", content, key, MEDIA[suffix])
    taken = gateway.post("/v1/events/education", json.dumps(fee(1)), key)

    assert (refused.status_code, refused.json()["error"]) == (422, "bad_file")
    assert word in refused.json()["message_en"]
    assert "文件" in refused.json()["message"] or "表头" in refused.json()["message"]
    assert (taken.status_code, len(sent(gateway))) == (202, 1)
