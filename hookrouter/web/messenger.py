"""Sends one test message, in a process of its own.

Sinks live on an event loop of asyncio, and a receiver's sockets and threads are gevent's: either would hold up the
other. What a sink does to its process, it does to none that takes pushes.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Mapping
from typing import cast

import orjson

from hookrouter.config.settings import SHARED_COUNTERS, process_environment, read_settings
from hookrouter.domain.errors import HookrouterError
from hookrouter.domain.ids import SinkName
from hookrouter.domain.lead import Json
from hookrouter.runtime import open_runtime
from hookrouter.runtime.desk import Desk


def send_test(sink: SinkName, lead: Mapping[str, Json] | None, within: float) -> dict[str, Json]:
    """Send a test; what came of it.

    Args:
        sink: by its name.
        lead: its fields, as a push brings them; None for somebody who does not exist.
        within: seconds for all of it.

    Raises:
        HookrouterError: why it could not even be tried.
    """
    asked = orjson.dumps({"sink": sink, "lead": lead})
    command = [sys.executable, "-P", "-m", __name__]
    environment = {name: text for name, text in process_environment().items() if name != SHARED_COUNTERS}
    try:
        ended = subprocess.run(  # noqa: S603 - our own module
            command, input=asked, stderr=subprocess.PIPE, timeout=within, check=False, env=environment
        )
    except subprocess.TimeoutExpired:
        raise HookrouterError(f"{sink} has not answered within {within:.0f} s: see whether it arrived") from None
    told = ended.stderr.decode("utf-8", "replace").splitlines()
    last = told[-1] if told else f"it ended with {ended.returncode}"
    if ended.returncode:
        raise HookrouterError(f"the test could not be sent: {last}")
    return cast("dict[str, Json]", orjson.loads(last))


def main() -> int:
    """Read what is asked, send, and tell what came of it in a line of standard error: the other is a sink's."""
    try:
        runtime = open_runtime(read_settings(), role="cli", quiet=True)
        asked = orjson.loads(sys.stdin.buffer.read())
        lead = None
        if asked["lead"] is not None:
            [(_, lead)] = runtime.push_reader.judge([asked["lead"]], runtime.clock.now()).accepted
        tested = asyncio.run(Desk(runtime).send_test(SinkName(asked["sink"]), lead))  # noqa: TID251 - the receiver's, not a command
    except HookrouterError as fault:
        sys.stderr.write(f"{' '.join(str(fault).split())}\n")
        return 1
    sys.stderr.write(f"{orjson.dumps(tested.summary()).decode()}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
