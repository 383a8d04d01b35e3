"""The shapes in which a push may arrive; nobody outside the vendor knows which is the real one."""

from __future__ import annotations

from enum import StrEnum

LARGEST_BATCH = 500


class Shape(StrEnum):
    """How a batch of leads is wrapped (crm-api 6.1, 6.2)."""

    LIST = "list"  # a bare JSON list
    LEADS = "leads"  # {"leads": [...]}
    LEAD = "lead"  # {"lead": [...]}
    DATA = "data"  # {"data": [...]}
    ENVELOPE = "envelope"  # a whole API answer
    SINGLE = "single"  # one lead a push
    WRAPPED = "wrapped"  # one lead a push: {"lead": {...}}
    FORM = "form"  # leads[0][id]=...
    FORM_JSON = "form_json"  # a form with one field, which holds JSON
    MULTIPART = "multipart"  # leads[0][id] as parts
    POSTBACK = "postback"  # one lead's fields as parts: what an automation's postback is documented to be
    FORM_POSTBACK = "form_postback"  # the same as a form's postback, which has names of its own
    MIXED = "mixed"  # each push in another of these


class Coverage(StrEnum):
    """How much of a changed lead is pushed."""

    WHOLE = "whole"
    CHANGED = "changed"  # its id, its timestamp, and the fields that changed
    IDS = "ids"  # its id alone


class Labelling(StrEnum):
    """What the Content-Type says."""

    RIGHT = "right"
    NONE = "none"
    TEXT = "text"  # text/plain, as a client of the API sends it
    WRONG = "wrong"  # JSON labelled as a form, and the reverse


class Transfer(StrEnum):
    """How the body goes over the wire."""

    PLAIN = "plain"
    CHUNKED = "chunked"
    GZIP = "gzip"
    EXPECT = "expect"  # waits for 100 Continue, as PHP's curl does


ONE_LEAD = frozenset({Shape.SINGLE, Shape.WRAPPED, Shape.POSTBACK, Shape.FORM_POSTBACK})
UNMIXED = tuple(shape for shape in Shape if shape is not Shape.MIXED)


def leads_a_push(shape: Shape) -> int:
    """How many leads one push carries at most."""
    return 1 if shape in ONE_LEAD else LARGEST_BATCH


def shape_of_push(shape: Shape, number: int) -> Shape:
    """The shape of the push with this number: mixed ones take turns."""
    return UNMIXED[number % len(UNMIXED)] if shape is Shape.MIXED else shape
