"""A sink that writes to the CRM tells no person what another would have said."""

from config_support import ENVIRONMENT, SINK_SCHEMAS, lines

from hookrouter.config.load import check_config
from hookrouter.sinks.crm_options import CrmSinkSchema

FILE = """
version: 1
receiver: {sources: {crm: {token: "${CRM_PUSH_TOKEN}"}}}
crm: {account_id: "2_A", secret_key: "${CRM_SECRET_KEY}"}
teams:
  east: {members: [{owner: 1, name: Ada}], otherwise: owner}
sinks:
  sales: {type: stdout}
  owner: {type: crm, action: update, fields: {ownerID: "{{ assigned.owner }}"}}
routes:
  - {name: hot, assign: east, to: [sales, owner]}
"""


def check(folder, text):
    (folder / "hookrouter.yaml").write_text(text)
    return check_config(folder / "hookrouter.yaml", ENVIRONMENT, {**SINK_SCHEMAS, "crm": CrmSinkSchema})


def test_it_is_doubted_where_nobody_may_take_a_lead(tmp_path):
    report = check(tmp_path, FILE)

    doubt = "6:55: `owner` writes to the CRM: nobody is told of a lead that nobody may take"
    assert lines(report.faults) == []
    assert doubt in lines(report.warnings)


def test_it_is_no_fallback(tmp_path):
    report = check(tmp_path, FILE.replace("{type: stdout}", "{type: stdout, fallback: {to: owner}}"))

    assert lines(report.faults) == [
        "8:40: `owner` writes to the CRM: it does not say there what `sales` would have said"
    ]
