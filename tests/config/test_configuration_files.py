"""Good and bad configuration files, each by its name."""

from datetime import timedelta
from ipaddress import ip_network

import pytest
from config_support import ENVIRONMENT, FILES, SINK_SCHEMAS, judge, judge_text, lines
from expected_faults import EXPECTED

from hookrouter.config.load import load_config
from hookrouter.config.model import CrmConfig, Durability, ReceiverConfig, Retention, SourceConfig
from hookrouter.domain.bounds import Bounds
from hookrouter.domain.change import LeadEvent
from hookrouter.domain.errors import ConfigurationError
from hookrouter.domain.hydration import ReadBack
from hookrouter.domain.policy import SinkPolicy
from hookrouter.domain.routing import Enrichment, Target
from hookrouter.domain.teams import Limit, Per, Pick
from hookrouter.net.smtp_server import MailTls, SmtpServer

BAD = sorted((FILES / "bad").glob("*.yaml"))
GOOD = sorted((FILES / "good").glob("*.yaml"))


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_a_bad_file_is_refused_with_every_fault_in_its_place(path):
    report = judge(path)

    assert lines(report.faults) == EXPECTED[path.stem]
    assert report.config is None


def test_every_expectation_has_its_file():
    assert sorted(EXPECTED) == sorted(path.stem for path in BAD)


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_a_good_file_is_read(path):
    report = judge(path)

    assert lines(report.faults) == []
    assert report.config == load_config(path, ENVIRONMENT, SINK_SCHEMAS)


def test_loading_a_bad_file_raises_one_line_a_fault_with_the_file_in_front():
    path = FILES / "bad" / "many-at-once.yaml"

    with pytest.raises(ConfigurationError) as raised:
        load_config(path, ENVIRONMENT, SINK_SCHEMAS)

    assert str(raised.value).splitlines() == [f"{path}:{line}" for line in EXPECTED["many-at-once"]]


def test_a_missing_file_says_how_to_get_one(tmp_path):
    report = judge(tmp_path / "none.yaml")

    assert lines(report.faults) == ["1:1: there is no such file (`hookrouter init` writes one)"]


def test_a_directory_is_no_file(tmp_path):
    report = judge(tmp_path)

    assert lines(report.faults) == ["1:1: the file cannot be read: Is a directory"]


def test_a_file_above_the_limit_is_not_read(tmp_path):
    report = judge_text(tmp_path, "#" * (1024 * 1024 + 1))

    assert lines(report.faults) == ["1:1: the file is larger than 1 MiB"]


def test_faults_of_the_text_are_told_up_to_a_limit(tmp_path):
    report = judge_text(tmp_path, "a: 1\n" * 50_000)

    assert len(report.faults) == 50


def test_many_unknown_sinks_are_told_up_to_a_limit(tmp_path):
    sinks = "".join(f"  s{number}: {{type: stdout}}\n" for number in range(100))
    routes = "".join(f"  - {{name: r{number}, to: [unknown-{number}]}}\n" for number in range(900))
    head = 'version: 1\nreceiver: {sources: {crm: {token: "${CRM_PUSH_TOKEN}"}}}\n'

    report = judge_text(tmp_path, f"{head}sinks:\n{sinks}routes:\n{routes}")

    assert len(report.faults) == 200
    assert "s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11 and 88 more" in str(report.faults[0])


def test_the_revision_changes_with_every_edit(tmp_path):
    text = (FILES / "good" / "smallest.yaml").read_text()

    before, same, after = (judge_text(tmp_path, text) for text in (text, text, f"{text}#"))

    assert before.config.revision == same.config.revision != after.config.revision
    assert len(before.config.revision) == 12


