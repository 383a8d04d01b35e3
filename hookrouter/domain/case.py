"""A case: a changed lead, with everything else that a route may ask about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from hookrouter.domain.change import Change
from hookrouter.domain.ids import SourceName
from hookrouter.domain.lead import Fields, Json, field_at
from hookrouter.domain.short_names import Called, called, whole_path


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What routes judge.

    Attributes:
        source: where the lead was pushed.
        at: the moment that counts, which is when its push arrived.
        timeline: the lead's history as the CRM gives it; None while nobody has asked for it.
    """

    change: Change
    source: SourceName
    at: datetime
    timeline: Sequence[Mapping[str, Json]] | None = None
    _called: Called | None = field(default=None, init=False, repr=False, compare=False)

    @property
    def fields(self) -> Fields:
        """The lead's fields as they are now."""
        return self.change.lead.fields

    def field(self, path: str) -> Json:
        """The value of a field, or of a dotted path; a custom field may be named without the CRM's digits."""
        known = self._called
        if known is None:
            known = self.called()
        fields = self.change.lead.fields
        # Most leads miss some of the fields that are asked for, so this is asked often and must cost little.
        if (path.partition(".")[0] if "." in path else path) in known:
            return field_at(fields, whole_path(path, fields, known))
        return field_at(fields, path)

    def path_of(self, path: str) -> str:
        """The path with the whole name of the custom field that it begins with; the same for any other."""
        return path if path in self.fields else whole_path(path, self.fields, self.called())

    def called(self) -> Called:
        """Which of the lead's fields each short name means; asked only for names that no field has, and kept then."""
        known = self._called
        if known is None:
            known = called(self.fields)
            object.__setattr__(self, "_called", known)
        return known
