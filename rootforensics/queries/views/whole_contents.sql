/*
title    = "Contents loaded in full"
question = "From which bytes did a load take all events, from any file?"
attack   = []
source   = "The ledger of the case, which keeps with each object the filters with which it was read"
misses   = "The same records in different bytes."
*/
SELECT DISTINCT sha256
FROM evidence
WHERE regexp_matches(CAST(filters AS VARCHAR), '[\[,]\{\}[,\]]') AND coalesce(filtered_count, 0) = 0 AND sha256 <> ''
