/*
title    = "Objects of which all was counted"
question = "Of which objects was only what is related to root taken in, and all else counted?"
attack   = []
source   = "The counts that a load of what is related to root makes, or an engine for an extraction"
misses   = "Objects with a record that could not be counted: of one that is damaged what is whole counts."
*/
-- The records of an extraction are in several files; its counts, which stand at one of them, are of all.
WITH counts AS (
    SELECT evidence_id, sum(record_count) AS record_count, sum(unjudged_count) = 0 AS is_judged, bool_or(is_cut) AS is_cut
    FROM counted_hours
    GROUP BY evidence_id
),
objects AS (
    SELECT evidence_id, record_count - rejected_count AS record_count, status,
        nullif(regexp_extract(filters::VARCHAR, '"extracted": *("(?:[^"\\]|\\.)*")', 1), '') AS extracted
    FROM evidence
    WHERE filters::VARCHAR <> '[{}]' AND EXISTS (FROM counted_hours)
),
extractions AS (
    SELECT o.extracted, bool_and(c.is_judged) AS is_judged, bool_or(c.is_cut) AS is_cut
    FROM objects AS o JOIN counts AS c USING (evidence_id)
    WHERE o.extracted IS NOT NULL
    GROUP BY o.extracted
)
SELECT evidence_id, c.is_judged, c.is_cut, o.status = 'duplicate' AS is_copy, false AS is_extracted
FROM objects AS o JOIN counts AS c USING (evidence_id)
WHERE o.extracted IS NULL AND c.record_count = o.record_count
UNION ALL
SELECT evidence_id, x.is_judged, x.is_cut, false, true
FROM objects AS o JOIN extractions AS x USING (extracted)
