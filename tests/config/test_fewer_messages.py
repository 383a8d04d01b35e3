"""How sinks say when several leads share a message."""

from datetime import timedelta

import pytest
from config_support import judge_text, lines

from hookrouter.domain.burst import Burst
from hookrouter.domain.policy import MOST_IN_A_SUMMARY, Digest, SinkPolicy

HEAD = 'version: 1\nreceiver: {sources: {crm: {token: "${CRM_PUSH_TOKEN}"}}}\n'
ROUTES = "routes: [{name: all, to: [a]}]\n"


def policy_of(directory, said):
    report = judge_text(directory, f"{HEAD}sinks: {{a: {{{said}}}}}\n{ROUTES}")
    assert lines(report.faults) == []
    return report.config.sinks["a"].policy


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("digest: {every: 15m}", {"digest": Digest(every=timedelta(minutes=15), most=50)}),
        (
            "digest: {every: 1h, max: 9, by: owner}",
            {"digest": Digest(every=timedelta(hours=1), most=9, by="owner")},
        ),
        (
            "digest: {every: 1h, by: assigned.name}",
            {"digest": Digest(every=timedelta(hours=1), most=50, by="assigned.name")},
        ),
        ("burst: {over: 20/min}", {"burst": Burst(over=20, per=timedelta(minutes=1))}),
        ("burst: {over: 100/h, then: digest}", {"burst": Burst(over=100, per=timedelta(hours=1))}),
        ("expire_after: 4h", {"expire_after": timedelta(hours=4)}),
    ],
)
def test_what_is_said_is_done(tmp_path, said, expected):
    assert policy_of(tmp_path, f"type: stdout, {said}") == SinkPolicy(**expected)


def test_a_message_a_second_is_usual_where_the_kind_of_sink_says_so(tmp_path):
    slack = 'type: slack, webhook_url: "https://hooks.slack.example/a"'

    usual, said = policy_of(tmp_path, slack), policy_of(tmp_path, f"{slack}, rate_limit: 20/min")

    assert (usual.rate_limit, said.rate_limit, said.rate_place) == (1.0, 20 / 60, "")
    assert usual.rate_place != ""


@pytest.mark.parametrize(
    ("said", "waits"),
    [
        ("digest: {every: 1h}, expire_after: 1h", "1h"),
        ("digest: {every: 1h}, expire_after: 61m", ""),
        ("burst: {over: 9/h}, expire_after: 10m", "15m"),
        ("burst: {over: 9/min}, expire_after: 1m", "1m"),
        ("burst: {over: 9/min}, expire_after: 2m", ""),
        ("expire_after: 1m", ""),
    ],
)
def test_what_expires_while_it_is_gathered_is_doubted(tmp_path, said, waits):
    report = judge_text(tmp_path, f"{HEAD}sinks: {{a: {{type: stdout, {said}}}}}\n{ROUTES}")
    doubts = [fault.message for fault in report.warnings]

    assert doubts == ([f"what is gathered waits for {waits}: all of it would be told as missed"] if waits else [])


@pytest.mark.parametrize(
    ("policy", "every"),
    [
        (SinkPolicy(), None),
        (SinkPolicy(expire_after=timedelta(hours=4)), timedelta(minutes=1)),
        (SinkPolicy(burst=Burst(over=3, per=timedelta(seconds=1))), timedelta(minutes=1)),
        (SinkPolicy(burst=Burst(over=3, per=timedelta(minutes=1))), timedelta(minutes=1)),
        (SinkPolicy(burst=Burst(over=3, per=timedelta(hours=1))), timedelta(minutes=15)),
    ],
)
def test_a_summary_waits_for_the_time_of_its_rate_within_bounds(policy, every):
    assert policy.gathers == (None if every is None else Digest(every=every, most=MOST_IN_A_SUMMARY))


@pytest.mark.parametrize("gathers", ["digest: {every: 1h}", "burst: {over: 9/min}"])
def test_what_is_gathered_in_one_place_has_no_shards(tmp_path, gathers):
    text = f"{HEAD}sinks:\n  a:\n    type: stdout\n    {gathers}\n    shards: 2\n{ROUTES}"

    [fault] = judge_text(tmp_path, text).faults

    assert fault.place.endswith(":7:13")
    assert "shards" in fault.message
    assert not judge_text(tmp_path, text.replace("shards: 2", "shards: 1")).faults


@pytest.mark.parametrize("shards", [0, 65, 1.5])
def test_a_sink_has_one_shard_or_up_to_64(tmp_path, shards):
    report = judge_text(tmp_path, f"{HEAD}sinks: {{a: {{type: stdout, shards: {shards}}}}}\n{ROUTES}")

    assert len(report.faults) == 1
    assert policy_of(tmp_path, "type: stdout, shards: 64").shards == 64
