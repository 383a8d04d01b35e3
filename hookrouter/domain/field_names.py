"""Whether a lead has a field of a name, as far as that can be told."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from hookrouter.domain.crm_fields import SYSTEM_FIELDS
from hookrouter.domain.lead import ID_FIELDS
from hookrouter.domain.short_names import called, short_name

OTHER_FIELDS = frozenset({*ID_FIELDS, "crmID", "numBounces", "hardBounced", "hasOpportunity"})
"""Known to some of the CRM's surfaces alone (crm-api 4.1)."""

OTHER_WORDS = {
    "company": "companyName",
    "email": "emailAddress",
    "mail": "emailAddress",
    "mobile": "mobilePhoneNumber",
    "owner": "ownerID",
    "phone": "phoneNumber",
    "score": "leadScore",
    "surname": "lastName",
    "zip": "zipcode",
    "postcode": "zipcode",
}
"""What people call fields of the CRM that have other names."""

LEAST_LENGTH = 7
"""Of a name in small letters that may be a slip of the pen: a shorter one is as likely that of a custom field."""

MOST_SLIPS = 2
_BETWEEN = re.compile(r"[^a-z0-9]")


@dataclass(frozen=True, slots=True)
class FieldNames:
    """The fields that the CRM knows; None when it was not asked: then only likely slips of the pen are told."""

    of_the_crm: Collection[str] | None = None

    def doubt(self, path: str) -> str:
        """What to say of a field's name, or of a dotted path into one; '' when nothing is doubtful."""
        name = path.partition(".")[0]
        if name in SYSTEM_FIELDS or name in OTHER_FIELDS:
            return ""
        nearest = _nearest_system_field(name)
        meant = f" (did you mean {nearest}?)" if nearest else ""
        if self.of_the_crm is None:
            is_custom = short_name(name) is not None or not nearest
            return "" if is_custom else f"the CRM has no field `{name}` of its own{meant}"
        short = called(sorted(self.of_the_crm)).get(name, ())
        if name in self.of_the_crm or len(short) == 1:
            return ""
        if short:
            return f"`{name}` may be each of {', '.join(short)}: write the whole name"
        return f"the CRM has no field `{name}`{meant or self._nearest_custom_field(name)}"

    def knows(self, path: str) -> bool:
        """Whether there surely is such a field."""
        return self.can_judge(path) and not self.doubt(path)

    def can_judge(self, path: str) -> bool:
        """Whether it can be told that there is such a field, where nothing is doubtful."""
        name = path.partition(".")[0]
        return name in SYSTEM_FIELDS or name in OTHER_FIELDS or self.of_the_crm is not None

    def _nearest_custom_field(self, name: str) -> str:
        names = {short_name(each) or each for each in self.of_the_crm or ()}
        near = sorted(each for each in names if _slips(_plain(name), _plain(each)) <= MOST_SLIPS)
        return f" (did you mean {near[0]}?)" if near else ""


NOT_ASKED = FieldNames()


def _nearest_system_field(name: str) -> str:
    """The system field that is surely meant, or ''."""
    plain = _plain(name)
    for known in SYSTEM_FIELDS:
        if _plain(known) == plain:
            return known
    if plain in OTHER_WORDS:
        return OTHER_WORDS[plain]
    if name == name.lower() and (len(plain) < LEAST_LENGTH or "_" in name):
        return ""  # so the CRM names custom fields
    near = sorted(_by_slips(plain))
    return near[0][1] if near and near[0][0] <= min(MOST_SLIPS, len(plain) // 3) else ""


def _by_slips(plain: str) -> Iterator[tuple[int, str]]:
    for known in SYSTEM_FIELDS:
        if abs(len(known) - len(plain)) <= MOST_SLIPS:
            yield _slips(plain, _plain(known)), known


def _plain(name: str) -> str:
    return _BETWEEN.sub("", name.lower())


def _slips(one: str, other: str) -> int:
    """How many letters must be put in, taken out or exchanged to make one of the other."""
    row = list(range(len(other) + 1))
    for count, letter in enumerate(one, 1):
        before, row[0] = row[0], count
        for place, expected in enumerate(other, 1):
            before, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, before + (letter != expected))
    return row[-1]
