"""Route tests that were run, as a person reads them."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from hookrouter.cli.explained import INDENT, NO, YES, show_tree
from hookrouter.cli.screen import screen, show_line
from hookrouter.domain.change import telling
from hookrouter.domain.route_tests import Fate, Outcome
from hookrouter.usecases.explaining.prove import Disagreement, Proof
from hookrouter.wire.messages.plain_text import printable


def show_proof(proof: Proof) -> None:
    """Print what a test came to: a failed one with each route that did otherwise, and why."""
    name = printable(proof.test.name)
    if proof.passed:
        show_line("", Text.assemble(YES, name))
        return
    show_line("", Text.assemble(NO, (name, "bold"), f"  {proof.test.where}"))
    names = telling(proof.explanation.changed)
    changed = f" ({', '.join(names)})" if names else ""
    show_line("  ", Text(printable(f"the lead is {proof.explanation.event}{changed}"), "dim"))
    for each in proof.disagreements:
        _show_disagreement(each)


def show_tally(proofs: Sequence[Proof]) -> None:
    """Print how many passed and failed."""
    failed = sum(not proof.passed for proof in proofs)
    passed = Text(f"{len(proofs) - failed} passed", "green" if not failed else "")
    screen().print(Text.assemble(passed, (f", {failed} failed", "red")) if failed else passed)


def _show_disagreement(each: Disagreement) -> None:
    stopped = f" ({each.route.failed})" if each.route.judgement.held and each.route.failed else ""
    told = f"{each.route.route}: {_expected(each)}, {_actual(each.actual, each.route.held)}{stopped}"
    if each.expected == each.actual:
        told = f"{each.route.route}: {each.advice}"
    show_line("  ", Text(printable(told), "red"))
    show_tree(each.route, INDENT)
    if each.advice and each.expected != each.actual:
        show_line(INDENT, Text(printable(each.advice), "yellow"))


def _expected(each: Disagreement) -> str:
    match each.expected:
        case None:
            return "not expected"
        case Fate.NONE:
            return "expected not to take the lead"
        case Fate.STOP:
            return "expected to take the lead and lead nowhere"
        case Fate.SHADOW:
            return "expected to take the lead as a shadow"
        case Fate.HELD:
            return "expected to take the lead and hold it until its time opens"
        case frozenset() as sinks:
            return f"expected {', '.join(sorted(sinks))}"


def _actual(actual: Outcome, held: str) -> str:
    match actual:
        case Fate.NONE:
            return "but it does not take the lead"
        case Fate.STOP:
            return "but it takes the lead and leads nowhere"
        case Fate.SHADOW:
            return "but it takes the lead as a shadow, which sends nothing"
        case Fate.HELD:
            return f"but it takes the lead, {held}"
        case frozenset() as sinks:
            return f"but it goes to {', '.join(sorted(sinks))}"
