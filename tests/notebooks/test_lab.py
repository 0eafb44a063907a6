"""``rootforensics lab``: notebooks that are set to a case, and a real JupyterLab on them."""

from __future__ import annotations

import hashlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import textwrap
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
import pytest
from click.testing import CliRunner
from playwright.sync_api import expect, sync_playwright

from rootforensics.cli import cli
from rootforensics.errors import StorageError
from rootforensics.notebooks import lab
from rootforensics.notebooks.shipped import notebooks
from tests.reports.tab import CHROMIUM

if TYPE_CHECKING:
    from collections.abc import Iterator


def _source(notebook: Path) -> str:
    return "\n".join(cell.source for cell in nbformat.read(notebook, as_version=4).cells)


def test_each_notebook_is_written_and_set_to_the_case(tmp_path: Path) -> None:
    case = str(tmp_path / 'a "b" ü.duckdb')
    written = lab.write_notebooks(tmp_path / "nb", {"CASE": case, "ACCOUNT_ID": "111122223333"})
    assert {path.stem for path in written} == {*notebooks(), lab.BLANK}
    for path in written:
        nbformat.validate(nbformat.read(path, as_version=4))
        assert f"CASE = {json.dumps(case, ensure_ascii=False)}\n" in f"{_source(path)}\n"
    assert 'ACCOUNT_ID = "111122223333"' in _source(tmp_path / "nb" / "02_sessions_and_signins.ipynb")
    assert 'APPROVALS = ""' in _source(tmp_path / "nb" / "08_reconciliation_with_approvals.ipynb")


def test_what_is_in_the_folder_stays(tmp_path: Path) -> None:
    lab.write_notebooks(tmp_path, {"CASE": "/a.duckdb"})
    own, lost = tmp_path / f"{lab.BLANK}.ipynb", tmp_path / "05_evidence.ipynb"
    own.write_text("mine")
    lost.unlink()
    assert lab.write_notebooks(tmp_path, {"CASE": "/a.duckdb"}) == [lost]
    assert own.read_text() == "mine"


@pytest.mark.parametrize("start", ["other", "{}", "not JSON", '{"cells": [{"source": 1}]}'])
def test_notebooks_of_another_case_are_refused(tmp_path: Path, start: str) -> None:
    lab.write_notebooks(tmp_path, {"CASE": "/other.duckdb"})
    if start != "other":
        (tmp_path / f"{lab.START}.ipynb").write_text(start)
    named = "/other.duckdb" if start == "other" else "no case"
    with pytest.raises(StorageError, match=f"set to {named}"):
        lab.write_notebooks(tmp_path, {"CASE": "/a.duckdb"})


def test_the_start_page_links_to_every_notebook() -> None:
    source = "\n".join("".join(cell["source"]) for cell in notebooks()[lab.START].content["cells"])
    linked = re.findall(r"^- \[[^]]+\]\((\w+)\.ipynb\)", source, re.MULTILINE)
    assert linked == [name for name in notebooks() if name != lab.START]


