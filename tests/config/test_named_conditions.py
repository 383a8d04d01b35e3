"""Conditions that the file names, and what stands wherever a condition may: their names."""

import pytest
from config_support import judge_text, lines

from hookrouter.domain.change import compare
from hookrouter.domain.ids import LeadKey
from hookrouter.domain.lead import Lead
from hookrouter.domain.routing import RouteTable
from hookrouter.testing.builders import a_case

HEAD = 'version: 1\nreceiver: {sources: {crm: {token: "${CRM_PUSH_TOKEN}"}}}\nsinks: {log: {type: stdout}}\n'
TO_LOG = "routes: [{name: hot, match: MATCH, to: [log]}]\n"


def faults_of(directory, text):
    report = judge_text(directory, HEAD + text)
    assert report.config is None
    return lines(report.faults)


def config_of(directory, text):
    report = judge_text(directory, HEAD + text)
    assert lines(report.faults) == []
    return report.config


def takes(config, **fields):
    case = a_case(compare(Lead(key=LeadKey("1"), fields=fields), None))
    table = RouteTable(config.routes)
    matched = [route.name for route in table.matching(case)]
    assert matched == [verdict.route.name for verdict in table.verdicts(case) if verdict.matched]
    return bool(matched)


CONDITIONS = """\
conditions:
  from-the-west: {state: [CA, WA]}
  large: [{employees: {gte: 100}}, {industry: Banking}]
  worth-a-call: {all: [from-the-west, large], leadStatus: qualified}
  also-the-west: from-the-west
"""


@pytest.mark.parametrize(
    ("match", "taken", "left"),
    [
        ("from-the-west", {"state": "CA"}, {"state": "NY"}),
        ("also-the-west", {"state": "CA"}, {"state": "NY"}),
        ("[from-the-west, {country: Canada}]", {"country": "Canada"}, {"state": "NY"}),
        ("{all: [from-the-west], city: Fresno}", {"state": "CA", "city": "Fresno"}, {"state": "CA"}),
        ("{any: [from-the-west, large]}", {"employees": "100"}, {"employees": "99"}),
        ("{none: [from-the-west, large]}", {"state": "NY"}, {"industry": "Banking"}),
        ("{not: from-the-west}", {"state": "NY"}, {"state": "CA"}),
        (
            "worth-a-call",
            {"state": "WA", "industry": "Banking", "leadStatus": "Qualified"},
            {"state": "WA", "industry": "Farming", "leadStatus": "Qualified"},
        ),
    ],
    ids=["match", "a name for a name", "a list of alternatives", "all", "any", "none", "not", "of others"],
)
def test_a_name_stands_for_its_condition(tmp_path, match, taken, left):
    config = config_of(tmp_path, CONDITIONS + TO_LOG.replace("MATCH", match))

    assert takes(config, **taken)
    assert not takes(config, **left)


def test_an_unknown_name_is_told_with_the_nearest(tmp_path):
    text = CONDITIONS + TO_LOG.replace("MATCH", "{any: [from-west, {not: larg}]}")

    known = "from-the-west, large, worth-a-call, also-the-west"
    assert faults_of(tmp_path, text) == [
        f"9:36: there is no condition `from-west`: known are {known} (did you mean from-the-west?)",
        f"9:53: there is no condition `larg`: known are {known} (did you mean large?)",
    ]


def test_a_text_where_nothing_has_a_name_says_what_a_condition_is(tmp_path):
    assert faults_of(tmp_path, TO_LOG.replace("MATCH", "qualified")) == [
        (
            "4:29: there is no condition `qualified`: the section `conditions` names none; "
            "a condition itself is a map, as in {state: CA}"
        )
    ]


def test_faults_of_a_condition_are_told_once_at_its_own_place(tmp_path):
    text = """\
conditions:
  odd: {leadScore: {gt: many}, state: {}}
  of-odd: {not: odd}
routes:
  - {name: one, match: odd, to: [log]}
  - {name: two, match: {all: [of-odd, odd]}, to: [log]}
"""

    assert faults_of(tmp_path, text) == [
        "5:25: a number is needed",
        "5:39: an operator is needed, as in {gte: 80}",
    ]


