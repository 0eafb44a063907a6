"""The argument CASE, and what is said where it, a query or a command stands in the place of another."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

if TYPE_CHECKING:
    from collections.abc import Sequence

ENGINE: Final = "--engine"
_ARGUMENTS: Final = "rootforensics.cli.arguments"


def keep_arguments(context: click.Context, arguments: Sequence[str]) -> None:
    """Keep the name of the command and what stands behind it, as typed."""
    context.meta[_ARGUMENTS] = tuple(arguments)


def typed(context: click.Context) -> tuple[str, ...]:
    """The name of the command and what stands behind it, as typed."""
    arguments: tuple[str, ...] = context.meta.get(_ARGUMENTS, ())
    return arguments


def asks_engine(arguments: Sequence[str]) -> bool:
    """Whether what was typed names an engine, so that a trail stands in the place of a case."""
    return any(argument.partition("=")[0] == ENGINE for argument in arguments)


class CaseFile(click.Path):
    """A case: its file, or the folder that ``triage`` wrote.

    Args:
        is_made: whether the command makes a file that is not there.
    """

    def __init__(self, *, is_made: bool = False) -> None:
        super().__init__(dir_okay=False)
        self._is_made = is_made

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ANN401
        """The file that is meant."""
        from rootforensics.case import CASE_FILE

        given = Path(value)
        file = given / CASE_FILE if given.is_dir() else given
        arguments = typed(ctx) if ctx else ()
        if file.is_file() or (self._is_made and not given.is_dir()) or {"-h", "--help"}.intersection(arguments):
            return super().convert(str(file), param, ctx)
        is_folder = f"{value!r} is a folder without a {CASE_FILE} in it"
        problem = is_folder if given.is_dir() else f"the case file does not exist: {value}"
        return self.fail(f"{problem}. {_in_order(value, arguments)}".rstrip(), param, ctx)


case_argument = click.argument("case", type=CaseFile())


class CaseOrTrail(CaseFile):
    """A case; with ``--engine`` a trail, as typed."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ANN401
        """The file that is meant, or the trail."""
        return value if ctx and asks_engine(typed(ctx)) else super().convert(value, param, ctx)


case_or_trail_argument = click.argument("case", type=CaseOrTrail())


def _is_case(value: str) -> bool:
    from rootforensics.case import CASE_FILE

    path = Path(value)
    return (path / CASE_FILE).is_file() or path.suffix == Path(CASE_FILE).suffix


def _follows_case(value: str) -> bool:
    """Whether this is what stands behind CASE: a query, a chart, or the beginning of an eventID."""
    from rootforensics.evidence.cite import beginning_in

    return bool(_query_named(value) or _chart_named(value) or beginning_in(value))


def _query_named(value: str) -> str:
    from rootforensics.queries.catalogue import questions

    found = questions().get(value.replace("-", "_"))
    return found.command_name if found else ""


def _chart_named(value: str) -> str:
    from rootforensics.charts.catalogue import charts

    return value if value in charts() else ""


def _in_order(value: str, arguments: Sequence[str]) -> str:
    """The command with CASE in its place; how a case is made if none of what was typed can be one."""
    name, *rest = arguments or ("",)
    case = next((one for one in rest if one != value and _is_case(one)), "")
    if case:
        rest.remove(case)
    elif not _follows_case(value):
        return "rootforensics triage and load make one"
    return f"CASE comes first: {_typed(name, case or 'CASE', *rest)}"


def _typed(*words: str) -> str:
    return shlex.join(("rootforensics", *words))


def instead_of(arguments: Sequence[str]) -> str:
    """The command for a query or a chart that was typed as a command; empty if it is neither."""
    name, *rest = arguments
    case, *options = rest if rest and _is_case(rest[0]) else ["CASE", *rest]
    if query := _query_named(name):
        return f"It is a query: {_typed('query', case, query, *options)}"
    if chart := _chart_named(name):
        return f"It is a chart: {_typed('chart', case, chart, *options, '--out', f'{chart}.svg')}"
    return ""
