"""Which ways of keeping things in Redis a process understands: what all who live understand may be used.

A number that goes up when something is kept in a way that would mislead processes of earlier versions. Who knows a
dialect knows all before it. Something new is written only while every process that lives knows it.
"""

from __future__ import annotations

FIRST = 1
"""Of the time before processes told which they know."""
LAYOUTS = 2
"""Streams may be spread anew: what goes by its own settings alone would not find them."""
OURS = LAYOUTS
