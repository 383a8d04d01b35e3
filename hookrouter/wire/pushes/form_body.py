"""Forms: `multipart/form-data` and `application/x-www-form-urlencoded`, read for their fields.

The CRM's documented postbacks are multipart forms of one lead's fields (crm-api 6.2).
"""

from __future__ import annotations

import re
from urllib.parse import parse_qsl

from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder, NeedData

from hookrouter.domain.errors import PushRefused

MULTIPART = "multipart/form-data"
URLENCODED = "application/x-www-form-urlencoded"

# Some senders write lines that end in a line feed alone, or another header before the one that names the field.
_FIRST_LINE = re.compile(
    rb"\s*--([!-~]{1,70})\r?\n(?:[!-9;-~]{1,60}:[^\r\n]{0,200}\r?\n){0,5}?(?i:content-disposition):"
)
_BOUNDARY_WITHIN = 1000
"""Bytes of a preamble that may stand before the first boundary, where the label tells what that is."""
_PAIRS = re.compile(rb"[^\s=&{\[<\"][^\s=&]*=")
"""How a urlencoded form begins: with a name, and no space before its first value."""


def is_form(body: bytes, media: str) -> bool:
    """Whether a body is a form, by what it is; its label decides only what could be either."""
    return (
        _FIRST_LINE.match(body) is not None
        or _PAIRS.match(body) is not None
        or (media in (MULTIPART, URLENCODED) and b"=" in body)
    )


def read_form(body: bytes, content_type: str, most_fields: int) -> list[tuple[str, str]]:
    """The fields of a form in their order, names and values as they were before they were encoded.

    Raises:
        PushRefused: 400 for a form that is broken, too large in number, not in UTF-8, or brings files.
    """
    boundary = _boundary(body, content_type)
    return _read_pairs(body, most_fields) if boundary is None else _read_parts(body.lstrip(), boundary, most_fields)


def _boundary(body: bytes, content_type: str) -> bytes | None:
    """What parts the form: as the label says, if that stands at its beginning, else its first line."""
    _, options = parse_options_header(content_type)
    declared = options.get("boundary", "").encode("latin-1", "replace")
    if declared and re.search(rb"(?:^|\n)--" + re.escape(declared), body[: _BOUNDARY_WITHIN + len(declared)]):
        return declared
    first = _FIRST_LINE.match(body)
    return None if first is None else first[1]


def _read_pairs(body: bytes, most_fields: int) -> list[tuple[str, str]]:
    try:
        text = body.decode("utf-8").strip()  # percent-encoded as it should be, or as it was typed
        return parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=most_fields)
    except UnicodeDecodeError:
        raise PushRefused(400, "form not in UTF-8", "the form's fields are not in UTF-8") from None
    except ValueError:
        raise _too_many(most_fields) from None


def _read_parts(body: bytes, boundary: bytes, most_fields: int) -> list[tuple[str, str]]:
    decoder = MultipartDecoder(boundary, max_parts=most_fields)
    fields: list[tuple[str, str]] = []
    name, content, is_file = "", b"", False
    try:
        decoder.receive_data(body)
        decoder.receive_data(None)
        while not isinstance(event := decoder.next_event(), Epilogue | NeedData):
            match event:
                case Field() | File():
                    name, content, is_file = event.name or "", b"", isinstance(event, File)
                case Data(data=data, more_data=more):
                    content += data
                    if not more:
                        fields += _field(name, content, is_file=is_file)
                case _:
                    pass
    except UnicodeDecodeError:
        raise PushRefused(400, "form not in UTF-8", "a field of the form is not in UTF-8") from None
    except ValueError:
        raise PushRefused(400, "form broken", "the form is cut short or damaged") from None
    except RequestEntityTooLarge:
        raise _too_many(most_fields) from None
    if not isinstance(event, Epilogue):
        raise PushRefused(400, "form broken", "the form is cut short")
    return fields


def _field(name: str, content: bytes, *, is_file: bool) -> list[tuple[str, str]]:
    if is_file and content:
        raise PushRefused(400, "file in the form", "the form brings a file: only fields are taken")
    return [] if is_file else [(name, content.decode("utf-8"))]


def _too_many(most_fields: int) -> PushRefused:
    return PushRefused(400, "too many fields", f"a form may have {most_fields} fields at most")
