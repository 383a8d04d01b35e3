"""Templates of the configuration, compiled once when it is loaded, and not anew for the same text."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from functools import lru_cache
from types import TracebackType
from typing import Any

from jinja2 import TemplateError, TemplateSyntaxError, UndefinedError, meta, nodes
from jinja2.exceptions import SecurityError
from marshmallow import ValidationError, fields

from hookrouter.domain.assignment import Assigned
from hookrouter.domain.delivery import Delivery
from hookrouter.domain.errors import HookrouterError
from hookrouter.domain.short_names import NamedChanges, NamedFields, called
from hookrouter.wire.config.faults import did_you_mean
from hookrouter.wire.config.json_shapes import Shape, text
from hookrouter.wire.messages.people_filters import MOMENT
from hookrouter.wire.messages.sandbox import (
    MOST_MADE,
    MOST_OUTPUT,
    MOST_TURNS,
    ROOM_LEFT,
    TURNS_LEFT,
    Escaping,
    Sandbox,
    bound,
)

NAMES = frozenset(
    {"lead", "previous", "changed", "event", "route", "source", "push", "timeline", "lists", "link", "step", "say"}
    | {"assigned"}
)
"""What a template may speak of."""
ASSIGNED = "assigned"
OF_ASSIGNED = tuple(each.name for each in dataclasses.fields(Assigned))
"""What a template may say of whom a lead was given to."""

LONGEST_TEMPLATE = 20_000
KEPT_COMPILED = 500
"""Of so many the compiled form is kept: a file says the same in many places, and most of it stays at an edit."""

FILE = "<template>"
"""What Jinja calls a template that comes from no file; its frames bear this name."""

FAULTS = (TemplateError, TypeError, ValueError, ArithmeticError, LookupError, AttributeError, RecursionError, NameError)
"""All that filling a template was seen to raise; a NameError by Jinja, where a template reckons up to infinity."""

_SANDBOXES = {escaping: Sandbox(escaping) for escaping in Escaping}


class RenderingFailed(HookrouterError):  # noqa: N818 - it reads as what happened
    """A template could not be filled; the text says where and why, without any value of the lead."""


class Template:
    """A compiled template; it is equal to another of the same source that escapes alike."""

    __slots__ = ("_compiled", "_literal", "escaping", "source")

    def __init__(self, source: str, escaping: Escaping = Escaping.TEXT, *, names: frozenset[str] = NAMES) -> None:
        """Compile.

        Raises:
            ValueError: it is not well-formed, or speaks of what there is not; the text names its line.
        """
        self.source = source
        self.escaping = escaping
        self._literal = source if "{" not in source else None
        self._compiled = _compile(source, escaping, names)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Template) and (self.source, self.escaping) == (other.source, other.escaping)

    def __hash__(self) -> int:
        return hash((self.source, self.escaping))

    @property
    def is_constant(self) -> bool:
        """Whether it makes the same text of every delivery."""
        return self._literal is not None

    def render(self, context: Mapping[str, object]) -> str:
        """Fill it.

        Raises:
            RenderingFailed: it cannot be filled, or its text would be too long.
        """
        if self._literal is not None:
            return self._literal
        pieces = []
        room = MOST_OUTPUT
        try:
            for piece in self._compiled.generate({**context, TURNS_LEFT: [MOST_TURNS], ROOM_LEFT: [MOST_MADE]}):
                room -= len(piece)
                if room < 0:
                    break
                pieces.append(piece)
        except FAULTS as fault:
            raise RenderingFailed(_why(fault)) from None
        if room < 0:
            raise RenderingFailed(f"a template makes a text of more than {MOST_OUTPUT} characters: shorten it")
        return "".join(pieces)


class TemplateField(fields.Field[Template]):
    """A template in the configuration."""

    def __init__(self, escaping: Escaping = Escaping.TEXT, **options: Any) -> None:
        super().__init__(**options)
        self.escaping = escaping

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Template:  # noqa: ARG002 - the library's signature
        if not isinstance(value, str):
            raise ValidationError("a text is needed here")
        try:
            return Template(value, self.escaping)
        except ValueError as fault:
            raise ValidationError(str(fault)) from None

    @staticmethod
    def json_schema() -> Shape:
        """What an editor takes."""
        return text()


def tree_of(template: Template) -> nodes.Template:
    """What a template is made of, for those who look for what it speaks of."""
    tree: nodes.Template = _SANDBOXES[template.escaping].parse(template.source)
    return tree


def speaks_of(template: Template, name: str) -> bool:
    """Whether a template speaks of something."""
    return name in template.source and name in meta.find_undeclared_variables(tree_of(template))


def template_context(delivery: Delivery, lead_link: Callable[[str], str | None]) -> dict[str, object]:
    """What templates are filled with; `link` is '' when the lead has no page in the CRM."""
    names = called(delivery.lead)
    lead = NamedFields(delivery.lead, delivery.lead, names)
    return {
        "lead": lead,
        "previous": NamedFields(delivery.previous, delivery.lead, names),
        "changed": NamedChanges(delivery.changed, lead),
        "event": delivery.event.value,
        "route": delivery.route,
        "source": delivery.source,
        "push": delivery.push,
        "timeline": delivery.timeline,
        "lists": delivery.lists or (),
        "step": delivery.step,
        "say": delivery.say,
        "link": link_of(delivery, lead_link),
        ASSIGNED: assigned_context(delivery.assigned),
        MOMENT: delivery.received_at,
    }


def assigned_context(assigned: Assigned | None) -> dict[str, str]:
    """Whom a lead was given to; all of it is '' when it was given to nobody."""
    return (
        dict.fromkeys(OF_ASSIGNED, "") if assigned is None else {name: getattr(assigned, name) for name in OF_ASSIGNED}
    )


def link_of(delivery: Delivery, lead_link: Callable[[str], str | None]) -> str:
    """The lead's page in the CRM, or '' for a lead that is known by its e-mail address only."""
    return "" if delivery.lead_key.startswith("email:") else lead_link(delivery.lead_key) or ""


