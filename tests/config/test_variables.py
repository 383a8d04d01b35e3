"""`${NAME}` in the configuration's texts."""

import pytest

from hookrouter.config.variables import expand
from hookrouter.wire.config.faults import Fault

ENVIRONMENT = {
    "NAME": "value",
    "EMPTY": "",
    "ODD": "${NAME} $$ {{ x }}",
    "ECHOED": " value\r\n\n",
    "LINES": "a\nb",
    "BLANK": "\n",
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${NAME}", "value"),
        ("a ${NAME} b ${NAME}", "a value b value"),
        ("${NAME:-other}", "value"),
        ("${MISSING:-other}", "other"),
        ("${MISSING:-}", ""),
        ("${MISSING:-a:-b c}", "a:-b c"),
        ("${EMPTY:-other}", "other"),
        ("$$", "$"),
        ("$${NAME}", "${NAME}"),
        ("$$${NAME}", "$value"),
        ("$NAME costs $5", "$NAME costs $5"),
        ("^a$", "^a$"),
        ("$${{ lead.amount }}", "${{ lead.amount }}"),
        ("${ODD}", "${NAME} $$ {{ x }}"),
        ("${ECHOED}", " value"),
        ("${LINES}", "a\nb"),
        ("${BLANK:-other}", "other"),
    ],
)
def test_a_text_is_filled_in(text, expected):
    expansion = expand(text, ENVIRONMENT)

    assert (expansion.value, expansion.faults) == (expected, ())


@pytest.mark.parametrize("text", ["${", "${NAME", "${}", "${1A}", "${A-B}", "${{ x }}", "${A:default}", "${ NAME }"])
def test_what_is_no_variable_is_a_fault(text):
    expansion = expand({"a": [text]}, ENVIRONMENT)

    said = "`${` begins a variable, ${NAME} or ${NAME:-default}: write `$$` for a dollar sign"
    assert expansion.faults == (Fault(path=("a", 0), message=said),)
    assert expansion.value == {"a": [text]}


@pytest.mark.parametrize("name", ["MISSING", "EMPTY", "BLANK"])
def test_an_unset_or_empty_variable_is_a_fault(name):
    expansion = expand({"a": {"b": f"x{'${' + name + '}'}"}}, ENVIRONMENT)

    said = f"the variable {name} is not set, nor is {name}_FILE"
    assert expansion.faults == (Fault(path=("a", "b"), message=said),)


def test_keys_numbers_and_truths_are_left_alone():
    value = {"${NAME}": [1, 0.5, True, None]}

    assert expand(value, ENVIRONMENT).value == value


def test_a_secret_is_read_from_the_named_file_and_trimmed(tmp_path):
    file = tmp_path / "secret"
    file.write_text("  hush \n")

    expansion = expand("${NAME}", {"NAME_FILE": str(file)})

    assert (expansion.value, expansion.filled) == ("hush", {"NAME": "hush"})
    assert "hush" not in repr(expansion)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "which cannot be read: No such file or directory"),
        (b" \n", "which is empty"),
        (b"\xff", "which is no UTF-8 text"),
        (b"x" * 70_000, "which is too long for a secret"),
    ],
    ids=["missing", "empty", "binary", "long"],
)
def test_an_unusable_secret_file_is_a_fault(tmp_path, content, said):
    file = tmp_path / "secret"
    if content is not None:
        file.write_bytes(content)

    expansion = expand("${NAME}", {"NAME_FILE": str(file)})

    assert [fault.message for fault in expansion.faults] == [f"NAME_FILE names {file}, {said}"]


def test_a_variable_and_its_file_together_are_a_fault(tmp_path):
    expansion = expand("${NAME}", {"NAME": "a", "NAME_FILE": str(tmp_path)})

    assert [fault.message for fault in expansion.faults] == ["both NAME and NAME_FILE are set: keep one"]
