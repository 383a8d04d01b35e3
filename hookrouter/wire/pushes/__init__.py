"""Pushes: bodies in every shape that may come, read into leads."""
