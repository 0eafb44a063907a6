/*
title    = "Changes of what watches the account"
question = "Which calls stopped, narrowed, removed, changed or restored what watches the account, thing by thing?"
attack   = ["T1562.008", "T1562.001", "T1485"]
source   = "AWS CloudTrail, Config, GuardDuty, Security Hub, KMS, CloudWatch, CloudWatch Logs, EventBridge, SNS and S3 API references; the calls that tamper are those of the catalogue of actions with a watcher"
misses   = "Which bucket, key, log group and topic belong to the record is known only from CreateTrail, UpdateTrail, DescribeTrails and GetTrail in the case; which alarm, only from the metric filter and the alarm as they were written in it. The content of policies, lifecycles, patterns and limits is not judged."
uses     = ["api_calls", "root_activity"]
*/
WITH calls (eventSource, eventName, watcher, tampering, part) AS (
    SELECT call_source, call_name, watcher, tampering, part FROM actions WHERE watcher IS NOT NULL
    UNION ALL
    VALUES
        ('cloudtrail.amazonaws.com', 'StartLogging', 'trail', 'restored', 'recording'),
        ('cloudtrail.amazonaws.com', 'CreateTrail', 'trail', 'restored', 'selectors'),
        ('cloudtrail.amazonaws.com', 'StartEventDataStoreIngestion', 'event data store', 'restored', 'recording'),
        ('cloudtrail.amazonaws.com', 'RestoreEventDataStore', 'event data store', 'restored', 'store'),
        ('cloudtrail.amazonaws.com', 'RegisterOrganizationDelegatedAdmin', 'CloudTrail administrator', 'restored', 'administrator'),
        -- A key whose deletion was cancelled stays disabled, so CancelKeyDeletion restores nothing.
        ('kms.amazonaws.com', 'EnableKey', 'KMS key', 'restored', 'key'),
        ('config.amazonaws.com', 'StartConfigurationRecorder', 'Config', 'restored', 'recorder'),
        ('config.amazonaws.com', 'PutConfigRule', 'Config', 'restored', 'rule'),
        ('guardduty.amazonaws.com', 'CreateDetector', 'GuardDuty', 'restored', 'detector'),
        ('guardduty.amazonaws.com', 'CreatePublishingDestination', 'GuardDuty', 'restored', 'export'),
        ('guardduty.amazonaws.com', 'AcceptAdministratorInvitation', 'GuardDuty', 'restored', 'administrator'),
        ('guardduty.amazonaws.com', 'AcceptInvitation', 'GuardDuty', 'restored', 'administrator'),
        ('guardduty.amazonaws.com', 'StartMonitoringMembers', 'GuardDuty', 'restored', 'members'),
        ('securityhub.amazonaws.com', 'EnableSecurityHub', 'Security Hub', 'restored', 'hub'),
        ('securityhub.amazonaws.com', 'AcceptAdministratorInvitation', 'Security Hub', 'restored', 'administrator'),
        ('securityhub.amazonaws.com', 'AcceptInvitation', 'Security Hub', 'restored', 'administrator'),
        ('monitoring.amazonaws.com', 'EnableAlarmActions', 'alarm', 'restored', 'actions'),
        ('events.amazonaws.com', 'EnableRule', 'event rule', 'restored', 'rule'),
        ('events.amazonaws.com', 'PutTargets', 'event rule', 'restored', 'targets'),
        ('access-analyzer.amazonaws.com', 'CreateAnalyzer', 'access analyzer', 'restored', 'analyzer'),
        ('inspector2.amazonaws.com', 'Enable', 'Inspector', 'restored', 'scans'),
        ('detective.amazonaws.com', 'CreateGraph', 'Detective', 'restored', 'graph'),
        ('securitylake.amazonaws.com', 'CreateDataLake', 'Security Lake', 'restored', 'lake'),
        ('securitylake.amazonaws.com', 'CreateAwsLogSource', 'Security Lake', 'restored', 'sources'),
        ('securityhub.amazonaws.com', 'EnableSecurityHubV2', 'Security Hub', 'restored', 'hub V2'),
        ('securityhub.amazonaws.com', 'EnableImportFindingsForProduct', 'Security Hub', 'restored', 'imports'),
        ('config.amazonaws.com', 'PutRemediationConfigurations', 'Config', 'restored', 'remediation'),
        ('route53resolver.amazonaws.com', 'AssociateResolverQueryLogConfig', 'query log', 'restored', 'association'),
        ('wafv2.amazonaws.com', 'PutLoggingConfiguration', 'WAF log', 'restored', 'log'),
        ('macie2.amazonaws.com', 'EnableMacie', 'Macie', 'restored', 'scans')
),
found AS (
    SELECT
        e.eventTime, coalesce(e.recipientAccountId, e.userIdentity.accountId) AS account_id, e.awsRegion, e.eventName,
        e.errorCode, e.errorMessage, coalesce(nullif(e.userIdentity.arn, ''), e.userIdentity.invokedBy) AS actor, p.evidence_id IS NOT NULL AS by_root, e.eventID, e.evidence_id, e.record_index,
        e.requestParameters AS asked, e.responseElements AS answered, c.watcher, c.tampering, c.part,
        CASE
            WHEN c.watcher = 'KMS key' THEN coalesce(
                nullif(regexp_extract(e.resources[1].ARN, '^arn:[^:]*:kms:[^:]*:[^:]*:key/.*', 0), ''), e.requestParameters->>'$.keyId')
        END AS key_name
    FROM api_calls AS e
    JOIN calls AS c ON e.eventSource = c.eventSource AND e.eventName = c.eventName
    LEFT JOIN (SELECT evidence_id, record_index FROM root_activity) AS p ON e.evidence_id = p.evidence_id AND e.record_index = p.record_index
    -- Scaling rewrites alarms of its own all day.
    WHERE c.watcher <> 'alarm' OR coalesce(e.userIdentity.invokedBy, '') NOT LIKE '%autoscaling.amazonaws.com'
),
-- Whether selectors keep reads and writes of all management events, selector by selector.
selectors AS (
    SELECT
        evidence_id, record_index,
        bool_or(CASE
            WHEN (one->>'$.fieldSelectors') IS NULL THEN of_all AND (one->>'$.readWriteType') IS DISTINCT FROM 'WriteOnly'
            ELSE of_advanced AND (fields = 1 OR (one->>'$.fieldSelectors') LIKE '%["true"]%')
        END) AS keeps_reads,
        bool_or(CASE
            WHEN (one->>'$.fieldSelectors') IS NULL THEN of_all AND (one->>'$.readWriteType') IS DISTINCT FROM 'ReadOnly'
            ELSE of_advanced AND (fields = 1 OR (one->>'$.fieldSelectors') LIKE '%["false"]%')
        END) AS keeps_writes
    FROM (
        SELECT
            evidence_id, record_index, one, json_array_length(one->'$.fieldSelectors') AS fields,
            coalesce(one->>'$.includeManagementEvents', 'true') = 'true'
                AND coalesce(one->>'$.excludeManagementEventSources', '[]') = '[]' AS of_all,
            coalesce((one->>'$.fieldSelectors') LIKE '%"equals":["Management"]%'
                AND (json_array_length(one->'$.fieldSelectors') = 1
                    OR (json_array_length(one->'$.fieldSelectors') = 2 AND (one->>'$.fieldSelectors') LIKE '%"field":"readOnly"%')), false) AS of_advanced
        FROM (
            SELECT evidence_id, record_index, unnest(list_concat(
                coalesce(TRY_CAST(asked->'$.eventSelectors' AS JSON[]), []),
                coalesce(TRY_CAST(asked->'$.advancedEventSelectors' AS JSON[]), []))) AS one
            FROM found WHERE eventName IN ('PutEventSelectors', 'UpdateEventDataStore')
        ) AS listed
    ) AS each_one
    GROUP BY evidence_id, record_index
),
-- What the call makes of each part: effect and part, one by one. rewritten: replaced by what cannot be judged; full: all of it.
told AS (
    SELECT
        f.*,
        coalesce(nullif(CASE f.eventName
            WHEN 'UpdateTrail' THEN concat_ws('|',
                CASE f.asked->>'$.isMultiRegionTrail' WHEN 'false' THEN 'narrowed:Regions' WHEN 'true' THEN 'restored:Regions' END,
                CASE WHEN (f.asked->>'$.includeGlobalServiceEvents') = 'false' THEN 'narrowed:global events'
                    WHEN 'true' IN (f.asked->>'$.includeGlobalServiceEvents', f.asked->>'$.isMultiRegionTrail') THEN 'restored:global events' END,
                CASE f.asked->>'$.isOrganizationTrail' WHEN 'false' THEN 'narrowed:organization' WHEN 'true' THEN 'restored:organization' END,
                CASE f.asked->>'$.enableLogFileValidation' WHEN 'false' THEN 'narrowed:digests' WHEN 'true' THEN 'restored:digests' END,
                CASE WHEN concat(f.asked->>'$.s3BucketName', f.asked->>'$.s3KeyPrefix') <> '' THEN 'changed:bucket' END,
                CASE WHEN concat(f.asked->>'$.snsTopicName',
                    f.asked->>'$.cloudWatchLogsLogGroupArn', f.asked->>'$.cloudWatchLogsRoleArn', f.asked->>'$.kmsKeyId') <> '' THEN 'changed:settings' END)
            WHEN 'CreateTrail' THEN concat_ws('|', 'restored:selectors',
                CASE WHEN (f.asked->>'$.isMultiRegionTrail') = 'true' THEN 'restored:Regions' END,
                CASE WHEN coalesce(f.asked->>'$.includeGlobalServiceEvents', 'true') = 'true' THEN 'restored:global events' END,
                CASE WHEN (f.asked->>'$.isOrganizationTrail') = 'true' THEN 'restored:organization' END,
                CASE WHEN (f.asked->>'$.enableLogFileValidation') = 'true' THEN 'restored:digests' END)
            WHEN 'PutEventSelectors' THEN CASE WHEN s.keeps_reads AND s.keeps_writes THEN 'full:selectors' WHEN s.evidence_id IS NOT NULL THEN 'narrowed:selectors' END
            WHEN 'UpdateEventDataStore' THEN concat_ws('|',
                CASE f.asked->>'$.multiRegionEnabled' WHEN 'false' THEN 'narrowed:Regions' WHEN 'true' THEN 'restored:Regions' END,
                CASE f.asked->>'$.organizationEnabled' WHEN 'false' THEN 'narrowed:organization' WHEN 'true' THEN 'restored:organization' END,
                CASE WHEN s.keeps_reads AND s.keeps_writes THEN 'full:selectors' WHEN s.evidence_id IS NOT NULL THEN 'narrowed:selectors' END,
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
                CASE WHEN (f.asked->>'$.findingPublishingFrequency') <> '' THEN 'changed:frequency' END)
            WHEN 'UpdateMemberDetectors' THEN CASE
                WHEN (f.asked->>'$.features') LIKE '%"DISABLED"%' OR (f.asked->>'$.dataSources') LIKE '%false%' THEN 'narrowed:member features'
                WHEN (f.asked->>'$.features') LIKE '%"ENABLED"%' OR (f.asked->>'$.dataSources') LIKE '%true%' THEN 'restored:member features' END
            -- Off for all, on for all, or some of it off, of which nobody knows whether it was on before.
            WHEN 'UpdateOrganizationConfiguration' THEN CASE
                WHEN regexp_matches(lower(f.asked), ':\s*"?(false|none)\b') AND NOT regexp_matches(lower(f.asked), ':\s*"?(true|all|new)\b') THEN 'narrowed:new accounts'
                WHEN NOT regexp_matches(lower(f.asked), ':\s*"?(false|none)\b') THEN 'restored:new accounts' END
            WHEN 'BatchUpdateStandardsControlAssociations' THEN CASE
                WHEN CAST(f.asked AS VARCHAR) LIKE '%"DISABLED"%' THEN 'stopped:controls' ELSE 'restored:controls' END
            WHEN 'BatchUpdateFindings' THEN CASE WHEN NOT regexp_matches(CAST(f.asked AS VARCHAR), '"(SUPPRESSED|RESOLVED|FALSE_POSITIVE|BENIGN_POSITIVE)"') THEN 'none:findings' END
            WHEN 'BatchUpdateFindingsV2' THEN CASE WHEN coalesce(f.asked->>'$.statusId', f.asked->>'$.StatusId', '') NOT IN ('3', '4', '5') THEN 'none:findings' END
            WHEN 'UpdateFindings' THEN CASE WHEN 'ARCHIVED' NOT IN (coalesce(f.asked->>'$.status', ''), coalesce(f.asked->>'$.recordState', f.asked->>'$.RecordState', '')) THEN 'none:findings' END
            WHEN 'CreateAutomationRule' THEN CASE WHEN regexp_matches(CAST(f.asked AS VARCHAR), '"(SUPPRESSED|RESOLVED|FALSE_POSITIVE|BENIGN_POSITIVE)"') THEN 'narrowed:automation rules' END
            WHEN 'CreateAutomationRuleV2' THEN CASE WHEN regexp_matches(lower(f.asked), '"statusid":\s*[345]\b') THEN 'narrowed:automation rules' END
            WHEN 'CreateFilter' THEN CASE WHEN (f.asked->>'$.action') IN ('NOOP', 'NONE') THEN 'none:filters' END
            WHEN 'UpdateFilter' THEN CASE WHEN (f.asked->>'$.action') IN ('NOOP', 'NONE') THEN 'none:filters' END
            WHEN 'CreateFindingsFilter' THEN CASE WHEN (f.asked->>'$.action') = 'NOOP' THEN 'none:filters' END
            WHEN 'UpdateFindingsFilter' THEN CASE WHEN (f.asked->>'$.action') = 'NOOP' THEN 'none:filters' END
            WHEN 'UpdateMacieSession' THEN CASE f.asked->>'$.status' WHEN 'PAUSED' THEN 'stopped:scans' WHEN 'ENABLED' THEN 'restored:scans' ELSE 'changed:publishing' END
            WHEN 'UpdateMemberSession' THEN CASE f.asked->>'$.status' WHEN 'PAUSED' THEN 'stopped:members' WHEN 'ENABLED' THEN 'restored:members' END
            WHEN 'UpdateAutomatedDiscoveryConfiguration' THEN CASE f.asked->>'$.status' WHEN 'DISABLED' THEN 'stopped:discovery' WHEN 'ENABLED' THEN 'restored:discovery' END
            WHEN 'SetTopicAttributes' THEN CASE WHEN coalesce(f.asked->>'$.attributeName', '') NOT IN ('Policy', 'DeliveryPolicy') THEN 'none:settings' END
            WHEN 'SetSubscriptionAttributes' THEN CASE WHEN coalesce(f.asked->>'$.attributeName', '') NOT LIKE 'FilterPolicy%' THEN 'none:subscription' END
            WHEN 'DeleteAccountPolicy' THEN CASE WHEN (f.asked->>'$.policyType') <> 'SUBSCRIPTION_FILTER_POLICY' THEN 'none:account policy' END
            WHEN 'PutSubscriptionFilter' THEN 'rewritten:subscription'
            WHEN 'PutTargets' THEN CASE WHEN f.by_root THEN 'rewritten:targets' END
            WHEN 'CreateDetector' THEN CASE WHEN (f.asked->>'$.enable') = 'false' THEN 'none:detector' END
            WHEN 'PutDeliveryChannel' THEN 'rewritten:delivery channel'
            WHEN 'PutMetricFilter' THEN 'rewritten:filter'
            WHEN 'PutMetricAlarm' THEN CASE WHEN (f.asked->>'$.actionsEnabled') = 'false' THEN 'stopped:actions'
                WHEN f.by_root THEN 'rewritten:alarm' ELSE 'rewritten:alarm|restored:actions' END
            WHEN 'PutRule' THEN CASE WHEN (f.asked->>'$.state') = 'DISABLED' THEN 'stopped:rule' ELSE 'rewritten:rule' END
            WHEN 'UpdateStandardsControl' THEN CASE coalesce(f.asked->>'$.controlStatus', f.asked->>'$.ControlStatus')
                WHEN 'DISABLED' THEN 'stopped:control' WHEN 'ENABLED' THEN 'restored:control' END
            WHEN 'PutBucketVersioning' THEN concat_ws('|',
                CASE f.asked->>'$.VersioningConfiguration.Status' WHEN 'Suspended' THEN 'stopped:versioning' WHEN 'Enabled' THEN 'restored:versioning' END,
                CASE f.asked->>'$.VersioningConfiguration.MfaDelete' WHEN 'Disabled' THEN 'narrowed:MFA delete' WHEN 'Enabled' THEN 'restored:MFA delete' END)
        END, ''), concat(f.tampering, ':', f.part)) AS marks,
        TRY_CAST(CASE
            WHEN f.eventName IN ('DeleteAlarms', 'DisableAlarmActions', 'EnableAlarmActions') THEN f.asked->'$.alarmNames'
            WHEN f.eventName = 'DeleteFlowLogs' THEN f.asked->'$.DeleteFlowLogsRequest.FlowLogId'
            WHEN f.part IN ('members', 'membership') THEN coalesce(f.asked->'$.accountIds', f.asked->'$.AccountIds')
        END AS JSON[]) AS listed,
        CASE f.watcher
            WHEN 'trail' THEN coalesce(f.asked->>'$.name', f.asked->>'$.trailName')
            WHEN 'event data store' THEN f.asked->>'$.eventDataStore'
            WHEN 'CloudTrail administrator' THEN coalesce(f.asked->>'$.delegatedAdminAccountId', f.asked->>'$.memberAccountId')
            WHEN 'trail bucket' THEN f.asked->>'$.bucketName'
            WHEN 'KMS key' THEN f.key_name
            WHEN 'Config' THEN coalesce(
                f.asked->>'$.configurationRecorderName', f.asked->>'$.configurationRecorder.name', f.asked->>'$.deliveryChannelName',
                f.asked->>'$.deliveryChannel.name', f.asked->>'$.configRuleName', f.asked->>'$.configRule.configRuleName')
            WHEN 'GuardDuty' THEN f.asked->>'$.detectorId'
            WHEN 'Security Hub' THEN coalesce(
                f.asked->>'$.standardsControlArn', f.asked->>'$.StandardsControlArn', f.asked->>'$.ruleName', f.asked->>'$.RuleName',
                f.asked->>'$.productSubscriptionArn', f.asked->>'$.ProductSubscriptionArn')
            WHEN 'Macie' THEN coalesce(f.asked->>'$.id', f.asked->>'$.name')
            WHEN 'Inspector' THEN coalesce(f.asked->>'$.filterArn', f.asked->>'$.name')
            WHEN 'Detective' THEN f.asked->>'$.graphArn'
            WHEN 'CloudTrail channel' THEN f.asked->>'$.channel'
            WHEN 'log destination' THEN coalesce(f.asked->>'$.destinationName', f.asked->>'$.policyName')
            WHEN 'query log' THEN coalesce(f.asked->>'$.resourceId', f.asked->>'$.resolverQueryLogConfigId')
            WHEN 'WAF log' THEN coalesce(f.asked->>'$.resourceArn', f.asked->>'$.loggingConfiguration.resourceArn')
            WHEN 'log group' THEN f.asked->>'$.logGroupName'
            WHEN 'metric filter' THEN f.asked->>'$.filterName'
            WHEN 'alarm' THEN f.asked->>'$.alarmName'
            WHEN 'flow log' THEN f.asked->>'$.DeleteFlowLogsRequest.FlowLogId.content'
            WHEN 'SNS topic' THEN coalesce(f.asked->>'$.topicArn', f.asked->>'$.subscriptionArn')
            WHEN 'event rule' THEN coalesce(f.asked->>'$.name', f.asked->>'$.rule')
            WHEN 'access analyzer' THEN f.asked->>'$.analyzerName'
        END AS named
    FROM found AS f LEFT JOIN selectors AS s ON f.evidence_id = s.evidence_id AND f.record_index = s.record_index
),
things AS (
    SELECT
        *,
        regexp_replace(name, '^arn:[^:]*:(cloudtrail:[^:]*:[^:]*:(trail|eventdatastore)/|kms:[^:]*:[^:]*:key/)', '') AS thing,
        -- What watches in one Region is another thing in the next; an ARN says which, and a bucket has none.
        CASE WHEN watcher <> 'trail bucket' THEN coalesce(nullif(regexp_extract(name, '^arn:[^:]*:[^:]*:([^:]+):', 1), ''), awsRegion) ELSE '' END AS home
    FROM (
        SELECT
            t.eventTime, t.account_id, t.awsRegion, t.eventName, t.errorCode, t.errorMessage, t.actor, t.by_root, t.eventID, t.evidence_id, t.record_index,
            t.asked, t.watcher, split_part(marked.mark, ':', 1) AS effect, split_part(marked.mark, ':', 2) AS part,
            coalesce(listed.one->>'$.content', listed.one->>'$', t.named) AS name
        FROM told AS t
        CROSS JOIN unnest(string_split(t.marks, '|')) AS marked(mark)
        CROSS JOIN unnest(CASE WHEN len(t.listed) > 0 THEN list_distinct(t.listed) ELSE [NULL] END) AS listed(one)
    ) AS each_one
),
-- Settings of trails, as they were asked for and as they were answered.
settings AS (
    SELECT requestParameters AS trail, recipientAccountId AS account_id FROM api_calls
    WHERE eventSource = 'cloudtrail.amazonaws.com' AND concat(eventName, '') IN ('CreateTrail', 'UpdateTrail') AND coalesce(errorCode, '') = '' AND coalesce(errorMessage, '') = ''
    UNION ALL
    SELECT coalesce(responseElements->'$.trail', responseElements) AS trail, recipientAccountId AS account_id FROM api_calls
    WHERE eventSource = 'cloudtrail.amazonaws.com' AND concat(eventName, '') IN ('CreateTrail', 'UpdateTrail', 'GetTrail') AND coalesce(errorCode, '') = '' AND coalesce(errorMessage, '') = ''
    UNION ALL
    SELECT unnest(TRY_CAST(responseElements->'$.trailList' AS JSON[])) AS trail, recipientAccountId AS account_id FROM api_calls
    WHERE eventSource = 'cloudtrail.amazonaws.com' AND eventName = 'DescribeTrails' AND coalesce(errorCode, '') = '' AND coalesce(errorMessage, '') = ''
),
aliases AS (
    SELECT
        recipientAccountId AS account_id, requestParameters->>'$.aliasName' AS alias,
        regexp_extract(requestParameters->>'$.targetKeyId', '[^/]+$', 0) AS key_id
    FROM api_calls
    WHERE eventSource = 'kms.amazonaws.com' AND concat(eventName, '') IN ('CreateAlias', 'UpdateAlias') AND coalesce(errorCode, '') = '' AND coalesce(errorMessage, '') = ''
),
named_by_trails AS (
    SELECT 'trail bucket' AS watcher, trail->>'$.s3BucketName' AS own_name FROM settings
    UNION
    SELECT 'log group' AS watcher, regexp_replace(trail->>'$.cloudWatchLogsLogGroupArn', '^arn:[^:]*:logs:([^:]*):([^:]*):log-group:([^:]*).*$', '\1 \2 \3') AS own_name
    FROM settings
    UNION
    SELECT 'KMS key' AS watcher, coalesce(a.key_id, regexp_extract(s.trail->>'$.kmsKeyId', '[^/]+$', 0)) AS own_name
    FROM settings AS s LEFT JOIN aliases AS a ON s.account_id = a.account_id AND regexp_extract(s.trail->>'$.kmsKeyId', 'alias/.*', 0) = a.alias
    UNION
    SELECT 'SNS topic' AS watcher, regexp_extract(coalesce(trail->>'$.snsTopicARN', trail->>'$.snsTopicName'), '[^:]+$', 0) AS own_name FROM settings
),
own_alarms AS (
    SELECT account_id, asked->>'$.alarmName' AS alarm, asked FROM found
    WHERE eventName = 'PutMetricAlarm' AND (asked->>'$.metricName') IN (
        SELECT asked->>'$.metricTransformations[0].metricName' FROM found
        WHERE eventName = 'PutMetricFilter'
            AND concat_ws(' ', awsRegion, account_id, asked->>'$.logGroupName') IN (SELECT own_name FROM named_by_trails WHERE watcher = 'log group')
    )
),
own AS (
    SELECT watcher, own_name FROM named_by_trails WHERE own_name <> ''
    UNION
    SELECT 'metric filter' AS watcher, own_name FROM named_by_trails WHERE watcher = 'log group' AND own_name <> ''
    UNION
    SELECT 'alarm' AS watcher, concat_ws(' ', account_id, alarm) AS own_name FROM own_alarms
    UNION
    SELECT 'SNS topic' AS watcher, regexp_extract(told_to.topic, '[^:]+$', 0) AS own_name
    FROM own_alarms CROSS JOIN unnest(TRY_CAST(asked->'$.alarmActions' AS VARCHAR[])) AS told_to(topic)
)
SELECT
    t.eventTime, t.account_id, t.awsRegion, t.home, t.watcher, t.thing, t.part, t.effect,
    -- What tells two things of one name apart: the log group of a filter, the bus of a rule, the features that are meant.
    CASE t.part
        WHEN 'subscription' THEN coalesce(t.asked->>'$.filterName', '')
        WHEN 'filter' THEN coalesce(t.asked->>'$.logGroupName', '')
        WHEN 'targets' THEN coalesce(t.asked->>'$.eventBusName', 'default')
        WHEN 'rule' THEN coalesce(t.asked->>'$.eventBusName', 'default')
        WHEN 'member features' THEN replace(replace(concat(t.asked->>'$.accountIds', t.asked->>'$.features', t.asked->>'$.dataSources'), 'DISABLED', 'ENABLED'), 'false', 'true')
        WHEN 'controls' THEN replace(t.asked, 'DISABLED', 'ENABLED')
        WHEN 'features' THEN replace(replace(concat(t.asked->>'$.features', t.asked->>'$.dataSources'), 'DISABLED', 'ENABLED'), 'false', 'true')
        ELSE ''
    END AS place,
    CASE
        WHEN t.watcher IN ('event rule', 'log destination', 'query log', 'WAF log') THEN 'maybe'
        -- What a call that does not hide by itself makes of them, the record does not say.
        WHEN t.effect = 'changed' AND t.part IN ('automation rules', 'new accounts', 'publishing', 'members', 'discovery') THEN 'maybe'
        WHEN t.watcher NOT IN ('trail bucket', 'log group', 'metric filter', 'KMS key', 'alarm', 'SNS topic') OR o.own_name IS NOT NULL THEN 'certain'
        ELSE 'maybe'
    END AS certainty,
    CASE WHEN t.errorCode <> '' OR t.errorMessage <> '' THEN 'attempted' ELSE 'done' END AS deed,
    t.eventName, t.errorCode, t.actor, t.by_root, t.eventID, t.evidence_id, t.record_index
FROM things AS t
LEFT JOIN own AS o ON t.watcher = o.watcher AND o.own_name = CASE t.watcher
    WHEN 'log group' THEN concat_ws(' ', t.home, t.account_id, t.thing)
    WHEN 'metric filter' THEN concat_ws(' ', t.home, t.account_id, t.asked->>'$.logGroupName')
    WHEN 'alarm' THEN concat_ws(' ', t.account_id, t.thing)
    WHEN 'SNS topic' THEN regexp_extract(t.thing, '^arn:[^:]*:sns:[^:]*:[^:]*:([^:]+)', 1)
    ELSE t.thing
END
-- Most buckets, log groups and topics have nothing to do with the record: by their names, some may.
WHERE o.own_name IS NOT NULL OR CASE t.watcher
    WHEN 'trail bucket' THEN coalesce(regexp_matches(lower(t.thing), 'cloudtrail|(^|[-.])(audit|logs?|trails?)([-.]|$)'), false)
    WHEN 'log group' THEN t.part IN ('log group', 'log stream') OR coalesce(regexp_matches(lower(t.thing), 'trail|audit|flow'), false)
    ELSE true
END
