"""The commented starter file."""

import re

import pytest
from config_support import ENVIRONMENT, SINK_SCHEMAS, lines

from hookrouter.config.load import check_config
from hookrouter.config.starter import SCHEMA_NAME, starter_text, write_starter
from hookrouter.domain.errors import ConfigurationError
from hookrouter.sinks.registry import load_sink_types
from hookrouter.wire.config.receiver_schema import EXAMPLE_TOKEN

VARIABLES = {
    "CRM_PUSH_TOKEN": "m8xkT2vQ-sWz7_pLr9",
    "CRM_ACCOUNT_ID": "3_ACCOUNT",
    "CRM_SECRET_KEY": "5ECRETKEY",
    "SLACK_WEBHOOK_URL": "https://hooks.slack.com/services/T0/B0/x1y2z3",
}
WHOLE = {**ENVIRONMENT, "SMTP_HOST": "smtp.example.com"}


def uncommented():
    """The file with the examples that it comments out; in them no blank stands after the #, or more than one."""
    introduction, body = starter_text().split("version: 1")
    body = re.sub(r"(?m)^( *)#(?! [^ ]|$)", r"\1", body)
    return f"{introduction}version: 1{body}"


def test_it_opens_with_the_editors_line_and_what_surprises_most():
    first, _, third = starter_text().splitlines()[:3]

    assert first == f"# yaml-language-server: $schema={SCHEMA_NAME}"
    assert third.startswith("# ALL routes that match a lead fire")


def test_it_passes_without_doubt_when_the_variables_it_documents_are_set(tmp_path):
    report = check_config(write_starter(tmp_path), VARIABLES, SINK_SCHEMAS)

    assert (lines(report.faults), lines(report.warnings)) == ([], [])


def test_it_and_what_it_comments_out_fit_the_sink_types_of_this_version(tmp_path):
    schemas = {name: kind.schema for name, kind in load_sink_types().items()}
    path = tmp_path / "hookrouter.yaml"

    for text in (starter_text(), uncommented()):
        path.write_text(text)
        report = check_config(path, WHOLE, schemas)
        assert (lines(report.faults), lines(report.warnings)) == ([], [])


def test_it_documents_every_variable_that_it_needs(tmp_path):
    report = check_config(write_starter(tmp_path), {}, SINK_SCHEMAS)

    introduction = starter_text().split("version: 1")[0]
    unset = {re.search(r"the variable (\w+) is", str(finding))[1] for finding in report.faults}
    assert unset == set(VARIABLES)
    assert all(f"#        {name} " in introduction for name in unset)


def test_what_it_comments_out_is_right_too(tmp_path):
    path = tmp_path / "hookrouter.yaml"
    path.write_text(uncommented())

    report = check_config(path, WHOLE, SINK_SCHEMAS)

    assert (lines(report.faults), lines(report.warnings)) == ([], [])
    assert set(report.config.sinks) == {"sales", "deals", "log", "manager", "billing"}


def test_a_token_that_was_not_replaced_is_refused(tmp_path):
    report = check_config(write_starter(tmp_path), {**VARIABLES, "CRM_PUSH_TOKEN": EXAMPLE_TOKEN}, SINK_SCHEMAS)

    assert [finding.message for finding in report.faults] == [
        "this is the example's token, which everybody knows; make a random one as the starter file shows"
    ]
    assert EXAMPLE_TOKEN in starter_text()


def test_directories_are_made(tmp_path):
    path = write_starter(tmp_path / "a" / "b")

    assert path == tmp_path / "a" / "b" / "hookrouter.yaml"
    assert path.read_text() == starter_text()


def test_a_file_that_is_there_is_kept(tmp_path):
    (tmp_path / "hookrouter.yaml").write_text("mine")

    with pytest.raises(ConfigurationError, match="is there already"):
        write_starter(tmp_path)

    assert (tmp_path / "hookrouter.yaml").read_text() == "mine"


def test_a_directory_that_is_a_file_is_refused(tmp_path):
    (tmp_path / "taken").write_text("")

    with pytest.raises(ConfigurationError, match="no directory"):
        write_starter(tmp_path / "taken")
