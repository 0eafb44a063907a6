/*
title    = "Files with uncounted exclusions"
question = "From which files did a load or an extraction exclude what is not related to root without counting it?"
attack   = []
source   = "The ledger of the case, and the counts that a load of what is related to root makes, or an engine for an extraction"
misses   = "Files that no load named."
uses     = ["counted_evidence", "whole_contents"]
*/
SELECT evidence_id
FROM evidence ANTI JOIN counted_evidence USING (evidence_id)
WHERE contains(filters::VARCHAR, 'root_related') AND NOT regexp_matches(filters::VARCHAR, '[\[,]\{\}[,\]]')
    AND (filtered_count > 0 OR contains(filters::VARCHAR, '"extracted"'))
    AND coalesce(sha256, '') NOT IN (SELECT sha256 FROM whole_contents)
