"""A request's body as it arrives: so many bytes in so much time, unpacked, out of its form."""

from __future__ import annotations

import asyncio
import hashlib
import zlib
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import PurePath

from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request

from producers.gateway.desk import Limits
from producers.gateway.media import JSON, MULTIPART, SUFFIXES
from producers.gateway.rows import Body
from producers.gateway.words import RefusedError

_ALL_AT_ONCE_BYTES = 256 * 1024 * 1024
_GZIP = 16 + zlib.MAX_WBITS
_MIB = 1 << 20


class Room:
    """What all bodies in memory may take together."""

    def __init__(self, most: int = _ALL_AT_ONCE_BYTES) -> None:
        """Nothing is taken yet."""
        self._left = most

    @asynccontextmanager
    async def share(self) -> AsyncIterator[Share]:
        """Yield one request's share; it is given back in the end."""
        share = Share(self)
        try:
            yield share
        finally:
            self._left += share.bytes

    def take(self, number: int) -> None:
        """Take some.

        Raises:
            RefusedError: there is not so much.

        """
        if number > self._left:
            raise RefusedError("busy", retry_after=2)
        self._left -= number


class Share:
    """What one request has taken of the room."""

    def __init__(self, room: Room) -> None:
        """Nothing yet."""
        self._room = room
        self.bytes = 0

    def take(self, number: int) -> None:
        """Take some more; raises RefusedError."""
        self._room.take(number)
        self.bytes += number


async def bytes_of(request: Request, limits: Limits, share: Share) -> bytes:
    """Body as it was sent.

    Raises:
        RefusedError: it is too large or too slow.

    """
    stated = request.headers.get("content-length", "")
    if stated.isascii() and stated.isdigit() and int(stated[:18]) > limits.body_bytes:
        raise _too_large(limits)
    content = bytearray()
    try:
        async with asyncio.timeout(limits.body_seconds):
            async for chunk in request.stream():
                share.take(len(chunk))
                content += chunk
                if len(content) > limits.body_bytes:
                    raise _too_large(limits)
    except TimeoutError as error:
        raise RefusedError("too_slow", limit=f"{limits.body_seconds:g} s", headers={"connection": "close"}) from error
    except ClientDisconnect as error:
        raise RefusedError("bad_request") from error
    return bytes(content)


def _too_large(limits: Limits) -> RefusedError:
    return RefusedError("body_too_large", limit=f"{limits.body_bytes / _MIB:g} MiB", headers={"connection": "close"})


async def body_of(request: Request, sent: bytes, limits: Limits, share: Share) -> Body:
    """Body of what was sent, unpacked.

    Raises:
        RefusedError: its encoding or type is unknown, or it is not what it says.

    """
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in {"identity", "gzip"}:
        raise RefusedError("unknown_encoding")
    content = _unpacked(sent, limits, share) if encoding == "gzip" else sent
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    suffix = ".json" if media == JSON else SUFFIXES.get(media)
    if media == MULTIPART:
        content, suffix = await _file_in(request.headers, content)
    if suffix is None:
        raise RefusedError("unknown_type", headers={"accept-post": ", ".join((JSON, *SUFFIXES, MULTIPART))})
    return Body(content, suffix, hashlib.sha256(content).hexdigest())


def _unpacked(sent: bytes, limits: Limits, share: Share) -> bytes:
    unpacker = zlib.decompressobj(_GZIP)
    try:
        content = unpacker.decompress(sent, limits.body_bytes + 1)
    except zlib.error as error:
        raise RefusedError("bad_gzip") from error
    if len(content) > limits.body_bytes:
        raise _too_large(limits)
    if not unpacker.eof or unpacker.unused_data:
        raise RefusedError("bad_gzip")
    share.take(len(content))
    return content


async def _file_in(headers: Headers, content: bytes) -> tuple[bytes, str | None]:
    """Content and suffix of a form's one file, `file`."""

    async def whole() -> AsyncGenerator[bytes]:
        yield content
        yield b""

    parser = MultiPartParser(headers, whole(), max_files=1, max_fields=0)
    parser.spool_max_size = len(content) + 1  # in memory: what is in it never lies on the disk
    try:
        form = await parser.parse()
    except (MultiPartException, KeyError) as error:
        raise RefusedError("bad_multipart") from error
    file = form.get("file")
    if not isinstance(file, UploadFile):
        raise RefusedError("bad_multipart")
    suffix = PurePath(file.filename or "").suffix.lower()
    found = await file.read()
    await form.close()
    return found, suffix if suffix in {".json", *SUFFIXES.values()} else None
