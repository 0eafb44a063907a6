"""Options that several commands share."""

from __future__ import annotations

import re
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from rootforensics.cli.stdin import KEPT, STDIN
from rootforensics.cli.view import keep_view

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from rootforensics.ingest.filters import Filters
    from rootforensics.ingest.limits import Limits
    from rootforensics.sources.s3.connection import S3Options

Command = TypeVar("Command", bound="Callable[..., Any]")

FORMATS = ("table", "csv", "json", "jsonl", "parquet")


def check_sources(sources: Iterable[str]) -> None:
    """See that something is there before a case is made or anything is written.

    Args:
        sources: paths, patterns and addresses; one that is there is enough, the others are told by the load. Standard
            input is there.

    Raises:
        click.BadParameter: none is there, all are databases, or one is the folder of a case.
        SourceError: one names a place in S3 in another spelling than that of an address.
    """
    from rootforensics.case import CASE_FILE
    from rootforensics.sources.local import is_there
    from rootforensics.sources.s3.address import check_source, is_address

    sources = [source for source in sources if source != STDIN]
    if not sources:
        return
    for one in sources:
        if not is_address(one):
            check_source(one)
    if not any(is_address(one) or is_there(one) for one in sources):
        which = "none of these exists" if len(sources) > 1 else "no such file or folder"
        named = ", ".join(one or "(the path is empty)" for one in sources)
        raise click.BadParameter(f"{which}: {named}", param_hint="SOURCES")
    if all(_holds_database(Path(one)) for one in sources):
        raise click.BadParameter(
            f"{', '.join(sources)}: a case is not a source of logs; verdict, brief and report read it. "
            "To load another DuckDB database, export its events as Parquet",
            param_hint="SOURCES",
        )
    if case := next((one for one in sources if Path(one, CASE_FILE).is_file()), ""):
        raise click.BadParameter(
            f"{case} is the folder of a case and its report, not of logs: name the folder with the logs. If it also "
            f"contains the logs, move {CASE_FILE} and the other files of triage elsewhere",
            param_hint="SOURCES",
        )


def _holds_database(path: Path) -> bool:
    from rootforensics.engines.duckdb import is_database

    try:
        return path.is_file() and is_database(path)
    except OSError:  # of what cannot be read the load tells
        return False


_ACCOUNT: Final = re.compile(r"[0-9]{12}")


def check_outside(out: str, sources: Iterable[str], beside: Iterable[str | None]) -> None:
    """See that no result would come to lie in the evidence, or in a folder of something else.

    Args:
        out: the folder for the results.
        sources: paths, patterns and addresses.
        beside: other files that the command reads, which may lie in it.

    Raises:
        click.BadParameter: it is one of the folders among them, or lies in one; or it holds files and no case.
    """
    from rootforensics.case import CASE_FILE

    sources = list(sources)
    folder = Path(out).resolve()
    for one in sources:
        if Path(one).is_dir() and folder.is_relative_to(Path(one).resolve()):
            raise click.BadParameter(
                f"{out} is inside {one}, which is evidence; name a folder outside it", param_hint="--out"
            )
    known = [Path(one).resolve() for one in (*sources, *beside) if one]
    held = [] if not folder.is_dir() or (folder / CASE_FILE).is_file() else folder.iterdir()
    strange = [one for one in held if not any(path.is_relative_to(one) for path in known)]
    if strange := [one for one in strange if not one.name.startswith(KEPT)]:
        raise click.BadParameter(
            f"{out} contains {strange[0].name} but no case; name a new folder, or the folder of an earlier triage",
            param_hint="--out",
        )


def not_empty(text: str) -> str:
    """Text for an option; a variable of the shell that is not set must not pass for "all"."""
    if not text.strip():
        raise click.BadParameter("it is empty; omit the option to select all.")
    return text


def account_id(text: str) -> str:
    """An account ID for an option; anything else would find nothing, and that would pass for an answer."""
    if not _ACCOUNT.fullmatch(text):
        raise click.BadParameter(f"{text!r} is not an account ID. An account ID has 12 digits")
    return text


#: ``--account-id``; the command gets an empty text if it is not given.
account_option: Final = click.option(
    "--account-id",
    "--account",
    "account_id",
    type=account_id,
    metavar="ID",
    help="Only this account.",
    callback=lambda _context, _option, value: value or "",
)


def _keep_zone(context: click.Context, option: click.Parameter, name: str) -> object:
    if name:
        from rootforensics.errors import QueryError
        from rootforensics.queries.text import zone_of

        try:
            zone_of(name)
        except QueryError as error:
            raise click.BadParameter(str(error)) from error
    return keep_view(context, option, "" if name.upper() == "UTC" else name)


def tz_option(*, expose_value: bool = True) -> Callable[[Command], Command]:
    """``--tz``; it is kept with what else rows are to look like."""
    return click.option(
        "--tz",
        metavar="ZONE",
        default="",
        expose_value=expose_value,
        callback=_keep_zone,
        help="Time zone of all times shown, such as Europe/Berlin; UTC if not given.",
    )


