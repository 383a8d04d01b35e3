"""What is wrong with buttons by which people claim leads: nobody could press them, or two would be one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from hookrouter.wire.config.faults import Fault, Path

NOBODY = "`claim` needs to know people by their Slack ids: give members of `teams` theirs, as in `slack: U02ADA`"


def claim_faults(sinks: Mapping[str, object], teams: Mapping[str, object]) -> Iterator[Fault]:
    """The faults, by what is written."""
    claiming = [name for name, sink in sinks.items() if isinstance(sink, dict) and sink.get("claim") in (True, "true")]
    known: dict[str, str] = {}
    for path, slack, owner in _people(teams) if claiming else ():
        if known.setdefault(slack, owner) != owner:
            text = f"this Slack id is that of the owner {known[slack]} already: one person is one owner in the CRM"
            yield Fault(path=(*path, "slack"), message=text)
    if teams and not known:
        yield from (Fault(path=("sinks", name, "claim"), message=NOBODY, at_key=True) for name in claiming)


def _people(teams: Mapping[str, object]) -> Iterator[tuple[Path, str, str]]:
    """The members who have a Slack id, each with where that stands and the owner."""
    for name, team in teams.items():
        members = team.get("members") if isinstance(team, dict) else None
        for number, member in enumerate(members if isinstance(members, list) else []):
            if isinstance(member, dict) and isinstance(slack := member.get("slack"), str) and slack:
                yield ("teams", name, "members", number), slack, str(member.get("owner"))
