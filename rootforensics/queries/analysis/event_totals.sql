/*
question = "How many events of each kind does the case have, and how many records were not counted?"
misses   = "Records that filters excluded in S3 or from the event history before the download, which no one counted."
columns  = "total calls insights aggregated superseded duplicates filtered rejected without_time first_time last_time"
never_null = "total calls insights aggregated superseded duplicates filtered rejected without_time"
[notes]
total        = "BIGINT; events"
calls        = "BIGINT; events that record a call"
insights     = "BIGINT; CloudTrail Insights events"
aggregated   = "BIGINT; aggregated events"
superseded   = "BIGINT; events that a correction of AWS replaced"
duplicates   = "BIGINT"
filtered     = "BIGINT; events that filters excluded"
rejected     = "BIGINT; records that are not events"
without_time = "BIGINT; calls without a time"
first_time   = "TIMESTAMP WITH TIME ZONE; UTC; of the first call"
last_time    = "TIMESTAMP WITH TIME ZONE; UTC; of the last call"
*/
SELECT
    (SELECT count(*) FROM events) AS total,
    (SELECT count(*) FROM api_calls) AS calls,
    (SELECT count(*) FROM cloudtrail_summaries WHERE kind = 'insight') AS insights,
    (SELECT count(*) FROM cloudtrail_summaries WHERE kind = 'aggregated') AS aggregated,
    (SELECT count(*) FROM superseded_events) AS superseded,
    (SELECT count(*) FROM duplicates) AS duplicates,
    (SELECT coalesce(sum(filtered_count), 0)::BIGINT FROM evidence) AS filtered,
    (SELECT coalesce(sum(rejected_count), 0)::BIGINT FROM evidence) AS rejected,
    (SELECT count(*) FROM api_calls WHERE eventTime IS NULL) AS without_time,
    (SELECT min(eventTime) FROM api_calls) AS first_time,
    (SELECT max(eventTime) FROM api_calls) AS last_time
