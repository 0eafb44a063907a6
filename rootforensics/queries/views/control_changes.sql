/*
title    = "Changes of the account's detective controls"
question = "Which calls stopped, narrowed, removed, changed or restored the account's detective controls, for each entity?"
attack   = ["T1562.008", "T1562.001", "T1485"]
source   = "AWS CloudTrail, Config, GuardDuty, Security Hub, KMS, CloudWatch, CloudWatch Logs, EventBridge, SNS and S3 API references; the calls that impair logging are those of the catalogue of actions with a control, and those of rootforensics/rules/control_calls.toml"
misses   = "Buckets, keys, log groups, roles and topics of the record, unless CreateTrail, UpdateTrail, DescribeTrails or GetTrail in the case names them. (For buckets, the S3 source of loaded logs and CloudTrail's own writes also count. For alarms, only the metric filter and the alarm count.) Content of patterns and thresholds, which is not judged. Policies, selectors and lifecycles, which trail_changes judges."
uses     = ["api_calls", "root_events", "trail_changes", "trail_records"]
*/
WITH calls AS (
    SELECT call_source, call_name, control, impairment, part FROM actions WHERE control IS NOT NULL
    UNION ALL
    SELECT call_source, call_name, control, impairment, part FROM control_calls
),
found AS (
    SELECT
        e.eventTime, e.account_id, e.awsRegion, e.eventName,
        e.errorCode, e.outcome, coalesce(nullif(e.userIdentity.arn, ''), e.userIdentity.invokedBy) AS actor,
        -- The actor if the record has no ARN, as in the console's event history: root, or a user by name and key.
        coalesce(actor, CASE WHEN p.is_activity THEN 'root' ELSE nullif(e.userIdentity.userName, '') || ' ' || nullif(e.userIdentity.accessKeyId, '') END) AS hand,
        coalesce(p.is_activity, false) AS by_root, p.evidence_id IS NOT NULL AS as_root, e.eventID, e.evidence_id, e.record_index,
        CASE WHEN CAST(e.requestParameters AS VARCHAR) <> '{}' AND coalesce(e.requestParameters->>'$.omitted', '') <> 'true' THEN e.requestParameters END AS asked, e.responseElements AS answered, c.control, c.impairment, c.part,
        c.control = 'organization' AND regexp_matches(
            e.requestParameters->>'$.servicePrincipal',
            '(^|[.])(access-analyzer|auditmanager|cloudtrail|config|config-multiaccountsetup|detective|guardduty|inspector2?|macie2?|observabilityadmin|securityhub|securitylake)[.]amazonaws[.]com'
        ) AS watching_service,
        CASE
            WHEN c.control = 'KMS key' THEN coalesce(
                nullif(regexp_extract(e.resources[1].ARN, '^arn:[^:]*:kms:[^:]*:[^:]*:key/.*', 0), ''), e.requestParameters->>'$.keyId')
        END AS key_name
    FROM api_calls AS e
    JOIN calls AS c ON e.eventSource = c.call_source AND e.eventName = c.call_name
    LEFT JOIN (SELECT evidence_id, record_index, origin_group = 'activity' AS is_activity FROM root_events) AS p ON e.evidence_id = p.evidence_id AND e.record_index = p.record_index
    -- Auto scaling rewrites its own alarms all day.
    WHERE c.control <> 'alarm' OR coalesce(e.userIdentity.invokedBy, '') NOT LIKE '%autoscaling.amazonaws.com'
),
-- Settings of trails in the logs, and who wrote or read them.
trails AS (
    SELECT r.*, concat_ws('/', r.s3BucketName, nullif(r.s3KeyPrefix, '')) AS bucket, p.evidence_id IS NOT NULL AS by_root
    FROM trail_records AS r
    LEFT JOIN (SELECT evidence_id, record_index FROM root_events WHERE origin_group = 'activity') AS p ON r.evidence_id = p.evidence_id AND r.record_index = p.record_index
),
-- The effect of the call on each part, as in trail_changes.
told AS (
    SELECT
        f.*,
        coalesce(nullif(CASE f.eventName
            WHEN 'UpdateEventDataStore' THEN concat_ws('|',
                CASE f.asked->>'$.multiRegionEnabled' WHEN 'false' THEN 'narrowed:Regions' WHEN 'true' THEN 'restored:Regions' END,
                CASE f.asked->>'$.organizationEnabled' WHEN 'false' THEN 'narrowed:organization' WHEN 'true' THEN 'restored:organization' END,
                m.marks,
                CASE WHEN concat(f.asked->>'$.terminationProtectionEnabled', f.asked->>'$.retentionPeriod', f.asked->>'$.kmsKeyId') <> '' THEN 'changed:settings' END)
            WHEN 'PutConfigurationRecorder' THEN CASE
                WHEN (f.asked->>'$.configurationRecorder.recordingGroup.allSupported') = 'false'
                    OR (f.asked->>'$.configurationRecorder.recordingGroup.recordingStrategy.useOnly') LIKE '%CLUSION_BY%' THEN 'narrowed:resources'
                WHEN (f.asked->>'$.configurationRecorder.recordingGroup.allSupported') = 'true'
                    OR (f.asked->>'$.configurationRecorder.recordingGroup.recordingStrategy.useOnly') = 'ALL_SUPPORTED_RESOURCE_TYPES' THEN 'restored:resources' END
            WHEN 'UpdateDetector' THEN concat_ws('|',
                CASE f.asked->>'$.enable' WHEN 'false' THEN 'stopped:detector' WHEN 'true' THEN 'restored:detector' END,
                CASE WHEN (f.asked->>'$.features') LIKE '%"DISABLED"%' OR (f.asked->>'$.dataSources') LIKE '%false%' THEN 'narrowed:features'
                    WHEN (f.asked->>'$.features') LIKE '%"ENABLED"%' OR (f.asked->>'$.dataSources') LIKE '%true%' THEN 'restored:features' END,
                CASE WHEN (f.asked->>'$.findingPublishingFrequency') <> '' THEN 'none:frequency' END)
            WHEN 'UpdateMemberDetectors' THEN CASE
                WHEN (f.asked->>'$.features') LIKE '%"DISABLED"%' OR (f.asked->>'$.dataSources') LIKE '%false%' THEN 'narrowed:member features'
                WHEN (f.asked->>'$.features') LIKE '%"ENABLED"%' OR (f.asked->>'$.dataSources') LIKE '%true%' THEN 'restored:member features' END
            -- Disabled for all, enabled for all, or partly disabled, without knowledge of the earlier state.
            WHEN 'UpdateOrganizationConfiguration' THEN CASE
                WHEN regexp_matches(lower(f.asked), ':\s*"?(false|none)\b') AND NOT regexp_matches(lower(f.asked), ':\s*"?(true|all|new)\b') THEN 'narrowed:new accounts'
                WHEN NOT regexp_matches(lower(f.asked), ':\s*"?(false|none)\b') THEN 'restored:new accounts' END
            WHEN 'BatchUpdateStandardsControlAssociations' THEN CASE
                WHEN CAST(f.asked AS VARCHAR) LIKE '%"DISABLED"%' THEN 'stopped:controls' WHEN CAST(f.asked AS VARCHAR) LIKE '%"ENABLED"%' THEN 'restored:controls' END
            WHEN 'BatchUpdateFindings' THEN CASE WHEN NOT regexp_matches(CAST(f.asked AS VARCHAR), '"(SUPPRESSED|RESOLVED|FALSE_POSITIVE|BENIGN_POSITIVE)"') THEN 'none:findings' END
            WHEN 'BatchUpdateFindingsV2' THEN CASE WHEN NOT regexp_matches(lower(f.asked), '"statusid":\s*"?[345]\b') THEN 'none:findings' END
            WHEN 'UpdateFindings' THEN CASE WHEN coalesce(f.asked->>'$.status', f.asked->>'$.recordState', f.asked->>'$.RecordState', CASE WHEN f.control = 'Security Hub' AND f.asked IS NOT NULL THEN '' END) <> 'ARCHIVED' THEN 'none:findings' END
            WHEN 'CreateAutomationRule' THEN CASE WHEN regexp_matches(CAST(f.asked AS VARCHAR), '"(SUPPRESSED|RESOLVED|FALSE_POSITIVE|BENIGN_POSITIVE)"') THEN 'narrowed:automation rules' END
            WHEN 'CreateAutomationRuleV2' THEN CASE WHEN regexp_matches(lower(f.asked), '"statusid":\s*[345]\b') THEN 'narrowed:automation rules' END
            WHEN 'CreateFilter' THEN CASE WHEN (f.asked->>'$.action') IN ('NOOP', 'NONE') THEN 'none:filters' END
            WHEN 'UpdateFilter' THEN CASE WHEN (f.asked->>'$.action') IN ('NOOP', 'NONE') THEN 'none:filters' END
            WHEN 'CreateFindingsFilter' THEN CASE WHEN (f.asked->>'$.action') = 'NOOP' THEN 'none:filters' END
            WHEN 'UpdateFindingsFilter' THEN CASE WHEN (f.asked->>'$.action') = 'NOOP' THEN 'none:filters' END
            WHEN 'UpdateMacieSession' THEN CASE f.asked->>'$.status' WHEN 'PAUSED' THEN 'stopped:scans' WHEN 'ENABLED' THEN 'restored:scans' ELSE 'changed:publishing' END
            WHEN 'UpdateMemberSession' THEN CASE f.asked->>'$.status' WHEN 'PAUSED' THEN 'stopped:members' WHEN 'ENABLED' THEN 'restored:members' END
            WHEN 'UpdateAutomatedDiscoveryConfiguration' THEN CASE f.asked->>'$.status' WHEN 'DISABLED' THEN 'stopped:discovery' WHEN 'ENABLED' THEN 'restored:discovery' END
            WHEN 'SetTopicAttributes' THEN CASE WHEN (f.asked->>'$.attributeName') NOT IN ('Policy', 'DeliveryPolicy') THEN 'none:settings' END
            WHEN 'SetSubscriptionAttributes' THEN CASE WHEN (f.asked->>'$.attributeName') NOT LIKE 'FilterPolicy%' THEN 'none:subscription' END
            WHEN 'DeleteAccountPolicy' THEN CASE WHEN (f.asked->>'$.policyType') <> 'SUBSCRIPTION_FILTER_POLICY' THEN 'none:account policy' END
            WHEN 'PutSubscriptionFilter' THEN 'rewritten:subscription'
            -- An object copied onto itself with the caller's own key is unreadable for everyone else. Another copy may
            -- overwrite a log.
            WHEN 'CopyObject' THEN CASE WHEN f.asked IS NULL THEN NULL
                WHEN (f.asked->>'$."x-amz-server-side-encryption-customer-algorithm"') <> '' AND (coalesce(f.asked->>'$."x-amz-copy-source"', '') = '' OR (
                    contains(f.asked->>'$."x-amz-copy-source"', f.asked->>'$.bucketName')
                    AND contains(f.asked->>'$."x-amz-copy-source"', regexp_extract(f.asked->>'$.key', '[^/]*$', 0)))) THEN 'removed:files'
                WHEN regexp_matches(f.asked->>'$.key', '(^|/)AWSLogs/(o-[a-z0-9]+/)?[0-9]{12}/CloudTrail(-Digest)?/') THEN 'changed:files:maybe'
                ELSE 'none:files' END
            WHEN 'UpdateAssumeRolePolicy' THEN CASE WHEN regexp_matches(f.asked->>'$.policyDocument', '(cloudtrail|config|logs)[a-z0-9.-]*\.amazonaws\.com')
                THEN 'rewritten:trust' END
            WHEN 'DisableAWSServiceAccess' THEN CASE WHEN NOT f.watching_service THEN 'none:trust' END
            WHEN 'DeregisterDelegatedAdministrator' THEN CASE WHEN NOT f.watching_service THEN 'none:administrator' END
            WHEN 'PutTargets' THEN CASE WHEN f.as_root THEN 'rewritten:targets' END
            -- A disabled or dropped part may have been enabled before.
            WHEN 'PutModelInvocationLoggingConfiguration' THEN CASE
                WHEN NOT regexp_matches(lower(f.asked), 'enabled":\s*"?true') THEN 'stopped:log'
                WHEN NOT regexp_matches(lower(f.asked), 'enabled":\s*"?false') THEN 'restored:log' END
            WHEN 'PutLoggingConfiguration' THEN CASE WHEN NOT regexp_matches(lower(f.asked), '"drop"|"redactedfields":\s*\[\s*[^]\s]') THEN 'restored:log' END
            WHEN 'CreateDetector' THEN CASE WHEN (f.asked->>'$.enable') = 'false' THEN 'none:detector' END
            WHEN 'PutDeliveryChannel' THEN 'rewritten:delivery channel'
            WHEN 'PutMetricFilter' THEN 'rewritten:filter'
            WHEN 'PutMetricAlarm' THEN CASE WHEN (f.asked->>'$.actionsEnabled') = 'false' THEN 'stopped:actions'
                WHEN f.as_root THEN 'rewritten:alarm' ELSE 'rewritten:alarm|restored:actions' END
            WHEN 'PutRule' THEN CASE WHEN (f.asked->>'$.state') = 'DISABLED' THEN 'stopped:rule' ELSE 'rewritten:rule' END
            WHEN 'UpdateStandardsControl' THEN CASE coalesce(f.asked->>'$.controlStatus', f.asked->>'$.ControlStatus')
                WHEN 'DISABLED' THEN 'stopped:control' WHEN 'ENABLED' THEN 'restored:control' END
            WHEN 'PutBucketVersioning' THEN concat_ws('|',
                CASE f.asked->>'$.VersioningConfiguration.Status' WHEN 'Suspended' THEN 'stopped:versioning' WHEN 'Enabled' THEN 'restored:versioning' END,
                CASE f.asked->>'$.VersioningConfiguration.MfaDelete' WHEN 'Disabled' THEN 'narrowed:MFA delete' WHEN 'Enabled' THEN 'restored:MFA delete' END)
            ELSE coalesce(m.marks, concat(f.impairment, ':', f.part, CASE
                WHEN f.eventName IN ('UpdateTrail', 'PutEventSelectors', 'PutInsightSelectors', 'PutBucketLifecycle', 'PutBucketPolicy') THEN ':maybe' ELSE '' END))
        -- If a call lacks the fields that are judged here, its effect on the part is unknown.
        END, ''), concat(f.impairment, ':', f.part, CASE WHEN CASE
            WHEN f.eventName IN ('SetTopicAttributes', 'SetSubscriptionAttributes') THEN f.asked->>'$.attributeName' WHEN f.control = 'access analyzer' THEN f.asked->>'$.status'
            WHEN f.control = 'delivery role' THEN f.asked->>'$.policyDocument' ELSE CAST(f.asked AS VARCHAR) END IS NULL THEN ':maybe' ELSE '' END)) AS marks,
        TRY_CAST(CASE
            WHEN f.eventName IN ('DeleteAlarms', 'DisableAlarmActions', 'EnableAlarmActions') THEN f.asked->'$.alarmNames'
            WHEN f.eventName = 'PutAlarmMuteRule' THEN f.asked->'$.muteTargets.alarmNames'
            WHEN f.eventName = 'DeleteFlowLogs' THEN f.asked->'$.DeleteFlowLogsRequest.FlowLogId'
            WHEN f.part IN ('members', 'membership') THEN coalesce(f.asked->'$.accountIds', f.asked->'$.AccountIds')
        END AS JSON[]) AS listed,
        CASE f.control
            WHEN 'trail' THEN coalesce(f.asked->>'$.name', f.asked->>'$.trailName') WHEN 'event data store' THEN f.asked->>'$.eventDataStore'
            WHEN 'CloudTrail administrator' THEN coalesce(f.asked->>'$.delegatedAdminAccountId', f.asked->>'$.memberAccountId') WHEN 'trail bucket' THEN f.asked->>'$.bucketName'
            WHEN 'KMS key' THEN f.key_name
            WHEN 'Config' THEN coalesce( f.asked->>'$.configurationRecorderName', f.asked->>'$.configurationRecorder.name', f.asked->>'$.deliveryChannelName', f.asked->>'$.deliveryChannel.name', f.asked->>'$.configRuleName', f.asked->>'$.configRule.configRuleName')
            WHEN 'GuardDuty' THEN f.asked->>'$.detectorId'
            WHEN 'Security Hub' THEN coalesce( f.asked->>'$.standardsControlArn', f.asked->>'$.StandardsControlArn', f.asked->>'$.ruleName', f.asked->>'$.RuleName', f.asked->>'$.productSubscriptionArn', f.asked->>'$.ProductSubscriptionArn')
            WHEN 'Macie' THEN coalesce(f.asked->>'$.id', f.asked->>'$.name') WHEN 'Inspector' THEN coalesce(f.asked->>'$.filterArn', f.asked->>'$.name')
            WHEN 'Detective' THEN f.asked->>'$.graphArn' WHEN 'CloudTrail channel' THEN f.asked->>'$.channel'
            WHEN 'log destination' THEN coalesce(f.asked->>'$.destinationName', f.asked->>'$.policyName')
            WHEN 'query log' THEN coalesce(f.asked->>'$.resourceId', f.asked->>'$.resolverQueryLogConfigId')
            WHEN 'WAF log' THEN coalesce(f.asked->>'$.resourceArn', f.asked->>'$.loggingConfiguration.resourceArn') WHEN 'log group' THEN f.asked->>'$.logGroupName'
            WHEN 'metric filter' THEN f.asked->>'$.filterName' WHEN 'alarm' THEN f.asked->>'$.alarmName' WHEN 'flow log' THEN f.asked->>'$.DeleteFlowLogsRequest.FlowLogId.content'
            WHEN 'SNS topic' THEN coalesce(f.asked->>'$.topicArn', f.asked->>'$.subscriptionArn', f.answered->>'$.topicArn')
            WHEN 'event rule' THEN coalesce(f.asked->>'$.name', f.asked->>'$.rule') WHEN 'access analyzer' THEN f.asked->>'$.analyzerName' WHEN 'delivery role' THEN f.asked->>'$.roleName'
            WHEN 'delivery stream' THEN coalesce(f.asked->>'$.deliveryStreamName', f.asked->>'$.streamName')
            -- The account that leaves, or the service that loses its access.
            WHEN 'organization' THEN coalesce( f.asked->>'$.servicePrincipal', f.asked->>'$.accountId', CASE WHEN f.part = 'membership' THEN f.account_id END)
        END AS named
    FROM found AS f LEFT JOIN trail_changes AS m ON f.evidence_id = m.evidence_id AND f.record_index = m.record_index
),
entities AS (
    SELECT
        *,
        regexp_replace(name, '^arn:[^:]*:(cloudtrail:[^:]*:[^:]*:(trail|eventdatastore)/|kms:[^:]*:[^:]*:key/)', '') AS entity,
        -- A control is a separate entity in each Region. An ARN names the Region; a bucket has none.
        CASE WHEN control NOT IN ('trail bucket', 'delivery role', 'organization') THEN coalesce(nullif(regexp_extract(name, '^arn:[^:]*:[^:]*:([^:]+):', 1), ''), awsRegion) ELSE '' END AS home
    FROM (
        SELECT
            t.eventTime, t.account_id, t.awsRegion, t.eventName, t.errorCode, t.outcome, t.actor, t.hand, t.by_root, t.as_root, t.eventID, t.evidence_id, t.record_index,
            t.asked, t.control, split_part(marked.mark, ':', 1) AS effect, split_part(marked.mark, ':', 2) AS part, split_part(marked.mark, ':', 3) = 'maybe' AS is_doubted,
            coalesce(listed.one->>'$.content', listed.one->>'$', t.named) AS name
        FROM told AS t
        CROSS JOIN unnest(string_split(t.marks, '|')) AS marked(mark)
        CROSS JOIN unnest(CASE WHEN len(t.listed) > 0 THEN list_distinct(t.listed) ELSE [NULL] END) AS listed(one)
    ) AS each_one
),
-- True if the same identity created the entity within the previous hour and no one else changed it; with all changes
-- until then.
lived AS (
    SELECT
        *,
        max(CASE WHEN outcome = 'success' AND eventName IN ('CreateTrail', 'CreateBucket', 'CreateLogGroup', 'CreateKey', 'CreateTopic', 'CreateRole') THEN eventTime END) OVER (
            PARTITION BY account_id, control, home, entity, hand ORDER BY eventTime RANGE BETWEEN INTERVAL 1 HOUR PRECEDING AND CURRENT ROW) AS made_time,
        bool_or(outcome IS DISTINCT FROM 'failure' AND effect = 'removed') OVER until_then OR min(hand) OVER until_then <> max(hand) OVER until_then OR count(hand) OVER until_then < count(*) OVER until_then AS was_touched,
        max(CASE WHEN outcome IS DISTINCT FROM 'failure' AND control = 'trail bucket' AND part = 'policy' THEN eventTime END) OVER (PARTITION BY control, entity) AS last_policy_time,
        bool_or(outcome IS DISTINCT FROM 'failure' AND part = 'policy' AND (entity IS NULL OR eventTime IS NULL)) OVER (PARTITION BY account_id, control) AS has_vague_policy
    FROM entities
    WINDOW until_then AS (PARTITION BY account_id, control, home, entity ORDER BY eventTime)
),
-- S3 locations from which logs were loaded, and where CloudTrail was seen to write.
buckets AS (
    SELECT account_id, bucket, min(moment) AS since_time, max(moment) AS last_time
    FROM (
        SELECT account_id, regexp_extract(uri, '^s3://([^/]+)/', 1) AS bucket, coalesce(delivery_time, TIMESTAMPTZ '1970-01-01 00:00:00+00') AS moment
        FROM evidence WHERE uri LIKE 's3://%' AND uri LIKE '%AWSLogs/%'
        UNION ALL
        SELECT account_id, requestParameters->>'$.bucketName', eventTime
        FROM api_calls WHERE eventSource = 's3.amazonaws.com' AND eventName = 'PutObject' AND userIdentity.invokedBy = 'cloudtrail.amazonaws.com'
    ) AS delivered
    GROUP BY account_id, bucket
),
-- Accounts for which the logs show where their record goes; what root wrote does not count.
told_where AS (
    SELECT concat_ws(' ', 'trail bucket', account_id) AS place FROM buckets
    UNION
    SELECT concat_ws(' ', known.control, CASE WHEN isOrganizationTrail THEN 'everywhere' ELSE account_id END) AS place
    FROM trails CROSS JOIN (VALUES ('trail bucket'), ('log group')) AS known(control)
    WHERE s3BucketName <> '' AND NOT (by_root AND eventName IN ('CreateTrail', 'UpdateTrail'))
),
aliases AS (
    SELECT
        account_id, requestParameters->>'$.aliasName' AS alias,
        regexp_extract(requestParameters->>'$.targetKeyId', '[^/]+$', 0) AS key_id
    FROM api_calls
    WHERE eventSource = 'kms.amazonaws.com' AND concat(eventName, '') IN ('CreateAlias', 'UpdateAlias') AND outcome IS DISTINCT FROM 'failure'
),
named_by_trails AS (
    SELECT DISTINCT
        s.eventTime AS since_time, unnest(['trail', 'trail bucket', 'log group', 'metric filter', 'KMS key', 'SNS topic', 'delivery role', 'organization']) AS control,
        unnest([
            concat_ws(' ', s.home, s.account_id, s.trail), s.s3BucketName, log_group, log_group, coalesce(a.key_id, regexp_extract(s.kmsKeyId, '[^/]+$', 0)),
            regexp_extract(coalesce(s.snsTopicARN, s.snsTopicName), '[^:]+$', 0),
            regexp_replace(s.cloudWatchLogsRoleArn, '^arn:[^:]*:iam::([^:]*):role/(?:.*/)?([^/]+)$', '\1 \2'),
            CASE WHEN s.isOrganizationTrail THEN 'cloudtrail.amazonaws.com' END
        ]) AS own_name
    FROM (
        SELECT *, regexp_replace(cloudWatchLogsLogGroupArn, '^arn:[^:]*:logs:([^:]*):([^:]*):log-group:([^:]*).*$', '\1 \2 \3') AS log_group
        FROM trails
    ) AS s LEFT JOIN aliases AS a ON s.account_id = a.account_id AND regexp_extract(s.kmsKeyId, 'alias/.*', 0) = a.alias
),
-- Roles that deliver for the recorder, flow logs and subscriptions of a trail's log group, and their destinations.
delivering AS (
    SELECT DISTINCT unnest(['delivery role', 'delivery stream']) AS control, unnest([
            regexp_replace(
                coalesce(asked->>'$.configurationRecorder.roleARN', asked->>'$.CreateFlowLogsRequest.DeliverLogsPermissionArn', asked->>'$.roleArn'), '^arn:[^:]*:iam::([^:]*):role/(?:.*/)?([^/]+)$', '\1 \2'),
            regexp_replace(asked->>'$.destinationArn', '^arn:[^:]*:(?:firehose|kinesis):[^:]*:([^:]*):[a-z]+/(.+)$', '\1 \2')
        ]) AS own_name
    FROM found
    WHERE eventName IN ('PutConfigurationRecorder', 'CreateFlowLogs') OR (
        eventName = 'PutSubscriptionFilter' AND NOT by_root
        AND concat_ws(' ', awsRegion, account_id, asked->>'$.logGroupName') IN (SELECT own_name FROM named_by_trails WHERE control = 'log group'))
),
own_alarms AS (
    SELECT account_id, asked->>'$.alarmName' AS alarm, asked FROM found
    WHERE eventName = 'PutMetricAlarm' AND (asked->>'$.metricName') IN (
        SELECT asked->>'$.metricTransformations[0].metricName' FROM found
        WHERE eventName = 'PutMetricFilter'
            AND concat_ws(' ', awsRegion, account_id, asked->>'$.logGroupName') IN (SELECT own_name FROM named_by_trails WHERE control = 'log group')
    )
),
own AS (
    SELECT control, own_name, min(coalesce(since_time, TIMESTAMPTZ '1970-01-01 00:00:00+00')) AS since_time
    FROM (
    SELECT control, own_name, since_time FROM named_by_trails WHERE own_name <> ''
    UNION ALL BY NAME
    SELECT 'trail bucket' AS control, bucket AS own_name, since_time FROM buckets
    UNION ALL BY NAME
    SELECT control, own_name FROM delivering WHERE own_name <> ''
    UNION ALL BY NAME
    -- An account with logs below an organization's folder is recorded while it belongs to the organization.
    SELECT 'organization' AS control, unnest([regexp_extract(uri, '(^|/)AWSLogs/o-[a-z0-9]{10,32}/([0-9]{12})/', 2), 'cloudtrail.amazonaws.com']) AS own_name
    FROM evidence WHERE uri LIKE '%AWSLogs/o-%'
    UNION ALL BY NAME
    SELECT 'alarm' AS control, concat_ws(' ', account_id, alarm) AS own_name FROM own_alarms
    UNION ALL BY NAME
    SELECT 'SNS topic' AS control, regexp_extract(told_to.topic, '[^:]+$', 0) AS own_name
    FROM own_alarms CROSS JOIN unnest(TRY_CAST(asked->'$.alarmActions' AS VARCHAR[])) AS told_to(topic)
    ) AS every_one
    GROUP BY control, own_name
)
SELECT
    t.eventTime, t.account_id, t.awsRegion, t.home, t.control, t.entity, t.part,
    -- Setting up a new entity that was not part of the record before does not impair the record.
    CASE WHEN t.entity <> '' AND t.made_time IS NOT NULL AND NOT t.was_touched AND coalesce(o.since_time >= t.made_time, true)
        THEN CASE t.effect WHEN 'rewritten' THEN 'remade' WHEN 'full' THEN 'restored' WHEN 'changed' THEN 'none' WHEN 'narrowed' THEN 'none' ELSE t.effect END
        ELSE t.effect END AS effect,
    -- What distinguishes entities with one name: the log group of a filter, the bus of a rule, the features concerned.
    CASE t.part
        WHEN 'subscription' THEN coalesce(t.asked->>'$.filterName', '')
        WHEN 'filter' THEN coalesce(t.asked->>'$.logGroupName', '')
        WHEN 'targets' THEN coalesce(t.asked->>'$.eventBusName', 'default')
        WHEN 'rule' THEN coalesce(t.asked->>'$.eventBusName', 'default')
        WHEN 'member features' THEN replace(replace(concat(t.asked->>'$.accountIds', t.asked->>'$.features', t.asked->>'$.dataSources'), 'DISABLED', 'ENABLED'), 'false', 'true')
        WHEN 'administrator' THEN coalesce(t.asked->>'$.accountId', '')
        WHEN 'permissions' THEN coalesce(t.asked->>'$.policyName', t.asked->>'$.policyArn', '')
        WHEN 'controls' THEN replace(t.asked, 'DISABLED', 'ENABLED')
        WHEN 'features' THEN replace(replace(concat(t.asked->>'$.features', t.asked->>'$.dataSources'), 'DISABLED', 'ENABLED'), 'false', 'true')
        ELSE ''
    END AS place,
    CASE
        WHEN t.control IN ('event rule', 'log destination', 'query log', 'WAF log', 'Bedrock log') THEN 'maybe'
        WHEN t.control = 'organization' AND t.part = 'organization' THEN 'maybe'
        -- An additional policy may grant or deny.
        WHEN t.control = 'delivery role' AND t.effect IN ('rewritten', 'changed') THEN 'maybe'
        WHEN t.record_file AND NOT t.is_doubted THEN 'certain'
        -- The earlier state is unknown.
        WHEN t.is_doubted AND (o.own_name IS NOT NULL OR t.control NOT IN ('trail bucket', 'log group')) THEN 'maybe'
        -- The record does not show the effect of a call that does not hide anything by itself.
        WHEN t.effect = 'changed' AND t.part IN ('automation rules', 'new accounts', 'publishing', 'members', 'discovery') THEN 'maybe'
        WHEN t.control NOT IN ('trail bucket', 'log group', 'metric filter', 'KMS key', 'alarm', 'SNS topic', 'organization', 'delivery role', 'delivery stream') OR o.own_name IS NOT NULL THEN 'certain'
        WHEN NOT t.seems_ours THEN 'unknown'
        ELSE 'maybe'
    END AS certainty,
    CASE t.outcome WHEN 'failure' THEN 'attempted' ELSE 'succeeded' END AS result,
    t.eventName, t.errorCode, t.actor, t.by_root, t.as_root,
    t.eventID, t.evidence_id, t.record_index
