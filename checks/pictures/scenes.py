"""The messages that the documentation shows, made by the sinks that send them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from alert_scenes import alerts_of_an_hour

from hookrouter.crm.lead_page import lead_page
from hookrouter.domain.assignment import Assigned
from hookrouter.domain.change import LeadEvent
from hookrouter.domain.claim import Claim
from hookrouter.domain.delivery import Delivery
from hookrouter.domain.figures import LEADS, MISSED, NEW, ROUTED, Figure, Kind
from hookrouter.domain.ids import RouteName
from hookrouter.domain.lead import Json
from hookrouter.domain.policy import Digest
from hookrouter.domain.report import Report
from hookrouter.domain.reporting import report_of
from hookrouter.domain.routing import Objective
from hookrouter.domain.weekly import Span
from hookrouter.net.smtp_server import SmtpServer
from hookrouter.ports.sinks import DigestSink
from hookrouter.sinks import email, slack
from hookrouter.sinks.slack_claim import claimed
from hookrouter.testing.builders import RECEIVED_AT, a_change, a_delivery, a_lead, an_occasion
from hookrouter.testing.sinks import a_sink, sink_tools

TOOLS = sink_tools(
    lead_link=lead_page, smtp=SmtpServer(host="smtp.example.com", port=587, sender="hookrouter@example.com")
)

GATHERING = replace(TOOLS, digest=Digest(every=timedelta(hours=1), most=50))


@dataclass(frozen=True, slots=True)
class InSlack:
    """Messages in a channel, each with when it came; one in the thread of the message above it has `↳` before that."""

    messages: Sequence[tuple[str, Sequence[Mapping[str, Any]]]]


@dataclass(frozen=True, slots=True)
class InMail:
    """A mail: its subject and its HTML."""

    subject: str
    html: str


Scene = InSlack | InMail
FIRST = ("Ada", "Grace", "Alan", "أحمد", "Zoë", "Ben", "Cem")
LAST = ("Brown", "Hopper", "Kaya", "Okafor", "Lindqvist")
COMPANIES = ("Acme", "Initech", "Navy Yards")
WEEK = Span(first=date(2026, 11, 16), last=date(2026, 11, 22))
A_FORTNIGHT = (60, 80, 70, 90, 40, 3, 0, 71, 93, 88, 102, 55, 2, 1)
LONG = "Anneliese-Maria von der Weißenburg-Hohenstaufen zu Schloß Altenbernheim"


def lead_of(number: int = 0, **fields: Json) -> Delivery:
    """A lead who has just become qualified; `number` tells them apart."""
    id_ = str(718281920514 + number)
    return a_delivery(
        change=a_change(
            lead=a_lead(id=id_, **{"phoneNumber": "+1 415 555 0123", **fields}),
            changed=("leadStatus", "leadScore"),
            previous={"leadStatus": "open", "leadScore": "40"},
        ),
        occasion=an_occasion(place=number),
    )


def in_slack(*deliveries: tuple[str, Delivery], **options: object) -> InSlack:
    sink = a_sink(slack.SINK, TOOLS, token="xoxb-of-nobody", channel="#deals", **options)
    return InSlack([(at, sink.render(delivery).preview()["blocks"]) for at, delivery in deliveries])  # type: ignore[index,call-overload]


def new_lead() -> Scene:
    """A lead who was not known before."""
    fields = {"leadStatus": "open", "leadScore": "12", "title": "Head of Purchasing", "website": "acme.example"}
    lead = a_lead(**fields)
    change = a_change(lead=lead, event=LeadEvent.CREATED, changed=tuple(lead.fields), previous={})
    return in_slack(("9:04 AM", a_delivery(change=change, route="new-leads")))


def changed_lead() -> Scene:
    """What changed, from what to what, and what the lead did lately."""
    timeline = (
        {"createTimestamp": "2026-03-04 15:18:02", "eventName": "Submitted the form: Request a demo"},
        {"createTimestamp": "2026-03-04 15:12:40", "eventName": "Visited /pricing"},
    )
    return in_slack(("3:20 PM", replace(lead_of(), timeline=timeline)))


def odd_leads() -> Scene:
    """Names that are long, from right to left, with emoji or missing, many changes, and markup that stays text."""
    many = {f"customField{number}": f"value {number}" for number in range(14)}
    many_changed = a_delivery(
        change=a_change(lead=a_lead(**many), changed=tuple(many), previous=dict.fromkeys(many, "")), route="all-news"
    )
    return in_slack(
        ("10:01 AM", lead_of(1, firstName=LONG, lastName="(Geschäftsführerin)", companyName="Weißenburg & Söhne " * 6)),
        ("10:02 AM", lead_of(2, firstName="أحمد", lastName="الخطيب", companyName="شركة النور للتجارة")),
        (
            "10:03 AM",
            lead_of(3, firstName="Zoë 🚀", lastName="👩🏽‍💻 Öztürk", companyName="<!channel> *Bold & Co* @here"),
        ),
        ("10:04 AM", lead_of(4, firstName="", lastName=None, companyName=None, leadScore="")),
        ("10:05 AM", many_changed),
    )


def reminders() -> Scene:
    """A lead that nobody reacts to: the message, two reminders, and whom the lead goes to then."""
    reason = "Ada is not to get it again, Ben next"
    ben = Assigned(owner="313499605", name="Ben Cole", slack="U02BEN", team="east", reason=reason)
    since = a_change(lead=a_lead(leadScore="97"), changed=("leadScore",), previous={"leadScore": "91"})
    return in_slack(
        ("3:20 PM", lead_of()),
        ("3:35 PM", replace(lead_of(), step="15m", say="Nobody has called Ada yet, and she waits for 15 minutes now.")),
        ("4:20 PM", a_delivery(change=since, step="1h")),
        ("5:20 PM", replace(lead_of(), step="2h", say="Ben Cole, this lead is yours now.", assigned=ben)),
    )


def odd_reminders() -> Scene:
    """Reminders of names that are long, from right to left, or look like markup."""
    long, arabic = lead_of(1, firstName=LONG, companyName="Weißenburg & Söhne " * 6), lead_of(2, firstName="أحمد")
    odd = lead_of(3, firstName="<!channel>", companyName="*Bold & Co* 🚀")
    return in_slack(
        ("10:01 AM", replace(long, step="15m", say=f"Nobody has called {LONG} yet")),
        ("10:02 AM", replace(arabic, step="15m", say="Nobody has called أحمد yet")),
        ("10:03 AM", replace(odd, step="15m", say="Nobody has called <!channel> yet")),
        ("10:04 AM", replace(lead_of(4, firstName="", lastName=None, companyName=None), step="1h")),
    )


def mail_reminder() -> Scene:
    """A reminder by mail."""
    reminder = replace(lead_of(), step="1h", say="Nobody has called Ada within an hour")
    return _mailed(a_sink(email.SINK, TOOLS, to=["boss@example.com"]).render(reminder).preview())


def claim() -> Scene:
    """A message with the button by which a lead is claimed."""
    return in_slack(("3:20 PM", lead_of()), claim=True)


def claimed_thread() -> Scene:
    """The same message once somebody claimed the lead, and what its thread tells of the lead since."""
    taken = Claim(
        click="k", owner="313499606", name="Cem Kaya", by="U02CEM", at=RECEIVED_AT.replace(hour=15, minute=24)
    )
    lead = a_lead(leadStatus="customer", leadScore="97")
    won = a_change(lead=lead, changed=("leadStatus",), previous={"leadStatus": "qualified"})
    said = "Cem, this lead is yours and nobody has called yet."
    ((at, first),) = in_slack(("3:20 PM", lead_of()), claim=True).messages
    replies = in_slack(
        ("↳ 3:55 PM", replace(lead_of(1), say=said, step="15m")),
        ("↳ 4:40 PM", a_delivery(change=won, route="won", occasion=an_occasion(place=2))),
    ).messages
    return InSlack([(at, claimed(list(first), taken)), *replies])


def slack_digest() -> Scene:
    """Several leads as one message."""
    sink = a_sink(slack.SINK, GATHERING, token="xoxb-of-nobody", channel="#deals")
    assert isinstance(sink, DigestSink)
    return InSlack([("8:00 AM", sink.render_digest(_some_leads()).preview()["blocks"])])  # type: ignore[index,call-overload]


def slack_burst() -> Scene:
    """What came over a burst's rate, as one message."""
    sink = a_sink(slack.SINK, TOOLS, token="xoxb-of-nobody", channel="#deals")
    assert isinstance(sink, DigestSink)
    many = [imported(number) for number in range(4900)]
    changed = [lead_of(number, firstName=FIRST[number % 7], lastName=LAST[number % 5]) for number in range(5000, 5080)]
    return InSlack([("8:00 AM", sink.render_digest([*many, *changed]).preview()["blocks"])])  # type: ignore[index,call-overload]


