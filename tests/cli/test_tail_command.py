"""`hookrouter tail`: follows what happens, masks, ends at Ctrl-C, and outlives a time without Redis."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

from cli_support import PATIENCE, Shell
from valkeys import OwnValkey, eventually
from warm import WarmProcess

from hookrouter.config.settings import read_settings
from hookrouter.domain.ids import PushId, SourceName
from hookrouter.domain.push import Push
from hookrouter.runtime import Runtime, open_runtime
from hookrouter.store.keys import Keys
from hookrouter.testing.builders import a_change, a_delivery, a_lead
from hookrouter.wire.pushes.push import PushReader

Bury = Callable[..., Any]


class Tailing:
    """A running `hookrouter tail` with what it has written so far."""

    def __init__(self, process: WarmProcess, out: Path, err: Path) -> None:
        self.process, self._out, self._err = process, out, err

    @property
    def lines(self) -> list[str]:
        return self._out.read_text().splitlines()

    @property
    def told(self) -> list[str]:
        return self._err.read_text().splitlines()

    def end(self) -> int:
        os.kill(self.process.pid, signal.SIGINT)
        return self.process.wait(PATIENCE)


@contextmanager
def tailing(shell: Shell, folder: Path, *options: str) -> Iterator[Tailing]:
    out, err = folder / "tail.out", folder / "tail.err"
    with out.open("wb") as output, err.open("wb") as errors:
        process = shell.start_warm("tail", *options, output=output.fileno(), errors=errors.fileno())
    try:
        yield Tailing(process, out, err)
    finally:
        with suppress(ProcessLookupError):
            process.kill()


def push(runtime: Runtime, number: int, *, ago: timedelta = timedelta()) -> str:
    body = b'[{"id": "%d", "emailAddress": "ada@example.com"}, {"id": "x", "leadScore": []}]' % (718281920000 + number)
    at = runtime.backlog.now() - ago
    name = PushId(f"p_{number:024x}")
    made = Push(id=name, source=SourceName("crm"), received_at=at, body=body, headers={})
    runtime.push_log().accept_safely(made, PushReader().read(body, {}, at))
    return name


def opened(shell: Shell, url: str, prefix: str) -> Runtime:
    environment = {
        "HOOKROUTER_CONFIG": str(shell.folder / "hookrouter.yaml"),
        "HOOKROUTER_DATA_DIR": str(shell.folder),
        "HOOKROUTER_REDIS_URL": url,
        "HOOKROUTER_KEY_PREFIX": prefix,
    }
    return open_runtime(read_settings(environment), role="cli", quiet=True)


def begun(tail: Tailing, happen: Callable[[int], object]) -> None:
    """Let something happen until the first of it is shown: what was before it began is no news."""

    def is_shown(numbers: Iterator[int] = count(1)) -> bool:  # noqa: B008 - one for all calls
        happen(next(numbers))
        return bool(tail.lines)

    eventually(is_shown, "it follows")


def test_it_shows_pushes_and_deliveries_as_they_happen_and_ends_at_ctrl_c(
    shell_at_work: Shell, bury: Bury, keys: Keys, valkey: Any, tmp_path: Path
) -> None:
    runtime = opened(shell_at_work, valkey.url, keys.prefix)
    anybody = a_delivery(change=a_change(lead=a_lead(id="")), sink="billing")
    bury(anybody)  # before it begins
    with tailing(shell_at_work, tmp_path, "--json") as tail:
        begun(tail, lambda number: push(runtime, number))
        dead = bury(anybody)
        eventually(lambda: dead.id in "".join(tail.lines), "the delivery is shown")
        code = tail.end()

    rows = [json.loads(line) for line in tail.lines]
    pushes = [row for row in rows if row["kind"] == "push"]
    [delivery] = [row for row in rows if row["kind"] == "delivery"]
    assert code == 0
    assert tail.told == []
    assert {(row["source"], row["leads"], row["accepted"], row["rejected"]) for row in pushes} == {("crm", 2, 1, 1)}
    assert len({row["id"] for row in pushes}) == len(pushes)
    assert (delivery["lead"], delivery["sink"], delivery["outcome"]) == ("email:a***@acme.example", "billing", "dead")


def test_of_a_sink_it_shows_the_deliveries_alone_in_a_line_each(
    shell_at_work: Shell, bury: Bury, keys: Keys, valkey: Any, tmp_path: Path
) -> None:
    runtime = opened(shell_at_work, valkey.url, keys.prefix)
    wanted = a_delivery(sink="log")

    def happen(number: int) -> None:
        push(runtime, number)
        bury(a_delivery(sink="billing"))
        bury(wanted)

    with tailing(shell_at_work, tmp_path, "--sink", "log", "--outcome", "dead") as tail:
        begun(tail, happen)
        code = tail.end()

    told = f"15:20:11  dead        {wanted.id}  log by hot-lead, lead 718281920514, 0.1 s, refused, 404: no such lead"
    assert code == 0
    assert set(tail.lines) == {told}


def test_a_name_that_there_is_not_is_refused(shell_at_work: Shell) -> None:
    ended = shell_at_work.run("tail", "--sink", "biling")

    assert ended.code == 2
    assert "there is no sink biling (did you mean billing?)" in ended.err


def test_a_time_without_redis_is_told_and_what_was_spooled_meanwhile_is_shown(
    shell: Shell, own_valkey: OwnValkey, keys: Keys, tmp_path: Path
) -> None:
    shell.environment |= {"HOOKROUTER_REDIS_URL": own_valkey.url, "HOOKROUTER_KEY_PREFIX": keys.prefix}
    runtime = opened(shell, own_valkey.url, keys.prefix)
    with tailing(shell, tmp_path) as tail:
        begun(tail, lambda number: push(runtime, number))
        own_valkey.kill()
        eventually(lambda: tail.told, "it says that Redis is away")
        again = OwnValkey.start(own_valkey.folder, *own_valkey.options, port=own_valkey.port)
        try:
            eventually(lambda: "Redis is back" in tail.told, "and that it is back")
            newest = push(runtime, 1001)
            eventually(lambda: newest in "".join(tail.lines), "it goes on")
            spooled = push(runtime, 1000, ago=timedelta(seconds=30))
            eventually(lambda: spooled in "".join(tail.lines), "what came by the spool is shown, too")
            code = tail.end()
        finally:
            again.kill()
    away, back = tail.told
    assert code == 0
    assert away.startswith("Redis is away: ")
    assert away.endswith("waiting until it is back (Ctrl-C ends)")
    assert back == "Redis is back"
