"""A step that gives a lead to another person tells the CRM, too, whose lead it is."""

import pytest
from config_support import ENVIRONMENT, SINK_SCHEMAS, lines

from hookrouter.config.load import check_config
from hookrouter.sinks.crm_options import CrmSinkSchema

FILE = """
version: 1
receiver: {sources: {crm: {token: "${CRM_PUSH_TOKEN}"}}}
crm: {account_id: "2_A", secret_key: "${CRM_SECRET_KEY}"}
teams: {east: {members: [{owner: 1, name: Ada}, {owner: 2, name: Ben}]}}
sinks:
  sales: {type: stdout}
  owner: {type: crm, action: update, fields: {ownerID: "{{ assigned.owner }}"}}
  note: {type: crm, action: update, fields: {description: told}}
routes:
  - name: hot
    assign: east
    to: TO
    follow_up:
      - {after: 15m, to: [sales]}
      - {after: 1h, assign: next, to: [sales]}
"""


@pytest.mark.parametrize(
    ("to", "told"),
    [
        ("[sales]", ["sales"]),
        ("[sales, note, owner]", ["sales", "owner"]),
        ("[owner]", ["sales", "owner"]),
        ('[{sink: note, fields: {ownerID: "{{ assigned.owner }}"}}]', ["sales", "note"]),
        ("[{sink: owner, fields: {description: told}}]", ["sales"]),
    ],
)
def test_the_route_s_sink_that_writes_the_owner_is_told_of_the_next_one(tmp_path, to, told):
    (tmp_path / "hookrouter.yaml").write_text(FILE.replace("to: TO", f"to: {to}"))
    report = check_config(
        tmp_path / "hookrouter.yaml",
        ENVIRONMENT,
        {**SINK_SCHEMAS, "crm": CrmSinkSchema},
    )

    assert lines(report.faults) == []
    [route] = report.config.routes
    assert [list(step.to) for step in route.follow_up.steps] == [["sales"], told]
