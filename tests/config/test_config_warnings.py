"""What `check` doubts."""

import pytest
from config_support import ENVIRONMENT, SINK_SCHEMAS, judge_text, lines

from hookrouter.config.load import check_config
from hookrouter.domain.field_names import FieldNames
from hookrouter.sinks.registry import load_sink_types

HEAD = 'version: 1\nreceiver: {sources: {crm: {token: "${CRM_PUSH_TOKEN}"}, forms: {token: "${CRM_PUSH_TOKEN}"}}}\n'
EVENTS = "created, updated, echo, unchanged, stale, deleted"


def warnings_of(directory, text):
    report = judge_text(directory, HEAD + text)
    assert lines(report.faults) == []
    return lines(report.warnings)


def test_a_sink_that_no_route_leads_to(tmp_path):
    text = "sinks: {a: {type: stdout}, b: {type: stdout}}\nroutes: [{name: all, to: [b]}]\n"

    assert warnings_of(tmp_path, text) == ["3:9: no route leads to the sink `a`"]


def test_a_sink_that_only_the_report_goes_to_is_used_and_so_is_the_time_that_gives_its_zone(tmp_path):
    text = (
        "sinks: {a: {type: stdout}, b: {type: stdout}}\nroutes: [{name: all, to: [b]}]\n"
        "times: {desk: {timezone: Europe/Berlin}}\nreport: {to: [a], every: Monday 8:05, timezone: desk}\n"
    )

    assert warnings_of(tmp_path, text) == []


def test_alerts_that_reach_nobody_when_they_are_needed(tmp_path):
    text = "sinks: {a: {type: stdout}, b: {type: stdout}}\nroutes: [{name: alerts, to: [b]}]\n"
    named = "4:17: alerts are listed under this name, and held with this route's deliveries: choose another"
    alone = (
        "5:14: alerts go through `a` alone: when that is what fails, nobody is told. "
        "Name another sink besides, or give it a `fallback`"
    )

    assert warnings_of(tmp_path, f"{text}alerts: {{to: [a]}}\n") == [named, alone]
    assert warnings_of(tmp_path, f"{text}alerts: {{to: [a, b]}}\n") == [named]


def test_a_route_that_is_called_like_the_report(tmp_path):
    text = "sinks: {a: {type: stdout}}\nroutes: [{name: weekly-report, to: [a]}]\n"
    doubt = "deliveries of the report are listed under this name, and held with this route's: choose another"

    assert warnings_of(tmp_path, text) == []
    assert warnings_of(tmp_path, f"{text}report: {{to: [a], every: mon 8:05}}\n") == [f"4:17: {doubt}"]


@pytest.mark.parametrize(
    ("to", "reaches"),
    [
        ("['{{ lead.owner_email }}']", False),
        ("['{{ assigned.email }}', '{{ lead.owner_email }}']", False),
        ("['{{ assigned.email }}', boss@example.com]", True),
        ("['{{ assigned.email or \"boss@example.com\" }}']", True),
    ],
    ids=["lead", "both", "boss-too", "boss-else"],
)
def test_a_report_to_a_sink_that_finds_its_people_by_the_lead(tmp_path, to, reaches):
    text = (
        "smtp: {host: smtp.example.com, from: crm@example.com}\n"
        f"teams: {{east: {{members: [{{owner: 1, name: Ada}}]}}}}\nsinks: {{a: {{type: email, to: {to}}}}}\n"
        "routes: [{name: all, assign: east, to: [a]}]\nreport: {to: [a], every: mon 8:05}\n"
    )
    path = tmp_path / "hookrouter.yaml"
    path.write_text(HEAD + text)
    report = check_config(path, ENVIRONMENT, {name: kind.schema for name, kind in load_sink_types().items()})
    doubt = "7:15: a report is about no lead, of which `a` has whom it goes to: it would reach nobody"

    assert lines(report.faults) == []
    assert lines(report.warnings) == ([] if reaches else [doubt])


