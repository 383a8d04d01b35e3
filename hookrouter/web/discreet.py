"""What a page tells of one lead in texts that others made: reasons, messages, answers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from hookrouter.domain.echo import Discretion, is_to_be_dialled
from hookrouter.domain.lead import Json, text_of
from hookrouter.web.masks import Masked, each_text

_NAMES_IDS = re.compile(r"(?:^|_)(?:id|ids|key|lead|owner|push|place)$|I[Dd]s?$")
"""Fields of a lead, and of what is told about one, whose digits name something."""


@dataclass(frozen=True, kw_only=True)
class Discreet:
    """Shows texts about a lead without its personal values, wherever they stand in them; in templates `told`.

    A mask knows values by their fields' names, and addresses by their look. A telephone number within a message or a
    reason has neither, but it is one that the lead has.
    """

    shown: Masked
    lead: Mapping[str, Json] = field(default_factory=dict)
    previous: Mapping[str, Json] = field(default_factory=dict)

    def text(self, text: str) -> str:
        """A text about the lead."""
        return text if self.shown.is_open else self.shown.looked.through(text, self._hide)

    def value(self, value: Json, name: str = "") -> Json:
        """A value of the field `name`, or a message with many."""
        return value if self.shown.is_open else each_text(value, name, self.shown.mask, self._shown)

    def _shown(self, value: str, name: str) -> Json:
        if name and self.shown.mask.is_personal(name):
            return self.shown.value(value, name)
        # Digits alone are mostly somebody's id: to be dialled only where the lead has them as such, or they look so.
        if (
            value.isdigit()
            and not self._is_personal(value)
            and (_NAMES_IDS.search(name) or not is_to_be_dialled(value))
        ):
            return value
        return self.shown.looked.through(value, lambda text: self._hide(self.shown.mask.text(text)))

    def _hide(self, text: str) -> str:
        return Discretion(self.shown.mask).text(text, *self._personal)

    @cached_property
    def _personal(self) -> tuple[Mapping[str, Json], Mapping[str, Json]]:
        """The personal fields of the lead as it is and as it was: of hundreds of fields a few, looked for once."""
        is_personal = self.shown.mask.is_personal
        now, before = ({name: of[name] for name in of if is_personal(name)} for of in (self.lead, self.previous))
        return now, before

    def _is_personal(self, value: str) -> bool:
        return any(value == text_of(known) for fields in self._personal for known in fields.values())
