/*
title    = "Evidence ledger"
question = "Which files were given to this case, and what happened to each of them?"
attack   = []
source   = "The ledger of the case"
misses   = "Files that were never given to this case."
first    = "evidence_id status event_count uri problem"
columns  = """
evidence_id archive_id status uri size_bytes sha256 compression framing container member_count record_count
event_count duplicate_count filtered_count rejected_count first_time last_time problem filters integrity_verdict"""
never_null = "evidence_id status uri event_count duplicate_count rejected_count filters"
[notes]
evidence_id     = "INTEGER; cited by every event"
archive_id      = "INTEGER; evidence_id of the archive that contains it; NULL for none"
status          = "VARCHAR; loaded, empty, duplicate, archive, digest, damaged, unsupported, unreadable"
uri             = "VARCHAR"
size_bytes      = "BIGINT"
sha256          = "VARCHAR; of the stored bytes, lower-case hexadecimal"
compression     = "VARCHAR; gzip, zstd, plain; nested compression as gzip > zstd"
framing         = "VARCHAR; Records, ndjson, array, single, concatenated, csv, lines, digest, zip, tar"
container       = "VARCHAR; formats around the events, outermost first; NULL for none"
member_count    = "BIGINT; members of an archive, NULL for any other object"
record_count    = "BIGINT; values found"
event_count     = "BIGINT; of these, events in this case"
duplicate_count = "BIGINT; of these, duplicates of an event that is already in the case"
filtered_count  = "BIGINT; of these, excluded by filters"
rejected_count  = "BIGINT; of these, not events"
first_time      = "TIMESTAMP WITH TIME ZONE; first event, UTC"
last_time       = "TIMESTAMP WITH TIME ZONE; last event, UTC"
problem         = "VARCHAR; in words, NULL if none"
filters         = "JSON; the filters of the load: a record is in the case if one of them includes it; {} for everything"
integrity_verdict = "VARCHAR; result of verify, as in the table integrity; NULL if it was not run since the last load"
*/
SELECT e.evidence_id, archive_id, status, e.uri, size_bytes, sha256, compression, framing, container, member_count,
    record_count, event_count, duplicate_count, filtered_count, rejected_count, first_time, last_time, problem, filters,
    i.verdict AS integrity_verdict
FROM evidence AS e LEFT JOIN integrity AS i ON e.evidence_id = i.evidence_id
ORDER BY e.evidence_id
