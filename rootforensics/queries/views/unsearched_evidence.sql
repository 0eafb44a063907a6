/*
title    = "Evidence that was not searched for all names of what descends from root"
question = "Which objects did a load with --root-related read when it did not know all names yet, and leave something out of them?"
attack   = []
source   = "The ledger of the case, which keeps with each such filter which names it went by"
misses   = "What no load named."
uses     = ["descendant_names"]
*/
-- The names are kept as the first digits of a hash, so that an object can be told that was searched for others.
WITH known AS (
    SELECT *, regexp_matches(CAST(filters AS VARCHAR), '[\[,]\{\}[,\]]') OR contains(CAST(filters AS VARCHAR), (
        SELECT left(sha256(coalesce(string_agg(name, chr(10) ORDER BY name), '')), 16) FROM descendant_names
    )) AS is_searched
    FROM evidence
)
SELECT evidence_id, account_id, region, delivery_time, uri, CAST(filters AS VARCHAR) AS filters
FROM known
WHERE contains(CAST(filters AS VARCHAR), 'root_related') AND NOT is_searched
    AND (filtered_count > 0 OR contains(CAST(filters AS VARCHAR), '"extracted"'))
    AND coalesce(sha256, '') NOT IN (SELECT sha256 FROM known WHERE is_searched AND sha256 IS NOT NULL)
