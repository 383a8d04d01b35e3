"""The pages of the rules: what is in force without its secrets, what each route did, and the playground."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable

import pytest
from console_support import ADMIN, READER, Shown, Visitor

from hookrouter.domain.figures import Figure, Kind, Tally
from hookrouter.store.figures import add_figures

TEXT = """\
version: 1
receiver: {sources: {crm: {token: a-token-only-for-tests}}}
sinks:
  log: {type: stdout}
  billing: {type: http, url: "https://api.example.com/x?api_key=k-0815", signing_secret: whsec_c2VjcmV0cyBvZiB0ZXN0cw==}
routes:
  # the hottest go to people
  - name: hot-lead
    match: {leadScore: {gte: 80}}
    to: [log, billing]
  - {name: new-scoring, shadow: true, to: [log]}
unmatched: {to: [log]}
"""
HOT = {"id": "718281920514", "leadScore": "91", "firstName": "<script>alert(1)</script>", "companyName": "<!channel>"}


@pytest.fixture
def visitor(open_console: Callable[..., Visitor]) -> Visitor:
    return open_console(text=TEXT)


def ask(visitor: Visitor, **fields: str) -> Shown:
    answer = visitor.post("/console/rules/try", {"csrf": visitor.csrf("/console/rules/try"), **fields})
    assert answer.status_code == 200
    return Shown(answer.text)


def test_it_shows_what_is_in_force_without_its_secrets(visitor: Visitor) -> None:
    answer = visitor.get("/console/rules")
    page = Shown(answer.text)

    assert visitor.runtime.config.revision in page.text
    assert "# the hottest go to people" in page.text
    assert "match: {leadScore: {gte: 80}}" in page.text
    assert [secret for secret in ("a-token-only", "k-0815", "c2VjcmV0") if secret in answer.text] == []


def test_each_route_has_its_counters_and_leads_to_its_line(visitor: Visitor) -> None:
    now = visitor.runtime.clock.now()
    counts = {
        Figure(Kind.TAKEN, "hot-lead"): 1200,
        Figure(Kind.DELIVERED, "hot-lead", "log", "", "7 Ada Brown"): 1190,
        Figure(Kind.REPEATED, "hot-lead"): 6,
        Figure(Kind.LATE, "hot-lead"): 5,
        Figure(Kind.DEAD, "hot-lead", "billing"): 4,
        Figure(Kind.SHADOWED, "new-scoring"): 77,
        Figure(Kind.TAKEN, "old-route"): 3,
    }
    for command in add_figures(visitor.runtime.keys, Tally(visitor.runtime.days.of(now), Counter(counts))):
        visitor.runtime.server.call(*command)
    answer = visitor.get("/console/rules?days=7")
    text = Shown(answer.text).text.replace("\N{NARROW NO-BREAK SPACE}", " ").replace("\N{EN DASH}", "-")

    assert "hot-lead slow 4 given up 1 200 0 6 0 1 190 - 5 4" in text
    assert "new-scoring quiet a shadow: sends nothing 0 77 0 0 0 - 0 0" in text
    assert "old-route quiet no more in the configuration 3" in text
    assert "took 1 200, delivered 1 190, 5 late, 4 given up" in text
    assert "Ada Brown" not in text
    assert '<a href="#f1-8">hot-lead</a>' in answer.text
    assert 'id="f1-8" class="route"' in answer.text


def test_a_file_that_is_refused_is_told_while_what_was_in_force_is_shown(visitor: Visitor) -> None:
    path = visitor.runtime.settings.config_path
    path.write_text(TEXT.replace("gte: 80", "gte: eighty"), encoding="utf-8")
    assert [visitor.runtime.look_for_edits() for _ in range(2)] == [False, False]
    text = Shown(visitor.get("/console/rules").text).text

    assert "The file was edited and is refused" in text
    assert "gte: 80" in text


def test_the_playground_judges_as_the_router_does_and_shows_text_as_text(visitor: Visitor) -> None:
    page = ask(visitor, lead=json.dumps(HOT), previous=json.dumps({**HOT, "leadScore": "12"}))

    assert "Lead 718281920514 is updated (leadScore)" in page.text
    assert "2 of 3 routes take it, 3 messages would be made." in page.text
    assert "new-scoring matches as a shadow: nothing is sent" in page.text
    assert "<script>alert(1)</script>" in page.text
    assert [tag for tag in page.all("script") if not tag.get("src")] == []
    assert "holds: leadScore gte 80 (was 91)" in page.text


def test_what_cannot_be_read_is_told_beside_its_field_and_nothing_is_lost(visitor: Visitor) -> None:
    page = ask(visitor, lead='{"id": 1,}', previous="[", at="soon")

    assert "this is not JSON in UTF-8 (line 1" in page.text
    assert "write 2h, 3d" in page.text
    assert {each.get("aria-invalid") for each in page.all("textarea")} == {"true"}
    assert '{"id": 1,}' in page.text


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"lead": ""}, "this is empty: paste a JSON list of leads"),
        ({"lead": '[{"id": 1}, {"colour": "blue"}]'}, "Lead number 2 would be rejected"),
        ({"lead": "[]"}, "There is no lead in it"),
        ({"lead": '{"id": 1}', "source": "nowhere"}, "there is no source nowhere"),
        ({"lead": f'{{"id": "{"9" * 70_000}"}}'}, "longer than 64 KiB"),
    ],
)
def test_odd_leads_are_answered_in_words(visitor: Visitor, fields: dict[str, str], says: str) -> None:
    assert says in ask(visitor, **fields).text


def test_who_may_only_look_may_try_but_not_from_elsewhere(open_console: Callable[..., Visitor]) -> None:
    visitor = open_console(admin=ADMIN, read=READER, text=TEXT)
    visitor.sign_in(READER)

    assert "routes take it" in ask(visitor, lead=json.dumps(HOT)).text
    assert visitor.post("/console/rules/try", {"lead": json.dumps(HOT)}).status_code == 403
    csrf = visitor.csrf("/console/rules/try")
    elsewhere = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    refused = visitor.post("/console/rules/try", {"csrf": csrf, "lead": json.dumps(HOT)}, headers=elsewhere)
    assert refused.status_code == 403
