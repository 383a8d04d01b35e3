"""Makes a report of the figures of its days."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from math import ceil
from typing import TypeVar

from hookrouter.domain.figures import REACTION_STEPS, STEPS, Figure, Kind
from hookrouter.domain.ids import RouteName
from hookrouter.domain.report import MOST_ROWS, THE_OTHERS, DayRow, PersonRow, Report, RouteRow, Totals
from hookrouter.domain.routing import Objective
from hookrouter.domain.weekly import Span

Figures = Mapping[date, Counter[Figure]]
Row = TypeVar("Row", RouteRow, PersonRow)
USUAL_PERCENT = 95
NAMELESS: Mapping[str, str] = {}


def report_of(
    figures: Figures, span: Span, objectives: Mapping[RouteName, Objective], names: Mapping[str, str] = NAMELESS
) -> Report:
    """The report of a span of days, by the figures of these and of those before; `names` are people's, by their ids."""
    counts, before = _sum(figures, span), _sum(figures, span.before)
    return Report(
        first=span.first,
        last=span.last,
        totals=_totals(counts, objectives),
        before=_totals(before, objectives),
        days=tuple(_day(day, figures.get(day, Counter())) for day in span.days),
        routes=_most(_with_broken_promises(_routes(counts, objectives)), _other_routes),
        people=_most(_people(counts, names), _other_people),
    )


def _sum(figures: Figures, span: Span) -> Counter[Figure]:
    total: Counter[Figure] = Counter()
    for day in span.days:
        total.update(figures.get(day, Counter()))
    return total


def _of_kinds(counts: Counter[Figure]) -> Counter[Kind]:
    kinds: Counter[Kind] = Counter()
    for figure, number in counts.items():
        kinds[figure.kind] += number
    return kinds


def _totals(counts: Counter[Figure], objectives: Mapping[RouteName, Objective]) -> Totals:
    kinds = _of_kinds(counts)
    reacted = Counter({figure: number for figure, number in counts.items() if _is_reaction_once(figure)})
    promised = {figure: number for figure, number in counts.items() if figure.kind is Kind.DELIVERED}
    return Totals(
        leads=kinds[Kind.LEADS],
        new=kinds[Kind.NEW],
        missed=kinds[Kind.MISSED],
        routed=kinds[Kind.ROUTED],
        delivered=kinds[Kind.DELIVERED],
        promised=sum(number for figure, number in promised.items() if figure.route in objectives),
        late=kinds[Kind.LATE],
        dead=kinds[Kind.DEAD],
        reminded=kinds[Kind.REMINDED],
        kept_back=kinds[Kind.REPEATED] + kinds[Kind.SILENCED],
        reacted=reacted.total(),
        reacted_half=_reacted_within(reacted, 50),
    )


def _is_reaction_once(figure: Figure) -> bool:
    """Whether it counts each reaction once, and not by route: several may have told of one lead."""
    return figure.kind is Kind.REACTED and not figure.route


def _day(day: date, counts: Counter[Figure]) -> DayRow:
    kinds = _of_kinds(counts)
    return DayRow(day=day, leads=kinds[Kind.LEADS], delivered=kinds[Kind.DELIVERED])


def _routes(counts: Counter[Figure], objectives: Mapping[RouteName, Objective]) -> list[RouteRow]:
    by_route: dict[str, Counter[Figure]] = {}
    for figure, number in counts.items():
        if figure.route:
            by_route.setdefault(figure.route, Counter())[figure] = number
    rows = [_route(name, own, objectives.get(RouteName(name))) for name, own in by_route.items()]
    return sorted(rows, key=lambda row: (-row.leads, -row.delivered, row.name))


def _route(name: str, counts: Counter[Figure], objective: Objective | None) -> RouteRow:
    kinds = _of_kinds(counts)
    percent = USUAL_PERCENT if objective is None else objective.percent
    return RouteRow(
        name=name,
        leads=kinds[Kind.TAKEN],
        delivered=kinds[Kind.DELIVERED],
        late=kinds[Kind.LATE],
        dead=kinds[Kind.DEAD],
        half=within(counts, 50),
        most=within(counts, percent),
        promise="" if objective is None else f"{percent} % within {in_words(objective.within)}",
        is_kept=objective is None or objective.is_met(kinds[Kind.LATE], kinds[Kind.DELIVERED]),
        reacted=kinds[Kind.REACTED],
        reacted_half=_reacted_within(counts, 50),
        reacted_most=_reacted_within(counts, USUAL_PERCENT),
    )


