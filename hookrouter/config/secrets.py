"""Keeps secrets out of what is said about the configuration."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from hookrouter.wire.faults import Path

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


def _secrets(value: object, *, within: bool) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _secrets(inner, within=within or key in SECRET_KEYS)
    elif isinstance(value, list):
        for inner in value:
            yield from _secrets(inner, within=within)
    elif within and isinstance(value, (str, int, float)) and not isinstance(value, bool):
        yield str(value)


def _as_quoted(text: str) -> str:
    return repr(text)[1:-1]
