/*
title       = "Root sessions into many members"
severity    = "critical"
attack      = ["T1548.005"]
explanation = "One identity opened root sessions into several member accounts in a short time: the whole organization is being taken."
benign      = "A clean-up of root credentials of all members, when central root access is introduced. It then uses the policies for audit and deletion, by a known person."
source      = "AWS IAM User Guide, track privileged tasks in CloudTrail"
misses      = "Refused calls are a finding of their own; what was done in a member stands in its own logs."
[params]
threshold = { type = "INTEGER", default = 3, help = "least number of member accounts" }
window_hours = { type = "INTEGER", default = 24, help = "in so many hours" }
*/
WITH openings AS (
    SELECT
        account_id, actor, result,
        -- By its number, or by the ARN of its root.
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
