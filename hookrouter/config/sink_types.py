"""What is said of a sink type that does not exist."""

from __future__ import annotations

from collections.abc import Collection

from hookrouter.wire.config.faults import did_you_mean

PLANNED_TYPES = ("apprise",)
OTHER_NAMES = {"mail": "email", "smtp": "email", "webhook": "http", "https": "http", "console": "stdout"}


def no_such_type(kind: str, known: Collection[str], *, also: tuple[str, ...] = ()) -> str:
    """The sentence, with the nearest of the known types, or of the other words that may stand there."""
    listed = ", ".join([*sorted(known), *also])
    if kind in PLANNED_TYPES:
        return f"the sink type `{kind}` is not supported by this version, which has {', '.join(sorted(known))}"
    other = OTHER_NAMES.get(kind)
    suggestion = f" (did you mean {other}?)" if other in known else did_you_mean(kind, [*known, *also])
    return f"there is no sink type `{kind}`: give one of {listed}{suggestion}"
