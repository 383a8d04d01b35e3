"""What a template may do: look up values, choose, repeat a little, but never call Python or fill the memory.

Jinja's own sandbox keeps templates away from Python's inside, not from making huge text of a small template
(https://jinja.palletsprojects.com/en/stable/sandbox/). So the tags, filters, methods and operators are those
named here: each is bounded by the size of what goes into it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from itertools import islice
from urllib.parse import quote

import orjson
from jinja2 import StrictUndefined, TemplateSyntaxError, nodes, pass_context
from jinja2.exceptions import SecurityError
from jinja2.filters import FILTERS as JINJA_FILTERS
from jinja2.runtime import Context, LoopContext, markup_join
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.tests import TESTS as JINJA_TESTS
from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup

from hookrouter.domain.lead import Json, is_empty
from hookrouter.wire.messages.people_filters import PEOPLE_FILTERS

MOST_OUTPUT = 300_000
"""The longest text a template may make, in characters: a lead as large as one may be fits, a bomb does not."""

MOST_TURNS = 10_000
"""How many turns all loops of a template may take together, nested ones multiplied: well under a second."""

TURNS_LEFT = "turns left"
"""Where the context keeps them, as a list of one number; no template can speak of a name with a space in it."""

MOST_MADE = 4 * MOST_OUTPUT
"""How many characters `~`, `join` and `replace` may make in all for one text: they multiply what they get."""

ROOM_LEFT = "room left"
"""Where the context keeps that, likewise."""

BIGGEST_NUMBER = 2**64

_FILTERS = (
    "abs capitalize count dictsort e escape first float forceescape int items join last length list lower map max min "
    "reject rejectattr replace reverse select selectattr sort string striptags sum title trim truncate unique "
    "upper wordcount"
)
_TEXT_METHODS = (
    "capitalize casefold count endswith find isalpha isdigit isnumeric lower lstrip partition removeprefix "
    "removesuffix rpartition rsplit rstrip split splitlines startswith strip title upper"
)
_LOOP_NAMES = "depth first index index0 last length nextitem previtem revindex revindex0"

FILTERS = frozenset(_FILTERS.split())
TEXT_METHODS = frozenset(_TEXT_METHODS.split())
LOOP_NAMES = frozenset(_LOOP_NAMES.split())
MAP_METHODS = frozenset({"get", "items", "keys", "values"})
COUNTED = "counted turns"
JOINED = "counted text"
STATEMENTS = (nodes.Template, nodes.Output, nodes.TemplateData, nodes.If, nodes.For, nodes.Expr, nodes.Helper)


class Escaping(StrEnum):
    """Where a template's text goes to, which decides how the values in it are escaped."""

    TEXT = "text"
    HTML = "html"
    URL = "url"
    MRKDWN = "mrkdwn"


class Encoded(str):
    """A value that is percent-encoded already."""

    __slots__ = ()


