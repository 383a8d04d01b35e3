"""Copies with some fields changed."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest

from hookrouter.domain.varied import varied
from hookrouter.testing.builders import a_delivery


def test_it_is_what_replace_makes() -> None:
    delivery = a_delivery()

    assert varied(delivery, attempts=3, say="call") == replace(delivery, attempts=3, say="call")
    assert varied(delivery) == delivery
    assert varied(delivery) is not delivery


def test_the_original_stays() -> None:
    delivery = a_delivery()

    varied(delivery, attempts=3)

    assert delivery == a_delivery()
    assert delivery.attempts == 0


def test_a_field_that_is_none_is_refused() -> None:
    assert "attempt" not in {field.name for field in fields(a_delivery())}

    with pytest.raises(AttributeError):
        varied(a_delivery(), attempt=3)
