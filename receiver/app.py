"""The receiver's ASGI application: the hot path first, then FastAPI with health and docs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from fastapi import Depends, FastAPI, HTTPException, Request, Response
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse

from contract.settings import Settings
from receiver import auth, metrics
from receiver.answers import Receive, Send
from receiver.auth import Door
from receiver.description import describe
from receiver.hook import PATH
from receiver.worker import Worker


class Receiver:
    """The ASGI callable. `worker` exists from start-up (lifespan) to shut-down."""

    def __init__(self, settings: Settings, door: Door) -> None:
        self.settings, self._door = settings, door
        self.on_poison: Callable[[], None] = lambda: None
        self.worker: Worker | None = None
        self.api = _api(self)

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and self.worker and _is_hook(scope["path"]):
            await self.worker.hook(scope, receive, send)
        else:
            await self.api(dict(scope), receive, send)

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


def _is_hook(path: str) -> bool:
    return path.startswith(PATH) and path[len(PATH) : len(PATH) + 1] in ("", "/")


def _api(receiver: Receiver) -> FastAPI:
    settings = receiver.settings

    def is_admin(request: Request) -> bool:
        headers = dict(request.scope["headers"])
        return auth.match(settings.admin_token, auth.bearer(headers)) is not None

    def admin_only(request: Request) -> None:
        if not is_admin(request):
            raise HTTPException(404)

    admin = [Depends(admin_only)]
    app = FastAPI(
        title="Occupop webhook receiver",
        lifespan=receiver.lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
    )

    @app.get("/healthz", summary="The process answers")
    async def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/readyz", summary="Landing can be durable", responses={503: {}})
    async def readyz(request: Request) -> JSONResponse:
        worker = receiver.worker
        problem = await asyncio.to_thread(worker.readiness.problem) if worker else "starting"
        body = {"status": "not ready" if problem else "ready"}
        if problem and is_admin(request):
            body["problem"] = problem
        return JSONResponse(body, 503 if problem else 200)

    @app.get(
        "/metrics",
        dependencies=admin,
        response_class=PlainTextResponse,
        responses={404: {}},
        summary="Prometheus metrics",
    )
    async def exposition() -> Response:
        return Response(await asyncio.to_thread(_metrics, receiver), media_type="text/plain")

    @app.get("/openapi.json", dependencies=admin, include_in_schema=False)
    async def openapi() -> JSONResponse:
        return JSONResponse(app.openapi())

    @app.get("/docs", dependencies=admin, include_in_schema=False)
    async def docs() -> HTMLResponse:
        return get_swagger_ui_html(openapi_url="/openapi.json", title=app.title)

    describe(app)
    return app


def _metrics(receiver: Receiver) -> bytes:
    if receiver.worker:
        receiver.worker.save()
    return metrics.exposition(metrics.read_all(receiver.settings.state))
