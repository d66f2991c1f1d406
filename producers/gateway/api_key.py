"""API keys: `hab_<id>_<secret>`. The secret has 256 random bits, so its plain SHA-256 tells nobody anything."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from typing import NamedTuple

SECRET_BYTES = 32
ID_BYTES = 5
_TOKEN = re.compile(r"hab_([a-z2-7]{8})_([A-Za-z0-9_-]{43})")


class Token(NamedTuple):
    """A key as its owner has it."""

    key_id: str
    secret: bytes

    @property
    def text(self) -> str:
        """What is shown once."""
        return f"hab_{self.key_id}_{base64.urlsafe_b64encode(self.secret).decode().rstrip('=')}"


class Key(NamedTuple):
    """A key as the store has it.

    Attributes:
        sender: department code, or `register`: whose rows it may send.
        signed: whether requests must be signed besides.
        expires_at: milliseconds; None never.

    """

    id: str
    sender: str
    hash: bytes
    signed: bool
    created_at: int
    expires_at: int | None
    revoked_at: int | None

    def state(self, now: int) -> str:
        """`active`, `expired` or `revoked`."""
        if self.revoked_at is not None and self.revoked_at <= now:
            return "revoked"
        return "expired" if self.expires_at is not None and self.expires_at <= now else "active"


def new_token(randomness: bytes) -> Token:
    """Token of 37 random bytes."""
    return Token(base64.b32encode(randomness[:ID_BYTES]).decode().lower(), randomness[ID_BYTES:])


def token_of(text: str) -> Token | None:
    """Token that a text is; None where it is none."""
    found = _TOKEN.fullmatch(text)
    return Token(found[1], base64.urlsafe_b64decode(found[2] + "=")) if found else None


def hash_of(secret: bytes) -> bytes:
    """What is stored of a secret."""
    return hashlib.sha256(secret).digest()


def opens(token: Token, key: Key | None, now: int) -> bool:
    """Whether a token is a key that may be used now; takes as long for a wrong one as for a right one."""
    right = hmac.compare_digest(hash_of(token.secret), key.hash if key else bytes(32))
    return right and key is not None and key.state(now) == "active"
