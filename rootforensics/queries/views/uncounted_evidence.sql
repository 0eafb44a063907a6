/*
title    = "Objects of which something was left out that nobody counted"
question = "Of which objects did a load or an extraction leave out what is not related to root, without counting it?"
attack   = []
source   = "The ledger of the case, and the counts that a load of what is related to root makes, or an engine for an extraction"
misses   = "What no load named."
uses     = ["counted_evidence", "whole_contents"]
*/
SELECT evidence_id
FROM evidence ANTI JOIN counted_evidence USING (evidence_id)
WHERE contains(filters::VARCHAR, 'root_related') AND NOT regexp_matches(filters::VARCHAR, '[\[,]\{\}[,\]]')
    AND (filtered_count > 0 OR contains(filters::VARCHAR, '"extracted"'))
    AND coalesce(sha256, '') NOT IN (SELECT sha256 FROM whole_contents)
