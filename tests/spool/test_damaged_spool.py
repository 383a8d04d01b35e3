"""A spool whose file is damaged: what can be read of it is saved, and pushes are taken at once."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest
from test_push_spool import push, receipt

from hookrouter.domain.errors import SpoolAway
from hookrouter.domain.ids import PushId
from hookrouter.spool.file import FILE
from hookrouter.spool.pushes import PushSpool

PAGE = 4096
ROOM = 10_000_000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "spool"


def names(spool: PushSpool) -> list[PushId]:
    return [spooled.push.id for spooled in spool.oldest(10_000)]


def filled(folder: Path, pushes: int) -> None:
    """A spool that was closed in order, so that all of it stands in its file."""
    spool = PushSpool(folder, most_bytes=ROOM)
    for number in range(pushes):
        spool.keep(push(number, b"%d " % number + b"x" * 3000), receipt(number))
    with sqlite3.connect(folder / FILE) as file:
        file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    file.close()
    spool.close()


def test_a_file_that_is_garbage_is_put_away_and_another_begun(folder: Path) -> None:
    filled(folder, 3)
    (folder / FILE).write_bytes(os.urandom(10 * PAGE))
    spool = PushSpool(folder, most_bytes=ROOM)

    assert spool.keep(push(7), receipt(7)) == receipt(7)

    assert names(spool) == ["p_7"]
    assert (folder / FILE).stat().st_size == 10 * PAGE


def test_a_file_that_turns_to_garbage_in_mid_work_costs_no_later_push(folder: Path) -> None:
    spool = PushSpool(folder, most_bytes=ROOM)
    other = PushSpool(folder, most_bytes=ROOM)
    spool.keep(push(1), receipt(1))
    other.keep(push(2), receipt(2))
    for path in (folder / FILE, folder / f"{FILE}-wal"):
        path.write_bytes(os.urandom(10 * PAGE))

    for number in range(3, 9):
        (spool if number % 2 else other).keep(push(number), receipt(number))

    assert set(names(PushSpool(folder, most_bytes=ROOM))) == {f"p_{number}" for number in range(3, 9)}


def test_what_can_be_read_of_a_damaged_file_is_saved_in_its_order(folder: Path) -> None:
    filled(folder, 200)
    with (folder / FILE).open("r+b") as file:
        file.seek(folder.joinpath(FILE).stat().st_size // 2 // PAGE * PAGE)
        file.write(os.urandom(20 * PAGE))
    spool = PushSpool(folder, most_bytes=ROOM)
    for _ in range(3):
        try:
            names(spool)
        except SpoolAway:
            continue
        break

    spool.keep(push(1000), receipt(1000))
    saved = names(spool)

    assert saved[0] == "p_0"
    assert saved[-1] == "p_1000"
    assert 50 < len(saved) < 200
    assert saved == sorted(saved, key=lambda name: int(name[2:]))
    assert "p_199" in saved


def test_all_go_on_in_the_file_that_one_has_begun(folder: Path) -> None:
    spool, other = PushSpool(folder, most_bytes=ROOM), PushSpool(folder, most_bytes=ROOM)
    spool.keep(push(1), receipt(1))
    other.keep(push(2), receipt(2))
    PushSpool(folder, most_bytes=ROOM).keep(push(3), receipt(3))
    (folder / "pushes.2.sqlite3").touch()

    other.keep(push(4), receipt(4))
    spool.keep(push(5), receipt(5))

    assert names(spool) == names(other) == names(PushSpool(folder, most_bytes=ROOM)) == ["p_4", "p_5"]


def test_a_folder_that_cannot_be_made_is_told_before_it_is_needed(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file in its place")

    with pytest.raises(SpoolAway, match="cannot be written in"):
        PushSpool(tmp_path / "data" / "spool", most_bytes=ROOM).depth()
    with pytest.raises(SpoolAway, match="cannot be written in"):
        PushSpool(tmp_path / "data", most_bytes=ROOM).depth()


def test_a_folder_in_place_of_the_file_costs_no_push(folder: Path) -> None:
    (folder / FILE).mkdir(parents=True)

    spool = PushSpool(folder, most_bytes=ROOM)
    spool.keep(push(1), receipt(1))

    assert names(spool) == ["p_1"]
