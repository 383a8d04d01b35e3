"""Changes of many things at once: of those that are named, or of all that a filter finds, some a call."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, Protocol, TypeVar

from hookrouter.domain.audit import Act
from hookrouter.web.api.calls import Asked

WITHIN = 20.0
"""Seconds for a call that does it with many."""

GO_ON = (
    "while `next` is not null, the same call with `after` goes on. What dies after the first call is left alone if "
    "that says `until`."
)


class Tended(Protocol):
    """What became of some."""

    def words(self, done: str) -> str:
        """In words, `done` being what was to be done."""


class Step(Protocol):
    """How far a call came."""

    @property
    def tended(self) -> Tended:
        """What became of those that were its part."""


S = TypeVar("S", bound=Step)


def tend_many(
    asked: Asked, act: Act, done: str, *, named: Callable[[Collection[str]], S], some: Callable[[str | None], S]
) -> S:
    """Do something with those that the body names, or with some of all that it wants; the audit log tells of it.

    Args:
        asked: the call.
        act: what is done.
        done: the same as a word that stands behind a number.
        named: does it with those of these ids.
        some: does it with some behind a cursor.
    """
    with asked.deed(act, in_words(asked.body)) as result:
        ids = asked.body.get("ids")
        step = named(dict.fromkeys(ids)) if ids else some(asked.body.get("after"))
        result.say(step.tended.words(done))
    return step


def in_words(body: Mapping[str, Any]) -> str:
    """Which are meant, as the audit log tells it."""
    if body.get("ids"):
        return f"{len(body['ids'])} by id"
    if body.get("all"):
        return "all"
    said = ((name, body.get(name)) for name in ("sink", "route", "source", "reason", "since", "until"))
    return ", ".join(f"{name} {value}" for name, value in said if value is not None)