def with_options(command: Command, options: Iterable[Callable[[Command], Command]]) -> Command:
    """The command with these options, which its help shows in this order."""
    for option in reversed(tuple(options)):
        command = option(command)
    return command


#: How far an object is read: option, type, default, help.
_BOUNDS: Final = (
    (
        "--max-inflated-bytes",
        click.IntRange(min=1),
        8 * 1024**3,
        "Stop reading a file at this many uncompressed bytes.",
    ),
    (
        "--max-ratio",
        click.FloatRange(min=1),
        200.0,
        "Stop reading a file that expands to more than this many times its size (beyond 64 MiB).",
    ),
    (
        "--max-other-values",
        click.IntRange(min=1),
        250_000,
        "Stop reading a file when its values or lines that are no events exceed this number + 1,000 for each event.",
    ),
)


def _likely_regions(_context: click.Context, _option: click.Parameter, named: tuple[str, ...]) -> tuple[str, ...]:
    """Regions as named; of one that nobody knows and that looks like another it is said. AWS adds Regions each year."""
    if named:
        from botocore.loaders import create_loader

        from rootforensics.cli.talk import talk

        partitions = create_loader().load_data("partitions")["partitions"]
        known = {region for partition in partitions for region in partition["regions"]}
        for one in sorted(set(named) - known):
            if near := get_close_matches(one, sorted(known), cutoff=0.8):
                talk(f"unknown Region {one}; did you mean {' or '.join(near)}?")
    return named


def time_options(command: Command) -> Command:
    """``--since`` and ``--until``, with one meaning everywhere: from a moment on, and before one."""
    options = (
        click.option("--since", metavar="TIME", help="From this time on (UTC if without offset)."),
        click.option("--until", metavar="TIME", help="Before this time; a date alone means 00:00 (UTC)."),
    )
    return with_options(command, options)


def scope_options(command: Command) -> Command:
    """One account and one period, for every command that answers from a case."""
    return account_option(time_options(command))


def place_options(command: Command) -> Command:
    """Filters by time, account and Region."""
    options = (
        time_options,
        click.option(
            "--account-id", "--account", "accounts", multiple=True, metavar="ID", help="Only this account; repeatable."
        ),
        click.option(
            "--region",
            "regions",
            multiple=True,
            metavar="REGION",
            callback=_likely_regions,
            help="Only this Region; repeatable.",
        ),
    )
    return with_options(command, options)


def load_options(command: Command) -> Command:
    """Filters and limits of everything that loads."""
    options = (
        place_options,
        click.option(
            "--root-related",
            is_flag=True,
            help="Only events of root and its follow-on activity, and calls that reversed or changed what root did.",
        ),
        click.option(
            "--jobs",
            type=click.IntRange(min=0),
            default=0,
            help="Number of reading threads; 0 chooses by the number of processors.",
        ),
        click.option("--strict", is_flag=True, help="Exit with 3 if any file is damaged or unreadable."),
        *(
            click.option(name, type=kind, default=most, show_default=True, help=text)
            for name, kind, most, text in _BOUNDS
        ),
    )
    return with_options(command, options)


def s3_options(command: Command) -> Command:
    """How to connect, for everything that reads evidence; the names begin with ``s3_``."""
    options = (
        click.option(
            "--profile", "s3_profile", default="", metavar="NAME", help="S3: profile of the AWS configuration."
        ),
        click.option("--role-arn", "s3_role_arn", default="", metavar="ARN", help="S3: role to assume."),
        click.option(
            "--external-id", "s3_external_id", default="", metavar="ID", help="S3: external ID that the role requires."
        ),
        click.option(
            "--mfa-serial",
            "s3_mfa_serial",
            default="",
            metavar="SERIAL",
            help="S3: MFA device that the role requires; the terminal asks for its code.",
        ),
        click.option(
            "--endpoint-url", "s3_endpoint_url", default="", metavar="URL", help="S3: endpoint to use instead of AWS's."
        ),
        click.option("--request-payer", "s3_request_payer", is_flag=True, help="S3: agree to pay for the requests."),
        click.option(
            "--no-sign-request", "s3_no_sign_request", is_flag=True, help="S3: send no credentials (public buckets)."
        ),
    )
    return with_options(command, options)


preserve_option = click.option(
    "--preserve",
    "s3_preserve",
    type=click.Path(file_okay=False, path_type=Path),
    help="S3: save the exact bytes and metadata of downloaded objects in this folder.",
)
versions_option = click.option(
    "--versions",
    "s3_versions",
    is_flag=True,
    help="S3: also load older versions of objects that were overwritten or deleted.",
)


