/*
question = "Where are these files, and where are others with the same bytes?"
misses   = "Copies that were never loaded into the case."
columns  = "evidence_id sha256 uris"
never_null = "evidence_id sha256 uris"
[params]
ids = { type = "INTEGER[]", default = [], help = "evidence_id of the files" }
[notes]
evidence_id = "INTEGER; the object asked for"
sha256      = "VARCHAR; of the bytes, in hexadecimal"
uris        = "VARCHAR[]; from the outermost archive to the file"
*/
WITH RECURSIVE way AS (
    SELECT e.evidence_id, c.evidence_id AS copy_id, c.sha256, c.archive_id, [c.uri] AS uris
    FROM evidence e JOIN evidence c USING (sha256) WHERE list_contains($ids::INTEGER[], e.evidence_id)
    UNION ALL
    SELECT way.evidence_id, way.copy_id, way.sha256, a.archive_id, list_prepend(a.uri, way.uris)
    FROM way JOIN evidence a ON a.evidence_id = way.archive_id
)
SELECT evidence_id, sha256, uris FROM way WHERE archive_id IS NULL
ORDER BY evidence_id, copy_id <> evidence_id, copy_id
