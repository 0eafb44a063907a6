/*
title    = "Evidence not searched for all names that descend from root"
question = "Which files did a load with --root-related read before it knew all names, and exclude something from them?"
attack   = []
source   = "The ledger of the case, which keeps with each such filter which names it went by"
misses   = "Files that no load named."
uses     = ["descendant_names", "extracted_evidence"]
*/
-- Names are stored as the first digits of a hash, to recognize a file that was searched for other names. A file of an
-- extraction counts as searched if the engine was asked for all names.
WITH names AS (
    SELECT left(sha256(coalesce(string_agg(name, chr(10) ORDER BY name), '')), 16) AS digest FROM descendant_names
),
asked AS (
    SELECT evidence_id, bool_and(coalesce(x.names_digest = (SELECT digest FROM names), false)) AS is_asked
    FROM extracted_evidence LEFT JOIN extractions AS x USING (extraction_id)
    GROUP BY evidence_id
),
known AS (
    SELECT *, regexp_matches(CAST(filters AS VARCHAR), '[\[,]\{\}[,\]]') OR contains(CAST(filters AS VARCHAR), (SELECT digest FROM names))
        OR coalesce(filtered_count, 0) = 0 AS is_searched
    FROM evidence LEFT JOIN asked USING (evidence_id)
)
SELECT evidence_id, account_id, region, delivery_time, uri, CAST(filters AS VARCHAR) AS filters
FROM known
WHERE NOT coalesce(is_asked, true)
    OR (contains(CAST(filters AS VARCHAR), 'root_related') AND NOT is_searched
        AND coalesce(sha256, '') NOT IN (SELECT sha256 FROM known WHERE is_searched AND sha256 IS NOT NULL))
