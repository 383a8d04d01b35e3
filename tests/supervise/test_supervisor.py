"""The supervisor with small real children."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hookrouter.supervise.children import LEASH, ChildSpec, end_in_words, next_pause
from hookrouter.supervise.output import LogFile, last_lines
from hookrouter.supervise.supervisor import Supervisor
from hookrouter.supervise.warden import follow, session_members

FAMILY = """
import os, subprocess, sys, time
nap = [sys.executable, '-c', 'import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(300)']
kids = [subprocess.Popen(nap), subprocess.Popen(nap, process_group=0)]
print('family', os.getpid(), *(kid.pid for kid in kids), flush=True)
time.sleep(300)
"""

PARENT = """
import os, sys
from pathlib import Path
from hookrouter.supervise.children import ChildSpec
from hookrouter.supervise.supervisor import Supervisor
family = sys.stdin.read()
with Supervisor(report=print) as supervisor:
    supervisor.remove_if_killed(Path(sys.argv[2]))
    for name in ('one', 'two'):
        supervisor.start(ChildSpec(name=name, command=[sys.executable, '-c', family], environment=dict(os.environ),
                                   grace=float(sys.argv[1]), restart=True))
    print('warden', supervisor._guard._warden.pid, file=sys.stderr, flush=True)
    sys.exit(supervisor.run())
