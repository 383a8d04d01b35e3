"""How hookrouter reaches other machines."""
