"""How large a push and its parts may be."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What is beyond is refused: of a push as a whole, of a lead alone.

    Attributes:
        body: bytes, as they come and again once they are unpacked.
        leads: in one push.
        fields: of one lead.
        field_name: characters.
        field_value: characters; the CRM's own texts end at 65,535.
        lead: characters in all its values; a worker has hundreds in its hands at once, the CRM's have four thousand.
        depth: lists and maps within each other; the CRM's own answers need four.
        form_fields: of one form.
    """

    body: int = 16 * 1024 * 1024
    leads: int = 5000
    fields: int = 500
    field_name: int = 128
    field_value: int = 65_536
    lead: int = 262_144
    depth: int = 32
    form_fields: int = 2000


USUAL = Bounds()
