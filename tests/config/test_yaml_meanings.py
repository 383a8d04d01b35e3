"""YAML as YAML 1.2 means it."""

import pytest

from hookrouter.config.findings import FileFaults, Position
from hookrouter.config.yaml_text import read_yaml

TEXTS = [
    *("NO", "no", "on", "off", "yes", "y", "True", "TRUE", "False", "Null", "NULL", "None"),
    *("02134", "00", "-0", "+5", "1_000", "0x1F", "0o17", "0b1", "18:00", "12:30:45", "1e3", "1.5e3"),
    *("1.10", "1.", ".5", "-.5", "00.5", "0.50", "1.2.3", ".inf", ".nan", "-.inf", "1,5", "12 345"),
    *("2026-11-26", "2026-11-26T10:00:00Z", "10%", "15m", "=", "<<", "1" * 19, "0.1234567890123456789"),
]
NUMBERS = [
    ("0", 0),
    ("7", 7),
    ("-12", -12),
    ("718281920514", 718281920514),
    ("0.5", 0.5),
    ("-1.25", -1.25),
    ("2.0", 2.0),
]
WORDS = [("true", True), ("false", False), ("null", None), ("~", None), ("", None)]


def value_of(text):
    return read_yaml("f.yaml", text.encode()).value


@pytest.mark.parametrize("text", TEXTS)
def test_what_could_be_meant_as_text_stays_text(text):
    assert value_of(f"a: {text}") == {"a": text}


@pytest.mark.parametrize(("text", "value"), [*NUMBERS, *WORDS])
def test_numbers_and_truths_are_what_they_are(text, value):
    found = value_of(f"a: {text}")["a"]

    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("text", ["'80'", '"80"', "|-\n  80", ">-\n  80"])
def test_what_is_quoted_is_text(text):
    assert value_of(f"a: {text}") == {"a": "80"}


@pytest.mark.parametrize("key", ["on", "1", "1.10", "true", "null", "~", "2026-11-26"])
def test_keys_are_texts_as_written(key):
    assert value_of(f"{key}: x") == {key: "x"}


def test_every_value_and_key_knows_its_place():
    document = read_yaml("f.yaml", "a:\n  - b: é\n    c: [1, 2]\n".encode())

    assert document.value == {"a": [{"b": "é", "c": [1, 2]}]}
    assert document.positions[()] == Position(1, 1)
    assert document.positions["a", 0, "c", 1] == Position(3, 12)
    assert document.key_positions["a", 0, "c"] == Position(3, 5)


def test_a_missing_thing_is_where_its_holder_is():
    document = read_yaml("f.yaml", b"a:\n  b:\n    c: 1\n")

    assert document.locate(("a", "b", "missing", 3)) == Position(2, 3)
    assert document.locate(("elsewhere",)) == Position(1, 1)
    assert read_yaml("f.yaml", b"").locate(("a",)) == Position(1, 1)


def test_the_byte_order_mark_is_not_part_of_the_first_key():
    document = read_yaml("f.yaml", b"\xef\xbb\xbfa: b")

    assert document.value == {"a": "b"}
    assert document.key_positions["a",] == Position(1, 1)


def test_the_value_of_a_document_of_twenty_levels_is_read():
    assert value_of("[" * 20 + "]" * 20)


@pytest.mark.parametrize("sign", ["\x85", "\u2028", "\u2029", "\ufeff"])
@pytest.mark.parametrize("text", ["a: b  # c{}\nd: e", "a: b{}c\nd: e", "a: 'b{}c'\nd: e", "{}a: b\nd: e"])
def test_a_character_that_readers_take_for_different_things_is_refused(text, sign):
    with pytest.raises(FileFaults) as caught:
        value_of("z: ü\n" + text.replace("{}", sign))

    [finding] = caught.value.findings
    assert finding.position == Position(2, text.index("{}") + 1)
    assert f"U+{ord(sign):04X}" in finding.message


def test_a_byte_order_mark_before_the_file_is_none_of_its_text():
    assert read_yaml("f.yaml", b"\xef\xbb\xbfa: b").value == {"a": "b"}


def test_a_question_mark_within_a_text_is_part_of_it_in_brackets_too():
    assert value_of("a: {url: https://h/x?b=1, c: who? me}") == {"a": {"url": "https://h/x?b=1", "c": "who? me"}}


@pytest.mark.parametrize("text", ["a: b\tc", "a: {b\tc: d}", "a:\tb"])
def test_a_tab_that_nobody_sees_is_refused(text):
    with pytest.raises(FileFaults, match="a tab stands here: use spaces"):
        value_of(text)
