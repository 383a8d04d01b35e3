"""Reads the teams, with all that ties them to times, sinks and each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast
from zoneinfo import ZoneInfo

from hookrouter.domain.calendar import Holiday, OpenTime
from hookrouter.domain.conditions.during import During
from hookrouter.domain.ids import SinkName, TeamName
from hookrouter.domain.lead import Json
from hookrouter.domain.routing import Route
from hookrouter.domain.teams import Limit, Member, Per, Pick, Team
from hookrouter.wire.config.faults import Fault, Faults, Path, known_names
from hookrouter.wire.rules.during import read_working_time
from hookrouter.wire.rules.times import NamedTimes, read_days_off
from hookrouter.wire.rules.values import Place

SECTION = "teams"
UTC_ZONE = ZoneInfo("UTC")

MemberPlace = tuple[str, int]
Loaded = Mapping[str, Any]


@dataclass(slots=True)
class TeamReader:
    """The teams; each part is read for itself, so that all faults are found at once."""

    written: Mapping[str, object]
    times: NamedTimes
    sinks: Sequence[str]
    faults: list[Fault] = field(default_factory=list)
    _away: dict[MemberPlace, tuple[Holiday, ...]] = field(default_factory=dict)
    _times: dict[MemberPlace, OpenTime] = field(default_factory=dict)

    def read_all(self) -> None:
        """Read every team as it is written."""
        for name, team in self.written.items():
            if isinstance(team, dict):
                members = team.get("members")
                self._read_members(name, members if isinstance(members, list) else [])
                self._check_otherwise(name, team.get("otherwise"))
        self._refuse_rings()

    def teams(self, loaded: Loaded, routes: Sequence[Route]) -> dict[TeamName, Team]:
        """The teams as their schema loaded them."""
        return {TeamName(name): self._team(name, options, routes) for name, options in loaded.items()}

    def _read_members(self, team: str, members: Sequence[object]) -> None:
        owners: dict[str, int] = {}
        for number, member in enumerate(members):
            if not isinstance(member, dict):
                continue
            path: Path = (SECTION, team, "members", number)
            if "away" in member:
                self._read_away((team, number), member["away"], (*path, "away"))
            if "time" in member:
                self._read_time((team, number), member["time"], (*path, "time"))
            first = owners.setdefault(str(member.get("owner")), number)
            if "owner" in member and first != number:
                self._fault(
                    (*path, "owner"), f"this person is member {first + 1} of the team already: say `share` there"
                )

    def _read_away(self, place: MemberPlace, written: object, path: Path) -> None:
        try:
            self._away[place] = tuple(read_days_off(cast("Json", written), Place(path=path)))
        except Faults as found:
            self.faults += found.faults

    def _read_time(self, place: MemberPlace, written: object, path: Path) -> None:
        try:
            time = read_working_time(cast("Json", written), Place(path=path), self.times)
        except Faults as found:
            self.faults += found.faults
        else:
            if time is not None:
                self._times[place] = time

    def _check_otherwise(self, team: str, written: object) -> None:
        if not isinstance(written, (str, int)):
            return
        name, path = str(written), (SECTION, team, "otherwise")
        is_team = name in self.written
        if is_team and name in self.sinks:
            self._fault(path, f"`{name}` is the name of a team and of a sink: give one of them another")
        elif not is_team and name not in self.sinks:
            known = dict.fromkeys([*self.sinks, *(each for each in self.written if each != team)])
            self._fault(path, f"there is no sink and no team `{name}`{known_names(name, list(known))}")

    def _refuse_rings(self) -> None:
        """Teams that stand in for each other: a lead that nobody may take would go nowhere else."""
        follows = {name: str(_map(team).get("otherwise")) for name, team in self.written.items()}
        for name in self.written:
            seen, at = [name], follows[name]
            while at in follows and at not in seen:
                seen.append(at)
                at = follows[at]
            if at == name:
                way = " → ".join([*seen, name])
                self._fault(
                    (SECTION, name, "otherwise"), f"it leads back to this team ({way}): name a sink in one of them"
                )

    def _team(self, name: str, options: Loaded, routes: Sequence[Route]) -> Team:
        members = tuple(self._member(name, number, said) for number, said in enumerate(options["members"]))
        otherwise, limit = options.get("otherwise"), options.get("limit")
        is_team = otherwise in self.written
        return Team(
            name=TeamName(name),
            members=members,
            timezone=options.get("timezone") or _zone_of(TeamName(name), members, routes),
            pick=Pick(options["pick"]),
            keep_owner=options["keep_owner"],
            limit=None if limit is None else Limit(leads=limit["leads"], per=Per(limit["per"])),
            otherwise=TeamName(str(otherwise)) if is_team else None,
            otherwise_to=None if is_team or otherwise is None else SinkName(otherwise),
        )

    def _member(self, team: str, number: int, said: Loaded) -> Member:
        return Member(
            owner=said["owner"],
            name=said["name_"],
            slack=said.get("slack", ""),
            email=said.get("email", ""),
            share=said["share"],
            away=self._away.get((team, number), ()),
            time=self._times.get((team, number)),
        )

    def _fault(self, path: Path, message: str) -> None:
        self.faults.append(Fault(path=path, message=message))


def _zone_of(team: TeamName, members: Sequence[Member], routes: Sequence[Route]) -> ZoneInfo:
    """The timezone of the first time that a member, or a route that assigns the team, has; else UTC."""
    zones = [member.time.timezone for member in members if member.time is not None]
    zones += [time.timezone for route in routes if route.assign == team for time in _times_of(route)]
    return zones[0] if zones else UTC_ZONE


def _times_of(route: Route) -> Iterator[OpenTime]:
    for each in (route.held_outside, *route.conditions):
        if isinstance(each, During):
            yield each.time


def _map(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}
