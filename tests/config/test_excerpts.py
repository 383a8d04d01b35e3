"""The line that a finding speaks of, as it is shown."""

import os
import tempfile
from pathlib import Path
from threading import Thread

import pytest
from config_support import SINK_SCHEMAS, judge_text
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_config_fuzz import SCRAPS

from hookrouter.config.excerpt import excerpt, narrowed, width
from hookrouter.config.findings import Finding, Position
from hookrouter.config.load import check_config

MARKS = [scrap for scrap in SCRAPS if "\n" not in scrap]
LITERAL = "Correct-Horse-Battery-Staple"
SECRETIVE = """
version: 1
receiver:
  sources:
    crm: {token: LITERAL, alow: [10.0.0.0/8]}
routes: [{name: a}]
---
crm:
  account_id: 1
  secret_key: 'LITERAL'
smtp: {host: a, username: b, password: "LITERAL", prt: 1}
---
receiver:
  sources:
    crm:
      token:
      - LITERAL
      - "LITERALx"
    web:
      token: [
  LITERAL]
---
sinks:
  a:
    type: http
    url: 'https://u:LITERAL@h/?a=1&api_key=LITERAL'
    headers:
      X-It: LITERAL
---
sinks: {a: {type: http, basic: {username: x, password: LITERAL}, timout: 1s, token:
  "LITERAL"}}
---
sinks:
  a: {type: slack, webhook_url: https://hooks.slack.com/services/LITERAL, channell: a}
  b: [xoxb-LITERAL]
---
smtp:
  password: |
    LITERAL
  hst: >-
    a
sinks: {b: {type: http, api_key: {header: X, value: a}, token: "a
  LITERAL"}}
""".replace("LITERAL", LITERAL).split("---\n")


def shown(text, line, column, mask=None):
    finding = Finding(file="f.yaml", position=Position(line, column), message="")
    return excerpt(text.split("\n"), finding, mask or {})


def test_the_mark_is_below_the_column():
    found = shown("a: 1\nroutes: [x]\n", 2, 9)

    assert (found.text, found.mark) == ("routes: [x]", 8)


@pytest.mark.parametrize(
    ("line", "column", "text", "mark"),
    [
        ("a:\tb: c", 4, "a: b: c", 3),
        ("日本: é", 5, "日本: é", 6),
        ("e\u0301: x", 5, "e\u0301: x", 3),
        ("a: \x07b", 5, "a:  b", 4),
        ("a: b", 9, "a: b", 4),
    ],
)
def test_tabs_wide_and_joining_characters_take_the_room_that_they_take(line, column, text, mark):
    found = shown(line, 1, column)

    assert (found.text, found.mark) == (text, mark)


@pytest.mark.parametrize("letter", ["x", "本"])
@pytest.mark.parametrize("place", [1, 40, 500, 999])
def test_a_long_line_is_cut_around_the_mark(letter, place):
    line = letter * (place - 1) + "!" + letter * (1000 - place)

    found = shown(line, 1, place)

    before = next(end for end in range(len(found.text) + 1) if width(found.text[:end]) == found.mark)
    assert found.text[before] == "!"
    assert width(found.text) <= 102


@pytest.mark.parametrize("letter", ["x", "本"])
@pytest.mark.parametrize("place", [1, 12, 40, 500, 999])
@pytest.mark.parametrize("widest", [10, 34, 99, 1000])
def test_a_narrow_terminal_gets_what_stands_around_the_mark(letter, place, widest):
    line = letter * (place - 1) + "!" + letter * (1000 - place)

    found = narrowed(shown(line, 1, place), widest)

    before = next(end for end in range(len(found.text) + 1) if width(found.text[:end]) == found.mark)
    assert found.text[before] == "!"
    assert width(found.text) <= min(widest, 102)


def test_there_is_none_of_a_line_that_is_not_there_or_empty():
    assert shown("a: 1\n", 2, 1) is None
    assert shown("a: 1\n", 9, 1) is None


