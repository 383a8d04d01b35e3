"""What hookrouter knows: facts and decisions, with no I/O and nothing but the standard library."""
