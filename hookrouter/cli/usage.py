"""Wrong usage in one line that says what to do."""

from __future__ import annotations

from collections.abc import Iterable

import click

from hookrouter.wire.config.faults import did_you_mean


class NoSuchCommand(click.UsageError):
    """A word where a command must stand."""

    def __init__(self, word: str, known: Iterable[str], context: click.Context) -> None:
        super().__init__(f"there is no command {word}{did_you_mean(word, known)}", context)


def in_one_line(fault: click.ClickException) -> str:
    """What is wrong, in the words of the command that was meant."""
    text = " ".join(_said(fault).split()).rstrip(".")
    context = fault.ctx if isinstance(fault, click.UsageError) else None
    if context is None:
        return f"hookrouter: {text}"
    return f"{context.command_path}: {text}; `{context.command_path} --help` shows what there is"


def _said(fault: click.ClickException) -> str:
    if isinstance(fault, click.NoSuchOption):
        return f"there is no option {fault.option_name}{did_you_mean(fault.option_name, _options(fault.ctx))}"
    message = fault.format_message()
    return message[:1].lower() + message[1:]


def _options(context: click.Context | None) -> list[str]:
    parameters = context.command.get_params(context) if context else []
    return [name for parameter in parameters for name in parameter.opts if name.startswith("--")]
