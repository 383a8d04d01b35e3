"""A report as a short message in Slack: its headline, its facts, the busiest routes and people."""

from __future__ import annotations

from hookrouter.domain.lead import Json
from hookrouter.domain.report import PersonRow, Report
from hookrouter.wire.messages.mrkdwn import escaped
from hookrouter.wire.messages.report_text import counted, facts, headline, promises

MOST_NAMED = 5
LONGEST_NAME = 80
LONGEST_LINES = 2900
LONGEST_HEADER = 150


def report_content(report: Report) -> dict[str, Json]:
    """The text that notifications show, and the blocks."""
    sections = ["\n".join(f"• {fact}" for fact in facts(report)), _routes(report), _people(report)]
    blocks: list[Json] = [{"type": "header", "text": _plain(escaped(headline(report), LONGEST_HEADER))}]
    blocks += [{"type": "section", "text": _plain(escaped(text, LONGEST_LINES))} for text in sections if text]
    return {"text": escaped(headline(report), LONGEST_LINES), "blocks": blocks}


def _routes(report: Report) -> str:
    lines = [
        f"{row.name[:LONGEST_NAME]}: {counted(row.leads, 'lead')}, {counted(row.delivered, 'message')}"
        for row in report.routes
    ]
    return _listed("By route", [*lines[:MOST_NAMED], *_more(len(lines)), *promises(report)[:MOST_NAMED]])


def _people(report: Report) -> str:
    lines = [
        f"{counted(row.delivered, 'message')}{f', {row.late} late' if row.late else ''}{_reacted(row)}: "
        f"{row.name[:LONGEST_NAME]}"
        for row in report.people
    ]
    return _listed("By person", [*lines[:MOST_NAMED], *_more(len(lines))])


def _reacted(row: PersonRow) -> str:
    return f", reacted to {counted(row.reacted, 'lead')}, half within {row.reacted_half}" if row.reacted_half else ""


def _more(number: int) -> list[str]:
    return [f"and {number - MOST_NAMED} more"] if number > MOST_NAMED else []


def _listed(title: str, lines: list[str]) -> str:
    return "\n".join([title, *(f"• {line}" for line in lines)]) if lines else ""


def _plain(text: str) -> dict[str, Json]:
    return {"type": "plain_text", "text": text, "emoji": False}