def make_s3(options: dict[str, Any]) -> S3Options:
    """Take the options of ``s3_options`` out of a command's options.

    Raises:
        click.UsageError: something is said of a role, and none is named.
    """
    from rootforensics.sources.s3.connection import S3Options

    given = {name[3:]: options.pop(name) for name in list(options) if name.startswith("s3_")}
    check_role(given["role_arn"], given["external_id"], given["mfa_serial"])
    return S3Options(**given, ask_code=ask_code)


def ask_code(serial: str) -> str:
    """The code of an MFA device, from the person at the terminal; imported only if it is wanted."""
    from rootforensics.cli.ask import ask_code as ask

    return ask(serial)


def check_role(role_arn: str, external_id: str, mfa_serial: str) -> None:
    """Refuse what belongs to a role if none is named.

    Raises:
        click.UsageError: so it is.
    """
    for option, value in (("--external-id", external_id), ("--mfa-serial", mfa_serial)):
        if value and not role_arn:
            raise click.UsageError(f"{option} belongs to a role; name it with --role-arn.")


password_hours_option = click.option(
    "--password-hours",
    type=click.FloatRange(min=0, max=87_600),
    default=24.0,
    show_default=True,
    help="Flag a use of root if the password was not changed within this many hours after it.",
)


#: ``--approvals``; the command gets None if it is not given.
approvals_option: Final = click.option(
    "--approvals",
    metavar="FILE",
    type=click.Path(dir_okay=False),
    help="Compare root sessions with this file of approvals (see the approvals command).",
)


def approvals_options(command: Command) -> Command:
    """A file of approvals for everything that reports."""
    return approvals_option(password_hours_option(command))


def name_options(command: Command) -> Command:
    """What the case is called, and who answers for it."""
    options = (
        click.option(
            "--title",
            default="",
            help="Title of the output. Default: the title saved in the case (the name of its folder, unless set).",
        ),
        click.option("--investigator", default="", help="Investigator named in the report; triage and load save it."),
    )
    return with_options(command, options)


def head_options(command: Command) -> Command:
    """What stands in the head of a report, and its paper."""
    paper = click.option(
        "--paper", type=click.Choice(("A4", "letter"), case_sensitive=False), default="A4", show_default=True,
        help="For print and PDF.",
    )  # fmt: skip
    return name_options(paper(command))


def format_option(
    *forms: str, default: str | None = None, or_else: str = "", text: str = ""
) -> Callable[[Command], Command]:
    """``--format``.

    Args:
        forms: that the command knows.
        default: None if the command finds it out by itself.
        or_else: how, in words; by the file extension if it is not said.
        text: what else there is to say of the forms.
    """
    return click.option(
        "--format",
        "form",
        type=click.Choice(forms),
        default=default,
        show_default=bool(default) or or_else or "by the file extension",
        help=f"Output format.{f' {text}' if text else ''}",
    )


output_option: Final = click.option(
    "-o", "--output", type=click.Path(dir_okay=False), help="Write to this file, not to stdout."
)


def output_options_with(*more: str, default: str | None = "table") -> Callable[[Command], Command]:
    """Format and place of what prints rows, which may have more formats.

    Args:
        more: formats that only this command has.
        default: None for a table on a terminal and CSV elsewhere; the command then gets None if none was asked for.
    """
    options = (
        format_option(*FORMATS, *more, default=default, or_else="table on a terminal, else csv"),
        output_option,
        click.option(
            "--columns", metavar="A,B,C", expose_value=False, callback=keep_view, help="These columns, in this order."
        ),
        click.option(
            "--wide", is_flag=True, expose_value=False, callback=keep_view,
            help="All columns, however wide; otherwise a terminal shows the most important ones.",
        ),
        click.option(
            "--expanded", is_flag=True, expose_value=False, callback=keep_view,
            help="Each row as a block, one value per line.",
        ),
        tz_option(expose_value=False),
    )  # fmt: skip
    return lambda command: with_options(command, options)


#: Format and place of everything that prints rows.
output_options: Final = output_options_with()


def make_filters(
    since: str | None,
    until: str | None,
    accounts: tuple[str, ...] = (),
    regions: tuple[str, ...] = (),
    *,
    root_related: bool = False,
    root_named: bool = False,
) -> Filters:
    """The filters that the options ask for.

    Raises:
        click.UsageError: one of them cannot be understood.
    """
    from rootforensics.errors import FilterError
    from rootforensics.ingest.filters import Filters, parse_time

    try:
        return Filters(
            parse_time(since) if since is not None else None,
            parse_time(until) if until is not None else None,
            accounts,
            regions,
            root_related,
            root_named,
        )
    except FilterError as error:
        raise click.UsageError(str(error)) from error


def make_limits(options: dict[str, Any]) -> Limits:
    """The limits that the options ask for, which are taken out of them.

    Raises:
        click.UsageError: one of them is none.
    """
    from rootforensics.errors import FilterError
    from rootforensics.ingest.limits import Limits

    try:
        return Limits(**{name: options.pop(name) for name in ("max_inflated_bytes", "max_ratio", "max_other_values")})
    except FilterError as error:
        raise click.UsageError(str(error)) from error
