"""The templates in loaded options."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from hookrouter.wire.config.faults import Path
from hookrouter.wire.messages.template import Template


def templates_in(value: object, path: Path) -> Iterator[tuple[Template, Path]]:
    """The templates in what a schema loaded, each with its path; those that say the same of every lead left out."""
    match value:
        case Template():
            if not value.is_constant:
                yield value, path
        case dict():
            yield from _of_parts(value.items(), path)
        case list() | tuple():
            yield from _of_parts(enumerate(value), path)


def _of_parts(parts: Iterable[tuple[str | int, object]], path: Path) -> Iterator[tuple[Template, Path]]:
    for name, part in parts:
        yield from templates_in(part, (*path, name))
