"""What people read of whom a lead was given to."""

from __future__ import annotations

import json
from typing import Any

import pytest
from slack_support import content, texts

from hookrouter.domain.assignment import Assigned
from hookrouter.sinks.default_text import default_text
from hookrouter.sinks.email import default_plain, wording_values
from hookrouter.sinks.email_digest import digest_text
from hookrouter.testing.builders import a_delivery
from hookrouter.wire.messages.standard_body import standard_body

ADA = Assigned(owner="4", name="Ada Brown", slack="U02ADA", team="east", reason="Ben away, Ada next")
NOBODY = Assigned(owner="", team="east", reason="Ben away, Ada at the limit: nobody may take it")


def blocks_of(assigned: Assigned | None) -> list[dict[str, Any]]:
    blocks: list[dict[str, Any]] = content(delivery=a_delivery(assigned=assigned))["blocks"]
    return blocks


def test_slack_mentions_the_person_before_what_changed() -> None:
    assert blocks_of(ADA)[1]["text"] == {
        "type": "mrkdwn",
        "text": "For <@U02ADA> (Ben away, Ada next)",
        "verbatim": True,
    }


def test_slack_names_a_person_whose_id_it_does_not_know() -> None:
    other = Assigned(owner="5", name="Ben <!channel> Cole", team="east", reason="Ben next")

    assert blocks_of(other)[1]["text"]["text"] == "For Ben &lt;!channel&gt; Cole (Ben next)"


def test_slack_says_that_nobody_may_take_it() -> None:
    told = "For nobody yet: Ben away, Ada at the limit: nobody may take it"

    assert blocks_of(NOBODY)[1]["text"]["text"] == told


def test_without_a_team_nothing_is_said_of_anybody() -> None:
    assert not any("For " in text for text in texts(blocks_of(None)))


def test_a_mail_says_whom_it_is_for_in_its_second_line() -> None:
    wording = default_text(a_delivery(assigned=ADA), "")

    assert default_plain(wording).splitlines()[2] == "For Ada Brown (Ben away, Ada next)"
    assert wording_values(wording)["person"] == "For Ada Brown (Ben away, Ada next)"


def test_a_digest_says_it_of_each_lead() -> None:
    digest = digest_text([a_delivery(assigned=ADA), a_delivery(assigned=NOBODY)], lambda _: None, None)

    assert digest.text.count("For Ada Brown (Ben away, Ada next)") == 1
    assert digest.text.count("For nobody yet: ") == 1


@pytest.mark.parametrize("assigned", [ADA, None])
def test_the_standard_body_has_the_person_if_the_route_assigns_one(assigned: Assigned | None) -> None:
    told = json.loads(standard_body(a_delivery(assigned=assigned)))["data"].get("assigned")

    expected = {
        "owner": "4",
        "name": "Ada Brown",
        "slack": "U02ADA",
        "email": "",
        "team": "east",
        "reason": "Ben away, Ada next",
    }
    assert told == (None if assigned is None else expected)
