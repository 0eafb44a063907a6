/*
question = "Which calls of root or its descendants told a service what to do with a role?"
misses   = "Services that run configurations from before the first log."
uses     = ["descendant_events"]
columns  = "account_id eventTime awsRegion eventSource eventName eventID evidence_id record_index function roles"
never_null = "evidence_id record_index"
[notes]
account_id = "VARCHAR; where it was recorded"
function   = "VARCHAR; the Lambda function that the call invoked"
roles      = "VARCHAR[]; names of the roles in the request; NULL where the service acts with any role on request"
*/
-- Services that do with a role what their customer configured, without calls that only end or label something. For
-- Systems Manager and Lambda, only the calls named here count.
WITH running AS (
    SELECT unnest([
        'airflow', 'apprunner', 'cloudformation', 'codebuild', 'codepipeline', 'datapipeline', 'elasticbeanstalk',
        'elasticmapreduce', 'emr-serverless', 'events', 'glue', 'imagebuilder', 'iot', 'kinesisanalytics', 'pipes',
        'sagemaker', 'scheduler', 'states'
    ]) AS service
)
SELECT account_id, eventTime, awsRegion, eventSource, eventName, eventID, evidence_id, record_index,
    CASE WHEN eventSource = 'lambda.amazonaws.com'
        THEN regexp_extract(requestParameters->>'$.functionName', '^(.*function:)?([A-Za-z0-9_-]+)', 2)
    END AS function,
    -- Any other service uses only the role that it was given.
    CASE WHEN replace(eventSource, '.amazonaws.com', '') NOT IN (SELECT service FROM running)
        THEN roles END AS roles
FROM (
    SELECT account_id, eventTime, awsRegion, eventSource, eventName, outcome, is_write, requestParameters, eventID,
        evidence_id, record_index,
        regexp_extract_all(CAST(requestParameters AS VARCHAR), ':role/([^"]*/)?([^"/]+)"', 2) AS roles
    FROM root_activity
    UNION ALL
    SELECT account_id, eventTime, awsRegion, eventSource, eventName, outcome, is_write, requestParameters, eventID,
        evidence_id, record_index,
        regexp_extract_all(CAST(requestParameters AS VARCHAR), ':role/([^"]*/)?([^"/]+)"', 2)
    FROM descendant_events
)
WHERE outcome = 'success' AND is_write IS DISTINCT FROM false AND (
    (replace(eventSource, '.amazonaws.com', '') IN (SELECT service FROM running)
        AND NOT regexp_matches(eventName, '^(Cancel|Deregister|Disable|Pause|Stop|Tag|Terminate|Untag)')
        AND (eventName NOT LIKE 'Delete%' OR eventSource = 'cloudformation.amazonaws.com'))
    OR (eventSource = 'ssm.amazonaws.com' AND eventName IN (
        'CreateAssociation', 'RegisterTaskWithMaintenanceWindow', 'StartAutomationExecution',
        'StartChangeRequestExecution', 'UpdateAssociation', 'UpdateMaintenanceWindowTask'
    ))
    -- These receive roles for resources that are followed anyway: identities, sessions, instances, tasks, functions.
    OR (len(roles) > 0 AND NOT regexp_matches(eventName, '^(Delete|Tag|Untag)') AND replace(
        eventSource, '.amazonaws.com', '') NOT IN ('autoscaling', 'ec2', 'ecs', 'iam', 'lambda', 'sts'))
    OR (eventSource = 'lambda.amazonaws.com' AND eventName IN ('Invoke', 'InvokeAsync', 'InvokeWithResponseStream'))
)
ORDER BY eventTime NULLS LAST, eventID, evidence_id, record_index
