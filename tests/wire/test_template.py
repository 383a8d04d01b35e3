import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import Schema, ValidationError

from hookrouter.domain.change import LeadEvent
from hookrouter.testing.builders import a_change, a_delivery, a_lead
from hookrouter.wire.messages.sandbox import MOST_OUTPUT, Escaping
from hookrouter.wire.messages.template import RenderingFailed, Template, TemplateField, template_context


def filled(source, escaping=Escaping.TEXT, *, delivery=None, **fields):
    delivery = delivery or a_delivery(change=a_change(lead=a_lead(**fields)))
    return Template(source, escaping).render(
        template_context(delivery, lambda lead: f"https://crm.example/l?id={lead}&x=1")
    )


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("plain", "plain"),
        ("{{ lead.firstName }} {{ lead['lastName'] }}", "Ada Brown"),
        ("[{{ lead.nothing }}]", "[]"),
        ("[{{ lead.nothing.deeper.still }}]", "[]"),
        ("[{{ lead['nothing'] }}]", "[]"),
        ("[{{ lead.empty }}]", "[]"),
        ("{{ lead.nothing|default('there') }}", "there"),
        ("{{ lead.empty|default('there') }}", "there"),
        ("{{ lead.firstName|default('there') }}", "Ada"),
        ("{{ lead.nothing|int }}", "0"),
        ("{{ lead.nothing|upper }}{{ lead.nothing.upper() }}", ""),
        ("{% if lead.nothing is defined %}yes{% else %}no{% endif %}", "no"),
        ("{% if lead.firstName is defined %}yes{% endif %}", "yes"),
        ("{% if lead.leadScore|int > 80 %}hot{% endif %}", "hot"),
        ("{{ previous.leadStatus }} to {{ lead.leadStatus }}", "open to qualified"),
        ("{{ changed|join(', ') }}", "leadStatus"),
        ("{{ changed }}", '["leadStatus"]'),
        ("{% for name in changed %}{{ loop.index }}{{ name }}{% endfor %}", "1leadStatus"),
        ("{% for name, value in previous.items() %}{{ name }}={{ value }}{% endfor %}", "leadStatus=open"),
        ("{{ event }} {{ route }} {{ source }}", "updated hot-lead crm"),
        ("{{ push }}", "p_019500000000aabbccddeeff"),
        ("{{ link }}", "https://crm.example/l?id=718281920514&x=1"),
        ("{{ timeline[0].eventName }}", ""),
        ("{{ lead.items }}", "a field"),
        ("{{ lead.flag }}", "true"),
        ("{{ lead.nested.city }} {{ lead.nested }}", 'Ulm {"city":"Ulm"}'),
        ("{{ lead.firstName|tojson }}", '"Ada"'),
        ("{{ lead.firstName ~ '!' }}", "Ada!"),
        ("{{ 3 * 4 + 7 % 4 }}", "15"),
        ("{{ 2.345|round(2) }}", "2.35"),
        ("{{ lead.firstName[:2] }}", "Ad"),
        ("{{ lead.companyName|replace('c', 'k')|truncate(3) }}", "Ak…"),
        ("{# nothing #}x", "x"),
        (
            "{% for a in 'xy' %}{% for b in range(2) %}{{ loop.last }} {% endfor %}{% endfor %}",
            "false true false true ",
        ),
        ("{% for name in changed if name == 'x' %}{{ name }}{% else %}none{% endfor %}", "none"),
        ("{% for event in timeline|rejectattr('old') %}{{ event }}{% endfor %}", ""),
        ("{% if lead.firstName %}\nAda\n{% endif %}\n", "Ada\n"),
    ],
)
def test_a_template_renders(source, text):
    assert filled(source, empty=None, items="a field", flag=True, nested={"city": "Ulm"}) == text


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("{{ laed.id }}", r"`laed` \(did you mean lead\?\)"),
        ("{{ secrets }}", "there is: assigned, changed, event, lead"),
        ("{{ lead.id", "line 1"),
        ("a\n\n{% if lead.id %}", "line 3"),
        ("a\n{{ lead.id|nofilter }}", "line 2.*nofilter"),
        ("{{ 'a' * 10**9 }}", "line 1"),
        ("{{ 'a' * 1000000000 }}", "numbers only"),
        ("{{ [1] * 1000000000 }}", "numbers only"),
        ("{{ 10 ** 10 }}", r"\*\*"),
        ("{{ '%1000000000d' % 1 }}", "numbers only"),
        ("{% set a = 'x' %}", "`assign` is not available"),
        ("{% macro m() %}{% endmacro %}", "not available"),
        ("{% include 'x' %}", "not available"),
        ("{% import 'x' as y %}", "not available"),
        ("{% extends 'x' %}", "not available"),
        ("{% block x %}{% endblock %}", "not available"),
        ("{% filter upper %}x{% endfilter %}", "not available"),
        ("{% with x = 1 %}{% endwith %}", "not available"),
        ("{% for a in changed recursive %}{{ loop(changed) }}{% endfor %}", "recursive"),
        ("{{ lead|attr('x') }}", "attr"),
        ("{{ lead.id|safe }}", "safe"),
        ("{{ 'x'|center(1000000000) }}", "center"),
        ("{{ lipsum() }}", "lipsum"),
        ("{{ cycler('a') }}", "cycler"),
        ("{{ namespace() }}", "namespace"),
        ("{{ self }}", "self"),
        ("{{ loop }}", "loop"),
        ("x" * 20_001, "20000 characters"),
    ],
)
def test_a_template_is_refused_when_it_is_loaded(source, says):
    with pytest.raises(ValueError, match=says):
        Template(source)


