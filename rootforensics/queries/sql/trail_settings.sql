/*
title    = "Settings of trails"
question = "What do the logs tell of each trail's settings: bucket, Regions, key, log group, digests?"
attack   = ["T1562.008"]
source   = "AWS CloudTrail API Reference, CreateTrail, UpdateTrail, GetTrail and DescribeTrails"
misses   = "Trails that nothing in these logs describes; what an answer does not hold, as CloudTrail leaves out the answers of most reads. Event selectors and tags. UpdateTrail answers with all settings, its request names only those that were changed."
[params]
account_id = { type = "VARCHAR", default = "", help = "only trails of this account (12 digits); empty for all" }
[columns]
eventTime                  = "TIMESTAMP WITH TIME ZONE; UTC; from then on they held, or then they were read"
account_id                 = "VARCHAR; whose trail it is: of an organization's trail that of the management account or delegated administrator"
home                       = "VARCHAR; its home Region"
trail                      = "VARCHAR; its name"
s3BucketName               = "VARCHAR; NULL here and below: not told"
s3KeyPrefix                = "VARCHAR"
snsTopicName               = "VARCHAR"
cloudWatchLogsLogGroupArn  = "VARCHAR"
cloudWatchLogsRoleArn      = "VARCHAR"
kmsKeyId                   = "VARCHAR"
isMultiRegionTrail         = "BOOLEAN"
includeGlobalServiceEvents = "BOOLEAN"
isOrganizationTrail        = "BOOLEAN"
enableLogFileValidation    = "BOOLEAN; digest files"
eventName                  = "VARCHAR"
eventID                    = "VARCHAR; cite this"
evidence_id                = "INTEGER; the object that holds the record"
record_index               = "INTEGER; its position there, from 0"
*/
WITH records AS (
    SELECT
        eventTime, coalesce(recipientAccountId, userIdentity.accountId) AS account_id, awsRegion, eventName, requestParameters AS asked,
        responseElements AS answered, eventID, evidence_id, record_index
    FROM api_calls
    WHERE eventSource = 'cloudtrail.amazonaws.com' AND coalesce(errorCode, '') = '' AND coalesce(errorMessage, '') = ''
        AND concat(eventName, '') IN ('CreateTrail', 'UpdateTrail', 'GetTrail', 'DescribeTrails')
),
-- What was asked for and what was answered, trail by trail; of a setting in both the answer holds.
told AS (
    SELECT *, asked AS requested, coalesce(answered->'$.trail', answered) AS trail_told FROM records WHERE eventName IN ('CreateTrail', 'UpdateTrail')
    UNION ALL
    SELECT *, NULL AS requested, coalesce(answered->'$.trail', answered) AS trail_told FROM records WHERE eventName = 'GetTrail'
    UNION ALL
    SELECT r.*, NULL AS requested, listed.one AS trail_told
    FROM records AS r
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
        coalesce(trail_told->>'$.snsTopicName', requested->>'$.snsTopicName') AS snsTopicName,
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
WHERE trail <> '' AND ($account_id = '' OR account_id = $account_id)
ORDER BY eventTime NULLS LAST, eventID, evidence_id, record_index, account_id, home, trail
