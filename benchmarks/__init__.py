"""Measures hookrouter on this machine, beside a textbook stack below it and a bare poster above it."""
