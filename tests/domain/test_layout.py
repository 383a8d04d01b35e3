"""How leads are spread over streams, and that a change keeps the order of each."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hookrouter.domain.ids import LeadKey, SinkName, SourceName, Who
from hookrouter.domain.layout import (
    ENRICHING,
    INTAKE,
    MOST_STREAMS,
    UNKNOWN,
    WHOLE,
    Layout,
    Place,
    Spread,
    Strays,
    enriching_place,
    outbox_of,
    place_in,
    sink_of,
)

CRM = SourceName("crm")
counts = st.integers(1, MOST_STREAMS)
leads = st.builds(lambda key: (CRM, LeadKey(key)), st.text(max_size=12))


@given(st.builds(Place, st.integers(0, 999), st.integers(0, 999)))
def test_a_place_is_read_as_it_was_written(place: Place) -> None:
    assert place_in(str(place)) == place


def test_streams_of_the_first_generation_have_the_names_that_they_always_had() -> None:
    assert [str(place) for place in Spread(3).places] == ["0", "1", "2"]
    assert [str(place) for place in Spread(3).changed_to(2).own] == ["1.0", "1.1"]
    assert [place_in(text) for text in ("", ".", "x", "1.", ".1x", "1.2.3")] == [None] * 6


@given(counts, leads)
def test_a_lead_has_one_place(streams: int, who: Who) -> None:
    spread = Spread(streams)

    assert spread.place_of(who) in spread.own
    assert spread.place_of(who) == spread.place_of(who)


@given(counts, counts, leads)
def test_what_is_new_of_a_lead_waits_for_what_is_old_of_it(before: int, now: int, who: Who) -> None:
    former = Spread(before)
    spread = former.changed_to(now)

    assert former.place_of(who) in spread.waits_for(spread.place_of(who))


@given(st.integers(1, 12), st.integers(1, 12))
def test_a_stream_waits_for_no_more_than_it_must(before: int, now: int) -> None:
    spread = Spread(before).changed_to(now)
    shared = {(number % now, number % before) for number in range(before * now)}

    for place in spread.own:
        waits_for = {former.number for former in spread.waits_for(place)}
        assert waits_for == {old for new, old in shared if new == place.number}


@given(st.integers(1, 40), counts, leads)
def test_what_was_spread_over_nobody_knows_how_many_is_waited_for_as_a_whole(before: int, now: int, who: Who) -> None:
    spread = UNKNOWN.changed_to(now)

    assert len(spread.waits_for(spread.place_of(who))) == UNKNOWN.streams
    assert Spread(before).place_of(who) in spread.places


@given(st.integers(1, 16), st.integers(1, 16), st.data())
def test_a_stream_that_waits_for_an_empty_one_or_none_is_ready(before: int, now: int, data: st.DataObject) -> None:
    spread = Spread(before).changed_to(now)
    waiting = data.draw(st.sets(st.sampled_from(spread.places)))

    ready = spread.ready(waiting)

    assert set(ready) <= waiting
    for place in waiting:
        assert (place in ready) == waiting.isdisjoint(spread.waits_for(place))
    assert not waiting or ready  # what waits is served in the end


def test_former_streams_wait_for_nothing() -> None:
    spread = Spread(4).changed_to(8)

    assert spread.waits_for(Place(3)) == ()
    assert Spread(4).waits_for(Place(3)) == ()
    assert spread.waits_for(Place(7, 1)) == (Place(3),)


def test_one_change_of_a_thing_is_under_way_at_a_time() -> None:
    sales = outbox_of(SinkName("sales"))
    four = Layout({INTAKE: Spread(4)})

    both = four.toward({INTAKE: 8, sales: 2})
    further = both.toward({INTAKE: 3, sales: 2})
    over = both.settled([INTAKE]).toward({INTAKE: 3, sales: 2})

    assert both.changing == {INTAKE: Spread(8, 1, Spread(4)), sales: Spread(2, 1, WHOLE)}
    assert further is both
    assert over.intake == Spread(3, 2, Spread(8, 1))
    assert over.outbox(SinkName("sales")) == Spread(2, 1, WHOLE)
    assert over.outbox(SinkName("notes")) == WHOLE


def test_what_is_as_it_is_wanted_stays() -> None:
    layout = Layout({INTAKE: Spread(4)})

    assert layout.toward({INTAKE: 4, outbox_of(SinkName("sales")): 1}) is layout
    assert layout.settled([]) is layout
    assert layout.changing == {}


def test_streams_that_were_left_are_served_beside_the_others() -> None:
    layout = Layout({INTAKE: Spread(2, 1, Spread(1))}, Strays(frozenset({9, 6}), frozenset({7})))

    assert layout.intakes == (Place(0), Place(0, 1), Place(1, 1), Place(6), Place(9))
    assert layout.intakes_ready([Place(0), Place(1, 1), Place(6)]) == [Place(0), Place(6)]
    assert layout.enriching == (0, 1, 2, 3, 7)


def test_what_an_outbox_is_known_by_tells_whose_it_is() -> None:
    assert sink_of(outbox_of(SinkName("sales"))) == "sales"
    assert sink_of(INTAKE) is None


def test_leads_are_spread_evenly() -> None:
    names = [(CRM, LeadKey(str(number))) for number in range(20_000)]

    for streams in (2, 3, 4, 8, 16, 64):
        places = [Spread(streams).place_of(who).number for who in names]
        counts = [places.count(number) for number in range(streams)]
        assert max(counts) < 1.25 * len(names) / streams
    assert {enriching_place(who) for who in names} == set(range(ENRICHING))
