"""Many leads in one Slack message."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from slack_support import LINK, TOKEN, URL, pings_nobody, texts

from hookrouter.domain.assignment import Assigned
from hookrouter.domain.change import LeadEvent
from hookrouter.domain.policy import MOST_IN_A_SUMMARY, Digest
from hookrouter.ports.sinks import DigestSink
from hookrouter.sinks.slack import SINK
from hookrouter.sinks.slack_blocks import LONGEST_TEXT, MOST_BLOCKS, MOST_IN_ALL
from hookrouter.testing.builders import RECEIVED_AT, a_change, a_delivery, a_lead, an_occasion
from hookrouter.testing.sinks import a_sink, sink_tools
from hookrouter.wire.messages.mrkdwn import length

DIGEST = Digest(every=timedelta(hours=1), most=50)
ALL_LEADS = "<https://crm.example/leads|Open the leads in the CRM>"


def a_lead_for(place, route="hot-lead", *, event=LeadEvent.UPDATED, late="", changed=("leadStatus",), **fields):
    previous = {"leadStatus": "open"} if changed else {}
    change = a_change(lead=a_lead(id=str(place), **fields), changed=changed, previous=previous)
    made = a_delivery(change=replace(change, event=event), occasion=an_occasion(place=place), route=route)
    return replace(made, late=late, received_at=RECEIVED_AT + timedelta(seconds=place / 100))


def digest(deliveries, gathered=DIGEST, **options):
    way = {} if "token" in options else {"webhook_url": URL}
    sink = a_sink(SINK, sink_tools(digest=gathered), **way, **options)
    return sink.render_digest(deliveries).preview()


def sections(message):
    return [block["text"]["text"] for block in message["blocks"] if block["type"] == "section"]


def is_within_slacks_limits(message):
    blocks = message["blocks"]
    lengths = [length(text) for text in texts(blocks)]
    size = len(json.dumps(blocks, ensure_ascii=False, separators=(",", ":")))
    return len(blocks) <= MOST_BLOCKS and max(lengths) <= LONGEST_TEXT and size <= MOST_IN_ALL


def test_a_slack_sink_can_word_several_leads_as_one_message():
    assert isinstance(a_sink(SINK, webhook_url=URL), DigestSink)


def test_a_digest_names_each_lead_under_its_route_with_what_changed_and_a_link():
    first, third = a_lead_for(1), a_lead_for(3, firstName="Cid", changed=())
    second = a_lead_for(2, "new-form", event=LeadEvent.CREATED, firstName="Ben")

    message = digest([first, second, third])

    assert message["text"] == "3 leads: 2 hot-lead, 1 new-form"
    assert message["blocks"][0]["text"]["text"] == "3 leads: 2 hot-lead, 1 new-form"
    assert sections(message) == [
        (
            "*hot-lead (2)*\n"
            "• <https://crm.example/leads/1|Ada Brown (Acme)>: Lead updated · Lead status: open → qualified\n"
            "• <https://crm.example/leads/3|Cid Brown (Acme)>: Lead updated"
        ),
        "*new-form (1)*\n• <https://crm.example/leads/2|Ben Brown (Acme)>: New lead · Lead status: qualified",
    ]
    assert message["blocks"][-1]["elements"][0]["text"].startswith(f"{ALL_LEADS} · digest g_")


def test_a_digest_by_a_field_names_its_value():
    by_owner = replace(DIGEST, by="owner")

    assert digest([a_lead_for(1, owner="Ben")], by_owner)["text"] == "1 lead with owner Ben: 1 hot-lead"
    assert digest([a_lead_for(1)], by_owner)["text"] == "1 lead: 1 hot-lead"


def test_what_was_missed_stands_behind_the_news_and_says_why_and_when():
    late = [a_lead_for(place * 6000, late="network") for place in range(2)]

    message = digest([*late, a_lead_for(3), a_lead_for(4, late="undelivered")])

    assert message["text"] == "4 leads: 1 hot-lead, 3 missed"
    assert [section.splitlines()[0] for section in sections(message)] == [
        "*hot-lead (1)*",
        ("*hot-lead, missed while Slack could not be reached, Wed 4 Mar 15:20 to 15:21 UTC (2)*"),
        "*hot-lead, missed while messages were held up, Wed 4 Mar 15:20 UTC (1)*",
    ]
    assert sections(message)[1].splitlines()[1].endswith("Lead status: open → qualified · Wed 4 Mar 15:20 UTC")


def test_a_summary_counts_by_route_and_change_and_knows_an_import():
    new = [a_lead_for(place, "new-lead", event=LeadEvent.CREATED) for place in range(2900)]
    some = [a_lead_for(place) for place in range(2900, 2980)]

    message = digest([*new, *some], None)

    assert message["text"] == "2,980 more leads at once: 2,900 new-lead, 80 hot-lead"
    [note] = message["blocks"][1]["elements"]
    assert note["text"] == "This looks like an import: 2,900 new leads from crm within 29 s."
    said = "\n".join(sections(message))
    assert "*new-lead: 2,900 new*" in said
    assert "*hot-lead: 80 updated; Lead status changed in 80*" in said
    assert re.search(r"… and 2,\d{3} more leads", said)
    assert is_within_slacks_limits(message)


def test_a_summary_of_reminders_says_that_nobody_reacted():
    waiting = [replace(a_lead_for(place, changed=()), step="1h") for place in range(60)]

    assert digest(waiting, None)["text"] == "60 more leads without a reaction: hot-lead"
    assert digest(waiting)["text"] == "60 leads without a reaction: 60 hot-lead"
    mixed = digest([*waiting, a_lead_for(60)], None)
    assert mixed["text"] == "61 more leads at once: hot-lead"
    assert sections(mixed)[0].startswith("*hot-lead: 60 without a reaction, 1 updated; Lead status changed in 1*")


def test_a_digest_says_to_whom_leads_were_given():
    people = [
        Assigned(owner=str(at), name=name, team="east") for at, name in enumerate(["Ada <!here>", "Cem Diaz", ""])
    ]
    given = [replace(a_lead_for(place), assigned=people[min(place % 4, 2)]) for place in range(80)]

    assert "; for nobody yet 40, Ada &lt;!here&gt; 20, Cem Diaz 20*" in sections(digest(given, None))[0]
    first, second, third, *_ = sections(digest(given[:4]))[0].splitlines()[1:]
    assert "Lead updated · for Ada &lt;!here&gt; · Lead status" in first
    assert "Lead updated · for Cem Diaz · Lead status" in second
    assert "Lead updated · for nobody yet · Lead status" in third


@pytest.mark.parametrize(
    ("by", "title"),
    [
        ("ownerID", "2 leads with owner 7: 2 hot-lead"),
        ("favorite_color", "2 leads with favorite color red: 2 hot-lead"),
        ("assigned.name", "2 leads for Ada: 2 hot-lead"),
        ("website", "2 leads: 2 hot-lead"),
    ],
)
def test_a_digest_by_a_field_says_in_words_what_its_leads_share(by, title):
    fields = {"ownerID": "7", "favorite_color_5a0dd86e6e290": "red"}
    given = Assigned(owner="7", name="Ada", team="east")
    leads = [replace(a_lead_for(place, **fields), assigned=given) for place in range(2)]

    assert digest(leads, replace(DIGEST, by=by))["text"] == title


@pytest.mark.parametrize(
    ("gathered", "late", "title"),
    [
        (DIGEST, "", "5 messages about 3 leads: 5 hot-lead"),
        (None, "", "5 more messages about 3 leads at once: hot-lead"),
        (None, "network", "5 messages about 3 leads missed"),
    ],
)
def test_a_lead_that_is_told_of_twice_is_one_lead(gathered, late, title):
    leads = [a_lead_for(place % 3, late=late) for place in range(5)]

    assert digest(leads, gathered)["text"] == title


def test_a_new_lead_of_which_little_is_told_has_more_but_no_changes():
    fields = {f"f{number}": number for number in range(9)}
    lead = a_lead_for(0, event=LeadEvent.CREATED, changed=tuple(fields), **fields)

    assert sections(digest([lead]))[0].endswith("· and 6 more")


def test_every_lead_of_a_summary_is_named_or_counted():
    leads = [a_lead_for(place, f"route-{place % 7}", firstName=f"N{place}") for place in range(MOST_IN_A_SUMMARY)]

    said = "\n".join(sections(digest(leads, None)))

    named = len(re.findall(r"\bN\d+ Brown", said))
    left_out = sum(int(count.replace(",", "")) for count in re.findall(r"… and ([\d,]+) more leads", said))
    assert named + left_out == MOST_IN_A_SUMMARY
    assert named >= 20


@pytest.mark.parametrize("count", [1, 20, 50, 200, 500, 5000])
def test_hostile_leads_ping_nobody_and_stay_within_slacks_limits(count):
    hostile = "<!channel> & <@U1> | `x` *b*"
    leads = [
        a_lead_for(place, f"r-{place % 90}", firstName=hostile * 20, leadStatus=hostile * 20) for place in range(count)
    ]

    for gathered in (DIGEST, None):
        message = digest(leads, gathered)
        links = [f"<https://crm.example/leads/{place}|" for place in range(count)]
        assert is_within_slacks_limits(message)
        for text in texts(message["blocks"]):
            bare = re.sub(r"<https://crm\.example/leads/\d+\|([^<>]*)>", r"\1", text)
            assert pings_nobody([bare], ALL_LEADS, LINK, *links[:1])


NAMES = st.text(max_size=60) | st.sampled_from(
    ["\u05d0\u05d1\u05d2 \u05d3", "👩\u200d🚀" * 20, "", "A" * 4000, "🇩🇪" * 40]
)


@settings(max_examples=40, deadline=None)
@given(names=st.lists(NAMES, min_size=1, max_size=60))
def test_whatever_people_are_called_it_stays_within_slacks_limits(names):
    leads = [a_lead_for(place, firstName=name, leadStatus=name) for place, name in enumerate(names)]

    assert all(is_within_slacks_limits(digest(leads, gathered)) for gathered in (DIGEST, None))


def test_only_leads_of_one_channel_share_a_message():
    sink = a_sink(SINK, token=TOKEN, channel="{{ lead.owner_slack }}")

    keys = [
        sink.digest_key(a_lead_for(place, owner_slack=who)) for place, who in enumerate(["U01AA", "U02BB", "U01AA"])
    ]

    assert keys[0] == keys[2] != keys[1]


def test_a_message_a_second_is_the_channels_not_the_sinks():
    def place(**options):
        return SINK.schema.rate_place(SINK.schema().load({"type": "slack", **options}))

    assert SINK.schema.usual_rate == 1.0
    assert place(token=TOKEN, channel="#a") == place(token=TOKEN, channel="#a") != place(token=TOKEN, channel="#b")
    assert place(webhook_url=URL) != place(webhook_url=f"{URL}-2")
    assert place(token=TOKEN, channel="{{ lead.owner_slack }}") == ""
    assert "canary" not in place(webhook_url=URL)
