"""The operator's words, read and checked: the environment and `hookrouter.yaml`."""
