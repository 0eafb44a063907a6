"""Judge each log by the digests that list it: in SQL, for there may be many.

A log is judged by the entries of its own name, and by its content where no digest lists its name: it may have been
renamed. Digests list the hash of the uncompressed bytes, so one that was unpacked or packed again is the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rootforensics.engines.writing import insert_rows
from rootforensics.queries.catalogue import views
from rootforensics.sources.digests import NAME
from rootforensics.sources.names import LOG_NAME

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    import duckdb

    from rootforensics.integrity.chain import Break, Verdict
    from rootforensics.sources.digests import Digest, Trail


def judge_logs(
    writer: duckdb.DuckDBPyConnection, digests: Iterable[tuple[Digest | None, Verdict, int]], breaks: Iterable[Break]
) -> None:
    """Add the verdicts of all logs, here or missing, to the table ``integrity``.

    Args:
        writer: of the case.
        digests: with the verdict of each, and the evidence_id of a file with it; None for a text that is none.
        breaks: of the chains.
    """
    writer.execute(_DIGESTS)
    judged = [
        {
            "digest_evidence_id": evidence_id,
            "verdict": verdict,
            **(_when(one.trail, one.begin, one.end) if one else dict.fromkeys(_WHEN)),
        }
        for one, verdict, evidence_id in digests
    ]
    insert_rows(writer, "judged_digests", judged)
    gaps = [
        _when(one.trail, one.begin, one.end)
        for one in breaks
        if one.begin is not None and one.cause != "ends_early" and not one.trail.is_backfill
    ]
    insert_rows(writer, "digest_gaps", gaps)
    for statement in (_MACROS, _LISTED, _FILES, _NAMED, _ALIKE, _FOUND, _MISSING):
        writer.execute(statement)
    for table in ("judged_digests", "digest_gaps", "listed", "files", "named", "alike"):
        writer.execute(f"DROP TABLE temp.{table}")


def _when(trail: Trail, begin: datetime, end: datetime) -> dict[str, Any]:
    return dict(zip(_WHEN, (trail.account_id, trail.region, begin, end), strict=True))


_WHEN: Final = ("account_id", "region", "from_time", "until_time")


_DIGESTS: Final = """
CREATE TEMP TABLE judged_digests (
    digest_evidence_id INTEGER, verdict VARCHAR, account_id VARCHAR, region VARCHAR,
    from_time TIMESTAMPTZ, until_time TIMESTAMPTZ
);
CREATE TEMP TABLE digest_gaps (account_id VARCHAR, region VARCHAR, from_time TIMESTAMPTZ, until_time TIMESTAMPTZ)
"""
#: The name of a log without what stands around it; of another object its last part, unpacked.
_MACROS: Final = f"""
CREATE TEMP MACRO log_name(name) AS
    coalesce(nullif(regexp_extract(name, '{LOG_NAME.pattern}'), ''), regexp_replace(name, '\\.gz$', ''));
CREATE TEMP MACRO is_digest_name(name) AS regexp_matches(name, '{NAME.pattern}')
"""
_LISTED: Final = """
CREATE TEMP TABLE listed AS
SELECT log_name, uri, sha256, delivery_time, digest_evidence_id, coalesce(j.account_id, l.account_id) AS account_id,
    coalesce(j.region, l.region) AS region, from_time, until_time, verdict = 'verified' AS is_proven,
    CASE WHEN verdict IN ('unsigned', 'key_unknown') THEN verdict ELSE 'chain_broken' END AS unproven
