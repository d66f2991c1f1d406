"""Builder of what becomes of a household's alerts day by day, by hand and at random."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from consumers.notify_changes import LEVELS
from consumers.roster import DAY_MS
from schemas.actions import STATUSES
from tests.alerts import KNOWN_AT, NEXT_TOWNSHIP, TOWNSHIP, alert, cause

Alert = dict[str, Any]
COOL_DOWN = 30 * DAY_MS


def on(day: float, version: int, level: str = "orange", rule: str = "R-A", **changed: Any) -> Alert:
    """A version that became known so many days after the first."""
    return alert(
        version, level, **{"causes": [cause(rule, level)], "known_at": KNOWN_AT + int(day * DAY_MS), **changed}
    )


def gone(day: float, version: int) -> Alert:
    return on(day, version, status="WITHDRAWN", causes=[])


def histories() -> st.SearchStrategy[list[Alert]]:
    step = st.tuples(
        st.integers(0, 20),
        st.sampled_from(["a_one", "a_two"]),
        st.sampled_from([*sorted(STATUSES), "ALERTED", "WITHDRAWN", "ALERTED"]),
        st.sampled_from([TOWNSHIP, TOWNSHIP, NEXT_TOWNSHIP, None]),
        st.dictionaries(st.sampled_from(["R-A", "R-B"]), st.sampled_from(LEVELS), max_size=2),
    )
    return st.lists(step, max_size=12).map(_history)


def _history(steps: list[tuple[int, str, str, str | None, dict[str, str]]]) -> list[Alert]:
    """One case after the other, as correlate makes them: no alert changes once a later one of its household began."""
    day, found, second = 0, [], False
    for version, (days, name, status, township, rules) in enumerate(steps, 1):
        day, second = day + days, second or name == "a_two"
        worst = {} if status == "CLEARED_TRACKING" else rules  # a relapse that was none leaves no cause
        level = min(worst.values(), key=LEVELS.index, default="")
        causes = [cause(rule, lv) for rule, lv in worst.items()]
        more = {"status": status, "township_code": township, "causes": causes, "known_at": KNOWN_AT + day * DAY_MS}
        found.append(alert(version, level, alert_id="a_two" if second else "a_one", **more))
    return found
