/*
title    = "What was taken in whole"
question = "Of which bytes did some load take in all events, from whatever object?"
attack   = []
source   = "The ledger of the case, which keeps with each object the filters with which it was read"
misses   = "The same records in other bytes."
*/
SELECT DISTINCT sha256
FROM evidence
WHERE regexp_matches(CAST(filters AS VARCHAR), '[\[,]\{\}[,\]]') AND coalesce(filtered_count, 0) = 0 AND sha256 <> ''