FROM (
    SELECT
        *,
        control = 'trail bucket' AND part = 'files'
            AND coalesce(regexp_matches(asked->>'$.key', '(^|/)AWSLogs/(o-[a-z0-9]+/)?[0-9]{12}/CloudTrail(-Digest)?/'), false) AS record_file,
        -- Most buckets, log groups and topics are unrelated to the record; some may be related, judging by their names.
        CASE control
            WHEN 'trail bucket' THEN coalesce(regexp_matches(lower(entity), 'cloudtrail|(^|[-.])(audit|logs?|trails?)([-.]|$)'), false)
            WHEN 'log group' THEN part IN ('log group', 'log stream') OR coalesce(regexp_matches(lower(entity), 'trail|audit|flow'), false)
            ELSE control NOT IN ('delivery role', 'delivery stream')
        END AS seems_ours
    FROM lived
) AS t
LEFT JOIN own AS o ON t.control = o.control AND o.own_name = CASE t.control
    WHEN 'log group' THEN concat_ws(' ', t.home, t.account_id, t.entity)
    WHEN 'metric filter' THEN concat_ws(' ', t.home, t.account_id, t.asked->>'$.logGroupName')
    WHEN 'trail' THEN concat_ws(' ', t.home, t.account_id, t.entity)
    WHEN 'alarm' THEN concat_ws(' ', t.account_id, t.entity)
    WHEN 'delivery role' THEN concat_ws(' ', t.account_id, t.entity) WHEN 'delivery stream' THEN concat_ws(' ', t.account_id, t.entity)
    WHEN 'SNS topic' THEN regexp_extract(t.entity, '^arn:[^:]*:sns:[^:]*:[^:]*:([^:]+)', 1)
    ELSE t.entity
