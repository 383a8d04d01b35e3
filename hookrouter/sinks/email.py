"""The sink type `email`: one mail a delivery, as plain text with HTML beside it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, cast

from marshmallow import ValidationError, fields, validate

from hookrouter.domain.delivery import Delivery
from hookrouter.domain.digest import digest_id
from hookrouter.domain.errors import ConfigurationError
from hookrouter.domain.ids import SinkName
from hookrouter.domain.lead import Json
from hookrouter.domain.outcome import Outcome
from hookrouter.net.mail import HandedOver, hand_over
from hookrouter.net.names import Names
from hookrouter.net.smtp_server import SmtpServer
from hookrouter.ports.sinks import Message
from hookrouter.sinks.default_text import DefaultText, default_text
from hookrouter.sinks.email_digest import digest_text
from hookrouter.sinks.email_recipients import Progress, judge
from hookrouter.sinks.email_text import EmailText, alert_mail, report_mail, subject_of
from hookrouter.sinks.kinds import SinkTools, SinkType
from hookrouter.wire.config.message_schema import MessageSinkSchema
from hookrouter.wire.messages.plain_text import printable
from hookrouter.wire.messages.sandbox import Escaping
from hookrouter.wire.messages.template import RenderingFailed, Template, TemplateField, link_of, template_context
from hookrouter.wire.messages.written_mail import WrittenMail

MOST_RECIPIENTS = 50
_ADDRESS = re.compile(r"[^\s@,;:<>()\[\]\\\"\x00-\x1f\x7f]{1,64}@[^\s@,;:<>()\[\]\\\"\x00-\x1f\x7f]{1,255}")

DEFAULT_HTML = Template(
    """\
<p><strong>{{ wording.headline }}: {{ wording.name }}</strong></p>
{% if wording.person %}<p>{{ wording.person }}</p>{% endif %}
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


SAID_HTML = Template(
    """\
<p>{{ say }}</p>
<p>{% if wording.link %}<a href="{{ wording.link }}">{{ wording.name }}</a>{% else %}{{ wording.name }}{% endif %}</p>
<p><small>{{ wording.origin }}</small></p>
""",
    Escaping.HTML,
    names=frozenset({"wording", "say"}),
)


