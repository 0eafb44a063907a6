/*
title    = "Evidence that may be missing, changed or added"
question = "Which logs and digest files were changed, deleted or added, where are digest chains broken, and which Regions are unusually silent?"
attack   = ["T1070", "T1565.001", "T1685.002"]
source   = "What verify found, and region_silences; AWS CloudTrail User Guide, validating CloudTrail log file integrity"
misses   = "Anything that was not verified: without rows other than silences, verify was not run since the last load or found nothing. The newest digest files of all chains, if they were deleted together with their logs. Events that were never logged. The actor: look for DeleteObject in S3 data events, and for calls that stopped or changed the trail."
first    = "severity title account_id region object_count from_time until_time"
columns  = "severity finding title account_id region from_time until_time object_count uris explanation benign impairs"
never_null = "severity finding title object_count explanation benign impairs"
[params]
account_id = { type = "VARCHAR", default = "", help = "only this account (12 digits); empty for all" }
[notes]
severity     = "VARCHAR; low, medium, high or critical"
finding      = "VARCHAR; log_modified, log_missing, first_log_missing, log_extracted, log_unlisted, log_foreign, digest_modified, link_mismatch, digest_missing, first_digest_missing, chain_restarted, chain_restarted_unexplained, chain_ends_early, chain_starts_late, chain_starts_after_others, digest_key_unknown, time_gap, no_digests or unusual_silence"
title        = "VARCHAR; the number and what was found, in words"
region       = "VARCHAR"
from_time    = "TIMESTAMP WITH TIME ZONE; UTC; for a log, the start of the period of the digest file that lists it; for a break, the last proven end; for a silence, the last event before it"
until_time   = "TIMESTAMP WITH TIME ZONE; UTC; for a log, the end of the period of the digest file that lists it; for a break, the next proven start; for a silence, the next event"
object_count = "BIGINT; logs, digest files, breaks or silences"
uris         = "VARCHAR[]; of the first three files; for a break, the trail; NULL for a silence"
explanation  = "VARCHAR; what it means; for a silence, with its hours and the usual ones"
benign       = "VARCHAR; a harmless explanation"
impairs      = "BOOLEAN; logging or its output may have been impaired, so the verdict gives no 'no'"
*/
WITH meanings (finding, impairs, severity, one, many, explanation, benign) AS (
    VALUES
    ('log_modified', true, 'critical', 'log file differs from the one CloudTrail delivered', 'log files differ from those CloudTrail delivered',
        'The hash of the log differs from the one in a verified digest. Events may have been changed, removed or added.',
        'A tool rewrote all logs of a folder while copying. Then all of them differ: copy them again from the bucket.'),
    ('log_missing', true, 'high', 'delivered log file is missing', 'delivered log files are missing',
        'Each missing log is listed in a digest, so it was delivered. It was deleted or not copied, and its events are unknown.',
        'The log was never copied, a filter of the copy excluded it, or a lifecycle rule deleted it. Check the bucket and its object versions.'),
    ('first_log_missing', false, 'medium', 'log file from the day before the first logs is missing', 'log files from the day before the first logs are missing',
        'Each missing log is listed in a digest, and the case has no log from that day. Deleted logs and logs that were never copied look the same.',
        'Only the folders of some days were copied: the first digest lists logs in the folder of the previous day.'),
    ('log_extracted', false, 'low', 'log file was read by an engine and is not in the case', 'log files were read by an engine and are not in the case',
        'Each log is listed in a digest. This case does not show whether the engine found it there unchanged.',
        'An extraction copies records, not log files. Validate the logs in the bucket, or load the complete files.'),
    ('log_unlisted', false, 'high', 'log file is not listed in any digest', 'log files are not listed in any digest',
        'Verified digests cover the delivery time and do not list the file: someone may have added it.',
        'A backfill digest that is not in the case may list late deliveries. A second trail without validation may deliver to the same folder.'),
    ('log_foreign', false, 'medium', 'file without a CloudTrail file name has events from an account with digests', 'files without a CloudTrail file name have events from an account with digests',
        'No digest lists such a file, so nothing proves its events: someone may have added it.',
        'The file comes from another source, such as event history, CloudTrail Lake or a table, or a tool combined several logs.'),
    ('digest_modified', true, 'high', 'digest file differs from the one CloudTrail signed', 'digest files differ from those CloudTrail signed',
        'The signature does not match, the file has extra bytes, or it has the name of another digest. The logs in it are not proven.',
        'The copy unpacked, edited or truncated digest files.'),
    ('link_mismatch', true, 'high', 'digest does not match the previous one', 'digests do not match the previous ones',
        'A verified digest records a different hash or signature for the previous digest. One of them was replaced.',
        'None is known.'),
    ('digest_missing', true, 'high', 'break in a digest chain: digest files are missing', 'breaks in digest chains: digest files are missing',
        'The digest after the break names the previous one, which is missing. Deliveries in between cannot be proven, and logs may have been deleted too.',
        'The digests were not copied.'),
    ('first_digest_missing', false, 'medium', 'digest chain lacks its older digests', 'digest chains lack their older digests',
        'The first digest in the case names an older one. Deleted digests and digests that were never copied look the same.',
        'Only part of the bucket was copied.'),
    ('chain_restarted', true, 'medium', 'digest chain was restarted', 'digest chains were restarted',
        'Logging or its validation was restarted, or the trail was recreated. Nothing is proven for the time in between.',
        'Trail maintenance by its owners. Calls in the logs show it.'),
    ('chain_restarted_unexplained', true, 'high', 'digest chain was restarted, and no call in the logs stopped it', 'digest chains were restarted, and no call in the logs stopped them',
        'Logging or its validation was restarted, or the trail was recreated, and the logs do not contain the call. Older digests and logs may have been deleted.',
        'The logs from the trail''s home Region were not loaded.'),
    ('chain_ends_early', true, 'medium', 'digest chain ends before other evidence', 'digest chains end before other evidence',
        'No later digest exists, although other evidence is newer. The trail or its validation was stopped, or the newest digests were deleted.',
        'The digests were copied earlier than the other files.'),
    ('chain_starts_late', true, 'medium', 'log file is older than the first digest', 'log files are older than the first digest',
        'Validation was enabled later, or older digests were deleted. Such logs are not proven.',
        'Validation was enabled later: look for UpdateTrail or CreateTrail with enableLogFileValidation.'),
    ('chain_starts_after_others', true, 'medium', 'digest chain starts later than the trail''s chains in other Regions', 'digest chains start later than the trail''s chains in other Regions',
        'The Region was enabled at that time, or older digests and logs from the Region were deleted.',
        'The Region was enabled at that time: look for EnableRegion. Or the older files were not copied.'),
    ('digest_key_unknown', true, 'high', 'digest file is signed with an unknown key, in a chain that known keys prove', 'digest files are signed with an unknown key, in chains that known keys prove',
        'Someone may have added such a file or replaced another digest. The logs that it lists are not proven.',
        'CloudTrail rotated its key: fetch the public keys for the whole period and verify again.'),
    ('time_gap', true, 'medium', 'digest does not begin where the previous one ends', 'digests do not begin where the previous ones end',
        'The digests are linked but leave a gap. Deliveries in the gap are not proven.',
        'None is known.'),
    ('no_digests', true, 'medium', 'log file is from a Region without digests, in an account with digests elsewhere', 'log files are from a Region without digests, in an account with digests elsewhere',
        'A trail for all Regions writes digests in each Region. Those of this Region may have been deleted.',
        'The logs belong to another trail without validation, or the Region''s digests were not copied.'),
    ('unusual_silence', false, 'medium', 'unusually long silence in a Region', 'unusually long silences in a Region',
        'No event, log or digest file is from that time. The trail may have been stopped or narrowed, or logs deleted or excluded.',
        'No one used the Region, or a filter of the load or of the copy excluded its logs.')
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
        format('Nothing for {} h, from {} to {} UTC. Silences there usually last at most {} h. ',
            date_diff('second', from_time, until_time) // 3600, strftime(from_time, '%Y-%m-%d %H:%M'),
            strftime(until_time, '%Y-%m-%d %H:%M'), usual_hours)
    FROM region_silences
    WHERE from_time IS NOT NULL
)
SELECT
    severity, finding, if(count(*) = 1, concat('1 ', one), format('{:,} {}', count(*), many)) AS title, account_id, region,
    min(from_time) AS from_time, max(until_time) AS until_time,
    count(*) AS object_count, array_agg(DISTINCT uri ORDER BY uri) FILTER (WHERE uri IS NOT NULL)[1:3] AS uris,
    concat(numbers, explanation) AS explanation, benign, impairs
FROM found JOIN meanings USING (finding)
WHERE $account_id = '' OR account_id = $account_id
GROUP BY severity, finding, one, many, account_id, region, numbers, explanation, benign, impairs
ORDER BY
    strpos('info low medium high critical', severity) DESC, from_time NULLS FIRST, finding, account_id NULLS LAST,
    region NULLS LAST
