"""Custom fields by the names that people know, without the 13 digits that the CRM appends.

`favorite_color_5a0dd86e6e290` is also called `favorite_color`, unless a field has that very name, the CRM has one of
its own, or two are called so: then nobody is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Self

from hookrouter.domain.crm_fields import SYSTEM_FIELDS
from hookrouter.domain.lead import Json

DIGITS = 13
_TAIL = DIGITS + 1
_HEX = frozenset("0123456789abcdefABCDEF")

Called = Mapping[str, tuple[str, ...]]
"""The fields that are called by each short name."""


def short_name(field: str) -> str | None:
    """What people call a custom field; None for a field that has no such digits."""
    if len(field) > _TAIL and field[-_TAIL] == "_" and _HEX.issuperset(field[-DIGITS:]):
        return field[:-_TAIL]
    return None


def called(names: Iterable[str]) -> Called:
    """Which of a lead's fields each short name means that is no field's very name."""
    return _called(tuple(names))


@lru_cache(
    maxsize=256
)  # most leads of an account have the same fields: looking through them costs twenty times as much
def _called(names: tuple[str, ...]) -> Called:
    found: dict[str, tuple[str, ...]] = {}
    fields = frozenset(names)
    for field in names:
        short = short_name(field)
        if short is not None and short not in SYSTEM_FIELDS and short not in fields:
            found[short] = (*found.get(short, ()), field)
    return found


def whole_path(path: str, fields: Mapping[str, object], known: Called) -> str:
    """A path whose first part is the whole name of a field, where just one is called so."""
    if path in fields:
        return path
    name, dot, rest = path.partition(".")
    meant = known.get(name, ())
    return f"{meant[0]}{dot}{rest}" if len(meant) == 1 else path


class NamedFields(dict[str, Json]):
    """The fields of a lead, or some of them, found by their short names too; listed under their whole ones."""

    __slots__ = ("_known", "_whole")

    def __init__(self, fields: Mapping[str, Json], lead: Mapping[str, Json], known: Called) -> None:
        """Take some fields of a lead; all that the lead has say which names are ambiguous."""
        super().__init__(fields)
        self._whole = lead
        self._known = known

    def __contains__(self, name: object) -> bool:
        return super().__contains__(name) or (isinstance(name, str) and super().__contains__(self.meant(name)))

    def __missing__(self, name: str) -> Json:
        meant = self.meant(name)
        if super().__contains__(meant):
            return self[meant]
        raise KeyError(name)

    def get(self, name: str, default: Json = None) -> Json:  # type: ignore[override]  # the default is a value, too
        """The value of a field, however it is named."""
        return self[name] if name in self else default  # noqa: SIM401 - this is that `get`

    def meant(self, name: str) -> str:
        """The whole name of what is called so."""
        return whole_path(name, self._whole, self._known)


class NamedChanges(tuple[str, ...]):  # noqa: SLOT001 - the language has no other slots for a tuple
    """The names of changed fields, among which those are found by their short names too that are in the lead."""

    lead: NamedFields

    def __new__(cls, changed: Iterable[str], lead: NamedFields) -> Self:
        """Take the names of the changed fields of a lead."""
        made = super().__new__(cls, changed)
        made.lead = lead
        return made

    def __contains__(self, name: object) -> bool:
        return super().__contains__(name) or (isinstance(name, str) and super().__contains__(self.lead.meant(name)))
