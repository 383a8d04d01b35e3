"""What sinks say unless they say otherwise."""

from datetime import timedelta

import pytest
from config_support import judge_text, lines

HEAD = 'version: 1\nreceiver: {sources: {crm: {token: "${CRM_PUSH_TOKEN}"}}}\n'
SINKS = """\
sinks:
  a: {type: http, url: "https://a.example"}
  b: {type: http, url: "https://b.example", timeout: {connect: 2s}, retry: {for: 1h}}
  log: {type: stdout}
"""
ROUTES = "routes:\n  - name: all\n    to: [a, {sink: b, method: PUT}, log]\n"


def judged(directory, defaults, sinks=SINKS):
    return judge_text(directory, HEAD + defaults + sinks + ROUTES)


def config_of(directory, defaults, sinks=SINKS):
    report = judged(directory, defaults, sinks)
    assert lines(report.faults) == []
    return report.config


def faults_of(directory, defaults, sinks=SINKS):
    report = judged(directory, defaults, sinks)
    assert report.config is None
    return lines(report.faults)


def test_a_sink_takes_what_it_does_not_say_itself_its_types_before_all(tmp_path):
    defaults = (
        "defaults: {all: {timeout: 5s, concurrency: 3}, http: {timeout: {total: 8s, read: 4s}, retry: {for: 2h}}}\n"
    )

    a, b, log = (sink.policy for sink in config_of(tmp_path, defaults).sinks.values())

    assert (a.timeout, a.read_timeout, a.retry_for) == (timedelta(seconds=8), timedelta(seconds=4), timedelta(hours=2))
    assert (b.connect_timeout, b.read_timeout, b.retry_for) == (timedelta(seconds=2), None, timedelta(hours=1))
    assert (log.timeout, log.retry_for) == (timedelta(seconds=5), timedelta(days=3))
    assert [policy.concurrency for policy in (a, b, log)] == [3, 3, 3]


def test_all_sinks_take_what_their_types_have(tmp_path):
    sinks = config_of(tmp_path, "defaults: {all: {method: PATCH, only: [firstName]}}\n").sinks

    assert [sink.options.get("method") for sink in sinks.values()] == ["PATCH", "PATCH", None]
    assert [sink.policy.only for sink in sinks.values()] == [("firstName",)] * 3


def test_a_route_that_says_otherwise_begins_with_the_defaults(tmp_path):
    b = config_of(tmp_path, "defaults: {http: {method: PATCH, body: {x: y}}}\n").sinks["b"]

    assert b.options["method"] == "PATCH"
    assert (b.variants["all"]["method"], b.variants["all"]["body"]) == ("PUT", {"x": "y"})


def test_a_default_may_be_all_that_a_type_needs(tmp_path):
    config = config_of(
        tmp_path, "defaults: {http: {url: 'https://both.example'}}\n", SINKS.replace(', url: "https://a.example"', "")
    )

    assert config.sinks["a"].options["url"] == "https://both.example"


def test_a_secret_of_the_defaults_is_a_secret_of_the_sinks(tmp_path):
    config = config_of(tmp_path, "defaults: {http: {signing_secret: '${BILLING_SECRET}'}}\n")

    assert "bGl0dGxlIGJpbGxpbmc=" in config.sinks["a"].policy.secrets
    assert config.sinks["log"].policy.secrets == ()


@pytest.mark.parametrize(
    ("defaults", "said"),
    [
        ("{http: {timeout: soon}}", "3:28: 'soon' is no duration"),
        ("{http: {retry: {for: 3d, fro: 1d}}}", "3:36: `fro` is not known here"),
        ("{all: {concurrency: 0}}", "3:31: give a whole number from 1 to 1000"),
        ("{http: {url: 'https://a b'}}", "3:24: 'https://a b' is no address"),
        ("{http: {timout: 3s}}", "3:19: `timout` is not known here (did you mean timeout?)"),
        ("{all: {timout: 3s}}", "3:18: no type of sinks has an option `timout` (did you mean timeout?)"),
        ("{http: {type: http}}", "3:19: `type` is for each sink to say"),
        (
            "{htp: {}}",
            "3:12: there is no sink type `htp`: give one of email, http, slack, stdout, all (did you mean http?)",
        ),
        ("{webhook: {}}", "3:12: there is no sink type `webhook`: give one of email, http, slack, stdout, all"),
        ("{apprise: {}}", "3:12: the sink type `apprise` is not supported by this version"),
        ("{http: 5s}", "3:18: a map is needed here, lines of `key: value`"),
        ("[http]", "3:11: a map is needed here, lines of `key: value`"),
        ("{email: {to: []}}", "3:24: this must not be empty"),
        ("{http: {signing_secret: '${NOWHERE} x'}}", "3:35: the variable NOWHERE is not set, nor is NOWHERE_FILE"),
    ],
)
def test_what_is_wrong_in_a_default_is_told_once_where_it_stands(tmp_path, defaults, said):
    [found] = faults_of(tmp_path, f"defaults: {defaults}\n", SINKS.replace("{for: 1h}}", "{for: 1h}, concurrency: 5}"))

    assert found.startswith(said)


def test_what_does_not_go_with_a_default_is_told_at_the_sink(tmp_path):
    sinks = SINKS.replace('a.example"', 'a.example", method: GET')

    assert faults_of(tmp_path, "defaults: {http: {body: {x: y}}}\n", sinks) == ["5:3: a GET request has no body"]


def test_defaults_that_no_sink_takes_are_doubts(tmp_path):
    defaults = """\
defaults:
  all: {method: PUT, channel: "#all"}
  http: {url: "https://none.example", timeout: 3s}
  email: {to: [boss@example.com]}
"""

    assert lines(judged(tmp_path, defaults).warnings) == [
        "4:22: no sink takes `channel` from here",
        "5:10: no sink takes `url` from here",
        "6:3: no sink takes anything from here",
    ]


def test_what_a_type_asks_of_one_key_is_told_of_its_default(tmp_path):
    sinks = 'sinks: {a: {type: slack, channel: "#a"}, b: {type: slack, channel: "#b"}, c: {type: slack}}\n'
    routes = "routes: [{name: all, to: [a, b]}]\n"

    report = judge_text(tmp_path, HEAD + "defaults: {slack: {token: wrong}}\n" + sinks + routes)

    assert lines(report.faults) == [
        "3:27: a bot token is needed, which begins with xoxb-",
    ]
