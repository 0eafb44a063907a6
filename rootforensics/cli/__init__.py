"""The command line: one file a command. It prints and exits; the library does the work.

Exit status: 0 done, 1 refused, 2 wrong usage, 3 evidence failed (with ``--strict``).
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import Final

import click

from rootforensics import __version__
from rootforensics.errors import RootForensicsError

_COMMANDS: Final = {
    "triage": "triage",
    "load": "load",
    "history": "history",
    "evidence": "evidence",
    "queries": "queries",
    "query": "query",
    "findings": "findings",
    "sql": "sql",
    "timeline": "timeline",
    "blast-radius": "blast_radius",
    "verdict": "verdict",
    "report": "report",
    "approvals": "approvals",
    "note": "note",
    "notes": "notes",
    "raw": "raw",
    "alarm": "alarm",
    "completion": "completion",
}


class _Commands(click.Group):
    """Commands in the order in which one meets them, each imported when it is needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _COMMANDS:
            return None
        command = import_module(f"rootforensics.cli.{_COMMANDS[cmd_name]}").command
        assert isinstance(command, click.Command)  # noqa: S101 - each module names its command so
        return command


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="rootforensics")
def cli() -> None:
    """Forensics for the AWS account root user: CloudTrail logs in, root's story out, every line cited.

    \b
    Start here:
      rootforensics triage logs/ --out incident/
      rootforensics query incident/case.duckdb root-signins
      rootforensics sql incident/case.duckdb "SELECT count(*) FROM root_activity"
    """


def main() -> None:
    """Run the command line and exit."""
    # Nothing here multiplies matrices; NumPy's threads for that would only start and wait.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        status = cli.main(standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        click.echo(
            "rootforensics: stopped; a load of files leaves the case as it was, one from S3 keeps its finished steps",
            err=True,
        )
        sys.exit(130)
    except RootForensicsError as error:
        from rootforensics.cli.output import printable

        click.echo("\n".join(printable(line) for line in f"rootforensics: {error}".split("\n")), err=True)
        sys.exit(1)
    except BrokenPipeError:  # the reader of our output has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    sys.stderr.flush()
    # All is written and closed; taking a large process apart in good order would only take time.
    os._exit(status if isinstance(status, int) else 0)
