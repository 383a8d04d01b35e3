"""Commands in our own texts that the console can do itself: there a link takes their place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import quote, urlencode

NAME = r"([^\s`]+)"
PAGES: tuple[tuple[str, str, str, str], ...] = (
    (f"hookrouter dead show {NAME}", "the letter's page", "dead/{}", ""),
    (f"hookrouter dead replay --sink {NAME}", "replaying", "dead", "sink"),
    (f"hookrouter dead drop --sink {NAME}", "dropping", "dead", "sink"),
    ("hookrouter dead", "the list", "dead", ""),
    (f"hookrouter rejected show {NAME}", "its page", "rejected/{}", ""),
    (f"hookrouter rejected replay {NAME} --set FIELD=VALUE", "its form", "rejected/{}", ""),
    (f"hookrouter rejected drop {NAME}", "its button", "rejected/{}", ""),
    (f"hookrouter deliveries --sink {NAME}", "its deliveries", "deliveries", "sink"),
    (f"hookrouter retry {NAME}", "a button", "flow#retry-{}", ""),
    (f"hookrouter resume {NAME}", "resuming it", "flow/pause", "of"),
    ("hookrouter status", "the flow", "flow", ""),
)
"""Each command, what its link says, the page, and the question to it that has the command's name in it."""
OF_THE_CRM = frozenset({"stream:hydrate", "stream:enrich"})
"""Parts that wait for the CRM: of them, how the whole does is told by how the CRM does."""
KNOWN = tuple((re.compile(command), says, page, asked) for command, says, page, asked in PAGES)


class Piece(NamedTuple):
    """A piece of a text; `page` of what is a link, in the console; `is_command` of what is none and to be typed."""

    text: str
    page: str = ""
    is_command: bool = False


def in_console(text: str, of: str = "") -> Iterator[Piece]:
    """The pieces of a text in which commands stand between backticks.

    Args:
        text: such as the advice of a part of health.
        of: what it is about, such as `route:hot-lead`: a command may name that without its kind.
    """
    pieces = text.split("`")
    for place, piece in enumerate(pieces):
        if place % 2 and place < len(pieces) - 1:
            yield _linked(piece, of)
        elif piece:
            yield Piece(piece)


def _linked(command: str, of: str) -> Piece:
    if command == "hookrouter status" and of in OF_THE_CRM:
        return Piece("its page", "crm")
    for pattern, says, page, asked in KNOWN:
        found = pattern.fullmatch(command)
        if found is None:
            continue
        [name] = found.groups() or ("",)
        if asked == "of":
            name = of if of.partition(":")[2] == name else ""
        if asked and not name:
            break
        return Piece(says, page.format(quote(name, safe="")) + (f"?{urlencode({asked: name})}" if asked else ""))
    return Piece(command, is_command=True)
