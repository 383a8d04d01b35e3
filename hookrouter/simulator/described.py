"""The dials of the simulator, with words and choices for those who turn them by hand."""

from __future__ import annotations

import inspect
import re
from dataclasses import fields
from enum import StrEnum
from typing import Any

from hookrouter.simulator.dials import Dials
from hookrouter.simulator.faults import FaultMode

_ATTRIBUTE = re.compile(r"^ {4}(\w+): (.+)$", re.MULTILINE)
_SECTION = re.compile(r" \(\d[\d.]*\)")  # of crm-api, which those who turn a dial have not at hand


def described(dials: Dials) -> dict[str, dict[str, Any]]:
    """Every dial of every section: its value, what it means, and what it can be."""
    return {
        each.name: {
            name: _dial(value, words_of(type(getattr(dials, each.name))).get(name, ""))
            for name, value in _values(getattr(dials, each.name)).items()
        }
        for each in fields(dials)
    }


def fault_modes() -> list[str]:
    """The faults there are."""
    return [mode.value for mode in FaultMode]


def words_of(section: type) -> dict[str, str]:
    """What a section's docstring says of each dial."""
    return dict(_ATTRIBUTE.findall(_SECTION.sub("", inspect.getdoc(section) or "")))


def _values(section: Any) -> dict[str, Any]:
    return {each.name: getattr(section, each.name) for each in fields(section)}


def _dial(value: object, words: str) -> dict[str, Any]:
    choices = [each.value for each in type(value)] if isinstance(value, StrEnum) else None
    return {"value": value, "words": words, "choices": choices, "whole": isinstance(value, int)}
