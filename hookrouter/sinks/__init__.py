"""The kinds of sink: one file each, found through the entry-point group `hookrouter.sinks`."""
