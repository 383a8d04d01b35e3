import orjson
import pytest
from marshmallow import Schema, ValidationError

from hookrouter.wire.messages.json_template import JsonTemplateField, render_json
from hookrouter.wire.messages.template import Template


class Options(Schema):
    body = JsonTemplateField()


def compiled(body):
    return Options().load({"body": body})["body"]


def test_texts_are_filled_wherever_they_stand():
    body = {
        "name": "{{ lead.name }}",
        "tags": ["x", "{{ lead.tag }}", 3, None, True],
        "deep": {"er": ["{{ lead.no }}"]},
    }

    filled = render_json(compiled(body), {"lead": {"name": "Ada", "tag": "hot"}})

    assert filled == {"name": "Ada", "tags": ["x", "hot", 3, None, True], "deep": {"er": [""]}}


def test_a_value_cannot_break_out_of_its_text():
    filled = render_json(compiled({"name": "{{ lead.name }}"}), {"lead": {"name": '", "admin": true, "x": "'}})

    assert list(orjson.loads(orjson.dumps(filled))) == ["name"]


def test_a_text_alone_is_one_template():
    assert isinstance(compiled("{{ lead.id }}"), Template)


def test_each_fault_is_named_with_its_place():
    with pytest.raises(ValidationError) as caught:
        compiled({"a": "{{ nobody }}", "b": [{"c": "{{ lead.id"}]})

    first, second = caught.value.messages["body"]
    assert first.startswith("a: the template speaks of `nobody`")
    assert second.startswith("b.0.c: line 1")


@pytest.mark.parametrize("body", [5, None, True])
def test_other_values_are_refused(body):
    with pytest.raises(ValidationError):
        compiled(body)


def test_endless_nesting_is_refused():
    body = "x"
    for _ in range(30):
        body = [body]

    with pytest.raises(ValidationError, match="deep"):
        compiled(body)
