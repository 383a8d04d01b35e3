"""What is kept: records in Redis, each with its format."""
