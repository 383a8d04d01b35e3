"""The CRM's API: what is asked, what it answers, and how it refuses."""
