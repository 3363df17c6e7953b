"""A peer: FastAPI that appends to one file and fsyncs for each event, as a first version would."""

import json
import os
from pathlib import Path

from fastapi import FastAPI, HTTPException, Request

app = FastAPI()
_file = os.open(
    Path(os.environ["BENCH_FOLDER"]) / "events.jsonl", os.O_WRONLY | os.O_CREAT | os.O_APPEND
)


@app.post("/webhooks/occupop/{token}")
async def take(token: str, request: Request) -> dict[str, str]:
    if token != os.environ["BENCH_TOKEN"]:
        raise HTTPException(404)
    body = await request.body()
    json.loads(body)
    os.write(_file, body + b"\n")
    os.fsync(_file)
    return {"status": "landed"}
