"""``rootforensics notebook``."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from rootforensics.cli.arguments import case_argument
from rootforensics.cli.options import account_option, approvals_option
from rootforensics.cli.talk import talk, tell_absence

if TYPE_CHECKING:
    from rootforensics.notebooks.shipped import Shipped


class _NotebookCommand(click.Command):
    """A command whose help lists the notebooks."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the notebooks below the options."""
        from rootforensics.notebooks.shipped import notebooks

        with formatter.section("Notebooks"):
            formatter.write_dl([(notebook.name, notebook.title) for notebook in notebooks().values()])


def _check_use(options: dict[str, tuple[str, str | None]], chosen: list[Shipped]) -> None:
    """Refuse an option that none of the notebooks has a parameter for."""
    for option, (parameter, value) in options.items():
        if value and not any(parameter in one.parameters for one in chosen):
            raise click.UsageError(f"{option} is not for the notebook {chosen[0].name}.")


def _tell_beyond(account_id: str, chosen: list[Shipped]) -> None:
    """Say on stderr what shows more than the account that was asked for."""
    beyond = [one for one in chosen if one.shows_whole_case]
    for words, names in (
        ("all of it", [one.name for one in beyond if "ACCOUNT_ID" not in one.parameters]),
        ("where they say so", [one.name for one in beyond if "ACCOUNT_ID" in one.parameters]),
    ):
        if names:
            talk(f"of the whole case, not of account {account_id} alone ({words}): {', '.join(names)}")


@click.command("notebook", cls=_NotebookCommand)
@case_argument
@click.argument("name", default="all")
@click.option("--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="The folder to write to.")
@click.option(
    "--html",
    "page",
    is_flag=True,
    help="Write each as HTML too, and index.html, which lists them; they need no network.",
)
@account_option
@approvals_option
def command(case: str, name: str, out: Path, page: bool, account_id: str, approvals: str | None) -> None:
    """Run the notebook NAME on CASE, or all notebooks, and save them with their results.

    NAME is a name or a number. A notebook that fails is saved up to the failed cell and reported, and the exit status
    is 1; the others still run. Only earlier runs of the same notebook are overwritten.

    --approvals applies to 03 and 08. 07 always shows the whole case.

    \b
    Examples:
      rootforensics notebook case.duckdb --out notebooks --html
      rootforensics notebook case.duckdb 02 --out notebooks --account-id 111122223333
      rootforensics notebook case.duckdb reconciliation-with-approvals --out notebooks --approvals approvals.yaml
    """
    from rootforensics import __version__, open_case
    from rootforensics.cli.targets import log_written
    from rootforensics.errors import NotebookError
    from rootforensics.notebooks.index import INDEX, index_page
    from rootforensics.notebooks.run import check_extra, is_run_of, run_notebook, targets
    from rootforensics.notebooks.shipped import named, notebooks
    from rootforensics.phrases import at
    from rootforensics.reports.files import make_folder, replacing

    check_extra()
    chosen = list(notebooks().values()) if name == "all" else [named(name)]
    _check_use({"--approvals": ("APPROVALS", approvals), "--account-id": ("ACCOUNT_ID", account_id)}, chosen)
    with open_case(case) as opened:
        opened.sql("FROM case_info LIMIT 0")  # a wrong path is told before anything is written
        tell_absence(opened, account_id)
        make_folder(out)
        title, custody_hash = opened.analysis().head.get("title", "Unnamed case"), opened.custody().rows[-1]["sha256"]
        parameters = {"CASE": str(opened.path), "ACCOUNT_ID": account_id}
    if approvals:
        parameters["APPROVALS"] = str(Path(approvals).absolute())
    if account_id:
        _tell_beyond(account_id, chosen)
    started = datetime.now(UTC)
    runs = []
    for notebook, target in list(targets(out, chosen, page=page)):
        failure = run_notebook(notebook, parameters, target, page=page)
        talk(f"failed: {target}: {failure}" if failure else f"written: {target}")
        runs.append((notebook, failure))
    if page:
        known = notebooks()
        earlier = [one for one in known.values() if one not in chosen and is_run_of(out / f"{one.name}.html", one.name)]
        facts = {
            "Case": str(opened.path),
            "Run (UTC)": f"{at(started)} to {at(datetime.now(UTC))}, rootforensics {__version__}",
            "Account": account_id or "all accounts",
            "Approvals": parameters.get("APPROVALS", "none"),
            "Last hash of the chain of custody before this run": custody_hash,
        }
        with replacing(out / INDEX) as file:
            file.write(index_page(title, custody_hash, facts, runs, earlier, known))
        talk(f"written: {out / INDEX}")
    log_written(opened)
    if failed := sum(bool(failure) for _, failure in runs):
        raise NotebookError(f"{failed} of {len(chosen)} notebooks did not run to the end", where=str(out))
