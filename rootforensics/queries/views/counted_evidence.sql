/*
title    = "Files counted in full"
question = "From which files was only what is related to root loaded, with everything else counted?"
attack   = []
source   = "The counts that a load of what is related to root makes, or an engine for an extraction"
misses   = "Files with a record that could not be counted; for a damaged file the undamaged part counts. Files with a duplicate that was loaded in full."
uses     = ["extracted_evidence", "whole_contents"]
*/
WITH counts AS (
    SELECT evidence_id, sum(record_count) AS record_count, sum(unjudged_count) = 0 AS is_judged, bool_or(is_cut) AS is_cut
    FROM counted_hours
    WHERE extraction_id IS NULL
    GROUP BY evidence_id
),
extracted AS (
    SELECT extraction_id, coalesce(sum(unjudged_count), 0) = 0 AS is_judged
    FROM extractions LEFT JOIN counted_hours USING (extraction_id)
    WHERE is_counted
    GROUP BY extraction_id
)
SELECT e.evidence_id, c.is_judged, c.is_cut, e.status = 'duplicate' AS is_copy
FROM evidence AS e JOIN counts AS c ON e.evidence_id = c.evidence_id
WHERE c.record_count = e.record_count - e.rejected_count
    AND coalesce(e.sha256, '') NOT IN (SELECT sha256 FROM whole_contents)
UNION ALL
SELECT evidence_id, bool_and(x.is_judged), false, false
FROM extracted_evidence LEFT JOIN extracted AS x USING (extraction_id)
GROUP BY evidence_id
HAVING count(*) = count(x.extraction_id)
