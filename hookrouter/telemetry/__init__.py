"""How hookrouter reports: one log line and its metrics for each fact."""
