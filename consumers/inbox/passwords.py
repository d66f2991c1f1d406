"""Passwords: kept as argon2id, and a wrong account costs as long as a wrong password."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST, LONGEST = 10, 200
TOO_SHORT = f"密码至少{SHORTEST}个字符。"
TOO_LONG = f"密码最多{LONGEST}个字符。"
TOO_PLAIN = "密码太简单：请至少使用5个不同的字符，并且不要包含账号。"

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
"""As OWASP advises where many may sign in at once: 19 MiB for each attempt."""
_NOBODYS = _hasher.hash("the password of nobody")
"""What a password is compared with where there is no account, so that the answer takes as long."""


def hash_of(password: str) -> str:
    """Argon2id hash with its salt and parameters."""
    return _hasher.hash(password)


def matches(stored: str | None, password: str) -> bool:
    """Whether it is the password; without a stored hash it never is, after the same work."""
    try:
        _hasher.verify(stored or _NOBODYS, password[:LONGEST])
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


def weakness(password: str, account_name: str) -> str | None:
    """What is wrong with a new password, in words for its owner; None if it will do."""
    if len(password) < SHORTEST:
        return TOO_SHORT
    if len(password) > LONGEST:
        return TOO_LONG
    if len(set(password)) < 5 or account_name.casefold() in password.casefold():
        return TOO_PLAIN
    return None
