/*
title    = "Evidence that may be missing, changed or added"
question = "Which logs and digest files were changed, deleted or added, where are digest chains broken, which Regions are silent longer than usual, and how severe is it?"
attack   = ["T1070", "T1565.001", "T1685.002"]
source   = "What verify found, and region_silences; AWS CloudTrail User Guide, validating CloudTrail log file integrity"
misses   = "Anything that was not verified: without rows other than silences, verify was not run since the last load or found nothing of this kind. The newest digest files of all chains, if they were deleted together with their logs. Events that were never logged. Who did it: look for DeleteObject in S3 data events and for calls that stopped or changed the trail."
first    = "severity title account_id region object_count from_time until_time"
columns  = "severity finding title account_id region from_time until_time object_count uris explanation benign impairs"
never_null = "severity finding title object_count explanation benign impairs"
[params]
account_id = { type = "VARCHAR", default = "", help = "only this account (12 digits); empty for all" }
[notes]
severity     = "VARCHAR; low, medium, high or critical"
finding      = "VARCHAR; log_modified, log_missing, first_log_missing, log_extracted, log_unlisted, log_foreign, digest_modified, link_mismatch, digest_missing, first_digest_missing, chain_restarted, chain_restarted_unexplained, chain_ends_early, chain_starts_late, chain_starts_after_others, digest_key_unknown, time_gap, no_digests or unusual_silence"
title        = "VARCHAR; in words"
region       = "VARCHAR"
from_time    = "TIMESTAMP WITH TIME ZONE; UTC; for a log, the start of the period of the digest file that lists it; for a break, the last proven end; for a silence, the last event before it"
until_time   = "TIMESTAMP WITH TIME ZONE; UTC; for a log, the end of the period of the digest file that lists it; for a break, the next proven start; for a silence, the next event"
object_count = "BIGINT; logs, digest files, breaks or silences"
uris         = "VARCHAR[]; of the first three files; for a break, the trail; NULL for a silence"
explanation  = "VARCHAR; what it means; for a silence, with its hours and the usual ones"
benign       = "VARCHAR; a harmless explanation"
impairs      = "BOOLEAN; logging or its output may have been impaired, so the verdict gives no 'no'"
*/
WITH meanings (finding, impairs, severity, title, explanation, benign) AS (
    VALUES
    ('log_modified', true, 'critical', 'Logs are not as CloudTrail delivered them',
        'The hash of a log is not the one that a verified digest lists: its events may have been changed, taken out or added.',
        'A tool that wrote all logs of a folder anew while copying: then it concerns all of them. Copy them again from the bucket.'),
    ('log_missing', true, 'high', 'Logs that CloudTrail delivered are not here',
        'A digest lists them, so they were delivered. They were deleted or not copied; what they held is unknown.',
        'They were never copied, a filter of the copy left them out, or a lifecycle rule removed them. Look in the bucket and its versions.'),
    ('first_log_missing', false, 'medium', 'Logs of the day before the first one are not here',
        'Digests list them, and nothing else of their day is here. They were deleted, or never copied with the others: both look alike.',
        'A copy of the folders of some days: the first digest lists logs that lie in the folder of the day before.'),
    ('log_extracted', false, 'low', 'Logs that an engine read where they lie, and the case does not hold',
        'A digest lists them. Whether the engine found them there, and as they were delivered, this case cannot tell.',
        'An extraction brings records home, and no logs. Validate the logs in the bucket, or load them as a whole.'),
    ('log_unlisted', false, 'high', 'Logs that no digest lists',
        'Verified digests cover the time of their delivery and do not list them: somebody may have put them there.',
        'A backfill digest that is not here lists what came late. The logs of a trail without validation stand beside those of one with it.'),
    ('log_foreign', false, 'medium', 'Events in files that CloudTrail did not name, of an account that has digests',
        'No digest lists them, so nothing proves their events: somebody may have put the files there.',
        'They come from another source, such as event history, CloudTrail Lake or a table, or a tool put logs together.'),
    ('digest_modified', true, 'high', 'Digest files are not as CloudTrail signed them',
        'No signature fits, or bytes follow their end, or they lie under the name of another: the logs that they list are not proven.',
        'A copy in which digest files were unpacked, edited or cut off.'),
    ('link_mismatch', true, 'high', 'A digest does not fit the one before it',
        'A verified digest names another hash or signature of the one before than this has: one of them was replaced.',
        'None is known.'),
    ('digest_missing', true, 'high', 'Digest files are not here',
        'The next digest names them. What was delivered in between cannot be proven, and logs may have been deleted with them.',
        'They were not copied with the others.'),
    ('first_digest_missing', false, 'medium', 'The digest before the first one is not here',
        'The first digest that is here names an older one. That was deleted, or never copied with the others: both look alike.',
        'A copy of a part of the bucket, which begins somewhere.'),
    ('chain_restarted', true, 'medium', 'A chain of digests was begun anew',
        'Logging or its validation was stopped and started, or the trail made again. Nothing is known of the time in between.',
        'Maintenance of the trail by its owners, which the calls in the logs then show.'),
    ('chain_restarted_unexplained', true, 'high', 'A chain of digests was begun anew, and no call in the logs stopped it',
        'Logging or its validation was stopped and started, or the trail made again, and the logs do not hold the call that did it. Older digests and logs may have been deleted.',
        'The logs of the Region in which the trail lives are not loaded.'),
    ('chain_ends_early', true, 'medium', 'Chains of digests end before other evidence',
        'No digest follows, and other evidence is newer: the trail or its validation was stopped, or the newest digests were deleted.',
        'The digests were copied earlier than the rest.'),
    ('chain_starts_late', true, 'medium', 'Logs are older than the first digest',
        'Validation was switched on later, or the older digests were deleted. These logs are not proven.',
        'Validation was switched on later: look for UpdateTrail or CreateTrail with enableLogFileValidation.'),
    ('chain_starts_after_others', true, 'medium', 'Chains of digests start later than those of the trail in other Regions',
        'The Region was switched on then, or the older digests and logs of the Region were deleted.',
        'The Region was switched on then: look for EnableRegion. The older files were not copied.'),
    ('digest_key_unknown', true, 'high', 'Digest files are signed by a key that is not known, in chains that other keys prove',
        'Somebody may have put them there, or replaced others: the logs that they list are not proven.',
        'CloudTrail changed its key: fetch the public keys of all that time once more and verify again.'),
    ('time_gap', true, 'medium', 'A digest does not begin where the one before ends',
        'The digests are linked and leave out a time. What was delivered in it is not proven.',
        'None is known.'),
    ('no_digests', true, 'medium', 'Logs of a Region without any digest, in an account that has digests elsewhere',
        'A trail of all Regions writes digests in each: those of this Region may have been deleted.',
        'The logs are of another trail, without validation, or the digests of the Region were not copied.'),
    ('unusual_silence', false, 'medium', 'A Region is silent longer than usual',
        'No event, log or digest file is of that time: the trail may have been stopped or narrowed, or logs deleted or left out.',
        'Nothing was done there then, or a filter of the load or of the copy left it out.')
),
chains AS (
    SELECT account_id, region, min(from_time) AS begin_time, sum(verified_count) > 0 AS is_proven
    FROM digest_chains WHERE NOT is_backfill GROUP BY ALL
),
unproven AS (
    SELECT i.account_id, i.region, e.delivery_time, i.uri
    FROM integrity AS i JOIN evidence AS e USING (evidence_id)
    WHERE i.kind = 'log' AND i.verdict = 'no_digest' AND (e.delivery_time IS NOT NULL OR evidence_id NOT IN (SELECT evidence_id FROM extracted_evidence))
),
before_first AS (
    SELECT uri FROM listed_logs JOIN account_begins USING (account_id) WHERE delivery_time < begin_time
),
extracted AS (
    SELECT uri FROM listed_logs SEMI JOIN (FROM missing_logs WHERE is_extracted) USING (log_name)
),
found AS (
    SELECT CASE WHEN verdict = 'missing' AND uri IN (FROM extracted) THEN 'log_extracted'
            WHEN verdict = 'missing' AND uri IN (FROM before_first) THEN 'first_log_missing' ELSE concat(kind, '_', verdict) END AS finding,
        account_id, region, from_time, until_time, uri, '' AS numbers
    FROM integrity
    WHERE (kind = 'log' AND verdict IN ('modified', 'missing', 'unlisted')) OR (kind = 'digest' AND verdict = 'modified')
    UNION ALL
    SELECT 'digest_key_unknown', account_id, region, from_time, until_time, uri, ''
    FROM integrity SEMI JOIN (FROM chains WHERE is_proven) USING (account_id, region)
    WHERE kind = 'digest' AND verdict = 'key_unknown'
    UNION ALL
    SELECT CASE cause WHEN 'restarted' THEN if(has_stop, 'chain_restarted', 'chain_restarted_unexplained')
            WHEN 'ends_early' THEN 'chain_ends_early' WHEN 'starts_late' THEN 'chain_starts_after_others'
            WHEN 'digest_missing' THEN if(from_time IS NULL, 'first_digest_missing', cause) ELSE cause END,
        account_id, region, from_time, until_time, trail, ''
    FROM chain_breaks
    UNION ALL
    SELECT 'log_foreign', account_id, region, delivery_time, delivery_time, uri, ''
    FROM unproven
    WHERE delivery_time IS NULL AND EXISTS (FROM chains WHERE account_id = coalesce(unproven.account_id, account_id))
    UNION ALL
    SELECT 'chain_starts_late', account_id, region, delivery_time, begin_time, uri, ''
    FROM unproven JOIN chains USING (account_id, region)
    WHERE delivery_time < begin_time - INTERVAL '1' HOUR
    UNION ALL
    SELECT 'no_digests', account_id, region, delivery_time, delivery_time, uri, ''
    FROM unproven ANTI JOIN chains USING (account_id, region)
    WHERE delivery_time IS NOT NULL AND account_id IN (SELECT account_id FROM chains)
    UNION ALL
    SELECT 'unusual_silence', account_id, region, from_time, until_time, NULL,
        format('Nothing for {} h, from {} to {} UTC, where quiet times usually last {} h at the most. ',
            date_diff('second', from_time, until_time) // 3600, strftime(from_time, '%Y-%m-%d %H:%M'),
            strftime(until_time, '%Y-%m-%d %H:%M'), usual_hours)
    FROM region_silences
    WHERE from_time IS NOT NULL
)
SELECT
    severity, finding, title, account_id, region, min(from_time) AS from_time, max(until_time) AS until_time,
    count(*) AS object_count, array_agg(DISTINCT uri ORDER BY uri) FILTER (WHERE uri IS NOT NULL)[1:3] AS uris,
    concat(numbers, explanation) AS explanation, benign, impairs
FROM found JOIN meanings USING (finding)
WHERE $account_id = '' OR account_id = $account_id
GROUP BY severity, finding, title, account_id, region, numbers, explanation, benign, impairs
ORDER BY
    strpos('info low medium high critical', severity) DESC, from_time NULLS FIRST, finding, account_id NULLS LAST,
    region NULLS LAST
