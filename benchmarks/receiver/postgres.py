"""A peer: FastAPI that inserts each event into PostgreSQL, committed before the answer."""

import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from fastapi import FastAPI, HTTPException, Request


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    dsn = os.environ["BENCH_POSTGRES"]
    async with asyncpg.create_pool(dsn, min_size=16, max_size=16) as pool:
        await pool.execute("create table if not exists events (id bigserial, body jsonb)")
        app.state.pool = pool
        yield


app = FastAPI(lifespan=lifespan)


@app.post("/webhooks/occupop/{token}")
async def take(token: str, request: Request) -> dict[str, str]:
    if token != os.environ["BENCH_TOKEN"]:
        raise HTTPException(404)
    body = await request.body()
    json.loads(body)
    await app.state.pool.execute("insert into events (body) values ($1)", body.decode())
    return {"status": "landed"}
