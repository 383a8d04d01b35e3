"""What Slack is told of something other than a lead: a report, or an alert with what is wrong and what to do."""

from __future__ import annotations

from collections.abc import Iterator

from hookrouter.domain.alert import Alert
from hookrouter.domain.delivery import Delivery
from hookrouter.domain.lead import Json
from hookrouter.sinks.slack_report import report_content
from hookrouter.wire.messages.alert_text import foot, headline, todo
from hookrouter.wire.messages.mrkdwn import escaped

LONGEST_HEADER = 150
LONGEST_LINES = 2900


def notice_content(delivery: Delivery) -> dict[str, Json] | None:
    """The text that notifications show, and the blocks; None of what tells of a lead."""
    if delivery.report is not None:
        return report_content(delivery.report)
    return None if delivery.alert is None else alert_content(delivery.alert)


def alert_content(alert: Alert) -> dict[str, Json]:
    """The text that notifications show, and the blocks."""
    return {"text": escaped(headline(alert), LONGEST_LINES), "blocks": list(_blocks(alert))}


def _blocks(alert: Alert) -> Iterator[Json]:
    yield {"type": "header", "text": _plain(headline(alert), LONGEST_HEADER)}
    yield {"type": "section", "text": _plain(alert.wrong, LONGEST_LINES)}
    if alert.todo:
        # `mrkdwn`, so that commands stand out; no value of a lead is ever in it.
        yield {"type": "section", "text": _mrkdwn(f"*What to do*\n{escaped(todo(alert), LONGEST_LINES)}")}
    yield {"type": "context", "elements": [_plain(foot(alert), LONGEST_LINES)]}


def _plain(text: str, longest: int) -> dict[str, Json]:
    return {"type": "plain_text", "text": escaped(text, longest), "emoji": False}


def _mrkdwn(text: str) -> dict[str, Json]:
    return {"type": "mrkdwn", "text": text, "verbatim": True}
