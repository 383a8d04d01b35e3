"""What is done with many of a list: with those chosen at once, or step by step with all that a filter finds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from flask import Response

from hookrouter.domain.audit import BEGUN, Act
from hookrouter.web.console.asked import Asked
from hookrouter.web.console.shell import Console
from hookrouter.web.console.work import Work, counted, total_of

PAGE = 50
"""Rows of a list, and so the most that can be chosen."""
DONE = {"replay": "replayed", "drop": "dropped"}


class Tally(Protocol):
    """What became of some of a list."""

    def counts(self, done: str) -> Mapping[str, int]:
        """How many of each, by words for people; `done` is what was asked for."""

    def words(self, done: str) -> str:
        """The same in a line."""


class Stepped(Protocol):
    """What one step came to, where the next goes on, and how many are left."""

    @property
    def tended(self) -> Tally:
        """What became of them."""

    @property
    def end(self) -> str | None:
        """Where the next goes on; None when all is done."""

    @property
    def left(self) -> int:
        """How many are left at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bulk:
    """One list's ways to replay and to drop.

    Attributes:
        path: the list's page.
        things: what stands in it.
        acts: how `replay` and `drop` are written into the audit log.
        chosen: does the one or the other with what has these ids.
        some: does one step of it with what a filter means, behind a place.
    """

    console: Console
    path: str
    things: str
    acts: Mapping[str, Act]
    chosen: Callable[[str, Sequence[str]], Tally]
    some: Callable[[str, Asked, str | None], Stepped]

    def offer(self) -> None:
        """Add the forms' addresses."""

        @self.console.change(f"{self.path}/chosen")
        def those() -> Response:
            return self._those()

        @self.console.change(f"{self.path}/all")
        def every() -> Response:
            return self._step()

    def _those(self) -> Response:
        console, given = self.console, self.console.form()
        act, ids = self._act(given.get("act", "")), list(dict.fromkeys(given.getlist("id")))[:PAGE]
        asked = Asked.of(console, given)
        if not ids:
            return console.back_to(self.path, f"Choose some {self.things} first.", **asked.said)
        with console.audit.deed(console.operator, self.acts[act], ", ".join(ids)) as result:
            told = self.chosen(act, ids).words(DONE[act])
            result.say(told)
        return console.back_to(self.path, told, **asked.said)

    def _step(self) -> Response:
        console, given = self.console, self.console.form()
        act, said, after = self._act(given.get("act", "")), Asked.of(console, given), given.get("after") or None
        asked = said.ended(console.runtime.clock.now())
        if after is None:
            console.audit.note(console.operator, self.acts[act], said.words, BEGUN)
        with console.audit.deed(console.operator, self.acts[act], asked.words) as result:
            step = self.some(act, asked, after)
            result.say(step.tended.words(DONE[act]))
        done = step.tended.counts(DONE[act])
        title = given.get("title") or f"{act.capitalize()} {self.things}: {said.words}"
        work = Work(
            title=title,
            path=f"{self.path}/all",
            back=self.path,
            given={"act": act, "title": title, **asked.said},
            end=step.end,
            total=total_of(given, step.left + sum(done.values())),
            left=step.left,
            counts=counted(given, done),
        )
        return console.show("work.html", work=work)

    def _act(self, text: str) -> str:
        return text if text in self.acts else "replay"
