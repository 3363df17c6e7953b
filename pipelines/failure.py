"""A run that could not finish, told without the texts of drivers: they carry values."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from contract.catalog import LockLost
from contract.formats import NewerHome
from contract.lake import LakeUnreachable


class SyncFailed(RuntimeError):
    """A run could not finish; the text names the step and the class of the error, no values."""


_OURS = (SyncFailed, NewerHome, LakeUnreachable, LockLost)


@contextmanager
def naming(step: str) -> Iterator[None]:
    """Turn any error of a driver into SyncFailed; ours say themselves what to do."""
    try:
        yield
    except Exception as error:
        cause: BaseException = error
        while cause.__cause__ is not None and not isinstance(cause, _OURS):
            cause = cause.__cause__
        if isinstance(cause, _OURS):  # dlt wraps what ends its reading
            raise cause from None
        raise SyncFailed(
            f"{step} failed with {type(cause).__module__}.{type(cause).__name__};"
            " nothing was published. Run `hiring sync` again; if it fails again,"
            " `hiring sync --full-refresh` rebuilds everything from the landing zone"
        ) from None
