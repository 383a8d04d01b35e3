"""Reminding people of leads that nobody has reacted to."""
