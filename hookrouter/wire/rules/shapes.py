"""What the values within `match` look like, for editors."""

from __future__ import annotations

from hookrouter.wire.config.duration import DURATION
from hookrouter.wire.config.json_shapes import VARIABLE, Shape, also, one_or_more, text

SCALAR: Shape = {"type": ["string", "number", "boolean"], "minLength": 1}
SCALARS = one_or_more(SCALAR)
TEXTS = one_or_more({"type": ["string", "number"], "minLength": 1})
NUMBER = also("number", text(r"\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*", example="80"))
TWO_NUMBERS: Shape = {"type": "array", "items": NUMBER, "minItems": 2, "maxItems": 2}
MOMENT: Shape = {"type": "string", "pattern": rf"^\d{{4}}|{VARIABLE}"}
SPAN = text(DURATION, example="30d")
COUNTED = also("integer", text(r"[0-9]+"))
FIELD_NAME: Shape = {"type": "string", "pattern": r"\S"}
