"""An alert in words: its headline, what to do, and the whole as plain text and as HTML for mail programs."""

from __future__ import annotations

import re
from html import escape

from hookrouter.domain.alert import Alert, News
from hookrouter.domain.spans import span_in_words
from hookrouter.wire.messages.plain_text import printable

COLOURS = {News.RAISED: "#b42318", News.STILL: "#b54708", News.CLEARED: "#067647"}
FONT = "font-family:Arial,Helvetica,sans-serif;font-size:14px;line-height:20px;color:#1f2933"
SMALL = "font-size:12px;color:#52606d"
CODE = "font-family:Consolas,Menlo,monospace;font-size:13px;background:#f0f2f5;padding:1px 4px"
WIDTH = 600
_CODE = re.compile(r"`([^`]+)`")


def headline(alert: Alert) -> str:
    """All in one line, for a subject."""
    return f"hookrouter: {alert.title}"


def todo(alert: Alert) -> str:
    """What to do, as sentences."""
    return alert.todo


def foot(alert: Alert) -> str:
    """Since when, and which of the alerts it is."""
    lasts = span_in_words(max(0.0, (alert.at - alert.since).total_seconds()))
    since = f"Since {alert.since:%Y-%m-%d %H:%M} UTC"
    return f"{since}{'' if alert.news is News.CLEARED else f' ({lasts})'} · alert {alert.kind}"


def plain(alert: Alert) -> str:
    """The whole as plain text."""
    parts = [alert.title, alert.wrong, f"What to do: {todo(alert)}" if alert.todo else "", foot(alert)]
    return printable("\n\n".join(filter(None, parts)) + "\n")


def html(alert: Alert) -> str:
    """The whole, for the HTML part of a mail."""
    lines = "".join(f'<p style="margin:0 0 8px">{_in_html(line)}</p>' for line in alert.wrong.split("\n"))
    steps = (
        f'<p style="margin:0 0 8px"><strong>What to do</strong><br>{_in_html(todo(alert))}</p>' if alert.todo else ""
    )
    return printable(
        f'<table role="presentation" width="{WIDTH}" cellpadding="0" cellspacing="0" border="0"'
        f' style="width:100%;max-width:{WIDTH}px;{FONT}"><tr>'
        f'<td style="padding:16px;border-left:4px solid {COLOURS[alert.news]}">\n'
        f'<h2 style="margin:0 0 12px;font-size:18px;line-height:24px">{escape(alert.title)}</h2>\n{lines}\n{steps}\n'
        f'<p style="margin:8px 0 0;{SMALL}">{escape(foot(alert))}</p>\n</td></tr></table>\n'
    )


def _in_html(text: str) -> str:
    return _CODE.sub(rf'<code style="{CODE}">\1</code>', escape(text))
