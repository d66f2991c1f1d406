"""Inviting somebody to sign in, for the first time or because they forgot their password."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlalchemy import Connection

from consumers.inbox.access import INVITED_MS
from consumers.store.accounts import COUNTY, TOWNSHIP, Account, account_named, add_account
from consumers.store.accounts import invite as new_invitation
from consumers.store.sessions import close_account

_LONGEST_NAME = 40
_TOWNSHIP_CODE = re.compile(r"\d{9}")


class InvitationError(Exception):
    """Nobody was invited; the message says why, in Chinese."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """An account and the token of its invitation, which stands nowhere else."""

    account_id: str
    token: str


def invite(conn: Connection, name: str, township: str | None, now: int) -> Invitation:
    """Invite somebody of a township, or of the county (None); the account is made if there is none.

    Raises:
        InvitationError: the name or the code cannot be, or the name is somebody else's.

    """
    name = " ".join(name.split())
    if not 1 <= len(name) <= _LONGEST_NAME or not name.isprintable():
        raise InvitationError(f"姓名应为 1 至 {_LONGEST_NAME} 个字：请改正")
    if township is not None and not _TOWNSHIP_CODE.fullmatch(township):
        raise InvitationError("乡镇代码应为 9 位数字：请改正")
    role = COUNTY if township is None else TOWNSHIP
    account = account_named(conn, name) or add_account(conn, name, role, township, now)
    if (account.role, account.township_code) != (role, township):
        raise InvitationError("此姓名已用于另一单位的账号：请加上单位或职务以示区别")
    if account.closed_at is not None:
        raise InvitationError("此姓名的账号已停用：请换一个写法，例如加上职务")
    return Invitation(account.id, new_invitation(conn, account.id, now + INVITED_MS))


def close(conn: Connection, name: str, now: int) -> Account:
    """Let somebody sign in no more.

    Raises:
        InvitationError: nobody has this name.

    """
    account = account_named(conn, " ".join(name.split()))
    if account is None:
        raise InvitationError("没有这个姓名的账号：请用 alertbus accounts list 查看")
    close_account(conn, account.id, now)
    return account
