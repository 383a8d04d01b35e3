"""Layouts as records: equal ones have the same text, by which they are known."""

from __future__ import annotations

import pytest

from hookrouter.domain.ids import SinkName
from hookrouter.domain.layout import INTAKE, Layout, Spread, Strays, outbox_of
from hookrouter.wire.kept.layout import read_layout, write_layout
from hookrouter.wire.kept.records import Unreadable

SALES = outbox_of(SinkName("sales"))
LAYOUTS = [
    Layout(),
    Layout({INTAKE: Spread(4)}),
    Layout({INTAKE: Spread(8, 1, Spread(4)), SALES: Spread(4, 3)}, Strays(frozenset({7, 5}), frozenset({9}))),
]


@pytest.mark.parametrize("layout", LAYOUTS, ids=["nothing", "partitions", "all"])
def test_a_layout_is_read_as_it_was_written(layout: Layout) -> None:
    assert read_layout(write_layout(layout)) == layout


def test_equal_layouts_are_written_alike() -> None:
    one = Layout({INTAKE: Spread(8), SALES: Spread(2, 1)}, Strays(frozenset({7, 1, 5})))
    other = Layout({SALES: Spread(2, 1), INTAKE: Spread(8)}, Strays(frozenset({5, 7, 1})))

    assert write_layout(one) == write_layout(other)


@pytest.mark.parametrize(
    "record",
    [
        b"",
        b"{}",
        b'{"v":99,"spreads":{}}',
        b'{"v":1}',
        b'{"v":1,"spreads":{"intake":{"streams":0,"generation":0}}}',
        b'{"v":1,"spreads":{"intake":{"streams":"many","generation":0}}}',
        b'{"v":1,"spreads":{"intake":{"streams":1000000000,"generation":0}}}',
        b'{"v":1,"spreads":{"intake":{"streams":4,"generation":-1}}}',
        b'{"v":1,"spreads":{"intake":{"streams":4,"generation":1,"former":{"streams":4,"generation":-1}}}}',
        b'{"v":1,"spreads":[]}',
    ],
)
def test_what_is_no_layout_is_refused(record: bytes) -> None:
    with pytest.raises(Unreadable):
        read_layout(record)
