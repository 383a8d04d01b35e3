"""A report in words: its headline, its facts, and the whole as plain text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from unicodedata import combining, east_asian_width

from hookrouter.domain.report import Report, Totals
from hookrouter.wire.messages.plain_text import one_line, shorten

WIDEST_BAR = 30
LONGEST_NAME = 32
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
OF_ROUTES = ("route", "leads", "messages", "late", "given up", "half within", "nearly all")
OF_REACTIONS = ("route", "leads", "half within", "nearly all")
UNTIL_A_REACTION = "Until somebody reacted"
OF_PEOPLE = ("person", "messages", "late", "given up", "reminders", "reacted to", "half within")
NOTHING = "Nothing happened: no lead came in, and nobody was told of any."
JOINERS = "\u200c\u200d\ufe0f"
IF_SURPRISED = "If that surprises you, have somebody look whether the CRM still pushes: `hookrouter status` tells."


def when(report: Report) -> str:
    """The days: `16 to 22 Nov 2026`."""
    first, last = report.first, report.last
    if first == last:
        return _day(first, with_year=True)
    is_same_month = (first.year, first.month) == (last.year, last.month)
    begin = str(first.day) if is_same_month else _day(first, with_year=first.year != last.year)
    return f"{begin} to {_day(last, with_year=True)}"


def headline(report: Report) -> str:
    """All in one line, for a subject: numbers first."""
    totals = report.totals
    if totals.is_nothing:
        return f"No leads, {when(report)}"
    parts = [f"{counted(totals.leads, 'lead')}{_change(totals.leads, report.before.leads)}"]
    parts += [f"{totals.late} late"] if totals.late else []
    parts += [f"{totals.dead} given up"] if totals.dead else []
    return f"{', '.join(parts)}: {when(report)}"


def facts(report: Report) -> list[str]:
    """What a manager wants to know first, a line each."""
    totals, before = report.totals, report.before
    if totals.is_nothing:
        return [NOTHING, IF_SURPRISED]
    return [
        f"{counted(totals.leads, 'lead')} came in, {totals.new} of them new"
        + _compared(report, totals.leads, before.leads),
        *_where_they_went(totals),
        f"{counted(totals.delivered, 'message')} delivered{_compared(report, totals.delivered, before.delivered)}",
        *_in_time(report),
        *_reactions(report),
        *_trouble(totals),
    ]


def _where_they_went(totals: Totals) -> Iterator[str]:
    nobody = totals.leads - totals.routed
    if totals.leads:
        yield f"{totals.routed} went to somebody" + (f", {nobody} to nobody: no route took them" if nobody > 0 else "")


def _in_time(report: Report) -> Iterator[str]:
    totals, before = report.totals, report.before
    if not totals.promised:
        return
    if not totals.late:
        yield f"None was late, of {totals.promised} with a promised time"
        return
    share = f"{totals.late * 100 / totals.promised:.1f}".removesuffix(".0")
    than_before = f" ({_before(report)}: {before.late})" if before.promised else ""
    yield f"{totals.late} late, {share} % of the {totals.promised} with a promised time{than_before}"


def _reactions(report: Report) -> Iterator[str]:
    now, before = report.totals, report.before
    if now.reacted:
        halves = "within" if now.reacted == 1 else "to half of them within"
        than_before = f" ({_before(report)}: {before.reacted_half})" if before.reacted else ""
        yield f"Somebody reacted to {counted(now.reacted, 'lead')}, {halves} {now.reacted_half}{than_before}"


def _trouble(totals: Totals) -> Iterator[str]:
    if totals.dead:
        yield f"{totals.dead} given up: `hookrouter dead` tells why, and sends them again"
    if totals.missed:
        yield f"{totals.missed} came without a push: they were found by asking the CRM, and may have been late"
    if totals.reminded:
        yield f"{counted(totals.reminded, 'reminder')} that nobody had reacted yet"
    if totals.kept_back:
        yield f"{counted(totals.kept_back, 'message')} kept back, by a silence or because it was told of lately"


def plain(report: Report) -> str:
    """The whole as plain text."""
    parts = [f"Leads, {when(report)}\n", *(f"  {fact}" for fact in facts(report))]
    if not report.totals.is_nothing:
        parts += ["", "Leads a day", *bars(report)]
    if report.routes:
        parts += ["", *_table(OF_ROUTES, route_rows(report)), *(f"  {line}" for line in promises(report))]
    if reactions := reaction_rows(report):
        parts += ["", UNTIL_A_REACTION, *_table(OF_REACTIONS, reactions)]
    if report.people:
        parts += ["", *_table(OF_PEOPLE, people_rows(report))]
    return "\n".join(parts) + "\n"


def bars(report: Report) -> list[str]:
    """The days as bars of text."""
    most = max((day.leads for day in report.days), default=0)
    return [
        f"  {day_name(day.day):6} {'█' * share_of(day.leads, most, WIDEST_BAR)}{' ' if day.leads else ''}{day.leads}"
        for day in report.days
    ]


def share_of(number: int, most: int, width: int) -> int:
    """How wide a bar is; one of something is seen."""
    return max(1, round(number * width / most)) if number and most else 0


def route_rows(report: Report) -> list[list[str]]:
    """The routes, as cells."""
    return [
        [
            one_line(row.name),
            *map(str, (row.leads, row.delivered, row.late if row.promise else "-", row.dead)),
            row.half or "-",
            row.most or "-",
        ]
        for row in report.routes
    ]


def reaction_rows(report: Report) -> list[list[str]]:
    """How soon somebody reacted to what routes told, as cells."""
    return [
        [one_line(row.name), str(row.reacted), row.reacted_half or "-", row.reacted_most or "-"]
        for row in report.routes
        if row.reacted
    ]


def people_rows(report: Report) -> list[list[str]]:
    """The people, as cells."""
    return [
        [
            one_line(row.name),
            *map(str, (row.delivered, row.late, row.dead, row.reminded, row.reacted)),
            row.reacted_half or "-",
        ]
        for row in report.people
    ]


def promises(report: Report) -> list[str]:
    """Which routes kept what was promised of them; first those that did not."""
    return [
        f"{row.name}: {row.promise} promised, {'kept' if row.is_kept else 'not kept'}"
        for row in sorted(report.routes, key=lambda row: row.is_kept)
        if row.promise and row.delivered
    ]


def day_name(day: date) -> str:
    """`Mon 16`."""
    return f"{WEEKDAYS[day.weekday()]} {day.day}"


def _table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    cut = [[shorten(row[0], LONGEST_NAME), *row[1:]] for row in rows]
    widths = [max(map(_columns, column)) for column in zip(titles, *cut, strict=True)]
    return [
        "  "
        + "  ".join(
            [
                first + " " * (widths[0] - _columns(first)),
                *(cell.rjust(width) for cell, width in zip(rest, widths[1:], strict=True)),
            ]
        )
        for first, *rest in (list(titles), *cut)
    ]


def _columns(text: str) -> int:
    """How wide a text is where all letters have the same width: 漢 and most emoji take two, an accent none."""
    return sum(
        0 if combining(letter) or letter in JOINERS else 1 + (east_asian_width(letter) in "WF") for letter in text
    )


def _day(day: date, *, with_year: bool) -> str:
    return f"{day.day} {MONTHS[day.month - 1]}" + (f" {day.year}" if with_year else "")


def counted(number: int, thing: str) -> str:
    """`1 lead`, `2 leads`."""
    return f"{number} {thing}{'' if number == 1 else 's'}"


def _change(now: int, before: int) -> str:
    """` (+11 %)`; nothing when there is nothing to compare with, or it is the same."""
    return f" ({(now - before) * 100 / before:+.0f} %)" if before and now != before else ""


def _compared(report: Report, now: int, before: int) -> str:
    """How that is beside the time before."""
    if not before:
        return ""
    if now == before:
        return f", as many as {_before(report)} ({before})"
    percent = f"{abs(now - before) * 100 / before:.0f}"
    return f", {percent} % {'more' if now > before else 'fewer'} than {_before(report)} ({before})"


def _before(report: Report) -> str:
    if len(report.days) == len(WEEKDAYS):
        return "the week before"
    return "the same days a week before" if len(report.days) < len(WEEKDAYS) else "the time before"
