"""What the receiver answers beside the operator API, and the problems that both answer with."""

from __future__ import annotations

from marshmallow import Schema, fields

from hookrouter.domain.health import Status
from hookrouter.wire.api.deliveries import ReceiptSchema
from hookrouter.wire.api.told import by_name, count, maybe, one_of, text, texts, truth


class ProblemSchema(Schema):
    """An error (RFC 9457)."""

    title = text("What kind of error it is.")
    status = count("The HTTP status.")
    detail = text("What happened, and what to do.")
    errors = maybe(by_name("What is wrong with the question, by its parts."))


class TakenSchema(ReceiptSchema):
    """What the sender of a push is told."""

    duplicate = truth("Whether it is a re-send; the other figures are then those of the first.")


class ReadySchema(Schema):
    """Whether this process can take a push."""

    ready = truth("Whether it can.")
    mode = one_of(("redis", "spool", "none"), "Where it would be kept.")
    reasons = texts("What is not well.")


class HealthSchema(Schema):
    """How the whole does, as `application/health+json` has it."""

    status = one_of(tuple(Status), "By the part that does worst.")
    version = maybe(text("Of what is answered here."))
    releaseId = maybe(text("hookrouter's version."))  # noqa: N815 - the draft's word
    serviceId = maybe(text("What tells this installation from others."))  # noqa: N815 - as above
    description = maybe(text("What hookrouter is."))
    output = maybe(text("What is not well, the worst first, and what to do."))
    checks = fields.Dict(
        keys=fields.Str(),
        values=fields.List(fields.Dict(keys=fields.Str())),
        metadata={"description": "Each part; for operators only."},
    )
