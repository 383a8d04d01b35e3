"""What a Slack message looks like, and that no lead can bring it beyond Slack's limits or make it ping anybody."""

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from slack_support import LINK, content, pings_nobody, texts

from hookrouter.domain.change import LeadEvent
from hookrouter.testing.builders import a_change, a_delivery, a_lead
from hookrouter.wire.messages.mrkdwn import length

HOSTILE = [
    "<!channel>",
    "<@U1>",
    "<http://evil|Bank>",
    "a & b",
    "<!here> &lt;!channel&gt;",
    "<!subteam^S1>",
    "```<@U1>",
]
NASTY = st.sampled_from(
    [
        "&",
        "<",
        '"',
        "\\",
        "\n",
        "🙂",
        "👨‍👩‍👧",
        "e\u0301",
        "\u202e",
        "\ud83d",
        "*_~`",
        "<!channel>",
        "<http://evil|Bank>",
        "<@",
        "a ",
    ]
)
MOST_IN_ALL = 12_000


def a_lead_of(values, **fields):
    change = a_change(lead=a_lead(**fields, **values), changed=tuple(values), previous=values)
    return a_delivery(change=change, timeline=tuple({"eventName": value} for value in list(values.values())[:30]))


def within_limits(message):
    assert length(message["text"]) <= 3000
    assert 1 <= len(message["blocks"]) <= 50
    assert len(orjson.dumps(message["blocks"]).decode()) <= MOST_IN_ALL
    for block in message["blocks"]:
        assert len(block.get("fields", ())) <= 10
        assert all(0 < length(one["text"]) <= 2000 for one in block.get("fields", ()))
        assert all(length(text) <= 3000 for text in texts(block))
        if block["type"] == "header":
            assert 0 < length(block["text"]["text"]) <= 150
    return True


def test_the_default_message_names_the_lead_the_change_the_route_and_the_link():
    delivery = a_delivery()

    assert content(delivery) == {
        "text": "Lead updated: Ada Brown (Acme), Lead status: open → qualified",
        "blocks": [
            {
                "type": "header",
                "text": {"type": "plain_text", "text": "Lead updated: Ada Brown (Acme)", "emoji": False},
            },
            {
                "type": "section",
                "fields": [
                    {"type": "mrkdwn", "text": "*Lead status*", "verbatim": True},
                    {"type": "plain_text", "text": "open → qualified", "emoji": False},
                ],
            },
            {
                "type": "context",
                "elements": [
                    {"type": "mrkdwn", "text": f"{LINK} · route hot-lead · {delivery.id[:10]}", "verbatim": True}
                ],
            },
        ],
        "link_names": False,
        "unfurl_links": False,
        "unfurl_media": False,
    }


def test_a_history_gets_a_block():
    events = ({"createTimestamp": "2026-03-04 15:18:00", "eventName": "Lead submitted <a form>."},)

    blocks = content(a_delivery(timeline=events))["blocks"]

    assert blocks[2]["text"]["text"] == "• 2026-03-04 15:18:00 UTC Lead submitted &lt;a form&gt;."


def test_no_value_of_a_lead_stands_where_slack_formats():
    lead = a_lead(firstName="*bold*", leadStatus="`code` _it_ ~no~")

    message = content(a_delivery(change=a_change(lead=lead), timeline=({"eventName": "```"},)))

    formatted = [part["text"] for part in objects(message["blocks"]) if part.get("type") == "mrkdwn"]
    assert len(formatted) == 2
    assert not [text for text in formatted if "bold" in text or "`" in text or "~" in text]


def objects(node):
    if isinstance(node, dict):
        return [node, *(inner for part in node.values() for inner in objects(part))]
    return [inner for part in node for inner in objects(part)] if isinstance(node, list) else []


def test_what_does_not_fit_is_counted():
    fields = {f"f{number}": number for number in range(12)}
    change = a_change(event=LeadEvent.CREATED, lead=a_lead(**fields), changed=tuple(fields), previous={})

    _, first, second, foot = content(a_delivery(change=change))["blocks"]

    assert [len(block["fields"]) for block in (first, second)] == [10, 10]
    assert "· and 2 more ·" in foot["elements"][0]["text"]


