"""The button by which a person claims a lead, and what stands in its place once somebody did."""

from __future__ import annotations

from collections.abc import Sequence

from hookrouter.domain.change import LeadEvent
from hookrouter.domain.claim import Claim
from hookrouter.domain.delivery import SEND_TEST, Delivery
from hookrouter.domain.lead import EMAIL_FIELD, Json
from hookrouter.sinks.slack_blocks import MOST_BLOCKS
from hookrouter.wire.messages.mrkdwn import escaped
from hookrouter.wire.slack.button import ACTION, ButtonValue, write_button

LONGEST_NAME = 100
BY_ADDRESS = "email:"
PLACES = (ACTION, f"{ACTION}ed")
"""Names of the block: of the button, and of what stands in its place."""


def button_of(delivery: Delivery, place: str) -> str:
    """What the button of a message carries; '' where a lead cannot be claimed.

    Nor can it by an address that the sink is not to see, nor from a test, which people press to see what happens.
    """
    is_hidden = delivery.lead_key.startswith(BY_ADDRESS) and EMAIL_FIELD not in delivery.lead
    if is_hidden or delivery.event is LeadEvent.DELETED or delivery.route == SEND_TEST:
        return ""
    value = ButtonValue(sink=delivery.sink, source=delivery.source, lead=delivery.lead_key, place=place)
    return write_button(value)


def with_button(blocks: Sequence[Json], value: str) -> list[Json]:
    """The blocks with the button before the foot, where there is room for one more."""
    if not value or len(blocks) >= MOST_BLOCKS:
        return list(blocks)
    button: Json = {
        "type": "button",
        "action_id": ACTION,
        "text": {"type": "plain_text", "text": "Claim", "emoji": False},
        "style": "primary",
        "value": value,
    }
    return [*blocks[:-1], {"type": "actions", "block_id": PLACES[0], "elements": [button]}, *blocks[-1:]]


def without_button(blocks: Sequence[Json]) -> list[Json]:
    """The blocks without the button, and without what stands in its place."""
    return [block for block in blocks if not _is_ours(block)]


def claimed(blocks: Sequence[Json], claim: Claim) -> list[Json]:
    """The blocks with who has the lead in the button's place; behind them where they have none."""
    note: Json = {
        "type": "section",
        "block_id": PLACES[1],
        "text": {"type": "mrkdwn", "text": f"Claimed by {whose(claim)}", "verbatim": True},
    }
    if any(_is_ours(block) for block in blocks):
        return [note if _is_ours(block) else block for block in blocks]
    return [*blocks[: MOST_BLOCKS - 1], note]


def whose(claim: Claim) -> str:
    """Who has a lead, and since when, by the clock of whoever reads it."""
    moment, utc = int(claim.at.timestamp()), claim.at.strftime("%H:%M UTC")
    return f"*{escaped(claim.name, LONGEST_NAME)}*, <!date^{moment}^{{date_short_pretty}} at {{time}}|at {utc}>"


def _is_ours(block: Json) -> bool:
    return isinstance(block, dict) and block.get("block_id") in PLACES
