import pytest

from hookrouter.wire.messages.plain_text import one_line, printable, shorten


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a@b\r\nBcc: x", "a@b Bcc: x"),
        ("a\tb\x00c\x1b[31m", "a b c [31m"),
        ("  a  b  ", "a b"),
        ("a\u2028b\x85c", "a b c"),
        ("\ud800", "\N{REPLACEMENT CHARACTER}"),
        ("Zoë 🙂", "Zoë 🙂"),
    ],
)
def test_a_text_becomes_one_line(text, line):
    assert one_line(text) == line


def test_a_shown_text_keeps_its_lines_and_nothing_else_that_moves_the_cursor():
    assert (
        printable("a\r\nb\n\tc\x1b[2J\u202e\ud800")
        == "a\nb\n\tc\N{REPLACEMENT CHARACTER}[2J" + "\N{REPLACEMENT CHARACTER}" * 2
    )


@pytest.mark.parametrize(("text", "short"), [("abc", "abc"), ("abcd", "abcd"), ("abcde", "abc…")])
def test_a_long_text_is_shortened(text, short):
    assert shorten(text, 4) == short
