"""Whatever answers the SDK, it raises nothing, and only a receipt of this very batch lets the batch go."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.gateway.words import REFUSALS, RefusedError
from producers.sdk.answers import LONGEST_WAIT_S, Later, Smaller, Stop, Taken, Unfit, Unpacked, verdict_of

PROBLEM = {"row": 1, "field": "grade", "rule": "word", "reason": "请改正", "reason_en": "correct it"}
RECEIPT: dict[str, object] = {"receipt": "a", "state": "taken", "rows": 2, "accepted": 1, "problems": [PROBLEM]}
JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5), st.lists, max_leaves=5)
CHANGES = st.dictionaries(st.sampled_from([*RECEIPT, "error", "message"]), JSON, max_size=3)
STATUSES = st.sampled_from([100, 200, 202, 301, 400, 401, 403, 404, 408, 409, 413, 415, 422, 429, 500, 502, 503])


@given(STATUSES, st.binary(max_size=50) | CHANGES.map(lambda c: json.dumps(RECEIPT | c).encode()), st.text(max_size=5))
def test_no_answer_is_too_odd_and_a_batch_goes_only_with_its_receipt(
    status: int, content: bytes, retry_after: str
) -> None:
    verdict = verdict_of(status, content, retry_after, 2)

    if isinstance(verdict, Taken):
        assert status in {202, 422}
        assert json.loads(content)["rows"] == verdict.accepted + len(verdict.problems) == 2
    if isinstance(verdict, Later) and verdict.seconds is not None:
        assert 0 <= verdict.seconds <= LONGEST_WAIT_S


@pytest.mark.parametrize(
    "changes",
    [
        {"rows": 3},
        {"accepted": 2},
        {"state": "unfinished"},
        {"problems": []},
        {"problems": [PROBLEM | {"row": 3}]},
        {"problems": [PROBLEM | {"row": 0}]},
    ],
)
def test_a_receipt_that_does_not_add_up_is_none(changes: dict[str, object]) -> None:
    assert isinstance(verdict_of(202, json.dumps({**RECEIPT, **changes}).encode(), None, 2), Later)


def test_every_refusal_of_the_gateway_has_its_meaning() -> None:
    found = {}
    for code, words in REFUSALS.items():
        content = json.dumps(RefusedError(code, limit="1").body()).encode()
        found[code] = type(verdict_of(words.status, content, "7", 2))

    assert {code for code, kind in found.items() if kind is Stop} == {
        *("no_key", "bad_key", "other_department", "no_signature", "bad_signature", "old_signature"),
        *("not_found", "wrong_method"),
    }
    assert {code for code, kind in found.items() if kind is Smaller} == {"body_too_large", "too_many_rows"}
    assert {code for code, kind in found.items() if kind is Unpacked} == {"unknown_encoding"}
    assert {code for code, kind in found.items() if kind is Unfit} >= {"other_content", "bad_covers_to", "bad_json"}
    assert {code for code, kind in found.items() if kind is Later} >= {
        *("too_many_wrong_keys", "too_many_requests", "in_hand", "too_slow", "replayed"),
        *("broken", "busy", "bus_away", "store_away"),
    }


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("7", 7.0), ("0", 0.0), ("999999999999", LONGEST_WAIT_S), ("-1", None), ("Fri, 31 Dec 1999", None), ("٣", None)],
)
def test_retry_after_is_so_many_seconds_or_nothing(said: str, seconds: float | None) -> None:
    verdict = verdict_of(503, json.dumps(RefusedError("busy").body()).encode(), said, 2)

    assert isinstance(verdict, Later)
    assert verdict.seconds == seconds
