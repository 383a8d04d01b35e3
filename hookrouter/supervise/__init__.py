"""Runs hookrouter's processes side by side on one machine."""
