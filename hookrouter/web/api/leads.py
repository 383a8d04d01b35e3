"""Leads: their stories, and to forget one, as the operator API does it.

Who is meant stands in a body, and not in an address: those are written into logs on the way.
"""

from __future__ import annotations

from typing import Any, cast

from hookrouter.domain.audit import Act
from hookrouter.domain.ids import SourceName
from hookrouter.domain.lead import Json
from hookrouter.domain.operator import Role
from hookrouter.runtime.stories import Stories
from hookrouter.usecases.explaining.chapters import LeadStory
from hookrouter.web.api.calls import Asked, Call
from hookrouter.wire.api.questions import UnmaskQuery
from hookrouter.wire.api.stories import ErasedSchema, ForgetBody, LeadStoriesSchema, StoryBody

A_LEAD = "a lead"
"""What the audit log says of whom: it is kept longer than anything that names them."""
FORGOTTEN_WITHIN = 55.0
"""Seconds; a large store takes longer, and then the same call goes on."""


def tell_story(asked: Asked) -> dict[str, Any]:
    """A lead's story."""
    body, stories = asked.body, Stories(asked.runtime).of_leads()
    lead, push, source = body.get("lead"), body.get("push"), body.get("source")
    if lead is None:
        found = [stories.tell_of(body["push"], body["place"])]
    elif push is not None:
        found = [stories.tell_from(push, lead)]
    else:
        found = [*stories.tell(lead, source=None if source is None else SourceName(source))]
    return {"found": [_told(asked, story) for story in found]}


def _told(asked: Asked, story: LeadStory) -> dict[str, Any]:
    whole = story.as_json()
    chapters = [
        asked.discreet(chapter.as_json(), chapter.change.lead.fields, chapter.change.previous)
        for chapter in story.chapters
    ]
    rest = asked.discreet({name: value for name, value in whole.items() if name != "chapters"}, story.fields)
    return {**cast("dict[str, Json]", rest), "chapters": chapters}


def forget_lead(asked: Asked) -> dict[str, Any]:
    """Erase a lead, or tell what that would erase."""
    body, forget = asked.body, asked.desk.forget()
    lead, source = body["lead"], None if body.get("source") is None else SourceName(body["source"])
    if body["only_look"]:
        return forget.look(lead, source).summary()
    with asked.deed(Act.FORGET, A_LEAD) as result:
        erased = forget.erase(lead, source)
        result.say(f"{erased.total} records erased from {len(erased.by_place())} places")
    return erased.summary()


CALLS = (
    Call(
        method="POST",
        path="/leads/story",
        does=tell_story,
        query=UnmaskQuery,
        body=StoryBody,
        answer=LeadStoriesSchema,
        about="Tell a lead's whole story, from its last change back.",
        notes=(
            "Push after push: what changed, which routes matched and why the others did not, what was sent, and every "
            "attempt. Some pushes at a time: `further` is the `push` with which it goes on."
        ),
        refusals=(404, 409),
    ),
    Call(
        method="POST",
        path="/leads/forget",
        does=forget_lead,
        role=Role.OPERATE,
        body=ForgetBody,
        answer=ErasedSchema,
        about="Erase a person from everything stored, and tell what was erased.",
        notes=(
            "With `only_look` it tells what it would erase. To ask twice erases what came meanwhile. The ids in it "
            "are shown as they are. 503 when it takes too long: the same call goes on."
        ),
        refusals=(409,),
        within=FORGOTTEN_WITHIN,
    ),
)
