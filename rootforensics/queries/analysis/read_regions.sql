/*
question = "Of which accounts and Regions were logs read, with which filters?"
misses   = "Objects whose name does not tell the Region: their events do."
columns  = "account_id region filters"
never_null = "region filters"
[notes]
account_id = "VARCHAR; NULL where the name of the object does not tell it"
region     = "VARCHAR"
filters    = "VARCHAR; the filters of each load as JSON"
*/
SELECT DISTINCT account_id, region, filters::VARCHAR AS filters
FROM evidence
WHERE status IN ('loaded', 'empty', 'duplicate') AND region IS NOT NULL
    AND NOT regexp_matches(uri, '_CloudTrail-(Insight|Aggregated)_')
