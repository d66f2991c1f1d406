"""Where a page or gateway listens: beyond the loopback address only over TLS."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import NamedTuple


class Listening(NamedTuple):
    """An address, and the files with which it speaks TLS.

    Attributes:
        prefix: of the settings' names.
        certificate: PEM, with its chain; None speaks plainly.
        private_key: PEM.

    """

    prefix: str
    host: str
    port: int
    certificate: Path | None
    private_key: Path | None

    def fault(self) -> str | None:
        """Why nothing may listen so, and what to do; None where all is well."""
        if (self.certificate is None) != (self.private_key is None):
            return f"{self.prefix}_CERT and {self.prefix}_CERT_KEY belong together: set both, or neither"
        if self.certificate is None and not is_loopback(self.host):
            return (
                f"{self.host} is not the loopback address, and there it may not listen without TLS: set "
                f"{self.prefix}_CERT and {self.prefix}_CERT_KEY, or {self.prefix}_HOST=127.0.0.1"
            )
        return self._unusable()

    def _unusable(self) -> str | None:
        if self.certificate is None:
            return None
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(self.certificate, self.private_key, lambda: "")
        except (OSError, ValueError) as error:
            return f"{self.prefix}_CERT and {self.prefix}_CERT_KEY cannot be used ({error}): give a PEM pair that fits"
        return None

    @property
    def url(self) -> str:
        """Address."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.certificate else 'http'}://{host}:{self.port}"


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches an address."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def listening_of(program: str, value: Mapping[str, str]) -> Listening:
    """Listening of a program's settings: its HOST, PORT, CERT and CERT_KEY.

    Raises:
        ValueError: the port is no number.

    """
    prefix = f"ALERTBUS_{program.upper()}"
    certificate, private_key = (value.get(f"{prefix}_{name}") for name in ("CERT", "CERT_KEY"))
    return Listening(
        prefix,
        value[f"{prefix}_HOST"],
        int(value[f"{prefix}_PORT"]),
        Path(certificate) if certificate else None,
        Path(private_key) if private_key else None,
    )
