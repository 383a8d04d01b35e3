"""What people call the fields of a lead: `Lead status` for `leadStatus`, `Favorite color` for a custom field's name."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache

from hookrouter.domain.crm_fields import SYSTEM_FIELDS
from hookrouter.domain.short_names import called, short_name

_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")

OTHERWISE = {
    "id": "Id",
    "ownerID": "Owner",
    "accountID": "Account",
    "campaignID": "Campaign",
    "companyName": "Company",
    "emailAddress": "E-mail",
    "zipcode": "ZIP code",
    "phoneNumber": "Phone",
    "phoneNumberExtension": "Extension",
    "officePhoneNumber": "Office phone",
    "mobilePhoneNumber": "Mobile phone",
    "faxNumber": "Fax",
}
"""Where the words of the name are not those that people say."""


def field_label(name: str, lead: Collection[str]) -> str:
    """What people call a field of a lead; a name that nothing is known of stays as it is.

    Args:
        name: as the CRM has it.
        lead: the names of all the lead's fields: of two custom fields that are called the same, neither is.
    """
    if name in SYSTEM_FIELDS:
        return _of_the_crm(name)
    short = short_name(name)
    if short is None or called(lead if name in lead else (*lead, name)).get(short) != (name,):
        return name
    return _capitalized(" ".join(filter(None, short.split("_")))) or name


@lru_cache(maxsize=len(SYSTEM_FIELDS))
def _of_the_crm(name: str) -> str:
    return OTHERWISE.get(name) or _capitalized(_HUMP.sub(" ", name.removeprefix("is")).lower())


def _capitalized(words: str) -> str:
    return words[:1].upper() + words[1:]
