"""What RQ runs: wake-ups, each a few lines that call a stage of hookrouter."""
