"""Reports made of figures, and what they say."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookrouter.domain.figures import LEADS, MISSED, NEW, ROUTED, STEPS, Figure, Kind, step_of
from hookrouter.domain.ids import RouteName
from hookrouter.domain.report import MOST_ROWS, THE_OTHERS, PersonRow, Report, Totals
from hookrouter.domain.reporting import in_words, report_of
from hookrouter.domain.routing import Objective
from hookrouter.domain.weekly import Span
from hookrouter.sinks.slack_report import report_content
from hookrouter.wire.kept.report import report_of_values, report_values
from hookrouter.wire.messages.report_html import html
from hookrouter.wire.messages.report_text import facts, headline, plain, promises, reaction_rows

WEEK = Span(first=date(2026, 11, 16), last=date(2026, 11, 22))
HOT = RouteName("hot-lead")
PROMISED = {HOT: Objective(percent=95, within=timedelta(minutes=1))}


def delivered(number: int, person: str = "", route: str = HOT) -> Counter[Figure]:
    return Counter({Figure(Kind.DELIVERED, route, "sales", "", person): number})


def a_report(**more: Counter[Figure]) -> Report:
    """A week of 100 leads, and one of 80 before; `more` are figures of its Wednesday."""
    wednesday = Counter({LEADS: 100, NEW: 40, ROUTED: 97})
    for figures in more.values():
        wednesday.update(figures)
    before = Counter({LEADS: 80})
    return report_of({date(2026, 11, 18): wednesday, date(2026, 11, 12): before}, WEEK, PROMISED)


def test_it_compares_with_the_week_before_and_puts_numbers_first() -> None:
    report = a_report(messages=delivered(120))

    assert headline(report) == "100 leads (+25 %): 16 to 22 Nov 2026"
    assert facts(report) == [
        "100 leads came in, 40 of them new, 25 % more than the week before (80)",
        "97 went to somebody, 3 to nobody: no route took them",
        "120 messages delivered",
        "None was late, of 120 with a promised time",
    ]


def test_it_tells_what_was_late_given_up_missed_and_kept_back() -> None:
    trouble = Counter(
        {
            Figure(Kind.LATE, HOT): 3,
            Figure(Kind.DEAD, HOT, "sales"): 1,
            MISSED: 2,
            Figure(Kind.REMINDED, HOT, "sales"): 1,
            Figure(Kind.REPEATED, HOT): 4,
            Figure(Kind.SILENCED, HOT): 5,
        }
    )
    told = facts(a_report(messages=delivered(120), trouble=trouble))

    assert told[3:] == [
        "3 late, 2.5 % of the 120 with a promised time",
        "1 given up: `hookrouter dead` tells why, and sends them again",
        "2 came without a push: they were found by asking the CRM, and may have been late",
        "1 reminder that nobody had reacted yet",
        "9 messages kept back, by a silence or because it was told of lately",
    ]


def test_a_week_in_which_nothing_happened_says_so() -> None:
    report = report_of({}, WEEK, PROMISED)

    assert headline(report) == "No leads, 16 to 22 Nov 2026"
    for text in (plain(report), html(report), json.dumps(report_content(report))):
        assert "Nothing happened: no lead came in" in text


@pytest.mark.parametrize(("late", "is_kept"), [(6, True), (7, False)])
def test_an_objective_is_kept_while_so_few_of_a_hundred_are_late(late: int, is_kept: bool) -> None:
    [row] = a_report(messages=delivered(120), late=Counter({Figure(Kind.LATE, HOT): late})).routes

    assert (row.promise, row.late, row.is_kept) == ("95 % within 1 min", late, is_kept)


def test_how_long_leads_waited_is_told_by_route() -> None:
    waited = Counter({Figure(Kind.WAITED, HOT, "", step): number for step, number in {"5": 5, "120": 4, "": 1}.items()})
    [row] = a_report(waited=waited).routes

    assert (row.half, row.most) == ("5 s", "over a day")


def test_people_stand_in_the_order_of_their_messages() -> None:
    late = Counter({Figure(Kind.LATE, HOT, "", "", "3 Cem | Kaya"): 1})
    report = a_report(ada=delivered(3, "1 Ada Brown"), cem=delivered(7, "3 Cem | Kaya"), late=late, nobody=delivered(9))

    assert report.people == (
        PersonRow(name="Cem | Kaya", delivered=7, late=1, dead=0, reminded=0),
        PersonRow(name="Ada Brown", delivered=3, late=0, dead=0, reminded=0),
    )


def test_a_broken_promise_is_told_however_many_routes_there_are() -> None:
    objectives = {RouteName(f"route-{number:03}"): PROMISED[HOT] for number in range(100)}
    counts: Counter[Figure] = Counter()
    for number, route in enumerate(objectives):
        counts += Counter(
            {Figure(Kind.DELIVERED, route, "sales"): 100 - number, Figure(Kind.TAKEN, route): 100 - number}
        )
    counts[Figure(Kind.LATE, "route-099")] = 1
    report = report_of({date(2026, 11, 18): counts}, WEEK, objectives)
    broken = "route-099: 95 % within 1 min promised, not kept"

    assert promises(report)[0] == broken
    assert broken in json.dumps(report_content(report))
    assert sum(row.delivered for row in report.routes) == report.totals.delivered


def test_a_person_who_got_another_name_and_one_who_only_reacts_have_one_row_each() -> None:
    reacted = Counter({Figure(Kind.REACTED, "", "", "900", "1"): 2, Figure(Kind.REACTED, "", "", "", "8"): 1})
    was, now = delivered(3, "1 Ada Brown"), delivered(4, "1 Ada Diaz")
    report = report_of({date(2026, 11, 18): was + now + reacted}, WEEK, PROMISED, {"1": "Ada Diaz"})

    assert report.people == (
        PersonRow(name="Ada Diaz", delivered=7, late=0, dead=0, reminded=0, reacted=2, reacted_half="15 min"),
        PersonRow(name="8", delivered=0, late=0, dead=0, reminded=0, reacted=1, reacted_half="over 3 days"),
    )


def test_it_tells_how_soon_somebody_reacted_beside_the_week_before() -> None:
    reacted = Counter(
        {
            Figure(Kind.REACTED, HOT, "", "300"): 3,
            Figure(Kind.REACTED, HOT, "", "14400"): 2,
            Figure(Kind.REACTED, "rest", "", "300"): 3,
            Figure(Kind.REACTED, "", "", "300", "7"): 3,
            Figure(Kind.REACTED, "", "", "14400"): 2,
        }
    )
    before = Counter({Figure(Kind.REACTED, "", "", "1800"): 1})
    report = report_of({date(2026, 11, 18): reacted, date(2026, 11, 12): before}, WEEK, PROMISED, {"7": "Ada"})
    [told] = [fact for fact in facts(report) if "reacted" in fact]

    assert told == "Somebody reacted to 5 leads, to half of them within 5 min (the week before: 30 min)"
    assert reaction_rows(report) == [["hot-lead", "5", "5 min", "4 h"], ["rest", "3", "5 min", "5 min"]]
    for text in (plain(report), html(report), json.dumps(report_content(report))):
        assert "Somebody reacted to 5 leads" in text
    assert "Until somebody reacted" in html(report)


def test_columns_stand_below_one_another_where_letters_are_wide_or_none() -> None:
    names = {"1": "Ada Brown", "2": "\u6f22\u5b57 \u592a\u90ce", "3": "Zoe\u0301", "4": "Cem \U0001f680"}
    report = report_of({date(2026, 11, 18): sum((delivered(1, each) for each in names), Counter())}, WEEK, {}, names)
    rows = [line for line in plain(report).splitlines() if any(name in line for name in names.values())]
    wide = ("\u6f22", "\u5b57", "\u592a", "\u90ce", "\U0001f680")

    assert len({len(row) + sum(map(row.count, wide)) - row.count("\u0301") for row in rows}) == 1


def test_what_is_beyond_the_most_rows_is_summed_up() -> None:
    many = Counter({Figure(Kind.TAKEN, f"route-{number:03}"): number for number in range(100)})
    report = a_report(many=many)

    assert len(report.routes) == MOST_ROWS
    assert report.routes[-1].name == THE_OTHERS
    assert sum(row.leads for row in report.routes) == sum(range(100))


def test_names_are_escaped_and_shown_whole_in_their_own_direction() -> None:
    name = '3 <b>"Ada" & \u202e\u05d0\u05d1\u05d2 \U0001f469\u200d\U0001f4bb</b>'
    report = a_report(person=delivered(3, name))
    mail, message = html(report), json.dumps(report_content(report), ensure_ascii=False)

    assert "<b>" not in mail
    assert "&lt;b&gt;&quot;Ada&quot; &amp;" in mail
    assert "\u202e" not in mail
    assert "\U0001f469\u200d\U0001f4bb" in mail
    assert "<b>" not in message


def test_a_long_name_breaks_and_leaves_the_numbers_in_sight() -> None:
    mail = html(a_report(person=delivered(3, f"3 {'W' * 60}")))
    [cell] = [part for part in mail.split("<td") if "WWW" in part]

    assert "word-break:break-word" in cell
    assert mail.count("white-space:nowrap") > mail.count("word-break:break-word")


def test_the_mail_has_nothing_that_mail_programs_do_not_draw() -> None:
    mail = html(a_report(messages=delivered(120, "1 Ada Brown")))

    assert not {word for word in ("<svg", "<style", "class=", "<img", "<script", "http") if word in mail}
    assert 'bgcolor="#2f6fed"' in mail


NUMBERS = st.integers(0, 10**6)
FIGURES = st.builds(
    Figure,
    st.sampled_from(Kind),
    st.sampled_from(["hot-lead", "rest"]),
    st.just("sales"),
    st.sampled_from(["", *map(str, STEPS)]),
    st.sampled_from(["", "1 Ada", "2", "3 Cem Kaya"]),
)
REPORTS = st.dictionaries(
    st.sampled_from([*WEEK.days, *WEEK.before.days]), st.dictionaries(FIGURES, NUMBERS).map(Counter)
).map(lambda figures: report_of(figures, WEEK, PROMISED))


@given(REPORTS)
def test_any_report_is_read_as_it_was_written_and_can_be_told(report: Report) -> None:
    assert report_of_values(json.loads(json.dumps(report_values(report)))) == report
    assert max(map(len, plain(report).splitlines())) < 200
    assert html(report).count("<td") == html(report).count("</td>")
    assert report_content(report)["text"]
    assert sum(day.leads for day in report.days) == report.totals.leads


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.5, "0.5 s"),
        (60, "1 min"),
        (90, "90 s"),
        (900, "15 min"),
        (14_400, "4 h"),
        (86_400, "1 day"),
        (172_800, "2 days"),
    ],
)
def test_durations_in_words(seconds: float, words: str) -> None:
    assert in_words(timedelta(seconds=seconds)) == words


@given(st.timedeltas(timedelta(), timedelta(days=9)))
def test_every_wait_falls_under_the_first_step_that_is_not_below_it(waited: timedelta) -> None:
    step = step_of(waited)

    assert step == next((str(each) for each in STEPS if timedelta(seconds=each) >= waited), "")


def test_nothing_is_nothing() -> None:
    assert Totals().is_nothing
    assert not Totals(dead=1).is_nothing
