/*
title    = "Records about trails"
question = "Which records describe, write or delete which trail, and which settings do they show?"
attack   = ["T1562.008"]
source   = "AWS CloudTrail API Reference, CreateTrail, UpdateTrail, GetTrail, DescribeTrails and DeleteTrail"
misses   = "Trails that nothing in these logs describes. Settings that CloudTrail omits from the responses of most reads. Event selectors and tags. Unchanged settings in an UpdateTrail request: only its response has all of them."
uses     = ["superseded_events"]
*/
-- CloudTrail's summaries describe no trail: they have neither requests nor responses.
WITH written AS (
    SELECT
        eventTime, account_id, awsRegion, action AS eventName, requestParameters AS requested,
        responseElements AS answered, eventID, evidence_id, record_index
    FROM events ANTI JOIN superseded_events USING (evidence_id, record_index)
    WHERE service = 'cloudtrail.amazonaws.com' AND outcome IS DISTINCT FROM 'failure'
        AND concat(action, '') IN ('CreateTrail', 'UpdateTrail', 'DeleteTrail')
),
-- Reads show something only through their responses, and most responses are omitted.
read AS (
    SELECT
        eventTime, account_id, awsRegion, action AS eventName, NULL::JSON AS requested,
        responseElements AS answered, eventID, evidence_id, record_index
    FROM events ANTI JOIN superseded_events USING (evidence_id, record_index)
    WHERE service = 'cloudtrail.amazonaws.com' AND outcome IS DISTINCT FROM 'failure'
        AND concat(action, '') IN ('GetTrail', 'DescribeTrails') AND responseElements IS NOT NULL
),
-- Requests and responses by trail; if both have a setting, the response counts.
told AS (
    SELECT *, coalesce(answered->'$.trail', answered) AS trail_told FROM written
    UNION ALL
    SELECT *, coalesce(answered->'$.trail', answered) AS trail_told FROM read WHERE eventName = 'GetTrail'
    UNION ALL
    SELECT r.*, listed.one AS trail_told
    FROM read AS r
    CROSS JOIN unnest(list_distinct(coalesce(TRY_CAST(r.answered->'$.trailList' AS JSON[]), []))) AS listed(one)
    WHERE r.eventName = 'DescribeTrails'
),
named AS (
    SELECT *, coalesce(trail_told->>'$.trailARN', nullif(regexp_extract(requested->>'$.name', '^arn:.*', 0), '')) AS arn FROM told
),
settings AS (
    SELECT
        eventTime, coalesce(nullif(regexp_extract(arn, '^arn:[^:]*:cloudtrail:[^:]*:([0-9]+):', 1), ''), account_id) AS account_id,
        coalesce(trail_told->>'$.homeRegion', nullif(regexp_extract(arn, '^arn:[^:]*:cloudtrail:([^:]+):', 1), ''), awsRegion) AS home,
        coalesce(nullif(regexp_extract(arn, ':trail/(.+)$', 1), ''), trail_told->>'$.name', requested->>'$.name') AS trail,
        coalesce(trail_told->>'$.s3BucketName', requested->>'$.s3BucketName') AS s3BucketName,
        coalesce(trail_told->>'$.s3KeyPrefix', requested->>'$.s3KeyPrefix') AS s3KeyPrefix,
        coalesce(trail_told->>'$.snsTopicName', requested->>'$.snsTopicName') AS snsTopicName, coalesce(trail_told->>'$.snsTopicARN', requested->>'$.snsTopicARN') AS snsTopicARN,
        coalesce(trail_told->>'$.cloudWatchLogsLogGroupArn', requested->>'$.cloudWatchLogsLogGroupArn') AS cloudWatchLogsLogGroupArn,
        coalesce(trail_told->>'$.cloudWatchLogsRoleArn', requested->>'$.cloudWatchLogsRoleArn') AS cloudWatchLogsRoleArn,
        coalesce(trail_told->>'$.kmsKeyId', requested->>'$.kmsKeyId') AS kmsKeyId,
        TRY_CAST(coalesce(trail_told->>'$.isMultiRegionTrail', requested->>'$.isMultiRegionTrail') AS BOOLEAN) AS isMultiRegionTrail,
        TRY_CAST(coalesce(trail_told->>'$.includeGlobalServiceEvents', requested->>'$.includeGlobalServiceEvents') AS BOOLEAN)
            AS includeGlobalServiceEvents,
        TRY_CAST(coalesce(trail_told->>'$.isOrganizationTrail', requested->>'$.isOrganizationTrail') AS BOOLEAN) AS isOrganizationTrail,
        TRY_CAST(coalesce(trail_told->>'$.logFileValidationEnabled', requested->>'$.enableLogFileValidation') AS BOOLEAN)
            AS enableLogFileValidation,
        eventName, eventID, evidence_id, record_index
    FROM named
)
SELECT *
FROM settings
WHERE trail <> ''
