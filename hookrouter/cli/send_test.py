"""`hookrouter send-test`."""

from __future__ import annotations

from typing import IO

import click

from hookrouter.cli.audited import note_if_there
from hookrouter.cli.command import Command
from hookrouter.cli.interrupted import run_until_interrupted
from hookrouter.cli.lead_files import read_leads
from hookrouter.cli.lists import AS_JSON
from hookrouter.cli.opening import open_cli
from hookrouter.cli.screen import faults, show_json, show_values
from hookrouter.domain.audit import Act
from hookrouter.domain.ids import SinkName
from hookrouter.domain.lead import Lead
from hookrouter.runtime import Runtime
from hookrouter.runtime.desk import Desk


@click.command("send-test", cls=Command, short_help="Send one real message through a sink, marked as a test.")
@click.argument("sink", type=SinkName)
@click.option(
    "--lead",
    "file",
    type=click.File("rb"),
    metavar="FILE",
    help="About the first lead in this file; by default about nobody.",
)
@AS_JSON
def command(*, sink: SinkName, file: IO[bytes] | None, as_json: bool) -> int:
    """Send one real message through SINK, and show what the far side answers.

    The message says that it is a test: TEST stands before the lead's first name, and send-test in place of the route.
    It is tried once, whatever the sink's circuit or pauses are. Only the audit log keeps it, and Redis is not needed.
    """
    runtime = open_cli()
    lead = None if file is None else _first_lead(file, runtime)
    tested = run_until_interrupted(Desk(runtime).send_test(sink, lead))
    note_if_there(runtime, Act.SEND_TEST, sink, "arrived" if tested.arrived else "did not arrive")
    (show_json if as_json else show_values)(tested.summary())
    return 0 if tested.arrived else 1


def _first_lead(file: IO[bytes], runtime: Runtime) -> Lead:
    batch = read_leads(file, runtime.push_reader, runtime.clock.now())
    if not batch.accepted:
        why = f": {faults(batch.rejected[0].errors)}" if batch.rejected else ""
        raise click.UsageError(f"{file.name}: there is no lead in it that can be routed{why}")
    return batch.accepted[0][1]
