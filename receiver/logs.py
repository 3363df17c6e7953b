"""Structured logs: JSON lines on stderr, without bodies, tokens or personal data."""

from __future__ import annotations

import io
import logging
import sys
from contextlib import suppress

import structlog


class _Class(logging.Handler):
    """Records of libraries: the message as written in their source, and an error's class.

    Neither arguments nor error texts: they may carry what a sender sent.
    """

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else None
        text = str(record.msg).strip().splitlines() or [""]
        if text[0].startswith("Traceback"):  # uvicorn logs one as a message
            text, error = ["failed"], text[-1].partition(":")[0]
        log = structlog.get_logger(record.name)
        log.log(record.levelno, text[0], **({"error": error} if error else {}))


class _Stderr(io.StringIO):
    """stderr whose failures stop nothing: the disk that is full may be the one with the log."""

    def write(self, text: str, /) -> int:
        with suppress(OSError):
            sys.stderr.write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError):
            sys.stderr.flush()


def configure(level: str) -> None:
    """Set structlog and the standard library's root logger up for this process."""
    number = logging.getLevelNamesMapping()[level]
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(_Stderr()),
        cache_logger_on_first_use=True,
    )
    logging.root.handlers[:] = [_Class()]
    logging.root.setLevel(max(number, logging.WARNING))
