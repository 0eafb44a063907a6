"""What ``verify`` found in a case: verdicts, breaks and chains, as tables."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING, Any, Final

from rootforensics.ingest.store import VERDICTS, line_of
from rootforensics.queries.result import Tabular

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    import duckdb

    from rootforensics.queries.asking import Asks
    from rootforensics.queries.result import Result

#: What validation cannot show, even if everything is verified.
LIMITS: Final = (
    "A verified log is exactly the file that CloudTrail delivered.",
    "Validation does not show events that were never logged, or whether the values in a request are true.",
    "If the newest digests of a chain were deleted together with their logs, the older ones do not show it.",
    "Compare the end of each chain with its newest file and last load: if they are later, digests may be missing.",
)


#: Kinds of objects, one and several.
KINDS: Final = {"digest": ("digest file", "digest files"), "log": ("log", "logs")}


def counted(numbers: Mapping[str, int]) -> str:
    """Numbers of objects by kind, in words."""
    return " and ".join(f"{number:,} {KINDS[kind][number != 1]}" for kind, number in numbers.items() if number)


@dataclass(frozen=True, slots=True)
class Integrity(Tabular):
    """The verdicts on digest files and logs.

    Attributes:
        objects: one row a digest file or log, here or missing.
        breaks: times of which the digests of a trail prove nothing.
        chains: the digests of each trail, account and Region, when they are proven, the breaks
            between, and the newest times of their files and of the load.
        since: the time from which verdicts were wanted, UTC.
        until: likewise the end of it.
    """

    objects: Result[dict[str, Any]]
    breaks: Result[dict[str, Any]]
    chains: Result[dict[str, Any]]
    since: datetime | None = None
    until: datetime | None = None

    @property
    def is_proven(self) -> bool:
        """True if there are digests and logs, all are verified, no chain breaks and all reach over the wanted time."""
        is_whole = not len(self.breaks) and not self.not_covered()
        return is_whole and {verdict for _, verdict in self.counts()} == {"verified"}

    def not_covered(self) -> list[str]:
        """Of which part of the wanted time the chains prove nothing, because they begin later or end earlier."""
        told = []
        for row in self.chains.rows:
            begin, end = row["from_time"], row["until_time"]
            spans = [(self.since, begin), (end, self.until)] if begin and not row["is_backfill"] else []
            where = f"{row['account_id']} {row['region']}, trail {row['trail']}"
            told += [
                f"{where}: {_time(span)} to {_time(other)}" for span, other in spans if span and other and span < other
            ]
        return told

    def counts(self) -> dict[tuple[str, str], int]:
        """How many digest files and logs have each verdict: by kind and verdict."""
        grouped = self.objects.arrow().group_by(["kind", "verdict"]).aggregate([([], "count_all")])
        return {(row["kind"], row["verdict"]): row["count_all"] for row in grouped.to_pylist()}

    @property
    def summary(self) -> str:
        """The numbers by verdict in one line, what is verified first."""
        counts = self.counts()
        verdicts = sorted({verdict for _, verdict in counts}, key=lambda verdict: (verdict != "verified", verdict))
        return "; ".join(f"{one}: {counted({kind: counts.get((kind, one), 0) for kind in KINDS})}" for one in verdicts)

    def as_dict(self) -> dict[str, Any]:
        """All of it, for JSON; times are ISO 8601 in UTC."""
        return {
            "is_proven": self.is_proven,
            "objects": [_plain(row) for row in self.objects.rows],
            "breaks": [_plain(row) for row in self.breaks.rows],
            "chains": [_plain(row) for row in self.chains.rows],
            "not_covered": self.not_covered(),
            "limits": list(LIMITS),
        }

    def result(self) -> Result:
        """The digest files and logs."""
        return self.objects


def _time(value: datetime) -> str:
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in row.items()}


def verdicts_of(case: Asks, since: datetime | None, until: datetime | None) -> Integrity:
    """What the last ``verify`` found of a time; what has no time belongs to any."""
    objects, breaks, chains = (
        case._statement(text, since=since, until=until)  # noqa: SLF001 - as Asks has it
        for text in _STATEMENTS
    )
    return Integrity(objects, breaks, chains, since, until)


_WITHIN: Final = """
FROM {} WHERE ($since IS NULL OR until_time IS NULL OR until_time >= $since)
    AND ($until IS NULL OR from_time IS NULL OR from_time < $until)
ORDER BY {}
"""
#: With the breaks between begin and end, the newest time of the files, which is that of their copy unless the copy kept
#: that of the object, and of their load.
_CHAINS: Final = """(
    SELECT c.*, (
        SELECT count(*) FROM chain_breaks AS b
        WHERE b.account_id = c.account_id AND b.region = c.region AND b.trail = c.trail
            AND b.is_backfill = c.is_backfill AND b.from_time >= c.from_time AND b.until_time <= c.until_time
    ) AS break_count, f.modified_time, f.loaded_time
    FROM digest_chains AS c LEFT JOIN (
        SELECT account_id, region, trail, is_backfill, max(modified_time) AS modified_time,
            max(loaded_time) AS loaded_time
        FROM (SELECT evidence_id, account_id, region, trail, is_backfill FROM digests)
        JOIN (SELECT evidence_id, modified_time, loaded_time FROM evidence) USING (evidence_id)
        GROUP BY ALL
    ) AS f USING (account_id, region, trail, is_backfill)
)"""
_STATEMENTS: Final = tuple(
    f"SELECT * {_WITHIN.format(table, order)}"
    for table, order in (
        ("integrity", "kind, account_id, region, until_time, uri, evidence_id"),
        ("chain_breaks", "account_id, region, trail, until_time, from_time, cause"),
        (_CHAINS, "ALL"),
    )
)
_LINES: Final = (f"SELECT {line_of(name, columns)} AS line FROM {name}" for name, columns in VERDICTS.items())  # noqa: S608
#: The hash of the hashes of all rows, in any order; in two steps, for there may be many.
_ALL: Final = f"""
SELECT sha256(coalesce(string_agg(part, '' ORDER BY part), ''))
FROM (SELECT sha256(string_agg(line, '' ORDER BY line)) AS part FROM ({" UNION ALL ".join(_LINES)}) GROUP BY line[:3])
"""  # noqa: S608 - names of ours


def verdicts_hash(connection: duckdb.DuckDBPyConnection) -> str:
    """The hash of all that ``verify`` wrote: the verdicts, the breaks and the chains."""
    [(sha256,)] = connection.execute(_ALL).fetchall()
    return str(sha256)
