"""The sink type `email`: one mail a delivery, as plain text with HTML beside it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import Any, cast

from marshmallow import ValidationError, fields, validate, validates

from hookrouter.domain.delivery import Delivery
from hookrouter.domain.errors import ConfigurationError
from hookrouter.domain.ids import SinkName
from hookrouter.domain.lead import Json
from hookrouter.domain.outcome import Outcome
from hookrouter.net.mail import hand_over
from hookrouter.net.smtp_server import SmtpServer
from hookrouter.ports.sinks import Message
from hookrouter.sinks.default_text import DefaultText, default_text
from hookrouter.sinks.email_digest import digest_id, digest_text
from hookrouter.sinks.kinds import SinkTools, SinkType
from hookrouter.wire.plain_text import one_line, printable, shorten
from hookrouter.wire.sandbox import Escaping
from hookrouter.wire.sink_schema import DigestSchema, SinkSchema
from hookrouter.wire.template import RenderingFailed, Template, TemplateField, link_of, template_context

MOST_RECIPIENTS = 50
LONGEST_SUBJECT = 200
FIRST_QUOTED = 127
"""From this byte on quoted-printable writes three characters for one; base64 writes four for three."""
_ADDRESS = re.compile(r"[^\s@,;:<>()\[\]\\\"\x00-\x1f\x7f]{1,64}@[^\s@,;:<>()\[\]\\\"\x00-\x1f\x7f]{1,255}")

DEFAULT_HTML = Template(
    """\
<p><strong>{{ wording.headline }}: {{ wording.name }}</strong></p>
{% if wording.changes %}
<table cellpadding="4">
{% for change in wording.changes %}
<tr><td>{{ change.name }}</td><td>{{ change.values }}</td></tr>
{% endfor %}
</table>
{% endif %}
{% if wording.remainder %}<p>{{ wording.remainder }}</p>{% endif %}
{% if wording.history %}
<ul>
{% for line in wording.history %}<li>{{ line }}</li>{% endfor %}
</ul>
{% endif %}
{% if wording.link %}<p><a href="{{ wording.link }}">Open in the CRM</a></p>{% endif %}
<p><small>{{ wording.origin }}</small></p>
""",
    Escaping.HTML,
    names=frozenset({"wording"}),
)


class RecipientField(TemplateField):
    """An address, or a template that makes one."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Template:
        template = super()._deserialize(value, attr, data, **kwargs)
        if template.is_constant and not _ADDRESS.fullmatch(template.source.strip()):
            raise ValidationError("an e-mail address is needed, such as ada@example.com, without a name around it")
        return template


