/*
question = "How many events did the filters of the loads exclude?"
misses   = "What filters excluded in S3 and in the event history before it was downloaded is counted nowhere."
uses     = ["counted_evidence"]
columns  = "filters filtered_count is_counted"
never_null = "filters filtered_count is_counted"
[params]
whole = { type = "VARCHAR[]", default = [], help = "filters that left nothing out, as load_filters has them" }
[notes]
filters        = "VARCHAR; the filters of each load as JSON"
filtered_count = "BIGINT; events that were excluded"
is_counted     = "BOOLEAN; whether all of them were counted, and none lacks what rules go by"
*/
SELECT filters::VARCHAR AS filters, coalesce(sum(filtered_count), 0)::BIGINT AS filtered_count,
    coalesce(bool_and(evidence_id IN (SELECT evidence_id FROM counted_evidence WHERE is_judged))
        FILTER (WHERE filtered_count > 0 OR contains(filters::VARCHAR, '"extracted"')), true) AS is_counted
FROM evidence AS e
WHERE sha256 IS NULL OR NOT EXISTS (
    -- What one copy of an object left out, another may have brought: the same bytes read without a filter count.
    SELECT 1 FROM evidence AS copy
    WHERE copy.sha256 = e.sha256 AND copy.evidence_id <> e.evidence_id
        AND copy.filters::VARCHAR IN (SELECT unnest($whole::VARCHAR[]))
        AND e.filters::VARCHAR NOT IN (SELECT unnest($whole::VARCHAR[]))
)
GROUP BY ALL
