"""What is shown of the configuration in force: what was written, and nothing that is secret."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from config_support import ENVIRONMENT, judge

from hookrouter.config.model import WrittenConfig
from hookrouter.config.shown import AT_ONCE, MOST_LINES, UNSAID, ShownFile, shown

TEXT = """\
version: 1  # the first
# the token is m8xkT2vQ, see the wiki
receiver:
  public_url: https://${HOST:-hooks.example.com}
  sources:
    crm: {token: ["${CRM_PUSH_TOKEN}", written-in-the-file-0123456789]}
sinks:
  sales: {type: slack, webhook_url: "https://hooks.slack.com/services/T1/B1/secret1", only: [companyName]}
  notes: {type: slack, webhook_url: "${SLACK_WEBHOOK_URL}"}
  billing:
    type: http
    url: https://ada:letmein@billing.example.com/leads?api_key=k-12345&of=leads
    signing_secret: whsec_d3JpdHRlbiBkb3duIGhlcmUh
routes:
  # hot leads go to sales first
  - name: hot-lead
    match: {leadScore: {gte: 80}}
    to: [sales, {sink: billing, body: {by: "written-in-the-file-0123456789"}}]
  - name: rest
    to: [notes]
unmatched: {to: [notes]}
"""
SECRETS = (
    "written-in-the-file",
    "T1/B1/secret1",
    "letmein",
    "k-12345",
    "d3JpdHRlbi",
    "m8xkT2vQ",
    *ENVIRONMENT.values(),
)


def shown_of(folder: Path, **files: str) -> Sequence[ShownFile]:
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text)
    report = judge(folder / "main.yaml")
    assert report.faults == ()
    assert report.config is not None
    return shown(report.config.written)


def test_it_shows_the_rules_and_no_secret(tmp_path: Path) -> None:
    [file] = shown_of(tmp_path, main=TEXT)
    text = "\n".join(file.lines)

    assert [secret for secret in SECRETS if secret in text] == []
    assert len(file.lines) == len(TEXT.splitlines())
    assert file.lines[0] == "version: 1  # the first"
    assert file.lines[1] == UNSAID
    assert file.lines[3] == "  public_url: https://${HOST:-…}"
    assert file.lines[8] == '  notes: {type: slack, webhook_url: "${SLACK_WEBHOOK_URL}"}'
    assert file.lines[14:17] == [
        "  # hot leads go to sales first",
        "  - name: hot-lead",
        "    match: {leadScore: {gte: 80}}",
    ]
    assert "only: [companyName]" in file.lines[7]


def test_each_route_is_found_at_its_line(tmp_path: Path) -> None:
    [file] = shown_of(tmp_path, main=TEXT)

    assert {route: file.lines[line - 1] for line, route in file.routes.items()} == {
        "hot-lead": "  - name: hot-lead",
        "rest": "  - name: rest",
        "unmatched": "unmatched: {to: [notes]}",
    }


def test_files_that_are_included_are_shown_with_their_own_lines(tmp_path: Path) -> None:
    more = "routes:\n  - {name: more, to: [notes]}\n"
    main, included = shown_of(tmp_path, main=f"include: [more.yaml]\n{TEXT}", more=more)

    assert (main.name, included.name) == ("main.yaml", "more.yaml")
    assert "hot-lead" in main.routes.values()
    assert included.routes == {2: "more"}


def test_a_value_that_a_variable_brings_is_hidden_wherever_it_stands(tmp_path: Path) -> None:
    text = (
        TEXT.replace('by: "written', f'by: "{ENVIRONMENT["SLACK_BOT_TOKEN"]}", and: "written')
        + 'redact: ["${SLACK_BOT_TOKEN}"]\n'
    )
    [file] = shown_of(tmp_path, main=text)

    assert ENVIRONMENT["SLACK_BOT_TOKEN"] not in "\n".join(file.lines)
    assert file.lines[-1] == 'redact: ["${SLACK_BOT_TOKEN}"]'


def test_of_very_many_lines_the_first_are_shown_and_others_have_their_turn_meanwhile() -> None:
    rests: list[int] = []
    text = "".join(f"- {number}\n" for number in range(MOST_LINES + 7))
    files = {"/etc/hookrouter/main.yaml": text, "/etc/hookrouter/more.yaml": "- 1"}
    main, more = shown(WrittenConfig(files=files), rest=lambda: rests.append(1))

    assert (main.name, len(main.lines), main.left) == ("main.yaml", MOST_LINES, 7)
    assert (more.lines, more.left) == ([], 1)
    assert len(rests) == MOST_LINES // AT_ONCE - 1