@pytest.mark.parametrize("gathers", ["burst: {over: 20/min}", "digest: {every: 1h}"])
@pytest.mark.parametrize(("there", "is_flooded"), [("", True), (", burst: {over: 5/min}", False)])
def test_a_fallback_that_gets_one_by_one_what_its_sink_gathers(tmp_path, gathers, there, is_flooded):
    path = tmp_path / "hookrouter.yaml"
    mails = f"mails: {{type: email, to: [a@example.com]{there}}}"
    path.write_text(
        f"{HEAD}smtp: {{host: smtp.example.com, from: crm@example.com}}\nsinks:\n"
        f"  a: {{type: stdout, fallback: {{to: mails}}, {gathers}}}\n  {mails}\nroutes: [{{name: all, to: [a]}}]\n"
    )
    report = check_config(path, ENVIRONMENT, {name: kind.schema for name, kind in load_sink_types().items()})
    doubt = "5:36: `a` gathers its leads and `mails` does not: each would come by itself there"

    assert lines(report.faults) == []
    assert lines(report.warnings) == ([doubt] if is_flooded else [])


def test_what_is_no_name_is_told_once(tmp_path):
    text = (
        "sinks: {a: {type: stdout}}\n"
        "routes: [{name: all, assign: '', to: [a]}, {name: more, assign: East, to: [a]}]\n"
        "report: {to: [''], every: mon 8:05}\n"
    )

    assert lines(judge_text(tmp_path, HEAD + text).faults) == [
        "4:30: a name is needed here, such as hot-lead",
        "4:65: a name is written in small letters, digits and hyphens (did you mean east?)",
        "5:15: a name is needed here, such as hot-lead",
    ]


def test_a_step_that_is_due_at_once_is_told_how_long_is_needed(tmp_path):
    text = "sinks: {a: {type: stdout}}\nroutes: [{name: all, to: [a], follow_up: [{after: 0m, to: [a]}]}]\n"

    assert lines(judge_text(tmp_path, HEAD + text).faults) == ["4:51: a duration of at least 1m is needed"]


@pytest.mark.parametrize("asked", ["[leadStatus, ownerID]", "leadStatus"])
@pytest.mark.parametrize(("word", "meant"), [("changd", "changed"), ("Crossed", "crossed"), ("evnt", "event")])
def test_a_word_of_match_that_is_misspelt_asks_for_a_field(tmp_path, word, meant, asked):
    text = (
        "sinks: {a: {type: stdout}}\n"
        f"routes: [{{name: all, to: [a], follow_up: [{{after: 1m, unless: {{{word}: {asked}}}, to: [a]}}]}}]\n"
    )
    [told] = warnings_of(tmp_path, text)

    assert told == f"4:64: `{word}` is asked as a field of the lead here (did you mean {meant}?)"


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


def test_names_that_are_slips_of_the_pen_wherever_fields_are_named(tmp_path):
    text = """\
redact: [phonenumber]
conditions: {hot: {leadscore: {gte: 80}}}
sinks: {a: {type: stdout, only: [firstname]}}
routes:
  - name: one
    match: {any: [hot, {not: {LeadStatus: open}}], changed: [leadStatus, email], crossed: {lead_score: {above: 1}}}
    to: [a]
  - {name: two, match: {changed: {companyname: {to: Acme}}}, to: [a]}
"""

    assert warnings_of(tmp_path, text) == [
        "3:10: the CRM has no field `phonenumber` of its own (did you mean phoneNumber?)",
        "4:20: the CRM has no field `leadscore` of its own (did you mean leadScore?)",
        "5:34: the CRM has no field `firstname` of its own (did you mean firstName?)",
        "8:31: the CRM has no field `LeadStatus` of its own (did you mean leadStatus?)",
        "8:74: the CRM has no field `email` of its own (did you mean emailAddress?)",
        "8:92: the CRM has no field `lead_score` of its own (did you mean leadScore?)",
        "10:35: the CRM has no field `companyname` of its own (did you mean companyName?)",
    ]


def test_names_that_may_be_of_custom_fields_are_left_to_the_crm(tmp_path):
    text = "routes: [{name: a, match: {favorite_color: red, stage: new, lead_source: web, state: CA}, stop: true}]\n"

    report = judge_text(tmp_path, HEAD + text)

    assert (lines(report.warnings), report.unjudged) == ([], ("favorite_color", "stage", "lead_source"))


