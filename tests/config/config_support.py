"""What the tests of the configuration share: an environment and small sink types."""

from pathlib import Path

from marshmallow import ValidationError, fields, validate, validates_schema

from hookrouter.config.load import Report, check_config
from hookrouter.sinks.slack import SlackSchema
from hookrouter.wire.config.message_schema import MessageSinkSchema
from hookrouter.wire.config.sink_schema import SinkSchema

FILES = Path(__file__).parent / "files"
ENVIRONMENT = {
    "CRM_PUSH_TOKEN": "m8xkT2vQ-sWz7_pLr9",
    "CRM_ACCOUNT_ID": "3_ACCOUNT",
    "CRM_SECRET_KEY": "5ECRETKEY",
    "SLACK_SIGNING_SECRET": "8f742231b10e8888abcd99yyyzzz85a5",
    "SLACK_BOT_TOKEN": "xoxb-17653672481-x1y2z3",
    "SLACK_WEBHOOK_URL": "https://hooks.slack.com/services/T0/B0/x1y2z3",
    "BILLING_SECRET": "whsec_bGl0dGxlIGJpbGxpbmc=",
    "SMTP_USER": "ada",
    "SMTP_PASSWORD": "correct horse",
}


class EmailOptions(SinkSchema):
    carries_reports = True
    carries_alerts = True
    needs_section = "smtp"

    to = fields.List(fields.String(), required=True, validate=validate.Length(min=1))


def _no_whitespace(url: str) -> None:
    if " " in url:
        raise ValidationError(f"{url!r} is no address")


class HttpOptions(SinkSchema):
    url = fields.String(required=True, validate=_no_whitespace)
    signing_secret = fields.String(validate=_no_whitespace)
    body = fields.Dict()
    method = fields.String(load_default="POST")

    @validates_schema
    def _get_has_no_body(self, loaded: dict, **_) -> None:
        if loaded["method"] == "GET" and "body" in loaded:
            raise ValidationError("a GET request has no body")


class StdoutOptions(MessageSinkSchema):
    carries_reports = True
    carries_alerts = True


SINK_SCHEMAS = {"slack": SlackSchema, "email": EmailOptions, "http": HttpOptions, "stdout": StdoutOptions}


def judge(path: Path) -> Report:
    return check_config(path, ENVIRONMENT, SINK_SCHEMAS)


def judge_text(directory: Path, text: str | bytes) -> Report:
    path = directory / "hookrouter.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return judge(path)


def lines(findings: tuple) -> list[str]:
    return [f"{finding.position.line}:{finding.position.column}: {finding.message}" for finding in findings]
