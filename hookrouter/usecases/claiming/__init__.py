"""Claiming: a person takes a lead by a button in a chat."""
