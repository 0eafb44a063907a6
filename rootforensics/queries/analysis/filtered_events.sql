/*
question = "How many events did the load filters exclude?"
misses   = "Records that filters excluded in S3 or from the event history before the download, which no one counted."
uses     = ["counted_evidence"]
columns  = "filters filtered_count is_counted"
never_null = "filters filtered_count is_counted"
[params]
whole = { type = "VARCHAR[]", default = [], help = "filters that excluded nothing, as in load_filters" }
[notes]
filters        = "VARCHAR; the filters of each load as JSON"
filtered_count = "BIGINT; events that were excluded"
is_counted     = "BOOLEAN; whether all of them were counted, and none lacks fields that rules need"
*/
SELECT filters::VARCHAR AS filters, coalesce(sum(filtered_count), 0)::BIGINT AS filtered_count,
    coalesce(bool_and(evidence_id IN (SELECT evidence_id FROM counted_evidence WHERE is_judged))
        FILTER (WHERE filtered_count > 0 OR contains(filters::VARCHAR, '"extracted"')), true) AS is_counted
FROM evidence AS e
WHERE sha256 IS NULL OR NOT EXISTS (
    -- Another copy of a file may have brought the events that one copy excluded, so the same bytes read without a
    -- filter count.
    SELECT 1 FROM evidence AS copy
    WHERE copy.sha256 = e.sha256 AND copy.evidence_id <> e.evidence_id
        AND copy.filters::VARCHAR IN (SELECT unnest($whole::VARCHAR[]))
        AND e.filters::VARCHAR NOT IN (SELECT unnest($whole::VARCHAR[]))
)
GROUP BY ALL
