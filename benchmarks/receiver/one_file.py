"""A peer, as a first version would be: FastAPI that fsyncs for each event.

It appends to one file, or with BENCH_EACH writes a file an event.
"""

import json
import os
from pathlib import Path
from uuid import uuid4

from fastapi import FastAPI, HTTPException, Request

app = FastAPI()
_folder = Path(os.environ["BENCH_FOLDER"])
_each = "BENCH_EACH" in os.environ
_flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
_file = os.open(_folder / "events.jsonl", _flags)


@app.post("/webhooks/occupop/{token}")
async def take(token: str, request: Request) -> dict[str, str]:
    if token != os.environ["BENCH_TOKEN"]:
        raise HTTPException(404)
    body = await request.body()
    json.loads(body)
    file = os.open(_folder / f"{uuid4()}.json", _flags) if _each else _file
    os.write(file, body + b"\n")
    os.fsync(file)
    if _each:
        os.close(file)
    return {"status": "landed"}
