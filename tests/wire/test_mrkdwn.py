import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookrouter.wire.messages.mrkdwn import cut, escaped, length
from hookrouter.wire.messages.sandbox import escape_mrkdwn

WHOLES = [
    "a",
    " ",
    "é",
    "e\u0301",
    "👨‍👩‍👧",
    "👍🏽",
    "🇩🇪",
    "🏴\U000e0067\U000e0062\U000e007f",
    "❤️",
    "&amp;",
    "&lt;",
    "<https://a.example/b|c d>",
]


def parts():
    return st.lists(st.sampled_from(WHOLES), max_size=60)


@given(whole=parts(), longest=st.integers(40, 200))
def test_a_cut_text_ends_between_two_characters_entities_or_links(whole, longest):
    text = "".join(whole)

    short = cut(text, longest)

    assert length(short) <= longest
    if length(text) <= longest:
        assert short == text
    else:
        beginnings = {"".join(whole[:count]).rstrip() for count in range(len(whole))}
        assert short.endswith("…")
        assert short[:-1] in beginnings


@given(text=st.text(alphabet="<>&|!@#Uab\u202e🙂\ud83d", max_size=300), longest=st.integers(1, 100))
def test_what_is_escaped_has_no_control_character_of_slack_s_and_keeps_to_its_length(text, longest):
    short = escaped(text, longest)

    assert length(short) <= longest
    assert not set("<>\u202e\ud83d") & set(short)
    assert "&" not in re.sub("&(?:amp|lt|gt);", "", short)


@pytest.mark.parametrize("place", range(1, 40))
def test_a_link_is_kept_whole_or_left_out(place):
    text = "See <https://crm.example/1|the lead>, please. " + "x" * 50

    short = cut(text, place + 5)

    assert short.count("<") == short.count(">")
    assert short.endswith("…")


def test_a_lone_sign_of_the_operator_s_is_no_link():
    text = "score < 80 " + "x" * 100

    assert cut(text, 60) == text[:59] + "…"


def test_an_emoji_counts_twice():
    assert length("a🙂") == 3
    assert cut("🙂🙂🙂", 5) == "🙂🙂…"


@pytest.mark.parametrize("longest", range(6, 20))
def test_a_flag_is_not_made_into_a_letter(longest):
    assert len(cut("🇩🇪🇫🇷🇮🇹🇪🇸🇬🇧", longest)) % 2 == 1


def test_what_stands_for_the_rest_may_be_said_in_words():
    assert cut("a" * 30, 20, "… (shortened)") == "aaaaaaa… (shortened)"


def test_a_letter_under_a_heap_of_marks_is_cut_all_the_same():
    assert length(cut("a" + "\u0301" * 500, 100)) == 100


def test_a_text_that_fits_is_left_as_it_is():
    assert cut(escape_mrkdwn("<&>"), 13) == "&lt;&amp;&gt;"
