"""``rootforensics lab``."""

from __future__ import annotations

import webbrowser
from pathlib import Path

import click

from rootforensics.cli.arguments import CaseFile
from rootforensics.cli.options import account_option, approvals_option
from rootforensics.cli.talk import talk
from rootforensics.cli.triage import command as triage
from rootforensics.sources.sample import sample_file, sample_logs


@click.command("lab")
@click.argument("sources", nargs=-1, metavar="[CASE | LOGS]...")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("rootforensics-lab"),
    show_default=True,
    help="Folder for the notebooks, and for the case if logs are given.",
)
@click.option("--port", type=click.IntRange(1024, 65_535), help="Port on this machine; a free one if not given.")
@click.option("--no-browser", is_flag=True, help="Print the address only.")
@account_option
@approvals_option
@click.pass_context
def command(
    ctx: click.Context,
    sources: tuple[str, ...],
    out: Path,
    port: int | None,
    no_browser: bool,
    account_id: str,
    approvals: str | None,
) -> int:
    """Open JupyterLab on a case, in a folder of notebooks that are set up for it.

    LOGS are loaded first, as triage does. Without CASE and LOGS the sample incident opens. The first page shows the
    brief, the incident chart and the first steps. Existing notebooks in the folder are not changed.
    JupyterLab listens on this machine only and asks for a token, which is in the address. Ctrl-C ends it.

    \b
    Examples:
      rootforensics lab
      rootforensics lab incident/case.duckdb --out notebooks/
      rootforensics lab AWSLogs/ --out incident/
      rootforensics lab incident/ --no-browser --port 8888
    """
    from rootforensics import open_case
    from rootforensics.analysis.approvals.read import read_approvals
    from rootforensics.notebooks.lab import check_lab, serve, write_notebooks

    check_lab()
    if approvals:
        read_approvals(approvals)  # an error in it is reported before anything is written
    parameters = {"ACCOUNT_ID": account_id} if account_id else {}
    if len(sources) == 1 and _is_case(sources[0]):
        case = Path(CaseFile().convert(sources[0], None, ctx))
        with open_case(case) as opened:
            opened.sql("FROM case_info LIMIT 0")  # a case that cannot be read is told before anything is written
    else:
        case = out / "case.duckdb"
        options = []
        if not sources:
            sample = out.with_name(f"{out.name}-sample")  # not in the folder, which a load wants empty
            sources = (str(sample_logs(sample)),)
            options = ["--public-keys", str(sample_file("public-keys.json", sample))]
            parameters |= {"APPROVALS": _absolute(sample_file("approvals.yaml", sample))}
            parameters |= {"ANSWERS": _absolute(sample_file("posture", sample))}
        with triage.make_context("lab", [*sources, "--out", str(out), *options], parent=ctx.parent) as own:
            status: int = triage.invoke(own)
        if not case.is_file():
            return status
    if approvals:
        parameters["APPROVALS"] = _absolute(approvals)
    written = write_notebooks(out, {"CASE": _absolute(case), **parameters})
    talk(f"{len(written)} notebooks written to {out}" if written else f"the notebooks in {out} stay as they are")
    opens = None if no_browser else webbrowser.open

    def tell(address: str) -> None:
        talk(f"JupyterLab is at {address}")
        talk("Ctrl-C ends it; the case and the notebooks stay")

    status = serve(out, port=port, tell=tell, opens=opens)
    talk("JupyterLab has ended")
    return status


def _is_case(source: str) -> bool:
    path = Path(source)
    return path.suffix == ".duckdb" or (path / "case.duckdb").is_file()


def _absolute(path: str | Path) -> str:
    return str(Path(path).absolute())
