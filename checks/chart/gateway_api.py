"""What the chart writes of the Gateway API's HTTPRoute (v1): no package for Python carries the whole of it."""

from __future__ import annotations

from typing import Any

HOSTNAME = r"^(\*\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$"


def _only(required: tuple[str, ...] = (), **properties: Any) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "required": list(required), "properties": properties}


def _list_of(schema: dict[str, Any], least: int = 1, most: int = 16) -> dict[str, Any]:
    return {"type": "array", "items": schema, "minItems": least, "maxItems": most}


TEXT = {"type": "string", "minLength": 1, "maxLength": 253}
PORT = {"type": "integer", "minimum": 1, "maximum": 65535}
HEADERS = _list_of(_only(("name", "value"), name=TEXT, value=TEXT))
CHANGED_HEADERS = _only(set=HEADERS, add=HEADERS, remove=_list_of(TEXT))
MATCH = _only(("path",), path=_only(("type", "value"), type={"enum": ["Exact", "PathPrefix"]}, value={"pattern": "^/"}))
FILTER = _only(
    ("type",),
    type={"enum": ["RequestHeaderModifier", "ResponseHeaderModifier"]},
    requestHeaderModifier=CHANGED_HEADERS,
    responseHeaderModifier=CHANGED_HEADERS,
)
RULE = _only(
    ("matches", "backendRefs"),
    matches=_list_of(MATCH, most=64),
    filters=_list_of(FILTER),
    backendRefs=_list_of(_only(("name", "port"), name=TEXT, port=PORT)),
)
PARENT = _only(("name",), group=TEXT, kind=TEXT, name=TEXT, namespace=TEXT, sectionName=TEXT, port=PORT)
HTTP_ROUTE = _only(
    ("apiVersion", "kind", "metadata", "spec"),
    apiVersion={"const": "gateway.networking.k8s.io/v1"},
    kind={"const": "HTTPRoute"},
    metadata={"type": "object"},
    spec=_only(
        ("parentRefs", "hostnames", "rules"),
        parentRefs=_list_of(PARENT, most=32),
        hostnames=_list_of({"type": "string", "pattern": HOSTNAME, "maxLength": 253}),
        rules=_list_of(RULE),
    ),
)
