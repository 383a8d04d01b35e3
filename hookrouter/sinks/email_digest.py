"""What one mail says of many leads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from hookrouter.domain.delivery import Delivery
from hookrouter.domain.ids import RouteName
from hookrouter.domain.lead import Json
from hookrouter.sinks.default_text import default_text, short_id
from hookrouter.wire.messages.plain_text import printable, shorten
from hookrouter.wire.messages.sandbox import Escaping
from hookrouter.wire.messages.template import Template, link_of

MOST_CHANGES = 5
LONGEST_NAME = 80
LONGEST_CHANGE = 160
LONGEST_LINK = 200
ROOM = 550_000
"""Bytes of both texts together. In base64 they stay well under the megabyte that every mail server takes, and the
names and links of as many leads as a digest may have stand in it whatever their letters are."""

LEAD_HTML = Template(
    """\
<p><strong>{{ lead.name }}</strong>: {{ lead.headline }} <small>{{ lead.id }}</small>
{% for line in lead.lines %}<br>{{ line }}
{% endfor %}
{% if lead.link %}<br><a href="{{ lead.link }}">Open in the CRM</a>{% endif %}
</p>
""",
    Escaping.HTML,
    names=frozenset({"lead"}),
)
HEADING_HTML = Template("<h3>{{ heading }}</h3>\n", Escaping.HTML, names=frozenset({"heading"}))
NOTE_HTML = Template("<p><em>{{ note }}</em></p>\n", Escaping.HTML, names=frozenset({"note"}))
TOO_LONG = "This mail would be too long: what changed is left out for {} of them."


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestText:
    """A digest's subject and texts."""

    subject: str = field(repr=False)
    text: str = field(repr=False)
    html: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadText:
    """What a digest says of one lead."""

    name: str
    headline: str
    id: str
    lines: tuple[str, ...]
    link: str

    def text(self) -> str:
        """As plain text, indented under its first line."""
        first = f"- {self.name}: {self.headline} ({self.id})"
        return "\n  ".join(filter(None, [first, *self.lines, self.link])) + "\n"

    def html(self) -> str:
        """As a paragraph."""
        values: dict[str, Json] = {
            "name": self.name,
            "headline": self.headline,
            "id": self.id,
            "lines": list(self.lines),
            "link": self.link,
        }
        return LEAD_HTML.render({"lead": values})

    def size(self) -> int:
        """Bytes of both."""
        return len(self.text().encode()) + len(self.html().encode())


def digest_text(deliveries: Sequence[Delivery], lead_link: Callable[[str], str | None]) -> DigestText:
    """Word deliveries as one mail: by route in the order of first appearance, the leads of each in theirs."""
    routes: dict[RouteName, list[int]] = {}
    for place, delivery in enumerate(deliveries):
        routes.setdefault(delivery.route, []).append(place)
    leads, shortened = _fitting([_lead_text(delivery, link_of(delivery, lead_link)) for delivery in deliveries])
    summary = _summary({route: len(places) for route, places in routes.items()})
    notes = [TOO_LONG.format(shortened)] if shortened else []
    texts = [f"{line}\n" for line in (summary, *notes)]
    htmls = [HEADING_HTML.render({"heading": summary}), *(NOTE_HTML.render({"note": note}) for note in notes)]
    for route, places in routes.items():
        heading = f"{route} ({len(places)})"
        texts.append(f"{heading}\n")
        htmls.append(HEADING_HTML.render({"heading": heading}))
        for place in places:
            texts.append(leads[place].text())
            htmls.append(leads[place].html())
    return DigestText(subject=summary, text=printable("\n".join(texts)), html=printable("".join(htmls)))


def _summary(counts: dict[RouteName, int]) -> str:
    total = sum(counts.values())
    by_route = ", ".join(f"{count} {route}" for route, count in counts.items())
    return f"{total} {'lead' if total == 1 else 'leads'}: {by_route}"


def _lead_text(delivery: Delivery, link: str) -> LeadText:
    wording = default_text(delivery, link)
    lines = [shorten(str(change), LONGEST_CHANGE) for change in wording.changes[:MOST_CHANGES]]
    more = len(wording.changes) - len(lines) + wording.more
    return LeadText(
        name=shorten(wording.name, LONGEST_NAME),
        headline=wording.headline,
        id=short_id(delivery),
        lines=(*lines, f"and {more} more changed") if more else tuple(lines),
        link=link if len(link) <= LONGEST_LINK else "",
    )


def _fitting(leads: Sequence[LeadText]) -> tuple[list[LeadText], int]:
    """The leads, with what changed left out where there is no room for it any more, and for how many it is."""
    briefs = [replace(lead, lines=()) for lead in leads]
    room = ROOM - sum(brief.size() for brief in briefs)
    fitting, shortened = [], 0
    for lead, brief in zip(leads, briefs, strict=True):
        more = lead.size() - brief.size()
        if more <= room:
            room -= more
            fitting.append(lead)
        else:
            shortened += 1
            fitting.append(brief)
    return fitting, shortened
