"""Whether a receiver answers on its port."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import httpx

from contract.settings import Settings
from operations.finding import Finding

HOST = "127.0.0.1"
_SECONDS = 2.0


def check(_settings: Settings, environ: Mapping[str, str]) -> Iterator[Finding]:
    place = f"{HOST}:{environ.get('PORT', '8000')}"
    try:
        with httpx.Client(base_url=f"http://{place}", timeout=_SECONDS, trust_env=False) as client:
            alive, ready = client.get("/healthz"), client.get("/readyz")
            is_ours = alive.json() == {"status": "ok"}
    except httpx.ConnectError:
        mend = "hiring serve, or systemctl start hiring-receiver"
        yield Finding("port", False, f"no receiver on {place}", mend)
        return
    except (httpx.HTTPError, ValueError):
        is_ours = False
    if not is_ours:
        mend = f"hiring serve --port another; `ss -ltnp` says what listens on {place}"
        yield Finding("port", False, f"something else answers on {place}", mend)
    elif ready.status_code != httpx.codes.OK:
        mend = "journalctl -u hiring-receiver: its disk is full or not writable"
        yield Finding("port", False, f"the receiver on {place} cannot land", mend)
    else:
        yield Finding("port", True, f"a receiver answers on {place} and can land")
