"""What hookrouter does: one recipe a file."""
