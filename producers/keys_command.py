"""`alertbus keys`: who may send over HTTP. A key is shown once; the store has its hash."""

from __future__ import annotations

import json
import os
import secrets
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from producers.settings import gateway_store_of
from schemas.beijing import day_number, instant, start_of
from schemas.bus import data_dir_of
from schemas.departments import BY_CODE

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from producers.gateway.api_key import Key, Token

EX_UNUSABLE = 2
_DAY_MS = 86_400_000
_STATES = {"active": "在用", "expired": "已过期", "revoked": "已停用"}
_SENDERS = click.Choice([*sorted(BY_CODE), "register", "reports", "hotline"])

_data_dir = click.option(
    "--data-dir",
    envvar="ALERTBUS_DATA_DIR",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where the bus keeps its data; ./var if not given.",
)
_json = click.option("--json", "as_json", is_flag=True, help="For programs.")
_expires = click.option("--expires", type=click.DateTime(["%Y-%m-%d"]), help="Last day on which it may be used.")


@click.group()
def keys() -> None:
    """Keys with which departments' systems send over HTTP."""


@keys.command()
@click.argument("sender", type=_SENDERS)
@_expires
@click.option("--signed", is_flag=True, help="Requests must be signed besides (Standard Webhooks).")
@_data_dir
@_json
def create(sender: str, expires: datetime | None, data_dir: Path | None, *, signed: bool, as_json: bool) -> None:
    """Make a key for a department, the register, systems of the public's reports, or operators of the hotline.

    It is shown once: hand it over yourself.
    """
    from producers.gateway.keys_store import add_key

    with _store(data_dir) as conn:
        token = _new_token()
        add_key(conn, token, sender, _now(), expires_at=_end_of(expires), signed=signed)
    _show_new(token, sender, as_json=as_json)


@keys.command()
@click.argument("key_id")
@click.option("--days", default=7, show_default=True, type=click.IntRange(0), help="For which the old one still works.")
@_expires
@_data_dir
@_json
def rotate(key_id: str, days: int, expires: datetime | None, data_dir: Path | None, *, as_json: bool) -> None:
    """Make a key in the place of another: both work until the old one ends."""
    from producers.gateway.keys_store import add_key, end_key

    now = _now()
    with _store(data_dir) as conn:
        old = _active(conn, key_id, now)
        token = _new_token()
        add_key(conn, token, old.sender, now, expires_at=_end_of(expires), signed=old.signed)
        end_key(conn, key_id, now + days * _DAY_MS)
    _show_new(token, old.sender, as_json=as_json)


@keys.command()
@click.argument("key_id")
@_data_dir
def revoke(key_id: str, data_dir: Path | None) -> None:
    """End a key at once."""
    from producers.gateway.keys_store import end_key

    now = _now()
    with _store(data_dir) as conn:
        end_key(conn, _active(conn, key_id, now).id, now)
    print("密钥已停用")


@keys.command("list")
@_data_dir
@_json
def list_keys(data_dir: Path | None, *, as_json: bool) -> None:
    """Show all keys: whose, since when, until when; never themselves."""
    from producers.gateway.keys_store import all_keys

    with _store(data_dir) as conn:
        found = all_keys(conn)
    now = _now()
    for key in found:
        ends = min((each for each in (key.expires_at, key.revoked_at) if each is not None), default=None)
        days = {"created": _day(key.created_at), "ends": _day(ends) if ends is not None else None}
        shown = {"key": key.id, "department": key.sender, "state": key.state(now), "signed": key.signed, **days}
        if as_json:
            print(json.dumps(shown, ensure_ascii=False))
        else:
            until = f"，{days['ends']} 止" if days["ends"] else ""
            signed = "，须签名" if key.signed else ""
            print(f"{key.id}  {key.sender:22}  {_STATES[key.state(now)]}  {days['created']} 起{until}{signed}")


def _active(conn: Connection, key_id: str, now: int) -> Key:
    from producers.gateway.keys_store import key_of

    found = key_of(conn, key_id)
    if found is None or found.state(now) != "active":
        raise click.ClickException(f"没有在用的密钥 {key_id}：请用 alertbus keys list 查看编号")
    return found


def _new_token() -> Token:
    from producers.gateway.api_key import ID_BYTES, SECRET_BYTES, new_token

    return new_token(secrets.token_bytes(ID_BYTES + SECRET_BYTES))


def _show_new(token: Token, sender: str, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps({"key": token.key_id, "department": sender, "token": token.text}))
    else:
        print(f"{token.text}\n只显示这一次；请用可靠的方式交给对方。编号 {token.key_id}，用于更换和停用。")


def _end_of(last_day: datetime | None) -> int | None:
    return None if last_day is None else start_of(day_number(last_day.date()) + 1)


def _day(at: int) -> str:
    return f"{instant(at):%Y-%m-%d}"


@contextmanager
def _store(data_dir: Path | None) -> Iterator[Connection]:
    """Transaction on the gateway's store; what people can mend is said in a line, and ends the command."""
    from producers.gateway.store import StoreError, open_store, writing

    try:
        engine = open_store(gateway_store_of(os.environ, data_dir_of(os.environ, data_dir)))
        with writing(engine) as conn:
            yield conn
        engine.dispose()
    except StoreError as error:
        print(f"未完成：密钥库不可用（{error}）", file=sys.stderr)
        sys.exit(EX_UNUSABLE)


def _now() -> int:
    return time.time_ns() // 1_000_000


COMMANDS = (keys,)
