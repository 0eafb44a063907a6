"""``rootforensics verify``."""

from __future__ import annotations

import json
from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

import click

from rootforensics.cli.arguments import CaseFile
from rootforensics.cli.options import format_option, make_filters, time_options
from rootforensics.phrases import and_more, plural

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rootforensics.integrity.fetch import Fetched
    from rootforensics.integrity.verdicts import Integrity

#: The meaning of each verdict, in the order of the output.
_MEANINGS: Final = {
    "modified": "modified: the file differs from the one CloudTrail delivered",
    "missing": "missing: a digest file lists it, but the case does not have it",
    "unlisted": "unlisted: digest files cover its time but do not list it",
    "chain_broken": "chain_broken: no proven digest file lists it, and the digest chain is broken at its time",
    "unsigned": "unsigned: the signature that would prove it is not available",
    "key_unknown": "key_unknown: the public key that would prove it was not provided",
    "no_digest": "no_digest: no digest file covers it",
    "not_checked": "not_checked: the file could not be read completely",
    "verified": "verified, with an anomaly",
}
#: Verdicts for which some files are named. For the others, account and Region are enough.
_NAMED: Final = ("modified", "missing", "unlisted", "not_checked", "verified")
_MOST: Final = 5


@click.command("verify")
@click.argument("case", type=CaseFile(), required=False)
@click.option(
    "--public-keys",
    type=click.Path(dir_okay=False),
    metavar="FILE",
    help="CloudTrail public keys, as written by --fetch-keys or aws cloudtrail list-public-keys.",
)
@click.option("--profile", metavar="NAME", help="Fetch the public keys with this profile of the AWS configuration.")
@click.option(
    "--fetch-keys",
    type=click.Path(dir_okay=False),
    metavar="FILE",
    help="Fetch the public keys and write them to this file. Without CASE, that is all.",
)
@click.option(
    "--region",
    "regions",
    multiple=True,
    metavar="REGION",
    help="Without CASE: fetch the keys of this Region; repeatable. Default: all.",
)
@time_options
@format_option("text", "json", default="text")
def command(
    case: str | None,
    public_keys: str | None,
    profile: str | None,
    fetch_keys: str | None,
    regions: tuple[str, ...],
    since: str | None,
    until: str | None,
    form: str,
) -> int:
    """Verify the logs of CASE against CloudTrail's digest files, offline, and store the results in the case.

    Public keys are never taken from the evidence. Without --public-keys, --profile or --fetch-keys nothing can be
    proven. The exit status is 0 if everything is verified. It is 3 if anything is not, or if the digest chains do not
    cover the whole time from --since to --until. Without CASE, --fetch-keys requests the keys for --since to --until,
    or for the last year, from AWS (ListPublicKeys).

    \b
    Examples:
      rootforensics verify case.duckdb --public-keys public-keys.json
      rootforensics verify case.duckdb --profile victim --since 2026-08-04
      rootforensics verify case.duckdb --public-keys public-keys.json --format json
      rootforensics verify --fetch-keys public-keys.json --profile victim --since 2026-08-01
    """
    if public_keys and (profile is not None or fetch_keys):
        other = "--fetch-keys" if fetch_keys else "--profile"
        raise click.UsageError(f"--public-keys and {other} cannot be used together.")
    wanted = make_filters(since, until)
    if case is None:
        if not fetch_keys:
            raise click.UsageError("Name a CASE to verify, or fetch public keys with --fetch-keys FILE.")
        from rootforensics.integrity import fetch

        return _keep(fetch.fetch_keys(profile, regions, wanted.since, wanted.until), fetch_keys)
    if regions:
        raise click.UsageError(
            "--region is for --fetch-keys without CASE. With CASE, the case determines which keys are needed."
        )
    from rootforensics import open_case
    from rootforensics.cli.progress import Stages
    from rootforensics.cli.talk import escaped, write_out
    from rootforensics.cli.targets import check_target

    with open_case(case) as opened:
        keys: Any = public_keys
        if profile is not None or fetch_keys:
            from rootforensics.integrity.fetch import fetch_for
            from rootforensics.integrity.keys import PublicKeys

            check_target(opened, fetch_keys)
            fetched = fetch_for(opened, profile)
            _keep(fetched, fetch_keys)
            keys = PublicKeys(fetched.keys)
        with Stages().stage("verifying the logs"):
            integrity = opened.verify(keys, since=wanted.since, until=wanted.until)
    if form == "json":
        write_out(escaped(json.dumps(integrity.as_dict(), ensure_ascii=False, indent=2)))
    else:
        _print(integrity, is_part=bool(wanted.since or wanted.until))
    return 0 if integrity.is_proven else 3


