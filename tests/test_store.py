"""What the store keeps besides alerts: inbox messages, deliveries, the outbox, notes, positions."""

from __future__ import annotations

import traceback

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError

from consumers.store.accounts import NameTakenError, add_account
from consumers.store.database import reading, writing
from consumers.store.deliveries import Delivery, claim, give_up, next_due, plan, sent, states, try_again
from consumers.store.notes import Note, notes_of, put_note
from consumers.store.outbox import Outgoing, actions_of, mark_sent, put_action, unsent, waiting
from consumers.store.positions import advance, positions
from consumers.store.tasks import Message, mark_read, messages_about, messages_for, put_messages, unread
from tests.alerts import NEXT_TOWNSHIP, TOWNSHIP

NOW = 1_790_000_500_000
LEASE = 30_000


def message(version: int = 1, kind: str = "raised", township: str = TOWNSHIP, alert_id: str = "a_one") -> Message:
    return Message(alert_id, version, township, kind, "red", None, NOW + version)


def delivery(version: int = 1, recipient: str = "t1", alert_id: str = "a_one", at: int = NOW) -> Delivery:
    return Delivery(alert_id, version, recipient, "webhook", "raised", at)


def test_a_message_is_in_the_inbox_exactly_once(store: Engine) -> None:
    both = [message(), message(kind="taken_over")]
    with writing(store) as conn:
        assert put_messages(conn, [*both, message()]) == 2
        assert put_messages(conn, both) == 0
        assert put_messages(conn, []) == 0
        found = messages_for(conn, TOWNSHIP, 10)

    assert [each.message for each in found] == both[::-1]


def test_a_message_is_read_once_by_the_first_who_sees_it_and_in_his_township_only(store: Engine) -> None:
    with writing(store) as conn:
        put_messages(conn, [message(), message(2, "level_up"), message(2, "handed_over", NEXT_TOWNSHIP)])
        assert (unread(conn, TOWNSHIP, 9), unread(conn, NEXT_TOWNSHIP, 1)) == (2, 1)
        assert mark_read(conn, "a_one", TOWNSHIP, "u_1", NOW + 9) == 2
        assert mark_read(conn, "a_one", TOWNSHIP, "u_2", NOW + 10) == 0
        assert (unread(conn, TOWNSHIP, 9), unread(conn, NEXT_TOWNSHIP, 9)) == (0, 1)
        found = messages_about(conn, "a_one", TOWNSHIP)

    assert [(each.message.kind, each.reader, each.read_at) for each in found] == [
        ("raised", "u_1", NOW + 9),
        ("level_up", "u_1", NOW + 9),
    ]


def test_a_planned_delivery_is_claimed_once_until_its_lease_is_over(store: Engine) -> None:
    with writing(store) as conn:
        plan(conn, [delivery(), delivery()])
        plan(conn, [delivery()])
        first = claim(conn, NOW, LEASE, 10)
        meanwhile = claim(conn, NOW + LEASE - 1, LEASE, 10)
        after = claim(conn, NOW + LEASE, LEASE, 10)

    assert [each.attempts for each in first] == [1]
    assert meanwhile == []
    assert [each.attempts for each in after] == [2]


def test_who_let_his_lease_run_out_reports_nothing_any_more(store: Engine) -> None:
    with writing(store) as conn:
        plan(conn, [delivery()])
        (slow,) = claim(conn, NOW, LEASE, 10)
        (quick,) = claim(conn, NOW + LEASE, LEASE, 10)

        assert not give_up(conn, slow, NOW + LEASE, "timeout")
        assert not try_again(conn, slow, NOW + LEASE + 1, "timeout")
        assert sent(conn, quick, NOW + LEASE)
        assert not sent(conn, quick, NOW + LEASE)
        assert states(conn) == {("webhook", "sent"): 1}


