"""A folder of notebooks that are set to a case, and JupyterLab in it."""

from __future__ import annotations

import json
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from rootforensics.errors import NotebookError, StorageError
from rootforensics.notebooks.shipped import notebooks
from rootforensics.reports.files import make_folder, replacing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

#: The page that opens first.
START: Final = "00_start"
#: A notebook in which only the case is open.
BLANK: Final = "my_notebook"
#: The plugin of JupyterLab 4 that fetches news and looks for updates.
_NEWS: Final = "@jupyterlab/apputils-extension:announcements"
_ADDRESS: Final = "127.0.0.1"
_SECONDS: Final = 120
_ASK_SECONDS: Final = 0.2


def check_lab() -> None:
    """See that JupyterLab can be started here.

    Raises:
        NotebookError: it is not installed.
    """
    if absent := [name for name in ("jupyterlab", "ipykernel", "itables") if find_spec(name) is None]:
        hint = 'Install it: python -m pip install "rootforensics[notebook]"'
        raise NotebookError(f"{', '.join(absent)} is not installed", where="lab", hint=hint)


def write_notebooks(folder: Path, parameters: Mapping[str, str]) -> list[Path]:
    """Write the notebooks that a folder does not have yet, set to a case. What is there stays as it is.

    Args:
        folder: made if it is not there.
        parameters: ``CASE``, the absolute path of the case, and what else the notebooks are set to.

    Returns:
        the files that were written.

    Raises:
        StorageError: the folder cannot be written, or its notebooks are set to another case.
    """
    make_folder(folder)
    start = folder / f"{START}.ipynb"
    if start.exists() and (other := _case_of(start)) != parameters["CASE"]:
        hint = "Name another folder with --out"
        raise StorageError(f"the notebooks here are set to {other or 'no case'}", where=str(folder), hint=hint)
    contents = {notebook.name: notebook.content for notebook in notebooks().values()}
    blank = [cell for cell in contents[START]["cells"] if cell["cell_type"] == "code"][:2]
    contents[BLANK] = contents[START] | {"cells": [*blank, {**blank[1], "id": "blank", "source": []}]}
    written = []
    for name, content in contents.items():
        target = folder / f"{name}.ipynb"
        if not target.exists():
            with replacing(target) as file:
                json.dump(_set_to(content, parameters), file, ensure_ascii=False, indent=1)
                file.write("\n")
            written.append(target)
    return written


def _set_to(content: dict[str, Any], parameters: Mapping[str, str]) -> dict[str, Any]:
    """A notebook whose cell of parameters has these values."""

    def line_of(line: str) -> str:
        name, mark, _ = line.partition(" = ")
        end = "\n" if line.endswith("\n") else ""
        return f"{name} = {json.dumps(parameters[name], ensure_ascii=False)}{end}" if mark and name in parameters else line

    cells = [
        {**cell, "source": [line_of(line) for line in cell["source"]]}
        if "parameters" in cell["metadata"].get("tags", ())
        else cell
        for cell in content["cells"]
    ]
    return content | {"cells": cells}


def _case_of(notebook: Path) -> str:
    """The path in the CASE line of a notebook; empty if there is no such line."""
    try:
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        lines = [line for cell in cells for line in "".join(cell["source"]).split("\n")]
        matches = (re.fullmatch(r'CASE = ("(?:[^"\\]|\\.)*")(?:\s*#.*)?', line) for line in lines)
        return next((str(json.loads(match[1])) for match in matches if match), "")
    except OSError as error:
        raise StorageError(f"cannot tell what is there ({error.strerror})", where=str(notebook)) from error
    except (ValueError, KeyError, TypeError, AttributeError):
        return ""


def serve(folder: Path, *, port: int | None, tell: Callable[[str], None], opens: Callable[[str], object] | None) -> int:
    """Run JupyterLab in a folder until it ends or Ctrl-C; it listens on this machine only and asks for a token.

    Args:
        folder: of the notebooks.
        port: to listen on; None for a free one.
        tell: prints the address.
        opens: opens the address in a browser; None not to.

    Returns:
        the exit status.

    Raises:
        NotebookError: the port is taken, or JupyterLab does not start.
    """
    from ipykernel.kernelspec import write_kernel_spec

    port, token = _free_port(port), secrets.token_hex(24)
    address = f"http://{_ADDRESS}:{port}"
    command = [
        *(sys.executable, "-m", "jupyterlab", "--no-browser", "--Application.log_level=ERROR"),
        *(f"--ServerApp.ip={_ADDRESS}", f"--ServerApp.port={port}", "--ServerApp.port_retries=0"),
        *(f"--ServerApp.root_dir={folder.absolute()}", "--ServerApp.open_browser=False"),
    ]
    # It refuses to run as the administrator of a container, too, although only this machine reaches it.
    command += ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    # In the environment, because everybody on this machine can read the command line. A session of its own, because
    # Ctrl-C must not reach JupyterLab, which would ask whether it is meant.
    environment = os.environ | {"JUPYTER_TOKEN": token}
    with tempfile.TemporaryDirectory() as settings, tempfile.TemporaryFile() as output:
        # JupyterLab would ask whether to fetch its news, and ask the network for updates.
        page_config = Path(settings) / "labconfig" / "page_config.json"
        page_config.parent.mkdir()
        page_config.write_text(json.dumps({"disabledExtensions": {_NEWS: True}}), encoding="utf-8")
        # The user may have a kernel of the name python3 that runs another Python, without this package.
        write_kernel_spec(Path(settings) / "kernels" / "python3")
        for variable in ("JUPYTER_CONFIG_PATH", "JUPYTER_PATH"):
            environment[variable] = os.pathsep.join([settings, *filter(None, [os.environ.get(variable)])])
        process = subprocess.Popen(  # noqa: S603
            command, env=environment, start_new_session=True, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )

        stopped = False

        def stop(*_: object) -> None:
            nonlocal stopped
            stopped = True
            process.terminate()

        for name in ("SIGINT", "SIGTERM", "SIGHUP"):  # Windows has no SIGHUP
            if number := getattr(signal, name, None):
                signal.signal(number, stop)
        failure = _await(process, f"{address}/api")
        if failure and not stopped:
            process.terminate()
            process.wait()
            output.seek(0)
            last = output.read().decode(errors="replace").strip().rpartition("\n")[2]
            raise NotebookError(f"JupyterLab {failure}", where="lab", hint=last or "Run: jupyter lab")
        page = f"{address}/lab/tree/{START}.ipynb?token={token}"
        if not failure:
            tell(page)
            if opens:
                opens(page)
        status = process.wait()
    return 0 if status in (0, -signal.SIGTERM) else status


def _free_port(port: int | None) -> int:
    with socket.socket() as probe:
        if os.name == "posix":  # as JupyterLab does: a port is free at once when the lab that had it has ended
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_ADDRESS, port or 0))
        except OSError as error:
            raise NotebookError("something else listens on this port", where=str(port), hint="Name another one") from error
        return int(probe.getsockname()[1])


def _await(process: subprocess.Popen[bytes], url: str) -> str:
    """Wait until JupyterLab answers, or is stopped; why it does not, or nothing if it does."""
    until = time.monotonic() + _SECONDS
    while time.monotonic() < until:
        if (status := process.poll()) is not None:
            return f"did not start (exit status {status})"
        try:
            with urllib.request.urlopen(url, timeout=_SECONDS):  # noqa: S310 - our own address
                return ""
        except urllib.error.HTTPError:  # it wants the token
            return ""
        except OSError:
            time.sleep(_ASK_SECONDS)
    return f"did not answer within {_SECONDS} s"
