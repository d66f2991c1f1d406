"""Content types that the gateway reads."""

from __future__ import annotations

JSON = "application/json"
MULTIPART = "multipart/form-data"
SUFFIXES = {
    "application/x-ndjson": ".jsonl",
    "application/jsonl": ".jsonl",
    "text/csv": ".csv",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
}
"""Content type -> suffix by which the readers know the format."""
