"""What one mail says of many leads."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from hookrouter.domain.delivery import Delivery
from hookrouter.domain.lead import Json
from hookrouter.domain.policy import MOST_IN_A_DIGEST, Digest
from hookrouter.sinks.default_text import default_text, short_id
from hookrouter.sinks.digest_wording import Group, moment, word_digest
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
MORE_HTML = Template(
    '<p>… and {{ more }} more: <a href="{{ link }}">open the leads in the CRM</a></p>\n',
    Escaping.HTML,
    names=frozenset({"more", "link"}),
)
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


def digest_text(
    deliveries: Sequence[Delivery], lead_link: Callable[[str], str | None], digest: Digest | None, list_link: str = ""
) -> DigestText:
    """Word deliveries as one mail: by route in the order of first appearance, the leads of each in theirs."""
    wording = word_digest(deliveries, digest, "the mail server")
    named = list(_first(wording.groups, MOST_IN_A_DIGEST))
    leads, shortened = _fitting([_lead_text(each, link_of(each, lead_link)) for group in named for each in group])
    notes = [*wording.notes, *([TOO_LONG.format(shortened)] if shortened else [])]
    texts = [f"{line}\n" for line in (wording.title, *notes)]
    htmls = [HEADING_HTML.render({"heading": wording.title}), *map(_note, notes)]
    left = iter(leads)
    for group, some in zip(wording.groups, named, strict=True):
        texts.append(f"{group.heading}\n")
        htmls.append(HEADING_HTML.render({"heading": group.heading}))
        for _ in some:
            lead = next(left)
            texts.append(lead.text())
            htmls.append(lead.html())
        if more := len(group.deliveries) - len(some):
            texts.append(f"… and {more:,} more: {list_link}\n")
            htmls.append(MORE_HTML.render({"more": f"{more:,}", "link": list_link}))
    return DigestText(subject=wording.title, text=printable("\n".join(texts)), html=printable("".join(htmls)))


def _first(groups: Sequence[Group], most: int) -> Iterator[tuple[Delivery, ...]]:
    """The leads of each group that are named: all of them if they are few, else each group's share."""
    total = sum(len(group.deliveries) for group in groups)
    for group in groups:
        count = len(group.deliveries)
        yield group.deliveries[: count if total <= most else count * most // total]


def _note(note: str) -> str:
    return NOTE_HTML.render({"note": note})


def _lead_text(delivery: Delivery, link: str) -> LeadText:
    wording = default_text(delivery, link)
    lines = [shorten(str(change), LONGEST_CHANGE) for change in wording.changes[:MOST_CHANGES]]
    left_out = wording.left_out(len(wording.changes) - len(lines))
    return LeadText(
        name=shorten(wording.name, LONGEST_NAME),
        headline=f"{wording.headline}, {moment(delivery.received_at)}" if delivery.late else wording.headline,
        id=short_id(delivery),
        lines=tuple(filter(None, [str(wording.person or ""), *lines, left_out])),
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
