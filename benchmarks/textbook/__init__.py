"""The stack that a textbook would build: Flask, an RQ job a lead, requests."""
