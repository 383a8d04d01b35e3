"""Laws that conditions keep, whatever is asked of whatever lead."""

from hypothesis import example, given
from hypothesis import strategies as st

from hookrouter.domain.change import compare
from hookrouter.domain.conditions.equal import is_value
from hookrouter.domain.conditions.wildcard import wildcard
from hookrouter.domain.ids import LeadKey, RouteName, SourceName
from hookrouter.domain.lead import Lead
from hookrouter.domain.routing import Route, RouteTable
from hookrouter.testing.builders import a_case
from hookrouter.wire.rules.language import read_match
from hookrouter.wire.rules.names import NamedConditions

CRM = SourceName("crm")
TIMES = ("2026-03-04 15:20:11", "2026-03-01 00:00:00", "2027-01-01 00:00:00", "0000-00-00 00:00:00")
FIELDS = ("firstName", "leadStatus", "leadScore", "state", "optedIn", "tags")

words = st.sampled_from([*TIMES, "Ada", "ada", "A,CA", "A", "open", "CA", "80", "80.0", "080", "1", "true", "a*a", "é"])
numbers = st.integers(-2, 100) | st.sampled_from([0.5, 80.0, 2**60])
plain = words | numbers | st.booleans()
values = plain | st.none() | st.just("") | st.lists(plain, max_size=2)
leads = st.dictionaries(st.sampled_from(FIELDS), values)
texts = words | st.lists(words, min_size=1, max_size=3)

operators = st.one_of(
    st.builds(lambda word, number: {word: number}, st.sampled_from(["gt", "gte", "lt", "lte"]), numbers),
    st.builds(lambda low, more: {"between": [low, low + abs(more)]}, numbers, numbers),
    st.builds(lambda word, text: {word: text}, st.sampled_from(["prefix", "suffix", "contains", "like", "has"]), texts),
    st.builds(lambda parts: {"in": parts}, st.lists(plain, min_size=1, max_size=3)),
    st.builds(lambda parts: {"regex": parts}, st.sampled_from(["^A", "[0-9]+", "(?i)a", "e$", ["^8", "^C"]])),
    st.just({"exists": True}),
)
positive_tests = plain | st.lists(plain | operators, min_size=1, max_size=3) | operators
tests = st.recursive(positive_tests | st.just({"empty": True}), lambda inner: inner.map(lambda one: {"not": one}))


def groups_of(field_tests, words):
    one_field = st.dictionaries(st.sampled_from(FIELDS), field_tests, min_size=1, max_size=2)
    within = st.builds(
        lambda name, span: {name: {"within": span}}, st.sampled_from(FIELDS), st.sampled_from(["1s", "2d", "400d"])
    )
    return st.recursive(
        one_field | within,
        lambda inner: st.builds(
            lambda word, parts: {word: parts}, st.sampled_from(words), st.lists(inner, min_size=1, max_size=3)
        ),
        max_leaves=5,
    )


changes = st.just({"changed": ["leadScore", "state"]}) | st.just({"crossed": {"leadScore": {"above": 50}}})
groups = groups_of(tests, ("all", "any", "none")) | changes
groups |= groups.map(lambda one: {"not": one})
positive_groups = groups_of(positive_tests, ("all", "any"))


def holds(match, fields, snapshot=None):
    conditions, _ = read_match(match, ())
    change = compare(Lead(key=LeadKey("1"), fields=fields), snapshot)
    return all(condition.holds(a_case(change)) for condition in conditions)


@given(tests, st.sampled_from(FIELDS), leads)
def test_not_is_the_opposite(test, field, lead):
    assert holds({field: {"not": test}}, lead) is not holds({field: test}, lead)
    assert holds({field: {"not": {"not": test}}}, lead) is holds({field: test}, lead)


@given(groups, leads, st.none() | leads)
def test_none_is_the_opposite_of_any(group, lead, snapshot):
    assert holds({"none": [group]}, lead, snapshot) is not holds(group, lead, snapshot)
    assert holds({"none": [{"none": [group]}]}, lead, snapshot) is holds(group, lead, snapshot)


