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
from rootforensics.phrases import plural

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rootforensics.ingest.filters import Filters
    from rootforensics.sources.history import HistoryResult, Reached


@click.command("history")
@click.argument("case", type=CaseFile(is_made=True))
@click.option("--profile", metavar="NAME", help="Profile of the AWS configuration.")
@click.option(
    "--region", "regions", multiple=True, metavar="REGION", help="Region to request; repeatable. Default: all."
)
@time_options
@click.option(
    "--root-named", is_flag=True, help="Request only events with the user name root. The output says what this misses."
)
@click.option(
    "--pages",
    type=click.Path(file_okay=False),
    metavar="DIR",
    help="Store the fetched history here. Default: CASE.history/.",
)
@click.option("--endpoint-url", metavar="URL", help="CloudTrail endpoint, for example a VPC endpoint.")
@click.option("--role-arn", default="", metavar="ARN", help="Role to assume in the account whose history you want.")
@click.option("--external-id", default="", metavar="ID", help="External ID that the role requires.")
@click.option(
    "--mfa-serial",
    default="",
    metavar="SERIAL",
    help="MFA device that the role requires; you are prompted for the code.",
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
    """Fetch CloudTrail's event history of an account, store it by day and load it into CASE.

    No trail is needed: AWS keeps 90 days of management events. If the command is interrupted, run it again.

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
        talk(f"rootforensics: stopped. Complete days are stored in {folder}. Run the same command again to continue")
        return 130
    # The case records which events were requested, so that a report does not claim more.
    return _finish(case, result, wanted)


def _finish(case: str, result: HistoryResult, filters: Filters) -> int:
    """Load the stored history and print which Regions are missing. Return 3 if any is, 1 if there is no history."""
    if result.slice_count:
        from rootforensics import Limits, open_case

        talk(f"loading the event history from {result.folder}")
        states = list(result.folder.glob("*/*/*/state.json"))  # earlier versions stored one next to the evidence
        with open_case(case) as opened:
            load_with_talk(opened, (str(result.folder),), filters, Limits(), 0, leave_out=states)
    names = ", ".join(region.region for region in result.missing)
    total = plural(len(result.regions), "Region")
    missing = f"missing: {len(result.missing)} of {total} ({names})"
    if not result.slice_count:
        talk(f"rootforensics: no Region returned any history; {missing}")
        return 1
    talk(f"{missing}. Run the same command again to fetch them" if names else f"complete: {total}")
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
