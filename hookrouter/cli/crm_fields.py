"""The fields that leads have in the CRM, for commands that judge what a configuration says of them."""

from __future__ import annotations

import click

from hookrouter.cli.opening import ask_crm
from hookrouter.config.model import Config
from hookrouter.crm.fields import field_names
from hookrouter.crm.patience import ASK_ONCE
from hookrouter.domain.errors import HookrouterError
from hookrouter.domain.field_names import FieldNames

PATIENCE = 5.0
"""Seconds that the CRM may take: without its fields there is less to say, not nothing."""


def names_of(config: Config) -> FieldNames | None:
    """The fields that the CRM knows; None when it cannot be asked, which is no fault of the configuration."""
    try:
        return FieldNames(ask_crm(config, field_names, within=PATIENCE, patience=ASK_ONCE))
    except HookrouterError as reason:
        click.echo(f"the CRM was not asked for its fields: {reason}", err=True)
        return None
