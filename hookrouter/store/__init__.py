"""Redis: the streams that carry leads, with everything that stands beside them."""
