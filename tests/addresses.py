"""Compiles each address once: werkzeug does so in each application, and most tests of pages make their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from werkzeug.routing import Rule

_compile: Callable[..., Any] | None = getattr(Rule, "_compile_builder", None)
"""Private to werkzeug: where it is not there any more, nothing is remembered."""
_compiled: dict[tuple[object, ...], Any] = {}


def _compile_once(rule: Any, append_unknown: bool = True) -> Any:
    known = (rule.rule, tuple(rule._trace), str(rule.defaults), append_unknown)
    if known not in _compiled and _compile is not None:
        _compiled[known] = _compile(rule, append_unknown)
    return _compiled[known]


def compile_once() -> None:
    """Remember what builds an address, in this process: two thirds of what it takes to make an application."""
    if _compile is not None:
        Rule._compile_builder = _compile_once
