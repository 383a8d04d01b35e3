"""`hookrouter`: finds the command, runs it, and turns what goes wrong into one clear line."""

from __future__ import annotations

import errno
import os
import sys
import traceback
from collections.abc import Callable
from types import TracebackType

import click

from hookrouter import __version__
from hookrouter.cli.command import Invocation, LazyGroup
from hookrouter.cli.usage import in_one_line
from hookrouter.domain.errors import ConfigurationError, HookrouterError

ExceptHook = Callable[[type[BaseException], BaseException, TracebackType | None], None]

DONE, FAILED, USAGE, INTERRUPTED = 0, 1, 2, 130

OUTPUT_FAULTS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})
"""What the disk answers to which our output is redirected."""

COMMANDS = {
    "demo": (
        "demo",
        "Show everything at work on this machine: a simulated CRM, the router, and stand-ins for Slack, mail and HTTP.",
    ),
    "up": ("up", "Run receiver, worker and scheduler on this machine, with a Redis of their own if none is given."),
    "serve": ("serve", "Run the receiver alone."),
    "worker": ("worker", "Run one worker alone."),
    "scheduler": ("scheduler", "Run the scheduler alone."),
    "init": ("init", "Write a commented hookrouter.yaml to start from."),
    "schema": ("schema", "Print the JSON Schema of the configuration, for editors."),
    "check": ("check", "Validate the configuration; point to every fault."),
    "explain": ("explain", "Show which routes leads would take and what would be sent; send nothing."),
    "test": ("route_tests", "Run the route tests in the configuration."),
    "send-test": ("send_test", "Send one real message through a sink, marked as a test."),
    "subscribe": ("subscribe", "Ask the CRM to push lead updates here."),
    "status": ("status", "Show how everything is doing, on one screen."),
    "tail": ("tail", "Follow pushes and deliveries as they happen."),
    "dead": ("dead", "List, show, replay or drop dead letters."),
    "deliveries": ("deliveries", "Look up deliveries: what was attempted, and where each is now."),
    "follow-ups": ("follow_ups", "List the leads that nobody has reacted to yet, and who is reminded when."),
    "teams": ("teams", "Look at teams: who is next, what each member has, and who was given which lead, and why."),
    "forget": ("forget", "Erase a person from everything stored."),
    "rejected": ("rejected", "List, show or mend and replay rejected leads."),
    "pushes": ("pushes", "List or show pushes as they arrived; replay those that could not be read."),
    "audit": ("audit", "List what operators did: changes, and looks at personal data."),
    "pause": ("pause", "Hold the deliveries of a sink or a route."),
    "resume": ("resume", "Let a paused sink or route go on."),
    "retry": ("retry", "Try a sink now rather than later."),
    "silence": ("silence", "Keep people from being told of some leads for a while."),
    "report": ("report", "Show what became of the leads: by day, route and person."),
    "baseline": ("baseline", "Read all leads from the CRM, so that the first pushes show what really changed."),
    "reconcile": ("reconcile", "Ask the CRM what changed, and fetch what no push brought."),
    "crm": ("crm", "Call a method of the CRM's API and print its result."),
    "simulate-crm": ("simulate_crm", "Run the CRM simulator alone."),
}
"""Each command with its module in this room and its help; a module is imported when its command is run."""


def main() -> int:
    """Run the command line; gives the exit code."""
    invocation = Invocation()
    sys.excepthook = _bug_reporter(invocation)
    _make_writable()
    root = LazyGroup(
        "hookrouter",
        commands_of="hookrouter.cli",
        table=COMMANDS,
        help="Receives lead updates from the CRM and routes each to where people act on it.",
        params=[_version_option()],
        context_settings={"max_content_width": 100},
    )
    try:
        code = root.main(prog_name="hookrouter", standalone_mode=False, obj=invocation)
        sys.stdout.flush()
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except click.exceptions.NoArgsIsHelpError as fault:
        fault.show()
        return USAGE
    except click.ClickException as fault:
        click.echo(in_one_line(fault), err=True)
        return USAGE
    except HookrouterError as fault:
        return _tell(fault, invocation)
    except BrokenPipeError:
        _write_no_more()
        return FAILED
    except OSError as fault:
        if fault.errno not in OUTPUT_FAULTS or fault.filename is not None:
            raise
        _write_no_more()
        click.echo(f"hookrouter: what it says cannot be written: {fault.strerror}", err=True)
        return FAILED
    return code if isinstance(code, int) else DONE


def _make_writable() -> None:
    """Let any text be shown; where a stream was closed (`>&-`), nothing is said, and no file gets its number."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115 - as the interpreter has it
        getattr(sys, name).reconfigure(errors="backslashreplace")


def _write_no_more() -> None:
    """Where output goes nothing more may be written, also not by the interpreter's last flush."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _tell(fault: HookrouterError, invocation: Invocation) -> int:
    if invocation.debug:
        traceback.print_exception(fault)
    else:
        click.echo(str(fault), err=True)
    return USAGE if isinstance(fault, ConfigurationError) else FAILED


def _bug_reporter(invocation: Invocation) -> ExceptHook:
    def report(kind: type[BaseException], fault: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):  # at the very beginning or end
            return
        if invocation.debug:
            sys.__excepthook__(kind, fault, trace)
            return
        where = traceback.extract_tb(trace)[-1] if trace else None
        place = f" at {os.path.basename(where.filename)}:{where.lineno}" if where else ""  # noqa: PTH119 - no file is meant
        click.echo(f"a fault of hookrouter itself: {kind.__name__}{place}; --debug shows more", err=True)

    return report


def _version_option() -> click.Option:
    def show(context: click.Context, _parameter: click.Parameter, wanted: bool) -> None:  # noqa: FBT001 - click's signature
        if wanted:
            click.echo(f"hookrouter {__version__}")
            context.exit()

    return click.Option(
        ["--version"], is_flag=True, is_eager=True, expose_value=False, callback=show, help="Show the version."
    )
