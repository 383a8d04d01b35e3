"""`hookrouter`, and `python -m hookrouter`."""

from __future__ import annotations

import sys

from hookrouter.stopping import be_interrupted, end_at_once, heed_no_more


def main() -> int:
    """Run the command line; no signal makes it show where it stood when it came."""
    end_at_once()
    from hookrouter.cli.main import main as run  # noqa: PLC0415 - what is imported is most of a start

    be_interrupted()
    try:
        return run()
    finally:
        heed_no_more()


if __name__ == "__main__":
    sys.exit(main())
