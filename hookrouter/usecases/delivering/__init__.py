"""The deliver stage, in the parts of a drain."""
