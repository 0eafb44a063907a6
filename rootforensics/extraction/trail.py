"""A trail in S3 as an engine's table: a row for each object, with its records as texts.

It has a partition for each account, Region and day.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rootforensics.errors import SourceError
from rootforensics.extraction.statements import RECORDS, literal
from rootforensics.sources.names import ACCOUNT, LOGS, ORGANIZATION, REGION
from rootforensics.sources.s3.address import Address, is_address, parse_address

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rootforensics.sources.s3.connection import Connection
    from rootforensics.sources.wanted import Wanted

_ROOT: Final = "AWSLogs"
_HINT: Final = (
    "Name the folder above the accounts, like s3://bucket/prefix/AWSLogs/ or s3://bucket/AWSLogs/o-exampleorg/"
)


@dataclass(frozen=True, slots=True)
class Trail:
    """Where the logs of some accounts lie.

    Attributes:
        location: of the folders of the accounts, with a slash at the end.
        accounts: 12 digits each.
        regions: in which one of them has logs.
        first_day: of the table, ``YYYY/MM/DD``.
        last_day: likewise.
    """

    location: str
    accounts: tuple[str, ...]
    regions: tuple[str, ...]
    first_day: str
    last_day: str

    @property
    def template(self) -> str:
        """Where the logs of a day lie, in the words of a partition projection."""
        return f"{self.location}${{account}}/{LOGS}/${{region}}/${{day}}"

    def athena(self, table: str) -> str:
        """The statement for Athena. Source: Athena User Guide, "Supported types for partition projection"."""
        properties = {
            "projection.enabled": "true",
            "projection.account.type": "enum",
            "projection.account.values": ",".join(self.accounts),
            "projection.region.type": "enum",
            "projection.region.values": ",".join(self.regions),
            "projection.day.type": "date",
            "projection.day.format": "yyyy/MM/dd",
            "projection.day.range": f"{self.first_day},{self.last_day}",
            "projection.day.interval": "1",
            "projection.day.interval.unit": "DAYS",
            "storage.location.template": self.template,
        }
        told = ",\n  ".join(f"{literal(name)} = {literal(value)}" for name, value in properties.items())
        return (
            f"CREATE EXTERNAL TABLE {table} ({RECORDS} array<string>)\n"
            "PARTITIONED BY (account string, region string, day string)\n"
            f"ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'\nLOCATION {literal(self.location)}\n"
            f"TBLPROPERTIES (\n  {told}\n)"
        )

    def trino(self, table: str) -> str:
        """The statement for Trino. Source: Trino documentation, "Hive connector", "Access partition projection"."""

        def array(values: Iterable[str]) -> str:
            return f"ARRAY[{', '.join(map(literal, values))}]"

        def of(values: Iterable[str]) -> str:
            return f"VARCHAR WITH (partition_projection_type = 'ENUM', partition_projection_values = {array(values)})"

        day = (
            "VARCHAR WITH (partition_projection_type = 'DATE', partition_projection_format = 'yyyy/MM/dd', "
            f"partition_projection_range = {array((self.first_day, self.last_day))}, "
            "partition_projection_interval = 1, partition_projection_interval_unit = 'DAYS')"
        )
        return (
            f"CREATE TABLE {table} (\n  {RECORDS} ARRAY(VARCHAR),\n  account {of(self.accounts)},\n"
            f"  region {of(self.regions)},\n  day {day}\n) WITH (\n  format = 'OPENX_JSON',\n"
            f"  external_location = {literal(self.location.rstrip('/'))},\n"
            f"  partitioned_by = {array(('account', 'region', 'day'))},\n  partition_projection_enabled = true,\n"
            f"  partition_projection_location_template = {literal(self.template)}\n)"
        )


def find_trail(connection: Connection, source: str, wanted: Wanted, days: tuple[str, str]) -> Trail:
    """The trail below an address; folders of accounts and Regions are listed, no days.

    Args:
        connection: to S3.
        source: the folder of accounts, the one above it, or an account's.
        wanted: accounts and Regions.
        days: the first and the last, ``YYYY/MM/DD``.

    Raises:
        SourceError: S3 refuses to list it, or there is no such trail below the address.
    """
    if not is_address(source):
        if not (wanted.accounts and wanted.regions):
            hint = "Name all with --account-id and --region"
            raise SourceError("accounts and Regions can be listed in S3 alone", where=source, hint=hint)
        location = f"{source.rstrip('/')}/"
        return Trail(location, wanted.accounts, wanted.regions, *days)
    address = parse_address(f"{source.rstrip('/')}/")
    base, accounts = _accounts(connection, address, wanted)
    if not accounts:
        asked = " that was asked for" if wanted.accounts else ""
        raise SourceError(f"there is no folder of an account{asked}", where=base.uri, hint=_HINT)
    regions = {
        folder
        for account in accounts
        for folder in _folders(connection, base._replace(key=f"{base.key}{account}/{LOGS}/"))
        if REGION.fullmatch(folder) and wanted.takes_region(folder)
    }
    if not regions:
        asked = " that was asked for" if wanted.regions else ""
        raise SourceError(f"there is no folder of a Region{asked} below {LOGS}", where=base.uri, hint=_HINT)
    return Trail(base.uri, tuple(accounts), tuple(sorted(regions)), *days)


def _accounts(connection: Connection, address: Address, wanted: Wanted) -> tuple[Address, list[str]]:
    """The folder of the accounts, and their IDs."""
    parts = address.key.rstrip("/").split("/")
    if ACCOUNT.fullmatch(parts[-1]):
        return address._replace(key=f"{'/'.join(parts[:-1])}/" if parts[:-1] else ""), [parts[-1]]
    folders = _folders(connection, address)
    if _ROOT in folders and _ROOT not in parts:
        address = address._replace(key=f"{address.key.lstrip('/')}{_ROOT}/")
        folders = _folders(connection, address)
    organizations = [folder for folder in folders if ORGANIZATION.fullmatch(folder)]
    accounts = [one for one in folders if ACCOUNT.fullmatch(one)]
    if organizations and (accounts or len(organizations) > 1):
        ways = ", ".join(f"{address.uri}{one}/" for one in (*organizations, *accounts[:1]))
        raise SourceError("several trails lie there", where=address.uri, hint=f"Extract each by itself: {ways}")
    if organizations:
        return _accounts(connection, address._replace(key=f"{address.key}{organizations[0]}/"), wanted)
    return address, [account for account in accounts if wanted.takes_account(account)]


def _folders(connection: Connection, address: Address) -> list[str]:
    """The names of the folders below an address."""
    from rootforensics.sources.s3.listing import Lister

    lister = Lister(connection.bucket(address.bucket))
    pages = lister.pages(address.key, delimiter=True, versions=False)
    return sorted(folder.rstrip("/").rpartition("/")[2] for page in pages for folder in page.folders)
