"""What a list's page was asked for: its filters, and where it goes on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from flask import request

from hookrouter.domain.errors import PushRefused
from hookrouter.domain.ids import RouteName, SinkName, SourceName
from hookrouter.ports.desk import Wanted, WantedRejections
from hookrouter.web.console.shell import Console
from hookrouter.wire.moments import back_from, read_said

MOMENTS_AGO = "write 2h, 3d, or a time such as 2026-11-25T08:00 (UTC)"
NAMES = ("sink", "route", "source", "reason", "since", "until")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The filters of a list.

    Attributes:
        wanted: what they mean.
        texts: as they were written, by the names of their fields, which are in `NAMES`.
        faults: what is wrong in them, by the same names.
        sinks: the names to choose from; as `routes` and `sources`.
        after: where the page goes on; None at the beginning.
    """

    wanted: Wanted
    texts: Mapping[str, str]
    faults: Mapping[str, str]
    sinks: tuple[str, ...]
    routes: tuple[str, ...]
    sources: tuple[str, ...]
    after: str | None

    @classmethod
    def of_request(cls, console: Console) -> Asked:
        """As the request's query says."""
        return cls.of(console, request.args, after=request.args.get("after") or None)

    @classmethod
    def of(cls, console: Console, said: Mapping[str, str], *, after: str | None = None) -> Asked:
        """As the fields of a query or a form say."""
        config, now = console.runtime.config, console.runtime.clock.now()
        texts = {name: said.get(name, "").strip() for name in NAMES}
        faults: dict[str, str] = {}
        moments = {name: _moment(texts[name], name, now, faults) for name in ("since", "until")}
        since, until = moments["since"], moments["until"]
        if since is not None and until is not None and since >= until:
            faults["until"] = 'this lies before "since": nothing can be between them'
        wanted = Wanted(
            sink=SinkName(texts["sink"]) if texts["sink"] else None,
            route=RouteName(texts["route"]) if texts["route"] else None,
            reason=texts["reason"] or None,
            since=moments["since"],
            until=moments["until"],
        )
        return cls(
            wanted=wanted,
            texts=texts,
            faults=faults,
            sinks=tuple(config.sinks),
            routes=tuple(route.name for route in config.routes),
            sources=tuple(config.receiver.sources),
            after=after,
        )

    @property
    def said(self) -> dict[str, str]:
        """The filters that were set."""
        return {name: text for name, text in self.texts.items() if text}

    @property
    def words(self) -> str:
        """The filters that were set, in a line; "all" when none was."""
        return ", ".join(f"{name} {text}" for name, text in self.said.items()) or "all"

    @property
    def rejections(self) -> WantedRejections:
        """What they mean of rejected leads."""
        source = self.texts["source"]
        return WantedRejections(
            source=SourceName(source) if source else None, since=self.wanted.since, until=self.wanted.until
        )

    def ended(self, now: datetime) -> Asked:
        """The same, of nothing that is yet to come: a long piece of work must have an end.

        Raises:
            PushRefused: 400 for filters that cannot be read: nobody knows what is meant.
        """
        if self.faults:
            raise PushRefused(400, "filters", f"since or until cannot be read: {', '.join(self.faults.values())}")
        until = min(self.wanted.until or now, now)
        wanted = replace(self.wanted, until=until)
        since = {} if wanted.since is None else {"since": wanted.since.isoformat()}
        return replace(self, wanted=wanted, texts={**self.texts, **since, "until": until.isoformat()})


def one_of(text: str, words: Iterable[str]) -> str:
    """A word that may be chosen; '' for any other, which is no filter and is not shown as one."""
    return text if text in set(words) else ""


def _moment(text: str, name: str, now: datetime, faults: dict[str, str]) -> datetime | None:
    if not text:
        return None
    try:
        return back_from(now, read_said(text))
    except (ValueError, OverflowError):
        faults[name] = MOMENTS_AGO
        return None
