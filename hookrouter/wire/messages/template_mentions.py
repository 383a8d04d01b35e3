"""What a template speaks of: fields of the lead, and the events that it compares with."""

from __future__ import annotations

from collections.abc import Iterator

from jinja2 import nodes

from hookrouter.domain.change import LeadEvent
from hookrouter.wire.config.faults import did_you_mean
from hookrouter.wire.messages.sandbox import MAP_METHODS
from hookrouter.wire.messages.template import Template, tree_of

OF_FIELDS = frozenset({"lead", "previous"})
"""The names under which a template has fields."""


def fields_in(template: Template) -> Iterator[str]:
    """The fields that it names, by `lead.NAME`, `lead["NAME"]`, `lead.get("NAME")` or `"NAME" in changed`."""
    tree = tree_of(template)
    for found in tree.find_all((nodes.Getattr, nodes.Getitem, nodes.Call, nodes.Compare)):
        match found:
            case nodes.Getattr(node=nodes.Name(name=of), attr=field) if of in OF_FIELDS and field not in MAP_METHODS:
                yield field
            case nodes.Getitem(node=nodes.Name(name=of), arg=nodes.Const(value=str(field))) if of in OF_FIELDS:
                yield field
            case nodes.Call(
                node=nodes.Getattr(node=nodes.Name(name=of), attr="get"), args=[nodes.Const(value=str(field)), *_]
            ):
                yield from (field,) if of in OF_FIELDS else ()
            case nodes.Compare(expr=nodes.Const(value=str(field)), ops=[nodes.Operand(op="in" | "notin", expr=where)]):
                is_changed = isinstance(where, nodes.Name) and where.name in {"changed", *OF_FIELDS}
                yield from (field,) if is_changed else ()


def unknown_events_in(template: Template) -> Iterator[str]:
    """What to say of texts that it compares `event` with and that no event is called."""
    for found in tree_of(template).find_all(nodes.Compare):
        match found:
            case nodes.Compare(
                expr=nodes.Name(name="event"), ops=[nodes.Operand(op="eq" | "ne", expr=nodes.Const(value=str(event)))]
            ) if event not in [*LeadEvent]:
                known = ", ".join(LeadEvent)
                yield f"the template compares `event` with {event!r}; there are {known}{did_you_mean(event, LeadEvent)}"
