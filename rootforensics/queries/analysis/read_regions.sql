/*
question = "From which accounts and Regions were logs read, with which filters?"
misses   = "Files without a Region in their names: their events show it."
columns  = "account_id region filters"
never_null = "region filters"
[notes]
account_id = "VARCHAR; NULL where the file name does not show it"
region     = "VARCHAR"
filters    = "VARCHAR; the filters of each load as JSON"
*/
SELECT DISTINCT account_id, region, filters::VARCHAR AS filters
FROM evidence
WHERE status IN ('loaded', 'empty', 'duplicate') AND region IS NOT NULL
    AND NOT regexp_matches(uri, '_CloudTrail-(Insight|Aggregated)_')
