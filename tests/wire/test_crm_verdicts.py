"""What the CRM's answer to one object comes to, for each code and each action."""

from __future__ import annotations

import pytest

from hookrouter.domain.crm_write import Action, CrmWrite
from hookrouter.domain.ids import DeliveryId, RouteName, SinkName
from hookrouter.domain.lead import Json
from hookrouter.domain.outcome import Dead, Delivered, Retry
from hookrouter.wire.crm.envelope import WriteResult
from hookrouter.wire.crm.errors import text_of_code
from hookrouter.wire.crm.verdicts import judge_write, was_written

OBJECTS: dict[Action, dict[str, Json]] = {
    Action.UPDATE: {"id": "77", "title": "Buyer"},
    Action.CREATE: {"emailAddress": "teo@example.org", "title": "Buyer"},
    Action.DELETE: {"id": "77"},
    Action.LOG_CALL: {"leadID": "77", "userID": "7", "direction": "incoming"},
}


def a_write(action: Action = Action.UPDATE, **fields: Json) -> CrmWrite:
    return CrmWrite(
        action=action,
        values={**OBJECTS[action], **fields},
        delivery=DeliveryId("d_1"),
        try_of="1:0",
        route=RouteName("hot"),
        sink=SinkName("writeback"),
    )


def refused(code: int) -> WriteResult:
    return WriteResult(success=False, code=code, message=text_of_code(code))


UNKNOWN = WriteResult(success=False, is_known=False, message="the answer was lost")


@pytest.mark.parametrize(
    ("action", "code", "kind", "reason"),
    [
        (Action.UPDATE, 302, Delivered, ""),
        (Action.UPDATE, 301, Dead, "refused"),
        (Action.UPDATE, 404, Dead, "refused"),
        (Action.UPDATE, 205, Dead, "refused"),
        (Action.UPDATE, 303, Dead, "refused"),
        (Action.UPDATE, 999, Retry, "server_error"),
        (Action.CREATE, 301, Delivered, ""),
        (Action.CREATE, 302, Dead, "refused"),
        (Action.DELETE, 302, Delivered, ""),
        (Action.DELETE, 404, Delivered, ""),
        (Action.LOG_CALL, 206, Dead, "refused"),
        (Action.LOG_CALL, 303, Dead, "refused"),
        (Action.LOG_CALL, 999, Dead, "in_doubt"),
    ],
)
def test_each_code_comes_to_something(action: Action, code: int, kind: type, reason: str) -> None:
    outcome = judge_write(a_write(action), refused(code))

    assert type(outcome) is kind
    assert getattr(outcome, "reason", "") == reason
    assert outcome.answer.text


@pytest.mark.parametrize("action", Action)
def test_what_nobody_knows_is_tried_again_unless_it_could_be_done_twice(action: Action) -> None:
    outcome = judge_write(a_write(action), UNKNOWN)

    assert isinstance(outcome, Dead if action is Action.LOG_CALL else Retry)
    assert was_written(a_write(action), UNKNOWN) is None


@pytest.mark.parametrize(
    ("fields", "named", "unnamed"),
    [
        ({"city": None, "ownerID": "7"}, "the value of city", "title"),
        ({"ownerID": "Ada Brown"}, "the value of ownerID", "title"),
        ({"accountID": "x", "campaignID": "y"}, "one of: accountID, campaignID", "title"),
        ({"city": "Ulm"}, "one of: title, city", "id,"),
        ({}, "the value of title", "one of"),
    ],
)
def test_a_value_that_is_refused_is_named_as_nearly_as_can_be_told(
    fields: dict[str, Json], named: str, unnamed: str
) -> None:
    text = judge_write(a_write(**fields), refused(205)).answer.text

    assert named in text
    assert unnamed not in text


def test_a_field_that_names_nothing_is_hinted_at() -> None:
    text = judge_write(a_write(ownerID="42"), refused(303)).answer.text

    assert "ownerID names nothing in the CRM" in text
    assert "42" not in text
