"""Figures of the whole, for health and metrics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from hookrouter.domain.dead_letter import DeadGroup
from hookrouter.domain.ids import RouteName, SinkName, SourceName
from hookrouter.domain.kept_health import NewestRejected
from hookrouter.domain.layout import Layout, LeftBehind
from hookrouter.domain.pause import Pause
from hookrouter.domain.quota import Quota
from hookrouter.domain.reconciling import PushTrust
from hookrouter.domain.silence import Silence
from hookrouter.domain.speed import SpeedReport
from hookrouter.domain.troubles import FarSide
from hookrouter.domain.watch_report import WatchReport
from hookrouter.domain.withheld import Withheld
from hookrouter.ports.outbox_depth import OutboxDepth
from hookrouter.ports.stages import Stage


class Census(Protocol):
    """Figures of the whole, from Redis."""

    def check_writable(self) -> None:
        """Write something. Raises `StoreAway` if nothing can be written."""

    def confirming(self, replicas: int) -> int:
        """How many of this many replicas of Redis confirm a write in time."""

    def alive(self) -> Mapping[str, int]:
        """How many processes of each role are alive."""

    def lags(self) -> Mapping[Stage, int]:
        """How many entries the streams of the stages between receiver and sinks hold."""

    def oldest(self) -> Mapping[Stage, datetime | None]:
        """Since when the oldest entry in the streams of each of these stages has waited; None where none waits."""

    def layout(self) -> Layout:
        """Over how many streams everything is spread."""

    def served(self) -> Mapping[Stage, Mapping[str, int]]:
        """How many streams each worker serves now, of each stage whose streams workers share."""

    def left_behind(self, layout: Layout, now: datetime) -> Mapping[str, LeftBehind]:
        """What waits in the former streams of each thing that is being spread anew."""

    def crm_away(self) -> str | None:
        """Why the CRM gives no leads when asked; None if it does, or nobody has asked lately."""

    def withheld(self) -> Withheld:
        """What waits until the CRM tells of its leads."""

    def crm_quota(self) -> Quota | None:
        """The calls to the CRM on this day; None without a CRM."""

    def sweep_doubt(self) -> str:
        """Why the last sweep was not believed, if it was not."""

    def push_trust(self, now: datetime) -> PushTrust | None:
        """What reconcile has lately measured of the CRM's pushes; None if nothing is reconciled."""

    def crm_loops(self) -> Mapping[str, datetime]:
        """The sinks and routes whose loops were broken lately, each with the time."""

    def watch_report(self, now: datetime) -> WatchReport | None:
        """What is known about whether the CRM pushes; None if nobody watches."""

    def depths(self, now: datetime) -> Mapping[SinkName, OutboxDepth]:
        """What waits for each sink."""

    def paused_routes(self, now: datetime) -> Mapping[RouteName, Pause]:
        """The routes that are paused at a moment."""

    def silences(self, now: datetime) -> Sequence[Silence]:
        """The silences that hold at a moment."""

    def clocks(self, now: datetime) -> tuple[int, datetime | None]:
        """How many clocks of leads run, and since when the first one that is due has been; None if none is."""

    def speed(self, now: datetime) -> SpeedReport:
        """How fast people reacted to leads this week and last week."""

    def set_aside(self) -> Mapping[str, int]:
        """How many dead letters, rejected leads and unreadable records are kept."""

    def dead_groups(self) -> Sequence[DeadGroup]:
        """The routes and sinks of the newest dead letters, and why these died."""

    def last_pushes(self, sources: Sequence[SourceName]) -> Mapping[SourceName, datetime]:
        """When the last push of each source came, if one did; those of its canary do not count."""

    def newest_rejected(self) -> NewestRejected | None:
        """The newest of the rejected leads; None if there is none."""

    def last_push(self) -> datetime | None:
        """When the last push came."""


def far_side_of(depth: OutboxDepth) -> FarSide:
    """How a sink stands, as far as people are told."""
    return FarSide(circuit=depth.circuit, pause=depth.pause, fallback=depth.fallback, waiting=depth.all_waiting)
