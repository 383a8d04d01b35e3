"""The one place that joins the parts: doors ask it for use cases, nobody else knows concrete neighbours."""

from hookrouter.runtime.parts import Runtime, open_runtime

__all__ = ["Runtime", "open_runtime"]
