"""No message repeats a secret, wherever a schema may have put it."""

import pytest

from hookrouter.config.secrets import literal_secrets, mask_for, masked, sink_secrets


@pytest.mark.parametrize(
    "value",
    [
        {"password": "correct horse"},
        {"sinks": {"a": {"basic": {"password": "correct horse"}}}},
        {"signing_secret": ["other", "correct horse"]},
        {"headers": {"X-Key": "correct horse"}},
        {"headers": ["correct horse"]},
        {"headers": {"X": {"X-Key": "correct horse"}}},
    ],
)
def test_what_stands_under_a_secret_key_is_masked(value):
    assert masked("'correct horse' is wrong", mask_for(value, {})) == "'(secret)' is wrong"


def test_what_a_variable_brought_is_named_instead():
    assert masked("'correct horse' is wrong", mask_for({}, {"NAME": "correct horse"})) == "'${NAME}' is wrong"


def test_the_longest_secret_is_masked_first():
    mask = mask_for({"token": "abcdefgh", "password": "abcdefgh-and-more"}, {})

    assert masked("abcdefgh-and-more abcdefgh", mask) == "(secret) (secret)"


def test_a_secret_is_masked_in_quotes_too():
    secret = "it's\na \\ secret"

    assert "secret" not in masked(f"{secret!r} is wrong", mask_for({"token": secret}, {})).replace("(secret)", "")


def test_short_values_do_not_mask_half_of_the_sentence():
    mask = mask_for({"token": "a"}, {"DESK": "sales"})

    assert masked("sales has a fault", mask) == "sales has a fault"


def test_literal_secrets_are_found_in_lists_too():
    assert list(literal_secrets({"a": [{"b": "whsec_x"}, "xoxb-1"], "c": "${X}"})) == [("a", 0, "b"), ("a", 1)]


@pytest.mark.parametrize(
    ("options", "secrets"),
    [
        ({"token": "t0ken/5"}, {"t0ken/5", "t0ken%2F5"}),
        ({"token": "abc"}, set()),
        ({"basic": {"username": "crm", "password": "pass"}}, {"pass", "Y3JtOnBhc3M=", "Y3JtOnBhc3M%3D"}),
        ({"api_key": {"header": "X-API-Key", "value": "k3y-5"}}, {"k3y-5"}),
        ({"signing_secret": ["whsec_c2Vj", "another"]}, {"c2Vj", "another"}),
        ({"headers": {"X-Auth": "Custom t0ken", "X-Env": "production"}}, {"Custom t0ken", "Custom%20t0ken", "t0ken"}),
        ({"url": "https://a.example/leads?api_key=k3y-5&a=public"}, {"k3y-5"}),
        ({"url": "https://a.example/leads?sig=s1g-5&code=c0de-5&codec=public"}, {"s1g-5", "c0de-5"}),
        ({"url": "https://[::1/"}, set()),
        (
            {"webhook_url": "https://a.example/services/T0secret1"},
            {
                "https://a.example/services/T0secret1",
                "https%3A%2F%2Fa.example%2Fservices%2FT0secret1",
                "/services/T0secret1",
                "%2Fservices%2FT0secret1",
                "T0secret1",
            },
        ),
        ({"timeout": "10s", "only": ["firstName"], "body": "public"}, set()),
    ],
)
def test_what_a_far_side_must_not_be_quoted_with_is_found(options, secrets):
    assert set(sink_secrets([options])) == secrets


def test_the_longest_secret_comes_first():
    assert sink_secrets([{"token": "abcd"}, {"token": "abcdef"}]) == ("abcdef", "abcd")


@pytest.mark.parametrize(
    "value",
    [
        {"sinks": {"a": {"token": "literal"}}},
        {"smtp": {"password": "literal"}},
        {"sinks": {"a": {"signing_secret": ["${A}", "literal"]}}},
    ],
)
def test_a_literal_under_a_key_for_secrets_is_one_whatever_it_looks_like(value):
    assert len(list(literal_secrets(value))) == 1


def test_what_a_variable_is_to_bring_is_no_literal():
    written = {"token": "${A}", "username": "ada", "basic": {"password": "${B:-x}"}, "headers": {"X-Team": "east"}}

    assert not list(literal_secrets(written))


def test_a_name_made_of_a_secret_is_masked_too():
    mask = mask_for(None, {"SEC": "Sup3r_s3cret Value"})

    assert masked("did you mean sup3r-s3cret-value?", mask) == "did you mean ${SEC}?"


def test_of_headers_only_what_is_called_or_looks_secret_is_hidden() -> None:
    headers = {
        "Accept": "application/json",
        "X-Name": "{{ lead.firstName }}",
        "X-Kind": "lead",
        "X-Version": "v1.2",
        "X-Session-Key": "lead-key",
        "X-Vault": "hvs.CAESIJ9mQ2",
        "X-Of": "{{ lead.id }} 0123456789abcdef",
    }
    value = {"limits": {"headers": 1000}, "sinks": {"crm": {"headers": headers}}}

    mask = mask_for(value, {})

    assert set(mask.values()) == {"(secret)"}
    assert {"lead-key", "hvs.CAESIJ9mQ2", "{{ lead.id }} 0123456789abcdef"} <= set(mask)
    shown = [text for name, text in headers.items() if name in {"Accept", "X-Name", "X-Kind", "X-Version"}]
    assert [text for text in [*shown, "1000"] if masked(text, mask) != text] == []
    assert "hvs.CAESIJ9mQ2" in sink_secrets([{"headers": headers}])
