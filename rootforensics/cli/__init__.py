"""The command line: one file a command. It prints and exits; the library does the work.

Exit status: 0 done, 1 refused, 2 wrong usage, 3 evidence failed (with ``--strict``) or is missing, or what was checked
does not hold.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
from difflib import get_close_matches
from importlib import import_module
from select import select
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any, Final, NoReturn

import click

from rootforensics import __version__
from rootforensics.cli.arguments import keep_arguments
from rootforensics.cli.stdout import guard_streams
from rootforensics.cli.style import keep_color
from rootforensics.engines.running import interrupt, what_a_command_kept
from rootforensics.errors import RootForensicsError
from rootforensics.sources.stopping import stop

if TYPE_CHECKING:
    from types import FrameType, TracebackType

#: What help shows: the commands by what they are for, in the order in which they are met, each with a short text.
_GROUPS: Final = {
    "Start": {
        "demo": "Run triage on a sample incident, without an AWS account",
        "triage": "Load logs, analyze them and write all results",
        "lab": "Open JupyterLab on a case, on logs or on the sample",
        "help": "Show help for a command",
        "completion": "Print the completion script for your shell",
    },
    "Get logs": {
        "load": "Load CloudTrail logs into a case",
        "history": "Download CloudTrail's event history and load it",
        "extract": "Build a case from a search in Athena, Trino or Spark",
        "merge": "Combine several cases into one",
    },
    "Investigate": {
        "verdict": "Check each root user for takeover, with next steps",
        "incident": "Show the whole incident as one timeline",
        "timeline": "List every event attributed to root",
        "findings": "List findings, most severe first",
        "blast-radius": "List what root created or changed and what is open",
        "hypotheses": "Weigh how root access may have been gained",
        "contained": "Check whether containment holds",
        "indicators": "List addresses, keys and identities to search for",
        "approvals": "Compare root sessions with approved requests",
        "coverage": "Show which hours the logs cover",
        "query": "Run a query of the catalogue; --list shows them all",
        "sql": "Run your own SQL on a case or on an engine",
        "raw": "Print the original record of an event",
        "note": "Add a note to a case, or list the notes",
        "chart": "Draw a chart, or all of them",
        "notebook": "Run the notebooks on a case",
    },
    "Hand over": {
        "brief": "Summarize a case on one or two pages",
        "report": "Write the full report as HTML, Markdown or PDF",
        "handover": "Write next steps, an AWS Support case and the facts",
        "export": "Write a case as Parquet files",
    },
    "Prove": {
        "evidence": "List every loaded object with its hash and status",
        "verify": "Verify the logs with CloudTrail's digest files",
        "custody": "Show or verify the chain of custody",
        "manifest": "Write or check a signed list of all evidence",
        "pack": "Write or check one zip file with case and evidence",
    },
    "Harden": {
        "posture": "Check how well root is protected now",
        "alarm": "Replay the CloudWatch alarm on root, or write one",
        "runbook": "Write or check a runbook for the use of root",
    },
}
_COMMANDS: Final = {name: text for group in _GROUPS.values() for name, text in group.items()}

#: Commands that write to a case: they are never ended in the middle of that.
_WRITING: Final = frozenset(
    ("triage", "demo", "lab", "load", "merge", "history", "extract", "note", "verify", "posture")
)
#: Of these, the commands that continue where they were stopped, because a file is loaded only once.
_CONTINUING: Final = frozenset(("triage", "demo", "lab", "load", "history"))
#: So often the engine is told to stop until it does.
_AGAIN_SECONDS: Final = 0.05


class _Commands(click.Group):
    """Commands in the order in which one meets them, each imported when it is needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _COMMANDS:
            return None
        command = import_module(f"rootforensics.cli.{cmd_name.replace('-', '_')}").command
        assert isinstance(command, click.Command)  # noqa: S101 - each module names its command so
        command.short_help = _COMMANDS[cmd_name]
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the commands in their groups; none is imported for that."""
        width = max(map(len, _COMMANDS))
        for title, group in _GROUPS.items():
            with formatter.section(title):
                formatter.write_dl([(name.ljust(width), text) for name, text in group.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Import the command and the engine; from here on, stopping the command may have to tidy up."""
        if args[0] not in _COMMANDS:
            from rootforensics.cli.arguments import instead_of

            close = get_close_matches(args[0], _COMMANDS, 1)
            hint = instead_of(args) or (f"Did you mean {close[0]}?" if close else "")
            raise click.UsageError(f"No such command {args[0]!r}. {hint}".rstrip(), ctx)
        keep_arguments(ctx, args)
        found = super().resolve_command(ctx, args)
        import_module("duckdb")  # an error that is raised within this import is printed by compiled code
        _stop.take_over(writes=found[0] in _WRITING, continues=found[0] in _CONTINUING)
        return found

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - what a command returns
        """Run it; Ctrl-C is told in ``main``, without the empty line that click adds."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as error:
            raise click.Abort from error


class _Stop:
    """Ctrl-C while a command runs. It is remembered, for an import that it breaks off may fail in any other way.

    Python answers a signal between two steps of its own, and a query is one step. A thread that wakes at once stops the
    query; the second time it ends the program, whatever that is doing.
    """

    def __init__(self) -> None:
        self.was_asked = False
        self._writes = self._continues = False
        self._telling = Lock()
        self._was_told = False

    def take_over(self, *, writes: bool, continues: bool) -> None:
        """Answer from here on what the start of the program answered by ending at once.

        Args:
            writes: whether the command writes to a case; if it does not, the second Ctrl-C ends the program.
            continues: whether the same command continues where it was stopped.
        """
        self._writes, self._continues = writes, continues
        if getattr(signal.getsignal(signal.SIGINT), "__name__", "") == "end_at_once":
            signal.signal(signal.SIGINT, self._ask)
            woken, waking = os.pipe()
            os.set_blocking(waking, False)
            signal.set_wakeup_fd(waking, warn_on_full_buffer=False)
            Thread(target=self._watch, args=(woken,), daemon=True).start()
            sys.excepthook = self._uncaught
            sys.unraisablehook = self._swallowed

    def _ask(self, signum: int, frame: FrameType | None) -> NoReturn:  # noqa: ARG002 - a handler's signature
        self.was_asked = True
        raise KeyboardInterrupt

    def _watch(self, woken: int) -> None:
        """Wait for Ctrl-C, and see to it that the program hears of it.

        Compiled code may swallow the error that it raises, and a query may begin after it: none goes on.
        """
        asked = 0
        while True:
            if select([woken], [], [], _AGAIN_SECONDS if asked else None)[0]:
                asked += os.read(woken, 1)[0] == signal.SIGINT
            if asked > 1 and not self._writes:
                self.tell()
                os._exit(130)
            if asked:
                stop()
                interrupt()

    def _uncaught(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if not self.was_asked:
            sys.__excepthook__(kind, error, trace)
            return
        self.tell()
        sys.stdout.flush()
        os._exit(130)

    def _swallowed(self, what: sys.UnraisableHookArgs) -> None:
        if self.was_asked and isinstance(what.exc_value, KeyboardInterrupt):  # in the middle of compiled code
            self._uncaught(type(what.exc_value), what.exc_value, None)
        sys.__unraisablehook__(what)

    def tell(self) -> None:
        """Say it in one line, and only once; of a command that writes to a case, what became of that."""
        with self._telling:
            if not self._was_told:
                self._was_told = True
                way_on = ". Run the same command again to continue." if self._continues else ""
                kept = f"; {what_a_command_kept(way_on)}" if self._writes else ""
                click.echo(f"rootforensics: stopped{kept}", err=True)


_stop: Final = _Stop()


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="rootforensics")
@click.option(
    "--color",
    type=click.Choice(("auto", "always", "never")),
    default="auto",
    show_default=True,
    expose_value=False,
    callback=keep_color,
    help="Colors: on a terminal only (none if NO_COLOR is set), always, or never.",
)
def cli() -> None:
    """Forensics for the AWS account root user: cited answers from CloudTrail logs.

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
    # It tells at each start where home is read-only that it keeps its fonts elsewhere.
    logging.getLogger("matplotlib").setLevel(logging.ERROR)
    guard_streams()
    try:
        status = cli.main(standalone_mode=False, color=False if os.environ.get("NO_COLOR") else None)
        sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        _stop.tell()
        sys.exit(130)
    except RootForensicsError as error:
        if _stop.was_asked:
            raise
        from rootforensics.cli.talk import printable

        click.echo("\n".join(printable(line) for line in f"rootforensics: {error}".split("\n")), err=True)
        sys.exit(1)
    except BrokenPipeError:  # the reader of our output has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    sys.stderr.flush()
    # All is written and closed; taking a large process apart in good order would only take time.
    os._exit(status if isinstance(status, int) else 0)
