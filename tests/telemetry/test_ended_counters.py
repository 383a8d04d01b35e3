"""What processes counted that ended is added up, and says the same before, meanwhile and after, whoever is killed."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest
from prometheus_client.mmap_dict import MmapedDict, mmap_key

from hookrouter.telemetry.counter_files import ReservedCounters
from hookrouter.telemetry.ended_counters import EveryCounter, add_up_ended

NUMBERS = count(1)


def key(name: str, sample: str, **labels: str) -> str:
    return mmap_key(name, sample, list(labels), list(labels.values()), "Some help.")


PUSHES = key("hookrouter_pushes", "hookrouter_pushes_total", source="crm")
QUICK = key("hookrouter_push_seconds", "hookrouter_push_seconds_bucket", le="0.1")
SLOW = key("hookrouter_push_seconds", "hookrouter_push_seconds_bucket", le="+Inf")
TOOK = key("hookrouter_push_seconds", "hookrouter_push_seconds_sum")


@contextmanager
def process(directory: Path, pushes: int, quick: int = 0) -> Iterator[str]:
    """One that counts and lives."""
    name = f"{next(NUMBERS)}-{'ab' * 6}"
    counters = ReservedCounters(str(directory / f"counter_{name}.db"))
    observed = ReservedCounters(str(directory / f"histogram_{name}.db"))
    counters.write_value(PUSHES, pushes, 0.0)
    for sample, value in ((QUICK, quick), (SLOW, pushes - quick), (TOOK, 0.5 * pushes)):
        observed.write_value(sample, value, 0.0)
    try:
        yield name
    finally:
        for file in (counters, observed):
            file.close()


def ended(directory: Path, pushes: int, quick: int = 0) -> None:
    with process(directory, pushes, quick):
        pass


def told(directory: Path) -> dict[str, float]:
    return {
        sample.name + "".join(f" {value}" for value in sample.labels.values()): sample.value
        for metric in EveryCounter(directory).collect()
        for sample in metric.samples
    }


EXPECTED = {
    "hookrouter_pushes_total crm": 17,
    "hookrouter_push_seconds_bucket 0.1": 5,
    "hookrouter_push_seconds_bucket +Inf": 17,
    "hookrouter_push_seconds_count": 17,
    "hookrouter_push_seconds_sum": 8.5,
}


def test_what_ended_processes_counted_is_added_up_once_and_stays(tmp_path: Path) -> None:
    for _ in range(3):
        ended(tmp_path, 4, 1)
        add_up_ended(tmp_path)
    ended(tmp_path, 5, 2)

    assert told(tmp_path) == EXPECTED
    add_up_ended(tmp_path)
    assert told(tmp_path) == EXPECTED
    assert list(tmp_path.glob("*.db")) == []
    assert len(list(tmp_path.glob("ended-*"))) == 1


def test_the_files_of_those_that_live_stay_theirs(tmp_path: Path) -> None:
    with process(tmp_path, 3, 0) as name:
        ended(tmp_path, 14, 5)
        add_up_ended(tmp_path)

        assert {file.name for file in tmp_path.glob("*.db")} == {f"counter_{name}.db", f"histogram_{name}.db"}
        assert told(tmp_path) == EXPECTED
    add_up_ended(tmp_path)
    assert list(tmp_path.glob("*.db")) == []
    assert told(tmp_path) == EXPECTED


def leave_its_files(before: Path, directory: Path) -> None:
    """As one leaves it that is killed when its sum is in force and what it holds is not yet removed."""
    for path in before.iterdir():
        if path.is_dir():
            shutil.copytree(path, directory / path.name, dirs_exist_ok=True)
        elif path.suffix == ".db":
            shutil.copy(path, directory / path.name)


def leave_half_a_sum(before: Path, directory: Path) -> None:
    """As one leaves it that is killed before its sum is in force."""
    [made] = directory.glob("ended-*")
    made.rename(made.with_suffix(".new"))
    leave_its_files(before, directory)


@pytest.mark.parametrize("leave", [leave_its_files, leave_half_a_sum])
def test_whoever_is_killed_at_it_counts_nothing_twice_and_loses_nothing(
    leave: Callable[[Path, Path], None], tmp_path: Path
) -> None:
    directory, before = tmp_path / "metrics", tmp_path / "before"
    directory.mkdir()
    ended(directory, 2, 2)
    add_up_ended(directory)
    ended(directory, 15, 3)
    shutil.copytree(directory, before)
    add_up_ended(directory)

    leave(before, directory)

    assert told(directory) == EXPECTED
    add_up_ended(directory)
    assert told(directory) == EXPECTED
    assert list(directory.glob("*.db")) == []
    assert len(list(directory.glob("ended-*"))) == 1


def test_a_file_that_fell_with_the_machine_is_set_aside(tmp_path: Path) -> None:
    ended(tmp_path, 17, 5)
    (tmp_path / "counter_1-spoilt.db").write_bytes(b"\xff\xff\xff\x00" * 100)
    (tmp_path / "histogram_1-empty.db").write_bytes(b"")

    add_up_ended(tmp_path)

    assert told(tmp_path) == EXPECTED
    assert {file.name for file in tmp_path.glob("*.unreadable")} == {
        "counter_1-spoilt.unreadable",
        "histogram_1-empty.unreadable",
    }


def test_files_of_an_earlier_version_whose_end_nobody_can_see_are_read_and_left(tmp_path: Path) -> None:
    file = MmapedDict(str(tmp_path / "counter_4711.db"))
    file.write_value(PUSHES, 3, 0.0)
    file.close()
    ended(tmp_path, 14, 5)

    add_up_ended(tmp_path)

    assert told(tmp_path)["hookrouter_pushes_total crm"] == 17
    assert [file.name for file in tmp_path.glob("*.db")] == ["counter_4711.db"]


def test_nothing_falls_for_one_who_reads_while_others_add_up(tmp_path: Path) -> None:
    over, faults = threading.Event(), list[Exception]()

    def come_and_go() -> None:
        try:
            for _ in range(100):
                ended(tmp_path, 1)
                add_up_ended(tmp_path)
        except Exception as fault:  # noqa: BLE001 - told below
            faults.append(fault)
        over.set()

    threads = [threading.Thread(target=come_and_go) for _ in range(2)]
    for thread in threads:
        thread.start()
    seen = [0.0]
    while not over.is_set():
        try:
            seen.append(told(tmp_path).get("hookrouter_pushes_total crm", 0.0))
        except OSError:
            continue  # told as it is: it could not be read
    for thread in threads:
        thread.join()
    add_up_ended(tmp_path)

    assert faults == []
    assert seen == sorted(seen)
    assert told(tmp_path)["hookrouter_pushes_total crm"] == 200
