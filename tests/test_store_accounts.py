"""Accounts: invited once, one name each, locked and closed; nobody signs in with what stands in the database."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, select

from consumers.store.accounts import (
    ACCOUNT,
    NameTakenError,
    accept,
    account_named,
    account_of,
    accounts,
    add_account,
    invite,
    invited,
    note_failure,
    note_success,
    set_password,
)
from consumers.store.database import writing
from consumers.store.sessions import (
    SESSION,
    close_account,
    end_session,
    end_sessions,
    forget_sessions,
    session_of,
    start_session,
    touch_session,
)
from tests.alerts import TOWNSHIP

NOW = 1_790_000_500_000
DAY = 86_400_000


def test_an_invitation_works_once_and_while_it_is_open(store: Engine) -> None:
    with writing(store) as conn:
        account = add_account(conn, "张三", "township", TOWNSHIP, NOW)
        token = invite(conn, account.id, NOW + DAY)

        assert account.id.startswith("u_")
        assert invited(conn, token, NOW + DAY) is None
        assert accept(conn, token, "hash", NOW + DAY) is None
        assert accept(conn, "x" + token, "hash", NOW) is None
        accepted = accept(conn, token, "hash", NOW)
        assert accepted
        assert (accepted.id, accepted.password_hash, accepted.invited_until) == (account.id, "hash", None)
        assert accept(conn, token, "another", NOW) is None
        assert invited(conn, token, NOW) is None


def test_a_second_invitation_makes_the_first_void_and_the_password_stands_until_it_is_accepted(store: Engine) -> None:
    with writing(store) as conn:
        account = add_account(conn, "张三", "township", TOWNSHIP, NOW)
        set_password(conn, account.id, old := "old")
        first, second = invite(conn, account.id, NOW + DAY), invite(conn, account.id, NOW + DAY)

        assert accept(conn, first, "stolen", NOW) is None
        found = account_of(conn, account.id)
        assert found
        assert found.password_hash == old
        assert accept(conn, second, "new", NOW)


def test_a_name_belongs_to_one_account(store: Engine) -> None:
    with writing(store) as conn:
        first = add_account(conn, "张三", "township", TOWNSHIP, NOW)
        with pytest.raises(NameTakenError):
            add_account(conn, "张三", "county", None, NOW)

        assert accounts(conn) == [first]
        assert account_named(conn, "张三") == first
        assert account_named(conn, "张\0三") is None
        assert account_named(conn, "李四") is None


def test_wrong_passwords_are_counted_until_the_right_one_comes(store: Engine) -> None:
    with writing(store) as conn:
        account = add_account(conn, "张三", "township", TOWNSHIP, NOW)

        assert [note_failure(conn, account.id, None), note_failure(conn, account.id, NOW + 9)] == [1, 2]
        locked = account_of(conn, account.id)
        assert locked
        assert (locked.failed_count, locked.locked_until) == (2, NOW + 9)
        note_success(conn, account.id)
        assert account_of(conn, account.id) == account


def test_a_closed_account_is_signed_out_and_not_invited_any_more_but_keeps_its_name(store: Engine) -> None:
    with writing(store) as conn:
        account = add_account(conn, "张三", "township", TOWNSHIP, NOW)
        token = invite(conn, account.id, NOW + DAY)
        cookie, _ = start_session(conn, account.id, NOW)
        close_account(conn, account.id, NOW)

        assert invited(conn, token, NOW) is None
        assert accept(conn, token, "hash", NOW) is None
        assert session_of(conn, cookie) is None
        found = account_of(conn, account.id)
        assert found
        assert (found.name, found.closed_at) == ("张三", NOW)


def test_a_session_is_found_by_its_cookie_until_it_ends(store: Engine) -> None:
    with writing(store) as conn:
        account = add_account(conn, "张三", "township", TOWNSHIP, NOW)
        (one, session), (other, _), (third, _) = (start_session(conn, account.id, NOW) for _ in range(3))
        touch_session(conn, session, NOW + 5)
        found = session_of(conn, one)
        assert found
        assert (found.account_id, found.csrf, found.last_seen_at) == (account.id, session.csrf, NOW + 5)
        end_session(conn, session)
        assert session_of(conn, one) is None
        assert session_of(conn, other)
        end_sessions(conn, account.id)
        assert session_of(conn, third) is None


def test_old_and_unused_sessions_are_forgotten(store: Engine) -> None:
    with writing(store) as conn:
        account = add_account(conn, "张三", "township", TOWNSHIP, NOW)
        old, _ = start_session(conn, account.id, NOW - 2 * DAY)
        unused, _ = start_session(conn, account.id, NOW - DAY)
        fresh, _ = start_session(conn, account.id, NOW)
        touch_session(conn, session_of(conn, old), NOW)  # type: ignore[arg-type]  # it was just made
        forget_sessions(conn, created_before=NOW - DAY - 1, unused_since=NOW - 9)

        assert [session_of(conn, token) is not None for token in (old, unused, fresh)] == [False, False, True]


def test_no_token_stands_in_the_database(store: Engine) -> None:
    with writing(store) as conn:
        account = add_account(conn, "张三", "township", TOWNSHIP, NOW)
        tokens = (invite(conn, account.id, NOW + DAY), start_session(conn, account.id, NOW)[0])
        stored = "".join(str(tuple(row)) for table in (ACCOUNT, SESSION) for row in conn.execute(select(table)))

    assert [token for token in tokens if token in stored] == []
    assert all(len(token) >= 43 for token in tokens)
