"""Keeps secrets out of what is said about the configuration."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from urllib.parse import parse_qsl, quote, urlsplit

from hookrouter.wire.config.faults import Path
from hookrouter.wire.config.strict_fields import as_name

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


OF_SECRETS_ALONE = frozenset({"password", "secret_key", "signing_secret", "token"})
"""Keys whose values are secret, whatever they look like."""

PLACES = frozenset({"header", "query"})
"""Where an API key is put: no secrets, although they stand beside one."""

ALIKE = 0.8
"""How much a misspelt key has in common with the right one."""

LEAST_MADE_UP = 12
"""Characters of a word with digits in it that is a secret rather than a name or a version."""
_TEMPLATE = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)

SECRET_NAMES = re.compile(
    r"auth|key|token|secret|cookie|passw|passphrase|pwd|credential|signature|^sig$|^code$", re.IGNORECASE
)
"""Of headers and parts of a query."""


@cache
def may_hold_secrets(key: str) -> bool:
    """Whether a key has secrets, or may be meant for one that has: `tokn`, `passwort`, `secretKey`."""
    plain = key.lower()
    if plain in PLACES:
        return False
    near = get_close_matches(plain, SECRET_KEYS, n=1, cutoff=ALIKE)
    return plain in SECRET_KEYS or bool(near) or SECRET_NAMES.search(plain) is not None


def mask_for(value: object, filled: Mapping[str, str]) -> Mapping[str, str]:
    """What must not be said, each with what is said instead; the longest first."""
    spoken = {secret: "(secret)" for secret in _secrets(value, within=False) if len(secret) >= LEAST_MASKED}
    spoken |= {secret: "(secret)" for secret in _secrets_of_bodies(value) if len(secret) >= LEAST_FILLED}
    spoken |= {text: f"${{{name}}}" for name, text in filled.items() if len(text) >= LEAST_FILLED}
    spoken |= {form: instead for secret, instead in spoken.items() for form in _forms(secret)}
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
    elif isinstance(value, str) and (any(sign in value for sign in LOOK_SECRET) or _is_literal(value, path)):
        yield path


def _is_literal(value: str, path: Path) -> bool:
    """Whether a text stands under a key for a secret, and no variable in it."""
    keys = [part for part in path if isinstance(part, str)]
    return bool(keys) and keys[-1] in OF_SECRETS_ALONE and bool(value) and "${" not in value


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
            for text in _secrets_of_headers(value):
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
            if key == "headers" and isinstance(inner, dict):
                yield from _secrets_of_headers(inner)
            elif key != "headers" or not isinstance(inner, int):  # of the receiver: how many a request may have
                yield from _secrets(inner, within=(within and key not in PLACES) or key in SECRET_KEYS)
    elif isinstance(value, list):
        for inner in value:
            yield from _secrets(inner, within=within)
    elif within and isinstance(value, (str, int, float)) and not isinstance(value, bool):
        yield str(value)


def _secrets_of_headers(headers: Mapping[object, object]) -> Iterator[str]:
    """The values of headers that are named or look like secrets; others, such as `application/json`, may be shown."""
    for name, value in headers.items():
        is_called_so = SECRET_NAMES.search(str(name)) is not None
        if isinstance(value, dict) and not is_called_so:
            yield from _secrets_of_headers(value)
            continue
        yield from (
            text for text in _secrets(value, within=True) if is_called_so or _looks_made_up(_TEMPLATE.sub(" ", text))
        )


def _looks_made_up(text: str) -> bool:
    return any(sign in text for sign in LOOK_SECRET) or any(
        len(word) >= LEAST_MADE_UP and any(map(str.isdigit, word)) for word in text.split()
    )


def _secrets_of_bodies(value: object) -> Iterator[str]:
    """What stands in the body of a message under the name of a secret, whoever's name it is: `apiKey`."""
    match value:
        case dict():
            for key, inner in value.items():
                yield from _under_secret_names(inner) if key == "body" else _secrets_of_bodies(inner)
        case list():
            for inner in value:
                yield from _secrets_of_bodies(inner)


def _under_secret_names(value: object, *, within: bool = False) -> Iterator[str]:
    match value:
        case dict():
            for key, inner in value.items():
                yield from _under_secret_names(inner, within=within or SECRET_NAMES.search(str(key)) is not None)
        case list():
            for inner in value:
                yield from _under_secret_names(inner, within=within)
        case str() if within and "{{" not in value and "{%" not in value:
            yield value


def _forms(text: str) -> Iterator[str]:
    """How a message may write it: as Python quotes it, or as the name that may be meant by it."""
    yield repr(text)[1:-1]
    name = as_name(text)
    if len(name) >= LEAST_FILLED:
        yield name
