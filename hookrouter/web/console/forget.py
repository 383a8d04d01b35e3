"""Forget a person: first what would go is shown by place and count, then it is erased; both tell how far they are.

Both go through all that is kept, which takes half a minute of a large store: the page is sent while that is done, and
goes on while it is open. Who is meant stands in no address, and comes from whoever asks or from a story's push.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import gevent
from flask import Response, request
from werkzeug.datastructures import MultiDict

from hookrouter.domain.audit import Act
from hookrouter.domain.errors import HookrouterError, NotFound
from hookrouter.domain.forgetting import SAID_OF, Erased, Files, Place
from hookrouter.domain.ids import SourceName
from hookrouter.usecases.forget import ForgetPerson
from hookrouter.web.console.shell import Console
from hookrouter.web.crowd import Places

A_LEAD = "a lead"
"""What the audit log says of whom."""
TELL_EVERY = 1.0
"""Seconds."""
PLACES = Places(1, 1.0, "people are being looked for")
"""One at a time in a process: each goes through all that is kept."""


class Left(HookrouterError):  # noqa: N818 - it is nobody's fault
    """Who asked has gone; what is done stays so, and the same call goes on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Whom:
    """Who is meant.

    Attributes:
        given: what says so, as it stands in the form: what somebody wrote, or the place of a lead in a push.
    """

    lead: str
    source: SourceName | None
    given: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """How far it is; with `fault` it came to nothing."""

    erased: Erased
    is_over: bool = False
    fault: str = ""

    @property
    def rows(self) -> list[tuple[int, str]]:
        """The counts, with of what they are."""
        return [(count, SAID_OF[Place(place)]) for place, count in self.erased.by_place().items()]

    @property
    def has_files(self) -> bool:
        """Whether anything was to be written anew."""
        return self.erased.files is not Files.NONE


@dataclass(slots=True)
class Course:
    """What the one who works tells the one who shows it."""

    last: Step = field(default_factory=lambda: Step(erased=Erased()))
    is_left: bool = False

    def tell(self, erased: Erased) -> None:
        """How much it is by now; others have their turn."""
        self.last = Step(erased=erased)
        gevent.sleep(0)
        if self.is_left:
            raise Left("whoever asked has gone")

    def run(self, work: Callable[[], Erased]) -> None:
        """Do it, and tell what it came to."""
        try:
            with PLACES.place():
                self.last = Step(erased=work(), is_over=True)
        except Exception as fault:  # noqa: BLE001 - a page whose head is sent has no other way to say it
            said = str(fault) if isinstance(fault, HookrouterError) else type(fault).__name__
            self.last = replace(self.last, is_over=True, fault=said)

    def steps(self, work: Callable[[], Erased]) -> Iterator[Step]:
        """How far it is, every now and then, and at last what it came to."""
        worker = gevent.spawn(self.run, work)
        try:
            while not self.last.is_over:
                yield self.last
                worker.join(TELL_EVERY)
            yield self.last
        finally:
            self.is_left = True


def add_forget(console: Console) -> None:
    """Add the pages by which a person is forgotten."""

    @console.page("leads/forget")
    def ask() -> Response:
        sources = list(console.runtime.config.receiver.sources)
        return console.show("forget.html", sources=sources, of=_place(request.args))

    @console.change("leads/forget/look")
    def look() -> Response:
        whom, course = _whom(console), Course()
        forget = replace(console.desk.forget(), tell=course.tell)
        steps = course.steps(lambda: forget.look(whom.lead, whom.source))
        return console.stream("forgetting.html", steps=steps, given=whom.given, erases=False)

    @console.change("leads/forget/erase")
    def erase() -> Response:
        whom, course = _whom(console), Course()
        forget = replace(console.desk.forget(), tell=course.tell)
        steps = course.steps(_erasing(console, forget, whom))
        return console.stream("forgetting.html", steps=steps, given=whom.given, erases=True)


def _erasing(console: Console, forget: ForgetPerson, whom: Whom) -> Callable[[], Erased]:
    audit, operator = console.audit, console.operator

    def work() -> Erased:
        with audit.long_deed(operator, Act.FORGET, A_LEAD) as result:
            erased = forget.erase(whom.lead, whom.source)
            result.say(f"{erased.total} records erased from {len(erased.by_place())} places")
        return erased

    return work


def _place(said: MultiDict[str, str]) -> dict[str, str]:
    """The place of a lead in a push, if that is said."""
    found = {name: said.get(name, "") for name in ("push", "place")}
    return found if found["push"] and found["place"].isdecimal() else {}


def _whom(console: Console) -> Whom:
    """Who is meant by the form.

    Raises:
        NotFound: there is no such lead in the push.
        HookrouterError: nobody is.
    """
    form = console.form()
    of = _place(form)
    if of:
        found = [each for each in console.desk.recall().push(of["push"]) if str(each.occasion.place) == of["place"]]
        if not found:
            raise NotFound(f"there is no such lead in {of['push']} any more")
        return Whom(lead=found[0].lead.key, source=found[0].occasion.source, given=of)
    who, source = form.get("who", "").strip(), form.get("source", "")
    if not who:
        raise HookrouterError("say who: a lead's id or e-mail address")
    if not source and "@" not in who and len(console.runtime.config.receiver.sources) > 1:
        raise HookrouterError("an id is of one source, and there are several: go back, and choose which")
    return Whom(lead=who, source=SourceName(source) if source else None, given={"who": who, "source": source})
