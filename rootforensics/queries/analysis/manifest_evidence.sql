/*
question = "Which files does the case have, where were they, and what did verify find?"
misses   = "Files that were never given to this case. Results of verify, if it was not run since the last load."
columns  = "evidence_id archive_id uri size_bytes sha256 etag version_id modified_time status verdict reason s3_metadata"
never_null = "evidence_id uri status"
[notes]
evidence_id   = "INTEGER"
archive_id    = "INTEGER; evidence_id of the archive that contains it; NULL for none"
uri           = "VARCHAR"
size_bytes    = "BIGINT"
sha256        = "VARCHAR; of the stored bytes; NULL if they were not read completely"
etag          = "VARCHAR; as S3 gave it"
version_id    = "VARCHAR; as S3 gave it"
modified_time = "VARCHAR; ISO 8601, UTC"
status        = "VARCHAR; as in evidence"
verdict       = "VARCHAR; result of verify for a log or digest file"
reason        = "VARCHAR; of the verdict"
s3_metadata   = "VARCHAR; JSON; what S3 stores with a digest file, such as its signature"
*/
SELECT e.evidence_id, e.archive_id, e.uri, e.size_bytes, e.sha256, e.etag, e.version_id,
    strftime(e.modified_time, '%Y-%m-%dT%H:%M:%SZ') AS modified_time, e.status, i.verdict, i.reason,
    CAST(d.s3_metadata AS VARCHAR) AS s3_metadata
FROM evidence AS e LEFT JOIN integrity AS i ON e.evidence_id = i.evidence_id
LEFT JOIN digests AS d ON e.evidence_id = d.evidence_id
ORDER BY e.evidence_id, i.verdict
