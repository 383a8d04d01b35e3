"""The configuration: its schemas, the fields that they are made of, and their faults."""
