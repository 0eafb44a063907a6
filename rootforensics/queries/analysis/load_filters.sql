/*
question = "With which filters were the objects of evidence loaded?"
misses   = "What filters excluded in S3 and in the event history before it was downloaded is counted nowhere."
columns  = "filters without_region"
never_null = "filters without_region"
[notes]
filters        = "VARCHAR; the filters of each load as JSON"
without_region = "BOOLEAN; whether they, or an engine that extracted it, left events out of an object whose Region is not known"
*/
SELECT filters::VARCHAR AS filters, coalesce(
    bool_or(region IS NULL AND (filtered_count > 0 OR contains(filters::VARCHAR, '"extracted"'))), false
) AS without_region
FROM evidence
GROUP BY 1
ORDER BY 1
