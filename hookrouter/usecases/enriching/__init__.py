"""The enrich stage: what waits for a lead's history, to be decided or to be told in a message."""
