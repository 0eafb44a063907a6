/*
title       = "Alarm removed before a root sign-in"
attempt     = "Tried to remove an alarm before a root sign-in"
severity    = "high"
attack      = ["T1685", "T1078.004"]
explanation = "Someone removed, overwrote or muted alarms, metric filters, event rules or their recipients. Root signed in afterward, so the alarm on that sign-in may have been disabled first."
benign      = "The owners changed their monitoring for other reasons. Check which alarm it was."
source      = "Amazon CloudWatch, CloudWatch Logs, Amazon SNS and Amazon EventBridge API References"
misses      = "The record alone does not show which alarm monitors root. An overwrite is known only if the logs also contain the first version."
sequence = { each = "later", within = "hours" }
[params]
window_hours = { type = "INTEGER", default = 72, help = "longest time from the removal to the sign-in" }
*/
WITH earlier AS (
    SELECT account_id, 'succeeded' AS result, eventTime, eventID,
        evidence_id, record_index
    FROM api_calls
    WHERE outcome IS DISTINCT FROM 'failure' AND (
        (eventSource = 'monitoring.amazonaws.com' AND eventName IN ('DeleteAlarms', 'DisableAlarmActions', 'PutAlarmMuteRule'))
        OR (eventSource = 'logs.amazonaws.com' AND eventName IN ('DeleteMetricFilter', 'DeleteSubscriptionFilter'))
        OR (eventSource = 'sns.amazonaws.com' AND eventName IN ('DeleteTopic', 'Unsubscribe'))
        OR (eventSource = 'events.amazonaws.com' AND eventName IN ('DeleteRule', 'DisableRule', 'RemoveTargets'))
    )
    UNION ALL
    -- A write under a name that was written before replaces it, or it disables its actions.
    SELECT account_id, 'succeeded', eventTime, eventID, evidence_id, record_index
    FROM api_calls
    WHERE outcome IS DISTINCT FROM 'failure' AND (
        (eventSource = 'logs.amazonaws.com' AND eventName = 'PutMetricFilter')
        -- Auto Scaling rewrites its own alarms all day.
        OR (eventSource = 'monitoring.amazonaws.com' AND eventName = 'PutMetricAlarm'
            AND coalesce(userIdentity.invokedBy, '') NOT LIKE '%autoscaling.amazonaws.com')
    )
    QUALIFY (requestParameters->>'$.actionsEnabled') = 'false' OR row_number() OVER (
        PARTITION BY account_id, awsRegion, eventName,
            requestParameters->>'$.logGroupName', requestParameters->>'$.filterName', requestParameters->>'$.alarmName'
        ORDER BY eventTime, eventID, evidence_id, record_index
    ) > 1
),
later AS (
    SELECT * FROM root_actions
    WHERE origin_group <> 'noise' AND action_id IN ('signin-console-login-with-mfa', 'signin-console-login-without-mfa')
        AND result <> 'attempted'
)
