"""The rules of routes: conditions, times and names as the configuration writes them."""
