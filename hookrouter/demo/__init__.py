"""Shows hookrouter at work on one machine, with stand-ins for everything around it."""
