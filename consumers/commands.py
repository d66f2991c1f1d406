"""The commands of this package: households and accounts. What is heavy is imported when a command runs."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from consumers.settings import DEFAULT_INBOX_URL, book_key_file_of, store_url_of
from schemas.bus import data_dir_of, inbox_url_of

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from consumers.book_load import Loaded
    from consumers.store.accounts import Account

EX_REJECTED = 1
EX_UNUSABLE = 2

_data_dir = click.option(
    "--data-dir",
    envvar="ALERTBUS_DATA_DIR",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where the bus keeps its data; ./var if not given.",
)
_as_json = click.option("--json", "as_json", is_flag=True, help="For programs.")


@click.group()
def households() -> None:
    """The household book: who lives where. It stays in the inbox's store, encrypted."""


@households.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--new-key", "anew", is_flag=True, help="The key is lost: empty the book, and begin under a new one.")
@_data_dir
@_as_json
def load(file: Path, data_dir: Path | None, *, anew: bool, as_json: bool) -> None:
    """Load a household book.

    CSV, XLSX or JSON lines with household_id, head, address and phone, or 户编号、户主、住址、电话.
    """
    from consumers.book_load import key_for_loading, load_book, new_key
    from consumers.book_rows import BOOK_COLUMNS
    from schemas.readers.apart import open_outside

    key_file = book_key_file_of(os.environ, data_dir_of(os.environ, data_dir))
    with _plainly():
        source = open_outside(file, BOOK_COLUMNS)
        engine = _store(data_dir)
        key = (new_key if anew else key_for_loading)(engine, key_file)
        loaded = load_book(engine, key, source.rows(), _now())
    _show(loaded, as_json=as_json)
    sys.exit(EX_REJECTED if loaded.rejected else 0)


def _show(loaded: Loaded, *, as_json: bool) -> None:
    if as_json:
        rejected = [{"row": p.row, "field": p.field, "reason": p.reason, "code": p.code} for p in loaded.rejected]
        print(json.dumps({"accepted": loaded.accepted, "rejected": rejected}, ensure_ascii=False))
        return
    print(f"已接收 {loaded.accepted} 行，退回 {len(loaded.rejected)} 行")
    if loaded.without_address or loaded.without_phone:
        print(f"其中没有住址 {loaded.without_address} 行，没有电话 {loaded.without_phone} 行")
    for found in loaded.rejected:
        print(f"第 {found.row} 行 {found.field}：{found.reason}")


@click.group()
def accounts() -> None:
    """Who may sign in to the inbox."""


@accounts.command()
@click.argument("name")
@click.option("--township", help="9-digit code: an officer of this township.")
@click.option("--county", is_flag=True, help="Somebody of the county.")
@click.option("--address", envvar="ALERTBUS_INBOX_URL", help="Of the inbox; that of the running bus if not given.")
@_data_dir
@_as_json
def invite(
    name: str, township: str | None, address: str | None, data_dir: Path | None, *, county: bool, as_json: bool
) -> None:
    """Print a link that works once: whoever opens it chooses a password. Again for who forgot theirs."""
    from consumers.invitation import invite as invited
    from consumers.store.database import writing

    if (township is None) != county:
        raise click.UsageError("--township CODE or --county")
    with _plainly(), writing(_store(data_dir)) as conn:
        invitation = invited(conn, name, township, _now())
    address = address or inbox_url_of(data_dir_of(os.environ, data_dir)) or DEFAULT_INBOX_URL
    link = f"{address.rstrip('/')}/invitations/{invitation.token}"
    if as_json:
        print(json.dumps({"account": invitation.account_id, "link": link}, ensure_ascii=False))
    else:
        print(f"{link}\n三天内有效，只能使用一次；请当面或用可靠的方式交给本人。")


@accounts.command("list")
@_data_dir
@_as_json
def list_accounts(data_dir: Path | None, *, as_json: bool) -> None:
    """Show all accounts."""
    from consumers.store.accounts import accounts as all_accounts
    from consumers.store.database import reading

    with _plainly(), reading(_store(data_dir)) as conn:
        found = all_accounts(conn)
    now = _now()
    for each in found:
        shown = {"account": each.id, "name": each.name, "role": each.role, "township_code": each.township_code}
        state = _state(each, now)
        if as_json:
            print(json.dumps({**shown, "state": state}, ensure_ascii=False))
        else:
            print(f"{each.id}  {each.township_code or '县级':9}  {_STATES[state]}  {each.name}")


_STATES = {"active": "在用", "closed": "停用", "invited": "待接受邀请", "lapsed": "邀请已过期"}


def _state(account: Account, now: int) -> str:
    if account.closed_at is not None:
        return "closed"
    if account.password_hash is not None:
        return "active"
    return "invited" if account.invited_until is not None and account.invited_until > now else "lapsed"


@accounts.command("close")
@click.argument("name")
@_data_dir
def close_account(name: str, data_dir: Path | None) -> None:
    """Let somebody sign in no more, and sign them out at once. What they did keeps their name."""
    from consumers.invitation import close
    from consumers.store.database import writing

    with _plainly(), writing(_store(data_dir)) as conn:
        close(conn, name, _now())
    print("账号已停用")


def _store(data_dir: Path | None) -> Engine:
    from consumers.store.database import open_store

    return open_store(store_url_of(os.environ, data_dir_of(os.environ, data_dir)))


@contextmanager
def _plainly() -> Iterator[None]:
    """What people can mend is said in a line, and ends the command."""
    from consumers.invitation import InvitationError
    from consumers.store.book_key import KeyFileError
    from consumers.store.database import StoreError
    from schemas.faults import FileError

    try:
        yield
    except (FileError, InvitationError, KeyFileError) as error:
        print(f"未完成：{error}", file=sys.stderr)
        sys.exit(EX_UNUSABLE)
    except StoreError as error:
        print(f"未完成：数据库不可用（{error}）", file=sys.stderr)
        sys.exit(EX_UNUSABLE)


def _now() -> int:
    return time.time_ns() // 1_000_000


COMMANDS = (households, accounts)
