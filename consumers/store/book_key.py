"""The household book's own key: AES-256-GCM, in a file of its own, mode 600, never in the database.

KeyFileError
    NoKeyError      the file is not there
    WrongKeyError   the file is no key, or what is to be read was written with another one
"""

from __future__ import annotations

import base64
import binascii
import os
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_KEY_BYTES = 32
_NONCE_BYTES = 12


class KeyFileError(Exception):
    """The book's key cannot be used; the message says what to do."""


class NoKeyError(KeyFileError):
    """The file is not there."""


class WrongKeyError(KeyFileError):
    """The file is no key, or not the one with which the book was written."""


class BookKey:
    """A key that locks and opens entries; an entry opens under the name only under which it was locked."""

    def __init__(self, secret: bytes) -> None:
        """Take 32 bytes."""
        self._cipher = AESGCM(secret)

    def lock(self, name: str, plain: bytes) -> bytes:
        """Nonce and ciphertext of an entry."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, plain, name.encode())

    def open(self, name: str, locked: bytes) -> bytes:
        """Open what was locked under this name.

        Raises:
            WrongKeyError: with another key, or it was tampered with.

        """
        try:
            return self._cipher.decrypt(locked[:_NONCE_BYTES], locked[_NONCE_BYTES:], name.encode())
        except InvalidTag as error:
            raise WrongKeyError("住户簿不是用这个密钥写的：请从备份恢复 book.key 后重试") from error


def create_book_key(file: Path) -> None:
    """Make a new key where there is none; one that is there stays."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as opened:
        opened.write(base64.b64encode(os.urandom(_KEY_BYTES)) + b"\n")
        opened.flush()
        os.fsync(opened.fileno())
    try:
        os.link(draft, file)  # whole or not at all, and never over one that another made meanwhile
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def replace_book_key(file: Path) -> None:
    """Make a new key; one that is there is kept beside it, for nobody knows what it still opens."""
    if file.exists():
        file.replace(file.with_name(f"{file.name}.old"))
    create_book_key(file)


def read_book_key(file: Path) -> BookKey:
    """Read the key.

    Raises:
        NoKeyError: the file is not there.
        WrongKeyError: it holds no key.

    """
    try:
        secret = base64.b64decode(file.read_bytes().strip(), validate=True)
    except FileNotFoundError as error:
        raise NoKeyError(f"没有住户簿密钥 {file.name}：请从备份恢复") from error
    except binascii.Error as error:
        raise WrongKeyError(f"文件 {file.name} 不是住户簿密钥：请从备份恢复") from error
    if len(secret) != _KEY_BYTES:
        raise WrongKeyError(f"文件 {file.name} 不是住户簿密钥：请从备份恢复")
    return BookKey(secret)