def test_names_as_the_crm_knows_them(tmp_path):
    text = """\
routes:
  - {name: a, match: {favorite_color: red, favorite_colour: red, size: 1, budget_5a0dd86e6e290: 1}, stop: true}
  - {name: b, match: {size_5a0dd86e6e291: 1, leadScore: 1, whoID: 1, crmID: 2}, stop: true}
"""
    path = tmp_path / "hookrouter.yaml"
    path.write_text(HEAD + text)
    of_the_crm = {"leadScore", "favorite_color_5a0dd86e6e290", "size_5a0dd86e6e291", "size_5a0dd86e6e292"}

    report = check_config(path, ENVIRONMENT, SINK_SCHEMAS, names=FieldNames(frozenset(of_the_crm)))

    assert report.unjudged == ()
    assert lines(report.warnings) == [
        "4:44: the CRM has no field `favorite_colour` (did you mean favorite_color?)",
        "4:66: `size` may be each of size_5a0dd86e6e291, size_5a0dd86e6e292: write the whole name",
        "4:75: the CRM has no field `budget_5a0dd86e6e290`",
    ]


def test_templates_that_name_what_there_is_not(tmp_path):
    text = """\
defaults: {slack: {text: "{{ lead.fistName }}"}}
sinks:
  a:
    type: http
    url: https://h/{{ lead.zip }}
    body: {name: ["{{ previous['companyNme'] }}", "{% if 'leadstatus' in changed %}x{% endif %}"]}
  b: {type: slack, webhook_url: https://h/x}
routes:
  - name: one
    to: [b, {sink: a, body: {score: "{{ lead.get('leadscore') }} {% if event == 'create' %}new{% endif %}"}}]
"""
    path = tmp_path / "hookrouter.yaml"
    path.write_text(HEAD + text)
    schemas = {name: kind.schema for name, kind in load_sink_types().items()}

    report = check_config(path, ENVIRONMENT, schemas)

    assert lines(report.faults) == []
    assert lines(report.warnings) == [
        "3:26: the CRM has no field `fistName` of its own (did you mean firstName?)",
        "7:10: the CRM has no field `zip` of its own (did you mean zipcode?)",
        "8:19: the CRM has no field `companyNme` of its own (did you mean companyName?)",
        "8:51: the CRM has no field `leadstatus` of its own (did you mean leadStatus?)",
        "12:37: the CRM has no field `leadscore` of its own (did you mean leadScore?)",
        f"12:37: the template compares `event` with 'create'; there are {EVENTS} (did you mean created?)",
    ]


@pytest.mark.parametrize("pattern", [".*", "^", "$", ".", "a|", "(x)?", "^.*$", "[^a]*", ".{0,3}"])
def test_an_expression_that_is_found_in_every_text(tmp_path, pattern):
    text = f"routes: [{{name: a, match: {{state: {{not: {{regex: [x, '{pattern}']}}}}}}, stop: true}}]\n"

    said = f"3:53: the expression {pattern!r} is found in every text: write {{exists: true}} if that is meant"
    assert warnings_of(tmp_path, text) == [said]


@pytest.mark.parametrize("pattern", ["^[^@]*$", "^.{1,200}$", "[0-9]", "^$", "^[^0-9]+$"])
def test_an_expression_that_is_not(tmp_path, pattern):
    assert warnings_of(tmp_path, f"routes: [{{name: a, match: {{state: {{regex: '{pattern}'}}}}, stop: true}}]\n") == []


@pytest.mark.parametrize(
    ("match", "column", "said"),
    [
        ("leadScore: '> 80'", 16, "this text is compared letter by letter: write {gt: 80} if that is meant"),
        ("state: {in: [CA, '!= TX']}", 22, "this text is compared letter by letter: write {not: TX} if that is meant"),
        ("state: '== CA'", 12, "this text is compared letter by letter: write CA if that is meant"),
        (
            "any: [{emailAddress: '*@example.com'}]",
            26,
            'this text is compared letter by letter: write {like: "*@example.com"} if a pattern is meant',
        ),
        ("title: /^VP/", 12, "this text is compared letter by letter: write {regex: '^VP'} if an expression is meant"),
        ("title: '{{ lead.x }}'", 12, "this text is compared letter by letter: templates are filled in messages alone"),
        (
            "changed: {leadStatus: {to: [open, Qualifed]}}",
            39,
            "the CRM has no lead status `Qualifed` (did you mean qualified?)",
        ),
        ("state: {like: '**'}", 19, "the pattern '**' fits every text: write {exists: true} if that is meant"),
        (
            "source: forms",
            13,
            "`source` is asked as a field of the lead here: as a word of the route it stands beside `match`",
        ),
        (
            "during: desk",
            5,
            "`during` is asked as a field of the lead here: as a word of the route it stands beside `match`",
        ),
        (
            "west: true",
            5,
            "`west` is asked as a field of the lead here: for the condition of this name write all: [west]",
        ),
        (
            "lead.leadScore: 80",
            5,
            "`lead.leadScore` looks into a field `lead`: fields stand without it here (did you mean leadScore?)",
        ),
        (
            "previous.leadStatus: open",
            5,
            "`previous.leadStatus` looks into a field `previous`: how a lead was is asked by changed: {leadStatus: …}",
        ),
    ],
)
def test_what_match_hardly_means(tmp_path, match, column, said):
    text = f"conditions: {{west: {{state: CA}}}}\nroutes:\n- match:\n    {match}\n  name: a\n  stop: true\n"

    unused = "3:14: no route asks for the condition `west`"
    assert warnings_of(tmp_path, text) == [unused, f"6:{column}: {said}"]


