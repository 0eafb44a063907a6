/*
title    = "Hash of the evidence list"
question = "Which single hash identifies all the evidence of this case, to check whether two reports use the same evidence?"
attack   = []
source   = "SHA-256 over one hash for each row of evidence, hexadecimal and in the order of these hashes: that of a line with its SHA-256 (none for what could not be read to its end), two blanks, its URI and a line feed"
misses   = "Files that were never given to this case. Equal evidence under different names, which has a different hash."
first    = "object_count unread_count size_bytes sha256"
columns  = "object_count unread_count size_bytes sha256"
never_null = "object_count unread_count"
[notes]
object_count = "BIGINT; rows of evidence"
unread_count = "BIGINT; of these, without a hash"
size_bytes   = "BIGINT; of all files together, without counting members of archives again; NULL if no size is known"
sha256       = "VARCHAR; lower-case hexadecimal"
*/
SELECT
    count(*) AS object_count,
    count(*) FILTER (WHERE sha256 IS NULL) AS unread_count,
    CAST(sum(size_bytes) FILTER (WHERE archive_id IS NULL) AS BIGINT) AS size_bytes,
    sha256(coalesce(string_agg(line, '' ORDER BY line), '')) AS sha256
FROM (
    SELECT sha256, size_bytes, archive_id, sha256(concat(coalesce(sha256, 'none'), '  ', uri, chr(10))) AS line
    FROM evidence
)
ORDER BY object_count
