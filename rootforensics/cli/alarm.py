"""``rootforensics alarm``."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rootforensics.cli.arguments import CaseFile
from rootforensics.cli.options import account_id, output_options, with_options
from rootforensics.cli.view import View, asked_view

if TYPE_CHECKING:
    from collections.abc import Callable

    from rootforensics.analysis.alarm.settings import AlarmSettings
    from rootforensics.rules.patterns.tree import Pattern

_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600}
_ROWS = ("summary", "delays", "alarms", "acts", "unneeded")
_REPLAY_ONLY = ("delay", "scope", "filter_regions", "filter_accounts", "originals", "rows")


def _seconds(ctx: click.Context, param: click.Parameter, value: str) -> int:  # noqa: ARG001 - click's signature
    """Seconds, from a plain number or one with s, m or h."""
    parts = re.fullmatch(r"([0-9]{1,9})([smh]?)", value.strip())
    if parts is None:
        raise click.BadParameter(f"{value!r} is not a time. Write seconds, or a number with s, m or h, such as 5m")
    return int(parts[1]) * _UNITS[parts[2]]


def _alarm_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The alarm, for a replay or for --emit."""
    options = (
        click.option("--pattern", help="Filter pattern, or @FILE that contains it; the CIS filter by default."),
        click.option(
            "--spare-sessions",
            is_flag=True,
            help="Use the CIS filter, but ignore sessions that are marked as opened by AssumeRoot.",
        ),
        click.option(
            "--period",
            metavar="TIME",
            callback=_seconds,
            default="60s",
            show_default=True,
            help="Period of the alarm, in whole minutes.",
        ),
        click.option(
            "--threshold",
            type=click.IntRange(min=1),
            default=1,
            show_default=True,
            help="Sum at which the alarm fires.",
        ),
    )
    return with_options(command, options)


def _reach_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Which events reach a filter, and when."""
    options = (
        click.option(
            "--delay",
            metavar="TIME",
            callback=_seconds,
            default="5m",
            show_default=True,
            help="Time from an event to its arrival in CloudWatch Logs.",
        ),
        click.option(
            "--scope",
            type=click.Choice(("account", "region", "organization")),
            default="account",
            show_default=True,
            help="What shares one filter and alarm: all Regions of an account, one Region of it, or all accounts.",
        ),
        click.option(
            "--filter-region",
            "filter_regions",
            multiple=True,
            metavar="REGION",
            help="Only events from this Region reach a filter; repeatable.",
        ),
        click.option(
            "--filter-account",
            "filter_accounts",
            type=account_id,
            multiple=True,
            metavar="ID",
            help="Only events from this account reach a filter; repeatable.",
        ),
    )
    return with_options(command, options)


def _print_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """What to print of a replay, and what it may read."""
    options = (
        click.option(
            "--originals",
            type=click.Choice(("files", "all", "none")),
            default="files",
            show_default=True,
            help="Read records again if the case cannot tell null from absent: from files, also from S3, or never.",
        ),
        click.option(
            "--rows",
            type=click.Choice(_ROWS),
            default="summary",
            show_default=True,
            help="Print sentences, or the rows of one table.",
        ),
    )
    return with_options(command, options)


def _emit_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Names for --emit."""
    options = (
        click.option(
            "--emit",
            type=click.Choice(("terraform", "cloudformation", "aws-cli")),
            help="Write filter, alarm and SNS topic in this form. No case is read, and no command is run.",
        ),
        click.option("--log-group", help="With --emit: log group of the trail; without it, a parameter of the output."),
        click.option("--email", help="With --emit: address to notify; without it, a parameter of the output."),
        click.option(
            "--name", default="RootUsage", show_default=True, help="With --emit: name of filter, metric and alarm."
        ),
        click.option(
            "--namespace", default="CISBenchmark", show_default=True, help="With --emit: namespace of the metric."
        ),
        click.option(
            "--topic", default="root-usage-alarm", show_default=True, help="With --emit: name of the SNS topic."
        ),
    )
    return with_options(command, options)


