"""The CRM writes `Smith &amp; Sons` for what a person typed as `Smith & Sons` (crm-api 4.5): how such values read."""

from __future__ import annotations

import re

from hookrouter.domain.lead import Fields, Json

# What PHP's htmlspecialchars writes, and nothing else: `&copy=` in an address must stay. A `<` that a person typed into
# a field of the CRM's own comes as `&amp;lt;`; who wrote the text `&lt;` there cannot be told apart, and is rare.
_ENTITY = re.compile(r"&(amp;lt|amp|lt|gt|quot|apos|#0?39);")
_MEANT = {"amp;lt": "<", "amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'", "#039": "'", "#39": "'"}


def decoded(fields: Fields) -> Fields:
    """The fields with their values as people mean them, decoded once; the same object where nothing is to decode."""
    changed = {
        name: decoded_value(value)
        for name, value in fields.items()
        if ("&" in value if isinstance(value, str) else isinstance(value, (list, dict)))
    }
    return {**fields, **changed} if changed else fields


def decoded_value(value: Json) -> Json:
    """A value as people mean it: `&amp;gt;` becomes `&gt;`, not `>`, for a text may speak of entities."""
    match value:
        case str():
            return _ENTITY.sub(lambda found: _MEANT[found[1]], value) if "&" in value else value
        case list():
            return [decoded_value(each) for each in value]
        case dict():
            return {name: decoded_value(each) for name, each in value.items()}
        case _:
            return value