@pytest.mark.parametrize(
    "match",
    [
        "title: /dev/null/",
        "title: 5 > 3",
        "title: '*'",
        "title: a * b",
        "source: web",
        "leadStatus: [QUALIFIED, contactWithOpp, nurturing]",
        "title: {prefix: '*', contains: '> 80', like: '*a'}",
        "title: '{braces}'",
        "lead_source: web",
    ],
)
def test_what_match_may_well_mean(tmp_path, match):
    assert warnings_of(tmp_path, f"routes:\n- match:\n    {match}\n  name: a\n  stop: true\n") == []


def test_a_field_that_the_crm_knows_may_be_called_like_a_word_of_a_route(tmp_path):
    path = tmp_path / "hookrouter.yaml"
    path.write_text(f"{HEAD}routes: [{{name: a, match: {{during: x}}, stop: true}}]\n")
    names = FieldNames(frozenset({"during_5a0dd86e6e290"}))

    assert lines(check_config(path, ENVIRONMENT, SINK_SCHEMAS, names=names).warnings) == []


def test_a_test_of_hours_that_says_no_moment(tmp_path):
    text = """\
sinks: {a: {type: stdout}}
times: {desk: {days: mon-fri, timezone: UTC}}
routes:
  - {name: held, during: desk, to: [a]}
  - {name: dropped, during: {not: desk, outside: drop}, to: [a]}
  - {name: always, to: [a]}
tests:
  - {name: no moment, lead: {id: 1}, expect: {held: [a], dropped: none, always: [a]}}
  - {name: a moment, lead: {id: 1}, at: 2026-11-18, expect: {held: [a], always: [a]}}
"""
    said = "has hours: say the moment of the test by `at`, or it passes at some times only"

    assert warnings_of(tmp_path, text) == [f"10:47: `held` {said}", f"10:58: `dropped` {said}"]


@pytest.mark.parametrize("option", ["once: {every: 1d}", "during: {days: mon, timezone: UTC}", "sample: 100%"])
def test_what_a_route_does_with_its_leads_keeps_none_from_it(tmp_path, option):
    text = f"""\
sinks: {{a: {{type: stdout}}}}
routes:
  - {{name: first, {option}, to: [a], stop: true}}
  - {{name: never, to: [a]}}
"""

    assert warnings_of(tmp_path, text) == [
        "6:5: the route `never` is never reached: `first` takes all its leads and stops"
    ]


def test_a_variable_whose_default_stands_is_told_once(tmp_path):
    text = "redact: ['${FIRST:-a1}', '${FIRST:-b1}', '${SMTP_USER:-c1}']\nroutes: [{name: a, stop: true}]\n"

    assert warnings_of(tmp_path, text) == ["3:10: the variable FIRST is not set: its default stands"]


@pytest.mark.parametrize("name", ["title_de", "first_name_2", "isQ", "lead_source_2026", "state_of_mind"])
def test_a_name_as_custom_fields_have_it_is_no_slip_of_the_pen(name):
    assert FieldNames().doubt(name) == ""


@pytest.mark.parametrize(
    ("name", "meant"), [("leadscore", "leadScore"), ("lead_score", "leadScore"), ("leadSatus", "leadStatus")]
)
def test_a_slip_of_the_pen_is_told(name, meant):
    assert f"(did you mean {meant}?)" in FieldNames().doubt(name)
