"""What the tests of Slack's messages share."""

import re

from hookrouter.sinks.slack import SINK
from hookrouter.testing.builders import a_delivery
from hookrouter.testing.sinks import a_sink

URL = "https://hooks.slack.com/services/T0/B0/canary"
TOKEN = "xoxb-1-canary"
LINK = "<https://crm.example/leads/718281920514|Open in the CRM>"


def content(delivery=None, **options):
    way = {} if "token" in options else {"webhook_url": URL}
    return a_sink(SINK, **way, **options).render(delivery or a_delivery()).preview()


def texts(node):
    """Every text of a message."""
    if isinstance(node, dict):
        return [text for part in node.values() for text in texts(part)]
    if isinstance(node, list):
        return [text for part in node for text in texts(part)]
    return [node] if isinstance(node, str) else []


def pings_nobody(message, *allowed):
    """Whether no text has a control character of Slack's, besides the links that are allowed."""
    harmless = re.compile("|".join(["&(?:amp|lt|gt);", *map(re.escape, (LINK, *allowed))]))
    return not [text for text in texts(message) if set("<>&") & set(harmless.sub("", text))]
