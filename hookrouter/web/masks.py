"""What of a lead console and operator API show: what is personal only where an operator asked for it.

To find what is personal in texts takes time, and pushes wait meanwhile: so each text, and all of a page together, are
looked through up to a bound, with turns for others between. What was not looked through is not shown.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import gevent

from hookrouter.domain.lead import Json
from hookrouter.domain.personal import Mask

LONGEST = 8 * 1024
"""Characters of one text; the most hostile take a hundredth of a second."""
MOST = 1024 * 1024
"""Characters of a page's texts in all."""
TURN_EVERY = 8 * 1024
"""Characters after which others have their turn."""
EDGE = 512
"""Characters at the end of what was looked through that are left out: an address may be cut in two there."""
NOT_SHOWN = "(not looked through, for there is so much text: shown with personal data only)"


@dataclass(slots=True)
class Looked:
    """How much text of a page was looked through."""

    characters: int = 0

    def take(self, count: int) -> bool:
        """Whether so many more characters may be looked through; gives others their turn."""
        if self.characters + count > MOST:
            return False
        before, self.characters = self.characters, self.characters + count
        if before // TURN_EVERY != self.characters // TURN_EVERY:
            gevent.sleep(0)
        return True

    def through(self, text: str, hide: Callable[[str], str]) -> str:
        """A text, or its beginning, as `hide` shows it."""
        if not self.take(min(len(text), LONGEST)):
            return NOT_SHOWN
        if len(text) <= LONGEST:
            return hide(text)
        return f"{hide(text[:LONGEST])[:-EDGE]}… {NOT_SHOWN}"


@dataclass(frozen=True, slots=True)
class Masked:
    """Shows values as the page at hand may show them; in templates it is `shown`."""

    mask: Mask
    is_open: bool = False
    looked: Looked = field(default_factory=Looked)

    def value(self, value: Json, name: str = "") -> Json:
        """A value of the field `name`."""
        if self.is_open:
            return value
        return each_text(value, name, self.mask, lambda text, inner: self.looked.through(text, self._hidden(inner)))

    def text(self, text: str) -> str:
        """A text of ours or of a far side, such as an answer."""
        return text if self.is_open else self.looked.through(text, self.mask.text)

    def hides(self, name: str) -> bool:
        """Whether a field is not shown as it is, so that it must not be edited blindly either."""
        return not self.is_open and self.mask.is_personal(name)

    def _hidden(self, name: str) -> Callable[[str], str]:
        return lambda text: str(self.mask.value(text, name))


def each_text(value: Json, name: str, mask: Mask, shown: Callable[[str, str], Json]) -> Json:
    """A value with each text in it as `shown` has it, which is given the text and its field's name."""
    match value:
        case str():
            return shown(value, name)
        case dict():
            # Under a name that hides all, what is within has no names of its own.
            is_whole = bool(name) and mask.is_personal(name)
            return {key: each_text(inner, name if is_whole else key, mask, shown) for key, inner in value.items()}
        case list():
            inner_name = name if name and mask.is_personal(name) else ""
            return [each_text(inner, inner_name, mask, shown) for inner in value]
        case int() if not isinstance(value, bool):
            told = shown(str(value), name)
            return value if told == str(value) else told
        case _:
            return mask.value(value, name)
