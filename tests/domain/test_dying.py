"""What to do about dead letters."""

from __future__ import annotations

from hookrouter.domain.dying import ADVICE, UNKNOWN, advice_on
from hookrouter.domain.outcome import Reason


def test_each_reason_has_its_advice_and_another_version_s_one_too() -> None:
    assert set(ADVICE) == set(Reason)
    assert advice_on("refused") == ADVICE[Reason.REFUSED]
    assert advice_on("of another version") == UNKNOWN