def test_circles_are_told_with_their_chain(tmp_path):
    text = """\
conditions:
  first: {any: [second, {state: CA}]}
  second: {not: third}
  third: {all: [{city: Fresno}, first]}
  itself: itself
routes: [{name: all, match: first, to: [log]}]
"""

    assert faults_of(tmp_path, text) == [
        "7:33: the condition `first` refers to itself: first → second → third → first",
        "8:11: the condition `itself` refers to itself: itself → itself",
    ]


@pytest.mark.parametrize("backwards", [False, True])
def test_names_within_names_have_a_bottom(tmp_path, backwards):
    chain = ["  c0: {state: CA}", *(f"  c{number}: {{not: c{number - 1}}}" for number in range(1, 1000))]
    text = "\n".join(["conditions:", *(reversed(chain) if backwards else chain)])

    found = faults_of(tmp_path, f"{text}\n" + TO_LOG.replace("MATCH", "c999"))

    assert {line.partition(": ")[2] for line in found} == {"more than 20 conditions stand within each other"}


def test_names_that_double_and_double_are_refused(tmp_path):
    doubling = ["  c0: {state: CA}", *(f"  c{n}: {{all: [c{n - 1}, c{n - 1}]}}" for n in range(1, 15))]
    many = ", ".join(["c8"] * 3)

    text = "\n".join(["conditions:", *doubling]) + "\n" + TO_LOG.replace("MATCH", f"{{any: [{many}]}}")

    said = "it leads to more than 1000 conditions, each counted as often as it is named"
    assert faults_of(tmp_path, text) == [f"14:3: {said}", f"20:22: {said}"]


def test_a_condition_that_no_route_leads_to_is_a_doubt(tmp_path):
    report = judge_text(tmp_path, HEAD + CONDITIONS + TO_LOG.replace("MATCH", "large"))

    assert lines(report.warnings) == [
        "5:3: no route asks for the condition `from-the-west`",
        "7:3: no route asks for the condition `worth-a-call`",
        "8:3: no route asks for the condition `also-the-west`",
    ]


def test_what_a_used_condition_leads_to_is_used(tmp_path):
    report = judge_text(tmp_path, HEAD + CONDITIONS + TO_LOG.replace("MATCH", "[worth-a-call, also-the-west]"))

    assert lines(report.warnings) == []


def test_a_condition_on_events_that_the_route_does_not_take(tmp_path):
    conditions = "conditions:\n  seen: {event: unchanged}\n  again: {any: [seen, {state: CA}]}\n"

    taken = config_of(tmp_path, conditions + TO_LOG.replace("MATCH", "{event: [updated, unchanged], all: [again]}"))

    assert takes(taken, state="CA")
    assert faults_of(tmp_path, conditions + TO_LOG.replace("MATCH", "again")) == [
        (
            "7:29: `again` asks for unchanged leads, which the route does not take: "
            "name unchanged in the `event` of its `match`"
        )
    ]


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ("conditions: [a]\n", "4:13: a map is needed here, lines of `key: value`"),
        (
            "conditions: {Hot Lead: {state: CA}}\n",
            "4:14: a name is written in small letters, digits and hyphens (did you mean hot-lead?)",
        ),
        ("conditions: {hot: {}}\n", "4:19: a condition is needed, as in {state: CA}, or the name of one"),
        ("conditions: {hot: 80}\n", "4:19: a condition is needed, as in {state: CA}, or the name of one"),
    ],
    ids=["a list", "no kebab-case", "nothing", "a number"],
)
def test_what_is_no_section_of_conditions(tmp_path, section, said):
    assert faults_of(tmp_path, section + TO_LOG.replace("match: MATCH, ", "")) == [said]


def test_a_route_still_learns_that_its_condition_is_called_match(tmp_path):
    assert faults_of(tmp_path, TO_LOG.replace("match: MATCH", "conditions: [{state: CA}]")) == [
        "4:22: `conditions` is not known here: a route's condition is called `match` here"
    ]
