"""Reconcile: ask the CRM what changed, and bring what no push brought."""
