"""What `check` doubts."""

from config_support import judge_text, lines

HEAD = 'version: 1\nreceiver: {sources: {crm: {token: "${CRM_PUSH_TOKEN}"}, forms: {token: "${CRM_PUSH_TOKEN}"}}}\n'


def warnings_of(directory, text):
    report = judge_text(directory, HEAD + text)
    assert lines(report.faults) == []
    return lines(report.warnings)


def test_a_sink_that_no_route_leads_to(tmp_path):
    text = "sinks: {a: {type: stdout}, b: {type: stdout}}\nroutes: [{name: all, to: [b]}]\n"

    assert warnings_of(tmp_path, text) == ["3:9: no route leads to the sink `a`"]


def test_routes_below_one_that_takes_all_and_stops(tmp_path):
    text = """\
sinks: {a: {type: stdout}}
routes:
  - {name: of-forms, source: forms, to: [a], stop: true}
  - {name: first, to: [a], stop: true}
  - {name: never, to: [a]}
  - {name: unchanged, match: {event: unchanged}, to: [a]}
"""

    assert warnings_of(tmp_path, text) == [
        "7:5: the route `never` is never reached: `first` takes all its leads and stops"
    ]


def test_a_route_below_one_that_takes_all_of_its_source(tmp_path):
    text = """\
sinks: {a: {type: stdout}}
routes:
  - {name: first, source: forms, to: [a], stop: true}
  - {name: never, source: forms, to: [a]}
  - {name: any-source, to: [a]}
"""

    assert [line.split(" is ")[0] for line in warnings_of(tmp_path, text)] == ["6:5: the route `never`"]


def test_secrets_in_the_file_itself_even_when_the_file_has_faults(tmp_path):
    text = """\
sinks:
  a: {type: slack, token: xoxb-123-secret, channel: "#a"}
  b: {type: slack, webhook_url: https://hooks.slack.com/services/T0/B0/secret}
  c: {type: http, url: https://h, signing_secret: [whsec_secret]}
routes: [{name: all, to: [a, b, c]}]
"""

    report = judge_text(tmp_path, HEAD + text)

    said = "this looks like a secret: use ${NAME}, and set NAME in the environment"
    assert lines(report.faults) == ["6:51: a text is needed here"]
    assert lines(report.warnings) == [f"4:27: {said}", f"5:33: {said}", f"6:52: {said}"]


def test_a_password_that_goes_unencrypted(tmp_path):
    text = """\
smtp: {host: mail, username: a, password: "${SMTP_PASSWORD}", tls: none, from: crm@example.com}
routes: [{name: all, stop: true}]
"""

    assert warnings_of(tmp_path, text) == ["3:68: the password goes unencrypted: say `tls: starttls` or `tls: tls`"]


def test_a_route_that_can_never_match(tmp_path):
    text = """\
routes:
  - name: hot
    match:
      state: CA
      leadScore: {gte: 80, lt: 60}
    stop: true
  - {name: new, match: {event: unchanged, changed: [state]}, stop: true}
"""

    assert warnings_of(tmp_path, text) == [
        "7:18: the route `hot` can never match: `leadScore gte 80` and `leadScore lt 60` exclude each other",
        "9:24: the route `new` can never match: no lead has both the `event` and the changes that it asks for",
    ]


def test_a_route_whose_leads_an_earlier_one_with_conditions_takes_and_stops(tmp_path):
    text = """\
routes:
  - {name: west, match: {state: [CA, WA]}, stop: true}
  - {name: hot-west, match: {state: CA, leadScore: {gte: 80}}, stop: true}
  - {name: hot, match: {leadScore: {gte: 80}}, stop: true}
"""

    assert warnings_of(tmp_path, text) == [
        "5:5: the route `hot-west` is never reached: `west` takes all its leads and stops"
    ]


def test_ten_thousand_routes_are_judged(tmp_path):
    routes = "".join(f"  - {{name: r{n}, match: {{state: s{n}}}, stop: true}}\n" for n in range(9_999))

    assert warnings_of(tmp_path, f"routes:\n{routes}  - {{name: last, match: {{state: s7}}, stop: true}}\n") == [
        "10003:5: the route `last` is never reached: `r7` takes all its leads and stops"
    ]