END
LEFT JOIN (SELECT bucket, min(last_time) AS last_time FROM buckets GROUP BY bucket) AS d ON t.control = 'trail bucket' AND t.entity = d.bucket
-- A policy does not block delivery if all accounts whose logs came to the bucket have later logs, before the next
-- rewrite.
WHERE NOT coalesce(t.eventName = 'PutBucketPolicy' AND d.last_time > t.eventTime AND t.last_policy_time = t.eventTime AND NOT t.has_vague_policy, false)
-- If the logs do not show the bucket and log group of the account's record, any of them may be it, and so may unnamed
-- ones.
AND (o.own_name IS NOT NULL OR t.record_file OR t.seems_ours OR coalesce(t.entity, '') = '' OR (
    t.control IN ('trail bucket', 'log group') AND (t.eventName NOT IN ('CopyObject', 'DeleteObject') OR (t.asked->>'$.key') IS NULL)
    -- Services log to groups with such names; trails do not.
    AND (t.control <> 'log group' OR NOT regexp_matches(t.entity, '^(/aws/|/aws-glue/|/ecs/|API-Gateway-Execution-Logs|RDSOSMetrics)'))
    AND concat_ws(' ', t.control, t.account_id) NOT IN (SELECT place FROM told_where)
    AND concat(t.control, ' everywhere') NOT IN (SELECT place FROM told_where)
)
)
