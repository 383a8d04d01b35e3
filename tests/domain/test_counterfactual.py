"""The fewest conditions that turn a judgement round are few, and do turn it round."""

from hypothesis import given
from hypothesis import strategies as st

from hookrouter.domain.counterfactual import fewest_changes
from hookrouter.domain.judgement import Judgement, Needs

RULES = {Needs.ALL: all, Needs.ANY: any, Needs.NONE: lambda found: not any(found)}


def group(needs, *parts):
    return Judgement(label=needs, held=RULES[needs]([part.held for part in parts]), parts=parts, needs=needs)


def leaf(label, *, held, found=""):
    return Judgement(label=label, held=held, found=found)


def said(judgement):
    return [str(each) for each in fewest_changes(judgement)]


leaves = st.builds(lambda number, held: leaf(f"{number}{held}", held=held), st.integers(0, 9), st.booleans())
trees = st.recursive(
    leaves,
    lambda inner: st.builds(
        lambda needs, parts: group(needs, *parts), st.sampled_from(Needs), st.lists(inner, min_size=1, max_size=3)
    ),
    max_leaves=12,
)


def again(judgement, turned):
    if not judgement.parts:
        return turned.get(judgement.label, judgement.held)
    return RULES[judgement.needs]([again(part, turned) for part in judgement.parts])


@given(trees)
def test_what_it_names_turns_the_judgement_round(tree):
    # Judged by name, a condition that stands in two places turns in both: such trees have no promise.
    labels = []

    def numbered(judgement):
        if judgement.parts:
            return group(judgement.needs, *map(numbered, judgement.parts))
        labels.append(judgement.label)
        return leaf(f"{len(labels)}", held=judgement.held)

    tree = numbered(tree)
    changes = fewest_changes(tree)

    assert again(tree, {}) is tree.held
    assert again(tree, {each.label: each.held for each in changes}) is not tree.held


def test_of_all_it_names_each_that_failed():
    one, two = leaf("leadScore gte 80", held=False, found="was 78"), leaf("state is CA", held=False, found="was NY")

    assert said(group(Needs.ALL, one, leaf("x", held=True), two)) == [
        "leadScore gte 80 (was 78)",
        "state is CA (was NY)",
    ]


def test_of_any_it_names_the_shortest_way():
    long = group(Needs.ALL, leaf("a", held=False), leaf("b", held=False))

    assert said(group(Needs.ANY, long, leaf("c", held=False))) == ["c"]


def test_of_none_it_names_what_held():
    assert said(group(Needs.NONE, leaf("state is CA", held=True, found="was CA"), leaf("b", held=False))) == [
        "not state is CA (was CA)"
    ]