def _keep(fetched: Fetched, file: str | None) -> int:
    """Write public keys to a file, if one is named. Return 3 if a Region returned none."""
    from rootforensics.cli.talk import talk
    from rootforensics.integrity.keys import keys_text
    from rootforensics.reports.files import replacing

    for region, problem in fetched.problems.items():
        talk(f"{region}: no public keys ({problem})")
    if file:
        with replacing(file) as opened:
            opened.write(keys_text(fetched.keys, fetched.account_id))
        talk(
            f"{plural(len(fetched.keys), 'public key')} from {plural(len(fetched.regions), 'Region')} written to {file}"
        )
    return 3 if fetched.problems else 0


def _print(integrity: Integrity, *, is_part: bool) -> None:
    from rootforensics.cli.paragraphs import write_heading, write_sentence
    from rootforensics.integrity.verdicts import LIMITS

    rows = integrity.objects.rows
    if rows:
        write_heading(integrity.summary)
    else:
        when = " from this period" if is_part else ""
        write_heading(f"There is nothing to verify: no digest files and no logs{when}.")
    for verdict, meaning in _MEANINGS.items():
        matching = [row for row in rows if row["verdict"] == verdict and (row["reason"] or verdict != "verified")]
        if matching:
            write_heading(meaning)
            _print_files(matching, most=_MOST if verdict in _NAMED else 0)
    if integrity.breaks.rows:
        write_heading("Breaks in digest chains: at these times the digest files of the trail prove nothing")
    for row in integrity.breaks.rows:
        begin = _time(row["from_time"]) or "an unknown time"
        where = f"{row['account_id']} {row['region']}, trail {row['trail']}"
        write_sentence("- ", f"{where}, {begin} to {_time(row['until_time'])}: {row['reason']}", f"[{row['cause']}]")
    _print_chains(integrity)
    for limit in LIMITS:
        write_sentence("", limit)


def _print_chains(integrity: Integrity) -> None:
    from rootforensics.cli.paragraphs import write_heading, write_sentence

    if outside := integrity.not_covered():
        write_heading("Not covered: these parts of the requested period are outside the digest chains")
    for span in outside:
        write_sentence("- ", span)
    if integrity.chains.rows:
        write_heading("Digest chains")
    for row in integrity.chains.rows:
        proven = f"{row['verified_count']:,} of {row['digest_count']:,} digest files verified"
        times = f", from {_time(row['from_time'])} to {_time(row['until_time'])}" if row["from_time"] else ""
        times += f", with {plural(row['break_count'], 'break')}" if row["break_count"] else ""
        kind = " (backfill)" if row["is_backfill"] else ""
        newest = f"Newest file {_time(row['modified_time'])}, loaded" if row["modified_time"] else "Loaded"
        where = f"{row['account_id']} {row['region']}, trail {row['trail']}{kind}"
        write_sentence("- ", f"{where}: {proven}{times}. {newest} {_time(row['loaded_time'])}")


def _print_files(rows: list[dict[str, Any]], most: int) -> None:
    """Print a line for each account, Region and reason, and some of the files below it."""
    from rootforensics.cli.paragraphs import write_sentence
    from rootforensics.cli.talk import as_typed

    def group(row: dict[str, Any]) -> tuple[str, ...]:
        return (row["account_id"] or "", row["region"] or "", row["kind"], row["reason"] or "")

    for (account_id, region, _, reason), grouped in groupby(sorted(rows, key=group), group):
        alike = list(grouped)
        where = f"{account_id} {region}".strip() or "unknown account"
        write_sentence("- ", f"{where}: {_counted(alike)}: {reason}")
        for row in alike[:most]:
            write_sentence("    ", as_typed(row["uri"]))
        if len(alike) > most > 0:
            write_sentence("    ", f"{and_more(len(alike) - most)}; --format json lists them all")


def _counted(rows: Iterable[dict[str, Any]]) -> str:
    from rootforensics.integrity.verdicts import KINDS, counted

    kinds = Counter(row["kind"] for row in rows)
    return counted({kind: kinds[kind] for kind in KINDS})


def _time(value: Any) -> str:  # noqa: ANN401 - a time or None
    return value.strftime("%Y-%m-%dT%H:%M:%SZ") if value else ""
