"""The console: pages on which an operator sees whether leads flow, and steers."""
