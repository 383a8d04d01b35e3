"""A mail as bytes, read back by the standard library."""

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hookrouter.wire.messages.plain_text import one_line, printable, shorten
from hookrouter.wire.messages.written_mail import WrittenMail

MAIL = WrittenMail(
    id="d_4b45f554",
    sender="The CRM <crm@example.com>",
    to=("ada@example.com",),
    subject="Hello",
    text="Hello",
    html="<p>Hello</p>",
    date=datetime(2026, 3, 4, 15, 20, 11, tzinfo=UTC),
    list_labels=("hot-lead", "manager"),
    thread="t_1",
)
HEADERS = [
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "References",
    "List-Id",
    "Auto-Submitted",
    "X-Auto-Response-Suppress",
    "MIME-Version",
    "Content-Type",
]
PIECES = [
    "\r\nBcc: evil@example.com",
    "\n\n",
    "=?utf-8?q?=0D=0ABcc:x?=",
    "\u202e",
    "\x00",
    "--=_d_4b45f554",
    ".",
    "\ud83d",
]
NASTY = st.lists(
    st.sampled_from([*PIECES, "é", "🙂", " ", "=", "From ", "x" * 1000]) | st.text(max_size=20), max_size=8
)


def parsed(mail):
    return message_from_bytes(mail.as_bytes(), policy=default)


def read_lines(part):
    return part.get_content().replace("\r\n", "\n").removesuffix("\n")


def test_a_mail_says_what_mail_programs_sort_and_answer_by():
    mail = parsed(MAIL)

    assert mail.keys() == HEADERS
    assert mail["From"] == "The CRM <crm@example.com>"
    assert mail["Date"].datetime == MAIL.date
    assert mail["Message-ID"] == "<d_4b45f554@example.com>"
    assert mail["References"] == "<t_1@example.com>"
    assert mail["List-Id"] == "<hot-lead.manager.hookrouter.example.com>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]


def test_a_mail_is_the_same_bytes_whenever_it_is_written():
    assert MAIL.as_bytes() == replace(MAIL).as_bytes()


def test_many_recipients_stand_on_lines_of_their_own():
    to = tuple(f"{'a' * 60}{place}@{'b' * 60}.example" for place in range(50))

    written = replace(MAIL, to=to).as_bytes()

    assert max(map(len, written.split(b"\r\n"))) < 200
    assert [one.addr_spec for one in message_from_bytes(written, policy=default)["To"].addresses] == list(to)


def test_recipients_beyond_ascii_are_written_only_where_they_can_be():
    mail = replace(MAIL, to=("zoë@example.com",))

    assert parsed(mail)["To"].addresses == ()
    assert "To: zoë@example.com\r\n".encode() in mail.as_bytes(utf8=True)


@pytest.mark.parametrize(
    ("sender", "name"),
    [
        ("crm@example.com", ""),
        ("Zoë Ö <crm@example.com>", "Zoë Ö"),
        ('"Sales, \\"East\\"" <crm@example.com>', 'Sales, "East"'),
        (f"{'x' * 200} <crm@example.com>", "x" * 200),
    ],
)
def test_the_sender_s_name_is_kept(sender, name):
    [address] = parsed(replace(MAIL, sender=sender))["From"].addresses

    assert (address.display_name, address.addr_spec) == (name, "crm@example.com")


@pytest.mark.parametrize("sender", ["crm@[127.0.0.1]", "crm@bücher.example"])
def test_a_domain_that_cannot_stand_in_a_name_is_left_out_of_names(sender):
    assert parsed(replace(MAIL, sender=sender))["Message-ID"] == "<d_4b45f554@hookrouter.invalid>"


@given(NASTY.map("".join), NASTY.map("".join))
@example("=?utf-8?q?=0D=0ABcc:_evil@example.com?=", "")
@example("x" * 10_000, "x" * 10_000)
@example("a;b,c " * 40, ".\r\n..\n.")
def test_whatever_is_written_is_read_back_and_adds_nothing(subject, text):
    subject = shorten(printable(one_line(subject)), 200) or "-"
    body = printable(text)

    written = replace(MAIL, subject=subject, text=body, html=body or "-").as_bytes()

    mail = message_from_bytes(written, policy=default)
    assert mail.keys() == HEADERS
    assert mail["Subject"] == subject
    assert [read_lines(part) for part in mail.iter_parts()] == [
        body.removesuffix("\n"),
        (body or "-").removesuffix("\n"),
    ]
    lines = written.split(b"\r\n")
    assert max(map(len, lines)) <= 78
    assert written.isascii()
    assert not any(b"\n" in line or b"\r" in line or b"\x00" in line for line in lines)
