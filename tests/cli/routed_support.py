"""A receiver and a route stage on a real server, for what commands tell of stored pushes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass

from cli_support import Shell

from hookrouter.config.settings import read_settings
from hookrouter.domain.ids import SourceName
from hookrouter.domain.lead import Json
from hookrouter.ports.stages import Stage
from hookrouter.runtime import Runtime, open_runtime


class DeafWake:
    """Nobody to wake: the test routes by itself."""

    def ring(self, stage: Stage) -> None:
        """Let nobody hear it."""


@dataclass(frozen=True, slots=True)
class Router:
    """Takes pushes and routes them by the configuration of a shell."""

    shell: Shell

    def push(self, *leads: Mapping[str, Json], is_routed: bool = True, source: str = "crm") -> str:
        """Take a push; its name."""
        runtime = open_runtime(read_settings(self._environment()), quiet=True)
        pushed = runtime.receive().take(SourceName(source), json.dumps(leads).encode(), {}).receipt.push
        if is_routed:
            asyncio.run(self._route(runtime))
        runtime.server.client.close()
        return str(pushed)

    async def _route(self, runtime: Runtime) -> None:
        side = runtime.open_lead_side(DeafWake())
        intake = await side.leases.intake(0)
        assert intake is not None
        await side.route.drain(intake, "intake:0")
        await intake.release()
        await side.close()

    def _environment(self) -> dict[str, str]:
        self.shell.environment["HOOKROUTER_PARTITIONS"] = "1"
        folder = str(self.shell.folder)
        return {
            **self.shell.environment,
            "HOOKROUTER_CONFIG": f"{folder}/hookrouter.yaml",
            "HOOKROUTER_DATA_DIR": folder,
        }
