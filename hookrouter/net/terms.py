"""Where a sink wants its HTTP exchanges to differ from the usual."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import aiohttp

from hookrouter.net.tls import TlsFiles


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The terms of a sink's exchanges; TLS files are read at the first one.

    Attributes:
        connect_timeout: the longest it may take to connect, from the look-up of the name to the end of TLS's handshake.
        read_timeout: the longest it may wait for the next byte.
        redirects: how many may be followed.
        tls: files to verify by, or to show.
    """

    connect_timeout: timedelta | None = None
    read_timeout: timedelta | None = None
    redirects: int = 0
    tls: TlsFiles | None = None
    _made: dict[bool, Mapping[str, Any]] = field(default_factory=dict, init=False, repr=False, compare=False)

    @classmethod
    def of(
        cls,
        *,
        connect_timeout: timedelta | None = None,
        read_timeout: timedelta | None = None,
        redirects: int = 0,
        tls: TlsFiles | None = None,
    ) -> Terms | None:
        """The terms, or None if nothing is said: what is usual costs nothing."""
        if connect_timeout is None and read_timeout is None and tls is None and not redirects:
            return None
        return cls(connect_timeout=connect_timeout, read_timeout=read_timeout, redirects=redirects, tls=tls)

    def settings(self, *, elsewhere: bool = False) -> Mapping[str, Any]:
        """What the session is told for one request; `elsewhere`: to which a redirect led, and our certificate must not.

        Raises:
            UnusableTlsFile: a file cannot be used; the next exchange tries it again.
        """
        made = self._made.get(elsewhere)
        if made is None:
            made = self._made[elsewhere] = {
                "timeout": aiohttp.ClientTimeout(  # no limit on the whole: an exchange has one of its own
                    total=None, connect=_seconds(self.connect_timeout), sock_read=_seconds(self.read_timeout)
                ),
                "ssl": self._tls(elsewhere=elsewhere),
            }
        return made

    def _tls(self, *, elsewhere: bool) -> ssl.SSLContext | bool:
        return True if self.tls is None else self.tls.context(with_certificate=not elsewhere)


def _seconds(limit: timedelta | None) -> float | None:
    return None if limit is None else limit.total_seconds()
