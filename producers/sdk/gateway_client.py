"""The shell: one HTTP client of one gateway. TLS, or the loopback address; redirects and proxies are not followed."""

from __future__ import annotations

import gzip
import re
import ssl
import time
import uuid
from collections.abc import Callable
from pathlib import Path

import httpx

from producers.gateway.api_key import Token, token_of
from producers.gateway.media import JSON
from producers.gateway.signature import signature_of
from producers.publish import REGISTER
from producers.sdk.answers import Later, Unpacked, Verdict, refusal_of, verdict_of
from producers.sdk.errors import GatewayRefusesError, NotDeliveredError, SettingError
from producers.sdk.spool import Batch
from schemas.departments import BY_CODE
from schemas.listening import is_loopback

_TIMEOUT = httpx.Timeout(60, connect=10)
_WORTH_PACKING = 1_000
_RECEIPT = re.compile(r"[a-z_]{1,40}-\d{14}-[0-9a-f]{8}", re.ASCII)


class GatewayClient:
    """Speaks for one sender."""

    def __init__(
        self,
        url: str,
        key: str,
        sender: str,
        *,
        signed: bool = False,
        ca: str | Path | None = None,
        transport: httpx.BaseTransport | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        """Nothing is sent yet.

        Args:
            url: of the gateway's root.
            key: as `alertbus keys create` printed it.
            sender: department code, or `register`.
            signed: sign each request, where the key asks for it.
            ca: PEM file of the authority behind the gateway's certificate; None trusts the usual ones.
            transport: for tests.
            now: seconds, for signatures.

        Raises:
            SettingError: one of them cannot be.

        """
        token = token_of(key.strip())
        if token is None:
            raise SettingError("密钥不完整：请照县里给的原样填写 / the key is not whole: give it as the county did")
        if sender != REGISTER and sender not in BY_CODE:
            raise SettingError(f"没有这个部门 / there is no such department; one of {', '.join((*BY_CODE, REGISTER))}")
        self._secret = token.secret if signed else None
        self._now = now
        self._packs = True
        self._path = "/v1/register" if sender == REGISTER else f"/v1/events/{sender}"
        self._http = httpx.Client(
            base_url=_safe(url),
            headers=_headers(token),
            timeout=_TIMEOUT,
            verify=_trust(ca),
            trust_env=False,
            transport=transport,
        )

    def close(self) -> None:
        """Disconnect."""
        self._http.close()

    def deliver(self, batch: Batch) -> Verdict:
        """Send a batch; what came of it."""
        verdict = self._sent(batch)
        if isinstance(verdict, Unpacked) and self._packs:
            self._packs = False
            verdict = self._sent(batch)
        return verdict

    def _sent(self, batch: Batch) -> Verdict:
        content = batch.content
        headers = {"content-type": JSON, "idempotency-key": batch.name}
        if self._packs and len(content) > _WORTH_PACKING:
            content = gzip.compress(content, 6, mtime=0)
            headers["content-encoding"] = "gzip"
        if self._secret is not None:
            headers |= self._signature(self._secret, content)
        params = {"covers_to": batch.covers_to} if batch.covers_to else {}
        try:
            answer = self._http.post(self._path, content=content, headers=headers, params=params)
        except httpx.HTTPError as error:
            return Later(_away(error))
        return verdict_of(answer.status_code, answer.content, answer.headers.get("retry-after"), len(batch.lines))

    def _signature(self, secret: bytes, content: bytes) -> dict[str, str]:
        name, timestamp = uuid.uuid4().hex, int(self._now())
        signature = signature_of(secret, name, timestamp, content)
        return {"webhook-id": name, "webhook-timestamp": f"{timestamp}", "webhook-signature": signature}

    def receipt(self, number: str) -> dict[str, object]:
        """Receipt as the gateway has it now.

        Raises:
            SettingError: that is no receipt's number.
            GatewayRefusesError: it knows none of this sender, or the key is wrong.
            NotDeliveredError: it does not answer.

        """
        if not _RECEIPT.fullmatch(number):  # nothing else may get into an address
            raise SettingError("这不是回执编号 / that is no receipt's number")
        try:
            answer = self._http.get(f"/v1/receipts/{number}")
        except httpx.HTTPError as error:
            raise NotDeliveredError(_away(error)) from None
        if answer.status_code == 200:
            found: dict[str, object] = answer.json()
            return found
        words = refusal_of(answer.status_code, answer.content)
        raise (NotDeliveredError if answer.status_code in {429, 500, 503} else GatewayRefusesError)(words)


def _headers(token: Token) -> dict[str, str]:
    return {"authorization": f"Bearer {token.text}", "accept": JSON}


def _safe(url: str) -> httpx.URL:
    """Address over TLS, or of this machine; nothing but host and path in it."""
    try:
        found = httpx.URL(url)
    except httpx.InvalidURL:
        found = httpx.URL()
    if found.scheme not in {"http", "https"} or not found.host or found.userinfo or found.query or found.fragment:
        raise SettingError("网关地址应如 https://gateway.example / the address must be like https://gateway.example")
    if found.scheme == "http" and not is_loopback(found.host):
        raise SettingError(
            "网关地址必须是 https：身份证号不得明文传输 / "
            "the address must be https: identity numbers never travel in plain text"
        )
    return found


def _trust(ca: str | Path | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca)
    except (OSError, ssl.SSLError):
        raise SettingError(
            f"不能使用证书文件 {ca} / the certificate file {ca} cannot be used: give a PEM file"
        ) from None


def _away(error: httpx.HTTPError) -> str:
    """Why nobody answered; the library's own words may hold more than is ours to tell."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return (
                "网关的证书不可信：请核对地址，或用 ca 指明县里的证书 / "
                "the gateway's certificate is not trusted: check the address, or give the county's with `ca`"
            )
        cause = cause.__cause__ or cause.__context__
    name = type(error).__name__
    return f"网关没有答复（{name}），稍后自动重发 / the gateway does not answer ({name}); sent again by itself"
