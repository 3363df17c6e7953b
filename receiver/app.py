"""The receiver's ASGI application: the hot path first, then FastAPI with health and docs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI

from contract.settings import Settings
from receiver import answers, pages
from receiver.answers import Receive, Send
from receiver.auth import Door
from receiver.description import describe
from receiver.intake import is_hook
from receiver.worker import Worker


class Receiver:
    """The ASGI callable. `worker` exists from start-up (lifespan) to shut-down."""

    def __init__(self, settings: Settings, door: Door) -> None:
        self.settings, self._door = settings, door
        self.on_poison: Callable[[], None] = lambda: None
        self.worker: Worker | None = None
        self.api = _api(self)

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not is_hook(scope["path"]):
            await self.api(dict(scope), receive, send)
        elif self.worker:
            await self.worker.hook(scope, receive, send)
        else:
            answer = answers.refusal("stopping")
            await send(answer.start)
            await send({"type": "http.response.body", "body": answer.body})

    @asynccontextmanager
    async def lifespan(self, _app: FastAPI) -> AsyncIterator[None]:
        self.worker = Worker(self.settings, self._door, lambda: self.on_poison())
        try:
            yield
        finally:
            await self.worker.close()
            self.worker = None


def create_app(settings: Settings, *, insecure_no_auth: bool = False) -> Receiver:
    """The receiver for these settings. Raises NoSecret, SettingsError."""
    return Receiver(settings, Door(settings, insecure=insecure_no_auth))


def _api(receiver: Receiver) -> FastAPI:
    app = FastAPI(
        title="Occupop webhook receiver",
        lifespan=receiver.lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
    )
    admin = pages.Admin(receiver.settings)
    app.include_router(pages.health(admin, receiver.settings, lambda: receiver.worker))
    app.include_router(pages.inside(admin, receiver.settings, lambda: receiver.worker))
    describe(app)
    return app
