"""A mail to several people, some of whom have it at once, some later and some never."""

import asyncio
from dataclasses import replace

import pytest

from hookrouter.domain.outcome import Answer, Dead, Delivered, Reason, Retry
from hookrouter.net.smtp_server import MailTls, SmtpServer
from hookrouter.sinks.email import SINK
from hookrouter.testing.builders import RECEIVED_AT, a_change, a_delivery, a_lead
from hookrouter.testing.mail_server import TAKEN, Mailbox, mail_server
from hookrouter.testing.sinks import a_sink, deliver, sink_tools

ADA, BEN, CID = "ada@example.com", "ben@example.com", "cid@example.com"
ALL = (ADA, BEN, CID)


def attempts(*boxes, delivery=None, to=ALL):
    """The outcomes of one attempt after the other, each with a server of its own, and the delivery as it is left."""

    async def attempting():
        outcomes, left = [], delivery or a_delivery()
        for box in boxes:
            left = left.with_attempt(RECEIVED_AT)
            async with mail_server(box):
                smtp = SmtpServer(host="127.0.0.1", port=box.port, sender="crm@example.com", tls=MailTls.NONE)
                outcomes.append(await deliver(SINK, left, smtp=smtp, to=list(to)))
            left = left.with_rest_of(outcomes[-1])
        return outcomes, left

    return asyncio.run(attempting())


def replayed(delivery):
    return replace(delivery, attempts=0, first_attempt_at=None)


def addressees(*boxes):
    return [[tuple(mail.rcpt_tos) for mail in box.mails] for box in boxes]


def test_only_those_put_off_are_tried_again_and_those_refused_are_told_at_the_end():
    first, second = Mailbox(refuse={ADA: "550 nobody", BEN: "450 later"}), Mailbox()

    outcomes, _ = attempts(first, second)

    assert addressees(first, second) == [[(CID,)], [(BEN,)]]
    assert outcomes[0] == Retry(
        reason=Reason.SERVER_ERROR,
        answer=Answer(status=450, text="taken for 1 of 3 recipients, refused: 550, put off: later"),
        remainder={"taken": [CID], "refused": [{"address": ADA, "status": 550}]},
    )
    assert outcomes[1] == Dead(
        reason=Reason.REFUSED,
        answer=Answer(status=550, text="taken for 2 of 3 recipients, refused: 550"),
        remainder={"taken": [CID, BEN], "refused": [{"address": ADA, "status": 550}]},
    )
    assert (
        first.mails[0].content.split(b"\r\nMessage-ID: ")[1][:40]
        == (second.mails[0].content.split(b"\r\nMessage-ID: ")[1][:40])
    )


def test_a_mail_that_all_have_in_the_end_is_delivered():
    outcomes, _ = attempts(Mailbox(refuse={ADA: "450 later"}), Mailbox(refuse={ADA: "450 later"}), Mailbox())

    assert [type(outcome) for outcome in outcomes] == [Retry, Retry, Delivered]


def test_when_all_are_refused_the_mail_is_dead_at_once():
    outcomes, _ = attempts(Mailbox(refuse={ADA: "550 no", BEN: "553 no", CID: "550 no"}))

    assert (type(outcomes[0]), outcomes[0].answer) == (
        Dead,
        Answer(status=550, text="taken for 0 of 3 recipients, refused: 550, 553"),
    )


def test_a_single_recipient_s_refusal_is_told_in_the_server_s_words():
    outcomes, _ = attempts(Mailbox(refuse={ADA: "550 5.1.1 nobody here"}), to=[ADA])

    assert outcomes[0].answer == Answer(status=550, text="5.1.1 nobody here")


def test_a_mail_refused_as_a_whole_is_told_in_the_server_s_words():
    outcomes, _ = attempts(Mailbox(reply="554 5.7.1 spam"))

    assert (type(outcomes[0]), outcomes[0].answer) == (Dead, Answer(status=554, text="5.7.1 spam"))


def test_no_outcome_names_an_address_outside_its_remainder():
    outcomes, _ = attempts(Mailbox(refuse={ADA: f"550 <{ADA}> no", BEN: f"450 <{BEN}> later"}), Mailbox())

    for outcome in outcomes:
        assert "ada@" not in outcome.answer.text
        assert "ben@" not in outcome.answer.text


def test_a_replay_goes_only_to_those_who_were_refused():
    _, dead = attempts(Mailbox(refuse={ADA: "550 no"}))
    again, later = Mailbox(refuse={ADA: "450 wait"}), Mailbox()

    outcomes, _ = attempts(again, later, delivery=replayed(dead))

    assert addressees(again, later) == [[], [(ADA,)]]
    assert [type(outcome) for outcome in outcomes] == [Retry, Delivered]


def test_a_replay_reaches_the_address_that_was_mended_in_the_configuration():
    _, dead = attempts(Mailbox(refuse={ADA: "550 no"}), to=[ADA, BEN])
    again = Mailbox()

    outcomes, _ = attempts(again, delivery=replayed(dead), to=[CID, BEN])

    assert (addressees(again), type(outcomes[0])) == ([[(CID,)]], Delivered)


def test_who_is_configured_no_more_is_waited_for_no_more():
    _, waiting = attempts(Mailbox(refuse={ADA: "450 later"}), to=[ADA, BEN])
    again = Mailbox()

    outcomes, _ = attempts(again, delivery=waiting, to=[BEN])

    assert (addressees(again), outcomes) == ([[]], [Delivered()])


def test_a_recipient_beyond_ascii_is_refused_without_a_status():
    outcomes, _ = attempts(Mailbox(), to=["zoë@example.com", ADA])

    assert outcomes[0].answer == Answer(text="taken for 1 of 2 recipients, refused: not ASCII")
    assert outcomes[0].remainder["refused"] == [{"address": "zoë@example.com", "status": None}]


@pytest.mark.parametrize("remainder", [None, 3, [], {}, {"taken": 1, "refused": []}, {"taken": [], "refused": [7, {}]}])
def test_a_remainder_of_another_making_is_no_obstacle(remainder):
    box = Mailbox(reply=TAKEN)

    outcomes, _ = attempts(box, delivery=a_delivery(remainder=remainder, attempts=3), to=[ADA])

    assert (addressees(box), type(outcomes[0])) == ([[(ADA,)]], Delivered)


def test_leads_that_different_people_have_already_do_not_share_a_digest():
    smtp = SmtpServer(host="127.0.0.1", port=25, sender="crm@example.com")
    sink = a_sink(SINK, sink_tools(smtp=smtp), to=list(ALL))
    progress = [{"taken": [ADA], "refused": []}, {"taken": [BEN], "refused": []}, {"taken": [ADA], "refused": []}]
    leads = [a_delivery(change=a_change(lead=a_lead(id=str(place)))) for place in range(4)]

    keys = [
        sink.digest_key(replace(lead, remainder=one, attempts=2))
        for lead, one in zip(leads, [None, *progress], strict=True)
    ]

    assert len(set(keys)) == 3
    assert keys[1] == keys[3]
