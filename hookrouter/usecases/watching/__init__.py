"""Watching: whether what changes in the CRM is pushed here, and seeing to it that it is."""
