/*
question = "How many events, notes and uncounted records does the case have?"
misses   = "Records that filters excluded in S3 or from the event history before the download, which no one counted."
columns  = "events copies superseded filtered rejected first_time last_time notes"
never_null = "events copies superseded filtered rejected notes"
[notes]
events     = "BIGINT"
copies     = "BIGINT; duplicates"
superseded = "BIGINT; events that a correction of AWS replaced"
filtered   = "BIGINT; events that filters excluded"
rejected   = "BIGINT; records that are not events"
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