def within(counts: Counter[Figure], percent: int, kind: Kind = Kind.WAITED, steps: Sequence[int] = STEPS) -> str:
    """Within what time so many of a hundred were there, as coarsely as it was counted."""
    waited: Counter[str] = Counter()
    for figure, number in counts.items():
        if figure.kind is kind:
            waited[figure.upto] += number
    wanted, seen = ceil(sum(waited.values()) * percent / 100), 0
    if not wanted:
        return ""
    for step in steps:
        seen += waited[str(step)]
        if seen >= wanted:
            return in_words(timedelta(seconds=step))
    return f"over {in_words(timedelta(seconds=steps[-1]))}".replace(" 1 day", " a day")


def _reacted_within(counts: Counter[Figure], percent: int) -> str:
    return within(counts, percent, Kind.REACTED, REACTION_STEPS)


def _people(counts: Counter[Figure], names: Mapping[str, str]) -> list[PersonRow]:
    """A row for each person, who may have been called otherwise on some days, or by the id alone."""
    by_person: dict[str, Counter[Figure]] = {}
    called: dict[str, str] = {}
    for figure, number in counts.items():
        if figure.person:
            owner, _, name = figure.person.partition(" ")
            by_person.setdefault(owner, Counter())[figure] = number
            called[owner] = called.get(owner) or name
    rows = [_person(names.get(owner) or called[owner] or owner, own) for owner, own in by_person.items()]
    return sorted(rows, key=lambda row: (-row.delivered, -row.reacted, row.name))


def _person(name: str, counts: Counter[Figure]) -> PersonRow:
    kinds = _of_kinds(counts)
    return PersonRow(
        name=name,
        delivered=kinds[Kind.DELIVERED],
        late=kinds[Kind.LATE],
        dead=kinds[Kind.DEAD],
        reminded=kinds[Kind.REMINDED],
        reacted=kinds[Kind.REACTED],
        reacted_half=_reacted_within(counts, 50),
    )


def _with_broken_promises(rows: list[RouteRow]) -> list[RouteRow]:
    """The routes so that none that broke its promise is summed up with others, as long as that many fit."""
    return sorted(rows, key=lambda row: row.is_kept) if len(rows) > MOST_ROWS else rows


def _most(rows: list[Row], summed: Callable[[Sequence[Row]], Row]) -> tuple[Row, ...]:
    """The first rows, and one of all others."""
    if len(rows) <= MOST_ROWS:
        return tuple(rows)
    rows[MOST_ROWS - 1 :] = [summed(rows[MOST_ROWS - 1 :])]
    return tuple(rows)


def _other_routes(rows: Sequence[RouteRow]) -> RouteRow:
    return RouteRow(
        name=THE_OTHERS,
        leads=sum(row.leads for row in rows),
        delivered=sum(row.delivered for row in rows),
        late=sum(row.late for row in rows),
        dead=sum(row.dead for row in rows),
        reacted=sum(row.reacted for row in rows),
    )


def _other_people(rows: Sequence[PersonRow]) -> PersonRow:
    return PersonRow(
        name=THE_OTHERS,
        delivered=sum(row.delivered for row in rows),
        late=sum(row.late for row in rows),
        dead=sum(row.dead for row in rows),
        reminded=sum(row.reminded for row in rows),
        reacted=sum(row.reacted for row in rows),
    )


def in_words(duration: timedelta) -> str:
    """A duration in its largest unit that divides it: `90 s`, `2 min`, `4 h`, `1 day`."""
    seconds = round(duration.total_seconds())
    for size, unit in ((86_400, "day"), (3600, "h"), (60, "min")):
        if seconds >= size and seconds % size == 0:
            number = seconds // size
            return f"{number} {unit}{'s' if unit == 'day' and number > 1 else ''}"
    return f"{seconds} s" if seconds else f"{duration.total_seconds():g} s"
