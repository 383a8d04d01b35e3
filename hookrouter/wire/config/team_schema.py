"""What the configuration says of one team."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from marshmallow import ValidationError, fields, validate

from hookrouter.domain.teams import Per, Pick
from hookrouter.wire.config.address_fields import MailAddress
from hookrouter.wire.config.json_shapes import Shape, also, text
from hookrouter.wire.config.route_schema import ReadElsewhere
from hookrouter.wire.config.strict_fields import Choice, Name, StrictSchema, Truth, WholeNumber
from hookrouter.wire.config.timezones import ZoneField

MOST_MEMBERS = 200
LARGEST_SHARE = 100
MOST_LEADS = 10_000
LONGEST_NAME = 100

OWNER = r"[1-9][0-9]{0,17}"
SLACK = r"[UW][A-Z0-9]{2,20}"
_OWNER = re.compile(OWNER)
_SLACK = re.compile(SLACK)


class OwnerId(fields.Field[str]):
    """The id of a person in the CRM."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:  # noqa: ARG002 - the library's signature
        written = "" if isinstance(value, bool) or not isinstance(value, (str, int)) else str(value)
        if not _OWNER.fullmatch(written):
            raise ValidationError("give the person's id in the CRM, the digits that leads have as their ownerID")
        return written

    @staticmethod
    def json_schema() -> Shape:
        """What an editor takes."""
        return also("integer", text(OWNER, example="313499604"))


class SlackId(fields.Field[str]):
    """The id of a person in Slack."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:  # noqa: ARG002 - the library's signature
        if not isinstance(value, str) or not _SLACK.fullmatch(value):
            raise ValidationError(
                "give the person's id in Slack, such as U02ADA: in the profile, under ⋮, `Copy member ID`"
            )
        return value

    @staticmethod
    def json_schema() -> Shape:
        """What an editor takes."""
        return text(SLACK, example="U02ADA")


class MemberSchema(StrictSchema):
    """One of a team."""

    owner = OwnerId(required=True, metadata={"description": "the person's id in the CRM (ownerID)"})
    name_ = fields.String(
        data_key="name",
        required=True,
        validate=validate.Length(min=1, max=LONGEST_NAME),
        metadata={"description": "as people call the person"},
    )
    slack = SlackId(metadata={"description": "the person's id in Slack, for mentions"})
    email = MailAddress(metadata={"description": "the person's address"})
    share = WholeNumber(
        1,
        LARGEST_SHARE,
        load_default=1,
        metadata={"description": "how many leads the person gets while one with a share of 1 gets one"},
    )
    away = ReadElsewhere("days-off", metadata={"description": "days on which the person gets none"})
    time = ReadElsewhere("working-time", metadata={"description": "the only time at which the person gets any"})


class LimitSchema(StrictSchema):
    """The most leads that one member gets."""

    example: ClassVar[str] = "{leads: 25, per: day}"

    leads = WholeNumber(1, MOST_LEADS, required=True, metadata={"description": "so many"})
    per = Choice(tuple(Per), required=True, metadata={"description": "in an hour or on a day, on the team's clock"})


class TeamSchema(StrictSchema):
    """Some people, and how leads are shared among them."""

    members = fields.List(
        fields.Nested(MemberSchema),
        required=True,
        validate=validate.Length(1, MOST_MEMBERS, error=f"name at least one member and at most {MOST_MEMBERS}"),
        metadata={"description": "the people"},
    )
    pick = Choice(
        tuple(Pick),
        load_default=Pick.ROUND_ROBIN.value,
        metadata={"description": "whose turn it is: one after the other, or who has the fewest leads nobody touched"},
    )
    keep_owner = Truth(load_default=True, metadata={"description": "who has the lead keeps it, unless away"})
    limit = fields.Nested(LimitSchema, metadata={"description": "the most leads of each member"})
    otherwise = Name(metadata={"description": "the sink or the team that takes what nobody of this team may take"})
    timezone = ZoneField(
        metadata={"description": "whose clock days and hours go by; that of members' or routes' times unless said"}
    )