def test_a_lead_without_a_page_in_the_crm_has_no_link():
    lead = a_lead(id=None)

    foot = content(a_delivery(change=a_change(lead=lead)))["blocks"][-1]

    assert foot["elements"][0]["text"].startswith("route hot-lead · d_")


def test_the_operator_s_text_takes_the_place_of_the_default():
    message = content(text="*{{ lead.firstName }}* <{{ link }}|here>")

    assert message["text"] == "*Ada* <https://crm.example/leads/718281920514|here>"
    assert [block["type"] for block in message["blocks"]] == ["section", "context"]


def test_a_text_that_comes_out_empty_gives_way_to_the_default():
    assert content(text=" {{ lead.nothing }}\n")["text"].startswith("Lead updated")


def test_a_text_that_is_too_long_says_that_it_was_shortened():
    message = content(text="{% for n in range(1000) %}<{{ link }}|here> {% endfor %}")

    text = message["blocks"][0]["text"]["text"]
    assert text == message["text"]
    assert 2900 < len(text) <= 3000
    assert text.endswith("|here>… (shortened)")


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"text": "Hello {{ lead.firstName }} {{ lead.firstName|upper }}"},
        {"blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "{{ lead.firstName }}"}}]},
        {"blocks": [{"type": "header", "text": {"type": "plain_text", "text": "{{ lead.firstName }}"}}]},
        {"blocks": [{"type": "context", "elements": [{"type": "mrkdwn", "text": "{{ changed|join }}{{ lead }}"}]}]},
    ],
    ids=["default", "text", "section", "header", "context"],
)
def test_a_lead_cannot_ping_or_link(hostile, options):
    lead = a_lead(firstName=hostile, leadStatus=hostile, companyName=hostile, **{hostile: hostile})
    change = a_change(lead=lead, changed=("leadStatus", hostile), previous={"leadStatus": "open"})

    message = content(a_delivery(change=change, timeline=({"eventName": hostile},)), **options)

    assert "&lt;" in repr(message) or "&amp;" in repr(message)
    assert pings_nobody(message)


@pytest.mark.parametrize("before", range(5))
def test_a_long_name_is_not_cut_within_an_escaped_character(before):
    lead = a_lead(firstName="x" * before + "<" * 100)

    header = content(a_delivery(change=a_change(lead=lead)))["blocks"][0]["text"]["text"]

    assert header.endswith("&lt;…")
    assert len(header) <= 150


@settings(deadline=None)
@given(part=NASTY, times=st.integers(0, 65_536), count=st.integers(0, 90), name=st.lists(NASTY, max_size=300))
def test_a_message_keeps_slack_s_limits_whatever_is_in_a_lead(part, times, count, name):
    value = (part * times)[:65_536]
    delivery = a_lead_of({f"f{number}{part}": value for number in range(count)}, firstName="".join(name))

    message = content(delivery)

    assert within_limits(message)
    assert pings_nobody(message)


OWN = [
    {"type": "header", "text": {"type": "plain_text", "text": "{{ lead.companyName }}"}},
    {"type": "section", "fields": [{"type": "mrkdwn", "text": "{{ lead.companyName }}"}] * 10},
    {"type": "section", "text": {"type": "mrkdwn", "text": "*{{ lead.companyName }}* <{{ link }}|here>"}},
    {
        "type": "actions",
        "elements": [
            {
                "type": "button",
                "text": {"type": "plain_text", "text": "Call {{ lead.companyName }}"},
                "url": "{{ link }}?a=b&c=d",
                "value": "{{ lead.id }}",
            }
        ],
    },
    {"type": "divider"},
]


