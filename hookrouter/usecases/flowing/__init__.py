"""The flow of leads: seen as it is now, and sampled for its history."""
