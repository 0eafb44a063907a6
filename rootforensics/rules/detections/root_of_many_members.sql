/*
title       = "Root sessions opened in many member accounts"
attempt     = "Tried to open root sessions in many member accounts"
severity    = "critical"
attack      = ["T1548.005"]
explanation = "One identity opened root sessions in several member accounts within a short time. This can be a takeover of the whole organization."
benign      = "A cleanup of the members' root credentials when central root access is introduced. A known person does it with the policies for audit and deletion."
source      = "AWS IAM User Guide, track privileged tasks in CloudTrail"
misses      = "Denied calls are separate findings. What was done in a member account is in that account's logs."
[params]
threshold = { type = "INTEGER", default = 3, help = "minimum number of member accounts" }
window_hours = { type = "INTEGER", default = 24, help = "period in hours in which they are counted" }
*/
WITH openings AS (
    SELECT
        account_id, actor, result,
        -- The account's number, or the ARN of its root.
        coalesce(
            nullif(regexp_extract(requestParameters->>'$.targetPrincipal', '[0-9]{12}', 0), ''),
            requestParameters->>'$.targetPrincipal'
        ) AS member,
        eventTime, eventID, evidence_id, record_index
    FROM root_actions
    WHERE origin_group <> 'noise' AND action_id = 'sts-assume-root'
),
counted AS (
    SELECT a.evidence_id, a.record_index
    FROM openings AS a INNER JOIN openings AS b ON a.account_id = b.account_id AND a.actor = b.actor
        AND a.result = b.result AND b.eventTime >= a.eventTime AND b.eventTime <= a.eventTime + $window_hours * INTERVAL '1' HOUR
    GROUP BY a.evidence_id, a.record_index
    HAVING count(DISTINCT b.member) >= $threshold
)
SELECT DISTINCT
    b.account_id, b.actor AS thread, b.result = 'attempted' AS attempted, b.eventTime, b.eventID, b.evidence_id,
    b.record_index
FROM counted AS c
INNER JOIN openings AS a ON a.evidence_id = c.evidence_id AND a.record_index = c.record_index
INNER JOIN openings AS b ON a.account_id = b.account_id AND a.actor = b.actor AND a.result = b.result
    AND b.eventTime >= a.eventTime AND b.eventTime <= a.eventTime + $window_hours * INTERVAL '1' HOUR
