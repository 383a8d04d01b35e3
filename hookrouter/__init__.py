"""hookrouter receives lead updates from Lead Gen & CRM and routes each to where people act on it."""

__version__ = "0.1.0"
