"""Which keys hold people: each key by the first word behind the prefix."""

from __future__ import annotations

from dataclasses import dataclass

from hookrouter.domain.forgetting import Place
from hookrouter.domain.ids import SinkName
from hookrouter.domain.layout import place_in
from hookrouter.ports.stages import Stage
from hookrouter.store.keys import Keys
from hookrouter.store.shard import Shard
from hookrouter.wire.kept.forgetting import Shape


@dataclass(frozen=True, slots=True)
class StreamShelf:
    """A stream that holds people.

    Attributes:
        shape: of its records; None for those that nobody can read.
        stage: who drains it; None where nobody does.
        names: how many of the configuration's names stand behind its word, the sink's first.
    """

    place: Place
    shape: Shape | None
    stage: Stage | None = None
    names: int = 0

    @property
    def of_sink(self) -> bool:
        """Whether the lease of a sink's outbox is also its own."""
        return self.names > 0


STREAMS = {
    "hydrate": StreamShelf(Place.HYDRATE, Shape.LEADS, Stage.HYDRATE),
    "intake": StreamShelf(Place.INTAKE, Shape.LEADS, Stage.ROUTE),
    "pending": StreamShelf(Place.PENDING, Shape.KEYED, Stage.ENRICH),
    "assign": StreamShelf(Place.ASSIGN, Shape.ASSIGNING, Stage.ASSIGN),
    "enrich": StreamShelf(Place.ENRICH, Shape.DELIVERIES, Stage.ENRICH),
    "clicks": StreamShelf(Place.CLICKS, Shape.CLICK, Stage.CLAIM),
    "outbox": StreamShelf(Place.OUTBOXES, Shape.DELIVERY, Stage.DELIVER, names=1),
    "moved": StreamShelf(Place.OUTBOXES, Shape.DELIVERY, Stage.DELIVER, names=1),
    "again": StreamShelf(Place.OUTBOXES, Shape.DELIVERY, Stage.DELIVER, names=1),
    "let-in": StreamShelf(Place.OUTBOXES, Shape.DELIVERY, Stage.DELIVER, names=1),
    "shut": StreamShelf(Place.SHUT, Shape.DELIVERY, Stage.DELIVER, names=2),
    "attempts": StreamShelf(Place.ATTEMPTS, Shape.ATTEMPT),
    "decisions": StreamShelf(Place.DECISIONS, Shape.KEYED),
    "unreadable": StreamShelf(Place.UNREADABLE, None),
}
"""In the order in which a lead goes its way: what moves on while this is walked through is met again further on."""

RETRIES = "retry-records"
COPY = "copy"
RECORDS = {
    "dead": (Place.DEAD, Shape.DEAD_LETTER),
    "rejected": (Place.REJECTED, Shape.REJECTION),
    "snapshot": (Place.SNAPSHOTS, Shape.SNAPSHOT),
}
"""Strings that are read to know whose they are."""
NAMED = {
    "claim": Place.CLAIMS,
    "given": Place.GIVEN,
    "marks": Place.MARKS,
    "timeline": Place.TIMELINES,
    "memberships": Place.MEMBERSHIPS,
    "written": Place.WRITTEN,
    "rounds": Place.ROUNDS,
}
"""Keys whose names have a digest of the lead's."""
OTHERS = frozenset({"push", "before", "clock", "living-message", "open", "lane", "retry", "begun", "sent-before"})
"""Those that are treated each in its own way, or with what they belong to."""
INDEXES = frozenset({"pushes", "dead", "rejected", "clocks", "refused", "silences", "forgetting"})


def holds_people(word: str) -> bool:
    """Whether keys of this word are erased from."""
    return word in STREAMS or word in RECORDS or word in NAMED or word in OTHERS | INDEXES | {RETRIES}


def word_of(keys: Keys, name: str) -> str:
    """The word of a key, the first behind the prefix: what the configuration calls things stands further back."""
    return COPY if _is_copy_of_before(keys, name) else _parts(keys, name)[0]


def copied_in(keys: Keys, copy: str) -> str:
    """The stream that a key of the word `copy` is a copy of."""
    if _is_copy_of_before(keys, copy):
        return copy.removesuffix(f":{COPY}")
    return ":".join((keys.prefix, *_parts(keys, copy)[1:]))


def sink_in(keys: Keys, name: str) -> str:
    """The sink in the name of a key that has one behind its word."""
    return _parts(keys, name)[1]


def shard_in(keys: Keys, name: str) -> Shard:
    """The shard of a sink in the name of a key that belongs to one."""
    _, sink, *rest = _parts(keys, name)
    place = place_in(rest[0]) if rest and "." in rest[0] else None
    return Shard(keys, SinkName(sink)) if place is None else Shard(keys, SinkName(sink), place)


def generation_in(keys: Keys, name: str) -> int:
    """The generation in the name of a stream; 0 of those that are never spread anew."""
    places = [place_in(part) for part in _parts(keys, name) if "." in part]
    return max((place.generation for place in places if place is not None), default=0)


def _parts(keys: Keys, name: str) -> list[str]:
    return name.removeprefix(f"{keys.prefix}:").split(":")


def _is_copy_of_before(keys: Keys, name: str) -> bool:
    """Whether the release before made a copy by this name, with the word behind that of the stream.

    There it is told from a sink or a route of that name by its place; it is gone within the hour.
    """
    word, *rest = _parts(keys, name)
    shelf, names = STREAMS.get(word), [part for part in rest if "." not in part]
    return shelf is not None and names[shelf.names :][-1:] == [COPY]