def test_all_sections_arrive_as_values():
    config = judge(FILES / "good" / "contract.yaml").config

    assert config.receiver == ReceiverConfig(
        sources={
            "crm": SourceConfig(tokens=(ENVIRONMENT["CRM_PUSH_TOKEN"],), read_back=ReadBack.AUTO),
            "forms": SourceConfig(
                tokens=("another-token-of-24-characters", "the-token-that-was-there-before"),
                networks=(ip_network("203.0.113.0/24"),),
                read_back=ReadBack.ALWAYS,
            ),
        },
        public_url="https://hooks.example.com",
        trusted_proxies=(ip_network("10.0.0.0/8"),),
        bounds=Bounds(body=512 * 1024, leads=600, field_value=100_000),
        headers=32,
        body_within=timedelta(seconds=10),
        requests=50,
        max_spool=2 * 1024**3,
        dedup_window=timedelta(minutes=90),
        durability=Durability.EVERYSEC,
    )
    assert config.crm == CrmConfig(
        account_id="3_ACCOUNT", secret_key="5ECRETKEY", url="http://127.0.0.1:9000/pubapi/v1.2/", rate_limit=4.0
    )
    assert config.smtp == SmtpServer(
        host="smtp.example.com",
        port=465,
        sender="CRM <crm@example.com>",
        tls=MailTls.TLS,
        username="ada",
        password="correct horse",
    )
    assert config.egress_allow == (ip_network("127.0.0.0/8"), ip_network("10.1.0.7"), ip_network("fd00::/8"))
    assert config.redact == ("phoneNumber",)
    assert config.retention == Retention(
        pushes=timedelta(days=1),
        deliveries=timedelta(days=2),
        dead=timedelta(days=3),
        rejected=timedelta(days=4),
        snapshots=timedelta(days=5),
    )


def test_sinks_arrive_with_their_policy_options_and_variants():
    billing = judge(FILES / "good" / "contract.yaml").config.sinks["billing"]

    assert billing.type == "http"
    assert billing.policy == SinkPolicy(
        concurrency=4,
        timeout=timedelta(seconds=5),
        retry_for=timedelta(days=1),
        only=("firstName", "companyName"),
        secrets=("bGl0dGxlIGJpbGxpbmc%3D", "bGl0dGxlIGJpbGxpbmc="),
    )
    assert billing.options["url"] == "https://billing.example.com/leads"
    assert billing.options["signing_secret"] == ENVIRONMENT["BILLING_SECRET"]
    assert billing.variants == {
        "hot-lead": {
            **billing.options,
            "url": "https://billing.example.com/hot",
            "body": {"email": "{{ lead.emailAddress }}"},
        }
    }


def test_routes_arrive_with_conditions_targets_and_enrichment():
    tests, hot, rest, scoring, unmatched = judge(FILES / "good" / "contract.yaml").config.routes

    assert (tests.name, tests.to, tests.stop, len(tests.conditions)) == ("our-own-tests", (), True, 1)
    assert (hot.name, hot.sources, hot.events, hot.stop) == ("hot-lead", {"crm"}, {LeadEvent.CREATED}, False)
    assert hot.enrichment == Enrichment(sources=("formSubmit",), last=timedelta(days=30))
    assert [target.sink for target in hot.to] == ["sales", "billing"]
    assert set(hot.to[1].overrides) == {"url", "body"}
    assert (rest.conditions, rest.events) == ((), {LeadEvent.CREATED, LeadEvent.UPDATED})
    assert rest.to == (Target(sink="manager"), Target(sink="notes"))
    assert (scoring.name, scoring.shadow, rest.shadow) == ("new-scoring", True, False)
    assert [condition.label for condition in scoring.conditions][-1] == "during sales-desk"
    assert (rest.once.every, rest.once.label) == (timedelta(days=1), "once per lead every 1d")
    assert (scoring.held_outside, rest.held_outside.label) == (None, "during sales-desk")
    assert (unmatched.name, unmatched.for_unmatched, rest.for_unmatched) == ("unmatched", True, False)
    assert [target.sink for target in unmatched.to] == ["notes"]


def test_what_is_not_said_is_usual():
    config = judge(FILES / "good" / "smallest.yaml").config

    assert (config.crm, config.smtp, config.sinks, config.egress_allow, config.redact) == (None, None, {}, (), ())
    assert config.retention == Retention()
    assert config.receiver.durability is Durability.FSYNC


def test_no_secret_is_in_any_text_form_of_the_configuration():
    config = judge(FILES / "good" / "contract.yaml").config

    secrets = ENVIRONMENT.keys() - {"CRM_ACCOUNT_ID", "SMTP_USER"}
    assert not [name for name in secrets if ENVIRONMENT[name] in repr(config)]


def test_without_a_crm_nothing_is_read_back():
    config = judge(FILES / "good" / "smallest.yaml").config

    assert config.crm is None
    assert {source.read_back for source in config.receiver.sources.values()} == {ReadBack.NEVER}


