"""What FastAPI serves beside the webhook: health for anyone, the rest for the admin token."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from html import escape
from typing import Any

from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse

from contract.outbox import Outbox
from contract.settings import Settings
from receiver import auth, metrics
from receiver.worker import Worker

Current = Callable[[], Worker | None]


class Admin:
    """Whether a request carries the admin token; as a dependency it answers 404 when not."""

    def __init__(self, settings: Settings) -> None:
        self._tokens = settings.admin_token

    def knows(self, request: Request) -> bool:
        headers = dict(request.scope["headers"])
        return auth.match(self._tokens, auth.bearer(headers)) is not None

    def __call__(self, request: Request) -> None:
        if not self.knows(request):
            raise HTTPException(404)


def health(admin: Admin, settings: Settings, current: Current) -> APIRouter:
    """/healthz and /readyz. `current` gives the worker, once it has started."""
    router = APIRouter()

    @router.get("/healthz", summary="The process answers")
    async def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @router.get("/readyz", summary="Landing can be durable", responses={503: {}})
    async def readyz(request: Request) -> JSONResponse:
        worker = current()
        problem = await asyncio.to_thread(worker.readiness.problem) if worker else "starting"
        body: dict[str, Any] = {"status": "not ready" if problem else "ready"}
        if problem and admin.knows(request):
            body["problem"] = problem
        if settings.landing_url and admin.knows(request):
            outbox = await asyncio.to_thread(Outbox.read, settings.home, settings.state)
            body["shipping"] = outbox.as_dict()
        return JSONResponse(body, 503 if problem else 200)

    return router


def inside(admin: Admin, settings: Settings, current: Current) -> APIRouter:
    """/metrics, /openapi.json and /docs."""
    router = APIRouter(dependencies=[Depends(admin)])

    def text() -> bytes:
        if worker := current():
            worker.save()
        given = settings.home, settings.state
        outbox = Outbox.read(*given) if settings.landing_url else None
        return metrics.exposition(metrics.read_all(settings.state), outbox)

    @router.get(
        "/metrics",
        response_class=PlainTextResponse,
        responses={404: {}},
        summary="Prometheus metrics",
    )
    async def exposition() -> Response:
        return Response(await asyncio.to_thread(text), media_type="text/plain")

    @router.get("/openapi.json", include_in_schema=False)
    async def openapi(request: Request) -> JSONResponse:
        return JSONResponse(_schema(request))

    @router.get("/docs", include_in_schema=False)
    async def docs(request: Request) -> HTMLResponse:
        return HTMLResponse(page(_schema(request)))

    return router


def _schema(request: Request) -> dict[str, Any]:
    app: FastAPI = request.app
    return app.openapi()


def page(schema: dict[str, Any]) -> str:
    """The OpenAPI document as a page without scripts, that opens with the network off."""
    parts = [f"<h1>{escape(schema['info']['title'])}</h1>"]
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            if method == "parameters":
                continue
            parts.append(f"<h2>{method.upper()} {escape(path)}</h2>")
            parts.append(f"<p>{escape(operation['summary'])}</p><dl>")
            for status, answer in operation["responses"].items():
                parts.append(f"<dt>{status}</dt><dd>{escape(answer['description'])}</dd>")
            parts.append("</dl>")
    return f"<!doctype html><html lang=en><meta charset=utf-8>{''.join(parts)}</html>"
