"""The figures as a table for people."""

from __future__ import annotations

from collections.abc import Sequence

from tests.bench.contestants import Result

_HEADINGS = (
    "",
    "workers",
    "events",
    "events/s",
    "CPU µs/event",
    "broker µs/event",
    "RSS MB",
    "records/batch",
    "ours is",
)


def table(results: Sequence[Result]) -> str:
    """One line a result; the last column says how many times as fast ours was in the same run."""
    ours = results[0]
    lines = [_HEADINGS, *(_cells(result, ours) for result in results)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(_HEADINGS))]
    return "\n".join("  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)) for line in lines)


def _cells(result: Result, ours: Result) -> tuple[str, ...]:
    return (
        result.name,
        str(result.workers),
        str(result.events),
        f"{result.rate:.0f}",
        f"{result.cpu_us:.1f}",
        f"{result.broker_cpu_us:.1f}",
        f"{result.rss_mb:.0f}",
        f"{result.batch:.0f}" if result.batch else "-",
        "-" if result.name == ours.name else f"{ours.rate / result.rate:.1f} ×",
    )
