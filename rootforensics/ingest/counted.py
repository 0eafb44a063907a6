"""What a load of what is related to root leaves out, counted: when and where somebody acted, and what was called.

A record is counted only if it holds all that rules go by: one that does not may be what an answer needs. An engine
beside the logs counts by ``extraction/counting.py``, which says the same in SQL.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any, Final, NamedTuple

import msgspec

from rootforensics.engines.duckdb import storage_errors
from rootforensics.engines.writing import insert_as_json, opened_writer
from rootforensics.errors import StorageError
from rootforensics.ingest.derived import MAY_BE_EITHER, READS, SIGN_IN_OUTCOME, WRITES
from rootforensics.ingest.filters import Filters
from rootforensics.ingest.related import counted_names
from rootforensics.ingest.spelling import recording_account, spelled_action, spelled_service

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    import duckdb

    from rootforensics.engines.writing import Record

#: The columns of the table ``counted_hours``, beside ``evidence_id``. Times are those of the events.
COUNTED_HOURS: Final = {
    "account_id": "VARCHAR",
    "region": "VARCHAR",
    "hour_time": "TIMESTAMP WITH TIME ZONE",
    "is_management": "BOOLEAN",
    **dict.fromkeys(("record_count", "event_count", "read_count", "write_count", "unjudged_count"), "BIGINT"),
    **dict.fromkeys(("first_time", "last_time"), "TIMESTAMP WITH TIME ZONE"),
    **dict.fromkeys(("low_actor", "high_actor"), "VARCHAR"),
    "is_cut": "BOOLEAN",
    "extraction_id": "VARCHAR",
}
#: Those of ``counted_calls``, likewise. ``event_name`` is one of ``counted_names``, NULL for any other.
COUNTED_CALLS: Final = {
    **dict.fromkeys(("account_id", "event_source", "event_category", "event_type", "event_name"), "VARCHAR"),
    **dict.fromkeys(("record_count", "event_count", "error_count"), "BIGINT"),
    **dict.fromkeys(("first_time", "last_time"), "TIMESTAMP WITH TIME ZONE"),
    "extraction_id": "VARCHAR",
}
#: Extractions: whether all that an engine left behind was counted, and for which names of what descends from root it
#: was asked; NULL until it is done. One that is not there was stopped before its end.
EXTRACTIONS: Final = {"extraction_id": "VARCHAR", "is_counted": "BOOLEAN", "names_digest": "VARCHAR"}
TABLES: Final = {"counted_hours": COUNTED_HOURS, "counted_calls": COUNTED_CALLS}
_ROWS_AT_ONCE: Final = 10_000
_EXTRACTED: Final = "contains(CAST(filters AS VARCHAR), '\"extraction_id\"')"
#: Extractions that counted more of some hour than one did.
_COUNTED_MORE: Final = """
SELECT DISTINCT h.extraction_id
FROM counted_hours AS h LEFT JOIN (FROM counted_hours WHERE extraction_id = ?) AS its
    ON h.account_id IS NOT DISTINCT FROM its.account_id AND h.region IS NOT DISTINCT FROM its.region
    AND h.hour_time IS NOT DISTINCT FROM its.hour_time AND h.is_management = its.is_management
