"""What is kept of an answer that repeats what it was sent."""

import string

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hookrouter.domain.echo import LEAST_SECRET, Discretion
from hookrouter.domain.outcome import Answer, Dead, Delivered, Reason, Retry
from hookrouter.domain.personal import Mask
from hookrouter.testing.builders import a_change, a_delivery, a_lead

PLAIN = Discretion()
SECRET = "s3cr3t-t0ken"


def kept(text, lead=None, previous=None, secrets=(), discretion=PLAIN):
    return discretion.text(text, lead or {}, previous or {}, secrets)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("no such user: ada.brown@acme.example", "no such user: a***@acme.example"),
        ('{"email":"ada.brown@acme.example"}', '{"email":"a***@acme.example"}'),
        ('{"email":"ada.brown\\u0040acme.example"}', '{"email":"a***@acme.example"}'),
        ("e=ada.brown%40acme.example", "e***@acme.example"),
        ("ada.brown&#64;acme.example", "a***@acme.example"),
        ("call +49 30 1234567 now", "call ***67 now"),
        ("call %2B49%2030%201234567 now", "call ***67 now"),
        ("phone=+1+555+123+4567&x=1", "phone=***67&x=1"),
        ("call (999) 999-9912", "call ***12"),
        ("call 999-999-9912 or 999.999.9913", "call ***12 or ***13"),
        ("call 030/1234567", "call ***67"),
        ('{"phone":"5552345678"}', '{"phone":"***78"}'),
        ("5552345678 2026-03-04 15:20:11", "***78 2026-03-04 15:20:11"),
        ("2026-03-04 5552345678 10.0.0.1", "2026-03-04 ***78 10.0.0.1"),
        ("555-123-4567 555-765-4321", "***21"),
        ("call 03076543219 or 004930765432", "call ***19 or ***32"),
    ],
)
def test_what_looks_personal_is_hidden(text, shown):
    assert kept(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ok",
        '{"ok":true,"count":12}',
        "no lead 718281920514 (owner 313499604)",
        "2026-03-04T15:20:11.123456Z: refused",
        "2026-03-04 15:20:11",
        "from 192.168.100.200 and 203.0.113.9",
        "550e8400-e29b-41d4-a716-446655440000",
        "req_12345678_x",
        "at 1772637611",
        "follow @us",
    ],
)
def test_what_helps_to_find_the_fault_stays(text):
    assert kept(text) == text


@pytest.mark.parametrize(
    ("lead", "text", "shown"),
    [
        ({"phoneNumber": "718281920514"}, "number 718281920514 is bad", "number *** is bad"),
        ({"mobilePhoneNumber": 1772637611}, "number 17726-37611", "number ***11"),
        ({"phoneNumber": "177 263 7611"}, "id1772637611", "id***11"),
        ({"emailAddress": "nobody"}, "no mail for nobody", "no mail for ***"),
        ({"nickName": "Addie Brown"}, "hello Addie Brown", "hello ***"),
        ({"faxNumber": {"a": 1}, "phoneNumber": True, "emailAddress": None}, "1 true null 12", "1 true null 12"),
    ],
)
def test_what_is_known_of_the_lead_is_hidden_however_it_is_written(lead, text, shown):
    discretion = Discretion(Mask(frozenset({"nickName"})))

    assert kept(text, lead, discretion=discretion) == shown
    assert kept(text, previous=lead, discretion=discretion) == shown


def test_a_secret_is_hidden():
    assert kept(f"bad token {SECRET}!", secrets=[SECRET]) == "bad token ***!"


@pytest.mark.parametrize("length", range(LEAST_SECRET, len(SECRET)))
def test_the_beginning_of_a_secret_at_the_end_of_a_long_answer_is_hidden(length):
    text = "x" * 300 + " " + SECRET[:length]

    assert kept(text, secrets=[SECRET]) == "x" * 300 + " ***"


@pytest.mark.parametrize(
    "outcome",
    [
        Delivered(answer=Answer(status=200, text=f"thanks {SECRET}, ada@acme.example")),
        Retry(reason=Reason.SERVER_ERROR, answer=Answer(status=503, text=f"thanks {SECRET}, ada@acme.example")),
        Dead(reason=Reason.REFUSED, answer=Answer(status=400, text=f"thanks {SECRET}, ada@acme.example")),
    ],
)
def test_an_outcome_keeps_all_but_what_it_must_not_tell(outcome):
    told = PLAIN.about(outcome, a_delivery(), [SECRET])

    assert type(told) is type(outcome)
    assert told.answer == Answer(status=outcome.answer.status, text="thanks ***, a***@acme.example")


def test_an_outcome_that_tells_nothing_is_left_alone():
    outcome = Delivered(answer=Answer(status=200, text="queued"))

    assert PLAIN.about(outcome, a_delivery(), [SECRET]) is outcome


LETTERS = st.text("abcdefghij", min_size=2, max_size=40)
AROUND = st.text("XYZ \n\"'<>{}[]():;,.=&?/!|-", max_size=30)


@given(AROUND, LETTERS, LETTERS, AROUND)
def test_no_address_is_kept_wherever_it_stands(before, name, host, after):
    address = f"{name}@{host}.example"

    assert address not in kept(before + address + after)


@given(AROUND, st.emails(), AROUND)
def test_no_address_of_the_lead_is_kept_however_odd_it_is(before, address, after):
    text = kept(before + address + after, {"emailAddress": address})

    assert address not in text


NUMBER = st.text(string.digits, min_size=7, max_size=12).filter(lambda digits: not digits.startswith("0"))
SEPARATORS = st.lists(st.sampled_from(["", "-", " ", "."]), min_size=12, max_size=12)


@given(
    st.sampled_from(["", "tel:", '"', "call ", "\n("]), NUMBER, SEPARATORS, st.sampled_from(["", '"', ".", " x", ")"])
)
@example("", "1000000", [""] * 12, "")
def test_no_number_with_its_plus_is_kept(before, digits, between, after):
    written = "+" + "".join(digit + gap for digit, gap in zip(digits, between, strict=False)).rstrip("-. ")

    assert written[:-2] not in kept(before + written + after)


@given(AROUND, NUMBER, SEPARATORS, AROUND)
def test_no_number_of_the_lead_is_kept_however_it_is_written(before, digits, between, after):
    lead = {"phoneNumber": f"({digits[:3]}) {digits[3:]}"}
    written = "".join(digit + gap for digit, gap in zip(digits, between, strict=False)).rstrip("-. ")

    told = kept(f"{before} {written} {after}", lead)

    assert digits not in "".join(filter(str.isdigit, told))


@given(
    st.text(max_size=200), st.text(min_size=LEAST_SECRET, max_size=40).filter(lambda text: "*" not in text), st.text()
)
def test_no_secret_is_kept_whatever_stands_around_it(before, secret, after):
    assert secret not in kept(before + secret + after, secrets=[secret])


@given(st.text("ab@%40\\u&#64;+1() -.\n", max_size=300))
def test_hiding_twice_hides_no_more(text):
    once = kept(text)

    assert kept(once) == once


@given(st.text(max_size=600))
def test_no_text_is_too_odd_to_be_kept(text):
    lead = a_lead(phoneNumber="(999) 999-9912")

    outcome = PLAIN.about(
        Delivered(answer=Answer(status=200, text=text)), a_delivery(change=a_change(lead=lead)), [SECRET]
    )

    assert outcome.answer.status == 200


def test_all_of_a_long_word_in_front_of_an_address_goes_with_it():
    assert Discretion().text("said: " + "x" * 300 + "@acme.example", {}, {}) == "said: x***@acme.example"
