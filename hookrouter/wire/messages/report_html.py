"""A report as HTML that mail programs show: tables and inline styles, for they know neither style sheets nor SVG."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from hookrouter.domain.report import DayRow, Report
from hookrouter.wire.messages.plain_text import printable, shorten
from hookrouter.wire.messages.report_text import (
    OF_PEOPLE,
    OF_REACTIONS,
    OF_ROUTES,
    UNTIL_A_REACTION,
    day_name,
    facts,
    people_rows,
    promises,
    reaction_rows,
    route_rows,
    share_of,
    when,
)

FONT = "font-family:Arial,Helvetica,sans-serif;font-size:14px;color:#1f2933"
HEAD = "padding:6px 10px;text-align:{};border-bottom:1px solid #cbd2d9;color:#52606d;font-size:12px"
CELL = "padding:6px 10px;text-align:{};border-bottom:1px solid #e4e7eb"
BAR = "#2f6fed"
WIDTH = 600
WIDEST_BAR = 380
LONGEST_NAME = 60
BIG = "font-size:28px;font-weight:bold;color:#1f2933;line-height:34px"
SMALL = "font-size:12px;color:#52606d"


def html(report: Report) -> str:
    """The whole, for the HTML part of a mail; also a page by itself."""
    parts = [
        f'<h2 style="margin:0 0 12px;font-size:20px">Leads, {escape(when(report))}</h2>',
        "" if report.totals.is_nothing else _figures(report),
        *(f'<p style="margin:0 0 6px">{escape(fact)}</p>' for fact in facts(report)),
        "" if report.totals.is_nothing else _heading("Leads a day") + _chart(report.days),
        _section("By route", OF_ROUTES, route_rows(report)),
        *(f'<p style="margin:6px 0 0;{SMALL}">{escape(line)}</p>' for line in promises(report)),
        _section(UNTIL_A_REACTION, OF_REACTIONS, reaction_rows(report)),
        _section("By person", OF_PEOPLE, people_rows(report)),
    ]
    inner = "\n".join(filter(None, parts))
    return printable(
        f'<table role="presentation" width="{WIDTH}" cellpadding="0" cellspacing="0" border="0"'
        f' style="width:100%;max-width:{WIDTH}px;{FONT}"><tr><td style="padding:16px">\n{inner}\n</td></tr></table>\n'
    )


def _figures(report: Report) -> str:
    """The four that count, large."""
    totals = report.totals
    told = ((totals.leads, "leads"), (totals.delivered, "messages"), (totals.late, "late"), (totals.dead, "given up"))
    cells = "".join(
        f'<td width="25%" style="padding:0 8px 14px 0"><div style="{BIG}">{number}</div>'
        f'<div style="{SMALL}">{name}</div></td>'
        for number, name in told
    )
    return (
        f'<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"><tr>{cells}</tr></table>'
    )


def _chart(days: Sequence[DayRow]) -> str:
    """A bar a day, each the cell of a table: what every mail program draws."""
    most = max((day.leads for day in days), default=0)
    return _table("".join(_bar(day, share_of(day.leads, most, WIDEST_BAR)) for day in days))


def _bar(day: DayRow, width: int) -> str:
    drawn = (
        f'<td width="{width}" height="14" style="width:{width}px;height:14px;background-color:{BAR};font-size:1px;'
        f'line-height:14px" bgcolor="{BAR}">&nbsp;</td>'
        if width
        else ""
    )
    inner = (
        '<table role="presentation" cellpadding="0" cellspacing="0" border="0"><tr>'
        f'{drawn}<td style="padding:0 0 0 {6 if width else 0}px;{FONT}">{day.leads}</td></tr></table>'
    )
    name = f'<td width="70" style="padding:2px 10px 2px 0;white-space:nowrap;{SMALL}">{day_name(day.day)}</td>'
    return f"<tr>{name}<td>{inner}</td></tr>"


def _section(title: str, titles: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return ""
    head = "".join(_cell("th", HEAD, number, text) for number, text in enumerate(titles))
    body = "".join(
        f"<tr>{''.join(_cell('td', CELL, number, text) for number, text in enumerate(row))}</tr>" for row in rows
    )
    return _heading(title) + _table(f"<tr>{head}</tr>{body}", width=' width="100%"')


def _cell(kind: str, style: str, number: int, text: str) -> str:
    side = "right" if number else "left"
    # A name without a space, as long as it may be, would push the numbers out of sight.
    whole = "" if kind == "th" else ";white-space:nowrap" if number else ";word-break:break-word"
    shown = escape(shorten(text, LONGEST_NAME))
    return f'<{kind} align="{side}" style="{style.format(side)}{whole}" dir="auto">{shown}</{kind}>'


def _heading(text: str) -> str:
    return f'<h3 style="margin:20px 0 8px;font-size:15px">{text}</h3>'


def _table(rows: str, width: str = "") -> str:
    style = f"border-collapse:collapse;{FONT}"
    return f'<table{width} cellpadding="0" cellspacing="0" border="0" style="{style}">{rows}</table>'