FROM listed_logs AS l JOIN judged_digests AS j ON l.evidence_id = j.digest_evidence_id
"""
_FILES: Final = """
CREATE TEMP TABLE files AS
WITH odd AS (
    SELECT evidence_id, uri FROM evidence WHERE account_id IS NULL OR contains(uri, '_CloudTrail-')
),
told AS (
    SELECT evidence_id, if(min(recipientAccountId) = max(recipientAccountId), min(recipientAccountId), NULL) AS account,
        if(min(awsRegion) = max(awsRegion), min(awsRegion), NULL) AS place,
        bool_and(coalesce(eventType, '') IN ('AwsCloudTrailInsight', 'AwsAggregatedEvent')) AS is_derived
    FROM events SEMI JOIN odd USING (evidence_id) GROUP BY evidence_id
),
held AS (
    SELECT evidence_id, uri, coalesce(account_id, account) AS account_id, coalesce(region, place) AS region,
        regexp_matches(uri, '_CloudTrail-[A-Za-z]+_[^/]*$') AND coalesce(is_derived, true) AS is_derived,
        delivery_time, regexp_extract(uri, '[^/]*$') AS last, problem,
        if(compression = 'plain', sha256, content_sha256) AS content, coalesce(gzip_member_count, 0) > 1 AS is_joined,
        status = 'damaged' AND NOT regexp_matches(coalesce(problem, ''), 'reading stopped|raise --max-|more memory')
            AS is_damaged,
        coalesce(event_count, 0) + coalesce(duplicate_count, 0) > 0 AS has_events
    FROM evidence LEFT JOIN told USING (evidence_id)
    WHERE evidence_id NOT IN (SELECT evidence_id FROM digests) AND status <> 'archive'
)
SELECT evidence_id, uri, account_id, region, is_derived, delivery_time, problem, content, is_joined, is_damaged,
    log_name(last) AS log_name
FROM held
WHERE NOT is_digest_name(last) AND (
    delivery_time IS NOT NULL OR has_events OR content IN (SELECT sha256 FROM listed)
    OR log_name IN (SELECT log_name FROM listed)
)
"""
_NAMED: Final = """
CREATE TEMP TABLE named AS
SELECT f.evidence_id, coalesce(bool_and(e.sha256 = f.content) FILTER (WHERE e.is_proven), false) AS is_same,
    count(DISTINCT e.sha256) FILTER (WHERE e.is_proven) > 1 AS is_disputed,
    arg_min(e, CASE WHEN e.is_proven THEN 0 ELSE 2 END + if(e.sha256 = f.content, 0, 1)) AS entry
