"""Counters of processes that ended, added up in one place: neither the disk nor a scrape bears each process there was.

Files of processes bear names that no other process ever has, and are locked for as long as their process lives. What
was added up stands in a folder of its own, beside the names of the files that it holds: it is in force from the moment
that the folder bears its name, whenever whoever adds up is killed.
"""

from __future__ import annotations

import fcntl
import shutil
import struct
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import orjson
from prometheus_client import Metric
from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from hookrouter.telemetry.counter_files import AROUND_A_KEY, HEADER, reserved

SUM, UNREADY, UNREADABLE = "ended-*", ".new", ".unreadable"
FOLDED = "files"
"""In the folder of a sum: the names of the files whose counts it holds, a line each."""
TRIES = 5
"""Times that all is read before it is given up: it is read anew when something was added up meanwhile."""


class EveryCounter(Collector):
    """The counters of all processes that share a directory, of those that ended, too."""

    def __init__(self, directory: Path) -> None:
        """Read them from there at each scrape."""
        self._directory = directory

    def collect(self) -> Iterator[Metric]:
        """Read.

        Raises:
            OSError: it cannot be read, or each time something was added up meanwhile.
        """
        for tries_left in reversed(range(TRIES)):
            try:
                newest = _newest(self._directory)
                found = _merged([*_counted_in(newest), *_not_in(newest, self._directory)])
            except FileNotFoundError:
                if not tries_left:
                    raise
                continue
            if _newest(self._directory) == newest:
                return iter(found)
        raise OSError("counters are added up all the time")


def add_up_ended(directory: Path) -> None:
    """Add the counters of processes that ended to those of earlier ones; where there is no room for it, they stay."""
    if sys.platform != "linux":  # elsewhere nobody locks a file, and all look as if their processes had ended
        return
    with suppress(OSError), _alone_in(directory):
        newest = _newest(directory)
        _clear(directory, newest)
        ended = [file for file in _not_in(newest, directory) if "-" in file.name and _has_ended(file)]
        if not ended:
            return
        number = 1 if newest is None else int(newest.name.rpartition("-")[2]) + 1
        unready = directory / f"{SUM[:-1]}{number}{UNREADY}"
        unready.mkdir()
        (unready / FOLDED).write_text("".join(f"{file.name}\n" for file in ended), encoding="utf-8")
        for kind, sums in _sums_of([*_counted_in(newest), *ended]).items():
            _write(unready / f"{kind}_ended.db", sums)
        sum_of_all = unready.with_suffix("")
        unready.rename(sum_of_all)
        _clear(directory, sum_of_all)


def _merged(files: Sequence[Path]) -> Sequence[Metric]:
    """As the library merges files, but added up before they are taken apart, which takes half the time."""
    metrics: dict[str, Metric] = {}
    for kind, sums in _added_up(files).items():
        for key, value in sums.items():
            title, name, labels, about = orjson.loads(key)
            metric = metrics.get(title)
            if metric is None:
                metric = metrics[title] = Metric(title, about, kind)
            metric.add_sample(name, tuple(sorted(labels.items())), value)  # type: ignore[arg-type]  # as the library does
    return list(MultiProcessCollector._accumulate_metrics(metrics, accumulate=True))  # type: ignore[no-untyped-call]  # noqa: SLF001 - the rest of what it does


def _added_up(files: Sequence[Path]) -> dict[str, dict[str, float]]:
    """What stands in the files, added up by type of metric."""
    sums: dict[str, dict[str, float]] = {}
    for file in files:
        of_type = sums.setdefault(file.name.partition("_")[0], {})
        for key, value in _read(file):
            of_type[key] = of_type.get(key, 0.0) + value
        time.sleep(0)  # noqa: TID251 - pushes have their turn in between
    return sums


def _read(file: Path) -> Iterator[tuple[str, float]]:
    for key, value, *_ in MmapedDict.read_all_values_from_file(str(file)):  # type: ignore[no-untyped-call]  # untyped there
        yield key, value


def _newest(directory: Path) -> Path | None:
    """The folder of the sum in force."""
    made = [folder for folder in directory.glob(SUM) if folder.suffix != UNREADY]
    return max(made, key=lambda folder: int(folder.name.rpartition("-")[2]), default=None)


def _counted_in(folder: Path | None) -> list[Path]:
    return [] if folder is None else list(folder.glob("*.db"))


def _not_in(newest: Path | None, directory: Path) -> list[Path]:
    """The files of single processes that the sum does not hold."""
    folded = set() if newest is None else set((newest / FOLDED).read_text("utf-8").split())
    return [file for file in directory.glob("*.db") if file.name not in folded]


@contextmanager
def _alone_in(directory: Path) -> Iterator[None]:
    """Keep others from adding up.

    Raises:
        BlockingIOError: somebody else is at it.
    """
    with (directory / "adding-up").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield


def _has_ended(file: Path) -> bool:
    """Whether the process whose file it is has ended: nobody holds its lock."""
    with file.open("rb") as opened:
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True


def _clear(directory: Path, newest: Path | None) -> None:
    """Remove what the sum in force holds, and what one that was killed left half done."""
    for folder in directory.glob(SUM):
        if folder != newest:
            shutil.rmtree(folder)
    for file in set(directory.glob("*.db")) - set(_not_in(newest, directory)):
        file.unlink()


def _sums_of(files: Sequence[Path]) -> dict[str, dict[str, float]]:
    """What stands in the files, added up by type of metric; one that the system spoilt as it fell is set aside."""
    sums: dict[str, dict[str, float]] = {}
    for file in files:
        try:
            read = list(_read(file))
        except (ValueError, RuntimeError, struct.error):
            file.rename(file.with_suffix(UNREADABLE))
            continue
        of_type = sums.setdefault(file.name.partition("_")[0], {})
        for key, value in read:
            of_type[key] = of_type.get(key, 0.0) + value
    return sums


def _write(path: Path, sums: dict[str, float]) -> None:
    """Write a file as the library has them, with room for all that comes into it before it does."""
    reserved(path, HEADER + sum(len(key.encode()) + AROUND_A_KEY for key in sums)).close()
    file = MmapedDict(str(path))  # type: ignore[no-untyped-call]  # untyped there
    for key, value in sums.items():
        file.write_value(key, value, 0.0)  # type: ignore[no-untyped-call]  # untyped there
    file.close()  # type: ignore[no-untyped-call]  # untyped there
