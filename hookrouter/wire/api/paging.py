"""Pages of lists."""

from __future__ import annotations

from marshmallow import Schema, fields

from hookrouter.wire.api.told import maybe, moment, text_or_none


class PageSchema(Schema):
    """Part of a list."""

    next = text_or_none("Where the next page begins: give it as `after`. Null when nothing comes behind.")
    looked_back_to = maybe(
        moment(
            "How far back this look went, if it ended before the page was full because it had looked at as much as it "
            "may "
            "in one go; `next` looks further."
        )
    )


def page_of(row: type[Schema], name: str, about: str) -> type[Schema]:
    """The schema of a page of such rows."""
    found = fields.List(fields.Nested(row), required=True, metadata={"description": about})
    return PageSchema.from_dict({"found": found}, name=name)
