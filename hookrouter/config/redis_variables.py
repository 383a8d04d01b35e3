"""Where Redis is, as the environment says."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from hookrouter.config.secret_file import secret_in
from hookrouter.domain.errors import ConfigurationError
from hookrouter.wire.redis_address import read_address, trusting

PATTERN_SIGNS = "*?[\\"


def redis_url(name: str, value: str) -> str:
    """An address, if it is one."""
    try:
        read_address(value)
    except ConfigurationError as fault:
        raise ConfigurationError(f"{name} {fault}") from None  # the value is not told: it may hold a password
    return value


def redis_url_in(name: str, value: str) -> str:
    """An address that stands in a file, as secrets do."""
    return redis_url(name, secret_in(name, value))


def key_prefix(name: str, value: str) -> str:
    """The first part of every key: what is to be forgotten, for one, is found by it as the beginning of a pattern."""
    if any(sign in value for sign in PATTERN_SIGNS):
        raise ConfigurationError(f"{name} is {value!r}: give one without any of {' '.join(PATTERN_SIGNS)}")
    return value


def redis_ca(name: str, value: str) -> str:
    """The file of a CA, if it is one."""
    import ssl  # noqa: PLC0415 - slow to load, and needed by few

    path = Path(value).expanduser().absolute()
    try:
        ssl.create_default_context(cafile=path)
    except OSError as fault:  # that which is no certificate is one, too
        why = fault.strerror if fault.errno and not isinstance(fault, ssl.SSLError) else "it holds no certificate"
        raise ConfigurationError(f"{name} names a file that cannot be used ({why}): {value}") from None
    return str(path)


def whole_address(values: Mapping[str, object], environment: Mapping[str, str]) -> object:
    """Where Redis is, with all that other variables say of it."""
    url, of_file, ca = (values.get(name) for name in ("redis_url", "redis_url_file", "redis_ca"))
    if of_file and environment.get("HOOKROUTER_REDIS_URL", "").strip():
        raise ConfigurationError("HOOKROUTER_REDIS_URL and HOOKROUTER_REDIS_URL_FILE are both set: give one of them")
    found = of_file or url
    if found is None or ca is None:
        return found
    try:
        return trusting(str(found), str(ca))
    except ConfigurationError:
        raise ConfigurationError(
            "HOOKROUTER_REDIS_CA is set, and the address of Redis speaks no TLS: begin it with rediss"
        ) from None