FROM files AS f JOIN listed AS e USING (log_name)
GROUP BY f.evidence_id
"""
#: A file with another name stands for one name of its content that no file bears, or is a copy of what is here.
_ALIKE: Final = """
CREATE TEMP TABLE alike AS
WITH entries AS (
    SELECT sha256, arg_min(listed, if(is_proven, 0, 1)) AS entry, log_name IN (SELECT log_name FROM files) AS is_here
    FROM listed GROUP BY sha256, log_name
),
numbered AS (
    SELECT *, row_number() OVER (PARTITION BY sha256 ORDER BY is_here, NOT entry.is_proven, entry.uri) AS number,
        count(*) OVER (PARTITION BY sha256) AS name_count
    FROM entries
)
SELECT f.evidence_id, e.entry
FROM (
    SELECT evidence_id, content, row_number() OVER (PARTITION BY content ORDER BY evidence_id) AS number
    FROM files ANTI JOIN named USING (evidence_id)
) AS f
JOIN numbered AS e ON f.content = e.sha256 AND e.number = least(f.number, e.name_count)
"""
_FOUND: Final = """
INSERT INTO integrity BY NAME
WITH known AS (
    SELECT evidence_id, entry, is_same, is_disputed, false AS is_renamed FROM named
    UNION ALL
    SELECT evidence_id, entry, true, false, true FROM alike
),
-- The minute in the name of a log is that of its delivery; a digest's time begins and ends at any second.
unknown AS (
    SELECT f.evidence_id, f.delivery_time, f.is_derived,
        (SELECT min(h) FROM digest_gaps AS h WHERE h.account_id = f.account_id AND h.region = f.region
            AND h.from_time < f.delivery_time + INTERVAL '1' MINUTE AND h.until_time > f.delivery_time) AS gap,
        EXISTS (FROM judged_digests AS d WHERE d.account_id = f.account_id AND d.region = f.region
            AND d.verdict = 'verified' AND d.from_time < f.delivery_time + INTERVAL '1' MINUTE
            AND d.until_time > f.delivery_time) AS is_covered,
        EXISTS (FROM judged_digests AS d WHERE d.account_id = f.account_id AND d.region = f.region) AS has_digests
    FROM files AS f ANTI JOIN known USING (evidence_id)
),
judged AS (
    SELECT evidence_id, k.entry.digest_evidence_id AS digest_evidence_id,
        k.entry.from_time AS from_time, k.entry.until_time AS until_time,
        CASE
            WHEN NOT k.entry.is_proven THEN k.entry.unproven
            WHEN f.content IS NULL AND NOT f.is_damaged THEN 'not_checked'
            WHEN k.is_same AND NOT f.is_joined THEN 'verified'
            ELSE 'modified'
        END AS verdict,
        CASE
            WHEN NOT k.entry.is_proven AND k.is_same IS FALSE AND k.entry.sha256 <> f.content
                THEN 'a digest that is not proven lists a different hash'
            WHEN NOT k.entry.is_proven THEN 'the digest that lists it is not proven'
            WHEN f.content IS NULL AND NOT f.is_damaged
                THEN concat_ws(': ', 'the case has no hash of its complete content', f.problem)
            WHEN k.is_same AND f.is_joined THEN 'more than one gzip member, where CloudTrail writes one'
            WHEN f.content IS NULL THEN f.problem
            WHEN k.is_disputed THEN 'verified digests list different hashes for it'
            WHEN NOT k.is_same THEN 'its hash differs from the one in the digest'
            WHEN k.is_renamed THEN 'its name differs from the one in the digest'
        END AS reason
    FROM known AS k JOIN files AS f USING (evidence_id)
    UNION ALL
    SELECT evidence_id, NULL, coalesce(gap.from_time, delivery_time), coalesce(gap.until_time, delivery_time),
        CASE WHEN is_derived THEN 'no_digest' WHEN gap IS NOT NULL THEN 'chain_broken' WHEN is_covered THEN 'unlisted'
            ELSE 'no_digest' END,
        CASE
            WHEN is_derived THEN 'no digest lists it; whether digests list such files is not documented'
            WHEN gap IS NOT NULL THEN 'no digest lists it, and the digest chain is broken at its time'
            WHEN is_covered
                THEN 'no digest lists it, although digests cover its time: it was added, or is from another trail'
            WHEN delivery_time IS NULL THEN 'no digest lists its content, and its name is not one that CloudTrail uses'
            WHEN has_digests THEN 'no digest of this account and Region covers its time'
            ELSE 'the case has no digest of this account and Region'
        END
    FROM unknown
)
SELECT evidence_id, 'log' AS kind, verdict, reason, uri, account_id, region, from_time, until_time, digest_evidence_id
FROM judged JOIN files USING (evidence_id)
"""
#: Of what no file bears the name, a renamed copy may be here: its content tells.
_MISSING: Final = f"""
INSERT INTO integrity BY NAME
SELECT 'log' AS kind, 'missing' AS verdict, e.uri, any_value(e.account_id) AS account_id, any_value(e.region) AS region,
    min(e.from_time) AS from_time, max(e.until_time) AS until_time, min(e.digest_evidence_id) AS digest_evidence_id,
    concat(if(bool_or(e.is_proven), 'a digest lists it', 'a digest that is not proven lists it'),
        ', but the case does not have it', if(bool_and(b.begin_time > e.delivery_time),
        '; the case has no log from that day, so it was deleted or never copied', '')) AS reason
FROM listed AS e
LEFT JOIN ({views()["account_begins"].sql}) AS b ON b.account_id = e.account_id
ANTI JOIN files AS f ON f.log_name = e.log_name
ANTI JOIN (SELECT entry.log_name AS log_name FROM alike) AS r ON r.log_name = e.log_name
GROUP BY e.uri
"""  # noqa: S608 - a view of ours
