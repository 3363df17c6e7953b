"""A receiver: `python -m benchmarks.campaign.serve HOME PORT WORKERS [NAME=VALUE…]`."""

from __future__ import annotations

import sys

from contract.settings import Settings
from receiver.server import serve
from stages import shipping_beside

if __name__ == "__main__":
    home, port, workers, *more = sys.argv[1:]
    # libuv aborts when a write to its own wake-up pipe fails, which no disk can cause.
    if "loop=asyncio" in more:
        more.remove("loop=asyncio")
        sys.modules["uvloop"] = None  # type: ignore[assignment]
    given = dict(pair.split("=", 1) for pair in more)
    settings = Settings.model_validate({"home": home, **given})
    with shipping_beside(settings):
        code = serve(settings, "127.0.0.1", int(port), int(workers))
    sys.exit(code)
