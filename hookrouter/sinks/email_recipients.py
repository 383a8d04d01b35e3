"""Who has received a mail, who never will, and who is still to receive it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from hookrouter.domain.delivery import Delivery
from hookrouter.domain.lead import Json
from hookrouter.domain.outcome import Answer, Dead, Delivered, Outcome, Reason, Retry
from hookrouter.net.mail import HandedOver


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a delivery has come with its recipients; its remainder is this as JSON.

    It says who has the mail, not who is to have it: whom a replay reaches follows from the configuration of that day,
    in which a wrong address may have been mended.

    Attributes:
        taken: who has it.
        refused: to whom the server will never deliver, with the status of its answer.
    """

    taken: tuple[str, ...] = field(default=(), repr=False)
    refused: Mapping[str, int | None] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, delivery: Delivery) -> Progress:
        """What earlier attempts came to; a replay, which counts its attempts anew, asks again for those refused."""
        match delivery.remainder:
            case {"taken": list(taken), "refused": list(refused)}:
                is_replay = delivery.attempts <= 1
                return cls(
                    taken=tuple(map(str, taken)),
                    refused={} if is_replay else dict(_refusals(refused)),
                )
            case _:
                return cls()

    def left(self, recipients: Iterable[str]) -> tuple[str, ...]:
        """Those of the recipients who are still to be served."""
        return tuple(one for one in recipients if one not in self.taken and one not in self.refused)

    def after(self, handed: HandedOver) -> Progress:
        """How far it has come with one more attempt."""
        refused = {one: answer.status for one, answer in handed.refused.items()}
        return replace(self, taken=(*self.taken, *handed.taken), refused={**self.refused, **refused})

    def remainder(self) -> Json:
        """What the next attempt has to know; None when it begins at the beginning."""
        if not self.taken and not self.refused:
            return None
        return {
            "taken": list(self.taken),
            "refused": [{"address": one, "status": status} for one, status in self.refused.items()],
        }


def judge(before: Progress, handed: HandedOver, recipients: Sequence[str]) -> Outcome:
    """Judge an attempt: to be continued while somebody may yet have the mail, dead when somebody never will."""
    now = before.after(handed)
    refused = [status for one, status in now.refused.items() if one in recipients]
    if now.left(recipients):
        put_off = handed.put_off or Retry(reason=Reason.BROKEN)
        answer = put_off.answer
        if now.taken or refused:
            answer = replace(answer, text=f"{_tally(now, recipients)}, put off: {answer.text or answer.status}")
        return replace(put_off, answer=answer, remainder=now.remainder())
    if refused:
        answers = set(handed.refused.values())
        is_all = len(answers) == 1 and len(handed.refused) == len(recipients)
        answer = answers.pop() if is_all else Answer(status=refused[0], text=_tally(now, recipients))
        return Dead(reason=Reason.REFUSED, answer=answer, remainder=now.remainder())
    return Delivered(answer=handed.reply)


def _tally(progress: Progress, recipients: Sequence[str]) -> str:
    taken = sum(one in progress.taken for one in recipients)
    statuses = sorted({str(status or "not ASCII") for one, status in progress.refused.items() if one in recipients})
    tally = f"taken for {taken} of {len(recipients)} recipients"
    return f"{tally}, refused: {', '.join(statuses)}" if statuses else tally


def _refusals(written: Sequence[Json]) -> Iterator[tuple[str, int | None]]:
    for one in written:
        match one:
            case {"address": str(address), "status": int() | None as status}:
                yield address, status