class EmailSchema(SinkSchema):
    """The options of an e-mail sink."""

    to = fields.List(RecipientField(), required=True, validate=validate.Length(1, MOST_RECIPIENTS))
    subject = TemplateField()
    text = TemplateField()
    html = TemplateField(Escaping.HTML)
    digest = fields.Nested(DigestSchema)

    @validates("digest")
    def _gathers(self, _: object, data_key: str) -> None:
        raise ValidationError(f"`{data_key}` is not supported by this version")


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailText:
    """A mail before it is addressed from anyone; `id` is the delivery's, or the digest's."""

    id: str
    to: tuple[str, ...] = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)
    html: str = field(repr=False)

    def preview(self) -> Json:
        """Recipients, subject and both texts."""
        return {"to": list(self.to), "subject": self.subject, "text": self.text, "html": self.html}


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailSink:
    """Mailboxes behind the configured mail server."""

    to: tuple[Template, ...] = field(repr=False)
    subject: Template | None = field(repr=False)
    text: Template | None = field(repr=False)
    html: Template | None = field(repr=False)
    server: SmtpServer
    tools: SinkTools = field(repr=False)

    def render(self, delivery: Delivery) -> EmailText:
        """Fill the operator's templates; what has none gets the default wording."""
        context = template_context(delivery, self.tools.lead_link)
        wording = default_text(delivery, link_of(delivery, self.tools.lead_link))
        subject = self.subject.render(context) if self.subject else wording.summary
        text = self.text.render(context) if self.text else default_plain(wording)
        return EmailText(
            id=delivery.id,
            to=self._recipients(context),
            subject=shorten(one_line(subject), LONGEST_SUBJECT),
            text=printable(text),
            html=printable(self._html(context, wording)),
        )

    def digest_key(self, delivery: Delivery) -> str:
        """Leads share a mail when all their recipients are the same: nobody reads of another's leads."""
        recipients = self._recipients(template_context(delivery, self.tools.lead_link))
        return hashlib.sha256("\n".join(sorted(recipients)).encode()).hexdigest()[:32]

    def render_digest(self, deliveries: Sequence[Delivery]) -> EmailText:
        """Word several leads as one mail, to the recipients of the first, who are those of all."""
        wording = digest_text(deliveries, self.tools.lead_link)
        return EmailText(
            id=digest_id(deliveries),
            to=self._recipients(template_context(deliveries[0], self.tools.lead_link)),
            subject=shorten(wording.subject, LONGEST_SUBJECT),
            text=wording.text,
            html=wording.html,
        )

    async def send(self, delivery: Delivery, message: Message) -> Outcome:  # noqa: ARG002 - the message bears its name
        """Hand the mail over once."""
        written = cast("EmailText", message)
        mail = self._addressed(written)
        sender = parseaddr(self.server.sender)[1]
        return await hand_over(mail, sender, written.to, server=self.server, timeout=self.tools.timeout)

    def _recipients(self, context: Mapping[str, object]) -> tuple[str, ...]:
        # An owner without an address must not keep the mail from the others.
        made = (template.render(context).strip() for template in self.to)
        recipients = tuple(dict.fromkeys(address for address in made if _ADDRESS.fullmatch(address)))
        if not recipients:
            raise RenderingFailed("none of the recipients in `to` came out as an e-mail address")
        return recipients

    def _html(self, context: Mapping[str, object], wording: DefaultText) -> str:
        if self.html:
            return self.html.render(context)
        if self.text:
            return ""  # the operator chose plain text
        return DEFAULT_HTML.render({"wording": wording_values(wording)})

    def _addressed(self, written: EmailText) -> EmailMessage:
        name, address = parseaddr(self.server.sender)
        mail = EmailMessage(policy=SMTP)
        mail["From"] = Address(display_name=name, addr_spec=address)
        mail["To"] = ", ".join(written.to)
        mail["Subject"] = written.subject
        mail["Date"] = format_datetime(self.tools.clock.now())
        mail["Message-ID"] = f"<{written.id}@{address.rpartition('@')[2]}>"
        mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday replies, please
        mail.set_content(written.text, cte=encoding_for(written.text))
        if written.html:
            mail.add_alternative(written.html, subtype="html", cte=encoding_for(written.html))
        return mail


def encoding_for(text: str) -> str:
    """The shorter of the two encodings that leave no line long and no byte beyond ASCII."""
    written = text.encode()
    quoted = sum(byte in b"=" or byte >= FIRST_QUOTED for byte in written)
    return "quoted-printable" if 6 * quoted < len(written) else "base64"


def default_plain(wording: DefaultText) -> str:
    """The default wording as plain text."""
    parts = [
        f"{wording.headline}: {wording.name}",
        "\n".join([*map(str, wording.changes), *filter(None, [wording.remainder])]),
        "\n".join(wording.history),
        wording.link,
        wording.origin,
    ]
    return "\n\n".join(filter(None, parts)) + "\n"


def wording_values(wording: DefaultText) -> dict[str, Json]:
    """The default wording as the values a template sees."""
    return {
        "headline": wording.headline,
        "name": wording.name,
        "changes": [{"name": one.name, "values": one.values} for one in wording.changes],
        "remainder": wording.remainder,
        "history": list(wording.history),
        "origin": wording.origin,
        "link": wording.link,
    }


def build(name: SinkName, options: Mapping[str, object], tools: SinkTools) -> EmailSink:
    """Build an e-mail sink from what `EmailSchema` loaded.

    Raises:
        ConfigurationError: no mail server is configured.
    """
    if tools.smtp is None:
        raise ConfigurationError(f"the sink {name!r} sends mail, but the configuration has no `smtp:` section")
    given = cast("Mapping[str, Any]", options)
    return EmailSink(
        to=tuple(given["to"]),
        subject=given.get("subject"),
        text=given.get("text"),
        html=given.get("html"),
        server=tools.smtp,
        tools=tools,
    )


SINK = SinkType(name="email", schema=EmailSchema, build=build)
