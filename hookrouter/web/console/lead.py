"""One lead's whole story on a page: why it arrived, or did not."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from flask import Response, request

from hookrouter.domain.errors import NotFound
from hookrouter.domain.reasons import means
from hookrouter.runtime.stories import Stories
from hookrouter.usecases.explaining.chapters import Chapter, LeadStory
from hookrouter.usecases.explaining.lead_story import TellLeadStory
from hookrouter.usecases.explaining.recall import NO_PUSH
from hookrouter.web.console.rendering import is_push_name
from hookrouter.web.console.shell import HOME, Console, to
from hookrouter.web.discreet import Discreet

DELIVERY = "d_"
"""With what their ids begin."""


def add_lead(console: Console) -> None:
    """Add the pages of one lead's story."""

    @console.page("leads", unmaskable=True)
    def look_up() -> Response:
        delivery, who = request.args.get("delivery", ""), request.args.get("who", "").strip()
        if delivery:
            return to(_of_delivery(console, delivery, request.args.get("push", "")))
        if not who:
            return console.show("lead_search.html")
        return _one_or_all(console, _stories(console).tell(who))

    @console.question("leads/search")
    def search() -> Response:
        form = console.form()
        who, push = form.get("who", "").strip(), form.get("push", "").strip()
        if not who or is_push_name(who):
            return to(f"{HOME}/pushes/{quote(who)}" if who else f"{HOME}/leads")
        if who.startswith(DELIVERY):
            return to(_of_delivery(console, who, push))
        if push:
            return to(_address(_stories(console).tell_from(push, who)) or f"{HOME}/pushes/{quote(push)}")
        return _one_or_all(console, _stories(console).tell(who))

    @console.page("leads/<push>/<int:place>", unmaskable=True)
    def lead(push: str, place: int) -> Response:
        return _show(console, [_stories(console).tell_of(push, place, begin=request.args.get("from", ""))])


def _stories(console: Console) -> TellLeadStory:
    return Stories(console.runtime).of_leads()


def _of_delivery(console: Console, delivery: str, push: str) -> str:
    """The address of the story of a delivery's lead."""
    story = console.desk.deliveries().show_on_a_page(delivery, push)
    of = story.logged[-1] if story.found is None else story.found.delivery
    found = [each for each in console.desk.recall().push(of.push) if each.lead.key == of.lead_key]
    if not found:
        raise NotFound(f"the lead of {delivery} is not in its push {of.push} any more")
    return f"{HOME}/leads/{quote(of.push)}/{found[-1].occasion.place}#{quote(delivery)}"


def _address(story: LeadStory) -> str | None:
    """The address of a story, which tells nobody whose it is; None where no push of it is kept."""
    recalled = story.chapters[0].recalled
    occasion = recalled.occasion
    return None if recalled.doubt == NO_PUSH else f"{HOME}/leads/{quote(occasion.push)}/{occasion.place}"


def _one_or_all(console: Console, found: Sequence[LeadStory]) -> Response:
    """The page of the one story, or all of which there are several: each has a page, where it may be unmasked."""
    address = _address(found[0]) if len(found) == 1 else None
    return _show(console, found) if address is None else to(address)


def _show(console: Console, stories: Sequence[LeadStory]) -> Response:
    told = [
        {
            "story": story,
            "address": _address(story),
            "telling": Discreet(shown=console.masked(), lead=story.fields),
            "chapters": [_told(console, each) for each in story.chapters],
        }
        for story in stories
    ]
    return console.show("lead.html", stories=told, means=means)


def _told(console: Console, chapter: Chapter) -> tuple[Chapter, Discreet]:
    """A chapter, and how its texts are shown."""
    change = chapter.change
    return chapter, Discreet(shown=console.masked(), lead=change.lead.fields, previous=change.previous)
