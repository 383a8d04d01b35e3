"""What the configuration says of buttons by which people claim leads."""

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
