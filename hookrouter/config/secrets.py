"""Keeps secrets out of what is said about the configuration."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import parse_qsl, quote, urlsplit

from hookrouter.wire.config.faults import Path

SECRET_KEYS = frozenset(
    {
        "api_key",
        "auth",
        "authorization",
        "basic",
        "bearer",
        "headers",
        "password",
        "secret",
        "secret_key",
        "signing_secret",
        "token",
        "username",
        "webhook_url",
    }
)
LOOK_SECRET = ("xoxb-", "xoxp-", "xapp-", "hooks.slack.com/services/", "whsec_")
LEAST_MASKED = 4
"""Shorter values would mask half of every sentence."""

LEAST_FILLED = 8
"""What a variable brings is a secret only perhaps: `sales` is more likely a name."""


PLACES = frozenset({"header", "query"})
"""Where an API key is put: no secrets, although they stand beside one."""

SECRET_NAMES = re.compile(r"auth|key|token|secret|cookie|password|signature", re.IGNORECASE)
"""Of headers and parts of a query."""


def mask_for(value: object, filled: Mapping[str, str]) -> Mapping[str, str]:
    """What must not be said, each with what is said instead; the longest first."""
    spoken = {secret: "(secret)" for secret in _secrets(value, within=False) if len(secret) >= LEAST_MASKED}
    spoken |= {text: f"${{{name}}}" for name, text in filled.items() if len(text) >= LEAST_FILLED}
    spoken |= {_as_quoted(secret): instead for secret, instead in spoken.items()}
    return {secret: spoken[secret] for secret in sorted(spoken, key=len, reverse=True)}


def masked(message: str, mask: Mapping[str, str]) -> str:
    """The message without the secrets."""
    for secret, instead in mask.items():
        message = message.replace(secret, instead)
    return message


def literal_secrets(value: object, path: Path = ()) -> Iterator[Path]:
    """Where a secret stands in the file itself."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from literal_secrets(inner, (*path, key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from literal_secrets(inner, (*path, number))
    elif isinstance(value, str) and any(sign in value for sign in LOOK_SECRET):
        yield path


def sink_secrets(written: Iterable[Mapping[str, object]]) -> tuple[str, ...]:
    """What must not stand in a kept answer of a sink, in the ways that a far side may write it; the longest first."""
    found = {text for options in written for key, value in options.items() for text in _secrets_of_option(key, value)}
    forms = {form for text in found for form in (text, quote(text, safe=""), json.dumps(text)[1:-1])}
    return tuple(sorted((text for text in forms if len(text) >= LEAST_MASKED), key=lambda text: (-len(text), text)))


def _secrets_of_option(key: str, value: object) -> Iterator[str]:
    match key, value:
        case "url" | "webhook_url", str():
            yield from _secrets_of_address(value, is_secret=key in SECRET_KEYS)
        case "headers", dict():
            for text in (str(text) for name, text in value.items() if SECRET_NAMES.search(str(name))):
                yield from (text, text.rpartition(" ")[2])  # `Bearer` and its like are none
        case "basic", dict():
            name, password = str(value.get("username")), str(value.get("password"))
            yield from (password, b64encode(f"{name}:{password}".encode()).decode())
        case _ if key in SECRET_KEYS:
            yield from (text.removeprefix("whsec_") for text in _secrets(value, within=True))


def _secrets_of_address(address: str, *, is_secret: bool) -> Iterator[str]:
    try:
        parts = urlsplit(address)
    except ValueError:
        return
    if is_secret:
        last = parts.path.rpartition("/")[2]
        yield from (address, parts.path, last if len(last) >= LEAST_FILLED else "")
    yield from (text for name, text in parse_qsl(parts.query) if SECRET_NAMES.search(name))


def _secrets(value: object, *, within: bool) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _secrets(inner, within=(within and key not in PLACES) or key in SECRET_KEYS)
    elif isinstance(value, list):
        for inner in value:
            yield from _secrets(inner, within=within)
    elif within and isinstance(value, (str, int, float)) and not isinstance(value, bool):
        yield str(value)


def _as_quoted(text: str) -> str:
    return repr(text)[1:-1]
