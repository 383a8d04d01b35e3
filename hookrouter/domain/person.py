"""A person who is to be forgotten: the names and addresses by which leads are known to be theirs.

A lead that has an id is theirs by its id alone; an address is no proof, for it may have been another's before. Leads
without an id are theirs by their address.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Protocol

from hookrouter.domain.ids import LeadKey, SourceName, Who
from hookrouter.domain.lead import EMAIL_FIELD, Fields, text_of

BY_ADDRESS = "email:"
"""What the key of a lead without an id begins with."""


class Whom(Protocol):
    """Who is looked for, or learned of, in records."""

    def has(self, source: str | None, key: str, *fields: Fields) -> bool:
        """Whether a lead is theirs, and is to go; `fields` are all that a record says of it, now and before."""

    def knows(self, source: str | None, key: str) -> bool:
        """Whether a lead is known to be theirs by its name; None stands for a source that nobody knows."""

    def was_told_by(self, delivery: str) -> bool:
        """Whether a delivery is a digest that told of them."""

    def note_delivery(self, delivery: str) -> None:
        """Remember a digest that told of them."""

    def is_at(self, address: str) -> bool:
        """Whether an address, in lower case, is theirs."""

    def may_be_in(self, record: bytes) -> bool:
        """Whether a record has any word of them; most have none, and need not be read."""

    def is_named_in(self, text: bytes) -> bool:
        """Whether a text that nobody can read as leads names them all the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who they are known to be.

    Attributes:
        names: their leads.
        addresses: in lower case.
        deliveries: the deliveries that told of them among others.
    """

    names: frozenset[Who] = field(repr=False)
    addresses: frozenset[str] = field(repr=False)
    deliveries: frozenset[str] = frozenset()

    def knows(self, source: str | None, key: str) -> bool:
        """Whether a lead is theirs by its name."""
        if key.startswith(BY_ADDRESS) and key.removeprefix(BY_ADDRESS) in self.addresses:
            return True
        return any(key == known and source in (None, of) for of, known in self.names)

    def has(self, source: str | None, key: str, *_fields: Fields) -> bool:
        """Whether a lead is theirs."""
        return self.knows(source, key)

    def was_told_by(self, delivery: str) -> bool:
        """Whether a delivery is a digest that told of them."""
        return delivery in self.deliveries

    def note_delivery(self, delivery: str) -> None:
        """Learn nothing: it is known by now."""

    def is_at(self, address: str) -> bool:
        """Whether an address is theirs."""
        return address in self.addresses

    def may_be_in(self, record: bytes) -> bool:
        """Whether a record has any word of them."""
        words, low = _words_of(self), record.lower()
        return words is None or any(word in low for word in words)

    def is_named_in(self, text: bytes) -> bool:
        """Whether a text has an address of theirs, or an id as ids are written."""
        return _naming(frozenset(self.ids), self.addresses).search(text.lower()) is not None

    @property
    def ids(self) -> list[str]:
        """The ids that they have, in order."""
        return sorted({key for _, key in self.names if not key.startswith(BY_ADDRESS)})


@dataclass(slots=True, kw_only=True)
class Seeking:
    """Learns who somebody is from all that is kept; nothing is theirs as long as that goes on."""

    lead: str
    source: SourceName | None
    sources: Iterable[SourceName]
    names: set[Who] = field(default_factory=set)
    addresses: set[str] = field(default_factory=set)
    deliveries: set[str] = field(default_factory=set)
    _known: tuple[int, Person] | None = None

    def __post_init__(self) -> None:
        """Begin with what was asked for."""
        said = self.lead.strip().removeprefix(BY_ADDRESS)
        if self.is_address:
            self.addresses.add(said.lower())
        else:
            sources = self.sources if self.source is None else [self.source]
            self.names |= {(source, LeadKey(said)) for source in sources}

    @property
    def is_address(self) -> bool:
        """Whether the lead was named by an address."""
        return "@" in self.lead

    def knows(self, source: str | None, key: str) -> bool:
        """Whether a lead is known to be theirs by now."""
        return self.person().knows(source, key)

    def has(self, source: str | None, key: str, *fields: Fields) -> bool:
        """Learn from what a record says of a lead."""
        addresses = {text_of(each.get(EMAIL_FIELD)).strip().lower() for each in fields} - {""}
        if source is not None and self._is_asked_for(source, key, addresses):
            self.names.add((SourceName(source), LeadKey(key)))
        if self._is_named(source, key):
            self.addresses |= addresses
        return False

    def _is_asked_for(self, source: str, key: str, addresses: set[str]) -> bool:
        said = self.lead.strip().removeprefix(BY_ADDRESS)
        if self.is_address:  # an address that is only learned leads to nobody else
            return said.lower() in addresses and self.source in (None, source)
        return key == said and self.source in (None, source)

    def _is_named(self, source: str | None, key: str) -> bool:
        return source is not None and (source, key) in self.names

    def was_told_by(self, _delivery: str) -> bool:
        """Nothing is, yet."""
        return False

    def note_delivery(self, delivery: str) -> None:
        """Remember a digest that told of them."""
        self.deliveries.add(delivery)

    def is_at(self, _address: str) -> bool:
        """Nobody is, yet."""
        return False

    def may_be_in(self, record: bytes) -> bool:
        """Whether there is something to learn from a record."""
        return self.person().may_be_in(record)

    def is_named_in(self, _text: bytes) -> bool:
        """Nothing is theirs, yet."""
        return False

    @property
    def learned(self) -> int:
        """How much is known; it grows."""
        return len(self.names) + len(self.addresses) + len(self.deliveries)

    def person(self) -> Person:
        """Who it is, for all that is known by now; leads without an id are kept by address in any source."""
        if self._known is None or self._known[0] != self.learned:
            known = {source for source, _ in self.names} | set(self.sources)
            by_address = {(source, LeadKey(BY_ADDRESS + each)) for source in known for each in self.addresses}
            names, addresses = frozenset(self.names | by_address), frozenset(self.addresses)
            self._known = self.learned, Person(names=names, addresses=addresses, deliveries=frozenset(self.deliveries))
        return self._known[1]

    def take_up(self, names: Sequence[Who], addresses: Iterable[str], deliveries: Iterable[str]) -> None:
        """Know what somebody knew who began to forget them, and was killed: part of what told it is gone."""
        self.names |= set(names)
        self.addresses |= set(addresses)
        self.deliveries |= set(deliveries)


@lru_cache(maxsize=8)
def _words_of(person: Person) -> tuple[bytes, ...] | None:
    """What a record of them has, in lower case; None if that is no matter of bytes."""
    words = {*person.ids, *person.addresses}
    return tuple(word.lower().encode() for word in words) if all(map(str.isascii, words)) else None


@lru_cache(maxsize=8)
def _naming(ids: frozenset[str], addresses: frozenset[str]) -> re.Pattern[bytes]:
    marks = [re.escape(each.lower().encode()).replace(b"@", b"(?:@|%40)") for each in sorted(addresses)]
    for each in sorted(ids):
        text = re.escape(each.lower().encode())
        marks += [b'"' + text + b'"', rb"(?:id|leadid|whoid)\W{1,6}" + text + rb"(?![\w.-])"]
    return re.compile(b"|".join(marks) or b"(?!)")