class Sandbox(ImmutableSandboxedEnvironment):
    """The environment all templates are compiled in, one for each way to escape."""

    intercepted_binops = frozenset({"*", "**", "%"})

    def __init__(self, escaping: Escaping) -> None:
        super().__init__(
            autoescape=escaping is Escaping.HTML,
            undefined=StrictUndefined,
            finalize=FINALIZERS[escaping],
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.globals = {"range": _short_range}
        self.filters = (
            {name: JINJA_FILTERS[name] for name in FILTERS}
            | OWN_FILTERS
            | PEOPLE_FILTERS
            | {COUNTED: _take_turns, JOINED: _concatenate}
        )
        self.tests = JINJA_TESTS | {"defined": _is_defined}

    def getattr(self, obj: object, attribute: str) -> object:
        """`obj.attribute`: of a map the value, or '' when it is not there."""
        return self.getitem(obj, attribute)

    def getitem(self, obj: object, argument: object) -> object:
        """`obj[argument]`; what a lead does not have is empty, what no value can have is undefined."""
        match obj:
            case Mapping():
                return self._of_map(obj, argument)
            case str() if isinstance(argument, str):
                return getattr(obj, argument) if argument in TEXT_METHODS else self._of_text(obj, argument)
            case str() | list() | tuple() if isinstance(argument, int | slice):
                return _part(obj, argument)
            case LoopContext() if argument in LOOP_NAMES:
                return getattr(obj, str(argument))
            case _:
                return self.undefined(obj=obj, name="this name")

    def _of_map(self, values: Mapping[object, object], name: object) -> object:
        if name in values:
            value = values[name]
            return "" if value is None else value
        return getattr(values, str(name)) if name in MAP_METHODS else ""

    def _of_text(self, text: str, name: str) -> object:
        # An absent field is '': so lead.address.city is empty too when there is no address.
        return self.undefined(obj=text, name=name) if text else ""

    def call_binop(self, context: Context, operator: str, left: object, right: object) -> object:
        """Calculate with numbers of ordinary size only."""
        if operator == "**" or not isinstance(left, int | float) or not isinstance(right, int | float):
            raise SecurityError(f"`{operator}` is for numbers only")
        if max(abs(left), abs(right)) > BIGGEST_NUMBER:
            raise SecurityError(f"`{operator}` is for numbers of ordinary size only")
        return super().call_binop(context, operator, left, right)


def bound(node: nodes.Node) -> None:
    """Count the turns of every loop below, and refuse what can be seen beforehand to be unbounded.

    Raises:
        TemplateSyntaxError: a template may not do this; it names the line.
    """
    if not isinstance(node, STATEMENTS):
        raise TemplateSyntaxError(
            f"`{type(node).__name__.lower()}` is not available: use if, for and filters", node.lineno
        )
    if isinstance(node, nodes.Name) and node.name == "self":
        raise TemplateSyntaxError("`self` is not available", node.lineno)
    if isinstance(node, nodes.Pow):
        raise TemplateSyntaxError("`**` is not available", node.lineno)
    if isinstance(node, nodes.Mul | nodes.Mod) and (_is_text(node.left) or _is_text(node.right)):
        raise TemplateSyntaxError(f"`{node.operator}` is for numbers only; join texts with ~", node.lineno)
    if isinstance(node, nodes.For):
        if node.recursive:
            raise TemplateSyntaxError("a loop may not be recursive", node.lineno)
        node.iter = nodes.Filter(node.iter, COUNTED, [], [], None, None, lineno=node.lineno)
    if isinstance(node, nodes.Concat):
        parts = nodes.List(node.nodes, lineno=node.lineno)
        node.nodes = [nodes.Filter(parts, JOINED, [], [], None, None, lineno=node.lineno)]
    for child in node.iter_child_nodes():
        bound(child)


@pass_context
def _take_turns(context: Context, values: Iterable[object]) -> list[object]:
    left = context[TURNS_LEFT]
    taken = list(islice(values, left[0] + 1))
    left[0] -= len(taken)
    if left[0] < 0:
        raise SecurityError(f"its loops take more than {MOST_TURNS} turns")
    return taken


@pass_context
def _concatenate(context: Context, values: Iterable[object]) -> str:
    texts = [value if isinstance(value, str) else _spell(value) for value in values]
    _make(context, sum(map(len, texts)), "text joined by ~")
    return markup_join(texts)


def _make(context: Context, characters: int, what: str) -> None:
    left = context[ROOM_LEFT]
    left[0] -= characters
    if left[0] < 0 or characters > MOST_OUTPUT:
        raise SecurityError(f"{what} would be too long")


def _is_text(node: nodes.Node) -> bool:
    if isinstance(node, nodes.Const):
        return isinstance(node.value, str)
    return isinstance(node, nodes.List | nodes.Tuple | nodes.Concat | nodes.TemplateData)


def _part(values: str | list[object] | tuple[object, ...], place: int | slice) -> object:
    try:
        return values[place]
    except IndexError:
        return ""


def _short_range(*limits: int) -> range:
    turns = range(*limits)
    if len(turns) > MOST_TURNS:
        raise SecurityError(f"a range may have {MOST_TURNS} numbers at most")
    return turns


def _is_defined(value: object) -> bool:
    return not isinstance(value, StrictUndefined) and value != ""


def _or_default(value: Json, default: Json = "", boolean: bool = False) -> Json:  # noqa: FBT001, FBT002 - Jinja's signature
    """Jinja's `default`, for whom an empty field is as good as none."""
    return default if is_empty(value) or (boolean and not value) else value


@pass_context
def _join(context: Context, values: Iterable[object], separator: str = "", attribute: None = None) -> str:  # noqa: ARG001 - Jinja's signature
    texts = [_spell(value) for value in values]
    _make(context, sum(map(len, texts)) + len(separator) * len(texts), "a join")
    return separator.join(texts)


@pass_context
def _replace(context: Context, text: object, old: str, new: str) -> str:
    whole = _spell(text)
    _make(context, len(whole) + len(new) * whole.count(old), "a replacement")
    return whole.replace(old, new)


def _truncate(text: object, length: int = 255) -> str:
    whole = _spell(text)
    return whole if len(whole) <= length else whole[: max(length - 1, 0)] + "…"


def _round(number: float, precision: int = 0) -> float:
    # Jinja's own raises ten to the precision, whatever that is.
    return round(number, min(precision, 12)) if precision else round(number)


def _to_json(value: object) -> Markup:
    return htmlsafe_json_dumps(value)


def _percent_encode(value: object) -> Encoded:
    text = _spell(value)
    if text in {".", ".."}:
        raise SecurityError("a value would climb in the URL's path")
    return Encoded(quote(text, safe="", errors="replace"))


def _spell(value: object) -> str:
    """A value as it stands in a text: null is empty, truth is in JSON's words, lists and maps are JSON."""
    match value:
        case str():
            return value
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case tuple():
            return orjson.dumps(list(value)).decode()  # also of the names of changed fields, a kind of their own
        case list() | dict():
            return orjson.dumps(value).decode()
        case _:
            return str(value)


def escape_mrkdwn(text: str) -> str:
    """Escape the three characters by which Slack knows links and mentions.

    https://docs.slack.dev/messaging/formatting-message-text#escaping
    """
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


FINALIZERS: Mapping[Escaping, Callable[[object], object]] = {
    Escaping.TEXT: _spell,
    Escaping.HTML: lambda value: value if isinstance(value, Markup) else _spell(value),
    Escaping.URL: lambda value: value if isinstance(value, Encoded) else _percent_encode(value),
    Escaping.MRKDWN: lambda value: escape_mrkdwn(_spell(value)),
}

OWN_FILTERS: dict[str, Callable[..., object]] = {
    "d": _or_default,
    "default": _or_default,
    "join": _join,
    "replace": _replace,
    "round": _round,
    "tojson": _to_json,
    "truncate": _truncate,
    "urlencode": _percent_encode,
}