@click.command("alarm")
@click.argument("case", type=CaseFile(), required=False)
@_alarm_options
@_reach_options
@_print_options
@_emit_options
@output_options
@click.pass_context
def command(context: click.Context, /, case: str | None, emit: str | None, **options: Any) -> None:  # noqa: ANN401
    """When would the CloudWatch alarm on root have fired? Replay it over CASE, or write one with --emit.

    The alarm counts the matches of a metric filter on the log group of a trail. The default is the filter of the CIS
    benchmark. With --pattern, use any other filter for JSON events. A TIME is in seconds, or a number with s, m or h.

    \b
    Examples:
      rootforensics alarm case.duckdb
      rootforensics alarm case.duckdb --delay 15m --rows acts --format csv
      rootforensics alarm case.duckdb --pattern '{ $.eventName = "StopLogging" }' --rows alarms
      rootforensics alarm --emit terraform --log-group cloudtrail --email ir@example.com
    """
    from rootforensics.errors import FilterError, PatternError

    try:
        pattern = _pattern(options.pop("pattern"), spare_sessions=options.pop("spare_sessions"))
        if emit:
            if case is not None:
                raise click.UsageError("--emit reads no case; leave CASE out.")
            _refuse(context, _REPLAY_ONLY, "--emit replays no alarm")
            _emit(emit, pattern, options)
        elif case is None:
            raise click.UsageError("Name a CASE to replay, or use --emit to write an alarm.")
        else:
            _refuse(context, ("log_group", "email", "name", "namespace", "topic"), "only --emit uses names")
            _replay(case, pattern, options)
    except (FilterError, PatternError) as error:
        raise click.UsageError(str(error)) from error


def _refuse(context: click.Context, names: tuple[str, ...], why: str) -> None:
    """Refuse options that would have no effect."""
    command_line = click.core.ParameterSource.COMMANDLINE
    for parameter in context.command.params:
        if parameter.name in names and context.get_parameter_source(parameter.name) is command_line:
            raise click.UsageError(f"{parameter.opts[0]} has no effect here: {why}.")


def _pattern(text: str | None, *, spare_sessions: bool) -> Pattern:
    from rootforensics.rules.patterns.parse import CIS_ROOT, CIS_ROOT_WITHOUT_SESSIONS, parse

    if text is None:
        return parse(CIS_ROOT_WITHOUT_SESSIONS if spare_sessions else CIS_ROOT)
    if spare_sessions:
        raise click.UsageError("--spare-sessions changes the CIS filter. Use either it or --pattern.")
    if text.startswith("@"):
        try:
            with Path(text[1:]).open(encoding="utf-8") as file:
                text = file.read(64 * 1024).strip()
        except (OSError, ValueError) as error:
            raise click.UsageError(f"--pattern: {text[1:]} cannot be read ({error}).") from error
    return parse(text)


def _replay(case: str, pattern: Pattern, options: dict[str, Any]) -> None:
    from rootforensics.analysis.alarm.replay import replay
    from rootforensics.analysis.alarm.sentences import tell_replay
    from rootforensics.analysis.alarm.tables import table
    from rootforensics.cli.output import count_rows, write_result
    from rootforensics.cli.targets import answering

    settings = _settings(pattern, options)
    form, output, rows = options["form"], options["output"], options["rows"]
    if rows == "summary" and (form != "table" or asked_view() != View()):
        names = ", ".join(_ROWS[1:])
        raise click.UsageError(f"The summary is text in UTC. To get rows, name a table with --rows ({names}).")
    with answering(case, output) as (opened, later):
        replayed = replay(opened, settings)
        if rows == "summary":
            later(_write_lines, tell_replay(opened, replayed), output)
        else:
            result = table(replayed, rows)
            later(write_result, result, form, output)
            later(count_rows, result)


def _settings(pattern: Pattern, options: dict[str, Any]) -> AlarmSettings:
    from rootforensics.analysis.alarm.settings import AlarmSettings

    return AlarmSettings(
        pattern,
        options["period"],
        options["delay"],
        options["threshold"],
        options["scope"],
        options["filter_regions"],
        options["filter_accounts"],
        options["originals"],
    )


def _write_lines(lines: list[str], output: str | None) -> None:
    from rootforensics.cli.paragraphs import sentence_lines
    from rootforensics.cli.talk import printable

    shown = ([printable(line)] if output else sentence_lines("", line) for line in lines)
    _write("".join(f"{one}\n" for own in shown for one in own), output, keep_existing=False)


def _emit(form: str, pattern: Pattern, options: dict[str, Any]) -> None:
    from rootforensics.reports.setups import FORMS, Setup

    if options["form"] != "table":
        raise click.UsageError("--format applies to the rows of a replay. --emit sets the form of the alarm.")
    names = {name: options[name] for name in ("log_group", "email", "name", "namespace", "topic")}
    setup = Setup(pattern, period_seconds=options["period"], threshold=options["threshold"], **names)
    _write(FORMS[form](setup), options["output"], keep_existing=True)


def _write(text: str, output: str | None, *, keep_existing: bool) -> None:
    """Write to a file or to stdout. Without a case, which lists the evidence, no existing file is overwritten."""
    from rootforensics.errors import StorageError
    from rootforensics.reports.files import replacing

    if output:
        if keep_existing and Path(output).is_file():
            raise StorageError("this file exists and is not overwritten", where=output, hint="Name another file")
        with replacing(output) as file:
            file.write(text)
        return
    sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
    sys.stdout.write(text)
