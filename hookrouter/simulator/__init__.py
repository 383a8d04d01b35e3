"""A stand-in for the CRM: leads, API and pushes over HTTP, all invented."""