@pytest.mark.parametrize(
    ("said", "patience"),
    [
        ("", None),
        (", on_failure: wait", None),
        (", on_failure: deliver", timedelta()),
        (", on_failure: {deliver_after: 1m}", timedelta(minutes=1)),
    ],
)
def test_a_message_waits_for_what_it_wants_to_know_unless_its_route_says_otherwise(tmp_path, said, patience):
    path = tmp_path / "hookrouter.yaml"
    path.write_text(f"""
version: 1
receiver: {{sources: {{crm: {{token: pending-leads-01234567}}}}}}
crm: {{account_id: a, secret_key: b}}
sinks: {{log: {{type: stdout}}}}
routes: [{{name: a, enrich: {{lists: true{said}}}, to: [log]}}]
""")

    [route] = load_config(path, {}, SINK_SCHEMAS).routes

    assert route.enrichment == Enrichment(timeline=False, lists=True, patience=patience)


def test_teams_are_read_with_their_times_and_their_clock():
    teams = judge(FILES / "good" / "contract.yaml").config.teams

    ada, ben = teams["east"].members
    assert (ada.owner, ada.name, ada.slack, ada.email, ada.share) == (
        "313499604",
        "Ada Brown",
        "U02ADA",
        "ada@example.com",
        2,
    )
    assert [(days.first.isoformat(), days.last.isoformat()) for days in ben.away] == [
        ("2026-11-20", "2026-12-01"),
        ("2026-12-24", "2026-12-24"),
    ]
    assert (ben.owner, ben.share, ben.time.timezone.key) == ("313499605", 1, "America/New_York")
    east, west = teams["east"], teams["west"]
    assert (east.pick, east.keep_owner, east.limit) == (Pick.FEWEST_OPEN, False, Limit(leads=25, per=Per.DAY))
    assert (east.otherwise, east.otherwise_to, east.timezone.key) == ("west", None, "America/New_York")
    assert (west.otherwise, west.otherwise_to, west.timezone.key) == (None, "manager", "America/Los_Angeles")


ONE_TEAM = """version: 1
receiver: {sources: {crm: {token: "${CRM_PUSH_TOKEN}"}}}
sinks: {log: {type: stdout}, spare: {type: stdout}}
teams:
  east: {members: [{owner: 5, name: Ben}], otherwise: spare}
  idle: {members: [{owner: 5, name: Ben}]}
routes:
  - {name: all, assign: east, during: {days: mon-fri, timezone: Europe/Berlin}, to: [log]}
"""


def test_a_team_goes_by_the_clock_of_the_route_that_assigns_it(tmp_path):
    assert judge_text(tmp_path, ONE_TEAM).config.teams["east"].timezone.key == "Europe/Berlin"
    assert judge_text(tmp_path, ONE_TEAM).config.teams["idle"].timezone.key == "UTC"


def test_a_team_that_no_route_assigns_is_doubted_and_a_sink_that_takes_the_rest_is_not(tmp_path):
    assert lines(judge_text(tmp_path, ONE_TEAM).warnings) == ["6:3: no route assigns the team `idle`"]


def test_a_message_that_names_a_person_where_nobody_is_assigned_is_doubted(tmp_path):
    sink = '{type: slack, webhook_url: "${SLACK_WEBHOOK_URL}", text: "for {{ assigned.name }}"}'
    text = ONE_TEAM.replace("log: {type: stdout}", f"log: {sink}")

    assert lines(judge_text(tmp_path, text).warnings) == ["6:3: no route assigns the team `idle`"]
    assert lines(judge_text(tmp_path, text.replace("assign: east, ", "").replace("  idle", "  east2")).warnings)[0] == (
        "3:9: `assigned` is empty in what `log` sends: no route that leads there says `assign`"
    )


def test_a_template_that_asks_more_of_whom_a_lead_was_given_to_is_refused(tmp_path):
    sink = '{type: slack, webhook_url: "${SLACK_WEBHOOK_URL}", text: "{{ assigned.nme }}"}'
    report = judge_text(tmp_path, ONE_TEAM.replace("log: {type: stdout}", f"log: {sink}"))

    assert [fault.message for fault in report.faults] == [
        "`assigned` has no `nme` (did you mean name?); it has: owner, name, slack, email, team, reason"
    ]