@pytest.mark.parametrize(
    "source",
    [
        "{{ lead.__class__ }}{{ event.__class__ }}",
        "{{ event.__class__.__mro__ }}",
        "{{ event.format }}",
        "{{ '{0:>1000000000}'.format(1) }}",
        "{{ event.ljust(1000000000) }}",
        "{{ event.join(changed) }}",
        "{{ event.nothing }}",
        "{{ range.__init__ }}",
        "{{ range(1000000000)|list }}",
        "{{ event * 1000000000 }}",
        "{{ changed * 1000000000 }}",
        "{{ event % 3 }}",
        "{{ 99999999999 * 99999999999 * 99999999999 }}",
        "{{ ('x' ~ event)|replace('', lead.long) }}",
        "{{ lead.long|join(lead.long) }}",
        "{{ lead.leadScore > 80 }}",
        "{{ 1 / 0 }}",
        "{{ lead.long ~ lead.long ~ lead.long ~ lead.long }}",
        "{% for a in range(999) %}{% for b in range(999) %}xxxx{% endfor %}{% endfor %}",
        "{% for a in range(200) %}{% for b in range(200) %}{% endfor %}{% endfor %}",
        "{% for a in lead.long %}{% endfor %}",
        "{{ lead.firstName() }}",
        "{{ lead.keys.__self__ }}",
        "{{ event.upper.__self__.nothing }}",
    ],
)
def test_a_template_that_goes_too_far_fails_alone(source):
    with pytest.raises(RenderingFailed):
        filled(source, long="x" * (MOST_OUTPUT // 2))


def test_the_failure_says_where_and_keeps_the_lead_to_itself():
    with pytest.raises(RenderingFailed) as caught:
        filled("a\nb\n{{ lead.leadScore > 80 }}", leadScore="canary-7c1")

    assert str(caught.value).startswith("line 3 of a template cannot be filled")
    assert "canary" not in str(caught.value)
    assert (caught.value.__cause__, caught.value.__suppress_context__) == (None, True)


def test_a_lead_is_never_compiled():
    hostile = "{{7*7}}{{cycler.__init__.__globals__}}{% for x in range(9) %}"

    assert filled("Hello {{ lead.firstName }}", firstName=hostile) == f"Hello {hostile}"


@given(st.text(max_size=200))
def test_any_value_arrives_as_it_is(value):
    assert filled("{{ lead.firstName }}", firstName=value) == value


@pytest.mark.parametrize(
    ("escaping", "text"),
    [
        (Escaping.TEXT, "<b>&\"'|/..?x=1</b>"),
        (Escaping.HTML, "&lt;b&gt;&amp;&#34;&#39;|/..?x=1&lt;/b&gt;"),
        (Escaping.URL, "%3Cb%3E%26%22%27%7C%2F..%3Fx%3D1%3C%2Fb%3E"),
        (Escaping.MRKDWN, "&lt;b&gt;&amp;\"'|/..?x=1&lt;/b&gt;"),
    ],
)
def test_values_are_escaped_for_where_they_go(escaping, text):
    assert filled("<{{ lead.firstName }}>", escaping, firstName="<b>&\"'|/..?x=1</b>") == f"<{text}>"


def test_urlencode_in_a_url_encodes_once():
    assert (
        filled("https://a.example/{{ lead.firstName|urlencode }}", Escaping.URL, firstName="a b")
        == "https://a.example/a%20b"
    )


@pytest.mark.parametrize("value", [".", ".."])
def test_a_value_cannot_climb_in_a_url(value):
    with pytest.raises(RenderingFailed, match="climb"):
        filled("https://a.example/x/{{ lead.firstName }}/y", Escaping.URL, firstName=value)


def test_an_escaped_value_stays_encoded_in_a_url():
    assert "/" not in filled("{{ lead.firstName|escape }}{{ lead.firstName|tojson }}", Escaping.URL, firstName="a/../b")


def test_a_text_of_the_longest_size_is_still_made():
    assert len(filled("{{ lead.long }}", long="x" * MOST_OUTPUT)) == MOST_OUTPUT


def test_the_link_is_empty_for_a_lead_without_an_id():
    delivery = a_delivery(change=a_change(lead=a_lead(id=None), event=LeadEvent.CREATED))

    assert filled("[{{ link }}] {{ event }}", delivery=delivery) == "[] created"


class Options(Schema):
    text = TemplateField()
    html = TemplateField(Escaping.HTML)


def test_the_field_compiles():
    loaded = Options().load({"text": "{{ lead.id }}", "html": "<b>{{ lead.id }}</b>"})

    assert loaded["html"].render({"lead": {"id": "<"}}) == "<b>&lt;</b>"


@pytest.mark.parametrize("value", [None, 5, ["x"], "{{ lead.id", "{{ nobody }}"])
def test_the_field_refuses(value):
    with pytest.raises(ValidationError):
        Options().load({"text": value})


@pytest.mark.parametrize(
    "template",
    [
        "{{ " + " ~ ".join(["lead.long"] * 50) + " }}",
        "{{ lead.long|map('replace', 'x', lead.long)|list|length }}",
        "{% for n in range(1000) %}{% if (lead.long ~ n)|length == 1 %}x{% endif %}{% endfor %}",
    ],
    ids=["joined by ~", "replaced in each", "joined in a loop"],
)
def test_a_template_makes_no_more_text_on_its_way_than_it_may(template):
    with pytest.raises(RenderingFailed, match="would be too long"):
        filled(template, long="x" * (MOST_OUTPUT // 10))


@pytest.mark.parametrize(
    ("template", "made"),
    [("{{ lead.firstName ~ '<b>' }}", "a&amp;b&lt;b&gt;"), ("{{ (lead.firstName|e) ~ '<' }}", "a&amp;b&lt;")],
    ids=["text", "escaped already"],
)
def test_what_is_joined_is_escaped_once(template, made):
    assert filled(template, Escaping.HTML, firstName="a&b") == made


def test_infinity_is_a_fault_of_the_template():
    with pytest.raises(RenderingFailed, match="line 1 of a template cannot be filled"):
        filled("{{ '1e999'|float|int }}")