@given(groups, leads, st.none() | leads)
def test_not_is_the_opposite_of_a_condition(group, lead, snapshot):
    assert holds({"not": group}, lead, snapshot) is not holds(group, lead, snapshot)
    assert holds({"not": {"not": group}}, lead, snapshot) is holds(group, lead, snapshot)


@given(st.lists(groups, min_size=1, max_size=4), leads, st.none() | leads)
def test_de_morgan_holds(parts, lead, snapshot):
    opposites = [{"none": [part]} for part in parts]

    assert holds({"none": parts}, lead, snapshot) is holds({"all": opposites}, lead, snapshot)
    assert holds({"none": [{"all": parts}]}, lead, snapshot) is holds({"any": opposites}, lead, snapshot)


@given(st.lists(groups, min_size=1, max_size=4), st.randoms(use_true_random=False), leads, st.none() | leads)
def test_the_order_of_conditions_does_not_matter(parts, dice, lead, snapshot):
    shuffled = parts[:]
    dice.shuffle(shuffled)

    for word in ("all", "any", "none"):
        assert holds({word: parts}, lead, snapshot) is holds({word: shuffled}, lead, snapshot)


@given(positive_groups, leads, st.sampled_from(FIELDS))
def test_removing_a_field_never_makes_a_positive_condition_true(group, lead, field):
    rest = {name: value for name, value in lead.items() if name != field}

    assert holds(group, lead) or not holds(group, rest)


@given(positive_tests, st.sampled_from(FIELDS), st.sampled_from([None, "", [], {}]))
def test_nothing_passes_no_positive_test(test, field, nothing):
    assert not holds({field: test}, {field: nothing})


@given(st.sampled_from([None, ""]), st.sampled_from([None, "", [], {}, 0, False, "x"]))
def test_an_empty_value_equals_nothing(wanted, value):
    assert not is_value(wanted).holds(value)


@given(st.sampled_from(FIELDS), st.lists(plain, min_size=1, max_size=3), leads)
def test_a_list_means_any_of(field, parts, lead):
    each = any(holds({field: part}, lead) for part in parts)

    assert holds({field: parts}, lead) is each
    assert holds({field: {"in": parts}}, lead) is each
    assert holds({"any": [{field: part} for part in parts]}, lead) is each


@given(groups, leads, st.none() | leads)
def test_a_route_matches_exactly_when_its_conditions_hold(group, lead, snapshot):
    conditions, _ = read_match(group, ())
    change = compare(Lead(key=LeadKey("1"), fields=lead), snapshot)
    route = Route(name=RouteName("any-lead"), conditions=conditions, to=(), events=frozenset({change.event}))

    table, case = RouteTable((route,)), a_case(change)

    (verdict,) = table.verdicts(case)
    assert verdict.matched is holds(group, lead, snapshot)
    assert verdict.matched or verdict.failed
    assert table.matching(case) == ([route] if verdict.matched else [])


@given(st.lists(groups, min_size=1, max_size=3), leads, st.none() | leads)
def test_a_name_says_what_its_condition_says(parts, lead, snapshot):
    names = NamedConditions({f"c{number}": part for number, part in enumerate(parts)} | {"all-of-them": {"all": parts}})
    change = compare(Lead(key=LeadKey("1"), fields=lead), snapshot)

    for word in ("all", "any", "none"):
        named, _ = read_match({word: [*names.written]}, (), names)
        spelled = holds({word: [*names.written.values()]}, lead, snapshot)
        assert all(each.holds(a_case(change)) for each in named) is spelled
        assert all(each.judge(a_case(change)).held for each in named) is spelled


def fits_by_definition(pattern, text):
    """The textbook definition, exponential and plain."""
    if not pattern:
        return not text
    if pattern[0] == "*":
        return any(fits_by_definition(pattern[1:], text[start:]) for start in range(len(text) + 1))
    return bool(text) and pattern[0] in ("?", text[0]) and fits_by_definition(pattern[1:], text[1:])


@given(st.text("ab*?", max_size=8), st.text("ab", max_size=10))
@example("*a?b*", "aabb")
@example("*a?a*b", "baabab")
def test_a_pattern_fits_what_its_definition_says(pattern, text):
    assert wildcard(pattern).fits(text) is fits_by_definition(pattern, text)
