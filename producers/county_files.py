"""The made-up county's files, as departments write them: JSON lines, CSV (UTF-8 or GB18030), XLSX."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from datetime import date, datetime
from typing import Literal
from xml.sax.saxutils import escape

from schemas.cells import Cell, Row

Format = Literal["jsonl", "csv", "csv-gb18030", "xlsx"]
SUFFIXES: dict[Format, str] = {"jsonl": ".jsonl", "csv": ".csv", "csv-gb18030": ".csv", "xlsx": ".xlsx"}

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="r1" Type="{_REL}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_REL}"><sheets>'
    '<sheet name="推送" sheetId="1" r:id="r1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="r1" Type="{_REL}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="r2" Type="{_REL}/styles" Target="styles.xml"/></Relationships>',
    "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}"><fonts count="1"><font/></fonts><fills count="1"><fill/></fills>'
    '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
    '<cellXfs count="3"><xf/><xf numFmtId="14" applyNumberFormat="1"/><xf numFmtId="22" applyNumberFormat="1"/>'
    "</cellXfs></styleSheet>",
}
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001  # a spreadsheet's times have no zone


def content_of(rows: list[Row], form: Format, columns: tuple[str, ...]) -> bytes:
    """Bytes of a file; `columns` head a table even where there are no rows."""
    if form == "jsonl":
        return "".join(json.dumps(_plain(row), ensure_ascii=False) + "\n" for row in rows).encode()
    headings = [*columns, *sorted({column for row in rows for column in row} - set(columns))]
    if form == "xlsx":
        return _workbook(headings, rows)
    return _table(headings, rows).encode("gb18030" if form == "csv-gb18030" else "utf-8-sig")


def _plain(row: Row) -> dict[str, object]:
    return {column: cell.isoformat() if isinstance(cell, date) else cell for column, cell in row.items()}


def _text(cell: Cell) -> str:
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, list):
        return ";".join(map(str, cell))
    return "" if cell is None else str(cell)


def _table(headings: list[str], rows: list[Row]) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(headings)
    writer.writerows([_text(row.get(column)) for column in headings] for row in rows)
    return out.getvalue()


def _workbook(headings: list[str], rows: list[Row]) -> bytes:
    """The least that spreadsheet programs take for a workbook."""
    first: Row = dict(zip(headings, headings, strict=True))
    lines = [first, *rows]
    body = "".join("<row>" + "".join(_cell(line.get(h)) for h in headings) + "</row>" for line in lines)
    sheet = f'<worksheet xmlns="{_MAIN}"><sheetData>{body}</sheetData></worksheet>'
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in {**_PARTS, "xl/worksheets/sheet1.xml": sheet}.items():
            entry = zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0))  # one content, one digest
            archive.writestr(entry, '<?xml version="1.0" encoding="UTF-8"?>' + part, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _cell(cell: Cell) -> str:
    if cell is None or cell == "":
        return "<c/>"
    if isinstance(cell, bool):
        return f'<c t="b"><v>{int(cell)}</v></c>'
    if isinstance(cell, (int, float)):
        return f"<c><v>{cell}</v></c>"
    if isinstance(cell, datetime):
        return f'<c s="2"><v>{(cell - _EPOCH).total_seconds() / 86400!r}</v></c>'
    if isinstance(cell, date):
        return f'<c s="1"><v>{(cell - _EPOCH.date()).days}</v></c>'
    return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(_text(cell))}</t></is></c>'
