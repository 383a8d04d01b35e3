"""What is wrong with the buttons by which people claim leads: nobody could press them, or two would be the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from hookrouter.wire.config.faults import Fault, Path

CLAIM = "claim"
NOBODY = "`claim` needs to know people by their Slack ids: give members of `teams` theirs, as in `slack: U02ADA`"


def claim_faults(sections: Mapping[str, object]) -> Iterator[Fault]:
    """The faults, by what is written: sinks, their defaults, and routes may say `claim`."""
    teams, claiming = _map(sections.get("teams")), list(_claiming(sections))
    known: dict[str, str] = {}
    for path, slack, owner in _people(teams) if claiming else ():
        if known.setdefault(slack, owner) != owner:
            text = f"this Slack id is that of the owner {known[slack]} already: one person is one owner in the CRM"
            yield Fault(path=(*path, "slack"), message=text)
    if teams and not known:
        yield from (Fault(path=path, message=NOBODY, at_key=True) for path in claiming)


def _claiming(sections: Mapping[str, object]) -> Iterator[Path]:
    """Where a button is asked for."""
    for section in ("sinks", "defaults"):
        yield from _of_those((section,), _map(sections.get(section)).items())
    yield from _of_those(("unmatched", "to"), _numbered(_map(sections.get("unmatched")).get("to")))
    for number, route in _numbered(sections.get("routes")):
        yield from _of_those(("routes", number, "to"), _numbered(_map(route).get("to")))


def _of_those(path: Path, those: Iterable[tuple[str | int, object]]) -> Iterator[Path]:
    yield from ((*path, name, CLAIM) for name, options in those if _map(options).get(CLAIM) in (True, "true"))


def _people(teams: Mapping[str, object]) -> Iterator[tuple[Path, str, str]]:
    """The members who have a Slack id, each with where that stands and the owner."""
    for name, team in teams.items():
        members = team.get("members") if isinstance(team, dict) else None
        for number, member in enumerate(members if isinstance(members, list) else []):
            if isinstance(member, dict) and isinstance(slack := member.get("slack"), str) and slack:
                yield ("teams", name, "members", number), slack, str(member.get("owner"))


def _map(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _numbered(value: object) -> Iterator[tuple[int, object]]:
    return enumerate(value if isinstance(value, list) else [])
