"""A secret that stands in a file, as orchestrators mount them."""

from __future__ import annotations

from pathlib import Path

from hookrouter.domain.errors import ConfigurationError


def secret_in(name: str, value: str) -> str:
    """What stands in the file that the variable `name` names, without the space around it.

    Raises:
        ConfigurationError: it cannot be read, or nothing stands there.
    """
    try:
        text = Path(value).expanduser().read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as fault:
        why = fault.strerror if isinstance(fault, OSError) else "it is no text"
        raise ConfigurationError(f"{name} names a file that cannot be read ({why}): {value}") from None
    if not text:
        raise ConfigurationError(f"{name} names an empty file: {value}")
    return text