def slack_missed() -> Scene:
    """What Slack was away for, and is no news any more."""
    sink = a_sink(slack.SINK, TOOLS, token="xoxb-of-nobody", channel="#deals")
    assert isinstance(sink, DigestSink)
    late = [replace(each, late="network", route="hot-lead") for each in _some_leads()]  # type: ignore[arg-type]
    return InSlack([("8:00 AM", sink.render_digest(late).preview()["blocks"])])  # type: ignore[index,call-overload]


def imported(number: int) -> Delivery:
    """A lead of an import: new, and one of many in the same minute."""
    lead = lead_of(number, firstName=FIRST[number % 7], lastName=LAST[number % 5], companyName=COMPANIES[number % 3])
    received_at = RECEIVED_AT + timedelta(milliseconds=12 * number)
    return replace(lead, event=LeadEvent.CREATED, received_at=received_at, route="new-lead")  # type: ignore[arg-type]


def mail() -> Scene:
    """A mail of one lead."""
    return _mailed(a_sink(email.SINK, TOOLS, to=["boss@example.com"]).render(lead_of()).preview())


def mail_digest() -> Scene:
    """A mail of several leads."""
    sink = a_sink(email.SINK, GATHERING, to=["boss@example.com"])
    assert isinstance(sink, DigestSink)
    return _mailed(sink.render_digest(_some_leads()).preview())


