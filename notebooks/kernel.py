"""One kernel for all notebooks of a report: starting one each would take most of the time."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import papermill
from jupyter_client.manager import AsyncKernelManager
from jupyter_core.utils import run_sync
from nbformat import NotebookNode
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine, papermill_engines
from papermill.exceptions import PapermillExecutionError
from papermill.iorw import write_ipynb

import notebooks

ROOT = Path(notebooks.__file__).resolve().parent
# papermill logs paths and cell output at warning and below; a report tells what failed itself.
logging.getLogger("papermill").setLevel(logging.ERROR)


class NotebookFailed(RuntimeError):
    """A notebook raised. error: the class; reason: the text, when it is one of our own."""

    def __init__(self, name: str, error: str, reason: str) -> None:
        super().__init__(f"{name}: {error}" + (f": {reason}" if reason else ""))
        self.name, self.error, self.reason = name, error, reason


class _Client(PapermillNotebookClient):  # type: ignore[misc]  # papermill has no types
    def papermill_execute_cells(self) -> None:
        self.kc.execute("%reset -f", silent=True)  # no variable of the notebook before
        super().papermill_execute_cells()


class _Engine(NBClientEngine):  # type: ignore[misc]
    """papermill's engine for a kernel that outlives the notebook: it leaves no socket open."""

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **given: Any) -> NotebookNode:
        options = {key: given[key] for key in ("km", "timeout", "log_output")}
        client = _Client(nb_man, kernel_name=kernel_name, startup_timeout=60, **options)
        try:
            return client.execute()
        except Exception:
            write_ipynb(nb_man.nb, given["draft"])  # how far it came
            raise
        finally:
            if client.kc is not None:
                client.kc.stop_channels()


papermill_engines.register("shared-kernel", _Engine)


class Kernel:
    """A kernel in a process of its own, which sees no variable of ours and writes to `scratch`."""

    def __init__(self, scratch: Path, cell_seconds: int = 300) -> None:
        self.scratch, self.cell_seconds = scratch, cell_seconds
        self._manager: Any = None
        # Sockets in a folder that only we may enter: messages pass through no port of the host.
        # Not in scratch, since the path of a socket may not be longer than 107 bytes.
        self._sockets = tempfile.TemporaryDirectory(prefix="hiring-")

    def run(self, notebook: Path, output: Path, parameters: dict[str, Any]) -> NotebookNode:
        """Run a notebook and write it, with its outputs, to `output`. Raises NotebookFailed."""
        if self._manager is None or not run_sync(self._manager.is_alive)():
            self._start()
        try:
            return papermill.execute_notebook(
                notebook,
                output,
                parameters=parameters,
                engine_name="shared-kernel",
                request_save_on_cell_execute=False,  # each would write all cells so far
                draft=str(output),
                km=self._manager,
                timeout=self.cell_seconds,
                progress_bar=False,
            )
        except PapermillExecutionError as error:
            reason = error.evalue if error.ename in OWN_ERRORS else ""
            raise NotebookFailed(notebook.stem, error.ename, reason) from None
        except Exception as error:  # a dead or stuck kernel: the next notebook gets a new one
            self._stop()
            raise NotebookFailed(notebook.stem, type(error).__name__, "") from None

    def close(self) -> None:
        """Stop the kernel and remove its sockets; it can't be used again."""
        self._stop()
        self._sockets.cleanup()

    def _stop(self) -> None:
        if self._manager is not None:
            run_sync(self._manager.shutdown_kernel)(now=True)
            self._manager = None

    def _start(self) -> None:
        self._stop()
        self._manager = AsyncKernelManager(
            kernel_name="python3",
            connection_file=str(self.scratch / "kernel.json"),
            transport="ipc",
            ip=str(Path(self._sockets.name) / "kernel"),
        )
        with (self.scratch / "kernel.log").open("ab") as log:
            run_sync(self._manager.start_kernel)(
                env=_environment(self.scratch), cwd=str(self.scratch), stdout=log, stderr=log
            )


OWN_ERRORS = {"NotPublished", "FileNotFoundError"}


def _environment(scratch: Path) -> dict[str, str]:
    """All that the kernel sees: no secret of the caller, no folder but `scratch`."""
    folders = ("HOME", "IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "TMPDIR")
    return {
        **{name: str(scratch) for name in folders},
        "JUPYTER_RUNTIME_DIR": str(scratch),
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": str(ROOT.parent),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        "LANG": "C.UTF-8",
    }


@contextmanager
def shared_kernel(scratch: Path) -> Iterator[Kernel]:
    kernel = Kernel(scratch)
    try:
        yield kernel
    finally:
        kernel.close()
