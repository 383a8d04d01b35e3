"""Dead letters and rejected leads: looked at, mended, replayed and dropped on pages."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest
from console_support import ADMIN, READER, Shown

from hookrouter.domain.ids import PushId, SourceName
from hookrouter.domain.outcome import Reason
from hookrouter.domain.push import Push
from hookrouter.domain.remembered import Snapshot
from hookrouter.domain.report import Report, Totals
from hookrouter.store.streams import records_of
from hookrouter.testing.builders import RECEIVED_AT, a_change, a_delivery, a_lead, an_occasion
from hookrouter.web.console.shell import CSRF
from hookrouter.wire.kept.records import read_delivery
from hookrouter.wire.kept.remembered import write_snapshot
from hookrouter.wire.pushes.lead_schema import read_batch

ADDRESS = "ada.brown@example.com"
DAY = date(2026, 3, 2)
NOTHING = Report(first=DAY, last=DAY, totals=Totals(), before=Totals(), days=(), routes=(), people=())
NAME = "<script>alert(1)</script>"


def dead(bury, count=1, *, sink="billing", route="hot-lead", **fields):
    """Ids of deliveries that died one after another, the oldest first."""
    change = a_change(lead=a_lead(emailAddress=ADDRESS, firstName=NAME, **fields))
    return [
        bury(
            a_delivery(change=change, occasion=an_occasion(place=place), sink=sink, route=route),
            at=RECEIVED_AT + timedelta(seconds=place),
        ).id
        for place in range(count)
    ]


def rejected(visitor, *leads):
    """Ids of rejected leads."""
    push = Push(id=PushId("p_1"), source=SourceName("crm"), received_at=RECEIVED_AT, body=b"[]", headers={})
    batch = read_batch(list(leads))
    visitor.runtime.push_log().accept(push, batch)
    return [f"p_1-{each.place}" for each in batch.rejected]


def keep_snapshot(visitor, fields):
    """Have a lead be known."""
    lead, runtime = a_lead(**fields), visitor.runtime
    key = runtime.keys.snapshot(SourceName("crm"), lead.key)
    runtime.server.call("SET", key, write_snapshot(Snapshot(fields=lead.fields)))


def outbox(visitor, sink="billing"):
    """What waits to be sent, the first at the front."""
    entries = visitor.runtime.server.call("XRANGE", visitor.runtime.keys.outbox(sink), "-", "+")
    return [read_delivery(record) for _, record in records_of(entries)]


@pytest.fixture
def operator(open_console):
    visitor = open_console(admin=ADMIN, read=READER)
    visitor.sign_in(ADMIN)
    return visitor


def test_a_letters_page_tells_why_it_died_what_to_do_and_what_would_be_sent(operator, bury):
    [id_] = dead(bury)

    answer = operator.get(f"/console/dead/{id_}")

    text = Shown(answer.text).text
    assert "refused , status 404" in text
    assert "no such lead" in text
    assert "mend the lead or the sink's rule, then replay." in text
    assert f'"X-Name": "{NAME}"' in text
    assert NAME not in answer.text
    assert ADDRESS not in answer.text
    assert "a***@example.com" in text


def test_what_is_personal_is_shown_once_on_purpose_and_written_down(operator, bury):
    [id_] = dead(bury)

    opened = operator.send(f"/console/dead/{id_}")
    after = operator.get(f"/console/dead/{id_}")

    assert ADDRESS in opened.text
    assert ADDRESS not in after.text
    assert operator.deeds()[-1] == ("unmask", f"/dead/{id_}", "done")


def test_who_reads_sees_all_of_it_masked_and_changes_nothing(open_console, bury):
    visitor = open_console(admin=ADMIN, read=READER)
    visitor.sign_in(READER)
    [id_] = dead(bury)

    page = Shown(visitor.get(f"/console/dead/{id_}").text)
    answers = [
        visitor.send(f"/console/dead/{id_}"),
        visitor.send(f"/console/dead/{id_}/mend", {"do": "send"}),
        visitor.send("/console/dead/chosen", {"act": "drop", "id": id_}),
        visitor.send("/console/dead/all", {"act": "drop"}),
    ]

    assert "a***@example.com" in page.text
    assert [answer.status_code for answer in answers] == [403] * 4
    assert outbox(visitor) == []
    assert visitor.get(f"/console/dead/{id_}").status_code == 200


def test_a_mended_lead_is_shown_before_it_is_sent_and_what_is_masked_stays_as_it_is(operator, bury):
    [id_] = dead(bury, leadScore=90)
    form = {"field.firstName": "Ada", "field.leadScore": "95", "field.emailAddress": "", "new-name": "state"}

    looked = operator.send(f"/console/dead/{id_}/mend", {**form, "new-value": "CA", "do": "look"})
    before = outbox(operator)
    sent = operator.send(f"/console/dead/{id_}/mend", {**form, "new-value": "CA", "do": "send"})

    assert '"X-Name": "Ada"' in Shown(looked.text).text
    assert "Nothing is sent yet" in Shown(looked.text).text
    assert before == []
    assert sent.status_code == 303
    [again] = outbox(operator)
    assert again.id == id_
    assert {name: again.lead[name] for name in ("firstName", "leadScore", "emailAddress", "state")} == {
        "firstName": "Ada",
        "leadScore": 95,
        "emailAddress": ADDRESS,
        "state": "CA",
    }
    assert operator.deeds()[-1] == ("repair dead", id_, "replayed, set anew: firstName, leadScore, state")


def test_chosen_letters_are_replayed_and_the_others_stay(operator, bury):
    ids = dead(bury, 3)

    answer = operator.send("/console/dead/chosen", {"act": "replay", "id": ids[:2], "sink": "billing"})

    assert answer.headers["Location"] == "/console/dead?sink=billing&told=2+replayed"
    assert [delivery.id for delivery in outbox(operator)] == ids[:2]
    assert operator.deeds()[-1] == ("replay dead", ", ".join(ids[:2]), "2 replayed")


def test_all_letters_of_a_filter_go_step_by_step_the_oldest_first_and_no_other(operator, bury, monkeypatch):
    monkeypatch.setattr("hookrouter.usecases.dead_letters.A_STEP", 2)
    ids = dead(bury, 5)
    dead(bury, 1, sink="log")

    pages, fields = [], {"act": "replay", "sink": "billing"}
    while True:
        answer = operator.send("/console/dead/all", fields)
        pages.append(Shown(answer.text))
        fields = {str(each["name"]): str(each["value"]) for each in pages[-1].all("input") if each.get("name")}
        if "That is all of them" in pages[-1].text:
            break
        fields.pop(CSRF)

    assert [delivery.id for delivery in outbox(operator)] == ids
    assert outbox(operator, "log") == []
    assert "5 replayed" in pages[-1].text


def test_letters_that_died_for_one_reason_are_listed_and_dropped_alone(operator, bury):
    [refused] = dead(bury)
    gone = bury(a_delivery(occasion=an_occasion(place=7), sink="billing"), at=RECEIVED_AT, reason=Reason.GONE).id

    listed = operator.get("/console/dead?reason=gone").text
    done = Shown(operator.send("/console/dead/all", {"act": "drop", "reason": "gone"}).text)

    assert gone in listed
    assert refused not in listed
    assert "1 dropped" in done.text
    assert operator.get(f"/console/dead/{refused}").status_code == 200
    assert ("drop dead", "reason gone", "begun") in operator.deeds()


def test_what_dies_once_more_meanwhile_is_not_replayed_for_ever(operator, bury, monkeypatch):
    monkeypatch.setattr("hookrouter.usecases.dead_letters.A_STEP", 1)
    first, second = dead(bury, 2)
    fields = Shown(operator.send("/console/dead/all", {"act": "replay"}).text).all("input")
    [delivery] = outbox(operator)
    operator.runtime.server.call("DEL", operator.runtime.keys.outbox("billing"))
    again = bury(delivery, at=operator.runtime.clock.now() + timedelta(seconds=1)).id

    given = {str(each["name"]): str(each["value"]) for each in fields if each.get("name") not in {None, CSRF}}
    done = Shown(operator.send("/console/dead/all", given).text)

    assert again == first
    assert "2 replayed" in done.text
    assert "That is all of them" in done.text
    assert ", ." not in done.text
    assert second in {delivery.id for delivery in outbox(operator)}
    assert operator.get(f"/console/dead/{again}").status_code == 200


def test_all_of_a_filter_that_cannot_be_read_is_nothing(operator, bury):
    [id_] = dead(bury)

    answer = operator.send("/console/dead/all", {"act": "drop", "until": "yesterday"})

    assert answer.status_code == 400
    assert operator.get(f"/console/dead/{id_}").status_code == 200


def test_dropped_letters_are_gone_for_good(operator, bury):
    one, other = dead(bury, 2)

    operator.send("/console/dead/chosen", {"act": "drop", "id": one})

    assert operator.get(f"/console/dead/{one}").status_code == 404
    assert operator.get(f"/console/dead/{other}").status_code == 200
    assert operator.deeds()[-1] == ("drop dead", one, "1 dropped")


def test_a_rejected_lead_is_mended_and_goes_on(operator):
    [id_] = rejected(operator, {"firstName": NAME, "nickName": "secret"})

    page = operator.get(f"/console/rejected/{id_}")
    still = operator.send(f"/console/rejected/{id_}/mend", {"do": "send", "field.firstName": "Ada"})
    looked = operator.send(f"/console/rejected/{id_}/mend", {"do": "look", "new-name": "id", "new-value": "77"})
    sent = operator.send(f"/console/rejected/{id_}/mend", {"do": "send", "new-name": "id", "new-value": "77"})

    assert NAME not in page.text
    assert "secret" not in page.text
    assert "What is wrong now" in Shown(still.text).text
    assert "mended so, it can be routed" in Shown(looked.text).text
    assert "no match closed leadStatus is customer" in Shown(looked.text).text
    assert "secret" not in looked.text
    assert sent.status_code == 303
    assert operator.get(f"/console/rejected/{id_}").status_code == 404
    act, of, result = operator.deeds()[-1]
    assert (act, of) == ("replay rejected", id_)
    assert result.endswith(", set anew: id")


def test_the_rejected_leads_of_a_push_stand_in_its_order(operator):
    ids = rejected(operator, *[{"firstName": f"no {number}"} for number in range(12)])

    listed = re.findall(r"p_1-\d+(?=</code>)", operator.get("/console/rejected").text)

    assert listed == ids[::-1], "the newest first"


def test_what_was_mended_is_sent_from_beside_what_would_become_of_it(operator, bury):
    [letter], [lead] = dead(bury, leadScore=90), rejected(operator, {"firstName": NAME})
    mended = {"do": "look", "field.leadScore": "95", "new-name": "state", "new-value": "CA"}
    pages = [
        (f"/console/dead/{letter}/mend", operator.send(f"/console/dead/{letter}/mend", mended).text),
        (
            f"/console/rejected/{lead}/mend",
            operator.send(f"/console/rejected/{lead}/mend", {"do": "look", "new-name": "id", "new-value": "77"}).text,
        ),
    ]

    for address, text in pages:
        beside = Shown(text[: text.index('id="mend"')])
        given = {each["name"]: each["value"] for each in beside.all("input") if each["name"] != "csrf"}
        assert 'name="do" value="send"' in text[: text.index('id="mend"')]
        assert operator.send(address, {**given, "do": "send"}).status_code == 303

    [again] = outbox(operator)
    assert (again.lead["leadScore"], again.lead["state"]) == (95, "CA")
    assert operator.deeds()[-1][2].endswith(", set anew: id")


def test_a_mended_lead_that_is_known_is_judged_by_what_changes(operator):
    number = "212 555 0134"
    known = {"id": "77", "leadStatus": "open", "phoneNumber": number, "updateTimestamp": "2026-03-04 10:00:00"}
    keep_snapshot(operator, known)
    [id_] = rejected(operator, {"leadStatus": "customer", "title": f"was {number}"})

    looked = operator.send(f"/console/rejected/{id_}/mend", {"do": "look", "new-name": "id", "new-value": "77"})

    text = Shown(looked.text).text
    assert "It would count as updated" in text
    assert "matched closed" in text
    assert number not in looked.text


def test_rejected_leads_are_dropped_by_their_filter_and_those_of_other_sources_stay(open_console):
    operator = open_console()
    rejected(operator, {"firstName": "Ada"}, {"firstName": "Ben"})

    other = Shown(operator.send("/console/rejected/all", {"act": "drop", "source": "forms"}).text)
    listed = Shown(operator.get("/console/rejected?source=crm").text)
    done = Shown(operator.send("/console/rejected/all", {"act": "drop", "source": "crm"}).text)

    assert "0 dropped" in other.text
    assert "p_1-1" in listed.text
    assert "2 dropped" in done.text
    assert "No rejected leads" in Shown(operator.get("/console/rejected").text).text


def test_rejected_leads_that_are_replayed_as_they_are_stay_where_nothing_changed(operator):
    ids = rejected(operator, {"firstName": "Ada"}, {"firstName": "Ben"})

    answer = operator.send("/console/rejected/chosen", {"act": "replay", "id": ids})

    assert answer.headers["Location"] == "/console/rejected?told=0+replayed%2C+2+still+rejected"


def test_the_audit_page_shows_who_did_what(operator, bury):
    [id_] = dead(bury)
    operator.send("/console/dead/chosen", {"act": "drop", "id": id_})

    text = Shown(operator.get("/console/audit?act=drop+dead").text).text
    none = Shown(operator.get("/console/audit?by=nobody").text).text

    assert f"admin token console 127.0.0.1 drop dead {id_} 1 dropped" in text
    assert "Nothing was done" in none


@pytest.mark.parametrize(
    ("filters", "is_found"),
    [
        ("by=ADMIN", True),
        ("by=min+tok&act=drop+dead&since=1h", True),
        ("since=1h&until=1d", False),
        ("until=1h", False),
        ("act=no-such-deed", True),
    ],
)
def test_deeds_are_found_by_a_part_of_who_did_them_and_by_time(operator, bury, filters, is_found):
    [id_] = dead(bury)
    operator.send("/console/dead/chosen", {"act": "drop", "id": id_})

    assert (id_ in Shown(operator.get(f"/console/audit?{filters}").text).text) is is_found


@pytest.mark.parametrize("page", ["dead", "rejected", "deliveries", "pushes", "audit"])
def test_a_span_that_ends_before_it_begins_is_said(operator, page):
    told = Shown(operator.get(f"/console/{page}?since=1h&until=2h").text).text

    assert 'this lies before "since"' in told


@pytest.mark.parametrize(("page", "name"), [("deliveries", "outcome"), ("pushes", "came"), ("audit", "act")])
def test_a_word_that_is_no_choice_is_no_filter_and_not_shown_as_one(operator, page, name):
    page = Shown(operator.get(f"/console/{page}?{name}=bogus").text)

    assert "bogus" not in page.text


def test_what_reconcile_found_leads_to_its_push_and_its_lead_as_what_was_pushed_does(operator, bury):
    found = replace(a_delivery(), sink="billing", push=PushId("r_01a21e1c91a3a5cf7e4e0618"))
    id_ = bury(found, at=RECEIVED_AT).id

    for path in ("dead", "deliveries", f"deliveries/{id_}?push={found.push}"):
        links = [str(each.get("href")) for each in Shown(operator.get(f"/console/{path}").text).all("a")]
        assert f"/console/leads?delivery={id_}&push={found.push}" in links, path


@pytest.mark.parametrize("lead", ["text", 7, None, ["a", {"emailAddress": ADDRESS}], {"emailAddress": [ADDRESS]}, {}])
def test_whatever_was_rejected_can_be_looked_at(operator, lead):
    [id_] = rejected(operator, lead)

    answer = operator.get(f"/console/rejected/{id_}")

    assert answer.status_code == 200
    assert ADDRESS not in answer.text


def test_a_report_that_died_is_shown_sent_again_and_not_mended(operator, bury):
    report = replace(a_delivery(sink="log", route="report"), lead={}, report=NOTHING)
    id_ = bury(report, at=RECEIVED_AT).id

    page = operator.get(f"/console/dead/{id_}")
    listed = operator.get("/console/dead")
    operator.send(f"/console/dead/{id_}/mend", {"do": "send"})

    assert (page.status_code, listed.status_code) == (200, 200)
    assert "Show what would be sent" not in page.text
    assert operator.deeds()[-1] == ("replay dead", id_, "replayed")


def test_a_digest_that_died_is_shown_as_one_message(operator, bury):
    members = tuple(a_delivery(occasion=an_occasion(place=place), sink="log") for place in range(2))
    id_ = bury(replace(members[0], id="d_digest", members=members), at=RECEIVED_AT).id

    page = Shown(operator.get(f"/console/dead/{id_}").text)

    assert "The 2 leads in this message" in page.text
    assert not [each for each in page.all("input") if str(each.get("name")).startswith("field.")]


@pytest.mark.parametrize("page", ["dead", "rejected", "deliveries", "pushes", "audit"])
@pytest.mark.parametrize("after", ["nan:x", "x", "inf:x", "-1-1"])
def test_a_place_in_a_list_that_was_never_said_breaks_nothing(operator, page, after):
    assert operator.get(f"/console/{page}?after={after}").status_code == 200


def test_words_that_others_put_into_a_link_are_not_shown(operator):
    link = "/console/dead?told=send+the+token+to+me"

    assert "send the token" not in operator.get(link, headers={"Sec-Fetch-Site": "cross-site"}).text
    assert "send the token" not in operator.get(link, headers={"Sec-Fetch-Site": "none"}).text
    assert "send the token" in operator.get(link, headers={"Sec-Fetch-Site": "same-origin"}).text
