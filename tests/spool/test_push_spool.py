"""The spool on a real disk."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from hookrouter.domain.errors import SpoolAway
from hookrouter.domain.ids import PushId, SourceName
from hookrouter.domain.push import Push, Receipt
from hookrouter.spool.file import FILE
from hookrouter.spool.pushes import PushSpool
from hookrouter.testing.builders import RECEIVED_AT

CRM = SourceName("crm")


@pytest.fixture
def spool(tmp_path: Path) -> PushSpool:
    return PushSpool(tmp_path / "spool", most_bytes=1000)


def push(number: int, body: bytes = b"", source: SourceName = CRM) -> Push:
    name = PushId(f"p_{number}")
    body = body or b"body %d" % number
    return Push(id=name, source=source, received_at=RECEIVED_AT, body=body, headers={"Content-Type": "text/plain"})


def receipt(number: int) -> Receipt:
    return Receipt(push=PushId(f"p_{number}"), leads=25, accepted=24, rejected=1)


def waiting(spool: PushSpool) -> list[Push]:
    return [spooled.push for spooled in spool.oldest(100)]


def test_pushes_are_kept_as_they_were_in_their_order(spool: PushSpool) -> None:
    for number in range(3):
        assert spool.keep(push(number), receipt(number)) == receipt(number)

    assert waiting(spool) == [push(number) for number in range(3)]
    depth = spool.depth()
    assert (depth.pushes, depth.size, depth.most) == (3, 3 * (6 + len('{"Content-Type":"text/plain"}')), 1000)


def test_what_redis_has_is_forgotten_and_gives_its_space_back(spool: PushSpool) -> None:
    for number in range(3):
        spool.keep(push(number), receipt(number))

    spool.remove(spool.oldest(2))

    assert waiting(spool) == [push(2)]
    assert spool.depth().size == 6 + len('{"Content-Type":"text/plain"}')


def test_the_same_body_is_kept_once(spool: PushSpool) -> None:
    spool.keep(push(1, b"same"), receipt(1))

    again = spool.keep(push(2, b"same"), receipt(2))
    other = spool.keep(push(3, b"same", SourceName("forms")), receipt(3))

    assert (again.push, again.duplicate, again.accepted) == ("p_1", True, 24)
    assert not other.duplicate
    assert len(waiting(spool)) == 2


def test_a_full_spool_says_so_and_takes_again_when_there_is_room(spool: PushSpool) -> None:
    spool.keep(push(1, b"x" * 900), receipt(1))

    with pytest.raises(SpoolAway):
        spool.keep(push(2, b"y" * 101), receipt(2))

    assert waiting(spool) == [push(1, b"x" * 900)]
    spool.remove(spool.oldest(1))
    spool.keep(push(2, b"y" * 101), receipt(2))


def test_the_same_body_counts_anew_when_the_window_is_over(tmp_path: Path) -> None:
    spool = PushSpool(tmp_path, most_bytes=1000, window=timedelta(minutes=10))
    spool.keep(push(1, b"same"), receipt(1))

    within = replace(push(2, b"same"), received_at=RECEIVED_AT + timedelta(minutes=9, seconds=59.5))
    behind = replace(push(3, b"same"), received_at=RECEIVED_AT + timedelta(minutes=10, seconds=0.5))

    assert spool.keep(within, receipt(2)).duplicate
    assert not spool.keep(behind, receipt(3)).duplicate
    assert [one.id for one in waiting(spool)] == ["p_1", "p_3"]


def test_headers_count_as_well(spool: PushSpool) -> None:
    with pytest.raises(SpoolAway):
        spool.keep(replace(push(1), headers={"X-Long": "x" * 1000}), receipt(1))


def test_a_refused_push_is_no_earlier_copy_of_one_that_can_be_read(spool: PushSpool) -> None:
    spool.keep_refused(push(1, b"same"))

    assert spool.keep(push(2, b"same"), receipt(2)) == receipt(2)
    assert [(one.push.id, one.is_refused) for one in spool.oldest(9)] == [("p_1", True), ("p_2", False)]


def test_refused_pushes_leave_half_of_the_room_to_others(spool: PushSpool) -> None:
    for number in range(3):
        spool.keep_refused(push(number, b"%d" % number + b"x" * 400))

    assert len(waiting(spool)) == 2


def test_a_file_of_the_time_when_headers_did_not_count_is_counted_anew(spool: PushSpool, tmp_path: Path) -> None:
    spool.keep(push(1), receipt(1))
    spool.close()
    with sqlite3.connect(tmp_path / "spool" / FILE) as file:
        file.executescript("UPDATE total SET bytes = 6; PRAGMA user_version = 0")
    file.close()

    depth = PushSpool(tmp_path / "spool", most_bytes=1000).depth()

    assert (depth.pushes, depth.size) == (1, 6 + len('{"Content-Type":"text/plain"}'))


def test_one_process_feeds_at_a_time(spool: PushSpool, tmp_path: Path) -> None:
    spool.keep(push(1), receipt(1))

    with spool.feeding() as first, PushSpool(tmp_path / "spool", most_bytes=1000).feeding() as second:
        assert (first, second) == (True, False)
    with spool.feeding() as again:
        assert again


def test_an_unused_spool_makes_no_file(spool: PushSpool, tmp_path: Path) -> None:
    assert spool.oldest(1) == []
    assert spool.depth().pushes == 0
    with spool.feeding() as is_ours:
        assert not is_ours
    assert not (tmp_path / "spool").exists()


def test_nobody_else_may_read_it(spool: PushSpool, tmp_path: Path) -> None:
    spool.keep(push(1), receipt(1))

    assert (tmp_path / "spool").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "spool" / FILE).stat().st_mode & 0o777 == 0o600


def test_a_disk_that_takes_nothing_is_told_from_it(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")

    with pytest.raises(SpoolAway):
        PushSpool(tmp_path / "file" / "spool", most_bytes=1000).keep(push(1), receipt(1))


WRITER = """
import sys
from pathlib import Path
sys.path[:0] = [sys.argv[2]]
from test_push_spool import push, receipt
from hookrouter.spool.pushes import PushSpool
spool = PushSpool(Path(sys.argv[1]), most_bytes=10_000_000)
for number in range(int(sys.argv[3]), 1_000_000):
    print(spool.keep(push(number), receipt(number)).push, flush=True)