"""


def eventually(check: Callable[[], bool], seconds: float = 20.0) -> bool:
    deadline = time.monotonic() + seconds
    while not check():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] not in "ZX"
    except OSError:
        return False


def python(name: str, source: str, *, restart: bool = False, grace: float = 10.0, log: Path | None = None) -> ChildSpec:
    return ChildSpec(
        name=name,
        command=[sys.executable, "-c", source],
        environment=dict(os.environ),
        grace=grace,
        restart=restart,
        log=log,
    )


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def supervisor(said: list[str]) -> Iterator[Supervisor]:
    with Supervisor(report=said.append) as running:
        yield running


class Parent:
    """A process that supervises two families of three, and what it has started."""

    def __init__(self, folder: Path, *, grace: float) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", PARENT, str(grace), str(folder)],
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdin is not None
        with self.process.stdin as stdin:
            stdin.write(FAMILY)
        self.pids: list[int] = []
        self.warden = 0
        assert self.process.stderr is not None
        while len(self.pids) < 6 or not self.warden:
            kind, *numbers = self.process.stderr.readline().split()
            if kind == "family":
                self.pids += map(int, numbers)
            else:
                self.warden = int(numbers[0])

    def all_gone(self) -> bool:
        return eventually(lambda: not any(map(is_running, [*self.pids, self.warden])))

    def clear_away(self) -> None:
        for pid in [*self.pids, self.warden, self.process.pid]:
            if is_running(pid):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()
        assert self.process.stderr is not None
        self.process.stderr.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "a folder"
    made.mkdir()
    (made / "file").touch()
    return made


@pytest.fixture
def parent(folder: Path) -> Iterator[Parent]:
    running = Parent(folder, grace=0.3)
    yield running
    running.clear_away()


def test_a_killed_parent_takes_children_grandchildren_and_its_folder_along(parent: Parent, folder: Path) -> None:
    assert all(map(is_running, parent.pids))
    assert folder.exists()

    parent.process.kill()

    assert parent.all_gone()
    assert not folder.exists()


def test_a_killed_parent_takes_its_children_along_even_when_the_warden_was_killed_too(parent: Parent) -> None:
    leaders = [parent.pids[0], parent.pids[3]]
    os.kill(parent.process.pid, signal.SIGSTOP)
    os.kill(parent.warden, signal.SIGKILL)

    parent.process.kill()

    assert eventually(lambda: not any(map(is_running, leaders)))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_all_and_the_exit_code_is_0(parent: Parent, number: signal.Signals) -> None:
    parent.process.send_signal(number)

    assert parent.process.wait(20) == 0
    assert parent.all_gone()


def test_a_second_signal_does_not_wait_for_the_grace(folder: Path) -> None:
    parent = Parent(folder, grace=1000)
    try:
        os.kill(parent.pids[0], signal.SIGSTOP)  # it cannot end on SIGTERM
        os.kill(parent.pids[3], signal.SIGSTOP)
        asked = []

        def ask_again() -> bool:
            asked.append(parent.process.send_signal(signal.SIGINT))
            return parent.process.poll() is not None

        assert eventually(ask_again)
        assert parent.all_gone()
    finally:
        parent.clear_away()


def test_a_crashed_child_is_started_again_and_that_is_said(supervisor: Supervisor, said: list[str]) -> None:
    supervisor.start(python("worker", "import sys; sys.exit(3)", restart=True))

    assert supervisor.wait_for(lambda: len(said) > 1, seconds=20)
    assert said[0].startswith("worker ended with exit code 3 after ")
    assert said[0].endswith(": starting it again in 0.2 s")
    assert said[1].endswith(": starting it again in 0.4 s")


def test_a_child_that_ends_with_0_is_started_again_too(supervisor: Supervisor, said: list[str]) -> None:
    supervisor.start(python("worker", "", restart=True))

    assert supervisor.wait_for(lambda: len(said) > 1, seconds=20)


def test_a_child_whose_configuration_is_wrong_ends_all_with_2(supervisor: Supervisor, said: list[str]) -> None:
    supervisor.start(python("other", "import time; time.sleep(300)", restart=True))
    supervisor.start(python("serve", "import sys; sys.exit(2)", restart=True))

    assert supervisor.run() == 2
    assert "stopping all" in said[0]


def test_a_child_that_is_not_to_be_restarted_leaves_its_exit_code(supervisor: Supervisor, said: list[str]) -> None:
    supervisor.start(python("subscribe", "import sys; sys.exit(1)"))

    assert supervisor.wait_for(lambda: supervisor.exit_code("subscribe") == 1, seconds=20)
    assert said == []


def test_children_end_in_the_reverse_of_their_order(supervisor: Supervisor, tmp_path: Path) -> None:
    log = tmp_path / "log"
    source = (
        "import signal, sys, time\n"
        "def end(*_): print({name!r}, 'ended', flush=True); sys.exit()\n"
        "signal.signal(signal.SIGTERM, end); print('ready', flush=True); time.sleep(300)"
    )
    for count, name in enumerate(("first", "second", "third"), 1):
        supervisor.start(python(name, source.format(name=name), log=log))
        assert supervisor.wait_for(lambda expected=count: last_lines(log, 9).count("ready") == expected, seconds=20)

    supervisor.stop()

    assert last_lines(log, 3) == ["third ended", "second ended", "first ended"]


def test_a_child_that_ignores_its_end_is_killed_after_the_grace(
    supervisor: Supervisor, said: list[str], tmp_path: Path
) -> None:
    log = tmp_path / "log"
    deaf = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ok', flush=True); time.sleep(300)"
    )
    supervisor.start(python("deaf", deaf, grace=0.2, log=log))
    session = supervisor._places["deaf"].child.session
    assert supervisor.wait_for(lambda: last_lines(log, 1) == ["ok"], seconds=20)

    supervisor.stop()

    assert session_members(session) == []
    assert said == ["deaf did not end within 0.2 s: killed"]


def test_what_a_child_leaves_behind_is_cleared_away(supervisor: Supervisor, tmp_path: Path) -> None:
    log = tmp_path / "log"
    supervisor.start(
        python("family", FAMILY.replace("time.sleep(300)\n", "\n").replace("\ntime.sleep(300)", ""), log=log)
    )

    assert supervisor.wait_for(lambda: supervisor.exit_code("family") is not None, seconds=20)
    pids = [int(pid) for pid in last_lines(log, 1)[0].split()[1:]]
    assert not any(map(is_running, pids))


def test_a_killed_warden_is_replaced(supervisor: Supervisor) -> None:
    first = supervisor._guard._warden
    first.kill()

    assert supervisor.wait_for(lambda: supervisor._guard._warden is not first, seconds=20)


def test_a_command_that_does_not_exist_says_so(supervisor: Supervisor, tmp_path: Path) -> None:
    log = tmp_path / "log"
    supervisor.start(ChildSpec(name="x", command=["/no/such/command"], environment={}, grace=1, restart=False, log=log))

    assert supervisor.wait_for(lambda: supervisor.exit_code("x") == 127, seconds=20)
    assert last_lines(log, 1) == ["cannot start /no/such/command: No such file or directory"]


def test_a_log_file_stays_within_twice_its_limit(tmp_path: Path) -> None:
    log = LogFile(tmp_path / "worker.log", limit=1000)
    for number in range(1000):
        log.write(f"line {number}\n".encode())
    log.close()

    assert sum(file.stat().st_size for file in tmp_path.iterdir()) < 2100
    assert last_lines(log.path, 1) == ["line 999"]


@pytest.mark.parametrize(
    ("previous", "lived", "expected"),
    [(None, 0.1, 0.2), (0.2, 0.1, 0.4), (3.2, 1.0, 5.0), (5.0, 29.0, 5.0), (5.0, 30.0, 0.2)],
)
def test_the_pause_doubles_up_to_5_s_and_is_forgotten_after_30_s_of_life(
    previous: float | None, lived: float, expected: float
) -> None:
    assert next_pause(previous, lived=lived) == expected


def test_an_end_is_said_in_words() -> None:
    assert end_in_words(0) == "ended with exit code 0"
    assert end_in_words(-9) == "was killed by SIGKILL"


def test_the_warden_follows_what_it_is_told() -> None:
    told = [b"+12\n", b"+34\n", b"-12\n", b"nonsense\n", b"+\n", b"//tmp/a b\n"]

    assert follow(told) == ({34}, [Path("/tmp/a b")])


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(["1", "--", "echo", "ran"], 127), (["1", "echo"], 2), ([], 2)],
    ids=["the parent is gone", "no command", "nothing"],
)
def test_a_leash_without_its_parent_runs_nothing(arguments: list[str], code: int) -> None:
    ended = subprocess.run([sys.executable, LEASH, *arguments], capture_output=True, check=False)

    assert (ended.returncode, ended.stdout) == (code, b"")
