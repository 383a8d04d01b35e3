"""What the configuration says of buttons by which people claim leads."""

import pytest
from config_support import judge_text, lines

from hookrouter.domain.claim import Claimant

CLAIMS = """
version: 1
receiver: {sources: {crm: {token: "${CRM_PUSH_TOKEN}"}}}
crm: {account_id: "2_A", secret_key: "${CRM_SECRET_KEY}"}
slack: {signing_secret: "${SLACK_SIGNING_SECRET}"}
teams:
  east: {members: [{owner: 313499604, name: Ada Brown, slack: U02ADA}]}
  west: {members: [{owner: 313499605, name: Ben Cole}]}
sinks: {a: {type: slack, token: "${SLACK_BOT_TOKEN}", channel: "#a", claim: CLAIM}}
routes: [{name: all, to: [a]}]
"""


def test_a_team_whose_members_claim_leads_is_no_unused_one(tmp_path):
    report = judge_text(tmp_path, CLAIMS.replace("CLAIM}", "true}"))

    assert lines(report.warnings) == ["8:3: no route assigns the team `west`"]
    assert report.config.claimants == {"U02ADA": Claimant(owner="313499604", name="Ada Brown")}
    assert report.config.writes_to_crm


def test_a_slack_app_without_a_button_is_doubted(tmp_path):
    report = judge_text(tmp_path, CLAIMS.replace("CLAIM}", "false}"))

    assert "5:1: no sink says `claim: true`: there are no buttons to answer" in lines(report.warnings)
    assert report.config.claim_sinks == frozenset()


@pytest.mark.parametrize(
    ("former", "written", "place"),
    [
        ("routes:", "defaults: {slack: {claim: true}}\nroutes:", "10:20"),
        ("to: [a]", "to: [{sink: a, claim: true}]", "10:37"),
    ],
    ids=["in the defaults", "on a route"],
)
def test_a_button_that_nobody_could_press_is_refused_wherever_it_is_asked_for(tmp_path, former, written, place):
    nobody = CLAIMS.replace(", slack: U02ADA", "").replace("claim: CLAIM", "thread: lead")

    [fault] = lines(judge_text(tmp_path, nobody.replace(former, written)).faults)

    assert fault.startswith(f"{place}: `claim` needs to know people by their Slack ids")
