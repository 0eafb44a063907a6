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

#: What each verdict says, in the order of the output.
_TOLD: Final = {
    "modified": "modified: not what CloudTrail wrote there",
    "missing": "missing: named by a digest file and not here",
    "unlisted": "unlisted: here, of a time that digest files cover, and in none of them",
    "chain_broken": "chain_broken: no proven digest file lists it, and the chain is broken there",
    "unsigned": "unsigned: the signature that would prove it is not at hand",
    "key_unknown": "key_unknown: the public key that would prove it was not given",
    "no_digest": "no_digest: no digest file covers it",
    "not_checked": "not_checked: it could not be read to its end",
    "verified": "verified, with something odd about it",
}
#: Verdicts of which some objects are named; of the others account and Region say enough.
_NAMED: Final = ("modified", "missing", "unlisted", "not_checked", "verified")
_MOST: Final = 5


@click.command("verify")
@click.argument("case", type=CaseFile(), required=False)
@click.option(
    "--public-keys",
    type=click.Path(dir_okay=False),
    metavar="FILE",
    help="Public keys of CloudTrail, as --fetch-keys or aws cloudtrail list-public-keys wrote them.",
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
    """Verify the logs of CASE by CloudTrail's digest files, offline, and keep the verdicts in the case.

    Keys are never taken from the evidence. Without --public-keys, --profile or --fetch-keys nothing can be proven. The
    exit status is 0 if all is verified, and 3 if anything is not, or if chains do not cover all of --since to --until.
    Without CASE, --fetch-keys asks AWS (ListPublicKeys) for the keys of --since to --until, or of the last year.

    \b
    Examples:
      rootforensics verify case.duckdb --public-keys public-keys.json
      rootforensics verify case.duckdb --profile victim --since 2026-08-04
      rootforensics verify case.duckdb --public-keys public-keys.json --format json
      rootforensics verify --fetch-keys public-keys.json --profile victim --since 2026-08-01
    """
    if public_keys and (profile is not None or fetch_keys):
        other = "--fetch-keys" if fetch_keys else "--profile"
        raise click.UsageError(f"--public-keys and {other} exclude each other: keys come from one of them.")
    wanted = make_filters(since, until)
    if case is None:
        if not fetch_keys:
            raise click.UsageError("Name a CASE to verify, or fetch public keys with --fetch-keys FILE.")
        from rootforensics.integrity import fetch

        return _keep(fetch.fetch_keys(profile, regions, wanted.since, wanted.until), fetch_keys)
    if regions:
        raise click.UsageError("--region is for --fetch-keys without CASE; a case says itself whose keys it needs.")
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
            found = opened.verify(keys, since=wanted.since, until=wanted.until)
    if form == "json":
        write_out(escaped(json.dumps(found.as_dict(), ensure_ascii=False, indent=2)))
    else:
        _print(found, is_part=bool(wanted.since or wanted.until))
    return 0 if found.is_proven else 3


def _keep(fetched: Fetched, file: str | None) -> int:
    """Write public keys to a file, if one is named, and say which Regions gave none: then 3."""
    from rootforensics.cli.talk import talk
    from rootforensics.integrity.keys import keys_text
    from rootforensics.reports.files import replacing

    for region, problem in fetched.problems.items():
        talk(f"{region}: no public keys ({problem})")
    if file:
        with replacing(file) as opened:
            opened.write(keys_text(fetched.keys, fetched.account_id))
        talk(f"{plural(len(fetched.keys), 'public key')} of {plural(len(fetched.regions), 'Region')} in {file}")
    return 3 if fetched.problems else 0


def _print(found: Integrity, *, is_part: bool) -> None:
    from rootforensics.cli.paragraphs import write_heading, write_sentence
    from rootforensics.integrity.verdicts import LIMITS

    rows = found.objects.rows
    if rows:
        write_heading(found.summary)
    else:
        when = " of this time" if is_part else ""
        write_heading(f"There is nothing to verify: no digest files and no logs{when}.")
    for verdict, told in _TOLD.items():
        of_it = [row for row in rows if row["verdict"] == verdict and (row["reason"] or verdict != "verified")]
        if of_it:
            write_heading(told)
            _print_places(of_it, most=_MOST if verdict in _NAMED else 0)
    if found.breaks.rows:
        write_heading("Breaks in chains of digest files: of these times the digest files of the trail prove nothing")
    for row in found.breaks.rows:
        begin = _time(row["from_time"]) or "an unknown time"
        where = f"{row['account_id']} {row['region']}, trail {row['trail']}"
        write_sentence("- ", f"{where}: {begin} to {_time(row['until_time'])}: {row['reason']}", f"[{row['cause']}]")
    _print_chains(found)
    for limit in LIMITS:
        write_sentence("", limit)


def _print_chains(found: Integrity) -> None:
    from rootforensics.cli.paragraphs import write_heading, write_sentence

    if outside := found.not_covered():
        write_heading("Not covered: the chains of digest files do not reach over all of the time that was named")
    for span in outside:
        write_sentence("- ", span)
    if found.chains.rows:
        write_heading("Chains of digest files")
    for row in found.chains.rows:
        proven = f"{row['verified_count']:,} of {row['digest_count']:,} digest files verified"
        times = f", from {_time(row['from_time'])} to {_time(row['until_time'])}" if row["from_time"] else ""
        times += f", with {plural(row['break_count'], 'break')} between" if row["break_count"] else ""
        kind = " (backfill)" if row["is_backfill"] else ""
        copied = f"of times up to {_time(row['modified_time'])}, " if row["modified_time"] else ""
        files = f"files {copied}loaded until {_time(row['loaded_time'])}"
        where = f"{row['account_id']} {row['region']}, trail {row['trail']}{kind}"
        write_sentence("- ", f"{where}: {proven}{times}; {files}")


def _print_places(rows: list[dict[str, Any]], most: int) -> None:
    """One sentence for each account, Region and reason, and some of the objects below it."""
    from rootforensics.cli.paragraphs import write_sentence
    from rootforensics.cli.talk import as_typed

    def group(row: dict[str, Any]) -> tuple[str, ...]:
        return (row["account_id"] or "", row["region"] or "", row["kind"], row["reason"] or "")

    for (account_id, region, _, reason), grouped in groupby(sorted(rows, key=group), group):
        of_it = list(grouped)
        where = f"{account_id} {region}".strip() or "of no known account"
        write_sentence("- ", f"{where}: {_counted(of_it)}: {reason}")
        for row in of_it[:most]:
            write_sentence("    ", as_typed(row["uri"]))
        if len(of_it) > most > 0:
            write_sentence("    ", f"{and_more(len(of_it) - most)}; --format json lists them all")


def _counted(rows: Iterable[dict[str, Any]]) -> str:
    from rootforensics.integrity.verdicts import KINDS, counted

    kinds = Counter(row["kind"] for row in rows)
    return counted({kind: kinds[kind] for kind in KINDS})


def _time(value: Any) -> str:  # noqa: ANN401 - a time or None
    return value.strftime("%Y-%m-%dT%H:%M:%SZ") if value else ""
