"""Fetch CloudTrail's public keys by ListPublicKeys: each Region signs with its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from rootforensics.errors import IntegrityError
from rootforensics.integrity.keys import PublicKey
from rootforensics.sources.answers import ask
from rootforensics.sources.history_aws import (
    ANSWER_SECONDS,
    ask_caller,
    check_regions,
    enabled_regions,
    expected_errors,
    explain,
    make_client,
    open_history_session,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rootforensics.queries.asking import Asks

_HOME: Final = "us-east-1"
#: Unless a time is given, keys of so long before now are asked for.
_USUAL: Final = timedelta(days=366)
#: A digest is signed after its end.
_LATER: Final = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Fetched:
    """What ListPublicKeys answered.

    Attributes:
        keys: of all Regions.
        account_id: of those who asked; empty if AWS did not say.
        regions: that were asked.
        problems: why Regions gave none, by Region.
    """

    keys: list[PublicKey]
    account_id: str
    regions: list[str]
    problems: dict[str, str]


def fetch_keys(
    profile: str | None = None,
    regions: Sequence[str] = (),
    since: datetime | None = None,
    until: datetime | None = None,
) -> Fetched:
    """Ask each Region for its public keys of a time.

    Args:
        profile: of the AWS configuration; boto3's usual search for credentials if None.
        regions: to ask; all that are enabled if none is named.
        since: begin of the time, UTC; a year before now if None.
        until: end of the time; now if None.

    Raises:
        SourceError: there are no credentials, or AWS does not take them.
        IntegrityError: no Region gave a key.
    """
    end = until or datetime.now(UTC)
    times = {"StartTime": since or end - _USUAL, "EndTime": end}
    session = open_history_session(profile, None, None)
    home = regions[0] if regions else session.region_name or _HOME
    caller = ask_caller(session, home)
    asked = check_regions(list(regions)) or enabled_regions(session, home, caller)[0]
    keys: list[PublicKey] = []
    problems: dict[str, str] = {}
    for region in asked:
        client = make_client(session, "cloudtrail", region)
        try:
            keys += ask(partial(_keys, client, region, times), ANSWER_SECONDS)
        except expected_errors() as error:
            problems[region] = explain(error).words
        finally:
            client.close()
    if not keys:
        why = "; ".join(f"{region}: {words}" for region, words in problems.items()) or "no Region has one for that time"
        raise IntegrityError(f"no public key was fetched ({why})")
    return Fetched(keys, caller.account, asked, problems)


def _keys(client: Any, region: str, times: dict[str, datetime]) -> list[PublicKey]:  # noqa: ANN401 - of boto3
    return [
        PublicKey(region, one["Fingerprint"], one["Value"], one["ValidityStartTime"], one["ValidityEndTime"])
        for page in client.get_paginator("list_public_keys").paginate(**times)
        for one in page["PublicKeyList"]
    ]


def fetch_for(case: Asks, profile: str | None) -> Fetched:
    """The keys that the digest files of a case need, as they tell themselves.

    Raises:
        SourceError: as for ``fetch_keys``.
        IntegrityError: the case has no digest files, or no Region gave a key.
    """
    rows = case._statement(_WANTED).rows  # noqa: SLF001 - as Asks has it
    if not rows:
        raise IntegrityError("the case has no digest files", where="verify")
    begin, end = min(row["begin"] for row in rows), max(row["until"] for row in rows)
    return fetch_keys(profile, [row["region"] for row in rows], begin - _LATER, end + _LATER)


_WANTED: Final = """
SELECT region, min(until_time) AS begin, max(until_time) AS until
FROM digests WHERE region IS NOT NULL
GROUP BY region
ORDER BY region
"""
