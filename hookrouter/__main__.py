"""`python -m hookrouter`, the same as `hookrouter`."""

from __future__ import annotations

import sys

from hookrouter.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
