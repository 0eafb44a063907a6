/*
title    = "The digest of the evidence list"
question = "Which one hash stands for all the evidence of this case, so that it can be seen whether two reports rest on the same?"
attack   = []
source   = "SHA-256 in three steps, each in hexadecimal and in order of evidence_id: of a line for each row of evidence (its SHA-256, or none for what could not be read to its end, two blanks, its URI, a line feed); of the hashes of each 4,096 evidence_ids, the first from 0; of the hashes of those"
misses   = "Objects that were never given to this case. Where the same evidence lies under other names, or was loaded in another order, the digest is another."
first    = "object_count unread_count size_bytes sha256"
columns  = "object_count unread_count size_bytes sha256"
[notes]
object_count = "BIGINT; rows of evidence"
unread_count = "BIGINT; of these, without a hash"
size_bytes   = "BIGINT; of all objects together, members of archives not counted again; NULL if no size is known"
sha256       = "VARCHAR; lower-case hexadecimal"
*/
SELECT
    CAST(coalesce(sum(object_count), 0) AS BIGINT) AS object_count,
    CAST(coalesce(sum(unread_count), 0) AS BIGINT) AS unread_count,
    CAST(sum(size_bytes) AS BIGINT) AS size_bytes,
    sha256(coalesce(string_agg(block_sha256, '' ORDER BY block), '')) AS sha256
FROM (
    SELECT evidence_id // 4096 AS block, count(*) AS object_count, count(*) FILTER (WHERE sha256 IS NULL) AS unread_count,
        sum(size_bytes) FILTER (WHERE archive_id IS NULL) AS size_bytes,
        sha256(string_agg(line, '' ORDER BY evidence_id, line)) AS block_sha256
    FROM (
        SELECT evidence_id, sha256, size_bytes, archive_id,
            sha256(concat(coalesce(sha256, 'none'), '  ', uri, chr(10))) AS line
        FROM evidence
    )
    GROUP BY block
)
ORDER BY object_count
