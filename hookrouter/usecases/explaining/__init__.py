"""Explaining: what the routes would do with a lead, told before it happens and after."""