WHERE h.extraction_id IS NOT NULL AND h.event_count > coalesce(its.event_count, 0)
"""
#: Of an hour in which the time of an extraction begins or ends a part is not counted.
_CUT: Final = (
    "coalesce(CAST(hour_time AS TIMESTAMPTZ) < ?, false)"
    " OR coalesce(CAST(hour_time AS TIMESTAMPTZ) + INTERVAL '1' HOUR > ?, false)"
)
TIME: Final = r"^[12]\d{3}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"
_SPELLED: Final = "%Y-%m-%dT%H:%M:%S.%fZ"
SUMMARIES: Final = ("insight", "aggregated", "awscloudtrailinsight", "awsaggregatedevent")
#: Columns that an engine counts, behind that of the table.
COUNTED: Final = (
    "counts",
    *(name for name in {**COUNTED_HOURS, **COUNTED_CALLS} if name not in ("is_cut", "extraction_id")),
)
#: Types that say who acted without an ARN, or that CloudTrail could not tell: of root's own calls these are taken in.
TYPES: Final = (
    *("Role", "Directory", "AWSAccount", "AWSService", "SAMLUser", "WebIdentityUser", "IdentityCenterUser", "Unknown"),
)
NAMED: Final = ("IAMUser", "AssumedRole")
ARN: Final = ":(user|assumed-role)/.*[^/]$"
SIGN_IN: Final = "signin.amazonaws.com"
#: Where a sign-in says how it went.
OUTCOMES: Final = tuple(re.findall(r"(\w+)->>'\$[.](\w+)'", SIGN_IN_OUTCOME))
WENT_WELL, WENT_WRONG = ("success", "true"), ("failure", "false")


class _Issuer(msgspec.Struct, gc=False):
    type: str | None = None
    arn: str | None = None


class _Context(msgspec.Struct, gc=False):
    sessionIssuer: _Issuer | None = None


class _Identity(msgspec.Struct, gc=False):
    type: str | None = None
    arn: str | None = None
    accountId: str | None = None
    userName: str | None = None
    invokedBy: str | None = None
    accessKeyId: str | None = None
    sessionContext: _Context | None = None


class _Record(msgspec.Struct, gc=False):
    eventTime: Annotated[str, msgspec.Meta(pattern=TIME)]
    awsRegion: str | None = None
    eventName: str | None = None
    eventSource: str | None = None
    recipientAccountId: str | None = None
    accountId: str | None = None
    readOnly: bool | None = None
    managementEvent: bool | None = None
    eventCategory: str | None = None
    eventType: str | None = None
    errorCode: str | None = None
    errorMessage: str | None = None
    userIdentity: _Identity | None = None
    responseElements: msgspec.Raw = msgspec.Raw()
    additionalEventData: msgspec.Raw = msgspec.Raw()


class _File(msgspec.Struct, gc=False):
    Records: list[_Record]


_FILE: Final = msgspec.json.Decoder(_File)
_RECORD: Final = msgspec.json.Decoder(_Record)
_VALUES: Final = msgspec.json.Decoder(dict[str, Any] | None)
_NOBODY: Final = _Identity()
_either, _reads, _writes = (re.compile(one).search for one in (MAY_BE_EITHER, READS, WRITES))
_has_name: Final = re.compile(ARN).search


class Counts:
    """Counts of one object.

    Args:
        filters: with which the object is loaded.

    Attributes:
        is_whole: every record was counted; else nothing of the object is told.
    """

    def __init__(self, filters: Sequence[Filters]) -> None:
        self.is_whole = True
        self._filters = filters
        self._takes_all = any(not (one.since or one.until or one.accounts or one.regions) for one in filters)
        self._rows: dict[tuple[Any, ...], list[Any]] = {}
        self._calls: dict[tuple[Any, ...], list[Any]] = {}

    def take_file(self, text: bytes) -> None:
        """Count the records of a file as CloudTrail writes it."""
        try:
            self._take(_FILE.decode(text).Records)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            self.is_whole = False

    def take(self, texts: Sequence[bytes]) -> None:
        """Count some records."""
        try:
            self._take(map(_RECORD.decode, texts))
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            self.is_whole = False

    def _take(self, records: Iterable[_Record]) -> None:
        rows, calls, names = self._rows, self._calls, counted_names()
        for record in records:
            time, who = record.eventTime, record.userIdentity or _NOBODY
            action, service = spelled_action(record.eventName), spelled_service(record.eventSource)
            is_event = not (
                who.type is None
                and who.arn is None
                and ((record.eventCategory or "").lower() in SUMMARIES or (record.eventType or "").lower() in SUMMARIES)
            )
            owner = recording_account(record.recipientAccountId, who.accountId, record.accountId)
            account = owner or recording_account(arn=who.arn)
            is_management = record.managementEvent is not False and record.eventCategory in (None, "Management")
            key = account, record.awsRegion, time[:13], is_management
            is_write = _is_write(record, action)
            actor = next((name for name in (who.arn, who.invokedBy, who.userName) if name is not None), "")
            if (row := rows.get(key)) is None:
                row = rows[key] = [0, 0, 0, 0, 0, None, None, None, None]
            row[0] += 1
            if is_event:
                row[1] += 1
                row[2] += is_write is False
                row[3] += is_write is True
                row[4] += not (account and action and service and _is_judged(record, who, is_write, action, service))
                row[5:] = (
                    [time, time, actor, actor]
                    if row[5] is None
                    else [min(row[5], time), max(row[6], time), min(row[7], actor), max(row[8], actor)]
                )
            if self._takes_all or any(_lets_in(its, owner, record.awsRegion, time) for its in self._filters):
                name = action if action in names else None
                called = account, service, record.eventCategory, record.eventType, name
                if (call := calls.get(called)) is None:
                    call = calls[called] = [0, 0, 0, time, time]
                call[0] += 1
                call[1] += is_event
                call[2] += is_event and _has_failed(record, service)
                call[3:] = min(call[3], time), max(call[4], time)

    def rows(self, table: str) -> list[dict[str, Any]]:
        """Rows of a table, times as text; nothing if a record could not be counted.

        An hour is cut if some of it was left out for another reason than that it is not related to root.

        Args:
            table: of ``TABLES``.
        """
        if table == "counted_calls":
            found = self._calls.items() if self.is_whole else ()
            return [dict(zip(COUNTED_CALLS, (*key, *row, None), strict=True)) for key, row in found]
        rows = []
        for (account, region, hour, is_management), row in self._rows.items() if self.is_whole else ():
            is_cut = not any(_takes(one, account, region, row[5], row[6]) for one in self._filters)
            told = account, region, f"{hour}:00:00Z", is_management, *row, is_cut, None
            rows.append(dict(zip(COUNTED_HOURS, told, strict=True)))
        return rows


def _takes(one: Filters, account: str | None, region: str | None, first: str | None, last: str | None) -> bool:
    """Whether a filter takes in all that is related to root of a place and a time."""
    begins = one.since is None or first is None or f"{one.since:{_SPELLED}}" <= first
    ends = one.until is None or last is None or last < f"{one.until:{_SPELLED}}"
    is_there = (not one.regions or region in one.regions) and (not one.accounts or account in one.accounts)
    return one.root_related and not one.root_named and begins and ends and is_there


def _lets_in(one: Filters, account: str | None, region: str | None, time: str) -> bool:
    """Whether time, account and Region of a record pass a filter, as its condition has it."""
    begins = one.since is None or f"{one.since:{_SPELLED}}" <= time
    ends = one.until is None or time < f"{one.until:{_SPELLED}}"
    is_there = not (one.regions and region) or region in one.regions
    return begins and ends and is_there and (not (one.accounts and account) or account in one.accounts)


def _has_failed(one: _Record, service: str | None) -> bool:
    """As ``outcome`` of ``events`` says it."""
    if one.errorCode or service != SIGN_IN:
        return bool(one.errorCode or one.errorMessage)
    told = {
        name: _VALUES.decode(held) or {}
        for name in ("responseElements", "additionalEventData")
        if (held := getattr(one, name))
    }
    values = (told.get(field, {}).get(name) for field, name in OUTCOMES)
    said = str(next((value for value in values if value is not None), "")).lower()
    return said in WENT_WRONG or bool(one.errorMessage and said not in WENT_WELL)


def _is_write(one: _Record, action: str | None) -> bool | None:
    """As ``is_write`` of ``events`` says it."""
    if one.readOnly is not None:
        return not one.readOnly
    name = action or ""
    if _either(name):
        return None
    return False if _reads(name) else True if _writes(name) else None


def _is_judged(one: _Record, who: _Identity, is_write: bool | None, action: str, service: str) -> bool:
    """Whether a record of somebody else than root holds what the view ``unjudged_events`` and rules ask of it."""
    if who.type in NAMED:
        if one.errorCode or one.errorMessage:
            return bool(who.userName or (who.arn and _has_name(who.arn)))
        needs_key = is_write is not False or action.startswith("AssumeRole")
        has_key = who.accessKeyId or service == SIGN_IN or not needs_key
        return bool(who.arn and _has_name(who.arn) and has_key)
    if who.type == "FederatedUser":
        issuer = who.sessionContext and who.sessionContext.sessionIssuer
        return bool(issuer and (issuer.type or issuer.arn))
    return who.type in (*TYPES, "Root") or (not who.type and bool(who.invokedBy or one.eventType == "AwsServiceEvent"))


def write_counts(writer: duckdb.DuckDBPyConnection, objects: Iterable[tuple[int, Counts, tuple[Filters, ...]]]) -> None:
    """Write the counts of objects; none of one that is taken in whole, or that an engine counts with all others.

    Args:
        writer: of a case.
        objects: number, counts and filters of each.
    """
    partial = [one for one in objects if not any(its.is_empty or its.extracted for its in one[2])]
    for table, columns in TABLES.items():
        rows = ({"evidence_id": number, **row} for number, counts, _ in partial for row in counts.rows(table))
        while some := list(islice(rows, _ROWS_AT_ONCE)):
            insert_as_json(writer, table, {"evidence_id": "INTEGER", **columns}, some)


class Kept(NamedTuple):
    """What a case keeps of an extraction.

    Attributes:
        filters: with which it was asked.
        counts: Parquet, columns as ``COUNTING`` gives them; None if not all was counted.
        names_digest: of the names that the engine was asked for (``descent.digest_of``); None if it is not done.
    """

    filters: Filters
    counts: Sequence[Path] | None = None
    names_digest: str | None = None


def _take_over(writer: duckdb.DuckDBPyConnection, wider: Filters) -> None:
    """Have the case say of what narrower extractions of the same place brought and counted that this one did.

    One that counted more stays: its logs are gone, or the place has the name of another.
    """
    place = wider.extracted.partition(" from ")[2]
    held = writer.execute(f"SELECT DISTINCT CAST(filters AS VARCHAR) FROM evidence WHERE {_EXTRACTED}").fetchall()  # noqa: S608
    more = {one for (one,) in writer.execute(_COUNTED_MORE, [wider.extraction_id]).fetchall()}
    taken: set[str] = set()
    for (text,) in held:
        told: list[dict[str, Any]] = []
        for one in msgspec.json.decode(text):
            its = Filters.from_dict(one)
            is_part = its.extracted.partition(" from ")[2] == place and wider.holds(its)
            if its.extraction_id and is_part and its.extraction_id not in more:
                taken.add(its.extraction_id)
                one = {**wider.as_dict(), "root_related": one["root_related"]}  # noqa: PLW2901
            told += [one] if one not in told else []
        new = msgspec.json.encode(told).decode()
        writer.execute("UPDATE evidence SET filters = ? WHERE CAST(filters AS VARCHAR) = ?", [new, text])
    for table in (*TABLES, "extractions"):
        parts = sorted(taken - {wider.extraction_id})
        writer.execute(f"DELETE FROM {table} WHERE list_contains(?, extraction_id)", [parts])  # noqa: S608


def keep_extraction(path: Path, record: Record, kept: Kept) -> None:
    """Put what is known of an extraction in the place of what a case has of it.

    Once it is done, earlier ones that asked for a part of what it asked for, at the same place, are parts of it.

    Args:
        path: of the case.
        record: adds the act to the chain of custody.
        kept: what is known; of one that has begun nothing.

    Raises:
        StorageError: a file of counts cannot be read.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    with storage_errors(path), opened_writer(path, record) as opening:
        writer = opening.opened()
        writer.execute("BEGIN")
        its = kept.filters
        for table in (*TABLES, "extractions"):
            writer.execute(f"DELETE FROM {table} WHERE extraction_id = ?", [its.extraction_id])  # noqa: S608
        told = its.extraction_id, kept.counts is not None, kept.names_digest
        writer.execute("INSERT INTO extractions VALUES (?, ?, ?)", told)
        for file in kept.counts or ():
            try:
                writer.register("counted", pq.read_table(file))
            except (OSError, pa.ArrowException) as error:
                hint = "Take its folder away, and run the extraction again"
                raise StorageError(f"it cannot be read ({error})", where=str(file), hint=hint) from error
            for table, columns in TABLES.items():
                writer.execute(
                    f"INSERT INTO {table} BY NAME SELECT {', '.join(columns)}"  # noqa: S608 - names of ours
                    f" FROM (SELECT *, {_CUT} AS is_cut, ? AS extraction_id FROM counted) WHERE counts = ?",
                    [its.since, its.until, its.extraction_id, table],
                )
            writer.unregister("counted")
        if kept.names_digest and kept.counts is not None:
            _take_over(writer, its)
        opening.commit("the counts of an extraction")
