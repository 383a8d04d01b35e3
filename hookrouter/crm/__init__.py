"""The CRM's API, called."""
