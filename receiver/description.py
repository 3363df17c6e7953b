"""The webhook route in OpenAPI: it is served before FastAPI, which knows nothing of it."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

from receiver.intake import PATH

_STATUSES = {
    "200": "Landed (on disk), kept in quarantine, or a test of the URL",
    "404": "Wrong token, signature or address",
    "405": "Neither POST, GET nor HEAD",
    "408": "Head or body came too slowly",
    "413": "Body larger than HIRING_MAX_BODY_BYTES",
    "415": "Content-Encoding",
    "431": "Head too large",
    "503": "Our own fault: try again after Retry-After seconds",
}
_ANSWER = {
    "type": "object",
    "required": ["status"],
    "properties": {
        "status": {"enum": ["landed", "quarantined", "ping"]},
        "event_id": {"type": "string", "format": "uuid"},
        "id": {"type": "string", "format": "uuid"},
        "reason": {"type": "string"},
    },
}
_DELIVERY = {
    "type": "object",
    "properties": {
        "meta": {
            "type": "object",
            "properties": {
                "resource_type": {"type": "string"},
                "event_name": {"type": "string"},
            },
        },
        "data": {"type": "object"},
    },
}


def describe(app: FastAPI) -> None:
    """Add the webhook route to what `app.openapi()` gives, as a path and as a webhook."""
    made = app.openapi

    def openapi() -> dict[str, Any]:
        schema = made()
        token = {"name": "token", "in": "path", "required": True, "schema": {"type": "string"}}
        schema["paths"][PATH + "/{token}"] = {**_operations("token"), "parameters": [token]}
        schema["paths"][PATH] = {**_operations("bearer"), "parameters": []}
        schema["webhooks"] = {"occupop": {"post": _post("webhook")}}
        return schema

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way


def _operations(kind: str) -> dict[str, Any]:
    get = {
        "operationId": f"try_{kind}",
        "summary": "A friendly answer to a look at the URL",
        "responses": _responses(),
    }
    return {"post": _post(kind), "get": get}


def _post(kind: str) -> dict[str, Any]:
    return {
        "operationId": f"deliver_{kind}",
        "summary": "A delivery of Occupop; 200 means that it is on disk",
        "requestBody": {"content": {"application/json": {"schema": _DELIVERY}}},
        "responses": _responses(),
    }


def _responses() -> dict[str, Any]:
    responses: dict[str, Any] = {
        status: {"description": text} for status, text in _STATUSES.items()
    }
    responses["200"]["content"] = {"application/json": {"schema": _ANSWER}}
    return responses
