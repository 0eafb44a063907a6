/*
question = "How many events and notes does the case have, and how many records were not kept as events?"
misses   = "What filters excluded in S3 and in the event history before it was downloaded is counted nowhere."
columns  = "events copies superseded filtered rejected first_time last_time notes"
never_null = "events copies superseded filtered rejected notes"
[notes]
events     = "BIGINT"
copies     = "BIGINT; duplicates"
superseded = "BIGINT; events that a correction of AWS replaced"
filtered   = "BIGINT; events that filters excluded"
rejected   = "BIGINT; records that are no events"
notes      = "BIGINT"
*/
SELECT
    (SELECT count(*) FROM events) AS events,
    (SELECT count(*) FROM duplicates) AS copies,
    (SELECT count(*) FROM superseded_events) AS superseded,
    (SELECT coalesce(sum(filtered_count), 0)::BIGINT FROM evidence) AS filtered,
    (SELECT coalesce(sum(rejected_count), 0)::BIGINT FROM evidence) AS rejected,
    (SELECT min(eventTime) FROM events) AS first_time,
    (SELECT max(eventTime) FROM events) AS last_time,
    (SELECT count(*) FROM notes) AS notes
