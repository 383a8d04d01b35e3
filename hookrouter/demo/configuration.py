"""Writes the demo's `hookrouter.yaml`."""

from __future__ import annotations

from dataclasses import dataclass

ACCOUNT_ID = "demo-account"
SECRET_KEY = "demo-secret"  # noqa: S105 - the simulator's; it opens nothing

CONFIGURATION = """\
# The demo's own configuration. All routes that match fire: a hot lead goes to `billing` twice, once by each route.
version: 1

receiver:
  public_url: {receiver}
  sources:
    crm: {{token: "{token}"}}

crm:
  account_id: {account_id}
  secret_key: {secret_key}
  url: {simulator}/pubapi/v1.2/
  version: v1.2
  rate_limit: 50/s

smtp: {{host: 127.0.0.1, port: {mail_port}, tls: none, from: crm@example.com}}
egress: {{allow: [127.0.0.0/8]}}

sinks:
  sales: {{type: slack, webhook_url: "{stand_ins}slack/sales", rate_limit: 50/s}}  # Slack itself takes one a second
  manager: {{type: email, to: [manager@example.com]}}
  billing:
    type: http
    url: {stand_ins}api/leads
    signing_secret: "{secret}"

alerts: {{to: [sales, manager]}}  # what is wrong, and what to do

teams:
  sales-team:
    members:
      - {{owner: 313499604, name: Ada Brown, share: 2}}
      - {{owner: 313499605, name: Ben Cole}}
      - {{owner: 313499606, name: Cem Diaz}}

routes:
  - name: new-lead
    match: {{event: created}}
    to: [sales]

  - name: hot-lead
    match:
      leadScore: {{gte: 80}}
      changed: [leadScore, leadStatus]
    enrich:
      timeline: {{sources: [formSubmit, importantPageVisit], last: 30d}}
      on_failure: deliver
    assign: sales-team
    to: [sales, manager, billing]

  - name: every-change
    to: [billing]
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """Where the demo's parts listen, and what they must know of each other.

    Attributes:
        stand_ins: URL of Slack and the HTTP API, with a slash at its end.
        secret: what the HTTP API checks signatures with.
    """

    receiver: str
    simulator: str
    stand_ins: str
    mail_port: int
    token: str
    secret: str


def demo_configuration(surroundings: Surroundings) -> str:
    """The file's text."""
    return CONFIGURATION.format(
        account_id=ACCOUNT_ID,
        secret_key=SECRET_KEY,
        receiver=surroundings.receiver,
        simulator=surroundings.simulator,
        stand_ins=surroundings.stand_ins,
        mail_port=surroundings.mail_port,
        token=surroundings.token,
        secret=surroundings.secret,
    )
