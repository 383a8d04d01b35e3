"""TLS to a far side that needs more than usual: another certificate authority, or a certificate of ours."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path

import aiohttp

LARGEST_FILE = 1024 * 1024


class UnusableTlsFile(Exception):  # noqa: N818 - it reads as what happened
    """A file that the configuration names cannot be used; `key` is its key there."""

    def __init__(self, key: str, text: str) -> None:
        super().__init__(text)
        self.key = key


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsFiles:
    """Files in PEM.

    Attributes:
        ca: certificates of the authorities to trust instead of the system's.
        cert: the certificate that we show, with those between it and its authority.
        key: its private key, without a password; None if it stands in `cert`.
    """

    ca: str | None = None
    cert: str | None = None
    key: str | None = None

    def context(self, *, with_certificate: bool = True) -> ssl.SSLContext:
        """Make a context that verifies the far side, as always.

        Args:
            with_certificate: show our certificate, if there is one.

        Raises:
            UnusableTlsFile: one of the files cannot be read, or is not what it should be.
        """
        context = ssl.create_default_context(cadata=None if self.ca is None else _authorities(self.ca))
        if self.cert is not None and with_certificate:
            _show_certificate(context, self.cert, self.key)
        return context


def what_is_wrong(fault: aiohttp.ClientOSError) -> str:
    """What stood in the way of TLS: their certificate, ours, or something else."""
    if isinstance(fault, aiohttp.ClientConnectorCertificateError):
        cause = fault.certificate_error
        detail = cause.verify_message if isinstance(cause, ssl.SSLCertVerificationError) else "it is for another name"
        return f"the certificate is not valid: {detail}"
    alert = str(getattr(fault.__cause__, "reason", ""))
    if "ALERT" not in alert:
        return "the TLS handshake failed"
    if "CERTIFICATE" in alert or "UNKNOWN_CA" in alert:
        return "the far side does not accept our certificate, or wants one (`tls: {cert, key}`)"
    return f"the far side broke off the TLS handshake: {alert.partition('ALERT_')[2].lower().replace('_', ' ')}"


def _authorities(path: str) -> str:
    text = _read("ca", path, "CERTIFICATE")
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=text)
    except ssl.SSLError:
        raise UnusableTlsFile("ca", "the file holds a certificate that cannot be read") from None
    return text


def _show_certificate(context: ssl.SSLContext, cert: str, key: str | None) -> None:
    _read("cert", cert, "CERTIFICATE")
    holder = "cert" if key is None else "key"
    if "ENCRYPTED" in _read(holder, key or cert, "PRIVATE KEY"):
        raise UnusableTlsFile(holder, "the private key has a password: give one without")
    try:
        context.load_cert_chain(cert, key, password="")
    except ssl.SSLError as fault:
        if fault.reason == "KEY_VALUES_MISMATCH":
            raise UnusableTlsFile(holder, "the private key is not that of the certificate") from None
        raise UnusableTlsFile("cert", "the certificate or its private key cannot be read") from None
    except OSError as fault:
        raise _unreadable("cert", fault) from None


def _read(key: str, path: str, kind: str) -> str:
    try:
        with Path(path).open("rb") as stream:
            text = stream.read(LARGEST_FILE).decode("ascii", "replace")
    except OSError as fault:
        raise _unreadable(key, fault) from None
    if f"{kind}-----" not in text:
        raise UnusableTlsFile(key, f"the file holds no {kind.lower()} in PEM")
    return text


def _unreadable(key: str, fault: OSError) -> UnusableTlsFile:
    return UnusableTlsFile(key, f"the file cannot be read: {fault.strerror}")
