/*
title    = "Scope of extractions"
question = "For which times, accounts and Regions did an engine read the logs at their original location?"
attack   = []
source   = "The ledger of the case, which keeps with each object the filters with which it was read"
misses   = "An extraction that was stopped before any of it was loaded."
*/
SELECT DISTINCT
    filter->>'$.extraction_id' AS extraction_id, CAST(filter->>'$.since' AS TIMESTAMP WITH TIME ZONE) AS since_time,
    CAST(filter->>'$.until' AS TIMESTAMP WITH TIME ZONE) AS until_time, CAST(filter->'$.accounts' AS VARCHAR[]) AS accounts,
    CAST(filter->'$.regions' AS VARCHAR[]) AS regions
FROM (
    SELECT unnest(CAST(filters AS JSON[])) AS filter
    FROM (SELECT DISTINCT CAST(filters AS VARCHAR) AS filters FROM evidence WHERE contains(CAST(filters AS VARCHAR), '"extraction_id"'))
)
WHERE filter->>'$.extraction_id' <> ''