def mail_report() -> Scene:
    """The weekly report of a busy week."""
    return _mailed(a_sink(email.SINK, TOOLS, to=["boss@example.com"]).render(_reported(a_week())).preview())


def mail_report_of_nothing() -> Scene:
    """That of a week in which nothing came."""
    nothing = report_of({}, WEEK, {})
    return _mailed(a_sink(email.SINK, TOOLS, to=["boss@example.com"]).render(_reported(nothing)).preview())


def slack_report() -> Scene:
    """The weekly report as a short message."""
    return in_slack(("8:00 AM", _reported(a_week())))


def a_week() -> Report:
    """A week beside the one before it; one of the people has a name from right to left, one a very long one."""
    people = ("1 Ada Brown", "2 יעל כהן", f"3 {LONG}", "4 Chloé 🚀")
    figures: dict[date, Counter[Figure]] = {}
    for number, day in enumerate((*WEEK.before.days, *WEEK.days)):
        leads = A_FORTNIGHT[number]
        counts = figures[day] = Counter(
            {LEADS: leads, NEW: leads // 3, ROUTED: leads - leads // 20, MISSED: number % 2}
        )
        for place, person in enumerate(people):
            counts[Figure(Kind.DELIVERED, "hot-lead", "sales", "", person)] = leads // (5 + 2 * place)
            upto = ("300", "900", "1800", "14400")[(place + number // 7) % 4]
            counts[Figure(Kind.REACTED, "", "", upto, person[0])] = leads // (7 + 2 * place)
            counts[Figure(Kind.REACTED, "hot-lead", "", upto)] = leads // (7 + 2 * place)
        counts[Figure(Kind.TAKEN, "hot-lead")] = leads // 2
        counts[Figure(Kind.WAITED, "hot-lead", "", "15")] = leads // 2
        counts[Figure(Kind.WAITED, "hot-lead", "", "60")] = leads // 8
        counts[Figure(Kind.LATE, "hot-lead", "", "", people[2])] = number % 3
        counts[Figure(Kind.TAKEN, "everybody-else")] = leads // 3
        counts[Figure(Kind.DELIVERED, "everybody-else", "notes")] = leads // 3
        counts[Figure(Kind.WAITED, "everybody-else", "", "900")] = leads // 3
    figures[WEEK.last][Figure(Kind.DEAD, "everybody-else", "notes")] = 1
    return report_of(figures, WEEK, {RouteName("hot-lead"): Objective(percent=95, within=timedelta(minutes=1))})


def _reported(report: Report) -> Delivery:
    return replace(lead_of(), lead={}, report=report)


def _some_leads() -> list[Delivery]:
    people = [
        ("Ada", "Brown", "Acme"),
        ("Grace", "Hopper", "Navy Yards"),
        ("أحمد", "الخطيب", "شركة النور للتجارة"),
        (LONG, "", "Weißenburg & Söhne"),
        ("", "", ""),
    ]
    made = [
        lead_of(number, firstName=first, lastName=last, companyName=company)
        for number, (first, last, company) in enumerate(people)
    ]
    later = [replace(each, received_at=RECEIVED_AT + timedelta(minutes=7 * number)) for number, each in enumerate(made)]
    return [*later[:3], *(replace(each, route="new-leads") for each in later[3:])]  # type: ignore[misc]


def _mailed(preview: Json) -> InMail:
    assert isinstance(preview, dict)
    return InMail(subject=str(preview["subject"]), html=str(preview["html"]))


def _alerts() -> list[Delivery]:
    return [replace(lead_of(), lead={}, alert=alert) for alert in alerts_of_an_hour()]


def slack_alerts() -> Scene:
    """What is told in Slack of hookrouter itself."""
    raised, given_up, over = _alerts()
    return in_slack(("12:31 PM", raised), ("12:32 PM", given_up), ("1:07 PM", over))


def mail_alert() -> Scene:
    """The same by mail."""
    return _mailed(a_sink(email.SINK, TOOLS, to=["ops@example.com"]).render(_alerts()[0]).preview())


SCENES: Mapping[str, Callable[[], Scene]] = {
    "slack-new-lead": new_lead,
    "slack-changed-lead": changed_lead,
    "slack-odd-leads": odd_leads,
    "slack-reminders": reminders,
    "slack-odd-reminders": odd_reminders,
    "mail-reminder": mail_reminder,
    "slack-claim": claim,
    "slack-thread": claimed_thread,
    "slack-digest": slack_digest,
    "slack-burst": slack_burst,
    "slack-missed": slack_missed,
    "mail": mail,
    "mail-digest": mail_digest,
    "mail-report": mail_report,
    "mail-report-of-nothing": mail_report_of_nothing,
    "slack-report": slack_report,
    "slack-alerts": slack_alerts,
    "mail-alert": mail_alert,
}
"""What is drawn, by the names of the pictures."""
