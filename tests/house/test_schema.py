"""The published JSON Schema is that of the configuration as it is."""

from house_support import ROOT

from hookrouter.configuration import schema_text

RENEW = "renew it: hookrouter schema > schema/hookrouter.schema.json"


def test_the_published_schema_is_current() -> None:
    published = (ROOT / "schema" / "hookrouter.schema.json").read_text(encoding="utf-8")

    assert published == schema_text(), RENEW
