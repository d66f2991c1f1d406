"""Who may send what: keys, signatures, how often. Wrong keys are counted by address and logged, never repeated."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Mapping

from sqlalchemy import Engine, delete
from sqlalchemy.dialects.sqlite import insert

from producers.gateway.api_key import Key, Token, opens, token_of
from producers.gateway.keys_store import key_of
from producers.gateway.signature import TOLERANCE_SECONDS, Signed, check_signature, signed_of
from producers.gateway.store import SIGNED, StoreError, reading, writing
from producers.gateway.words import RefusedError
from producers.metrics import WRONG_KEYS
from producers.rate import Rate

WRONG_KEYS_PER_MINUTE = 10
_CHALLENGE = {"www-authenticate": "Bearer"}
_MOST_REMEMBERED = 10_000
log = logging.getLogger(__name__)


class Door:
    """Lets requests in."""

    def __init__(self, engine: Engine, per_minute: int, now: Callable[[], int]) -> None:
        """`now` in milliseconds."""
        self._engine = engine
        self._now = now
        self._requests = Rate(per_minute)
        self._wrong = Rate(WRONG_KEYS_PER_MINUTE)
        self._known: set[tuple[str, str]] = set()

    def key(self, authorization: str | None, address: str) -> tuple[Key, Token]:
        """Key of a request.

        Raises:
            RefusedError: there is none, a wrong one, too many wrong ones came from here, or it is used too often.

        """
        scheme, _, text = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not text.strip():
            raise RefusedError("no_key", headers=_CHALLENGE)
        token, now = token_of(text.strip()), self._now()
        known = token is not None and (address, token.key_id) in self._known
        if not known and (seconds := self._wrong.wait(address, now / 1000)):
            raise RefusedError("too_many_wrong_keys", retry_after=seconds)
        key = self._stored(token) if token else None
        if token is None or key is None or not opens(token, key, now):
            raise self._counted(address)
        if seconds := self._requests.take(key.id, now / 1000):
            raise RefusedError("too_many_requests", retry_after=seconds)
        if len(self._known) >= _MOST_REMEMBERED:
            self._known.clear()
        self._known.add((address, key.id))
        return key, token

    def _stored(self, token: Token) -> Key | None:
        try:
            with reading(self._engine) as conn:
                return key_of(conn, token.key_id)
        except StoreError as error:
            raise RefusedError("store_away", retry_after=5) from error

    def _counted(self, address: str) -> RefusedError:
        WRONG_KEYS.inc()
        log.warning("a wrong key from %s", address)
        seconds = self._wrong.take(address, self._now() / 1000)
        return (
            RefusedError("too_many_wrong_keys", retry_after=seconds)
            if seconds
            else RefusedError("bad_key", headers=_CHALLENGE)
        )

    def signature(self, key: Key, token: Token, headers: Mapping[str, str], body: bytes) -> None:
        """Check the signature of a request that has one, or needs one.

        Raises:
            RefusedError: it is lacking, wrong, old, or its id was used before.

        """
        signed = signed_of(headers)
        if signed is None:
            if key.signed:
                raise RefusedError("no_signature")
            return
        check_signature(signed, token.secret, body, self._now())
        try:
            self._used_once(key, signed)
        except StoreError as error:
            raise RefusedError("store_away", retry_after=5) from error

    def _used_once(self, key: Key, signed: Signed) -> None:
        """Note an id, by its hash; what is too old to be taken anyway is forgotten."""
        name = hashlib.sha256(signed.message_id.encode()).hexdigest()
        row = {"key_id": key.id, "message_id": name, "timestamp": signed.timestamp}
        with writing(self._engine) as conn:
            conn.execute(delete(SIGNED).where(SIGNED.c.timestamp < self._now() // 1000 - 2 * TOLERANCE_SECONDS))
            if not conn.execute(insert(SIGNED).values(row).on_conflict_do_nothing()).rowcount:
                raise RefusedError("replayed")