class RecipientField(TemplateField):
    """An address, or a template that makes one."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Template:
        template = super()._deserialize(value, attr, data, **kwargs)
        if template.is_constant and not _ADDRESS.fullmatch(template.source.strip()):
            raise ValidationError("an e-mail address is needed, such as ada@example.com, without a name around it")
        return template


class EmailSchema(MessageSinkSchema):
    """The options of an e-mail sink."""

    carries_reports: ClassVar[bool] = True
    carries_alerts: ClassVar[bool] = True
    needs_section = "smtp"

    to = fields.List(
        RecipientField(),
        required=True,
        validate=validate.Length(1, MOST_RECIPIENTS),
        metadata={"description": "the addresses; templates may make them"},
    )
    subject = TemplateField(metadata={"description": "the subject; the default one unless said"})
    text = TemplateField(metadata={"description": "the plain text; the default one unless said"})
    html = TemplateField(Escaping.HTML, metadata={"description": "the HTML beside the text"})


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailSink:
    """Mailboxes behind the configured mail server."""

    to: tuple[Template, ...] = field(repr=False)
    subject: Template | None = field(repr=False)
    text: Template | None = field(repr=False)
    html: Template | None = field(repr=False)
    server: SmtpServer
    tools: SinkTools = field(repr=False)
    names: Names = field(default_factory=Names, repr=False, compare=False)

    def render(self, delivery: Delivery) -> EmailText:
        """Fill the operator's templates; what has none gets the default wording."""
        context = template_context(delivery, self.tools.lead_link)
        if delivery.report is not None:
            return report_mail(delivery, delivery.report, self._recipients(context))
        if delivery.alert is not None:
            return alert_mail(delivery, delivery.alert, self._recipients(context))
        wording = default_text(delivery, link_of(delivery, self.tools.lead_link))
        if delivery.step:  # the operator's templates speak of a lead's news
            return self._reminder(delivery, context, wording)
        subject = self.subject.render(context).strip() if self.subject else ""
        text = self.text.render(context) if self.text else default_plain(wording)
        return EmailText(
            id=delivery.id,
            to=self._recipients(context),
            subject=subject_of(subject or wording.summary),
            text=printable(text),
            html=printable(self._html(context, wording)),
            labels=(delivery.route, delivery.sink),
            thread=self._thread(delivery),
        )

    def _reminder(self, delivery: Delivery, context: Mapping[str, object], wording: DefaultText) -> EmailText:
        """What a follow-up step says of its lead, else the default wording, in the thread of the mails about it."""
        words, values = delivery.say, wording_values(wording)
        html = (
            SAID_HTML.render({"wording": values, "say": words}) if words else DEFAULT_HTML.render({"wording": values})
        )
        return EmailText(
            id=delivery.id,
            to=self._recipients(context),
            subject=subject_of(words or wording.summary),
            text=printable(said_plain(words, wording) if words else default_plain(wording)),
            html=printable(html),
            labels=(delivery.route, delivery.sink),
            thread=self._thread(delivery),
        )

    @staticmethod
    def _thread(delivery: Delivery) -> str:
        """By which mail programs know mails about the same lead."""
        return "t_" + _hash(delivery.source, delivery.sink, delivery.lead_key)

    def digest_key(self, delivery: Delivery) -> str:
        """Leads share a mail when the same people are to have it: nobody reads of another's leads."""
        recipients = self._recipients(template_context(delivery, self.tools.lead_link))
        served = Progress.of(delivery)
        return _hash(*sorted(recipients), "", *sorted(served.taken), "", *sorted(served.refused))

    def render_digest(self, deliveries: Sequence[Delivery]) -> EmailText:
        """Word several leads as one mail, to the recipients of the first, who are those of all."""
        wording = digest_text(deliveries, self.tools.lead_link, self.tools.digest, self.tools.list_link)
        return EmailText(
            id=digest_id(deliveries),
            to=self._recipients(template_context(deliveries[0], self.tools.lead_link)),
            subject=subject_of(wording.subject),
            text=wording.text,
            html=wording.html,
            labels=(deliveries[0].sink,),
        )

    async def send(self, delivery: Delivery, message: Message) -> Outcome:
        """Hand the mail over once, to those who do not have it yet."""
        written = cast("EmailText", message)
        progress = Progress.of(delivery)
        left = progress.left(written.to)
        if not left:  # the configuration names them no more
            return judge(progress, HandedOver(), written.to)
        handed = await hand_over(
            self._mail(written), left, server=self.server, timeout=self.tools.timeout, names=self.names
        )
        return judge(progress, handed, written.to)

    def _mail(self, written: EmailText) -> WrittenMail:
        return WrittenMail(
            id=written.id,
            sender=self.server.sender,
            to=written.to,
            subject=written.subject,
            text=written.text,
            html=written.html,
            date=self.tools.clock.now(),
            list_labels=written.labels,
            thread=written.thread,
        )

    def _recipients(self, context: Mapping[str, object]) -> tuple[str, ...]:
        # An owner without an address must not keep the mail from the others.
        made = (template.render(context).strip() for template in self.to)
        recipients = tuple(
            dict.fromkeys(address for address in made if address.isprintable() and _ADDRESS.fullmatch(address))
        )
        if not recipients:
            raise RenderingFailed("none of the recipients in `to` came out as an e-mail address")
        return recipients

    def _html(self, context: Mapping[str, object], wording: DefaultText) -> str:
        if self.html:
            return self.html.render(context)
        if self.text:
            return ""  # the operator chose plain text
        return DEFAULT_HTML.render({"wording": wording_values(wording)})


def _hash(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]


def default_plain(wording: DefaultText) -> str:
    """The default wording as plain text."""
    parts = [
        f"{wording.headline}: {wording.name}",
        str(wording.person or ""),
        "\n".join([*map(str, wording.changes), *filter(None, [wording.remainder])]),
        "\n".join(wording.history),
        wording.link,
        wording.origin,
    ]
    return "\n\n".join(filter(None, parts)) + "\n"


def said_plain(say: str, wording: DefaultText) -> str:
    """What a step says, and where to find the lead."""
    return "\n\n".join(filter(None, [say, wording.name, wording.link, wording.origin])) + "\n"


def wording_values(wording: DefaultText) -> dict[str, Json]:
    """The default wording as the values a template sees."""
    return {
        "headline": wording.headline,
        "name": wording.name,
        "changes": [{"name": one.name, "values": one.values} for one in wording.changes],
        "person": str(wording.person or ""),
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
