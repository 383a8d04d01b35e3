"""What the CRM makes of text that is written into a lead, as somebody found in 2017 (crm-api 4.5)."""

from __future__ import annotations

import re

_TYPED = str.maketrans({"&": "&amp;", '"': "&quot;", "'": "&#039;", ">": "&gt;", "<": "&amp;lt;"})
_SHOWN = {"&amp;lt;": "<", "&amp;": "&", "&quot;": '"', "&#039;": "'", "&gt;": ">", "&lt;": "<"}
_ENTITY = re.compile("|".join(_SHOWN))
_NOT_LAST = re.compile(r"<(?=.)", re.DOTALL)


def typed(text: str, *, custom: bool) -> str:
    """As it comes back when somebody typed it in the application."""
    return text.replace("<", "&lt;") if custom else text.translate(_TYPED)


def written_through_api(text: str) -> str:
    """As it comes back when a call wrote it."""
    return _NOT_LAST.sub("&lt;", text)


def shown(text: str) -> str:
    """As the application shows it."""
    return _ENTITY.sub(lambda found: _SHOWN[found[0]], text)
