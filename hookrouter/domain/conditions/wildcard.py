"""Patterns with `*` and `?`, matched without backtracking over a star."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """The part of a pattern between two stars: its literal pieces by offset, the rest any characters."""

    length: int
    pieces: tuple[tuple[int, str], ...]

    def fits_at(self, text: str, start: int) -> bool:
        """Whether the text has it at `start`; the caller knows that it is long enough."""
        for offset, piece in self.pieces:  # noqa: SIM110 - a generator would double the time of every match
            if not text.startswith(piece, start + offset):
                return False
        return True

    def find(self, text: str, start: int, end: int) -> int:
        """The first place from `start` where it fits and ends by `end`, or -1."""
        last = end - self.length
        if not self.pieces:
            return start if start <= last else -1
        offset, piece = self.pieces[0]
        while start <= last:
            start = text.find(piece, start + offset, end) - offset
            if start < 0 or start > last:
                return -1
            if self.fits_at(text, start):
                return start
            start += 1
        return -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Wildcard:
    """A pattern, cut at its stars; without any, `head` is the whole and `tail` is None."""

    head: Stretch
    middle: tuple[Stretch, ...]
    tail: Stretch | None

    def fits(self, text: str) -> bool:
        """Whether the pattern covers the whole text.

        The earliest place for each stretch is as good as any later one, so none is ever tried again.
        """
        if self.tail is None:
            return len(text) == self.head.length and self.head.fits_at(text, 0)
        start, end = self.head.length, len(text) - self.tail.length
        if start > end or not self.head.fits_at(text, 0) or not self.tail.fits_at(text, end):
            return False
        for stretch in self.middle:
            found = stretch.find(text, start, end)
            if found < 0:
                return False
            start = found + stretch.length
        return True


def wildcard(pattern: str) -> Wildcard:
    """Compile a pattern."""
    head, *rest = (_stretch(part) for part in pattern.split("*"))
    if not rest:
        return Wildcard(head=head, middle=(), tail=None)
    return Wildcard(head=head, middle=tuple(part for part in rest[:-1] if part.length), tail=rest[-1])


def _stretch(part: str) -> Stretch:
    pieces: list[tuple[int, str]] = []
    offset = 0
    for piece in part.split("?"):
        if piece:
            pieces.append((offset, piece))
        offset += len(piece) + 1
    return Stretch(length=len(part), pieces=tuple(pieces))