@settings(deadline=None)
@given(part=NASTY, times=st.integers(0, 50_000), blocks=st.lists(st.sampled_from(OWN), min_size=1, max_size=50))
def test_the_operator_s_blocks_keep_slack_s_limits_whatever_is_in_a_lead(part, times, blocks):
    lead = a_lead(companyName=(part * times)[:65_536])

    message = content(a_delivery(change=a_change(lead=lead)), blocks=blocks)

    assert within_limits(message)
    assert all(length(text) <= 75 for text in texts([button["text"] for button in buttons(message)]))
    assert pings_nobody(message, "<https://crm.example/leads/718281920514|here>", "?a=b&c=d")


def buttons(message):
    return [part for part in objects(message["blocks"]) if part.get("type") == "button"]


def test_the_operator_s_blocks_are_filled_and_get_the_foot():
    message = content(blocks=OWN, text="{{ lead.firstName }} called")

    header, fields, section, actions, divider, foot = message["blocks"]
    assert message["text"] == "Ada called"
    assert header["text"] == {"type": "plain_text", "text": "Acme"}
    assert fields["fields"][9] == {"verbatim": True, "type": "mrkdwn", "text": "Acme"}
    assert section["text"]["text"] == "*Acme* <https://crm.example/leads/718281920514|here>"
    assert actions["elements"][0]["url"] == "https://crm.example/leads/718281920514?a=b&c=d"
    assert divider == {"type": "divider"}
    assert "route hot-lead" in foot["elements"][0]["text"]


def test_fifty_blocks_leave_no_room_for_the_foot():
    assert len(content(blocks=[{"type": "divider"}] * 49)["blocks"]) == 50
    assert content(blocks=[{"type": "divider"}] * 50)["blocks"] == [{"type": "divider"}] * 50


def test_without_a_text_the_notification_says_the_default():
    assert content(blocks=[{"type": "divider"}])["text"].startswith("Lead updated: Ada")


def test_what_slack_shows_as_it_is_is_not_escaped():
    line = {"type": "rich_text_section", "elements": [{"type": "text", "text": "{{ lead.companyName }}"}]}
    lead = a_lead(companyName="Smith & Sons <b>")

    message = content(a_delivery(change=a_change(lead=lead)), blocks=[{"type": "rich_text", "elements": [line]}])

    assert message["blocks"][0]["elements"][0]["elements"][0]["text"] == "Smith & Sons <b>"


def test_a_text_that_comes_out_empty_says_so_for_slack_refuses_it():
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": "{{ lead.nothing }}"}}]

    assert content(blocks=blocks)["blocks"][0]["text"]["text"] == "(empty)"


def test_the_operator_may_have_names_and_addresses_made_into_links():
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": "x", "verbatim": False}}]

    assert content(blocks=blocks)["blocks"][0]["text"]["verbatim"] is False


def test_blocks_that_do_not_fit_are_left_out_with_a_word():
    blocks = [{"type": "section", "fields": [{"type": "mrkdwn", "text": "{{ lead.companyName }}"}] * 10}] * 40
    lead = a_lead(companyName="x" * 5000)

    message = content(a_delivery(change=a_change(lead=lead)), blocks=blocks)

    *kept, notice, foot = message["blocks"]
    assert 5 < len(kept) < 40
    assert "did not fit" in notice["elements"][0]["text"]
    assert "route hot-lead" in foot["elements"][0]["text"]


def test_a_field_is_shorter_than_a_text():
    field = {"type": "mrkdwn", "text": "{{ lead.companyName }}"}
    lead = a_lead(companyName="x" * 5000)

    message = content(
        a_delivery(change=a_change(lead=lead)), blocks=[{"type": "section", "text": field, "fields": [field]}]
    )

    section = message["blocks"][0]
    assert (len(section["text"]["text"]), len(section["fields"][0]["text"])) == (3000, 2000)


def test_texts_are_shortened_before_blocks_are_left_out():
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": "{{ lead.companyName }}"}}] * 10
    lead = a_lead(companyName="x" * 5000)

    message = content(a_delivery(change=a_change(lead=lead)), blocks=blocks)

    assert [len(block["text"]["text"]) for block in message["blocks"][:-1]] == [1000] * 10
    assert message["blocks"][0]["text"]["text"].endswith("x… (shortened)")