def test_the_next_version_waits_for_the_one_before_of_the_same_recipient(store: Engine) -> None:
    with writing(store) as conn:
        plan(conn, [delivery(2), delivery(1), delivery(2, "t2"), delivery(2, alert_id="a_two")])
        first = claim(conn, NOW, LEASE, 10)
        assert {(each.alert_id, each.version, each.recipient) for each in first} == {
            ("a_one", 1, "t1"),
            ("a_one", 2, "t2"),
            ("a_two", 2, "t1"),
        }
        (held_up,) = (each for each in first if each.version == 1)
        assert [sent(conn, each, NOW) for each in first if each != held_up] == [True, True]
        try_again(conn, held_up, NOW + 5, "status_503")
        assert [each.version for each in claim(conn, NOW + 5, LEASE, 10)] == [1]
        (held_up,) = claim(conn, NOW + 5 + LEASE, LEASE, 1)
        give_up(conn, held_up, NOW + 6, "too_long")

        assert [each.version for each in claim(conn, NOW + 5 + LEASE, LEASE, 10)] == [2]


def test_what_waits_longest_is_claimed_first_and_no_more_than_asked_for(store: Engine) -> None:
    with writing(store) as conn:
        plan(conn, [delivery(alert_id=f"a_{number}", at=NOW - number) for number in range(5)])
        assert next_due(conn) == NOW - 4
        assert [each.alert_id for each in claim(conn, NOW, LEASE, 2)] == ["a_4", "a_3"]
        assert claim(conn, NOW, LEASE, 9, without=[("t1", "webhook")]) == []
        assert len(claim(conn, NOW, LEASE, 9, without=[("t1", "console"), ("t2", "webhook")])) == 3
        assert claim(conn, NOW - 10, LEASE, 9) == []


def test_an_action_is_put_on_its_way_once_and_leaves_in_the_order_in_which_it_was_done(store: Engine) -> None:
    actions = [Outgoing(f"c_{number}", f"H-{number % 2}", bytes([number, 0, 255]), NOW) for number in (5, 1, 3)]
    with writing(store) as conn:
        assert [put_action(conn, action) for action in [*actions, actions[0]]] == [True, True, True, False]
        assert unsent(conn, 2) == actions[:2]
        assert waiting(conn) == (3, NOW)
        mark_sent(conn, ["c_5", "c_1"], NOW + 1)
        mark_sent(conn, ["c_5"], NOW + 2)
        assert unsent(conn, 9) == actions[2:]
        found = actions_of(conn, "H-1")

    assert [(action.action_id, action.sent_at) for action in found] == [
        ("c_5", NOW + 1),
        ("c_1", NOW + 1),
        ("c_3", None),
    ]


def test_an_action_that_was_not_committed_does_not_leave(store: Engine) -> None:
    def fail_after_the_action() -> None:
        with writing(store) as conn:
            put_action(conn, Outgoing("c_1", "H", b"x", NOW))
            add_account(conn, "张三", "county", None, NOW)
            add_account(conn, "张三", "county", None, NOW)

    with pytest.raises(NameTakenError):
        fail_after_the_action()
    with reading(store) as conn:
        assert waiting(conn) == (0, None)


def test_notes_are_kept_as_they_were_written(store: Engine) -> None:
    wild = '=HYPERLINK("x")<script>\'; DROP TABLE note; -- 户主说\n\0😀'
    with writing(store) as conn:
        officer = add_account(conn, "张三", "township", TOWNSHIP, NOW).id
        put_note(conn, Note("c_1", "a_one", officer, wild, NOW))
        put_note(conn, Note("c_1", "a_one", officer, "again", NOW + 1))
        found = notes_of(conn, "a_one")

    assert [note.text for note in found] == [wild.replace("\0", "")]


def test_no_error_repeats_what_somebody_wrote(store: Engine) -> None:
    written = "户主欧阳金丝雀"
    with pytest.raises(IntegrityError) as raised, writing(store) as conn:
        put_note(conn, Note("c_1", "a_one", "u_nobody", written, NOW))

    assert written not in "".join(traceback.format_exception(raised.value))


def test_positions_only_go_forward(store: Engine) -> None:
    with writing(store) as conn:
        for partition, offset in ((0, 5), (11, 3), (0, 4), (11, 9)):
            advance(conn, "alerts", partition, offset)
        advance(conn, "area.alerts", 0, 99)

        assert positions(conn, "alerts") == {0: 5, 11: 9}
