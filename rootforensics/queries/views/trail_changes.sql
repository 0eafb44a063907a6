/*
title    = "What calls keep of the record"
question = "How much of the earlier recording do calls keep that write a trail, its selectors or its bucket: as much, less, or unknown?"
attack   = ["T1562.008"]
source   = "AWS CloudTrail API Reference, CreateTrail, UpdateTrail, PutEventSelectors and PutInsightSelectors; Amazon S3 API Reference, PutBucketLifecycleConfiguration; AWS CloudTrail User Guide, Amazon S3 bucket policy for CloudTrail"
misses   = "Settings from before the first log: such a change is maybe less. Data events in a changed form, which are maybe less. Policies with conditions other than those that AWS recommends, or for an organization's folder only. Lifecycles that delete other objects than before."
uses     = ["api_calls", "root_events", "trail_records"]
*/
-- marks: effect and part, with maybe if it is unknown. rewritten: replaced by something that cannot be judged; full:
-- all of it.
WITH found AS (
    SELECT
        *, regexp_replace(name, '^arn:[^:]*:cloudtrail:[^:]*:[^:]*:(trail|eventdatastore)/', '') AS entity,
        CASE WHEN eventSource = 's3.amazonaws.com' THEN '' ELSE coalesce(nullif(regexp_extract(name, '^arn:[^:]*:[^:]*:([^:]+):', 1), ''), awsRegion) END AS home,
        -- A call without a name or time has an unknown effect and order.
        NOT bool_or(is_done IS DISTINCT FROM false AND (name IS NULL OR eventTime IS NULL)) OVER (PARTITION BY account_id, eventSource) AS is_clear
    FROM (
        SELECT
            eventTime, account_id, awsRegion, eventSource, eventName, eventID, evidence_id, record_index,
            requestParameters AS asked, outcome = 'success' AS is_done,
            coalesce(requestParameters->>'$.name', requestParameters->>'$.trailName', requestParameters->>'$.eventDataStore', requestParameters->>'$.bucketName') AS name
        FROM api_calls
        WHERE (eventSource = 'cloudtrail.amazonaws.com' AND eventName IN ('CreateTrail', 'UpdateTrail', 'PutEventSelectors', 'PutInsightSelectors', 'UpdateEventDataStore'))
            OR (eventSource = 's3.amazonaws.com' AND eventName IN ('CreateBucket', 'PutBucketLifecycle', 'DeleteBucketLifecycle', 'PutBucketPolicy'))
    ) AS named
),
-- Settings of trails in the logs, and who wrote or read them.
trails AS (
    SELECT r.*, concat_ws('/', r.s3BucketName, nullif(r.s3KeyPrefix, '')) AS bucket, p.evidence_id IS NOT NULL AS by_root
    FROM trail_records AS r
    LEFT JOIN (SELECT evidence_id, record_index FROM root_events WHERE origin_group = 'activity') AS p ON r.evidence_id = p.evidence_id AND r.record_index = p.record_index
),
-- What selectors, insights and lifecycles keep after a call, and kept before it; NULL: unknown.
selected AS (
    SELECT evidence_id, record_index, list(DISTINCT part) FILTER (WHERE part <> '') AS parts
    FROM (
        SELECT evidence_id, record_index, unnest([
            CASE
                WHEN fields IS NULL AND (one->>'$.includeManagementEvents') = 'true'
                    THEN concat('management ', way, ' ', coalesce(one->>'$.excludeManagementEventSources', '[]'))
                WHEN fields LIKE '%"equals":["Management"]%' AND (
                    json_array_length(one->'$.fieldSelectors') = 1 OR (json_array_length(one->'$.fieldSelectors') = 2 AND fields LIKE '%"field":"readOnly"%')
                ) THEN concat('management ', way, ' []')
                WHEN fields IS NOT NULL THEN concat(CASE WHEN fields LIKE '%["Management"]%' THEN 'management ' ELSE 'data ' END, fields)
            END,
            CASE WHEN data_value <> '' THEN concat('data ', way, ' ', resource->>'$.type', ' ', data_value) END
        ]) AS part, way, concat(fields, one->>'$.includeManagementEvents', nullif(one->>'$.excludeManagementEventSources', '[]')) <> '' AS is_told
        FROM (
            SELECT evidence_id, record_index, one, one->>'$.fieldSelectors' AS fields, unnest(list_concat(coalesce(TRY_CAST(one->'$.dataResources' AS JSON[]), []), [NULL])) AS resource
            FROM (
                SELECT evidence_id, record_index, unnest(list_concat(
                    coalesce(TRY_CAST(asked->'$.eventSelectors' AS JSON[]), []), coalesce(TRY_CAST(asked->'$.advancedEventSelectors' AS JSON[]), []))) AS one
                FROM found WHERE eventName IN ('PutEventSelectors', 'UpdateEventDataStore')
            ) AS listed
        ) AS each_resource
        CROSS JOIN unnest(list_concat(coalesce(TRY_CAST(resource->'$.values' AS VARCHAR[]), []), [NULL])) AS held(data_value)
        CROSS JOIN (VALUES ('ReadOnly', '%["false"]%'), ('WriteOnly', '%["true"]%')) AS ways(way, other_way)
        WHERE (fields IS NULL AND coalesce(one->>'$.readWriteType', 'All') IN ('All', way)) OR (fields IS NOT NULL AND NOT (fields LIKE '%"field":"readOnly"%' AND fields LIKE other_way))
    ) AS each_part
    GROUP BY evidence_id, record_index
    -- A selector of reads and writes that does not name management events leaves them at CloudTrail's default.
    HAVING bool_and(is_told) OR count(DISTINCT way) < 2
),
-- Days until a lifecycle deletes current and noncurrent objects, at the earliest (a date counts as none), and which
-- kind of objects: '' is everything.
expiring AS (
    SELECT
        evidence_id, record_index, [
            coalesce(min(CASE WHEN (one->>'$.Expiration.Date') <> '' THEN 0 ELSE TRY_CAST(one->>'$.Expiration.Days' AS INTEGER) END), 1000000),
            coalesce(min(TRY_CAST(one->>'$.NoncurrentVersionExpiration.NoncurrentDays' AS INTEGER)), 1000000)] AS days,
        CASE WHEN coalesce(min(reach) = max(reach), true) THEN coalesce(min(reach), '') END AS reach, list(DISTINCT CAST(one AS VARCHAR)) FILTER (WHERE reach IS NOT NULL) AS parts
    FROM (
        SELECT *, CASE WHEN concat(one->>'$.Expiration.Date', one->>'$.Expiration.Days', one->>'$.NoncurrentVersionExpiration.NoncurrentDays') <> '' THEN concat(
            CASE WHEN coalesce(one->>'$.Filter', '') IN ('', '{}', '{"Prefix":""}') THEN one->>'$.Prefix' ELSE one->>'$.Filter' END, one->>'$.NoncurrentVersionExpiration.NewerNoncurrentVersions') END AS reach
        FROM (
            SELECT evidence_id, record_index, CASE WHEN coalesce(rule->>'$.Status', '') <> 'Disabled' THEN rule END AS one
            FROM (
                SELECT evidence_id, record_index, unnest(coalesce(TRY_CAST(asked->'$.LifecycleConfiguration.Rule' AS JSON[]), [asked->'$.LifecycleConfiguration.Rule'])) AS rule
                FROM found WHERE eventName = 'PutBucketLifecycle' AND (asked->'$.LifecycleConfiguration.Rule') IS NOT NULL
            ) AS each_rule
        ) AS enabled
    ) AS deleting
    GROUP BY evidence_id, record_index
),
written AS (
    SELECT f.evidence_id, f.record_index, n.topic, n.parts, CAST(NULL AS INTEGER[]) AS days, NULL AS reach
    FROM found AS f CROSS JOIN (VALUES ('selectors', ['management ReadOnly []', 'management WriteOnly []']), ('insights', CAST([] AS VARCHAR[]))) AS n(topic, parts) WHERE f.eventName = 'CreateTrail'
    UNION ALL
    SELECT f.evidence_id, f.record_index, CASE WHEN f.eventName LIKE '%Insight%' THEN 'insights' WHEN f.eventName LIKE '%Bucket%' THEN 'lifecycle' ELSE 'selectors' END,
        CASE WHEN f.eventName = 'PutInsightSelectors' THEN regexp_extract_all(CAST(f.asked->'$.insightSelectors' AS VARCHAR), '"insightType" *: *"([A-Za-z]+)"', 1) WHEN s.record_index IS NOT NULL THEN coalesce(s.parts, []) ELSE e.parts END,
        CASE WHEN f.eventName IN ('CreateBucket', 'DeleteBucketLifecycle') THEN [1000000, 1000000] ELSE e.days END,
        CASE WHEN f.eventName IN ('CreateBucket', 'DeleteBucketLifecycle') THEN '' ELSE e.reach END
    FROM found AS f
    LEFT JOIN selected AS s ON f.evidence_id = s.evidence_id AND f.record_index = s.record_index
    LEFT JOIN expiring AS e ON f.evidence_id = e.evidence_id AND f.record_index = e.record_index
    WHERE f.eventName IN ('PutEventSelectors', 'PutInsightSelectors', 'CreateBucket', 'PutBucketLifecycle', 'DeleteBucketLifecycle') OR (f.eventName = 'UpdateEventDataStore' AND s.record_index IS NOT NULL)
),
kept AS (
    SELECT
        evidence_id, record_index, topic, parts, days, reach, list_has_all(parts, ['management ReadOnly []', 'management WriteOnly []']) AS is_full,
        CASE WHEN is_clear AND last_value(is_done) OVER earlier THEN last_value(parts) OVER earlier END AS before,
        CASE WHEN is_clear AND last_value(is_done) OVER earlier THEN last_value(days) OVER earlier END AS days_before,
        CASE WHEN is_clear AND last_value(is_done) OVER earlier THEN last_value(reach) OVER earlier END AS reach_before
    FROM written JOIN (
        SELECT evidence_id, record_index, account_id, eventSource, eventName, eventTime, home, entity, is_clear, is_done, eventID FROM found WHERE is_done IS DISTINCT FROM false
    ) AS done USING (evidence_id, record_index)
    WINDOW earlier AS (
        PARTITION BY account_id, eventSource, home, entity, topic ORDER BY eventTime NULLS LAST, eventName NOT LIKE 'Create%', eventID, evidence_id, record_index
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
),
-- The effect: if only part is kept, or the earlier state is unknown, it may be less.
judged AS (
    SELECT evidence_id, record_index, topic, CASE
            WHEN parts IS NULL AND days IS NULL THEN NULL
            WHEN topic = 'lifecycle' THEN CASE
                WHEN (days[1] >= 1000000 AND days[2] >= 1000000) OR list_has_all(before, parts)
                    OR (least(days[1], days_before[1]) > 0 AND days[1] >= days_before[1] AND days[2] >= days_before[2] AND reach_before IN ('', reach)) THEN 'none:lifecycle'
                WHEN (days[1] < days_before[1] OR days[2] < days_before[2]) AND reach IN ('', reach_before) THEN 'changed:lifecycle' END
            WHEN topic = 'insights' THEN CASE
                WHEN list_has_all(parts, coalesce(before, ['ApiCallRateInsight', 'ApiErrorRateInsight'])) THEN 'restored:insights' WHEN before IS NULL THEN 'narrowed:insights:maybe' ELSE 'narrowed:insights' END
            WHEN before IS NULL THEN CASE WHEN is_full THEN 'full:selectors' ELSE 'narrowed:selectors:maybe' END
            WHEN list_has_all(parts, before) OR (is_full AND concat('|', array_to_string(before, '|')) NOT LIKE '%|data %') THEN CASE WHEN is_full THEN 'restored:selectors' ELSE 'none:selectors' END
            WHEN is_full AND NOT list_has_all(before, ['management ReadOnly []', 'management WriteOnly []']) THEN 'full:selectors'
            WHEN concat('|', array_to_string(parts, '|')) NOT LIKE '%|data %' AND concat('|', array_to_string(before, '|')) LIKE '%|data %' THEN 'narrowed:selectors'
            WHEN list_contains(before, 'management ReadOnly []') AND NOT list_contains(parts, 'management ReadOnly []') THEN 'narrowed:selectors'
            WHEN list_contains(before, 'management WriteOnly []') AND NOT list_contains(parts, 'management WriteOnly []') THEN 'narrowed:selectors'
            WHEN is_full THEN 'full:selectors' ELSE 'narrowed:selectors:maybe' END AS mark
    FROM kept
),
-- Whether a bucket policy lets CloudTrail write; NULL: unknown.
policies AS (
    SELECT evidence_id, record_index, CASE
            WHEN bool_or(effect = 'deny' AND may_write AND writes AND limits IS NULL) OR NOT bool_or(effect = 'allow' AND may_write) THEN 'changed:policy'
            WHEN bool_or(effect = 'allow' AND writes AND fits) AND NOT bool_or(effect = 'deny' AND may_write AND NOT coalesce(regexp_matches(limits, '^\{"[a-z]+":\{"(aws:securetransport":\[?"?false|s3:tlsversion":\[?"?1[.][23])"?\]?\}\}$'), false)) THEN 'none:policy'
        END AS mark
    FROM (
        SELECT
            *,
            -- The whole bucket, or the folder of each trail that is known to write there.
            names_it AND acts AND coalesce(one->'$.NotPrincipal', one->'$.NotAction', one->'$.NotResource') IS NULL
                AND (strpos(resources, '"*"') > 0 OR strpos(resources, ':s3:::*"') > 0 OR strpos(resources, concat(':s3:::', bucket, '/*"')) > 0 OR coalesce((
                    SELECT bool_and(strpos(resources, concat(':s3:::', t.bucket, '/*"')) > 0 OR strpos(resources, concat(':s3:::', t.bucket, '/AWSLogs/*"')) > 0
                        OR (NOT coalesce(t.isOrganizationTrail, false) AND strpos(resources, concat(':s3:::', t.bucket, '/AWSLogs/', t.account_id, '/*"')) > 0))
                    FROM trails AS t WHERE t.s3BucketName = each_one.bucket OR (t.s3BucketName IS NULL AND t.s3KeyPrefix <> '')), false)) AS writes,
            (names_it OR (one->'$.NotPrincipal') IS NOT NULL) AND (may_act OR (one->'$.NotAction') IS NOT NULL) AS may_write,
            limits IS NULL OR (
                limits NOT LIKE '%not%' AND NOT regexp_matches(regexp_replace(limits, '"(s3:x-amz-acl|aws:sourcearn|aws:sourceaccount)":', '', 'g'), '"[a-z0-9-]+:[a-z0-9/-]+":')
                AND (NOT regexp_matches(limits, 'aws:source(arn|account)') OR coalesce((
                    SELECT bool_and((limits NOT LIKE '%aws:sourcearn%' OR limits LIKE '%:trail/*"%' OR limits LIKE concat('%:trail/', lower(t.trail), '"%'))
                        AND (limits NOT LIKE '%aws:sourceaccount%' OR limits LIKE concat('%"', t.account_id, '"%')))
                    FROM trails AS t WHERE t.s3BucketName = each_one.bucket), false))
            ) AS fits
        FROM (
            SELECT
                evidence_id, record_index, bucket, one, lower(one->>'$.Effect') AS effect, lower(one->>'$.Condition') AS limits,
                coalesce(regexp_matches(one->>'$.Principal', '(^|")([*]|cloudtrail[.]amazonaws[.]com)("|$)'), false) AS names_it,
                coalesce(regexp_matches(lower(one->>'$.Action'), '(^|")([*]|s3:[*]|s3:put[*]|s3:putobject[*]?)("|$)'), false) AS acts,
                coalesce(regexp_matches(lower(one->>'$.Action'), '(^|")([*]|s3:(p|pu|put|puto[a-z]*)?[*?]|s3:putobject(acl)?("|$))'), false) AS may_act,
                concat('"', regexp_replace(one->>'$.Resource', '^[[]?"?|"?[]]?$', '', 'g'), '"') AS resources
            FROM (
                SELECT evidence_id, record_index, entity AS bucket,
                    unnest(coalesce(TRY_CAST(TRY_CAST(asked->>'$.bucketPolicy' AS JSON)->'$.Statement' AS JSON[]), [TRY_CAST(asked->>'$.bucketPolicy' AS JSON)->'$.Statement'])) AS one
                FROM found WHERE eventName = 'PutBucketPolicy' AND TRY_CAST(asked->>'$.bucketPolicy' AS JSON)->>'$.Statement' <> ''
            ) AS each_statement
        ) AS each_one
    ) AS read
    GROUP BY evidence_id, record_index
),
-- The known settings of a trail when it was written, preferably from others than root, and whether it had been deleted.
former AS (
    SELECT
        t.evidence_id, t.record_index, t.bucket, t.by_root, t.snsTopicName, t.cloudWatchLogsLogGroupArn, t.cloudWatchLogsRoleArn, t.kmsKeyId,
        bool_or(b.eventName = 'DeleteTrail') AS was_deleted, bool_or(b.eventName = 'DeleteTrail' AND b.by_root) AS root_deleted,
        list(b.bucket) FILTER (WHERE NOT b.by_root AND b.bucket <> '') AS buckets,
        max_by(b.isMultiRegionTrail, row(NOT b.by_root, b.eventTime)) FILTER (WHERE b.isMultiRegionTrail IS NOT NULL) AS all_regions,
        max_by(b.includeGlobalServiceEvents, row(NOT b.by_root, b.eventTime)) FILTER (WHERE b.includeGlobalServiceEvents IS NOT NULL) AS global_events,
        max_by(b.isOrganizationTrail, row(NOT b.by_root, b.eventTime)) FILTER (WHERE b.isOrganizationTrail IS NOT NULL) AS organization,
        max_by(b.enableLogFileValidation, row(NOT b.by_root, b.eventTime)) FILTER (WHERE b.enableLogFileValidation IS NOT NULL) AS digests,
        max_by(b.bucket, b.eventTime) FILTER (WHERE b.bucket <> '') AS last_bucket,
        -- A call that names a bucket has all settings: those not named are not set.
        max_by(coalesce(b.snsTopicName, ''), b.eventTime) FILTER (WHERE b.bucket <> '') AS last_topic,
        max_by(coalesce(b.cloudWatchLogsLogGroupArn, ''), b.eventTime) FILTER (WHERE b.bucket <> '') AS last_log_group,
        max_by(coalesce(b.cloudWatchLogsRoleArn, ''), b.eventTime) FILTER (WHERE b.bucket <> '') AS last_log_role,
        max_by(coalesce(b.kmsKeyId, ''), b.eventTime) FILTER (WHERE b.bucket <> '') AS last_kms
    FROM trails AS t
    JOIN trails AS b ON t.trail = b.trail AND t.home = b.home AND coalesce(t.account_id, '') = coalesce(b.account_id, '') AND b.eventTime <= t.eventTime
    WHERE t.eventName IN ('CreateTrail', 'UpdateTrail') AND (t.evidence_id, t.record_index) IS DISTINCT FROM (b.evidence_id, b.record_index)
    GROUP BY ALL
)
SELECT f.evidence_id, f.record_index, nullif(CASE f.eventName
        WHEN 'UpdateTrail' THEN concat_ws('|',
            CASE WHEN lower(f.asked->>'$.isMultiRegionTrail') = 'false' THEN concat(CASE WHEN coalesce(b.all_regions, true) THEN 'narrowed:' ELSE 'none:' END, 'Regions', CASE WHEN b.all_regions IS NULL THEN ':maybe' ELSE '' END)
                WHEN lower(f.asked->>'$.isMultiRegionTrail') = 'true' THEN 'restored:Regions' END,
            CASE WHEN lower(f.asked->>'$.includeGlobalServiceEvents') = 'false' THEN concat(CASE WHEN coalesce(b.global_events, true) THEN 'narrowed:' ELSE 'none:' END, 'global events', CASE WHEN b.global_events IS NULL THEN ':maybe' ELSE '' END)
                WHEN 'true' IN (lower(f.asked->>'$.includeGlobalServiceEvents'), lower(f.asked->>'$.isMultiRegionTrail')) THEN 'restored:global events' END,
            CASE WHEN lower(f.asked->>'$.isOrganizationTrail') = 'false' THEN concat(CASE WHEN coalesce(b.organization, true) THEN 'narrowed:' ELSE 'none:' END, 'organization', CASE WHEN b.organization IS NULL THEN ':maybe' ELSE '' END)
                WHEN lower(f.asked->>'$.isOrganizationTrail') = 'true' THEN 'restored:organization' END,
            CASE WHEN lower(f.asked->>'$.enableLogFileValidation') = 'false' THEN concat(CASE WHEN coalesce(b.digests, true) THEN 'narrowed:' ELSE 'none:' END, 'digests', CASE WHEN b.digests IS NULL THEN ':maybe' ELSE '' END)
                WHEN lower(f.asked->>'$.enableLogFileValidation') = 'true' THEN 'restored:digests' END,
            CASE
                WHEN concat(f.asked->>'$.s3BucketName', f.asked->>'$.s3KeyPrefix') = '' THEN NULL
                WHEN list_contains(b.buckets, b.bucket) AND b.was_deleted AND NOT b.by_root THEN 'rewritten:bucket|own:recording'
                WHEN b.bucket = b.last_bucket THEN 'none:bucket'
                WHEN list_contains(b.buckets, b.bucket) THEN 'rewritten:bucket'
                WHEN b.last_bucket IS NULL THEN 'changed:bucket:maybe'
                ELSE 'changed:bucket'
            END,
            CASE
                WHEN coalesce(f.asked->>'$.snsTopicName', f.asked->>'$.cloudWatchLogsLogGroupArn', f.asked->>'$.cloudWatchLogsRoleArn', f.asked->>'$.kmsKeyId') IS NULL THEN NULL
                WHEN b.last_bucket IS NULL THEN 'changed:settings:maybe'
                -- Additional destinations take nothing away; a different key does.
                WHEN NOT coalesce('' IN (f.asked->>'$.snsTopicName', f.asked->>'$.cloudWatchLogsLogGroupArn', f.asked->>'$.cloudWatchLogsRoleArn', f.asked->>'$.kmsKeyId'), false)
                    AND coalesce(b.snsTopicName = nullif(b.last_topic, ''), true) AND coalesce(b.cloudWatchLogsLogGroupArn = nullif(b.last_log_group, ''), true)
                    AND coalesce(b.cloudWatchLogsRoleArn = nullif(b.last_log_role, ''), true) AND coalesce(b.kmsKeyId = b.last_kms, true) THEN 'none:settings'
                ELSE 'changed:settings'
            END)
        -- A recreated trail records as before only if it writes to the same place and no less.
        WHEN 'CreateTrail' THEN concat_ws('|', 'restored:selectors',
            CASE WHEN NOT list_contains(b.buckets, b.bucket) THEN 'changed:bucket' ELSE 'remade:bucket' END,
            CASE WHEN NOT list_contains(b.buckets, b.bucket) AND b.root_deleted THEN 'foreign:recording' WHEN b.was_deleted THEN 'own:recording' END,
            CASE WHEN lower(f.asked->>'$.isMultiRegionTrail') = 'true' THEN 'restored:Regions' WHEN b.all_regions THEN 'narrowed:Regions' END,
            CASE WHEN coalesce(lower(f.asked->>'$.includeGlobalServiceEvents'), 'true') = 'true' THEN 'restored:global events' WHEN b.global_events THEN 'narrowed:global events' END,
            CASE WHEN lower(f.asked->>'$.isOrganizationTrail') = 'true' THEN 'restored:organization' WHEN b.organization THEN 'narrowed:organization' END,
            CASE WHEN lower(f.asked->>'$.enableLogFileValidation') = 'true' THEN 'restored:digests' WHEN b.digests THEN 'narrowed:digests' END)
        WHEN 'PutBucketPolicy' THEN p.mark
        ELSE j.mark
    END, '') AS marks,
    -- Management events that new selectors of a trail keep.
    CASE WHEN f.eventName = 'PutEventSelectors' THEN CASE WHEN k.is_full THEN 'all' WHEN list_contains(k.parts, 'management WriteOnly []') THEN 'writes' END END AS keeps
FROM found AS f
LEFT JOIN kept AS k ON f.evidence_id = k.evidence_id AND f.record_index = k.record_index AND k.topic = 'selectors'
LEFT JOIN judged AS j ON f.evidence_id = j.evidence_id AND f.record_index = j.record_index AND f.eventName <> 'CreateTrail'
LEFT JOIN policies AS p ON f.evidence_id = p.evidence_id AND f.record_index = p.record_index
LEFT JOIN former AS b ON f.evidence_id = b.evidence_id AND f.record_index = b.record_index AND (f.is_clear OR f.eventName = 'CreateTrail')
