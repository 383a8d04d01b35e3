"""What would have had to be different for a judgement to come out differently."""

from __future__ import annotations

from dataclasses import dataclass

from hookrouter.domain.judgement import Judgement, Needs


@dataclass(frozen=True, slots=True, kw_only=True)
class Otherwise:
    """One condition that would have had to come out the other way.

    Attributes:
        held: what it should have come out as.
        found: what was found, as in `was 78`; may be ''.
    """

    label: str
    held: bool
    found: str

    def __str__(self) -> str:
        wanted = self.label if self.held else f"not {self.label}"
        return f"{wanted} ({self.found})" if self.found else wanted


def fewest_changes(judgement: Judgement) -> tuple[Otherwise, ...]:
    """The fewest conditions that, come out otherwise, turn a judgement round.

    Each is taken by itself: it does not know that two of them cannot hold at once, as when both ask for one field.
    """
    return _turned(judgement, wanted=not judgement.held)


def _turned(judgement: Judgement, *, wanted: bool) -> tuple[Otherwise, ...]:
    if judgement.held is wanted:
        return ()
    if not judgement.parts:
        return (Otherwise(label=judgement.label, held=wanted, found=judgement.found),)
    # none holds when all its parts do not: the same question to its parts, asked the other way round.
    for_parts = wanted if judgement.needs is not Needs.NONE else not wanted
    every_part = wanted if judgement.needs is not Needs.ANY else not wanted
    ways = [_turned(part, wanted=for_parts) for part in judgement.parts]
    return _every(ways) if every_part else min(ways, key=len)


def _every(ways: list[tuple[Otherwise, ...]]) -> tuple[Otherwise, ...]:
    return tuple(dict.fromkeys(each for way in ways for each in way))
