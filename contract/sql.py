"""Texts within statements."""

from __future__ import annotations


def escaped(value: object) -> str:
    """What stands between single quotes for this text or path."""
    return str(value).replace("'", "''")
