"""``rootforensics query``: a command for each query of the catalogue."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import click

from rootforensics.cli.arguments import asks_engine, case_or_trail_argument
from rootforensics.cli.engine import answer, asking_options
from rootforensics.cli.options import account_id, make_filters, output_options, time_options, with_options
from rootforensics.cli.redact import redact_option, redacted
from rootforensics.cli.talk import talk_wrapped, tell_absence, write_out

if TYPE_CHECKING:
    from collections.abc import Callable

    from rootforensics.queries.catalogue import Query


#: Queries that have no rows before verify is run.
_OF_VERDICTS: Final = re.compile(r"\bFROM (integrity|chain_breaks|digest_chains)\b")


class _Questions(click.Group):
    """The catalogue as commands."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments. A case before ``--list`` is ignored, because all cases have the same queries."""
        return super().parse_args(ctx, args[1:] if args[1:2] == ["--list"] else args)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        from rootforensics.queries.catalogue import questions

        return [query.command_name for query in questions().values()]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        from rootforensics.queries.catalogue import questions

        query = questions().get(cmd_name.replace("-", "_"))
        return None if query is None else _command_of(query)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        from rootforensics.errors import QueryError
        from rootforensics.queries.catalogue import question

        try:
            question(args[0], listed=True)
        except QueryError as error:
            is_command = args[0] in ctx.find_root().command.list_commands(ctx)  # type: ignore[attr-defined] # a group
            hint = f"It is a command: rootforensics {args[0]} {ctx.params.get('case', 'CASE')}"
            raise click.UsageError(f"{error.problem}. {hint}" if is_command else str(error), ctx) from error
        if asks_engine(args):
            query = question(args[0], listed=True)
            return query.command_name, _engine_command_of(query), args[1:]
        return super().resolve_command(ctx, args)


def _spelled(name: str) -> list[str]:
    """The options for a parameter."""
    return [f"--{name.replace('_', '-')}", *(["--account"] if name == "account_id" else [])]


class _Question(click.Command):
    """A command for one query, which lists its options if it gets an unknown one."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            own = [param.opts[0] for param in self.params]
            times = " Its rows have no time." if error.option_name in ("--since", "--until") else ""
            raise click.UsageError(
                f"No such option: {error.option_name}. It has {', '.join(own)}.{times}", ctx
            ) from error


def _command_of(query: Query) -> click.Command:
    from rootforensics.queries.within import has_time

    def run(
        form: str,
        output: str | None,
        redact: str | None,
        since: str | None = None,
        until: str | None = None,
        **parameters: Any,  # noqa: ANN401
    ) -> None:
        from rootforensics.cli.output import count_rows, write_result
        from rootforensics.cli.targets import answering
        from rootforensics.queries.within import result_within

        context = click.get_current_context()
        assert context.parent is not None  # noqa: S101 - a question is always under "query"
        wanted = make_filters(since, until)
        with answering(context.parent.params["case"], output) as (case, later):
            result = case.query(query.name, **{name: value for name, value in parameters.items() if value is not None})
            result = result_within(result, wanted.since, wanted.until)
            later(write_result, redacted(case, result, redact, output), form, output)
            named = {parameters.get(parameter.name) or "" for parameter in query.parameters if parameter.is_account}
            for account in sorted(named - {""} or named):
                tell_absence(case, account, len(result) if query.attack else 1, wanted, later)
            if _OF_VERDICTS.search(query.sql) and not len(case.query("log_integrity")):
                later(talk_wrapped, "The case has no results of verify since the last load. Run rootforensics verify.")
            later(count_rows, result)

    options = (
        *([time_options] if has_time([column.name for column in query.columns]) else ()),
        output_options,
        redact_option,
    )
    return _made(query, with_options(run, options))


def _engine_command_of(query: Query) -> click.Command:
    def run(**options: Any) -> int:  # noqa: ANN401
        context = click.get_current_context()
        assert context.parent is not None  # noqa: S101 - a question is always under "query"
        return answer(context.parent.params["case"], options, query=query.name)

    command = _made(query, output_options(asking_options(run)))
    # The query's own --account-id selects rows; they may also come from folders of other accounts.
    command.params = [param for param in command.params if param.name != "accounts"]
    return command


def _made(query: Query, run: Callable[..., Any]) -> click.Command:
    """The command, with an option for each parameter."""
    command = click.command(
        query.command_name,
        cls=_Question,
        help=f"{query.question}\n\nNot seen: {query.misses}\n\nSource: {query.source}",
        short_help=query.title,
    )(run)
    command.params[:0] = [
        click.Option(
            [*_spelled(parameter.name), parameter.name],
            type=account_id if parameter.is_account else None,
            metavar=parameter.type,
            help=parameter.help.replace("; empty for all", "; default: all"),
        )
        for parameter in query.parameters
    ]
    return command


def _list(context: click.Context, _: click.Parameter, name: str | None) -> None:
    """Print all queries with their questions, or describe one, and exit."""
    if name is None or context.resilient_parsing:
        return
    from rootforensics.cli.paragraphs import sentence_lines
    from rootforensics.cli.terminal import write_lines
    from rootforensics.queries.catalogue import question, questions

    if name:
        _describe(question(name, listed=True))
    else:
        width = max(len(query.command_name) for query in questions().values())
        rows = ((query.command_name.ljust(width), query.question) for query in questions().values())
        write_lines([line for lead, text in rows for line in sentence_lines(f"{lead}  ", text)])
    context.exit()


def _describe(query: Query) -> None:
    """Print a query with its columns and its SQL."""
    from rootforensics.cli.paragraphs import write_sentence

    write_out(f"{query.title}\n")
    write_sentence("", query.question)
    write_out()
    write_sentence("Not seen: ", query.misses)
    write_sentence("Source: ", query.source)
    if query.attack:
        write_out(f"ATT&CK: {', '.join(query.attack)}")
    for heading, entries in (
        ("Parameters", [(f"--{p.name.replace('_', '-')}", p.type, p.help) for p in query.parameters]),
        ("Columns", [(c.name, c.type, c.note) for c in query.columns]),
    ):
        if entries:
            write_out(f"\n{heading}:")
            for entry_name, kind, note in entries:
                write_sentence(f"  {entry_name}  {kind}  " if note else "  ", note or f"{entry_name}  {kind}")
    write_out(f"\nSQL:\n{query.sql}")


@click.group(
    "query", cls=_Questions, invoke_without_command=True, subcommand_metavar="NAME [--PARAM VALUE]... [--format F]"
)
@click.option(
    "--list",
    metavar="[NAME]",
    is_flag=False,
    flag_value="",
    is_eager=True,
    expose_value=False,
    callback=_list,
    help="List all queries, or describe the one called NAME, and exit.",
)
@case_or_trail_argument
@click.pass_context
def command(context: click.Context, case: str) -> None:
    """Run one of the queries listed below on CASE, by its NAME. --list NAME shows its parameters.

    With --engine after NAME, Athena or Trino runs the query, and CASE is the S3 address of a trail (see extract).
    Some queries are not available there.

    \b
    Examples:
      rootforensics query case.duckdb root-signins
      rootforensics query case.duckdb root-writes --account-id 111122223333 --format csv
      rootforensics query --list
      rootforensics query --list root-signins
      rootforensics query s3://bucket/AWSLogs/ root-signins --engine trino --server https://trino --since 2026-08-01
    """
    if context.invoked_subcommand is None:
        raise click.UsageError(
            f"Name a query: rootforensics query {case} root-signins. rootforensics query --list lists all."
        )
