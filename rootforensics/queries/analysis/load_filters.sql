/*
question = "With which filters were the files loaded?"
misses   = "Records that filters excluded in S3 or from the event history before the download, which no one counted."
columns  = "filters without_region"
never_null = "filters without_region"
[notes]
filters        = "VARCHAR; the filters of each load as JSON"
without_region = "BOOLEAN; whether they, or an extraction, excluded events from a file whose Region is unknown"
*/
SELECT filters::VARCHAR AS filters, coalesce(
    bool_or(region IS NULL AND (filtered_count > 0 OR contains(filters::VARCHAR, '"extracted"'))), false
) AS without_region
FROM evidence
GROUP BY 1
ORDER BY 1