@lru_cache(maxsize=KEPT_COMPILED)
def _compile(source: str, escaping: Escaping, names: frozenset[str]) -> Any:
    if len(source) > LONGEST_TEMPLATE:
        raise ValueError(f"a template may have {LONGEST_TEMPLATE} characters at most")
    sandbox = _SANDBOXES[escaping]
    try:
        tree = sandbox.parse(source)
        bound(tree)
        compiled = sandbox.from_string(tree)
    except TemplateSyntaxError as fault:
        raise ValueError(f"line {fault.lineno} of the template: {fault.message}") from None
    for part in tree.find_all(nodes.Getattr):
        if isinstance(part.node, nodes.Name) and part.node.name == ASSIGNED and part.attr not in OF_ASSIGNED:
            known = ", ".join(OF_ASSIGNED)
            raise ValueError(f"`assigned` has no `{part.attr}`{did_you_mean(part.attr, OF_ASSIGNED)}; it has: {known}")
    for name in sorted(meta.find_undeclared_variables(tree) - names - sandbox.globals.keys()):
        known = ", ".join(sorted(names))
        raise ValueError(f"the template speaks of `{name}`{did_you_mean(name, names)}; there is: {known}")
    return compiled


def _why(fault: Exception) -> str:
    line = _line(fault.__traceback__)
    where = f"line {line} of a template" if line else "a template"
    return f"{where} cannot be filled: {_in_words(fault)}"


def _in_words(fault: Exception) -> str:
    # The fault's own text may quote the lead: only our own refusals are passed on.
    match fault:
        case SecurityError():
            return fault.message or "it does what is not allowed"
        case TypeError() | ValueError():
            return "it calculates with or compares values of different kinds; numbers need |int or |float"
        case UndefinedError():
            return "it asks a value for something it does not have"
        case _:
            return type(fault).__name__


def _line(traceback: TracebackType | None) -> int:
    line = 0
    while traceback is not None:
        if traceback.tb_frame.f_code.co_filename == FILE:
            line = traceback.tb_lineno
        traceback = traceback.tb_next
    return line
