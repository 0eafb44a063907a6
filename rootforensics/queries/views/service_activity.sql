/*
title    = "Changes and secret reads of AWS services as root, and who requested them"
question = "Which changes attributed to root did a service make, and had root called that service before?"
attack   = ["T1078.004"]
source   = "AWS CloudTrail User Guide, userIdentity element (invokedBy); AWS Systems Manager User Guide, automations run in the context of who started them; AWS CloudFormation User Guide, stacks without a service role; AWS Knowledge Center, services that act as root because root made their resources; AWS IAM User Guide, forward access sessions"
misses   = "Calls before the first log, more than 36 hours before the action, in another Region, or of a service with a different name in the call than in the action. Whether a call to a service requested this particular action. Calls whose success is not recorded."
uses     = ["root_events", "noise_like_people"]
*/
WITH calls AS (
    SELECT
        evidence_id, record_index, eventID, eventTime, account_id, awsRegion, eventSource, eventName, origin_group, origin,
        CASE WHEN origin_group = 'noise' THEN coalesce(nullif(userIdentity.invokedBy, ''), sourceIPAddress) END AS service,
        -- Services in front of CloudFormation may have requested a stack.
        replace(replace(
            split_part(lower(CASE
                WHEN origin_group = 'activity' THEN eventSource ELSE coalesce(nullif(userIdentity.invokedBy, ''), sourceIPAddress)
            END), '.', 1),
            'cloudcontrolapi', 'cloudformation'), 'servicecatalog', 'cloudformation') AS ordered_of,
        EXISTS (
            SELECT 1 FROM noise_like_people AS p WHERE p.evidence_id = r.evidence_id AND p.record_index = r.record_index
        ) AS like_a_person,
        CASE WHEN origin_group = 'activity' AND CASE eventSource
            WHEN 'cloudformation.amazonaws.com' THEN eventName IN (
                'CreateStack', 'UpdateStack', 'DeleteStack', 'ExecuteChangeSet', 'RollbackStack', 'CancelUpdateStack',
                'ContinueUpdateRollback'
            )
            -- A value that comes from a service, or that only names it, starts nothing.
            ELSE eventSource = 'cloudcontrolapi.amazonaws.com' OR NOT regexp_matches(eventName, '^(Delete|Deregister|Remove)|Tag')
        END THEN eventTime END AS order_time
    FROM root_events AS r
    WHERE outcome = 'success' AND (
        is_write IS DISTINCT FROM false
        -- A service that reads a secret reads it for someone.
        OR (origin_group = 'noise' AND (eventSource, eventName) IN (
            SELECT (call_source, call_name) FROM actions WHERE severity IN ('critical', 'high', 'medium')
        ))
    )
),
-- Actions that these services take as root on their own: scale, register, copy, refresh.
own_acts AS (
    SELECT * FROM (VALUES
        ('autoscaling', 'ec2', '(Run|Start|Stop|Terminate)Instances|CreateFleet|ModifySpotFleetRequest'),
        ('autoscaling', 'elasticloadbalancing', '(Register|Deregister)(Targets|Instances.*)'),
        ('autoscaling', 'monitoring', 'PutMetricAlarm|DeleteAlarms'),
        ('autoscaling', 'ecs', 'UpdateService'),
        ('autoscaling', 'dynamodb', 'UpdateTable'),
        ('autoscaling', 'rds', '(Create|Delete)DBInstance|AddTagsToResource'),
        ('autoscaling', 'elasticmapreduce', 'ModifyInstanceGroups'),
        ('autoscaling', 'sagemaker', 'UpdateEndpointWeightsAndCapacities|UpdateInferenceComponentRuntimeConfig'),
        ('autoscaling', 'appstream', 'UpdateFleet'),
        ('autoscaling', 'lambda', '(Put|Delete)ProvisionedConcurrencyConfig'),
        ('autoscaling', 'elasticache', '(Increase|Decrease)ReplicaCount|ModifyReplicationGroupShardConfiguration'),
        ('autoscaling', 'kafka', 'UpdateBrokerStorage'),
        ('backup', 'backup', 'Start(Backup|Copy)Job|DeleteRecoveryPoint'),
        ('backup', 'ec2', '(Create|Copy|Delete)Snapshots?|(Create|Copy|Deregister)Image|DeleteTags'),
        ('backup', 'events', '(Put|Delete|Disable|Enable)Rule|(Put|Remove)Targets'),
        ('backup', 'rds', '(Create|Copy|Delete)DB(Cluster)?Snapshot|AddTagsToResource'),
        ('backup', 'dynamodb', '(Create|Delete)Backup|StartAwsBackupJob'),
        ('backup', 'elasticfilesystem', '(Create|Delete)Backup.*|Backup'),
        ('backup', 'fsx', '(Create|Copy|Delete)Backup'),
        ('config', 'config', 'PutEvaluations|PutExternalEvaluation'),
        ('elasticloadbalancing', 'ec2', 'ModifyNetworkInterfaceAttribute|(Associate|Disassociate|Allocate|Release)Address|(Assign|Unassign)PrivateIpAddresses|CreateSecurityGroup'),
        ('support', 'support', 'RefreshTrustedAdvisorCheck'),
        ('trustedadvisor', 'support', 'RefreshTrustedAdvisorCheck')
    ) AS listed(service, source, names)
),
ordered AS (
    SELECT
        *,
        -- These services act as root on their own, because root created what they maintain; someone requested anything
        -- else in their name. Encrypting, connecting and labeling root's resources proves no request, unless the
        -- service acts only on request.
        coalesce(CASE
            -- AWS names its own events in the past tense, with these exceptions.
            WHEN origin = 'service_event' THEN eventName IN ('BidEvictedEvent', 'BidFulfilledEvent', 'DeleteKey', 'RotateKey', 'SynchronizeMultiRegionKey')
                OR (eventName ILIKE '%ed' AND eventSource NOT IN (
                    'account.amazonaws.com', 'billingconsole.amazonaws.com', 'iam.amazonaws.com', 'organizations.amazonaws.com'
                ))
            WHEN ordered_of IN ('cloudformation', 'ssm') THEN false
            WHEN eventName IN (
                'CreateGrant', 'CreateNetworkInterface', 'CreateServiceLinkedRole', 'CreateTags', 'DeleteNetworkInterface', 'RetireGrant'
            ) THEN true
            ELSE EXISTS (
                SELECT 1 FROM own_acts AS o
                WHERE o.service = replace(c.ordered_of, 'application-', '') AND concat(o.source, '.amazonaws.com') = c.eventSource
                    AND regexp_full_match(c.eventName, o.names)
            )
        END, false) AS acts_of_itself,
        -- No one acts as root for longer than root's credentials last; those of STS last less than 36 hours. Services
        -- act in the Region of the request, also on global services.
        CASE WHEN eventSource IN ('iam.amazonaws.com', 'organizations.amazonaws.com')
            THEN max(order_time) OVER (PARTITION BY account_id, ordered_of ORDER BY eventTime)
            ELSE max(order_time) OVER (PARTITION BY account_id, ordered_of, awsRegion ORDER BY eventTime)
        END >= eventTime - INTERVAL 36 HOUR AS is_ordered
    FROM calls AS c
)
SELECT
    evidence_id, record_index, eventID, eventTime, account_id, awsRegion, eventSource, eventName, origin, service,
    CASE
        WHEN like_a_person THEN 'person'
        WHEN is_ordered THEN 'ordered'
        WHEN NOT acts_of_itself THEN 'foreign'
        ELSE 'unknown'
    END AS hand,
    like_a_person OR NOT acts_of_itself AS does_anything
FROM ordered
WHERE origin_group = 'noise'
