"""The door to the internet: the receiver, with the probes and figures for those who watch it."""
