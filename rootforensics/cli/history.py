"""``rootforensics history``."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

import click

from rootforensics.cli.arguments import CaseFile
from rootforensics.cli.load import load_with_talk
from rootforensics.cli.options import ask_code, check_role, make_filters, time_options
from rootforensics.cli.progress import progress, time_left
from rootforensics.cli.talk import talk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rootforensics.ingest.filters import Filters
    from rootforensics.sources.history import HistoryResult, Reached


@click.command("history")
@click.argument("case", type=CaseFile(is_made=True))
@click.option("--profile", metavar="NAME", help="Profile of the AWS configuration.")
@click.option("--region", "regions", multiple=True, metavar="REGION", help="Ask this Region; repeatable. Default: all.")
@time_options
@click.option("--root-named", is_flag=True, help="Ask for the user name root only; it says what that misses.")
@click.option(
    "--pages",
    type=click.Path(file_okay=False),
    metavar="DIR",
    help="Keep what is fetched here. Default: CASE.history/.",
)
@click.option("--endpoint-url", metavar="URL", help="Ask CloudTrail here, for example at a VPC endpoint.")
@click.option("--role-arn", default="", metavar="ARN", help="Role to take on, in the account whose history is wanted.")
@click.option("--external-id", default="", metavar="ID", help="External ID that the role asks for.")
@click.option(
    "--mfa-serial",
    default="",
    metavar="ARN",
    help="MFA device that the role asks for; its code is asked for on the terminal.",
)
def command(
    case: str,
    profile: str | None,
    regions: tuple[str, ...],
    since: str | None,
    until: str | None,
    root_named: bool,
    pages: str | None,
    endpoint_url: str | None,
    role_arn: str,
    external_id: str,
    mfa_serial: str,
) -> int:
    """Fetch CloudTrail's event history of an account, keep it day by day and load it into CASE.

    It needs no trail: AWS keeps 90 days of management events. Stopped at any moment, the same command goes on.

    \b
    Examples:
      rootforensics history case.duckdb --profile victim
      rootforensics history case.duckdb --region us-east-1 --region eu-west-1 --since 2026-08-01
      rootforensics history case.duckdb --root-named --pages history/
      rootforensics history case.duckdb --role-arn arn:aws:iam::111122223333:role/audit --mfa-serial GAHT12345678
    """
    from rootforensics.sources.history import fetch_history
    from rootforensics.sources.roles import Role

    check_role(role_arn, external_id, mfa_serial)
    wanted = make_filters(since, until, (), (), root_named=root_named)
    folder = Path(pages) if pages else Path(case).with_suffix(".history")
    try:
        with _fetch_progress() as follow:
            result = fetch_history(
                folder,
                profile=profile,
                regions=regions,
                since=wanted.since,
                until=wanted.until,
                root_named=root_named,
                endpoint_url=endpoint_url,
                role=Role(role_arn, external_id, mfa_serial) if role_arn else None,
                ask_code=ask_code,
                say=talk,
                follow=follow,
            )
    except KeyboardInterrupt:
        talk(f"rootforensics: stopped; days that were whole are kept in {folder}. The same command goes on from there")
        return 130
    # The case remembers what was asked for; a report must not claim more.
    return _finish(case, result, wanted)


def _finish(case: str, result: HistoryResult, filters: Filters) -> int:
    """Load what was kept; the last line says what is missing. 3 if a Region is, 1 if there is nothing at all."""
    if result.slice_count:
        from rootforensics import Limits, open_case

        talk(f"loading the event history from {result.folder}")
        states = list(result.folder.glob("*/*/*/state.json"))  # earlier versions kept one beside the evidence
        with open_case(case) as opened:
            load_with_talk(opened, (str(result.folder),), filters, Limits(), 0, leave_out=states)
    names = ", ".join(one.region for one in result.missing)
    known = f"{len(result.missing)} of {len(result.regions)} Regions are missing"
    if not result.slice_count:
        talk(f"rootforensics: no Region gave anything; {known} ({names})")
        return 1
    talk(f"{known} ({names}); the same command asks for what they lack" if names else f"{known}: all is fetched")
    return 3 if names else 0


@contextmanager
def _fetch_progress() -> Iterator[Callable[[Reached], None]]:
    """Follows the Regions back in time."""
    seen: dict[str, Reached] = {}
    begun = monotonic()
    with progress("fetching") as tell:

        def follow(reached: Reached) -> None:
            seen[reached.region] = reached
            events = sum(one.event_count for one in seen.values())
            done, every = (sum(getattr(one, name) for one in seen.values()) for name in ("done_count", "all_count"))
            counts = f"{len(seen)} Regions, {done:,} of {every:,} days, {events:,} events"
            state = f"{counts}; {reached.region} at {reached.day:%F}"
            left = time_left(done / every, monotonic() - begun)
            tell(done / every, f"{state}, {left}" if left else state)

        yield follow
