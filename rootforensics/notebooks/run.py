"""Run notebooks on a case, and keep what came out."""

from __future__ import annotations

import json
import os
import tempfile
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from rootforensics.errors import NotebookError, StorageError
from rootforensics.notebooks.index import INDEX
from rootforensics.notebooks.page import MARK, as_page
from rootforensics.reports.files import replacing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rootforensics.notebooks.shipped import Shipped

#: What runs notebooks and turns them into pages.
_NEEDED: Final = ("papermill", "nbconvert", "ipykernel")
_HEAD_BYTES: Final = 4096
_CELL_SECONDS: Final = 3600


def check_extra() -> None:
    """See that notebooks can be run here.

    Raises:
        NotebookError: what runs them is not installed.
    """
    if absent := [name for name in _NEEDED if find_spec(name) is None]:
        hint = 'Install it: python -m pip install "rootforensics[notebook]"'
        raise NotebookError(f"{', '.join(absent)} is not installed", where="notebook", hint=hint)


def check_citation(target: Path, name: str) -> None:
    """Refuse to write over anything but an earlier run of the same notebook, or an earlier index.

    Raises:
        StorageError: something else is there.
    """
    if target.exists() and not is_run_of(target, name):
        hint = "Name another folder"
        raise StorageError(f"this is no earlier run of {name}; it is not written over", where=str(target), hint=hint)


def run_notebook(notebook: Shipped, parameters: dict[str, Any], target: Path, *, page: bool = False) -> str:
    """Run one notebook and write it with its outputs.

    Args:
        notebook: which.
        parameters: for its cell ``parameters``; those that it does not have are left out.
        target: the notebook to write.
        page: write it as HTML beside it, too.

    Returns:
        Why it did not run to its end, with the place of the cell, in one line; empty if it did. It is written then,
        too, with the outputs up to there.

    Raises:
        NotebookError: there is no kernel to run it.
        StorageError: a file cannot be written.
    """
    given = {name: value for name, value in parameters.items() if name in notebook.parameters}
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out.ipynb"
        failure = _execute(notebook, given, out)
        done: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    _tidy(done, notebook)
    with replacing(target) as file:
        json.dump(done, file, ensure_ascii=False, indent=1)
        file.write("\n")
    _sign(target)
    if page:
        with replacing(target.with_suffix(".html")) as file:
            file.write(as_page(done, notebook.name, notebook.title))
    return failure


def _execute(notebook: Shipped, parameters: dict[str, Any], out: Path) -> str:
    import papermill
    from jupyter_client.kernelspec import NoSuchKernel
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill.exceptions import PapermillExecutionError
    from traitlets.config import Config

    # Sockets of the file system: nobody else on this machine can listen, and the kernel does not warn of it.
    sockets = {"transport": "ipc", "ip": str(out.with_name("kernel"))} if os.name == "posix" else {}
    config = Config({"KernelManager": sockets})
    quiet = ["--log-level=CRITICAL"]  # what the kernel itself has to say; outputs and errors come with the cells
    options = {"extra_arguments": quiet, "progress_bar": False, "execution_timeout": _CELL_SECONDS, "config": config}
    try:
        papermill.execute_notebook(str(notebook.path), str(out), parameters, **options)
    except PapermillExecutionError as error:
        return f"In [{error.exec_count}]: {error.ename}: {_first_line(error.evalue)}"
    except (DeadKernelError, CellTimeoutError) as error:
        return _first_line(str(error)) or type(error).__name__
    except NoSuchKernel as error:
        hint = "Run: python -m ipykernel install --sys-prefix"
        raise NotebookError("there is no kernel python3 to run it", where=notebook.name, hint=hint) from error
    return ""


def _sign(target: Path) -> None:
    """Sign a notebook, so that JupyterLab of the same user trusts its outputs. Without a place for the key it stays unsigned."""
    from nbformat import read
    from nbformat.sign import NotebookNotary

    make: Callable[[], Any] = NotebookNotary  # these two have no types
    load: Callable[[str, int], Any] = read
    with suppress(OSError):
        notary = make()
        notary.sign(load(str(target), 4))
        notary.store.close()


def _first_line(text: str) -> str:
    return text.strip().split("\n", maxsplit=1)[0]


def _tidy(done: dict[str, Any], notebook: Shipped) -> None:
    """Say what it is; leave out what papermill notes down of this machine, and its own remarks about an error."""
    done["metadata"].pop("papermill", None)
    done["metadata"][MARK] = {"notebook": notebook.name}
    done["metadata"]["title"] = notebook.title
    done["cells"] = [one for one in done["cells"] if "papermill-error-cell-tag" not in one["metadata"].get("tags", ())]
    for cell in done["cells"]:
        cell["metadata"].pop("papermill", None)


def is_run_of(target: Path, name: str) -> bool:
    """True if a file is a run of the notebook of this name.

    Raises:
        StorageError: it cannot be read.
    """
    if not target.is_file():
        return False
    try:
        if target.suffix == ".html":
            with target.open("rb") as file:
                return f"{MARK}: {name} ".encode() in file.read(_HEAD_BYTES)
        held = json.loads(target.read_bytes())
    except OSError as error:
        raise StorageError(f"cannot tell what is there ({error.strerror})", where=str(target)) from error
    except ValueError:
        return False
    metadata = held.get("metadata") if isinstance(held, dict) else None
    return isinstance(metadata, dict) and metadata.get(MARK) == {"notebook": name}


def targets(folder: Path, chosen: list[Shipped], *, page: bool) -> Iterator[tuple[Shipped, Path]]:
    """Each notebook with the file to write, all of them checked before the first is run.

    Raises:
        StorageError: something else is there.
    """
    found = [(one, folder / f"{one.name}.ipynb") for one in chosen]
    for notebook, target in found:
        for place in (target, target.with_suffix(".html")) if page else (target,):
            check_citation(place, notebook.name)
    if page:
        check_citation(folder / INDEX, "index")
    yield from found