@pytest.mark.parametrize(
    ("text", "line", "column", "expected"),
    [
        ("a: {token: ${TOKEN}, b: 1}", 1, 22, "a: {token: ${TOKEN}, b: 1}"),
        ("a: {token: abc, b: 1}", 1, 17, "a: {token: (secret), b: 1}"),
        ("a: {token: [abc, 'd,]'], b: 1}", 1, 26, "a: {token: (secret), b: 1}"),
        ("a: {headers: {X: 'it''s}'}, b: 1}", 1, 29, "a: {headers: (secret), b: 1}"),
        ('a: {"password": "x\\"y", b: 1}', 1, 25, 'a: {"password": (secret), b: 1}'),
        ("token: a, b", 1, 8, "token: (secret)"),
        ('{"token":"abc","b":1}', 1, 16, '{"token":(secret),"b":1}'),
        ("url: https://me:pass@h/", 1, 6, "url: https://(secret)@h/"),
        ("basic:\n  whatever: abc", 2, 3, "  (secret)"),
        ("token:\n- abc\n- ${X}", 3, 3, "- ${X}"),
        ("kinds: {hidden: abc}", 1, 8, "kinds: {hidden: abc}"),
        ("tokn: abcd", 1, 1, "tokn: (secret)"),
        ("a: {passwort: abcd, b: 1}", 1, 4, "a: {passwort: (secret), b: 1}"),
        ("secretKey: abcd", 1, 1, "secretKey: (secret)"),
        ("crm: [abcd]", 1, 6, "crm: (secret)"),
        ("smtp: abcd", 1, 7, "smtp: (secret)"),
        ("a: b  # the old one was abcd", 1, 4, "a: b"),
        ("# abcd", 1, 1, ""),
        ('a: "b # c"  # abcd', 1, 4, 'a: "b # c"'),
        ("a: it's  # abcd", 1, 4, "a: it's"),
        ("a: 'b # abcd", 1, 4, "a: 'b"),
        ("a: b#c", 1, 4, "a: b#c"),
    ],
)
def test_what_is_secret_is_not_shown(text, line, column, expected):
    assert shown(text, line, column).text == expected


def test_the_mark_is_right_behind_what_is_not_shown():
    found = shown("a: {token: abc, b: 1}", 1, 17)

    assert found.text[found.mark] == "b"


def test_what_is_known_to_be_secret_is_not_shown_wherever_it_stands():
    found = shown("a: [x-9f8e7d6c-y, z]", 1, 19, {"9f8e7d6c": "${NAME}"})

    assert (found.text, found.text[found.mark]) == ("a: [x-${NAME}-y, z]", "z")


@st.composite
def mutated_around_secrets(draw):
    """A file with secrets that is changed anywhere but in their lines and in those that say what stands there."""
    lines = draw(st.sampled_from(SECRETIVE)).splitlines()
    tells = [LITERAL in line or LITERAL in below for line, below in zip(lines, [*lines[1:], ""], strict=True)]
    for _ in range(draw(st.integers(1, 3))):
        number = draw(st.sampled_from([number for number, is_so in enumerate(tells) if not is_so] or [len(lines)]))
        lines += [""] * (number == len(lines))
        start = draw(st.integers(0, len(lines[number])))
        lines[number] = lines[number][:start] + draw(st.sampled_from(MARKS)) + lines[number][start:]
    return "\n".join(lines).encode("utf-8", errors="surrogatepass")


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(mutated_around_secrets())
def test_no_literal_secret_is_shown_whatever_else_is_wrong_with_the_file(content):
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "hookrouter.yaml"
        path.write_bytes(content)
        report = check_config(path, {}, SINK_SCHEMAS)

    found = [*report.faults, *report.warnings]
    assert not [one.excerpt.text for one in found if one.excerpt is not None and LITERAL in one.excerpt.text]


def test_a_pipe_is_read_once(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = Thread(target=pipe.write_text, args=["version: 2\n"])
    writer.start()

    report = check_config(pipe, {}, SINK_SCHEMAS)

    writer.join()
    assert [(str(one.position.line), one.excerpt) for one in report.faults] == [("1", None)] * len(report.faults)
    assert report.faults


def test_every_finding_of_a_file_has_its_line(tmp_path):
    report = judge_text(tmp_path, "version: 2\nreceiver: {}\nroutes: [{nam: a}]\n")

    assert {one.position.line: one.excerpt.text for one in report.faults} == {
        1: "version: 2",
        2: "receiver: {}",
        3: "routes: [{nam: a}]",
    }
