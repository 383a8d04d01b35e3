"""Recall: the leads of stored pushes, each with how it was before, or with the word that nobody knows it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice

from hookrouter.domain.account_times import IN_UTC
from hookrouter.domain.delivery import Occasion
from hookrouter.domain.errors import HookrouterError, NotFound, PushRefused
from hookrouter.domain.hydration import ReadBacks, is_read_back
from hookrouter.domain.ids import LeadKey, PushId, SourceName
from hookrouter.domain.lead import EMAIL_FIELD, ID_FIELDS, Fields, Lead, text_of
from hookrouter.domain.push import KeptPush, Push, Via
from hookrouter.domain.remembered import NOBODY, Before, Snapshot
from hookrouter.ports.desk import ALL_PUSHES, LeadMemory, PushArchive
from hookrouter.ports.surroundings import Clock
from hookrouter.wire.pushes.push import PushReader

AT_ONCE = 10
"""Pushes that are in memory together: a body may have megabytes."""
MOST_SEARCHED = 2000
"""Pushes that are looked through for an address, the newest first."""
MOST_SEARCHED_BYTES = 1024 * 1024 * 1024
LISTED_AT_ONCE = 100
FEW_BYTES = 512 * 1024
"""Of bodies that are read in one call."""
_PIECES = re.compile(r"[a-z0-9]+", re.ASCII)

NOT_ROUTED = "how it was before is not known: the push was not routed yet, or by an earlier version"
PARTLY_KNOWN = "judged by what was pushed: it was read back from the CRM, and what that added is not kept"
NO_PUSH = "how it was before is not known: no push that is kept has changed it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalled:
    """A lead as it was pushed.

    Attributes:
        snapshot: the lead before; None when it was never seen, or when nobody knows.
        doubt: what is not known of it; '' when all is.
        own: the fields whose change was our own writing, which came back.
        earlier: the push that had last changed it before; '' when that is not known.
    """

    lead: Lead
    snapshot: Fields | None
    occasion: Occasion
    doubt: str = ""
    own: tuple[str, ...] = ()
    earlier: PushId = NOBODY


@dataclass(frozen=True, slots=True, kw_only=True)
class Recall:
    """Recalls leads by their pushes, or the last push of a lead; an address is searched for in so many pushes."""

    archive: PushArchive
    memory: LeadMemory
    sources: Sequence[SourceName]
    read_backs: ReadBacks
    reader: PushReader
    clock: Clock
    searched: int = MOST_SEARCHED
    searched_bytes: int = MOST_SEARCHED_BYTES

    def push(self, name: str, who: str | None = None) -> list[Recalled]:
        """The leads of one push, or one of them by its id or e-mail address.

        Raises:
            NotFound: there is no such push, or no such lead in it.
            HookrouterError: the push was refused when it came.
        """
        kept = self.archive.find(name)
        if kept is None:
            raise NotFound(f"there is no push {name}; `hookrouter pushes list` shows those there are")
        if kept.receipt is None:
            raise HookrouterError(f"{name} was refused when it came ({kept.refused}): no lead of it was routed")
        recalled = [each for each in self.leads_of(kept.push) if who is None or _is(each.lead, who)]
        if who is not None and not recalled:
            raise NotFound(f"there is no lead {who} in {name}")
        return recalled

    def last(self, who: str, source: SourceName | None = None) -> list[Recalled]:
        """The last change of a lead, known by its id or e-mail address: one for each source that knows it.

        Raises:
            NotFound: nothing is stored of it.
        """
        sources = self.sources if source is None else [source]
        snapshots = [(each, key, self.memory.last(each, key)) for each in sources for key in _names(who)]
        recalled = [self._last(each, key, snapshot) for each, key, snapshot in snapshots if snapshot is not None]
        recalled = recalled or self._by_address(who, sources)
        if not recalled:
            raise NotFound(f"nothing is stored of a lead {who}, and there is no such file")
        return recalled

    def not_routed(self, who: str, source: SourceName | None = None) -> list[Recalled]:
        """The lead as the newest push brought it that names it, though no rule may have judged it yet.

        Raises:
            NotFound: no push does, of those that are looked through.
        """
        found = self._in_newest(who, self.sources if source is None else [source])
        if not found:
            raise NotFound(_not_found(who, self.searched))
        return found

    def newest(self, count: int) -> Iterator[KeptPush]:
        """The newest pushes, the newest first."""
        return islice(self._newest(), count)

    def leads_of(self, push: Push) -> Iterator[Recalled]:
        """The leads of a push that was taken, in their order."""
        # What hookrouter itself fetched has its times in UTC already.
        reader = self.reader if push.via is Via.PUSH else replace(self.reader, times=IN_UTC)
        batch = reader.read(push.body, push.headers, push.received_at)
        known = self.memory.before(push.id, batch.size)
        last_place = {lead.key: place for place, lead in batch.accepted}
        for place, lead in batch.accepted:
            occasion = Occasion(
                push=push.id, source=push.source, place=place, received_at=push.received_at, via=push.via
            )
            is_last = last_place[lead.key] == place
            yield self._recalled(lead, occasion, known.get(place), is_last=is_last)

    def _recalled(self, lead: Lead, occasion: Occasion, before: Before | None, *, is_last: bool) -> Recalled:
        if before is None:
            return Recalled(lead=lead, snapshot=None, occasion=occasion, doubt=NOT_ROUTED)
        was = before.of(lead.fields)
        known = Recalled(lead=lead, snapshot=was, occasion=occasion, own=before.own, earlier=before.push)
        if occasion.via is not Via.PUSH or not is_read_back(lead, self.read_backs.of(occasion.source)):
            return known
        snapshot = self.memory.last(occasion.source, lead.key) if is_last else None
        if snapshot is None or snapshot.push != occasion.push:
            return replace(known, doubt=PARTLY_KNOWN)
        whole = replace(lead, fields=snapshot.fields)
        return replace(known, lead=whole, snapshot=before.of(whole.fields))

    def _last(self, source: SourceName, key: LeadKey, snapshot: Snapshot) -> Recalled:
        kept = self.archive.find(snapshot.push) if snapshot.push else None
        if kept is not None and kept.receipt is not None:
            of_lead = [each for each in self.leads_of(kept.push) if each.lead.key == key]
            if of_lead:
                return of_lead[-1]
        push = snapshot.push or PushId("p_explained")
        occasion = Occasion(push=push, source=source, place=0, received_at=self.clock.now())
        return Recalled(lead=Lead(key=key, fields=snapshot.fields), snapshot=None, occasion=occasion, doubt=NO_PUSH)

    def _by_address(self, who: str, sources: Sequence[SourceName]) -> list[Recalled]:
        """A lead that is known by its id is found by its address in the newest push that names it."""
        if "@" not in who:
            return []
        found = self._in_newest(who, sources)
        return self.last(found[-1].lead.key, found[-1].occasion.source) if found else []

    def _in_newest(self, who: str, sources: Sequence[SourceName]) -> list[Recalled]:
        """A lead in the newest push that names it."""
        pieces = [piece.encode() for piece in _PIECES.findall(who.lower())]  # however a sender encodes what is between
        for name in self._pushes_with(pieces, sources):
            kept = self.archive.find(name)
            with suppress(PushRefused):  # it was taken under other bounds
                found = [] if kept is None else [each for each in self.leads_of(kept.push) if _is(each.lead, who)]
                if found:
                    return found
        return []

    def _pushes_with(self, pieces: Sequence[bytes], sources: Sequence[SourceName]) -> Iterator[PushId]:
        """Those of the newest pushes that have these pieces somewhere in their bodies."""
        for some in self._newest_few(sources):
            for name, body in zip(some, self.archive.bodies(some), strict=True):
                text = b"" if body is None else body.lower()
                if all(piece in text for piece in pieces):
                    yield name

    def _newest_few(self, sources: Sequence[SourceName]) -> Iterator[list[PushId]]:
        """The newest pushes that were taken, a few small ones at a time, as many and as large as one looks through."""
        left, size, after = self.searched, self.searched_bytes, None
        while left > 0:
            page = self.archive.look(ALL_PUSHES, limit=min(LISTED_AT_ONCE, left), after=after)
            left, after = left - len(page.found), page.end
            few, few_bytes = list[PushId](), 0
            for listed in page.found:
                if listed.receipt is None or listed.source not in sources:
                    continue
                size, few_bytes = size - listed.size, few_bytes + listed.size
                if size < 0:
                    break
                few.append(listed.id)
                if few_bytes > FEW_BYTES:
                    yield few
                    few, few_bytes = [], 0
            yield few
            if after is None or size < 0:
                return

    def _newest(self) -> Iterator[KeptPush]:
        after: str | None = None
        while True:
            page = self.archive.list(limit=AT_ONCE, after=after)
            yield from page.found
            after = page.end
            if after is None:
                return


def _not_found(who: str, searched: int) -> str:
    if "@" in who:
        return (
            f"no lead of this address is among the newest {searched} pushes, nor known by its address alone: "
            "its id finds it further back"
        )
    return (
        f"nothing is stored of a lead {who}: no push of it was routed within retention.snapshots, nor is it among the "
        f"newest {searched} pushes; one that was refused or rejected has no story"
    )


def _names(who: str) -> list[LeadKey]:
    """The names under which a lead may be kept."""
    by_address = [LeadKey(f"email:{who.strip().lower()}")] if "@" in who and not who.startswith("email:") else []
    return [LeadKey(who), *by_address]


def _is(lead: Lead, who: str) -> bool:
    said = who.strip().lower()
    texts = (text_of(lead.fields.get(name)).strip().lower() for name in (*ID_FIELDS, EMAIL_FIELD))
    return said == lead.key or said in texts
