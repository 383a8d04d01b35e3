"""How people are erased from Redis."""
