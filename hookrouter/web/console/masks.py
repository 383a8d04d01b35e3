"""What of a lead is shown on a page: what is personal only where an operator asked for it."""

from __future__ import annotations

from dataclasses import dataclass

from hookrouter.domain.lead import Json
from hookrouter.domain.personal import Mask


@dataclass(frozen=True, slots=True)
class Masked:
    """Shows values as the page at hand may show them; in templates it is `shown`."""

    mask: Mask
    is_open: bool = False

    def value(self, value: Json, name: str = "") -> Json:
        """A value of the field `name`."""
        return value if self.is_open else self.mask.value(value, name)

    def text(self, text: str) -> str:
        """A text of ours or of a far side, such as an answer."""
        return text if self.is_open else self.mask.text(text)

    def hides(self, name: str) -> bool:
        """Whether a field is not shown as it is, so that it must not be edited blindly either."""
        return not self.is_open and self.mask.is_personal(name)