"""


def test_whatever_was_answered_survives_kill_9_of_several_writers(tmp_path: Path) -> None:
    command = [sys.executable, "-c", WRITER, str(tmp_path / "spool"), str(Path(__file__).parent)]
    writers = [
        subprocess.Popen([*command, str(first)], stdout=subprocess.PIPE, text=True) for first in (0, 1_000_000 - 5000)
    ]
    answered = [writer.stdout.readline().strip() for _ in range(100) for writer in writers if writer.stdout]
    for writer in writers:
        os.kill(writer.pid, signal.SIGKILL)
        answered += writer.communicate()[0].split("\n")[:-1]  # the last line may be cut short

    kept = {one.push.id for one in PushSpool(tmp_path / "spool", most_bytes=10_000_000).oldest(1_000_000)}

    assert len(answered) >= 200
    assert set(answered) <= kept


def test_a_torn_last_record_costs_no_other(spool: PushSpool, tmp_path: Path) -> None:
    for number in range(20):
        spool.keep(push(number), receipt(number))
    copy = tmp_path / "after a power cut"
    copy.mkdir()
    for file in (tmp_path / "spool").iterdir():
        (copy / file.name).write_bytes(file.read_bytes())
    log = copy / f"{FILE}-wal"
    os.truncate(log, log.stat().st_size - 100)

    assert waiting(PushSpool(copy, most_bytes=1000)) == [push(number) for number in range(19)]


@pytest.mark.parametrize("change", ["headers = x'7b7b'", "received_at = 'soon'", "source = x'ff'", "headers = '[]'"])
def test_a_record_that_says_nothing_holds_up_no_other(spool: PushSpool, tmp_path: Path, change: str) -> None:
    for number in range(3):
        spool.keep(push(number), receipt(number))
    with sqlite3.connect(tmp_path / "spool" / FILE) as file:
        file.execute(f"UPDATE push SET {change} WHERE id = 'p_1'")
    file.close()

    assert waiting(spool) == [push(0), push(2)]
    assert spool.depth().pushes == 2
    with sqlite3.connect(tmp_path / "spool" / FILE) as file:
        assert file.execute("SELECT id, body FROM unreadable").fetchall() == [("p_1", b"body 1")]
    file.close()