def test_mistakes_are_said_in_one_line(tmp_path: Path, sample_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def said(*arguments: str) -> str:
        done = CliRunner().invoke(cli, ["lab", *arguments, "--out", str(tmp_path / "nb")])
        assert done.exit_code
        return f"{done.output} {done.exception}"

    assert "the case file does not exist" in said(str(tmp_path / "none.duckdb"))
    assert "no such file or folder" in said(str(tmp_path / "no-logs"))
    assert "'1111' is not an account ID" in said("--account-id", "1111")
    assert "the file of approvals cannot be read" in said("--approvals", str(tmp_path / "none.yaml"))
    assert not (tmp_path / "nb").exists()
    damaged = tmp_path / "cut.duckdb"
    damaged.write_bytes(sample_path.read_bytes()[:100_000])
    assert "damaged: take a copy of it, or load the evidence into a new case" in said(str(damaged))
    done = CliRunner().invoke(cli, ["lab", str(sample_path), "--out", "/dev/null/nb"])
    assert "cannot create the folder (Not a directory). Name another folder" in str(done.exception)
    monkeypatch.setattr(lab, "find_spec", lambda name: None if name == "jupyterlab" else object())
    assert "jupyterlab is not installed" in said(str(tmp_path / "none.duckdb"))


def test_a_kernel_without_the_package_says_what_to_do() -> None:
    """The first lines of a traceback are the user's own; there is no frame of IPython or of an import."""
    opening = [next(cell for cell in _cells(name) if "%load_ext" in cell) for name in notebooks()]
    code = """
        import sys
        from IPython.core.interactiveshell import InteractiveShell
        sys.modules["rootforensics"] = None
        shell = InteractiveShell.instance(colors="nocolor")
        for cell in map(eval, sys.stdin):
            print("next notebook")
            shell.run_cell(cell)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        input="\n".join(map(repr, opening)),
        capture_output=True,
        text=True,
        check=True,
    )
    shown = done.stdout.split("next notebook")[1:]
    assert len(shown) == len(notebooks())
    for text in shown:
        assert 'Change the kernel, or run: %pip install "rootforensics[notebook]"' in text
        assert "\nModuleNotFoundError: No module named 'rootforensics" in text
        assert "\nFile " not in text


def _cells(name: str) -> list[str]:
    return ["".join(cell["source"]) for cell in notebooks()[name].content["cells"] if cell["cell_type"] == "code"]


def test_a_port_is_free_at_once_when_its_lab_has_ended() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        port = server.getsockname()[1]
        accepted, _ = server.accept()
        accepted.close()  # who closes first waits
        assert client.recv(1) == b""
    assert lab._free_port(port) == port


@contextmanager
def running(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The command in a process of its own, and the address that it prints."""
    command = [sys.executable, "-m", "rootforensics", "lab", *arguments, "--no-browser"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stderr
        address = next((found[0] for line in process.stderr if (found := re.search(r"http://\S+", line))), "")
        yield process, address
    finally:
        process.terminate()  # a kill would leave its JupyterLab running
        process.communicate()


def _status(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=60) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


@pytest.mark.heavy
def test_it_listens_on_this_machine_asks_for_a_token_and_ends_with_ctrl_c(sample_path: Path, tmp_path: Path) -> None:
    before = hashlib.sha256(sample_path.read_bytes()).digest()
    with running(str(sample_path), "--out", str(tmp_path)) as (process, address):
        server, _, token = address.partition("/lab/tree/00_start.ipynb?token=")
        assert (_status(f"{server}/api/contents"), _status(f"{server}/api/contents?token={token}")) == (403, 200)
        port = int(server.rpartition(":")[2])
        with socket.socket() as other, pytest.raises(OSError, match="refused"):
            other.connect(("127.0.0.2", port))
        taken = CliRunner().invoke(cli, ["lab", str(sample_path), "--out", str(tmp_path), "--port", str(port)])
        assert "something else listens on this port" in str(taken.exception)
        os.kill(process.pid, signal.SIGINT)
        assert process.wait(60) == 0
        with pytest.raises(urllib.error.URLError, match="refused"):
            _status(f"{server}/api")
    assert hashlib.sha256(sample_path.read_bytes()).digest() == before


@pytest.mark.heavy
def test_ctrl_c_before_jupyterlab_is_there_ends_it(sample_path: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "rootforensics", "lab", str(sample_path), "--no-browser", "--out", str(tmp_path)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        assert "11 notebooks written" in process.stderr.readline()
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        assert process.stderr.read() == "JupyterLab has ended\n"
        assert process.wait(60) == 0


@pytest.mark.deep
@pytest.mark.heavy
def test_the_kernel_is_the_python_of_the_lab(
    sample_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A kernel of the user's with the usual name may run another Python, without the package."""
    other = tmp_path / "user" / "kernels" / "python3" / "kernel.json"
    other.parent.mkdir(parents=True)
    other.write_text(json.dumps({"argv": ["/usr/bin/false"], "display_name": "Other", "language": "python"}))
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "user"))
    monkeypatch.setenv("JUPYTER_PREFER_ENV_PATH", "0")
    with running(str(sample_path), "--out", str(tmp_path / "lab")) as (_, address):
        server, _, token = address.partition("/lab/tree/00_start.ipynb?token=")
        with urllib.request.urlopen(f"{server}/api/kernelspecs/python3?token={token}", timeout=60) as answer:
            assert json.load(answer)["spec"]["argv"][0] == sys.executable


@pytest.mark.heavy
def test_without_a_case_the_sample_opens(tmp_path: Path) -> None:
    with running("--out", str(tmp_path / "lab")) as (_, address):
        assert _status(address) == 200
    assert (tmp_path / "lab" / "case.duckdb").is_file()
    source = _source(tmp_path / "lab" / "08_reconciliation_with_approvals.ipynb")
    assert f"APPROVALS = {json.dumps(str(tmp_path / 'lab-sample' / 'approvals.yaml'))}" in source


@pytest.mark.heavy
def test_the_start_page_runs_in_a_browser(sample_path: Path, tmp_path: Path) -> None:
    with running(str(sample_path), "--out", str(tmp_path)) as (_, address), sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page: Any = browser.new_page(viewport={"width": 1300, "height": 1000})
        page.goto(address)
        page.get_by_role("button", name="Python 3 (ipykernel) | Idle").wait_for(timeout=90_000)
        page.get_by_role("menuitem", name="Run", exact=True).click(timeout=60_000)
        page.locator("#jp-mainmenu-run").get_by_text("Run All Cells", exact=True).click()
        heading = page.locator(
            ".jp-RenderedHTML h4", has_text="Account 111122223333: likely takeover, 9 of 9 checks failed"
        )
        expect(heading.first).to_be_visible(timeout=240_000)
        page.locator(".vega-embed").first.wait_for(timeout=90_000)
        page.set_viewport_size({"width": 1300, "height": 500})
        chart = page.locator(".jp-RenderedVegaCommon5").first
        assert chart.bounding_box()["height"] <= 400, (
            "a chart that is higher than the window scrolls in a box of its own"
        )
        assert chart.evaluate("box => box.scrollHeight > box.clientHeight")
        page.set_viewport_size({"width": 1300, "height": 1000})
        brief = page.locator(".jp-RenderedHTML", has=page.locator("h4", has_text="First steps"))
        assert brief.locator("table").count() == 0
        height = brief.first.bounding_box()["height"]
        assert height < 600, "longer text scrolls in its own box"
        assert page.get_by_text("official Jupyter news").count() == 0
        assert page.locator(".jp-RenderedText[data-mime-type='application/vnd.jupyter.stderr']").count() == 0
        browser.close()
