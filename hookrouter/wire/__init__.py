"""Bytes and text into values and back; no I/O."""
