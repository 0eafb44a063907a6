/*
title    = "Tampering with the record"
question = "Who stopped, narrowed or took away what watches the account, and in which time can the record not be trusted?"
attack   = ["T1562.008", "T1562.001", "T1485"]
source   = "AWS CloudTrail, Config, GuardDuty, Security Hub, CloudWatch Logs and S3 API references; Security Hub's CloudTrail controls"
misses   = "What was done while no trail recorded it. A policy, lifecycle or key is judged by the call, not by its content; only buckets that a trail of the case names, or that are named for logs, are taken for a trail's; retention and subscriptions count only of log groups named for trails, audits or flows. Whether a change was harmless. A trail that another one doubles may be stopped without any gap: the coverage of the logs tells."
[params]
account_id = { type = "VARCHAR", default = "", help = "only this account (12 digits); empty for all" }
[columns]
from_time     = "TIMESTAMP WITH TIME ZONE; UTC; from here on the record is in doubt"
until_time    = "TIMESTAMP WITH TIME ZONE; UTC; when the same thing was switched on again; NULL: not in these logs, or nothing was done"
account_id    = "VARCHAR"
awsRegion     = "VARCHAR"
watcher       = "VARCHAR; what was touched: trail, event data store, trail bucket, log group, KMS key, Config, GuardDuty, Security Hub, flow log, alarm, event rule, access analyzer"
thing         = "VARCHAR; its name, as the record gives it"
tampering     = "VARCHAR; stopped, removed, changed"
deed          = "VARCHAR; done, attempted"
eventName     = "VARCHAR"
errorCode     = "VARCHAR; of an attempt"
actor         = "VARCHAR; ARN of the identity"
by_root       = "BOOLEAN; a person with root"
eventID       = "VARCHAR; cite this"
evidence_id   = "INTEGER; the object that holds the record"
record_index  = "INTEGER; its position there, from 0"
restored_by   = "VARCHAR; ARN of who switched it on again"
restored_eventID = "VARCHAR; cite this"
*/
WITH calls (eventSource, eventName, watcher, tampering) AS (
    VALUES
        ('cloudtrail.amazonaws.com', 'StopLogging', 'trail', 'stopped'),
        ('cloudtrail.amazonaws.com', 'DeleteTrail', 'trail', 'removed'),
        ('cloudtrail.amazonaws.com', 'UpdateTrail', 'trail', 'changed'),
        ('cloudtrail.amazonaws.com', 'PutEventSelectors', 'trail', 'changed'),
        ('cloudtrail.amazonaws.com', 'PutInsightSelectors', 'trail', 'changed'),
        ('cloudtrail.amazonaws.com', 'StartLogging', 'trail', 'restored'),
        ('cloudtrail.amazonaws.com', 'CreateTrail', 'trail', 'restored'),
        ('cloudtrail.amazonaws.com', 'DeleteEventDataStore', 'event data store', 'removed'),
        ('cloudtrail.amazonaws.com', 'StopEventDataStoreIngestion', 'event data store', 'stopped'),
        ('cloudtrail.amazonaws.com', 'UpdateEventDataStore', 'event data store', 'changed'),
        ('cloudtrail.amazonaws.com', 'StartEventDataStoreIngestion', 'event data store', 'restored'),
        ('cloudtrail.amazonaws.com', 'RestoreEventDataStore', 'event data store', 'restored'),
        ('s3.amazonaws.com', 'DeleteBucket', 'trail bucket', 'removed'),
        ('s3.amazonaws.com', 'PutBucketPolicy', 'trail bucket', 'changed'),
        ('s3.amazonaws.com', 'DeleteBucketPolicy', 'trail bucket', 'changed'),
        ('s3.amazonaws.com', 'PutBucketLifecycle', 'trail bucket', 'changed'),
        ('s3.amazonaws.com', 'PutBucketVersioning', 'trail bucket', 'changed'),
        ('s3.amazonaws.com', 'PutBucketEncryption', 'trail bucket', 'changed'),
        ('s3.amazonaws.com', 'PutBucketAcl', 'trail bucket', 'changed'),
        ('s3.amazonaws.com', 'DeleteObject', 'trail bucket', 'removed'),
        ('s3.amazonaws.com', 'DeleteObjects', 'trail bucket', 'removed'),
        ('kms.amazonaws.com', 'DisableKey', 'KMS key', 'stopped'),
        ('kms.amazonaws.com', 'ScheduleKeyDeletion', 'KMS key', 'removed'),
        ('kms.amazonaws.com', 'PutKeyPolicy', 'KMS key', 'changed'),
        ('kms.amazonaws.com', 'EnableKey', 'KMS key', 'restored'),
        ('kms.amazonaws.com', 'CancelKeyDeletion', 'KMS key', 'restored'),
        ('config.amazonaws.com', 'StopConfigurationRecorder', 'Config', 'stopped'),
        ('config.amazonaws.com', 'DeleteConfigurationRecorder', 'Config', 'removed'),
        ('config.amazonaws.com', 'DeleteDeliveryChannel', 'Config', 'removed'),
        ('config.amazonaws.com', 'DeleteConfigRule', 'Config', 'removed'),
        ('config.amazonaws.com', 'StartConfigurationRecorder', 'Config', 'restored'),
        ('guardduty.amazonaws.com', 'DeleteDetector', 'GuardDuty', 'removed'),
        ('guardduty.amazonaws.com', 'UpdateDetector', 'GuardDuty', 'changed'),
        ('guardduty.amazonaws.com', 'CreateFilter', 'GuardDuty', 'changed'),
        ('guardduty.amazonaws.com', 'CreateIPSet', 'GuardDuty', 'changed'),
        ('guardduty.amazonaws.com', 'StopMonitoringMembers', 'GuardDuty', 'stopped'),
        ('guardduty.amazonaws.com', 'DisassociateMembers', 'GuardDuty', 'stopped'),
        ('guardduty.amazonaws.com', 'DeleteMembers', 'GuardDuty', 'removed'),
        ('guardduty.amazonaws.com', 'CreateDetector', 'GuardDuty', 'restored'),
        ('guardduty.amazonaws.com', 'StartMonitoringMembers', 'GuardDuty', 'restored'),
        ('securityhub.amazonaws.com', 'DisableSecurityHub', 'Security Hub', 'stopped'),
        ('securityhub.amazonaws.com', 'BatchDisableStandards', 'Security Hub', 'changed'),
        ('securityhub.amazonaws.com', 'DeleteMembers', 'Security Hub', 'removed'),
        ('securityhub.amazonaws.com', 'EnableSecurityHub', 'Security Hub', 'restored'),
        ('logs.amazonaws.com', 'DeleteLogGroup', 'log group', 'removed'),
        ('logs.amazonaws.com', 'DeleteLogStream', 'log group', 'removed'),
        ('logs.amazonaws.com', 'PutRetentionPolicy', 'log group', 'changed'),
        ('logs.amazonaws.com', 'DeleteMetricFilter', 'alarm', 'removed'),
        ('logs.amazonaws.com', 'DeleteSubscriptionFilter', 'log group', 'changed'),
        ('monitoring.amazonaws.com', 'DeleteAlarms', 'alarm', 'removed'),
        ('monitoring.amazonaws.com', 'DisableAlarmActions', 'alarm', 'stopped'),
        ('monitoring.amazonaws.com', 'EnableAlarmActions', 'alarm', 'restored'),
        ('events.amazonaws.com', 'DeleteRule', 'event rule', 'removed'),
        ('events.amazonaws.com', 'DisableRule', 'event rule', 'stopped'),
        ('events.amazonaws.com', 'RemoveTargets', 'event rule', 'changed'),
        ('events.amazonaws.com', 'EnableRule', 'event rule', 'restored'),
        ('ec2.amazonaws.com', 'DeleteFlowLogs', 'flow log', 'removed'),
        ('access-analyzer.amazonaws.com', 'DeleteAnalyzer', 'access analyzer', 'removed')
),
trail_buckets AS (
    SELECT DISTINCT requestParameters->>'$.s3BucketName' AS bucket
    FROM api_calls
    WHERE eventSource = 'cloudtrail.amazonaws.com' AND eventName IN ('CreateTrail', 'UpdateTrail')
        AND (requestParameters->>'$.s3BucketName') <> ''
),
by_people AS (
    SELECT evidence_id, record_index FROM root_activity
),
touched AS (
    SELECT
        e.eventTime, coalesce(e.recipientAccountId, e.userIdentity.accountId) AS account_id, e.awsRegion, c.watcher, c.tampering,
        coalesce(
            regexp_replace(coalesce(e.requestParameters->>'$.name', e.requestParameters->>'$.trailName'), '^arn:.*:trail/', ''),
            e.requestParameters->>'$.eventDataStore', e.requestParameters->>'$.bucketName', e.requestParameters->>'$.keyId',
            e.requestParameters->>'$.configurationRecorderName', e.requestParameters->>'$.deliveryChannelName',
            e.requestParameters->>'$.configRuleName', e.requestParameters->>'$.detectorId', e.requestParameters->>'$.logGroupName',
            e.requestParameters->>'$.alarmNames[0]', e.requestParameters->>'$.rule',
            e.requestParameters->>'$.DeleteFlowLogsRequest.FlowLogId.content', e.requestParameters->>'$.analyzerName'
        ) AS thing,
        CASE WHEN e.errorCode <> '' THEN 'attempted' ELSE 'done' END AS deed,
        e.eventName, e.errorCode, e.userIdentity.arn AS actor, p.evidence_id IS NOT NULL AS by_root,
        e.eventID, e.evidence_id, e.record_index
    FROM api_calls AS e
    JOIN calls AS c ON e.eventSource = c.eventSource AND e.eventName = c.eventName
    LEFT JOIN by_people AS p ON e.evidence_id = p.evidence_id AND e.record_index = p.record_index
    LEFT JOIN trail_buckets AS b ON (e.requestParameters->>'$.bucketName') = b.bucket
    WHERE (c.watcher <> 'trail bucket' OR b.bucket IS NOT NULL
            OR regexp_matches(lower(e.requestParameters->>'$.bucketName'), 'cloudtrail|(^|[-.])(audit|logs?|trails?)([-.]|$)'))
        AND (c.watcher <> 'log group' OR c.tampering = 'removed'
            OR regexp_matches(lower(e.requestParameters->>'$.logGroupName'), 'trail|audit|flow'))
        AND ($account_id = '' OR coalesce(e.recipientAccountId, e.userIdentity.accountId) = $account_id)
),
-- What watches in one Region is another thing in the next; a trail, a bucket and a key have one home.
followed AS (
    SELECT
        *,
        min(CASE WHEN tampering = 'restored' AND deed = 'done' THEN eventTime END) OVER later AS until_time,
        min_by(
            CASE WHEN tampering = 'restored' AND deed = 'done' THEN actor END,
            CASE WHEN tampering = 'restored' AND deed = 'done' THEN eventTime END
        ) OVER later AS restored_by,
        min_by(
            CASE WHEN tampering = 'restored' AND deed = 'done' THEN eventID END,
            CASE WHEN tampering = 'restored' AND deed = 'done' THEN eventTime END
        ) OVER later AS restored_eventID
    FROM touched
    WINDOW later AS (
        PARTITION BY account_id, watcher,
            CASE WHEN watcher IN ('GuardDuty', 'Security Hub', 'Config') THEN awsRegion ELSE thing END
        ORDER BY eventTime NULLS LAST, eventID, evidence_id, record_index
        ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING
    )
)
SELECT
    eventTime AS from_time,
    CASE WHEN deed = 'done' AND tampering <> 'changed' THEN until_time END AS until_time,
    account_id, awsRegion, watcher, thing, tampering, deed, eventName, errorCode, actor, by_root,
    eventID, evidence_id, record_index,
    CASE WHEN deed = 'done' AND tampering <> 'changed' THEN restored_by END AS restored_by,
    CASE WHEN deed = 'done' AND tampering <> 'changed' THEN restored_eventID END AS restored_eventID
FROM followed
WHERE tampering <> 'restored'
ORDER BY from_time NULLS LAST, eventID, evidence_id, record_index
