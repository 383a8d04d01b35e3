"""Addresses of the web, of networks, of hosts, of people."""

from __future__ import annotations

import re
from email.utils import parseaddr
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any
from urllib.parse import SplitResult, urlsplit

from marshmallow import ValidationError, fields

from hookrouter.wire.config.json_shapes import Shape, text

LONGEST_ADDRESS = 2048
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,252})|\[?[0-9A-Fa-f:.]{2,45}\]?")
_MAILBOX = re.compile(r"[^\s@<>\",;]{1,64}@[^\s@<>\",;]{1,255}")


class WebAddress(fields.Field[str]):
    """An `http` or `https` address without password, question or fragment, always with a host."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:  # noqa: ARG002 - the library's signature
        if not isinstance(value, str) or len(value) > LONGEST_ADDRESS or not value.isprintable() or " " in value:
            raise ValidationError("give an address such as https://hooks.example.com")
        try:
            parts = urlsplit(value)
            _ = parts.port
        except ValueError:
            raise ValidationError("give an address such as https://hooks.example.com") from None
        fault = _fault_of(parts)
        if fault:
            raise ValidationError(fault)
        return value

    @staticmethod
    def json_schema() -> Shape:
        """What an editor takes."""
        return text(r"[Hh][Tt][Tt][Pp][Ss]?://[^\s@?#]+", example="https://hooks.example.com")


def _fault_of(parts: SplitResult) -> str | None:
    if parts.scheme not in {"http", "https"}:
        return "an address begins with https:// or http://"
    if "@" in parts.netloc:
        return "a name or password does not belong in an address"
    if not parts.hostname or not _HOST.fullmatch(parts.hostname):
        return "the address names no host"
    if parts.query or parts.fragment:
        return "leave out what follows ? or #"
    return None


class NetworkField(fields.Field[IPv4Network | IPv6Network]):
    """A network such as `10.1.0.0/16`, or one address."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> IPv4Network | IPv6Network:  # noqa: ARG002 - the library's signature
        if not isinstance(value, str):
            raise ValidationError("give a network such as 10.1.0.0/16")
        try:
            return ip_network(value)
        except ValueError as fault:
            try:
                nearest = ip_network(value, strict=False)
            except ValueError:
                raise ValidationError("give a network such as 10.1.0.0/16 or fd00::/8") from None
            raise ValidationError(f"the address has more bits than the network (did you mean {nearest}?)") from fault

    @staticmethod
    def json_schema() -> Shape:
        """What an editor takes."""
        return text(r"[0-9A-Fa-f:.]+(?:/[0-9.]+)?", example="10.1.0.0/16")


class HostField(fields.Field[str]):
    """A host's name or address, without scheme or port."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:  # noqa: ARG002 - the library's signature
        if not isinstance(value, str) or not _HOST.fullmatch(value):
            raise ValidationError("give a host's name alone, such as smtp.example.com; its port is `port`")
        return value

    @staticmethod
    def json_schema() -> Shape:
        """What an editor takes."""
        return text(_HOST.pattern, example="smtp.example.com")


class MailAddress(fields.Field[str]):
    """`crm@example.com`, or `The CRM <crm@example.com>`."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:  # noqa: ARG002 - the library's signature
        if not isinstance(value, str) or not value.isprintable():
            raise ValidationError("give a mail address such as crm@example.com")
        if not _MAILBOX.fullmatch(parseaddr(value)[1]):
            raise ValidationError("give a mail address such as crm@example.com or The CRM <crm@example.com>")
        return value

    @staticmethod
    def json_schema() -> Shape:
        """What an editor takes."""
        return text(r"[^@]+@[^@]+", example="crm@example.com or The CRM <crm@example.com>")
