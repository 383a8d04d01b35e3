"""What no lead can do: routes that can never match, and those that an earlier one always stops."""
