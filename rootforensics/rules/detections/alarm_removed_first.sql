/*
title       = "An alarm removed before a sign-in of root"
severity    = "high"
attack      = ["T1685", "T1078.004"]
explanation = "Alarms, metric filters, rules or who hears of them were removed, overwritten or silenced by anybody, and root signed in afterwards: the bell was taken off first."
benign      = "Changes of the monitoring by its owners, unrelated to the sign-in. Look which alarm it was."
source      = "Amazon CloudWatch, CloudWatch Logs, Amazon SNS and Amazon EventBridge API References"
misses      = "Which alarm watched root cannot be told from the record alone. What was overwritten is known only where the logs hold its first writing, too."
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
    -- What is written under a name that was written before takes the place of it, or was switched off.
    SELECT account_id, 'succeeded', eventTime, eventID, evidence_id, record_index
    FROM api_calls
    WHERE outcome IS DISTINCT FROM 'failure' AND (
        (eventSource = 'logs.amazonaws.com' AND eventName = 'PutMetricFilter')
        -- Scaling rewrites alarms of its own all day.
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
